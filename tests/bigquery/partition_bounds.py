"""What a query reads of the public tables, and whether its price is bounded.

BigQuery bills the listed columns of the partitions it cannot rule out, and it rules them out only
by a comparison of the bare partition column with a constant. So a read of a public table is a
subquery of its own, with a list of columns and with literal bounds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlglot
from sqlglot import exp

PUBLIC_PROJECT = "bigquery-public-data"

# Partition column of the tables of crypto_ethereum; None where a table has no partitions.
PARTITION_COLUMNS = {
    "balances": None,
    "blocks": "timestamp",
    "contracts": "block_timestamp",
    "logs": "block_timestamp",
    "token_transfers": "block_timestamp",
    "tokens": None,
    "traces": "block_timestamp",
    "transactions": "block_timestamp",
}


@dataclass(frozen=True)
class Read:
    """A public table in a query: `start <= partition column < end`, None where it is open."""

    table: str
    lists_columns: bool
    start: datetime | None
    end: datetime | None

    def faults(self, allowed_start: datetime, allowed_end: datetime) -> list[str]:
        """What makes the read dearer than a scan of some columns of the allowed partitions."""
        if self.table not in PARTITION_COLUMNS:
            return [f"{self.table}: its partition column is not known here"]
        found = [] if self.lists_columns else ["reads every column"]
        if PARTITION_COLUMNS[self.table] is not None:
            if self.start is None:
                found.append("has no literal lower bound on the bare partition column")
            elif self.start < allowed_start:
                found.append(f"starts at {self.start}, before {allowed_start}")
            if self.end is None:
                found.append("has no literal upper bound on the bare partition column")
            elif self.end > allowed_end:
                found.append(f"ends at {self.end}, after {allowed_end}")
        return [f"{self.table} {fault}" for fault in found]


def bound_faults(sql: str, allowed_start: datetime, allowed_end: datetime) -> list[str]:
    """Faults of every read of a public table in a query; none if it reads none."""
    return [
        fault for read in public_reads(sql) for fault in read.faults(allowed_start, allowed_end)
    ]


def public_reads(sql: str) -> list[Read]:
    """Every read of a public table in a BigQuery query or script."""
    return [
        _read(table)
        for statement in sqlglot.parse(sql, dialect="bigquery")
        if statement is not None
        for table in statement.find_all(exp.Table)
        if table.catalog == PUBLIC_PROJECT
    ]


def _read(table: exp.Table) -> Read:
    select = table.parent_select
    if not isinstance(select, exp.Select) or not isinstance(table.parent, exp.From):
        return Read(table.name, lists_columns=False, start=None, end=None)
    if select.args.get("joins") or select.args.get("laterals"):
        # Whose column a condition compares is then a matter of the schemas.
        return Read(table.name, lists_columns=False, start=None, end=None)
    starts, ends = [], []
    for operator, bound in _bounds(select, table):
        if operator in ("=", ">", ">="):
            starts.append(bound)
        if operator == "<":
            ends.append(bound)
        if operator in ("=", "<="):
            ends.append(bound + timedelta(microseconds=1))
    return Read(
        table.name,
        lists_columns=not any(column.is_star for column in select.expressions),
        start=max(starts, default=None),
        end=min(ends, default=None),
    )


def _bounds(select: exp.Select, table: exp.Table) -> Iterator[tuple[str, datetime]]:
    """Comparisons of the bare partition column with a literal that every row must pass."""
    where = select.args.get("where")
    column = PARTITION_COLUMNS.get(table.name)
    if where is None or column is None:
        return
    for condition in where.this.flatten() if isinstance(where.this, exp.And) else [where.this]:
        if isinstance(condition, exp.Between):
            comparisons = [
                (">=", condition.this, condition.args["low"]),
                ("<=", condition.this, condition.args["high"]),
            ]
        elif type(condition) in _OPERATORS:
            operator = _OPERATORS[type(condition)]
            comparisons = [
                (operator, condition.left, condition.right),
                (_MIRRORED[operator], condition.right, condition.left),
            ]
        else:
            continue
        for operator, compared, constant in comparisons:
            time = _literal_time(constant)
            if time is not None and _is_column(compared, column, table):
                yield operator, time


_OPERATORS = {exp.EQ: "=", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}
_MIRRORED = {"=": "=", ">": "<", ">=": "<=", "<": ">", "<=": ">="}


def _is_column(expression: exp.Expression, name: str, table: exp.Table) -> bool:
    return (
        isinstance(expression, exp.Column)
        and expression.name == name
        and expression.table in ("", table.alias_or_name)
    )


def _literal_time(expression: exp.Expression) -> datetime | None:
    """UTC time of `timestamp '…'`, `timestamp('…')` or `cast('…' as timestamp)`."""
    is_time = isinstance(expression, exp.Timestamp) or (
        isinstance(expression, exp.Cast) and expression.is_type("timestamptz")
    )
    if not is_time or not expression.this.is_string:
        return None
    time = datetime.fromisoformat(expression.this.name)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
