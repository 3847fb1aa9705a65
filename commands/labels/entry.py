"""A row of a list before it is checked."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Listing:
    """A time during which an address stood on a list, as the list's history tells it.

    UTC texts: `since` the commit that added the address, `until` the one that removed it ('' while
    it is listed). It `may_be_older` if it stands in the first version, where the history begins.
    """

    since: str
    until: str = ""
    may_be_older: bool = False


@dataclass(frozen=True)
class Entry:
    """A row of a list: where ("line 12", "item 12"), its texts, and why it is unreadable."""

    place: str
    row: dict[str, str]
    problem: str = ""
    listing: Listing | None = None

    @property
    def text(self) -> str:
        """The row as it is, for a report."""
        return ", ".join(f"{column}={value}" for column, value in self.row.items() if value)


@dataclass(frozen=True)
class LabelList:
    """Columns and rows of a file."""

    columns: list[str]
    entries: list[Entry] = field(repr=False)
