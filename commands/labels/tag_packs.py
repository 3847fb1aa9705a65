"""TagPacks, GraphSense's exchange format for labels: a header and tags that inherit from it."""

import json
from collections.abc import Iterator

from commands.labels.entry import Entry, LabelList
from commands.labels.yaml_texts import Mapping, YamlError, documents

# Of a tag, own or inherited. Others (actor, is_cluster_definer …) say nothing a label has.
FIELDS = (
    *("address", "label", "abuse", "category", "concepts", "source", "lastmod", "creator"),
    *("currency", "network", "confidence", "usage", "valid_to"),
)
# Of fields that say the same, a tag's own one puts away what the header has in another.
SAME = ({"abuse", "category", "concepts"}, {"currency", "network"})
# Neither a value of a tag nor of all tags.
STRUCTURE = {"tags", "header", "context"}

# What LABEL_DATA has and a TagPack has not stands in a tag's context under this name.
OWN_CONTEXT = "label_data"
OWN_FIELDS = {
    "creator": "source",
    "category": "category",
    "source": "url",
    "confidence": "confidence",
    "label": "comment",
    "usage": "usage",
    "valid_to": "valid_to",
}


def read_tag_pack(text: str) -> LabelList | None:
    """A row per tag; None if the text is not a TagPack."""
    try:
        packs = documents(text)
    except YamlError:
        return None
    if not packs or not all(isinstance(pack, Mapping) and "tags" in pack for pack in packs):
        return None
    entries = []
    for pack in packs:
        entries.extend(_entries(pack, len(entries)))
    return LabelList(list(FIELDS), entries)


def _entries(pack: Mapping, before: int) -> Iterator[Entry]:
    tags = pack["tags"] if isinstance(pack["tags"], list) else [pack["tags"]]
    for number, tag in enumerate(tags, start=before + 1):
        yield _entry(f"tag {number}", pack, tag)


def _entry(place: str, pack: Mapping, tag: object) -> Entry:
    if not isinstance(tag, Mapping):
        return Entry(place, {"row": str(tag)[:300]}, "not a tag")
    problem = _problem(pack, tag)
    values = dict.fromkeys(FIELDS, "") | _inherited(pack, tag) | _fields(tag)
    row = {}
    for name, value in values.items():
        text = _text(value)
        if text is None and name in FIELDS:
            problem = problem or f"{name} is not text"
        row[name] = text or ""
    own = _own_context(tag.get("context"))
    if "category" in own:
        row |= {"abuse": "", "concepts": ""}
    return Entry(place, row | own, problem)


def _fields(values: Mapping) -> dict[str, object]:
    """Values by their names in lower case."""
    lower = {name.casefold(): value for name, value in values.items()}
    return {name: value for name, value in lower.items() if name not in STRUCTURE}


def _inherited(pack: Mapping, tag: Mapping) -> dict[str, object]:
    own = {name.casefold() for name in tag}
    hidden = {name for group in SAME if group & own for name in group}
    return {name: value for name, value in _fields(pack).items() if name not in hidden}


def _problem(pack: Mapping, tag: Mapping) -> str:
    if twice := _twice(tag):
        return f"{twice} stands twice in it"
    if twice := _twice(pack):
        return f"{twice} stands twice in the header"
    if "header" in pack:
        return f"the header is in another file ({_text(pack['header'])}): copy it into this one"
    return ""


def _twice(values: Mapping) -> str:
    names = [name.casefold() for name in values]
    return values.twice or next((name for name in names if names.count(name) > 1), "")


def _text(value: object) -> str | None:
    """A text, also of a list of texts; None if it is nested."""
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        return None
    return ", ".join(text.strip() for text in texts)


def _own_context(context: object) -> dict[str, str]:
    """What this project wrote into the context of a tag."""
    try:
        own = json.loads(context)[OWN_CONTEXT] if isinstance(context, str) else {}
        return {column: str(own[name]) for column, name in OWN_FIELDS.items() if name in own}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
