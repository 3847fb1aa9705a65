"""Reviews of the look-up as labels."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from commands.labels.errors import LabelListError
from commands.labels.label import Label

SOURCE = "reviews"

# A decisive review: the category of its label. The other decisions make none.
CATEGORIES = {"confirmed_scam": "scam", "not_a_scam": "benign"}

# What the mart alert_reviews is made of. Who reviewed and what they wrote stays with the reviews.
COLUMNS = (
    *("review_id", "address", "decision", "run_id", "scam_probability", "risk_tier"),
    *("alert_rank", "reviewed_at"),
)


def read_reviews(url: str) -> list[dict[str, Any]]:
    """Every review, oldest first. Raises LabelListError."""
    try:
        import sqlalchemy as sa

        from commands.lookup.reviews.store import ReviewStore
    except ImportError as error:
        raise LabelListError(
            f"Reviews need the packages of the look-up ({error.name} is missing). Call it as"
            " make labels OPTIONS='…', which installs them."
        ) from None
    try:
        store = ReviewStore(url, must_exist=True)
        try:
            return store.all()
        finally:
            store.close()
    except FileNotFoundError as error:
        raise LabelListError(
            f"{error.filename}, the file of reviews, does not exist. Check --reviews and"
            " REVIEWS_URL."
        ) from None
    except sa.exc.SQLAlchemyError as error:
        # The whole text may hold a password.
        raise LabelListError(
            f"The reviews cannot be read ({type(error).__name__}). Check REVIEWS_URL."
        ) from None


def labels_of(reviews: Iterable[Mapping[str, Any]]) -> list[Label]:
    """The labels that decisive reviews make, oldest review first, sorted by address.

    The latest decisive review of an address wins: it ends the label of the one before. A label is
    dated by the first of the reviews in a row that say the same.
    """
    by_address: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for review in reviews:
        if review["decision"] in CATEGORIES:
            by_address[review["address"]].append(review)
    return sorted(
        label for address, decided in by_address.items() for label in _labels(address, decided)
    )


def _labels(address: str, decided: list[Mapping[str, Any]]) -> Iterable[Label]:
    spells: dict[str, tuple[str, str]] = {}
    current = ""
    for review in decided:
        category = CATEGORIES[review["decision"]]
        at = _text(review["reviewed_at"])
        if category == current:
            continue
        if current:
            spells[current] = (spells[current][0], at)
        spells[category] = (at, "")
        current = category
    for category, (reported_at, valid_to) in spells.items():
        yield Label(address, category, SOURCE, reported_at=reported_at, valid_to=valid_to)


def review_rows(reviews: Iterable[Mapping[str, Any]]) -> str:
    """The reviews as CSV for REVIEW_DATA."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for review in reviews:
        writer.writerow(
            _text(value) if isinstance(value := review[name], datetime) else value
            for name in COLUMNS
        )
    return file.getvalue()


def _text(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")
