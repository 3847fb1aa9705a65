"""Makes the reader known to DuckDB, so that macros can ask it which files there are.

dbt-duckdb loads it by the entry `plugins` of profiles.yml.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from commands.check.errors import InputError
from commands.check.files import below_directory
from commands.check.plan import Plan, chain_plan, label_plan
from commands.check.recognition import Table


class Plugin(BasePlugin):
    """Registers the functions `chain_input` and `label_input`."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Called by dbt-duckdb for each new connection."""
        register(conn)


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Add `chain_input(directory, tables, columns)` and `label_input(pattern)` to a connection.

    Both give JSON: the plan, or `{"error": …}`.
    """
    text = duckdb.sqltypes.VARCHAR
    connection.create_function("chain_input", _chain_input, [text] * 3, text, side_effects=True)
    connection.create_function("label_input", _label_input, [text], text, side_effects=True)


def tables_of(definitions: dict[str, dict[str, Any]]) -> dict[str, Table]:
    """Tables of the macro chain_tables()."""
    return {
        name: Table(
            name,
            tuple(table["required"]),
            tuple(table.get("optional", [])),
            tuple(table.get("labels", []) + table.get("files", [])),
        )
        for name, table in definitions.items()
    }


def _chain_input(directory: str, tables: str, columns: str) -> str:
    return _as_json(lambda: _chain_plan(directory, tables, columns, _state(directory)))


def _label_input(pattern: str) -> str:
    return _as_json(lambda: label_plan(pattern))


def _as_json(made: Callable[[], Plan]) -> str:
    try:
        return json.dumps(asdict(made()))
    except InputError as error:
        return json.dumps({"error": str(error)})


@lru_cache(maxsize=8)
def _chain_plan(directory: str, tables: str, columns: str, state: tuple) -> Plan:
    """Many models ask for the same plan, and to make it every compressed file is read once."""
    return chain_plan(directory, tables_of(json.loads(tables)), columns)


def _state(directory: str) -> tuple:
    """Names, sizes and times of all files, so that a changed folder is looked at again."""
    below = below_directory(Path(directory).expanduser())
    return tuple(_file_state(path) for path in sorted(below.files))


def _file_state(path: Path) -> tuple:
    try:
        found = path.stat()
    except OSError:
        # The plan says so, if the file is one of a table.
        return (str(path),)
    return str(path), found.st_size, found.st_mtime_ns
