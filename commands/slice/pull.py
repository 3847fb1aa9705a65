"""Pulling a slice: price it, then its days, then what is known of the addresses seen in them."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import duckdb
import pyarrow.parquet as pq
from tqdm import tqdm

from commands.slice.errors import OverCapError
from commands.slice.estimate import Step, size
from commands.slice.folder import SliceFolder
from commands.slice.queries import Queries
from commands.slice.selection import MAX_ADDRESSES, Selection
from commands.slice.tables import ChainTable
from commands.slice.warehouse import Warehouse


@dataclass
class Slice:
    """A selection on its way from a warehouse into a directory."""

    selection: Selection
    queries: Queries
    folder: SliceFolder
    warehouse: Warehouse
    has_balances: bool = True

    @property
    def daily_tables(self) -> list[ChainTable]:
        """Tables of events and blocks, one file a day."""
        return [table for table in self.queries.tables.values() if not table.is_by_address]

    @property
    def address_tables(self) -> list[ChainTable]:
        """Tables that describe addresses, one file each."""
        return [
            table
            for table in self.queries.tables.values()
            if table.is_by_address and (self.has_balances or table.name != "balances")
        ]

    def missing_days(self, table: ChainTable) -> list[date]:
        """Days whose file is not there yet."""
        return [day for day in self.selection.days if not self.folder.path(table, day).exists()]

    def missing_tables(self) -> list[ChainTable]:
        """Tables of addresses whose file is not there yet."""
        return [table for table in self.address_tables if not self.folder.path(table).exists()]

    def estimate(self) -> list[Step]:
        """What is still to be read and what it costs at most, by BigQuery's dry run."""
        steps = []
        if self.selection.neighbours and self.folder.neighbours is None:
            query = self.queries.neighbours(self.selection)
            steps.append(Step("neighbours", 1, query.tables, self.warehouse.bytes_read(query)))
        for table in self.daily_tables:
            if days := self.missing_days(table):
                end = days[-1] + timedelta(days=1)
                query = self.queries.rows(table, self.selection, days[0], end)
                bytes_read = self.warehouse.bytes_read(query)
                steps.append(Step(table.name, len(days), query.tables, bytes_read))
        for table in self.missing_tables():
            query = self.queries.of_seen_addresses(table, self.selection)
            steps.append(Step(table.name, 1, query.tables, self.warehouse.bytes_read(query)))
        return steps

    def check_cap(self, steps: Sequence[Step]) -> None:
        """Raise OverCapError if the steps may bill more than the budget."""
        total = sum(step.billed_bytes for step in steps)
        if total > self.warehouse.max_bytes:
            raise OverCapError(
                f"This would bill up to {size(total)}, above the cap of"
                f" {size(self.warehouse.max_bytes)}; nothing was read. Choose fewer days, leave"
                " out balances (--no-balances), or raise --max-bytes."
            )

    def pull(self) -> None:
        """Read what is missing, file by file; a file that is there is kept."""
        self.folder.create()
        scope = self._followed()
        by_day = [(table, day) for table in self.daily_tables for day in self.missing_days(table)]
        by_day.sort(key=lambda file: file[1])
        by_address = self.missing_tables()
        with tqdm(
            total=len(by_day) + len(by_address), unit="file", file=sys.stderr, disable=None
        ) as progress:
            for table, day in by_day:
                progress.set_description(f"{table.name} {day}")
                query = self.queries.rows(table, scope, day, day + timedelta(days=1))
                rows = self.warehouse.rows(query)
                self.folder.write(self.folder.path(table, day), table.schema, rows)
                progress.update()
            seen = self._seen_addresses() if by_address else []
            for table in by_address:
                progress.set_description(table.name)
                self._pull_by_address(table, scope, seen)
                progress.update()

    def row_counts(self) -> dict[str, int]:
        """Rows of every table in the directory."""
        return {
            table.name: sum(pq.read_metadata(path).num_rows for path in self._files(table))
            for table in self.queries.tables.values()
        }

    def _followed(self) -> Selection:
        """The selection with the neighbours among its addresses."""
        if not self.selection.neighbours:
            return self.selection
        if self.folder.neighbours is None:
            self.folder.keep_neighbours(self._choose_neighbours())
        addresses = {*self.selection.addresses, *self.folder.neighbours["addresses"]}
        return replace(self.selection, addresses=tuple(sorted(addresses)), neighbours=None)

    def _choose_neighbours(self) -> dict[str, object]:
        found = [
            row
            for batch in self.warehouse.rows(self.queries.neighbours(self.selection))
            for row in batch.to_pylist()
        ]
        followed = [row["address"] for row in found if not row["is_hub"]]
        total, hubs = (found[0]["neighbours"], found[0]["hubs"]) if found else (0, 0)
        return {
            "addresses": sorted(followed),
            "hubs_left_out": hubs,
            "others_left_out": total - hubs - len(followed),
        }

    def _pull_by_address(self, table: ChainTable, scope: Selection, seen: list[str]) -> None:
        path = self.folder.path(table)
        if not seen:
            self.folder.write(path, table.schema, [])
            return
        # A list saves selecting the addresses again, but a request holds only so many.
        query = (
            self.queries.of_addresses(table, scope, seen)
            if len(seen) <= MAX_ADDRESSES
            else self.queries.of_seen_addresses(table, scope)
        )
        self.folder.write(path, table.schema, self.warehouse.rows(query))

    def _seen_addresses(self) -> list[str]:
        """Addresses the pulled events mention, sorted; one too many stands for any larger number.

        They are those that `Queries.of_seen_addresses` would find.
        """
        mentions = " union all ".join(
            f"select unnest([{', '.join(table.address_columns)}]) as address"
            f" from read_parquet({[str(path) for path in self._files(table)]})"
            for table in self.daily_tables
            if table.has_sides
        )
        query = f"select distinct address from ({mentions}) where address is not null"
        with duckdb.connect() as connection:
            rows = connection.sql(f"{query} limit {MAX_ADDRESSES + 1}").fetchall()
        return sorted(address for (address,) in rows)

    def _files(self, table: ChainTable) -> list:
        if table.is_by_address:
            paths = [self.folder.path(table)]
        else:
            paths = [self.folder.path(table, day) for day in self.selection.days]
        return [path for path in paths if path.exists()]
