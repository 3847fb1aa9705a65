"""Opening the marts of a dbt target, on the engine it names."""

from pathlib import Path

from commands.report.errors import ReportError
from commands.report.marts import Marts
from commands.report.profile import Target


def open_marts(profiles_directory: Path, target_name: str | None) -> Marts:
    """Open the database that dbt builds. Raises ReportError if there is none, or no mart in it."""
    target = Target.load(profiles_directory, target_name)
    # Each engine's client is loaded only where it is used: they take seconds.
    if target.credentials.type == "duckdb":
        from commands.report.duckdb_marts import DuckDBMarts

        return DuckDBMarts(target)
    if target.credentials.type == "bigquery":
        from dbt.adapters.bigquery.clients import create_bigquery_client

        from commands.report.bigquery_marts import BigQueryMarts

        return BigQueryMarts(target, create_bigquery_client(target.credentials))
    raise ReportError(f"The report reads DuckDB and BigQuery, not {target.credentials.type}.")
