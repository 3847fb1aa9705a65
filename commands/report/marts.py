"""Reading marts: one interface for both engines."""

from typing import Any, Protocol

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
