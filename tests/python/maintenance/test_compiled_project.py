"""The settings that compiled SQL runs with outside dbt are those of the example profile."""

import duckdb
import pytest

from maintenance.compiled_project import duckdb_settings


@pytest.mark.parametrize(("given", "limit"), [(None, "2.7 GiB"), ("1GiB", "1.0 GiB")])
def test_duckdb_holds_no_more_in_memory_than_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, given: str | None, limit: str
) -> None:
    if given:
        monkeypatch.setenv("DUCKDB_MEMORY_LIMIT", given)
    else:
        monkeypatch.delenv("DUCKDB_MEMORY_LIMIT", raising=False)
    connection = duckdb.connect()
    for name, value in duckdb_settings().items():
        connection.execute(f"set {name} = '{value}'")
    assert connection.sql("select current_setting('memory_limit')").fetchone() == (limit,)


def test_settings_hold_in_any_order_and_on_every_connection() -> None:
    """A tool that writes YAML may sort them, and dbt sets them on each connection it opens."""
    settings = list(duckdb_settings().items())
    for order in (settings, settings[::-1], sorted(settings)):
        with duckdb.connect() as database:
            for connection in (database, database.cursor()):
                for name, value in order:
                    connection.execute(f"set {name} = '{value}'")
