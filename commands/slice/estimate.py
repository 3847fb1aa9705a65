"""What a slice would cost, before anything is read."""

from dataclasses import dataclass

MIB = 2**20
GIB = 2**30
TIB = 2**40

# BigQuery bills at least this for every table that a query reads.
MINIMUM_BYTES = 10 * MIB


@dataclass(frozen=True)
class Step:
    """Queries over one table: how many, how many tables each reads, and their bytes together."""

    name: str
    queries: int
    tables: int
    bytes_read: int

    @property
    def billed_bytes(self) -> int:
        """At most so many bytes are billed: those read, and the minimum for every query."""
        return self.bytes_read + self.queries * self.tables * MINIMUM_BYTES


def price_table(steps: list[Step], price_per_tib: float) -> str:
    """The steps with bytes and US dollars, and their sum, as lines of text."""
    rows = [("", "queries", "at most billed", f"at ${price_per_tib:g} per TiB")]
    rows += [
        (step.name, f"{step.queries:,}", *_cost(step.billed_bytes, price_per_tib)) for step in steps
    ]
    total = sum(step.billed_bytes for step in steps)
    queries = sum(step.queries for step in steps)
    rows.append(("together", f"{queries:,}", *_cost(total, price_per_tib)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(row[n].rjust(widths[n]) for n in range(1, 4))]
        ).rstrip()
        for row in rows
    )


def size(number: int) -> str:
    """Bytes as text in the unit that suits them: `1.5 GiB`."""
    for unit, name in ((TIB, "TiB"), (GIB, "GiB"), (MIB, "MiB")):
        if number >= unit:
            return f"{number / unit:,.1f} {name}"
    return f"{number:,} bytes"


def dollars(number: int, price_per_tib: float) -> str:
    """Price of a number of bytes in US dollars."""
    price = number / TIB * price_per_tib
    return "<$0.01" if 0 < price < 0.01 else f"${price:,.2f}"


def _cost(number: int, price_per_tib: float) -> tuple[str, str]:
    return size(number), dollars(number, price_per_tib)
