"""The same rows give the same tables in every format, number of files, order and thread count.

Staging, the rejects and the account of 1,000 transactions, 300 token transfers and 200 labels are
compared with those of one CSV file in order, read by one thread: every format shuffled, and three
in 50 files, by 1 to 3 threads. The SQL is the project's own, compiled by one build. Two builds of
address_features by dbt compare CSV with typed Parquet in 50 folders, which differ most.
"""

import gzip
import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commands.check.plan import label_plan
from support.compiled_models import CompiledModels
from support.dbt_project import DbtProject, account, transaction_hash
from support.reader import csv_text, json_lines, plan_of, put, zstd

Rows = list[dict[str, Any]]

TYPES = {
    "value": pa.decimal128(38, 0),
    "gas": pa.int64(),
    "gas_price": pa.int64(),
    "receipt_gas_used": pa.int64(),
    "receipt_status": pa.int64(),
    "block_number": pa.int64(),
    "log_index": pa.int64(),
    "block_timestamp": pa.timestamp("us"),
    "reported_at": pa.timestamp("us"),
}


def transactions() -> Rows:
    """1,000 rows: 30 bad ones that types can hold, 20 copies and 20 of another block."""
    chance = random.Random(1)
    rows = [
        {
            "hash": transaction_hash(number),
            "from_address": account(chance.randrange(60)),
            "to_address": account(chance.randrange(60)) if number % 40 else None,
            "value": chance.choice([0, 1, 10**18 + 1, 2**70, chance.randrange(10**21)]),
            "block_timestamp": datetime(2018, 3, 2) + timedelta(seconds=chance.randrange(10**7)),
            "gas": chance.choice([None, 21000, 90000]),
            "gas_price": 20 * 10**9,
            "receipt_gas_used": chance.choice([None, 21000]),
            "receipt_status": chance.choice([None, 0, 1, 1]),
            "block_number": 5_000_000 + number,
        }
        for number in range(960)
    ]
    bad = [
        {"hash": "0x12"},
        {"to_address": "nobody"},
        {"value": -5},
        {"gas": -1},
        {"gas": 2**63 - 1},
        {"receipt_status": 2},
        {"block_timestamp": datetime(2009, 1, 1)},
    ]
    for number in range(30):
        rows[number] |= bad[number % len(bad)]
    copies = [row.copy() for row in rows[100:120]]
    later = [row | {"block_number": row["block_number"] + 5_000} for row in rows[200:220]]
    return [*rows, *copies, *later]


