"""Slices of the simulated sample, pulled from an emulator, are what DuckDB selects from its files.

What the emulator cannot show: bytes and prices (put on its queries here), the pruning of
partitions, permissions.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from hashlib import md5
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from emulated_warehouse import (
    END,
    SOURCE,
    START,
    EmulatedBigQuery,
    arguments,
    load_sample,
    sample_file,
    sample_schema,
)
from emulator import PROJECT, Emulator
from google.api_core.exceptions import Forbidden

from commands.slice import pull
from commands.slice.__main__ import main
from commands.slice.selection import SAMPLE_BUCKETS, Selection
from commands.slice.tables import chain_tables
from support import PROJECT_DIRECTORY
from support.dbt_project import DbtProject

TABLES = chain_tables()
DAILY = ["transactions", "token_transfers", "blocks"]

DAYS = [START + timedelta(days=n) for n in range((END - START).days)]
GIB = 2**30


@pytest.fixture(scope="module")
def sample(emulator: Emulator) -> Emulator:
    """The emulator with the simulated sample in it."""
    load_sample(EmulatedBigQuery(emulator.rest_url, emulator.grpc_address).client)
    return emulator


@pytest.fixture
def warehouse(sample: Emulator) -> EmulatedBigQuery:
    return EmulatedBigQuery(sample.rest_url, sample.grpc_address)


@pytest.fixture(scope="module")
def chain() -> duckdb.DuckDBPyConnection:
    """The simulated files in DuckDB, with the types of the columns that a slice keeps."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    for name in TABLES:
        types = {
            field.name: {
                "STRING": "varchar",
                "INT64": "bigint",
                "NUMERIC": "decimal(38,0)",
                "BOOLEAN": "boolean",
                "TIMESTAMP": "timestamptz",
            }[field.field_type]
            for field in sample_schema(name)
        }
        connection.execute(
            f"create table {name} as select * from read_csv('{sample_file(name)}', types={types})"
        )
    return connection


def pulled(out: Path, name: str, order: str = "all") -> list[tuple[Any, ...]]:
    """Rows of a table in a CHAIN_DATA directory, read as the project reads them."""
    files = out / name / "*.parquet" if name in DAILY else out / f"{name}.parquet"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.sql(f"select * from read_parquet('{files}') order by {order}").fetchall()


