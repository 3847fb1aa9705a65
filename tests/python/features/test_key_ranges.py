"""Tables written a range of keys at a time have the rows that they would have at once."""

from itertools import pairwise
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from support.dbt_project import DbtProject, Run

MODEL = "int_features__key_ranges"
ALL_KEYS = 2**64
# Written by ranges, each by dbt's materialization for tables or, where loads add days, for
# incremental models.
WRITTEN = ["int_features__activity_parts", "int_features__stored_features"]


@pytest.fixture(scope="module")
def query(dbt: DbtProject) -> str:
    return dbt.compiled(MODEL, unlabelled_sample_percent=10).nodes[MODEL].query


@pytest.mark.parametrize(
    ("transactions", "memory_limit", "expected"),
    [
        (0, "1GB", 1),
        (1_000_000, "1GB", 1),
        # 20 million in the lifetime and a tenth of 10 million in a backtest.
        (20_000_000, "1GB", 11),
        (20_000_000, "5GB", 3),
        (20_000_000, "none", 1),
    ],
)
def test_ranges_hold_every_key_once_and_as_much_as_memory_takes(
    query: str, transactions: int, memory_limit: str, expected: int
) -> None:
    with duckdb.connect("") as connection:
        connection.execute(f"set memory_limit = '{memory_limit}'")
        connection.execute("attach ':memory:' as warehouse; use warehouse")
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_events__transaction_days as"
            f" select unnest([date '2020-01-01', date '2021-01-01']) as block_date,"
            f" {transactions // 2} as transactions"
        )
        connection.execute(
            "create table intermediate.int_features__windows as"
            " select *, true as is_counted from (values"
            " ('lifetime', timestamp '2015-07-30', timestamp '2021-01-02'),"
            " ('past', timestamp '2015-07-30', timestamp '2020-06-01'))"
            " as windows (window_name, window_start, window_end)"
        )
        ranges = connection.execute(f"select * from ({query}) order by first_key").fetchall()
    assert len(ranges) == expected
    firsts, lasts = (list(keys) for keys in zip(*ranges, strict=True))
    assert [*firsts, ALL_KEYS] == [0, *(last + 1 for last in lasts)]
    assert max(last - first for first, last in ranges) <= ALL_KEYS // expected


@pytest.mark.parametrize("incremental_loads", [False, True])
def test_seven_ranges_give_the_rows_of_one(
    dbt: DbtProject, simulated_chain: Path, tmp_path: Path, incremental_loads: bool
) -> None:
    def run(select: str) -> Run:
        result = dbt.run(
            tmp_path, chain=simulated_chain, select=select, incremental_loads=incremental_loads
        )
        assert result.success, result.errors
        return result

    def rows(built: Run, table: str) -> pd.DataFrame:
        return built.frame(f"select * from intermediate.{table} order by window_id, address_key")

    built = run("+int_features__stored_features")
    before = {table: rows(built, table) for table in WRITTEN}
    assert built.query(f"select count(*) from intermediate.{MODEL}") == [(1,)]
    ends = [ALL_KEYS * number // 7 for number in range(8)]
    built.execute(
        f"delete from intermediate.{MODEL}",
        *(
            f"insert into intermediate.{MODEL} values ({first}, {end - 1})"
            for first, end in pairwise(ends)
        ),
    )
    again = run(" ".join(WRITTEN))
    for table in WRITTEN:
        assert len(before[table]) > 7
        pd.testing.assert_frame_equal(rows(again, table), before[table])


@pytest.mark.parametrize("incremental_loads", [False, True])
def test_a_table_is_whole_where_there_are_no_ranges(
    dbt: DbtProject, simulated_chain: Path, tmp_path: Path, incremental_loads: bool
) -> None:
    """As in a database of an earlier version, in which somebody builds one table."""
    options = {"chain": simulated_chain, "incremental_loads": incremental_loads}
    built = dbt.run(tmp_path, select="+int_features__stored_features", **options)
    assert built.success, built.errors
    rows = "select * from intermediate.int_features__stored_features order by all"
    before = built.frame(rows)
    built.execute(f"drop table intermediate.{MODEL}")
    again = dbt.run(tmp_path, select="int_features__stored_features", **options)
    assert again.success, again.errors
    assert len(before) > 1000
    pd.testing.assert_frame_equal(again.frame(rows), before)
