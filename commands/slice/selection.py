"""What is asked for: days, and all rows in them or those of some addresses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from commands.slice.errors import ArgumentsError

ADDRESS = re.compile(r"0x[0-9a-f]{40}")

# An address takes 56 bytes of a request, and a request holds 10 MB.
MAX_ADDRESSES = 100_000

# All of the hash prefix, so that the sample is independent of the splits of training, which go by
# the hash modulo 100.
SAMPLE_BUCKETS = 2**32


@dataclass(frozen=True)
class Neighbours:
    """How far the counterparties of the chosen addresses are followed."""

    max_neighbours: int
    """At most so many are followed, those with the most transactions with the chosen first."""
    hub_transactions: int
    """One with more transactions than this within the days is a hub, and not followed."""


@dataclass(frozen=True)
class Selection:
    """Days from `start` up to, but without, `end`, and the addresses whose rows are wanted.

    With neither addresses nor a sample, all rows of these days.
    """

    start: date
    end: date
    addresses: tuple[str, ...] | None = None
    sample_percent: Decimal | None = None
    neighbours: Neighbours | None = None

    def __post_init__(self) -> None:
        """Raise ArgumentsError for a selection that makes no sense."""
        if self.start >= self.end:
            raise ArgumentsError(
                f"--end {self.end} is not after --start {self.start}; the end is exclusive."
            )
        today = datetime.now(UTC).date()
        if self.end > today:
            raise ArgumentsError(
                f"--end {self.end} is in the future: the last complete day (UTC) is"
                f" {today - timedelta(days=1)}, so --end can be {today} at most."
            )
        if self.addresses is not None and self.sample_percent is not None:
            raise ArgumentsError("Choose either --addresses or --sample-percent.")
        if self.neighbours and self.addresses is None:
            raise ArgumentsError("--neighbours are those of --addresses, which are missing.")
        if self.sample_percent is not None and not 0 < self.sample_percent < 100:
            raise ArgumentsError(
                f"--sample-percent {self.sample_percent} is not between 0 and 100."
            )

    @property
    def days(self) -> list[date]:
        """Every day of the selection."""
        return [self.start + timedelta(days=n) for n in range((self.end - self.start).days)]

    @property
    def sample_threshold(self) -> int:
        """Buckets of SAMPLE_BUCKETS that are in the sample: those below this number."""
        return int(self.sample_percent * SAMPLE_BUCKETS / 100)

    def record(self) -> dict[str, Any]:
        """The selection as JSON values, to tell it from another one."""
        return {
            "start": str(self.start),
            "end": str(self.end),
            "addresses": list(self.addresses) if self.addresses is not None else None,
            "sample_percent": f"{self.sample_percent.normalize():f}"
            if self.sample_percent is not None
            else None,
            "neighbours": vars(self.neighbours) if self.neighbours else None,
        }


def read_addresses(text: str) -> tuple[str, ...]:
    """Addresses from a file, one a line, or from a text with commas; sorted, lower case, once each.

    Empty lines and lines that start with # are skipped. Raises ArgumentsError with the line of the
    first malformed address.
    """
    path = Path(text)
    if path.is_file():
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        entries = [(f"{text}, line {number}", line) for number, line in enumerate(lines, 1)]
    elif re.match(r"\s*0[xX]", text):
        parts = text.split(",")
        entries = [(f"--addresses, entry {number}", part) for number, part in enumerate(parts, 1)]
    else:
        raise ArgumentsError(f"--addresses {text} is neither a file nor addresses with commas.")
    addresses = sorted(set(_parsed(entries)))
    if not addresses:
        raise ArgumentsError(f"{text} holds no address.")
    if len(addresses) > MAX_ADDRESSES:
        raise ArgumentsError(
            f"{text} holds {len(addresses):,} addresses; at most {MAX_ADDRESSES:,} fit into a"
            " query. Use several directories, or --sample-percent."
        )
    return tuple(addresses)


def _parsed(entries: Iterable[tuple[str, str]]) -> Iterable[str]:
    for place, entry in entries:
        address = entry.strip().lower()
        if not address or address.startswith("#"):
            continue
        if not ADDRESS.fullmatch(address):
            raise ArgumentsError(
                f"{place}: {entry.strip()[:80]!r} is not an address"
                " (0x and 40 hexadecimal digits, one a line)."
            )
        yield address
