"""Generated folders of files: every row is accepted or rejected, or its file is refused by name.

The rows are read by the compiled SQL of the staging model in one connection. `INPUT_FOLDERS` sets
how many folders are made (100).
"""

import gzip
import io
import json
import os
import random
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from commands.check.errors import InputError
from support.dbt_project import DbtProject, transaction, write
from support.input_files import planned

FOLDERS = int(os.environ.get("INPUT_FOLDERS", "100"))

NULLS = ["", "None", "nan", "NULL", "\\N"]
GOOD = {
    "receipt_status": ["0", "1", "true", "False", "0x1", *NULLS],
    "gas": ["21000", "2.1e4", *NULLS],
}
BAD = {
    "hash": ["0x12"],
    "from_address": ["nobody"],
    "value": ["-1", "0.5", "many"],
    "receipt_status": ["maybe", "7"],
    "gas": ["-1", "x"],
    "block_timestamp": ["soon", "12"],
}


@pytest.fixture(scope="module")
def staging_sql(dbt: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The compiled model, and the relation in it that reads the files."""
    directory = tmp_path_factory.mktemp("compiled")
    write(directory / "chain/transactions.csv", [transaction(1)])
    run = dbt.run(directory, chain=directory / "chain", select="+base_chain__transactions")
    assert run.success, run.errors
    (path,) = (dbt.directory / "target/compiled").rglob("base_chain__transactions.sql")
    relation = planned(directory / "chain").relations["transactions"]
    sql = path.read_text()
    assert relation in sql
    return sql, relation


def folder(chance: random.Random, chain: Path) -> tuple[int, int, int, bool]:
    """Write files; returns rows, bad rows, files, and whether one is damaged."""
    rows, bad, damaged = 0, 0, False
    number = 0
    files = chance.randint(1, 3)
    for file in range(files):
        entries = []
        for _ in range(chance.randint(1, 20)):
            number += 1
            columns = {name: chance.choice(values) for name, values in GOOD.items()}
            if chance.random() < 0.2:
                name = chance.choice(list(BAD))
                columns[name] = chance.choice(BAD[name])
                bad += 1
            entries.append(transaction(number, extra='1, "2"', **columns))
        rows += len(entries)
        order = list(entries[0])
        chance.shuffle(order)
        case = chance.choice([str.upper, str.title, str])
        entries = [{case(name): entry[name] for name in order} for entry in entries]
        damaged |= write_file(chance, chain / f"transactions/part[{file}]", entries)
    return rows, bad, files, damaged


def write_file(chance: random.Random, path: Path, entries: list[dict]) -> bool:
    """Write one file in some format; returns whether it was damaged."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(entries)
    kind = chance.choice(["csv", "lines", "array", "parquet"])
    if kind == "parquet":
        buffer = io.BytesIO()
        frame.to_parquet(buffer, index=False)
        content = buffer.getvalue()
    elif kind == "csv":
        content = frame.to_csv(index=False, sep=chance.choice(",;\t")).encode(
            chance.choice(["utf-8", "utf-8-sig"])
        )
    elif kind == "lines":
        content = "".join(json.dumps(entry) + "\n" for entry in entries).encode()
    else:
        content = json.dumps(entries, indent=chance.choice([None, 1])).encode()
    packing = "none" if kind == "parquet" else chance.choice(["none", "gzip", "zstd"])
    if packing == "gzip":
        content = gzip.compress(content)
    elif packing == "zstd":
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, "zstd") as stream:
            stream.write(content)
        content = sink.getvalue().to_pybytes()
    # Plain text cut at the end of a row is a shorter file, which nobody can tell.
    is_damaged = chance.random() < 0.1 and (packing != "none" or kind in ("parquet", "array"))
    if is_damaged:
        content = content[: chance.randrange(1, len(content) - 1)]
    path.with_suffix(f".{kind}").write_bytes(content)
    return is_damaged


def outcome(
    connection: duckdb.DuckDBPyConnection, sql: str, relation: str, chain: Path
) -> tuple[int, ...] | str:
    """Return rows, rejected rows and files of a folder, or the message that refuses a file."""
    try:
        plan = planned(chain)
        read = sql.replace(relation, plan.relations["transactions"])
        rows = connection.execute(
            "select count(*), count(rejection_reason), count(distinct input_file)"
            f" from ({read}) as rows"
        ).fetchone()
    except (InputError, duckdb.Error) as error:
        return str(error)
    return (*rows, len(plan.files))


def test_every_row_is_accounted_for(staging_sql: tuple[str, str], tmp_path: Path) -> None:
    refused = 0
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; set threads = 2")
        for seed in range(FOLDERS):
            rows, bad, files, is_damaged = folder(random.Random(seed), tmp_path / str(seed))
            found = outcome(connection, *staging_sql, tmp_path / str(seed))
            if is_damaged:
                assert isinstance(found, str), f"seed {seed}"
                assert "part[" in found, f"seed {seed}: {found}"
                refused += 1
            else:
                assert found == (rows, bad, files, files), f"seed {seed}"
    assert 0 < refused < FOLDERS / 2
