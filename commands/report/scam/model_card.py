"""The model card: what the scoring model is, was made from, and is for."""

import json
from typing import Any

from commands.report.errors import require
from commands.report.marts import Row
from commands.report.numbers import counted, minute, percent, words
from commands.report.origin import Origin
from commands.report.parts import Table
from commands.report.scam.champion import LIFETIME, Champion

INTENDED = (
    "To put addresses in an order for people to review. Not to block, accuse or report anyone by"
    " itself: most flagged addresses of a wide threshold are not scams."
)
LIMITS = (
    "Labels are incomplete, so some of the others are unreported scams. A model learns the"
    " scams that were labelled. New kinds look harmless to it. Internal transactions are not in the"
    " data. Probabilities hold for the prevalence of the training examples."
)


def card(
    slug: str,
    title: str,
    models: dict[str, Row],
    run: Champion,
    why: str,
    origin: Origin,
    unknown: float | None,
) -> Table:
    """Describe the model that scores.

    `why` says why it scores; `unknown` is the share of positives without report time.
    """
    row = models.get(LIFETIME)
    require([row] if row else [], f"Run {run.run_id} has no model of all addresses.")
    features = json.loads(row["features"])
    facts = [
        ("Model", run.name()),
        ("Run", f"{run.run_id}, trained {minute(row['trained_at'])}, seed {row['seed']}"),
        ("Why it scores", why),
        ("Data", f"{origin.headline}. {origin.explanation}"),
        (
            "Trained on",
            f"{_of(row['training_positives'], row['training_rows'])}; transactions up to"
            f" {minute(row['window_end'])}, labels known by {minute(row['labels_known_at'])}",
        ),
        (
            "Held out",
            "no address is scored by a model that was trained on it: a hash puts each address into"
            " one of five fifths, and the model that was fitted without its fifth scores it. New"
            " addresses are scored by the model that was fitted on all of them",
        ),
        ("Scams without known report time", f"{percent(unknown)} of the tested scams"),
        ("Features", f"{len(features)}, each described in the table of features"),
        ("Parameters", listed(row["parameters"])),
        ("Calibration", listed(row["calibration"])),
        ("Versions", listed(row["library_versions"])),
        ("Intended use", INTENDED),
        ("Limits", LIMITS),
    ]
    return Table(slug, title, "The model that scores addresses.", ["What", "Value"], facts)


def listed(text: str) -> str:
    """A JSON object as words; long lists by their length, digests left out."""
    return "; ".join(
        f"{words(name)} {_brief(value)}"
        for name, value in json.loads(text).items()
        if not name.endswith("_sha256")
    )


def _brief(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | dict) and len(value) > 5:
        return f"of {len(value)} numbers"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)


def _of(positives: int, examples: int) -> str:
    share = f" ({percent(positives / examples)})" if examples else ""
    return f"{counted(positives, 'scam')} of {counted(examples, 'address')}{share}"
