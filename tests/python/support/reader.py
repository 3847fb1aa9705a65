"""The reader of input files without dbt: plans, and their rows through one DuckDB connection."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from commands.check.errors import InputError
from commands.check.plan import Plan, chain_plan, label_plan
from commands.check.plugin import tables_of
from commands.check.recognition import Table
from support import PROJECT_DIRECTORY
from support.dbt_project import transaction
from support.macros import macros_of


@cache
def file_tables() -> dict[str, Table]:
    """Return the tables that files can hold, of the macro of this name."""
    path = PROJECT_DIRECTORY / "macros/inputs/chain_tables.sql"
    return tables_of(macros_of(path)["file_tables"]())


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """One connection, set as in the profile."""
    made = duckdb.connect()
    made.execute("set TimeZone = 'UTC'")
    return made


def plan_of(chain: Path, columns: str = "") -> Plan:
    """Plan a CHAIN_DATA with CHAIN_COLUMNS."""
    return chain_plan(str(chain), file_tables(), columns)


def rows_of(plan: Plan, table: str = "transactions") -> list[dict[str, Any]]:
    """Rows of a table as the reader gives them, columns without a value left out."""
    result = connection().execute(f"select * from {plan.relations[table]}")
    names = [name for name, *_ in result.description]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in result.fetchall()
    ]


def read(chain: Path, table: str = "transactions", columns: str = "") -> list[dict[str, Any]]:
    """Rows of a table of a CHAIN_DATA, without the number of the file."""
    rows = rows_of(plan_of(chain, columns), table)
    return [{name: value for name, value in row.items() if name != "input_file"} for row in rows]


def read_labels(pattern: Path | str) -> list[dict[str, Any]]:
    """Rows of a LABEL_DATA, without the number of the file."""
    rows = rows_of(label_plan(str(pattern)), "labels")
    return [{name: value for name, value in row.items() if name != "input_file"} for row in rows]


def refusal(chain: Path, columns: str = "") -> str:
    """Return the message with which a CHAIN_DATA is refused before anything is read."""
    with pytest.raises(InputError) as stopped:
        plan_of(chain, columns)
    return str(stopped.value)


def texts(*rows: dict[str, Any]) -> list[dict[str, str]]:
    """Rows as the reader gives those of a text file."""
    return [{name: str(value) for name, value in row.items()} for row in rows]


def csv_text(rows: list[dict[str, Any]], delimiter: str = ",", line_end: str = "\n") -> str:
    """Rows as CSV with the header of the first, nothing quoted."""
    lines = [delimiter.join(rows[0])]
    lines += [delimiter.join(str(value) for value in row.values()) for row in rows]
    return "".join(line + line_end for line in lines)


def json_lines(rows: list[dict[str, Any]]) -> str:
    """Rows as JSON, one a line."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def put(path: Path, content: str | bytes) -> Path:
    """Write a file, and its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def put_csv(path: Path, *numbers: int) -> Path:
    """Write transactions of these numbers as CSV."""
    return put(path, csv_text([transaction(number) for number in numbers]))


def zstd(content: bytes) -> bytes:
    """Compress as a download would be."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


def packed(content: bytes, compression: str) -> bytes:
    """Compress with `gzip` or `zstd`, or not at all."""
    return {"gzip": gzip.compress, "zstd": zstd}.get(compression, bytes)(content)
