"""What the look-up asks BigQuery is valid for Google's analyser, on the project's own tables."""

import pytest

from commands.lookup.bigquery import TOO_LARGE
from commands.lookup.queries import bigquery_text, query
from maintenance.bigquery_sql import zetasql_engine as engine
from maintenance.bigquery_sql.columns import with_inferred_columns
from maintenance.bigquery_sql.compiled import compiled
from support import PROJECT_DIRECTORY

ASKED = sorted(
    path.stem
    for path in (PROJECT_DIRECTORY / "commands/lookup/queries").glob("*.sql")
    if path.stem not in TOO_LARGE
)


@pytest.fixture(scope="module")
def tables() -> tuple[engine.Table, ...]:
    project = with_inferred_columns(compiled("public"))
    return tuple(
        engine.Table(node.relation, tuple(node.columns.items()))
        for node in project.nodes.values()
        if node.kind == "model" and node.columns
    )


@pytest.mark.parametrize("name", ASKED)
def test_the_query_is_valid(name: str, tables: tuple[engine.Table, ...]) -> None:
    places = {schema: place for table in tables for schema, place in schema_of(table)}
    text = bigquery_text(name, places, dict.fromkeys(query(name).names))
    assert engine.analyse(text, tables, has_parameters=True)


def schema_of(table: engine.Table) -> list[tuple[str, str]]:
    """How queries call the schema of a table, and where it is."""
    project, dataset, _ = table.path
    return [
        (schema, f"`{project}`.`{dataset}`")
        for schema in ("marts", "intermediate")
        if dataset.endswith(schema)
    ]
