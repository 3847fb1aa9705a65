"""The slice puller's queries are valid for Google's analyser; the emulator takes more than that."""

import dataclasses
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from commands.slice.queries import Queries, Query
from commands.slice.selection import Neighbours, Selection
from commands.slice.tables import ARROW_TYPES, ChainTable, chain_tables, public_dataset
from maintenance.bigquery_sql import zetasql_engine as engine

TABLES = chain_tables()
QUERIES = Queries(public_dataset(), TABLES)
DAYS = Selection(date(2024, 1, 1), date(2024, 1, 8))
SELECTIONS = {
    "days": DAYS,
    "addresses": dataclasses.replace(DAYS, addresses=("0x" + "1" * 40,)),
    "sample": dataclasses.replace(DAYS, sample_percent=Decimal(1)),
}
BIGQUERY_TYPES = {str(arrow): name for name, arrow in ARROW_TYPES.items()}


def analysed(query: Query) -> dict[str, str]:
    """Columns and types of a query over the public tables."""
    project, dataset = QUERIES.source.split(".")
    sql = query.sql.replace(f"`{project}.{dataset}.", f"`{project}`.`{dataset}`.`")
    tables = tuple(
        engine.Table((project, dataset, table.name), tuple(declared(table).items()))
        for table in TABLES.values()
    )
    return dict(engine.analyse(sql, tables, has_parameters=True))


def declared(table: ChainTable) -> dict[str, str]:
    return {
        field.name: engine.canonical_type(BIGQUERY_TYPES[str(field.type)]) for field in table.schema
    }


def queries_of_tables(selection: Selection) -> Iterator[tuple[str, Query]]:
    for table in TABLES.values():
        if table.is_by_address:
            yield table.name, QUERIES.of_seen_addresses(table, selection)
            yield table.name, QUERIES.of_addresses(table, selection, ["0x" + "2" * 40])
        else:
            yield table.name, QUERIES.rows(table, selection, selection.start, selection.end)


@pytest.mark.parametrize("kind", SELECTIONS)
def test_every_query_gives_the_columns_and_types_of_its_table(kind: str) -> None:
    for name, query in queries_of_tables(SELECTIONS[kind]):
        assert analysed(query) == declared(TABLES[name])


def test_the_query_for_neighbours_gives_what_is_read_from_it() -> None:
    selection = dataclasses.replace(SELECTIONS["addresses"], neighbours=Neighbours(10, 100))
    assert analysed(QUERIES.neighbours(selection)) == {
        "address": "STRING",
        "shared_transactions": "INT64",
        "transactions": "INT64",
        "is_hub": "BOOL",
        "neighbours": "INT64",
        "hubs": "INT64",
    }
