"""Labels as a TagPack, for tools of the field.

A TagPack has no place for some of what a label says: who says so, until when it holds, whether it
trains. That stands in the context of a tag, from where the importer reads it again.
"""

import json
from collections.abc import Iterable
from datetime import datetime

import yaml

from commands.labels.label import Label
from commands.labels.tag_packs import OWN_CONTEXT

TITLE = "Labels of Ethereum addresses"

# Category: the concept of the taxonomy, as abuse or as category. Others are only in the context.
ABUSES = {
    "hack": "service_hack",
    "phishing": "phishing",
    "ponzi": "ponzi_scheme",
    "ransomware": "ransomware",
    "sanctioned": "sanction",
    **dict.fromkeys(
        ("scam", "giveaway", "fake_ico", "rug_pull", "impersonation", "pig_butchering"), "scam"
    ),
}
CATEGORIES = {
    "defi": "defi",
    "dex": "defi_dex",
    "exchange": "exchange",
    "gambling": "gambling",
    "ico_wallet": "ico_wallet",
    "lending": "defi_lending",
    "mining_pool": "miner",
    "mixer": "mixing_service",
}

# The ids that the format knows, and the one for a label that names none of them.
CONFIDENCES = {
    *("override", "ownership", "manual_transaction", "service_api", "authority_data"),
    *("trusted_provider", "service_data", "forensic", "untrusted_transaction", "web_crawl"),
    *("heuristic", "unknown"),
}
NO_CONFIDENCE = "unknown"


def tag_pack(labels: Iterable[Label]) -> str:
    """The labels as YAML, with all that the format requires of a header and a tag."""
    labels = list(labels)
    sources = sorted({label.source for label in labels})
    pack = {
        "title": TITLE,
        "creator": ", ".join(sources),
        "description": f"{len(labels)} labels of {len(sources)} sources",
        "currency": "ETH",
        "network": "ETH",
        "tags": [_tag(label) for label in labels],
    }
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(pack, Dumper=dumper, sort_keys=False, allow_unicode=True, width=1000)


def _tag(label: Label) -> dict[str, object]:
    tag: dict[str, object] = {
        "address": label.address,
        "label": label.comment or label.category,
        "source": label.url or label.source,
        "confidence": label.confidence if label.confidence in CONFIDENCES else NO_CONFIDENCE,
    }
    if label.reported_at:
        time = datetime.fromisoformat(label.reported_at)
        tag["lastmod"] = time if label.reported_at[11:] != "00:00:00" else time.date()
    if label.category in ABUSES:
        tag["abuse"] = ABUSES[label.category]
    elif label.category in CATEGORIES:
        tag["category"] = CATEGORIES[label.category]
    own = {"source": label.source, "category": label.category}
    own |= _what_the_format_lacks(label, tag)
    tag["context"] = json.dumps({OWN_CONTEXT: own}, ensure_ascii=False)
    return tag


def _what_the_format_lacks(label: Label, tag: dict[str, object]) -> dict[str, str]:
    as_read = {
        "url": tag["source"],
        "confidence": tag["confidence"],
        "comment": tag["label"],
        "usage": "training",
        "valid_to": "",
    }
    return {name: getattr(label, name) for name in as_read if getattr(label, name) != as_read[name]}
