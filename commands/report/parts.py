"""What a page is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from commands.report.errors import NothingToShow


@dataclass(frozen=True)
class Chart:
    """A picture as inline SVG, with a caption that says what is shown and of how many."""

    slug: str
    title: str
    svg: str
    caption: str
    width: int
    """Natural width in CSS pixels; narrower windows shrink or scroll it."""
    is_wide: bool = False
    kind: str = field(default="chart", init=False)


@dataclass(frozen=True)
class Table:
    """Rows of text. The first column names the row; `numeric` columns are set to the right.

    A reader opens `folded`, more rows of the same columns, by their title.
    """

    slug: str
    title: str
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()
    kind: str = field(default="table", init=False)
    folded: Sequence[Sequence[str]] = ()
    folded_title: str = ""


@dataclass(frozen=True)
class Card:
    """One thing described: a sentence, facts (name, value) and a small table."""

    title: str
    color: str
    sentence: str
    facts: Sequence[tuple[str, str]]
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Cards:
    """Cards side by side."""

    slug: str
    title: str
    caption: str
    cards: Sequence[Card]
    kind: str = field(default="cards", init=False)


@dataclass(frozen=True)
class Note:
    """Why something is not shown, and what to run."""

    slug: str
    title: str
    text: str
    kind: str = field(default="note", init=False)


Part = Chart | Table | Cards | Note


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading of its own."""

    slug: str
    title: str
    introduction: Sequence[str]
    parts: Sequence[Part]
    details: Sequence[Part] = ()
    """Parts that a reader opens."""


def part(slug: str, title: str, make: Callable[[str, str], Part]) -> Part:
    """Return what `make(slug, title)` makes, or a note where there is nothing to show."""
    try:
        return make(slug, title)
    except NothingToShow as reason:
        return Note(slug, title, str(reason))
