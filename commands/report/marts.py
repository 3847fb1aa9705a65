"""Reading marts: one interface for both engines."""

from pathlib import Path
from typing import Any, Protocol

from tools.report.errors import ReportError
from tools.report.profile import Target

Row = dict[str, Any]


class Marts(Protocol):
    """Runs select statements on the marts.

    A statement names a mart `{marts}.<name>` and a value `@<name>`, which the engine binds, and
    uses only functions that both engines have.
    """

    place: str
    """What was read, for the page."""
    engine: str
    """DuckDB or BigQuery."""

    def rows(self, sql: str, **parameters: Any) -> list[Row]:
        """Return the rows of a query.

        Raises NothingToShow if a table or column is not there, ReportError if the engine refuses.
        """


def in_schemas(sql: str, schemas: dict[str, str]) -> str:
    """Put the names of schemas, which cannot be bound, into a statement."""
    for name, schema in schemas.items():
        sql = sql.replace(f"{{{name}}}", schema)
    return sql


def open_marts(profiles_directory: Path, target_name: str | None) -> Marts:
    """Open the database that dbt builds. Raises ReportError if there is none, or no mart in it."""
    target = Target.load(profiles_directory, target_name)
    # Each engine's client is loaded only where it is used: they take seconds.
    if target.credentials.type == "duckdb":
        from tools.report.duckdb_marts import DuckDBMarts

        return DuckDBMarts(target)
    if target.credentials.type == "bigquery":
        from dbt.adapters.bigquery.clients import create_bigquery_client

        from tools.report.bigquery_marts import BigQueryMarts

        return BigQueryMarts(target, create_bigquery_client(target.credentials))
    raise ReportError(f"The report reads DuckDB and BigQuery, not {target.credentials.type}.")
