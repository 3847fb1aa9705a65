"""Bytes that the statements of a step read, table by table."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from maintenance.bigquery_cost.builds import Step
from maintenance.bigquery_cost.conditions import Values, either
from maintenance.bigquery_cost.scans import Read
from maintenance.bigquery_cost.volumes import Assumptions
from maintenance.bigquery_sql.compiled import Node


@dataclass(frozen=True)
class Part:
    """Columns of a table that are read in the same partitions."""

    columns: tuple[str, ...]
    rows: float
    bytes_per_row: float

    @property
    def bytes(self) -> float:
        """Logical bytes."""
        return self.rows * self.bytes_per_row


@dataclass(frozen=True)
class TableRead:
    """What one statement, by its number in the step, reads of one table."""

    statement: int
    node: Node | None
    table: str
    parts: tuple[Part, ...]
    least_bytes: float

    @property
    def bytes(self) -> float:
        """Bytes that are billed."""
        return max(sum(part.bytes for part in self.parts), self.least_bytes)


@dataclass(frozen=True)
class Pricing:
    """What turns reads into bytes: assumed sizes, and types of columns by table."""

    assumptions: Assumptions
    columns: Mapping[str, Mapping[str, str]]

    def read_by(self, step: Step) -> list[TableRead]:
        """What the statements of a step read.

        A column counts once a statement, however often the statement names its table. A table of
        which no column is read, as by `count(*)`, costs nothing.
        """
        return [
            read
            for number, (node, sql) in enumerate(step.statements)
            for read in self._tables(number, node, step, step.database.reads(sql))
        ]

    def bytes_per_row(self, table: str, columns: tuple[str, ...] | None = None) -> float:
        """Mean logical bytes of a row in some columns of a table, in all if None."""
        kinds = self.columns[table]
        return sum(
            self.assumptions.bytes_per_row(table.removesuffix("__dbt_tmp"), name, kinds[name])
            for name in (kinds if columns is None else columns)
        )

    def bytes_by_mention(self, step: Step) -> float:
        """Bytes of a step if every place where a statement names a table were billed."""
        return sum(
            read.bytes
            for number, (node, sql) in enumerate(step.statements)
            for mention in step.database.reads(sql)
            for read in self._tables(number, node, step, [mention])
        )

    def _tables(
        self, number: int, node: Node | None, step: Step, reads: list[Read]
    ) -> Iterator[TableRead]:
        values_by_column: dict[tuple[str, str], Values] = {}
        for read in reads:
            for column in read.columns:
                key = read.table, column
                values_by_column[key] = either(values_by_column.get(key, ()), read.partitions)
        grouped: dict[str, dict[Values, tuple[str, ...]]] = defaultdict(dict)
        for (table, column), values in sorted(values_by_column.items()):
            groups = grouped[table]
            groups[values] = (*groups.get(values, ()), column)
        for table, groups in grouped.items():
            is_own = node is not None and table == node.relation[-1]
            chain = step.found(node) if is_own else step.tables
            parts = tuple(
                Part(names, chain.rows(table, values), self.bytes_per_row(table, names))
                for values, names in groups.items()
            )
            yield TableRead(number, node, table, parts, self.assumptions.least_bytes)