def token_transfers() -> Rows:
    """300 rows, of which 10 are copies, and 10 have no time."""
    rows = [
        {
            "token_address": account(900 + number % 3),
            "from_address": account(number % 60),
            "to_address": account(number % 59),
            "value": number * 10**20,
            "transaction_hash": transaction_hash(100 + number // 2),
            "log_index": number if number % 30 else -1,
            "block_timestamp": datetime(2018, 3, 2) if number % 29 else None,
            "block_number": 5_000_100 + number // 2,
        }
        for number in range(290)
    ]
    return [*rows, *(row.copy() for row in rows[1:11])]


def labels() -> Rows:
    """200 rows, of which some cannot be read."""
    return [
        {
            "address": account(number % 150) if number % 50 else "0x12",
            "category": ["phishing", "exchange", "Fake ICO", "nice person"][number % 4],
            "source": f"list_{number % 3}",
            "reported_at": datetime(2018, 1, 1) + timedelta(days=number) if number % 7 else None,
            "usage": "external" if number % 11 == 0 else None,
        }
        for number in range(200)
    ]


# --- formats: each writes rows to a path without an ending, and may make a folder of it ---


def texts(rows: Rows) -> Rows:
    return [{n: None if v is None else str(v) for n, v in row.items()} for row in rows]


def as_csv(rows: Rows) -> bytes:
    return csv_text([{n: "" if v is None else v for n, v in row.items()} for row in rows]).encode()


def csv(path: Path, rows: Rows) -> None:
    put(path.with_suffix(".csv"), as_csv(rows))


def csv_gz(path: Path, rows: Rows) -> None:
    put(path.with_suffix(".csv.gz"), gzip.compress(as_csv(rows)))


def csv_zst(path: Path, rows: Rows) -> None:
    put(path.with_suffix(".csv.zst"), zstd(as_csv(rows)))


def as_json(rows: Rows) -> Rows:
    return [{n: str(v) if isinstance(v, datetime) else v for n, v in r.items()} for r in rows]


def json_of_lines(path: Path, rows: Rows) -> None:
    put(path.with_suffix(".json"), json_lines(as_json(rows)))


def json_without_null(path: Path, rows: Rows) -> None:
    kept = [{n: v for n, v in row.items() if v is not None} for row in as_json(rows)]
    put(path.with_suffix(".jsonl"), json_lines(kept))


def json_array(path: Path, rows: Rows) -> None:
    put(path.with_suffix(".json"), json.dumps(as_json(rows)))


def write_parquet(path: Path, columns: dict[str, pa.Array]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def parquet_of_types(path: Path, rows: Rows) -> None:
    columns = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        if name == "value":
            values = [Decimal(value) for value in values]
        columns[name] = pa.array(values, TYPES.get(name, pa.string()))
    write_parquet(path.with_suffix(".parquet"), columns)


def parquet_of_texts(path: Path, rows: Rows) -> None:
    columns = {n: pa.array([r[n] for r in texts(rows)], pa.string()) for n in rows[0]}
    write_parquet(path.with_suffix(".parquet"), columns)


def csv_folders(path: Path, rows: Rows) -> None:
    csv(path.parent / f"date={path.name}/part", rows)


def parquet_folders(path: Path, rows: Rows) -> None:
    parquet_of_types(path.parent / f"date={path.name}/part", rows)


FORMATS = [
    csv,
    csv_gz,
    csv_zst,
    json_of_lines,
    json_without_null,
    json_array,
    parquet_of_types,
    parquet_of_texts,
    csv_folders,
    parquet_folders,
]

# Read in 50 files, by 1, 2 and 3 threads.
MANY_FILES = [parquet_of_types, json_without_null, csv_gz]

Format = Callable[[Path, Rows], None]


def write(folder: Path, rows: Rows, write_as: Format, files: int, is_shuffled: bool) -> None:
    if is_shuffled:
        rows = random.Random(2).sample(rows, len(rows))
    for number in range(files):
        write_as(folder / f"{number:02d}", rows[number::files])


def write_chain(chain: Path, write_as: Format, files: int = 1, is_shuffled: bool = False) -> None:
    write(chain / "transactions", transactions(), write_as, files, is_shuffled)
    write(chain / "token_transfers", token_transfers(), write_as, files, is_shuffled)


# --- staging, rejects and account ---

MODELS = {
    "staging.stg_chain__transactions": "table",
    "staging.stg_chain__token_transfers": "table",
    "intermediate.int_events__repeated_transactions": "table",
    "intermediate.int_events__repeated_token_transfers": "table",
    "intermediate.int_events__chain_intake": "table",
    "intermediate.int_events__rejected_chain_rows": "table",
    "intermediate.int_events__input_files": "table",
}

TABLES = {
    "transactions": "select * exclude input_file from staging.stg_chain__transactions",
    "token_transfers": "select * exclude input_file from staging.stg_chain__token_transfers",
    "kept transactions": "select * exclude input_file from intermediate.int_events__transactions",
    "kept transfers": "select * exclude input_file from intermediate.int_events__token_transfers",
    "rejects": "select * from intermediate.int_events__rejected_chain_rows",
    "labels": "select * exclude input_file from staging.base_labels__address_labels",
    "account": "select table_name, sum(rows_read), sum(rows_accepted), sum(rows_duplicate),"
    " sum(rows_rejected), sum(rows_too_early) from intermediate.int_events__input_files"
    " group by table_name",
}

Tables = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def tables_of(
    dbt: DbtProject, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Tables]]:
    """The tables of a folder `chain` with `labels` beside it."""
    first = tmp_path_factory.mktemp("first")
    write_chain(first / "chain", csv)
    write(first / "labels", labels(), csv, 1, False)
    compiled = CompiledModels(
        dbt,
        first,
        "+int_events__input_files +int_events__rejected_chain_rows base_labels__address_labels"
        " label_categories",
        labels=first / "labels/00.csv",
        max_rejected_share=1,
    )

    def tables(directory: Path, threads: int) -> Tables:
        compiled.connection.execute(f"set threads = {threads}")
        plan = plan_of(directory / "chain")
        compiled.rebuild(label_plan(f"{directory}/labels/**/*.*"), {})
        compiled.enter(plan)
        compiled.rebuild(plan, MODELS)
        return {name: compiled.rows(f"{sql} order by all") for name, sql in TABLES.items()}

    yield tables
    compiled.connection.close()


@pytest.fixture(scope="module")
def expected(tables_of: Callable[..., Tables], tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """One CSV file a table, read by one thread."""
    directory = tmp_path_factory.mktemp("expected")
    write_chain(directory / "chain", csv)
    write(directory / "labels", labels(), csv, 1, False)
    return tables_of(directory, threads=1)


def test_the_rows_are_those_that_were_made(expected: Tables) -> None:
    assert expected["account"] == [
        ("token_transfers", 300, 280, 10, 10, 0),
        ("transactions", 1000, 930, 40, 30, 0),
    ]
    assert len(expected["labels"]) == 200


@pytest.mark.parametrize(
    ("write_as", "files", "threads"),
    [
        *((write_as, 1, 2) for write_as in FORMATS),
        *((write_as, 50, threads) for threads, write_as in enumerate(MANY_FILES, start=1)),
    ],
)
def test_every_format_gives_the_same_rows(
    tables_of: Callable[..., Tables],
    expected: Tables,
    tmp_path: Path,
    write_as: Format,
    files: int,
    threads: int,
) -> None:
    write_chain(tmp_path / "chain", write_as, files, is_shuffled=True)
    write(tmp_path / "labels", labels(), write_as, files, is_shuffled=True)
    found = tables_of(tmp_path, threads)
    for name, rows in expected.items():
        assert found[name] == rows, name


# --- through dbt ---


def test_address_features_do_not_depend_on_format_files_or_threads(
    dbt: DbtProject, tmp_path: Path
) -> None:
    features = []
    for write_as, files, is_shuffled, threads in [
        (csv, 1, False, 2),
        (parquet_folders, 50, True, 1),
    ]:
        directory = tmp_path / write_as.__name__
        write_chain(directory / "chain", write_as, files, is_shuffled)
        run = dbt.run(
            directory,
            chain=directory / "chain",
            select="+address_features",
            options=["--threads", str(threads)],
            max_rejected_share=1,
        )
        assert run.success, run.errors
        features.append(run.frame("select * from marts.address_features order by all"))
    assert len(features[0]) > 50
    assert features[0].equals(features[1])
