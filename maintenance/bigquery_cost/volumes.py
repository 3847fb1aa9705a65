"""Rows and bytes of the tables, as assumptions.yml has them.

Bytes are BigQuery's logical sizes: what queries and storage are billed by
(https://cloud.google.com/bigquery/pricing#data).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from maintenance.bigquery_cost.conditions import ANY, Range, Values, both

ASSUMPTIONS = Path(__file__).with_name("assumptions.yml")

# Bytes of a value that is not NULL.
FIXED_BYTES = {
    "INT64": 8,
    "FLOAT64": 8,
    "TIMESTAMP": 8,
    "DATE": 8,
    "BOOL": 1,
    "NUMERIC": 16,
    "BIGNUMERIC": 32,
}
BYTES_BESIDE_TEXT = 2


@dataclass(frozen=True)
class Assumptions:
    """What assumptions.yml says, each section under its name."""

    prices: Mapping[str, float]
    least_bytes: int
    run_day: date
    variables: Mapping[str, Any]
    evidence_days: int
    new_alerts: int
    rows_before: Mapping[str, Mapping[date, float]]
    quantities: Mapping[str, str | float]
    quantities_of_first_build: Mapping[str, str | float]
    tables: Mapping[str, str | float]
    read_groups: Mapping[str, str | float]
    small_tables: list[str]
    rows_of_a_small_table: int
    text_bytes: Mapping[str, float]
    other_text_bytes: float
    null_shares: Mapping[str, float]

    @classmethod
    def load(cls, path: Path = ASSUMPTIONS) -> "Assumptions":
        """Read a file. Raises TypeError for a section that is missing or not known."""
        return cls(**yaml.safe_load(path.read_text()))

    def bytes_per_row(self, table: str, column: str, kind: str) -> float:
        """Mean bytes of a column, NULL rows included. `kind` is its type."""
        name = f"{table}.{column}"
        if kind == "STRING":
            text = self.text_bytes.get(column, self.other_text_bytes)
            width = BYTES_BESIDE_TEXT + self.text_bytes.get(name, text)
        else:
            width = FIXED_BYTES[kind]
        return width * (1 - self.null_shares.get(name, 0))


@dataclass(frozen=True)
class Partitions:
    """How a table is partitioned: by days of a column, or by whole numbers below `buckets`."""

    column: str
    buckets: int | None = None


@dataclass(frozen=True)
class Chain:
    """The tables when they hold the days before `end`, and settled events those before `settled`.

    Nothing is in them if `end` is None. `partitions` are those of tables that have any.
    """

    assumptions: Assumptions
    partitions: Mapping[str, Partitions]
    end: date | None
    settled: date | None = None
    is_first_build: bool = False

    def rows(self, table: str, values: Values = ANY) -> float:
        """Rows of a table in the partitions with these values. Raises KeyError if not assumed."""
        end = self.settled if table == SETTLED_EVENTS else self.end
        if end is None:
            return 0
        if table in self.assumptions.small_tables:
            return self.assumptions.rows_of_a_small_table
        if table in self.assumptions.read_groups:
            return self._rows_of_read_groups(table, values)
        formula = self.assumptions.tables[table]
        days = both((Range(day_number(self._first_day), day_number(end)),), ANY)
        share = 1.0
        partitions = self.partitions.get(table)
        if partitions and partitions.buckets is None:
            days = both(days, values)
        elif partitions:
            kept = both((Range(0, partitions.buckets),), values)
            share = sum(each.end - each.start for each in kept) / partitions.buckets
        return share * sum(self._value(formula, self._names(each)) for each in days)

    def _rows_of_read_groups(self, table: str, values: Values) -> float:
        """Rows of a table with a partition of rows that are read often, 1, and one of others, 0."""
        names = self._names(Range(day_number(self._first_day), day_number(self.end)))
        often = self._value(self.assumptions.read_groups[table], names)
        others = self._value(self.assumptions.tables[table], names) - often
        return sum(
            rows
            for group, rows in ((0, others), (1, often))
            if both((Range(group, group + 1),), values)
        )

    @property
    def _first_day(self) -> date:
        return min(day for before in self.assumptions.rows_before.values() for day in before)

    def _names(self, days: Range) -> dict[str, float]:
        """Values of what formulas can name, for the chain of these days."""
        given = self.assumptions.rows_before
        names = {table: rows_between(before, days) for table, before in given.items()}
        names["days"] = days.end - days.start
        names["grown"] = names["transactions"] / max(given["transactions"].values())
        quantities = dict(self.assumptions.quantities)
        if self.is_first_build:
            quantities |= self.assumptions.quantities_of_first_build
        for name, formula in quantities.items():
            names[name] = self._value(formula, names)
        return names

    @staticmethod
    def _value(formula: str | float, names: Mapping[str, float]) -> float:
        return eval(str(formula), {"__builtins__": {}}, dict(names))  # a formula of our own file


def rows_between(rows_before: Mapping[date, float], days: Range) -> float:
    """Rows of some days, from the rows before a few of them, between which they grow evenly."""
    points = [(day_number(day), rows) for day, rows in sorted(rows_before.items())]
    return sum(
        (rows - earlier_rows)
        * max(0, min(days.end, day) - max(days.start, earlier))
        / (day - earlier)
        for (earlier, earlier_rows), (day, rows) in pairwise(points)
    )


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


SETTLED_EVENTS = "int_events__settled_events"