def expected(
    chain: duckdb.DuckDBPyConnection, touched: Callable[[str], str] = lambda side: "true"
) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of every table, by a plain selection; `touched` is a condition on one side."""

    def days(column: str) -> str:
        return f"{column} >= '{START}' and {column} < '{END}'"

    def rows(name: str, condition: str) -> list[tuple[Any, ...]]:
        columns = ", ".join(TABLES[name].columns)
        return chain.sql(f"select {columns} from {name} where {condition} order by all").fetchall()

    event = f"{days('block_timestamp')} and ({touched('from_address')} or {touched('to_address')})"
    seen = " union ".join(
        f"select {column} from {name} where {event}"
        for name, columns in {
            "transactions": ["from_address", "to_address", "receipt_contract_address"],
            "token_transfers": ["token_address", "from_address", "to_address"],
        }.items()
        for column in columns
    )
    created = f"block_timestamp < '{END}'"
    return {
        "transactions": rows("transactions", event),
        "token_transfers": rows("token_transfers", event),
        "blocks": rows("blocks", days("timestamp")),
        "balances": rows("balances", f"address in ({seen})"),
        "tokens": rows("tokens", f"address in ({seen})"),
        "contracts": rows("contracts", f"address in ({seen}) and {created}"),
    }


def assert_pulled(out: Path, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    for name in TABLES:
        assert pulled(out, name) == rows[name], name


def names(out: Path) -> set[str]:
    return {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}


def is_one_of(addresses: list[str]) -> Callable[[str], str]:
    listed = ", ".join(f"'{address}'" for address in addresses)
    return lambda side: f"{side} in ({listed})"


@pytest.fixture(scope="module")
def people(chain: duckdb.DuckDBPyConnection) -> list[str]:
    """Two addresses with two transactions from one to the other within the days."""
    return list(
        chain.sql(
            f"select from_address, to_address from transactions where block_timestamp >= '{START}'"
            f" and block_timestamp < '{END}' group by all having count(*) = 2 order by all limit 1"
        ).fetchone()
    )


# --- what is pulled


def test_all_rows_of_the_days_and_only_they_are_pulled(
    warehouse: EmulatedBigQuery, chain: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    out = tmp_path / "slice"
    assert main(arguments(out), warehouse) == 0
    rows = expected(chain)
    assert all(rows.values())
    assert_pulled(out, rows)
    assert names(out) == {
        "slice.json",
        "balances.parquet",
        "contracts.parquet",
        "tokens.parquet",
        *(f"{name}/{day}.parquet" for name in DAILY for day in DAYS),
    }


def test_files_hold_the_rows_of_their_day_in_the_types_of_the_project(
    warehouse: EmulatedBigQuery, tmp_path: Path
) -> None:
    out = tmp_path / "slice"
    assert main(arguments(out), warehouse) == 0
    for name in DAILY:
        for day in DAYS:
            file = pq.read_table(out / name / f"{day}.parquet")
            assert file.schema.equals(TABLES[name].schema), name
            times = file[TABLES[name].partition].to_pylist()
            assert {moment.date() for moment in times} <= {day}
    assert str(TABLES["transactions"].schema.field("value").type) == "decimal128(38, 0)"
    assert str(TABLES["transactions"].schema.field("block_timestamp").type) == (
        "timestamp[us, tz=UTC]"
    )
    assert str(TABLES["token_transfers"].schema.field("value").type) == "string"


def test_wei_and_uint256_stay_exact(
    warehouse: EmulatedBigQuery, chain: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (day,) = chain.sql(
        "select cast(min(block_timestamp) as date) from token_transfers"
        f" where value = '{2**256 - 1}'"
    ).fetchone()
    out = tmp_path / "out"
    assert main(arguments(out, start=day, end=day + timedelta(days=1)), warehouse) == 0
    values = [row[3] for row in pulled(out, "token_transfers")]
    assert str(2**256 - 1) in values
    wei = [row[3] for row in pulled(out, "transactions")]
    assert any(int(float(value)) != value for value in wei)  # a double would have lost digits
    (total,) = chain.sql(
        f"select sum(value) from transactions where cast(block_timestamp as date) = '{day}'"
    ).fetchone()
    assert sum(wei) == total


def test_addresses_get_their_transactions_of_either_side(
    warehouse: EmulatedBigQuery,
    chain: duckdb.DuckDBPyConnection,
    people: list[str],
    tmp_path: Path,
) -> None:
    listed = tmp_path / "addresses.txt"
    listed.write_text(f"# two people\n{people[0].upper().replace('0X', '0x')}\n\n{people[1]}\n")
    assert main(arguments(tmp_path / "file", "--addresses", listed), warehouse) == 0
    assert main(arguments(tmp_path / "text", "--addresses", ",".join(people)), warehouse) == 0
    rows = expected(chain, is_one_of(people))
    assert 0 < len(rows["transactions"]) < len(expected(chain)["transactions"])
    assert_pulled(tmp_path / "file", rows)
    assert_pulled(tmp_path / "text", rows)


def test_a_sample_is_the_addresses_whose_md5_is_low(
    warehouse: EmulatedBigQuery, chain: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert main(arguments(tmp_path / "out", "--sample-percent", "12.5"), warehouse) == 0
    sides = chain.sql(
        "select from_address from transactions union select to_address from transactions"
        " union select from_address from token_transfers"
        " union select to_address from token_transfers"
    ).fetchall()
    sampled = [
        address
        for (address,) in sides
        if address and int(md5(address.encode()).hexdigest()[:8], 16) < 2**32 // 8
    ]
    rows = expected(chain, is_one_of(sampled))
    assert 0 < len(rows["transactions"]) < len(expected(chain)["transactions"])
    assert_pulled(tmp_path / "out", rows)


def test_a_sample_has_all_splits_of_training(chain: duckdb.DuckDBPyConnection) -> None:
    """Training splits go by the hash modulo 100; a sample by that would be of one split."""
    threshold = Selection(START, END, sample_percent=Decimal(5)).sample_threshold
    hashes = [
        int(md5(address.encode()).hexdigest()[:8], 16)
        for (address,) in chain.sql("select distinct from_address from transactions").fetchall()
    ]
    sampled = [number for number in hashes if number % SAMPLE_BUCKETS < threshold]
    assert {number % 100 // 20 for number in sampled} == {0, 1, 2, 3, 4}


def neighbours_of(chain: duckdb.DuckDBPyConnection, people: list[str]) -> dict[str, int]:
    """Counterparties of the people with all their transactions, the closest first."""
    return dict(
        chain.sql(
            f"with days as (select * from transactions where block_timestamp >= '{START}'"
            f" and block_timestamp < '{END}'),"
            " sides as (select from_address as address, to_address as other from days"
            " union all select to_address, from_address from days)"
            f" select address, count(*) from sides where not {is_one_of(people)('address')}"
            f" group by 1 having count(*) filter ({is_one_of(people)('other')}) > 0"
            f" order by count(*) filter ({is_one_of(people)('other')}) desc, address"
        ).fetchall()
    )


def test_neighbours_bring_all_their_transactions_but_hubs_do_not(
    warehouse: EmulatedBigQuery,
    chain: duckdb.DuckDBPyConnection,
    people: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = neighbours_of(chain, people)
    close = [address for address, transactions in found.items() if transactions <= 5]
    hubs = len(found) - len(close)
    assert hubs
    assert max(close, key=found.get) != close[0]  # the closest is not the busiest
    options = ["--addresses", ",".join(people), "--neighbours", "--hub-transactions", 5]

    assert main(arguments(tmp_path / "all", *options), warehouse) == 0
    assert_pulled(tmp_path / "all", expected(chain, is_one_of([*people, *close])))
    assert f"{len(close)} followed, {hubs} hubs and 0 others" in capsys.readouterr().out

    assert main(arguments(tmp_path / "one", *options, "--max-neighbours", 1), warehouse) == 0
    assert_pulled(tmp_path / "one", expected(chain, is_one_of([*people, close[0]])))
    assert f"1 followed, {hubs} hubs and {len(close) - 1} others" in capsys.readouterr().out


def test_a_token_or_contract_that_only_one_column_mentions_is_looked_up(
    warehouse: EmulatedBigQuery, chain: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    token, receiver, received = chain.sql(
        "select token_address, to_address, cast(block_timestamp as date) from token_transfers"
        " where to_address not in (select from_address from transactions)"
        " and to_address not in (select to_address from transactions where to_address is not null)"
        " order by block_timestamp limit 1"
    ).fetchone()
    contract, creator, created = chain.sql(
        "select receipt_contract_address, from_address, cast(block_timestamp as date)"
        " from transactions as creation where receipt_contract_address in"
        " (select address from contracts) and not exists (select 1 from transactions as use"
        " where use.to_address = creation.receipt_contract_address"
        " and cast(use.block_timestamp as date) = cast(creation.block_timestamp as date))"
        " order by block_timestamp limit 1"
    ).fetchone()
    for name, address, mentioned, day in (
        ("tokens", receiver, token, received),
        ("contracts", creator, contract, created),
    ):
        options = arguments(
            tmp_path / name, "--addresses", address, start=day, end=day + timedelta(days=1)
        )
        assert main(options, warehouse) == 0
        assert mentioned in [row[0] for row in pulled(tmp_path / name, name)]


def test_many_addresses_are_looked_up_without_a_list_with_the_same_rows(
    warehouse: EmulatedBigQuery,
    chain: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pull, "MAX_ADDRESSES", 5)
    assert main(arguments(tmp_path / "out", "--sample-percent", 50), warehouse) == 0
    lookups = [sql for sql, _ in warehouse.client.queries if "balances" in sql]
    assert [("unnest(@addresses)" in sql, "seen" in sql) for sql in lookups] == [(False, True)]
    monkeypatch.undo()
    assert main(arguments(tmp_path / "list", "--sample-percent", 50), warehouse) == 0
    assert "unnest(@addresses)" in warehouse.client.queries[-3][0]
    for name in TABLES:
        assert pulled(tmp_path / "out", name) == pulled(tmp_path / "list", name)
    assert pulled(tmp_path / "out", "balances")


def test_days_without_rows_are_empty_files_with_types(
    warehouse: EmulatedBigQuery, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    before = date(2016, 12, 30)
    assert main(arguments(out, start=before, end=date(2017, 1, 1)), warehouse) == 0
    for name, table in TABLES.items():
        assert pulled(out, name) == []
        path = out / name / f"{before}.parquet" if name in DAILY else out / f"{name}.parquet"
        assert pq.read_schema(path).equals(table.schema)
    read = " ".join(sql for sql, _ in warehouse.client.queries)
    assert "balances" not in read  # nobody to look up, so its scan is saved


def test_balances_can_be_left_out_and_added_later(
    warehouse: EmulatedBigQuery, chain: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert main(arguments(out, "--no-balances"), warehouse) == 0
    assert not (out / "balances.parquet").exists()
    before = len(warehouse.client.queries)
    assert main(arguments(out), warehouse) == 0
    assert len(warehouse.client.queries) == before + 1
    assert_pulled(out, expected(chain))


def test_results_come_through_the_storage_api_unless_rest_is_asked_for(
    warehouse: EmulatedBigQuery, chain: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert main(arguments(tmp_path / "storage"), warehouse) == 0
    reads = warehouse.reader.reads
    assert reads > len(DAYS)
    assert main(arguments(tmp_path / "rest", "--rest"), warehouse) == 0
    assert warehouse.reader.reads == reads
    assert_pulled(tmp_path / "rest", expected(chain))


# --- what it costs


def bytes_of(query: str) -> int:
    """100 GiB for balances, 1 GiB for the others."""
    return (100 if "balances" in query else 1) * GIB


def test_a_dry_run_shows_the_price_by_table_and_reads_nothing(
    sample: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = EmulatedBigQuery(sample.rest_url, sample.grpc_address, bytes_of)
    out = tmp_path / "out"
    options = ["--dry-run", "--max-bytes", "1TiB", "--price-per-tib", 10]
    assert main(arguments(out, *options), warehouse) == 0
    said = capsys.readouterr().out
    assert warehouse.client.queries == []
    assert not out.exists()
    # 10 MiB for every query and table on top; balances looks into three tables.
    for line in (
        r"transactions +6 +1\.1 GiB +\$0\.01",
        r"balances +1 +100\.0 GiB +\$0\.98",
        r"together +21 +105\.3 GiB +\$1\.03",
    ):
        assert re.search(line, said), said


def test_above_the_cap_nothing_is_read(
    sample: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = EmulatedBigQuery(sample.rest_url, sample.grpc_address, bytes_of)
    assert main(arguments(tmp_path / "out"), warehouse) == 3
    assert "above the cap of 100.0 GiB; nothing was read" in capsys.readouterr().err
    assert warehouse.client.queries == []
    assert not (tmp_path / "out").exists()
    assert main(arguments(tmp_path / "out", "--no-balances"), warehouse) == 0


def test_the_price_is_of_what_is_missing(
    sample: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = EmulatedBigQuery(sample.rest_url, sample.grpc_address, bytes_of)
    out = tmp_path / "out"
    assert main(arguments(out, "--no-balances"), warehouse) == 0
    (out / "blocks" / f"{DAYS[2]}.parquet").unlink()
    (out / "blocks" / f"{DAYS[4]}.parquet").unlink()
    capsys.readouterr()
    warehouse.client.dry_runs.clear()
    assert main(arguments(out, "--no-balances", "--dry-run"), warehouse) == 0
    assert re.search(r"blocks +2 +1\.0 GiB.*\ntogether +2 ", capsys.readouterr().out)
    (bounds,) = [
        {parameter.name: parameter.value.date() for parameter in configuration.query_parameters}
        for _, configuration in warehouse.client.dry_runs
    ]
    assert bounds == {"start": DAYS[2], "end": DAYS[5]}


def test_every_job_is_capped_at_what_is_left_of_the_budget(
    sample: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = EmulatedBigQuery(sample.rest_url, sample.grpc_address)
    monkeypatch.setattr("google.cloud.bigquery.QueryJob.total_bytes_billed", 1000)
    assert main(arguments(tmp_path / "out", "--max-bytes", 10 * GIB), warehouse) == 0
    caps = [job.maximum_bytes_billed for _, job in warehouse.client.queries]
    assert caps == [10 * GIB - 1000 * before for before in range(len(caps))]
    assert len(caps) == 3 * len(DAYS) + 3


def test_every_read_of_a_partitioned_table_is_bounded_by_parameters(
    warehouse: EmulatedBigQuery, people: list[str], tmp_path: Path
) -> None:
    listed = ["--addresses", ",".join(people), "--neighbours"]
    assert main(arguments(tmp_path / "list", *listed), warehouse) == 0
    assert main(arguments(tmp_path / "sample", "--sample-percent", 3), warehouse) == 0
    jobs = warehouse.client.queries + warehouse.client.dry_runs
    for sql, configuration in jobs:
        given = {parameter.name for parameter in configuration.query_parameters}
        assert given >= set(re.findall(r"@(\w+)", sql))
        assert "0x" not in sql.replace("'0x' || substr(", "")
        reads = re.findall(rf"from `{SOURCE}\.(\w+)`(?:\s+cross join.*)?\s+where (.*)", sql)
        assert len(reads) == sql.count(SOURCE)
        for name, condition in reads:
            if TABLES[name].partition:
                first = "timestamp '2015-07-30'" if name == "contracts" else "@start"
                partition = TABLES[name].partition
                assert condition.startswith(f"{partition} >= {first} and {partition} < @end")


# --- going on


def test_a_killed_pull_goes_on_with_the_day_it_was_at(
    sample: Emulator,
    warehouse: EmulatedBigQuery,
    chain: duckdb.DuckDBPyConnection,
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    code = (
        "from emulated_warehouse import EmulatedBigQuery, dies_at\n"
        "from commands.slice.__main__ import main\n"
        f"warehouse = EmulatedBigQuery({sample.rest_url!r}, {sample.grpc_address!r})\n"
        "warehouse.reader.before_read = dies_at(8)\n"
        f"main({arguments(out)!r}, warehouse)"
    )
    # It finds the modules that pytest finds.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    died = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_DIRECTORY, env=environment, check=False
    )
    assert died.returncode == -9
    half_written = list(out.rglob(".*.partial"))
    assert len(half_written) == 1
    finished = {path: path.stat().st_mtime_ns for path in out.rglob("[!.]*.parquet")}
    assert 6 <= len(finished) <= 9

    assert main(arguments(out), warehouse) == 0
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    assert len(warehouse.client.queries) == 3 * len(DAYS) + 3 - len(finished)
    assert list(out.rglob(".*")) == []
    assert_pulled(out, expected(chain))


def test_an_interrupted_pull_says_what_to_do(
    warehouse: EmulatedBigQuery, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(read: int) -> None:
        if read == 5:
            raise KeyboardInterrupt

    warehouse.reader.before_read = interrupt
    out = tmp_path / "out"
    assert main(arguments(out), warehouse) == 130
    assert "give the same command again" in capsys.readouterr().err
    assert list(out.rglob(".*")) == []


def test_an_interrupted_query_is_cancelled(
    warehouse: EmulatedBigQuery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(job: Any) -> None:
        raise KeyboardInterrupt

    cancelled = []
    monkeypatch.setattr("google.cloud.bigquery.QueryJob.result", wait)
    monkeypatch.setattr("google.cloud.bigquery.QueryJob.cancel", lambda job: cancelled.append(job))
    assert main(arguments(tmp_path / "out"), warehouse) == 130
    assert len(cancelled) == 1


def test_neighbours_are_chosen_once(
    warehouse: EmulatedBigQuery, people: list[str], tmp_path: Path
) -> None:
    options = arguments(tmp_path / "out", "--addresses", ",".join(people), "--neighbours")
    assert main(options, warehouse) == 0
    (tmp_path / "out" / "transactions" / f"{DAYS[1]}.parquet").unlink()
    before = len(warehouse.client.queries)
    assert main(options, warehouse) == 0
    ((sql, configuration),) = warehouse.client.queries[before:]
    assert "hub_transactions" not in sql
    manifest = json.loads((tmp_path / "out" / "slice.json").read_text())
    (addresses,) = [p.values for p in configuration.query_parameters if p.name == "addresses"]
    assert addresses == sorted([*people, *manifest["neighbours"]["addresses"]])


def test_a_directory_holds_one_selection(
    warehouse: EmulatedBigQuery,
    people: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    assert main(arguments(out, "--no-balances"), warehouse) == 0
    before, files = len(warehouse.client.queries), names(out)
    for other in (
        arguments(out, end=END + timedelta(days=1)),
        arguments(out, "--sample-percent", 1),
        arguments(out, "--addresses", people[0]),
        arguments(out, "--source", "bigquery-public-data.crypto_ethereum"),
    ):
        assert main(other, warehouse) == 1
        assert "holds another selection" in capsys.readouterr().err
    assert main(arguments(out, end=END + timedelta(days=1)), warehouse) == 1
    assert f'(end "{END}" there, "{END + timedelta(days=1)}" here)' in capsys.readouterr().err
    assert len(warehouse.client.queries) == before
    assert names(out) == files


def test_a_directory_of_something_else_is_left_alone(
    warehouse: EmulatedBigQuery, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "transactions.parquet").write_text("mine")
    assert main(arguments(tmp_path), warehouse) == 1
    assert "holds something that is not a slice" in capsys.readouterr().err
    (tmp_path / "slice.json").write_text("{")
    assert main(arguments(tmp_path), warehouse) == 1
    assert "slice.json is damaged" in capsys.readouterr().err
    assert names(tmp_path) == {"transactions.parquet", "slice.json"}


# --- what is wrong with the world


def test_a_source_that_is_not_there_is_named(
    warehouse: EmulatedBigQuery, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(tmp_path / "out", "--source", f"{PROJECT}.nowhere"), warehouse) == 1
    said = capsys.readouterr().err
    assert "nowhere" in said
    assert "--source" in said


def test_without_permission_the_role_is_named(
    warehouse: EmulatedBigQuery,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def query(*arguments: Any, **options: Any) -> Any:
        raise Forbidden("User does not have bigquery.jobs.create permission")

    monkeypatch.setattr(warehouse.client, "query", query)
    assert main(arguments(tmp_path / "out"), warehouse) == 1
    assert "BigQuery Job User" in capsys.readouterr().err


# --- and then


def test_the_project_builds_on_what_was_pulled(
    warehouse: EmulatedBigQuery,
    chain: duckdb.DuckDBPyConnection,
    dbt: DbtProject,
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    assert main(arguments(out), warehouse) == 0
    run = dbt.run(
        tmp_path / "build",
        chain=out,
        select="+address_features",
        tests=True,
        options=["--indirect-selection", "cautious"],
    )
    assert run.success, run.errors
    assert "  No table is missing." in run.messages
    assert run.query("select count(*) from intermediate.int_events__rejected_chain_rows") == [(0,)]
    sides = (
        "select from_address as address from days union all select to_address from days"
        " where to_address is not null"
    )
    counts = chain.sql(
        f"with days as (select * from transactions where block_timestamp >= '{START}'"
        f" and block_timestamp < '{END}') select address, count(*) from ({sides})"
        " group by 1 order by 1"
    ).fetchall()
    assert counts
    assert run.query("select address, tx_count from marts.address_features order by 1") == counts
    balances = dict(pulled(out, "balances"))
    featured = run.query("select address, ether_balance from marts.address_features")
    assert any(balance for _, balance in featured)
    for address, balance in featured:
        assert balance == pytest.approx(float(balances.get(address, 0)) / 1e18, rel=1e-12)
