"""Real chain exports load as they are. Skipped where the data is absent (env REAL_DATA)."""

import csv
import sys
from pathlib import Path

import duckdb
import pytest

from support import REAL_DATA
from support.dbt_project import DbtProject

PUBLIC_TABLES = REAL_DATA / "public_tables"

pytestmark = pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"no real data in {REAL_DATA}")

EXPORTS = {
    "csv.gz with epoch seconds": {"transactions.csv.gz": "transactions_2017_03.csv.gz"},
    "parquet with epoch seconds": {"transactions.parquet": "transactions_2015_11.parquet"},
    "token transfers without time": {"token_transfers.csv": "token_transfers_2022_08.csv"},
    "json lines": {
        f"{table}.json": f"two_blocks_2023_05/{table}.json"
        for table in ("transactions", "token_transfers", "blocks")
    },
    "csv with US dates": {
        f"{table}.csv": f"rows_500/{table}.csv"
        for table in ("transactions", "token_transfers", "blocks", "tokens", "balances")
    },
}


def test_the_labelled_history_gives_features_of_every_address(
    dbt: DbtProject, tmp_path: Path
) -> None:
    chain = REAL_DATA / "chain_2015_2018"
    run = dbt.run(
        tmp_path,
        chain=chain,
        labels=chain / "labels.csv",
        select="+address_features address_labels rejected_chain_rows",
    )
    assert run.success, run.errors
    assert (
        run.query(
            "select count(*), count(distinct address), count(avg_gas_price), sum(tx_count)"
            " from marts.address_features"
        )
        == duckdb.sql(
            f"""
        select count(*), count(distinct address), 0, sum(events)
        from (
            select address, count(*) as events
            from (
                select unnest([from_address, to_address]) as address
                from '{chain}/transactions.parquet'
            )
            where address is not null
            group by address
        )
        """
        ).fetchall()
    )
    assert run.query("select count(*) from marts.address_features") == [(50_315,)]
    assert run.query("select count(*) from marts.rejected_chain_rows") == [(0,)]
    assert (
        run.query(
            "select category, count(*), count(reported_at) from marts.address_labels group by 1"
            " order by 1"
        )
        == duckdb.sql(
            f"select category, count(*), 0 from '{chain}/labels.csv' group by 1 order by 1"
        ).fetchall()
    )
    assert sum("Missing, taken as empty" in message for message in run.messages) == 1


@pytest.mark.parametrize("files", EXPORTS.values(), ids=EXPORTS)
def test_an_export_loads_without_rejects(
    dbt: DbtProject, tmp_path: Path, files: dict[str, str]
) -> None:
    chain = tmp_path / "chain"
    chain.mkdir()
    for table, file in files.items():
        (chain / table).symlink_to(PUBLIC_TABLES / file)
    run = dbt.run(
        tmp_path,
        chain=chain,
        select="+int_events__transactions +int_events__token_transfers rejected_chain_rows",
    )
    assert run.success, run.errors
    assert run.query("select count(*) from marts.rejected_chain_rows") == [(0,)]
    for table in ("transactions", "token_transfers"):
        files_of_table = [file for name, file in files.items() if name.startswith(f"{table}.")]
        expected = sum(rows_of(PUBLIC_TABLES / file) for file in files_of_table)
        # Only an export of token transfers without time and blocks has no time.
        timed = expected if "token_transfers_2022_08.csv" not in files_of_table else 0
        assert run.query(
            f"select count(*), count(block_timestamp) from intermediate.int_events__{table}"
        ) == [(expected, timed)]


def test_continuation_lines_of_a_nested_export_are_rejected(
    dbt: DbtProject, tmp_path: Path
) -> None:
    # Elements of a nested column (function_sighashes) stand on lines of their own.
    chain = tmp_path / "chain"
    chain.mkdir()
    (chain / "contracts.csv").symlink_to(PUBLIC_TABLES / "rows_500/contracts.csv")
    csv.field_size_limit(sys.maxsize)
    with (chain / "contracts.csv").open(newline="") as file:
        addresses = [row["address"] for row in csv.DictReader(file)]
    run = dbt.run(tmp_path, chain=chain, select="+int_events__chain_intake")
    assert not run.success
    nested = addresses.count("")
    assert nested > 0
    assert (
        f"{nested} of {len(addresses)} rows of contracts rejected: {nested} malformed address"
        in run.log
    )
    assert run.query(
        "select count(distinct address_key), count(*) from staging.stg_chain__contracts"
        " where rejection_reason is null"
    ) == [(len(set(addresses) - {""}), len(addresses) - nested)]


def rows_of(path: Path) -> int:
    """Number of rows of an export, counted without the project."""
    return duckdb.sql(f"select count(*) from '{path}'").fetchone()[0]
