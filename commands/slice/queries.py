"""The queries of a slice. Values are parameters; only names of tables and columns are text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from google.cloud import bigquery

from commands.slice.selection import SAMPLE_BUCKETS, Neighbours, Selection
from commands.slice.tables import ChainTable, address_bucket

Parameter = bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter

# Before the first block, which is of 2015-07-30.
FIRST_DAY = date(2015, 7, 30)


@dataclass(frozen=True)
class Query:
    """A query with its parameters, and how many tables it reads: BigQuery bills each."""

    sql: str
    parameters: tuple[Parameter, ...]
    tables: int = 1


@dataclass(frozen=True)
class Queries:
    """Queries over the chain tables of a dataset `project.dataset`."""

    source: str
    tables: dict[str, ChainTable]

    def rows(self, table: ChainTable, selection: Selection, start: date, end: date) -> Query:
        """Rows of a table of events or blocks within days of the selection."""
        sql = f"select {table.select_list}\n{self._rows_from(table, selection)}"
        return Query(sql, self._parameters(selection, start, end))

    def of_seen_addresses(self, table: ChainTable, selection: Selection) -> Query:
        """Rows of a table of addresses, for every address that a row of the selection mentions.

        It selects again what was pulled, but only its addresses, so that the table is read once
        however many they are.
        """
        events = [each for each in self.tables.values() if each.has_sides]
        mentions = "\n    union all\n".join(
            f"    select [{', '.join(event.address_columns)}] as addresses\n    "
            + self._rows_from(event, selection).replace("\n", "\n    ")
            for event in events
        )
        sql = (
            f"with\n\nmentions as (\n{mentions}\n),\n\n"
            "seen as (\n    select distinct address\n    from mentions\n"
            "    cross join unnest(mentions.addresses) as address\n)\n\n"
            f"{self._lookup(table)} in (select address from seen)"
        )
        parameters = self._parameters(selection, selection.start, selection.end)
        return Query(sql, parameters, tables=1 + len(events))

    def of_addresses(
        self, table: ChainTable, selection: Selection, addresses: Sequence[str]
    ) -> Query:
        """Rows of a table of addresses, for the addresses given."""
        return Query(
            f"{self._lookup(table)} in unnest(@addresses)",
            (*_bounds(selection.start, selection.end), _array(addresses)),
        )

    def neighbours(self, selection: Selection) -> Query:
        """Counterparties of the chosen addresses, the closest first, hubs last.

        Columns: address, shared_transactions (with the chosen), transactions (with anyone),
        is_hub, and on every row how many neighbours and hubs there are in all.
        """
        limits: Neighbours = selection.neighbours
        sql = f"""with

sides as (
    select
        address,
        if(address = from_address, to_address, from_address) as counterparty
    from `{self.source}.transactions`
    cross join unnest([from_address, to_address]) as address
    where block_timestamp >= @start and block_timestamp < @end
),

candidates as (
    select
        address,
        countif(counterparty in unnest(@addresses)) as shared_transactions,
        count(*) as transactions
    from sides
    where address is not null and address not in unnest(@addresses)
    group by address
),

neighbours as (
    select *, transactions > @hub_transactions as is_hub
    from candidates
    where shared_transactions > 0
)

select
    *,
    count(*) over () as neighbours,
    count(case when is_hub then 1 end) over () as hubs
from neighbours
order by is_hub, shared_transactions desc, address
limit @max_neighbours"""
        return Query(
            sql,
            (
                *self._parameters(selection, selection.start, selection.end),
                bigquery.ScalarQueryParameter("hub_transactions", "INT64", limits.hub_transactions),
                bigquery.ScalarQueryParameter("max_neighbours", "INT64", limits.max_neighbours),
            ),
        )

    def _rows_from(self, table: ChainTable, selection: Selection) -> str:
        conditions = [f"{table.partition} >= @start", f"{table.partition} < @end"]
        if table.has_sides and selection.addresses is not None:
            conditions.append(
                "(from_address in unnest(@addresses) or to_address in unnest(@addresses))"
            )
        elif table.has_sides and selection.sample_percent is not None:
            sampled = [
                f"{address_bucket(side, SAMPLE_BUCKETS)} < @sample_threshold"
                for side in ("from_address", "to_address")
            ]
            conditions.append(f"({' or '.join(sampled)})")
        return f"from `{self.source}.{table.name}`\nwhere {' and '.join(conditions)}"

    def _lookup(self, table: ChainTable) -> str:
        """Up to the last condition, which is on the address."""
        # Created at any time before the end, so bounded only by the first block.
        bounds = (
            f"{table.partition} >= timestamp '{FIRST_DAY}' and {table.partition} < @end and "
            if table.partition
            else ""
        )
        return (
            f"select {table.select_list}\nfrom `{self.source}.{table.name}`\nwhere {bounds}address"
        )

    def _parameters(self, selection: Selection, start: date, end: date) -> tuple[Parameter, ...]:
        parameters: list[Parameter] = list(_bounds(start, end))
        if selection.addresses is not None:
            parameters.append(_array(selection.addresses))
        if selection.sample_percent is not None:
            threshold = selection.sample_threshold
            parameters.append(bigquery.ScalarQueryParameter("sample_threshold", "INT64", threshold))
        return tuple(parameters)


def _bounds(start: date, end: date) -> tuple[Parameter, ...]:
    """Midnight UTC of both days. BigQuery prunes partitions by parameters as by literals."""
    return tuple(
        bigquery.ScalarQueryParameter(name, "TIMESTAMP", datetime.combine(day, time(), UTC))
        for name, day in (("start", start), ("end", end))
    )


def _array(addresses: Sequence[str]) -> Parameter:
    return bigquery.ArrayQueryParameter("addresses", "STRING", list(addresses))
