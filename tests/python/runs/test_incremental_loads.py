"""Loaded by days, a chain gives the rows of one full build, whatever came late or twice."""

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from maintenance.compiled_project import DATABASE_NAME
from support.dbt_project import (
    CLOCK_COLUMNS,
    DbtProject,
    Run,
    account,
    assert_same_marts,
    marts,
    transaction,
    write,
)

SLICES = 5
BY_DAY = ["transactions", "token_transfers", "contracts", "blocks"]

# Everything SQL makes before a model is trained, and what is remembered about the load.
FEATURES = (
    "+address_features +int_scam_evaluation__examples +int_investor_profiles__features"
    " +int_events__chain_state +int_features__fold_state int_features__catalogue"
)

DAILY = ["--exclude", "tag:train"]

REBUILT = {"incremental_loads": False}

# Whether the run added to parts of earlier ones, which reach up to a later day than before.
COUNTED = (
    "select counted_before < settles_before and counted_before > date '2015-07-30'"
    " from intermediate.int_features__fold_bounds"
)

# What is loaded, without features.
LOADS = "+int_events__chain_state int_events__transaction_events rejected_chain_rows"


# How the warning of rows that no load has read begins, up to the files.
LEFT_OUT = "are left out, because their days were loaded without them:"


def time_column(table: str) -> str:
    return "timestamp" if table == "blocks" else "block_timestamp"


def tables(chain: Path) -> dict[str, pd.DataFrame]:
    """The simulated chain as text, by table."""
    return {
        path.stem: pd.read_csv(path, dtype="string")
        for path in sorted(chain.glob("*.csv"))
        if path.stem != "labels"
    }


def slices(chain: Path, directory: Path) -> list[Path]:
    """The chain as it was on five days: each later one with a block that came late.

    The second last has a day twice, as a repeated export leaves it.
    """
    whole = tables(chain)
    days = sorted(whole["transactions"]["block_timestamp"].str[:10].unique())
    ends = [days[len(days) * number // SLICES] for number in range(1, SLICES)] + ["9999"]
    paths = []
    for number, end in enumerate(ends):
        known = {
            name: table[table[time_column(name)] < end] if name in BY_DAY else table
            for name, table in whole.items()
        }
        transactions = known["transactions"]
        if number < SLICES - 1:
            last_day = transactions["block_timestamp"].str[:10].max()
            is_last = transactions["block_timestamp"].str.startswith(last_day)
            late_block = transactions[is_last]["block_number"].min()
            known["transactions"] = transactions[transactions["block_number"] != late_block]
        if number == SLICES - 2:
            last_day = known["transactions"]["block_timestamp"].str[:10].max()
            again = known["transactions"]["block_timestamp"].str.startswith(last_day)
            known["transactions"] = pd.concat([known["transactions"], known["transactions"][again]])
        for name, table in known.items():
            write(directory / str(number) / f"{name}.csv", table)
        paths.append(directory / str(number))
    return paths


@pytest.fixture(scope="module")
def simulated_slices(simulated_chain: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return slices(simulated_chain, tmp_path_factory.mktemp("slices"))


def load(dbt: DbtProject, database: Path, chain: Path, labels: Path, **options: object) -> Run:
    options = {"select": FEATURES, "incremental_loads": True} | options
    run = dbt.run(database, chain=chain, labels=labels, **options)
    assert run.success, run.errors
    return run


def lifetime_features(run: Run) -> pd.DataFrame:
    return run.frame(
        "select * from intermediate.int_features__window_addresses"
        " where window_name = 'lifetime' order by all"
    )


def backtest_features(run: Run) -> list[tuple]:
    """Rows of the windows that only a run that trains counts, and of the degrees in them."""
    counted = "window_id in (select window_id from intermediate.int_features__windows"
    return [
        row
        for table in ("int_features__stored_features", "int_features__window_degrees")
        for row in run.query(
            f"from intermediate.{table} where {counted} where window_name <> 'lifetime')"
            " order by all"
        )
    ]


def refreshed_with_training(run: Run) -> list[str]:
    rows = run.query(
        "select feature_name from intermediate.int_features__catalogue"
        " where refreshed_with_training"
    )
    return [name for (name,) in rows]


def without_files(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The account of the input is that of one load, which reads some days only."""
    return {name: table for name, table in tables.items() if name != "input_files"}


def test_five_loads_by_day_give_the_rows_of_one_full_build(
    dbt: DbtProject,
    simulated_chain: Path,
    simulated_slices: list[Path],
    built_chain: Run,
    tmp_path: Path,
) -> None:
    """Once as daily runs, which add to what earlier ones counted, then with training."""
    labels = simulated_chain / "labels.csv"
    load(dbt, tmp_path, simulated_slices[0], labels)
    for chain in simulated_slices[1:-1]:
        run = load(dbt, tmp_path, chain, labels, options=DAILY)
    settled = "select count(*), count(address_key) from intermediate.int_events__settled_events"
    (rows, events), *_ = run.query(settled)
    assert events > 0
    assert rows - events == SLICES - 1  # each load has marked the day it settled up to
    backtests = backtest_features(run)
    assert len(backtests) > 1000

    # Killed after some parts were written, some of them of days that are now settled.
    killed = "base_chain__load_bounds stg_chain__transactions int_features__fold_bounds"
    for table in (killed, "int_features__edge_parts", "int_features__flow_parts"):
        load(dbt, tmp_path, simulated_slices[-1], labels, select=table, options=DAILY)
    only_selected = ["--indirect-selection", "cautious"]
    run = load(
        dbt, tmp_path, simulated_slices[-1], labels, tests=True, options=[*DAILY, *only_selected]
    )
    assert run.query(COUNTED) == [(True,)]
    assert list(run.statuses.values()).count("pass") > 100
    assert backtest_features(run) == backtests
    features = lifetime_features(run)
    kept = features.columns.difference(refreshed_with_training(run))
    pd.testing.assert_frame_equal(
        features[kept], lifetime_features(built_chain)[kept], rtol=1e-12, atol=0
    )
    tokens = "select * from intermediate.int_addresses__token_activity order by all"
    pd.testing.assert_frame_equal(run.frame(tokens), built_chain.frame(tokens))
    acted = run.query("select count(*) from intermediate.int_features__changed_addresses")
    assert 0 < acted[0][0] < len(features)

    run = load(dbt, tmp_path, simulated_slices[-1], labels, select="")
    loaded, built = marts(run), marts(built_chain)
    assert_same_marts(without_files(loaded), without_files(built), ignoring=CLOCK_COLUMNS)
    again = load(dbt, tmp_path, simulated_slices[-1], labels, select="")
    assert_same_marts(without_files(marts(again)), without_files(loaded))


def chain(directory: Path, rows: list[dict]) -> Path:
    write(directory / "transactions.csv", rows)
    return directory


def load_chain(dbt: DbtProject, database: Path, chain: Path, **options: object) -> Run:
    return load(dbt, database, chain, "", **({"select": LOADS} | options))


def on_day(number: int, day: int, **columns: object) -> dict:
    return transaction(number, block_timestamp=f"2018-03-{day:02d} 12:00:00", **columns)


def test_a_killed_load_is_finished_by_the_next(dbt: DbtProject, tmp_path: Path) -> None:
    """Killed between any two tables: some have the new days, some not, and no state says so."""
    rows = [on_day(number, day=number) for number in range(1, 21)]
    load_chain(dbt, tmp_path, chain(tmp_path / "first", rows[:10]))
    later = chain(tmp_path / "later", rows)
    for table in (
        "stg_chain__transactions",
        "int_events__transaction_days int_events__transaction_hashes",
        "int_events__settled_events",
        "int_addresses__keys",
    ):
        load_chain(dbt, tmp_path, later, select=f"base_chain__load_bounds {table}")
    run = load_chain(dbt, tmp_path, later)
    counts = (
        "select (select count(*) from intermediate.int_events__transactions),"
        " (select count(*) from intermediate.int_events__transaction_hashes),"
        " (select count(*) from intermediate.int_events__transaction_events),"
        " (select sum(transactions) from intermediate.int_events__transaction_days),"
        " (select count(*) from intermediate.int_addresses__keys),"
        " (select loaded_through from intermediate.int_events__chain_state)"
    )
    assert run.query(counts) == [(20, 20, 40, 20, 40, date(2018, 3, 20))]


SOMEBODY = account(999)

FOLDED = "+int_features__fold_state +int_events__chain_state"

LIFETIME = (
    "select address, tx_count from intermediate.int_features__stored_features"
    " where window_name = 'lifetime' order by address"
)

EVENTS = (
    "select count(*), count(distinct transaction_key)"
    " from intermediate.int_events__transaction_events"
)


def counted(run: Run) -> bool:
    """Whether the run added to what earlier ones counted."""
    sql = "select counted_before is not null from intermediate.int_features__fold_bounds"
    return run.query(sql)[0][0]


def lifetime(*rows: dict, since: str = "") -> list[tuple]:
    """What `LIFETIME` gives for rows: either side of each transaction has one event."""
    known = [row for row in rows if row["block_timestamp"] >= since]
    sides = Counter(row[side] for row in known for side in ("from_address", "to_address"))
    return sorted(sides.items())


@pytest.fixture(scope="module")
def loaded_rows(dbt: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list]:
    """A database to which the next daily run adds, and rows of which it has all but the last."""
    directory = tmp_path_factory.mktemp("three_loads")
    rows = [on_day(number, day=number) for number in range(1, 14)]
    for end in (10, 11, 12):
        load_chain(
            dbt, directory / "database", chain(directory / str(end), rows[:end]), select=FOLDED
        )
    return directory / "database", rows


@pytest.fixture
def three_loads(loaded_rows: tuple[Path, list], tmp_path: Path) -> tuple[Path, list[dict]]:
    """The same, for a test to change."""
    loaded, rows = loaded_rows
    return Path(shutil.copytree(loaded, tmp_path / "database")), rows


def test_an_address_whose_transaction_left_the_chain_has_no_features(
    dbt: DbtProject, three_loads: tuple[Path, list[dict]], tmp_path: Path
) -> None:
    """A block that is not settled can be replaced, with another transaction or none."""
    database, rows = three_loads
    replaced = [*rows[:11], on_day(12, day=12, from_address=SOMEBODY)]
    for name, held in (("replaced", replaced), ("gone", rows[:11])):
        run = load_chain(dbt, database, chain(tmp_path / name, held), select=FOLDED, options=DAILY)
        assert counted(run)
        assert run.query(LIFETIME) == lifetime(*held)


def test_a_run_counts_the_whole_history_where_it_cannot_add_to_a_part(
    dbt: DbtProject, three_loads: tuple[Path, list[dict]], tmp_path: Path
) -> None:
    database, rows = three_loads
    later = chain(tmp_path / "later", rows)
    with duckdb.connect(str(database / f"{DATABASE_NAME}.duckdb")) as connection:
        connection.execute("drop table intermediate.int_features__hour_parts")
    run = load_chain(dbt, database, later, select=FOLDED, options=DAILY)
    assert not counted(run)
    assert run.query(LIFETIME) == lifetime(*rows)

    run = load_chain(dbt, database, later, select=FOLDED, options=DAILY)
    assert counted(run)
    start = {"history_start": "2018-03-03 00:00:00"}
    run = load_chain(dbt, database, later, select=FOLDED, options=DAILY, **start)
    assert not counted(run)
    assert run.query(LIFETIME) == lifetime(*rows, since="2018-03-03")


def test_days_that_were_settled_and_are_read_again_are_counted_again(
    dbt: DbtProject, three_loads: tuple[Path, list[dict]], tmp_path: Path
) -> None:
    """Because late_block_days is larger than before, or the last loaded days are gone."""
    database, rows = three_loads
    shorter = Path(shutil.copytree(database, tmp_path / "shorter"))
    rows = [*rows, on_day(106, day=6)]
    late = chain(tmp_path / "late", rows)
    more = {"late_block_days": 7, "options": DAILY}
    for is_counted in (False, True):
        run = load_chain(dbt, database, late, select=FOLDED, **more)
        assert counted(run) is is_counted
        assert run.query(LIFETIME) == lifetime(*rows)
        assert run.query(EVENTS) == [(28, 14)]

    load_chain(dbt, shorter, chain(tmp_path / "gone", rows[:9]), select=FOLDED, options=DAILY)
    run = load_chain(dbt, shorter, late, select=FOLDED, options=DAILY)
    assert run.query(LIFETIME) == lifetime(*rows)
    assert run.query(EVENTS) == [(28, 14)]


@pytest.mark.parametrize("killed_after", ["int_events__transaction_hashes", "stg_chain__blocks"])
def test_a_killed_full_refresh_is_finished_by_the_next_run(
    dbt: DbtProject,
    three_loads: tuple[Path, list[dict]],
    tmp_path: Path,
    killed_after: str,
) -> None:
    """It has read rows that came late, and nothing has counted them."""
    database, rows = three_loads
    rows = [*rows, on_day(104, day=4)]
    late = chain(tmp_path / "late", rows)
    tables = f"base_chain__load_bounds stg_chain__transactions {killed_after}"
    load_chain(dbt, database, late, select=tables, options=["--full-refresh"])
    refused = dbt.run(database, chain=None, select=LOADS, incremental_loads=True)
    assert "hold files of CHAIN_DATA, but this run would read the simulated sample." in refused.log
    run = load_chain(dbt, database, late, select=FOLDED, options=DAILY)
    assert run.query(LIFETIME) == lifetime(*rows)
    assert run.query(EVENTS) == [(28, 14)]


def test_loads_by_day_begin_in_a_database_that_was_rebuilt_before(
    dbt: DbtProject, three_loads: tuple[Path, list[dict]], tmp_path: Path
) -> None:
    database, rows = three_loads
    later = chain(tmp_path / "later", rows)
    load_chain(dbt, database, chain(tmp_path / "all", rows[:12]), select=FOLDED, **REBUILT)
    run = load_chain(dbt, database, later, select=FOLDED, options=DAILY)
    assert not counted(run)
    assert run.query(LIFETIME) == lifetime(*rows)


def test_loads_by_day_begin_after_a_run_without_rows(dbt: DbtProject, tmp_path: Path) -> None:
    rows = [on_day(number, day=number) for number in range(1, 11)]
    folder = chain(tmp_path / "chain", rows)
    for options in (["--empty"], ["--empty"], []):
        run = load_chain(dbt, tmp_path, folder, select=FOLDED, options=options)
    assert run.query("select count(*) from intermediate.int_events__transactions") == [(10,)]
    assert run.query(LIFETIME) == lifetime(*rows)


def test_a_part_that_was_rebuilt_alone_is_counted_again(
    dbt: DbtProject, three_loads: tuple[Path, list[dict]], tmp_path: Path
) -> None:
    """A table by part, which is a view where a run rebuilds its tables."""
    database, rows = three_loads
    part = "int_features__hour_parts"
    hours = (
        f"select sum(events) from intermediate.{part} where window_id in"
        " (select window_id from intermediate.int_features__windows"
        " where window_name = 'lifetime')"
    )
    later = chain(tmp_path / "later", rows)
    load_chain(dbt, database, later, select=part, **REBUILT)
    run = load_chain(dbt, database, later, select=FOLDED, options=DAILY)
    assert not counted(run)
    assert run.query(hours) == [(2 * len(rows),)]


def test_a_long_history_is_loaded_in_several_runs(dbt: DbtProject, tmp_path: Path) -> None:
    rows = [on_day(number, day=number) for number in range(1, 21)]
    whole = chain(tmp_path / "chain", rows)
    options = {"history_start": "2018-03-01 00:00:00", "days_per_load": 8, "late_block_days": 2}
    through = []
    for _ in range(4):
        run = load_chain(dbt, tmp_path, whole, **options)
        state = run.query("select loaded_through from intermediate.int_events__chain_state")
        through.append(state[0][0].day)
    assert through == [8, 13, 18, 20]
    assert "run again for later ones" in run.log
    assert run.query(EVENTS) == [(40, 20)]


def test_files_that_begin_late_are_loaded_at_once(dbt: DbtProject, tmp_path: Path) -> None:
    """The first day is further from history_start than a load on BigQuery reads."""
    rows = [transaction(number, block_timestamp=f"2025-0{number}-01 12:00:00") for number in (1, 2)]
    run = load_chain(dbt, tmp_path, chain(tmp_path / "chain", rows))
    assert run.query("select count(*) from intermediate.int_events__transactions") == [(2,)]
    assert "run again" not in run.log


def test_runs_cross_a_gap_that_is_longer_than_a_load(dbt: DbtProject, tmp_path: Path) -> None:
    """One at the start, before the first row, and one between two rows."""
    rows = [on_day(1, day=1), on_day(2, day=2), on_day(3, day=14)]
    options = {"history_start": "2018-02-20 00:00:00", "days_per_load": 8, "late_block_days": 2}
    whole = chain(tmp_path / "chain", rows)
    count = "select count(*) from intermediate.int_events__transactions"
    counts = []
    for _ in range(4):
        run = load_chain(dbt, tmp_path, whole, **options)
        counts.append(run.query(count)[0][0])
    assert counts == [0, 2, 2, 3]
    # A day that a load found empty is read again, because its file may come later.
    added = chain(tmp_path / "added", [*rows, on_day(4, day=13)])
    assert load_chain(dbt, tmp_path, added, **options).query(count) == [(4,)]


def test_what_came_later_than_the_look_back_waits_for_a_full_refresh(
    dbt: DbtProject, tmp_path: Path
) -> None:
    rows = [on_day(number, day=number) for number in range(1, 11)]
    load_chain(dbt, tmp_path, chain(tmp_path / "first", rows))
    late = [on_day(101, day=7), on_day(102, day=6), on_day(11, day=11)]
    later = chain(tmp_path / "later", rows + late)
    count = "select count(*) from intermediate.int_events__transactions"
    run = load_chain(dbt, tmp_path, later)
    assert run.query(count) == [(12,)]  # day 7 is three days before day 10, day 6 is not
    assert f"{LEFT_OUT} transactions.csv (1 rows). Run once with --full-refresh" in run.log
    run = load_chain(dbt, tmp_path, later, options=["--full-refresh"])
    assert run.query(count) == [(13,)]
    assert LEFT_OUT not in load_chain(dbt, tmp_path, later).log


def test_rows_of_a_file_added_too_late_are_named(dbt: DbtProject, tmp_path: Path) -> None:
    rows = [on_day(number, day=number) for number in range(1, 21)]
    folder = tmp_path / "chain"
    write(folder / "transactions" / "b.csv", rows[5:15])
    load_chain(dbt, tmp_path, folder)
    write(folder / "transactions" / "a.csv", rows[:5])
    write(folder / "transactions" / "c.csv", rows[15:])
    # A day sent again is known.
    write(folder / "transactions" / "d.csv", rows[5:7])
    addresses = {"token_address": account(1), "from_address": account(2), "to_address": account(3)}
    transfer = {"value": "1", "log_index": "1", **addresses}
    write(
        folder / "token_transfers.csv",
        [
            {"transaction_hash": row["hash"], "block_timestamp": row["block_timestamp"], **transfer}
            for row in rows
        ],
    )
    run = load_chain(dbt, tmp_path, folder)
    assert f"{LEFT_OUT} transactions/a.csv (5 rows), token_transfers.csv (11 rows). Run" in run.log
    count = "select count(*) from intermediate.int_events__transactions"
    assert run.query(count) == [(15,)]
    # What was loaded may go, but for the days that the next load reads again.
    for name in ("a", "b", "d"):
        (folder / "transactions" / f"{name}.csv").unlink()
    (folder / "token_transfers.csv").unlink()
    run = load_chain(dbt, tmp_path, folder)
    assert run.query(count) == [(15,)]
    assert LEFT_OUT not in run.log
    assert "hold no transaction" not in run.log


def test_what_became_of_transactions_and_came_too_late_is_named(
    dbt: DbtProject, tmp_path: Path
) -> None:
    """Receipts of days that were loaded without them, and a column that an export got later."""
    rows = [on_day(number, day=number) for number in range(1, 11)]
    folder = tmp_path / "chain"
    write(folder / "transactions" / "a.csv", rows)
    load_chain(dbt, tmp_path, folder)
    path = folder / "receipts.csv"
    write(path, [{"transaction_hash": row["hash"], "status": 0} for row in rows])
    failed = "select count(*) from intermediate.int_events__transactions where is_failed"
    run = load_chain(dbt, tmp_path, folder)
    assert run.query(failed) == [(4,)]  # from day 7 on
    assert f"{LEFT_OUT} receipts.csv (6 rows). Run once with --full-refresh" in run.log
    path.unlink()
    write(folder / "transactions" / "b.csv", [row | {"gas_used": 5} for row in rows])
    write(folder / "transactions" / "a.csv", [row | {"gas_used": ""} for row in rows])
    run = load_chain(dbt, tmp_path, folder)
    assert f"{LEFT_OUT} transactions/b.csv (6 rows). Run" in run.log
    run = load_chain(dbt, tmp_path, folder, options=["--full-refresh"])
    assert LEFT_OUT not in load_chain(dbt, tmp_path, folder).log


def test_rows_without_a_time_that_are_gone_are_named(dbt: DbtProject, tmp_path: Path) -> None:
    """An export of ethereum-etl gives token transfers and contracts without one."""
    rows = [on_day(number, day=number) for number in range(1, 11)]
    addresses = {"token_address": account(1), "from_address": account(2), "to_address": account(3)}
    folder = chain(tmp_path / "chain", rows)
    transfers = [
        {"transaction_hash": row["hash"], "value": "1", "log_index": "1", **addresses}
        for row in rows
    ]
    write(folder / "token_transfers" / "a.csv", transfers[:4])
    write(folder / "token_transfers" / "b.csv", transfers[4:])
    write(folder / "contracts.csv", [{"address": account(number)} for number in (1, 2)])
    load_chain(dbt, tmp_path, folder)
    assert "without a time" not in load_chain(dbt, tmp_path, folder).log
    (folder / "token_transfers" / "a.csv").unlink()
    write(folder / "contracts.csv", [{"address": account(1)}])
    run = load_chain(dbt, tmp_path, folder)
    assert "that your tables hold (token_transfers: 4, contracts: 1)" in run.log
    assert "without a time" not in load_chain(dbt, tmp_path, folder).log


def test_a_load_does_not_replace_days_by_those_of_another_folder(
    dbt: DbtProject, tmp_path: Path
) -> None:
    rows = [on_day(number, day=number) for number in range(1, 11)]
    load_chain(dbt, tmp_path, chain(tmp_path / "first", rows))
    others = [on_day(100 + number, day=number) for number in range(1, 13)]
    for name, other in (("other", others), ("gone", rows[:6])):
        folder = chain(tmp_path / name, other)
        run = dbt.run(tmp_path, chain=folder, select=LOADS, incremental_loads=True)
        assert not run.success
        assert "hold no transaction of those that the tables hold from 2018-03-07" in run.log
        assert "set DUCKDB_PATH" in run.log
        assert run.query("select count(*) from intermediate.int_events__transactions") == [(10,)]
    run = load_chain(dbt, tmp_path, chain(tmp_path / "moved", rows))
    assert "hold no transaction" not in run.log
    # One day of several can be missing by mistake, or for good.
    run = load_chain(dbt, tmp_path, chain(tmp_path / "hole", rows[:7] + rows[8:]))
    assert "that the tables hold of 2018-03-08. This load replaces these days." in run.log
    assert run.query("select count(*) from intermediate.int_events__transactions") == [(9,)]


def test_bad_rows_of_a_load_stop_it_however_many_good_ones_are_there(
    dbt: DbtProject, tmp_path: Path
) -> None:
    rows = [on_day(number, day=1 + number // 50) for number in range(400)]
    load_chain(dbt, tmp_path, chain(tmp_path / "first", rows))
    bad = [on_day(number, day=12, value="much") for number in (1001, 1002, 1003)]
    good = [on_day(number, day=12) for number in range(1004, 1014)]
    run = dbt.run(
        tmp_path,
        chain=chain(tmp_path / "bad", rows + bad + good),
        select=LOADS,
        incremental_loads=True,
    )
    assert not run.success
    assert "3 of 213 rows" in run.log
    assert "unparsable value" in run.log
    repaired = chain(tmp_path / "good", rows + good)
    run = load_chain(dbt, tmp_path, repaired)
    assert run.query("select count(*) from intermediate.int_events__transactions") == [(410,)]
    assert run.query("select count(*) from marts.rejected_chain_rows") == [(0,)]


def test_a_load_refuses_to_mix_two_chains(dbt: DbtProject, tmp_path: Path) -> None:
    rows = [on_day(number, day=number) for number in range(1, 6)]
    first = chain(tmp_path / "chain", rows)
    load_chain(dbt, tmp_path, first, history_start="2018-03-02 00:00:00")
    run = dbt.run(tmp_path, chain=None, select=LOADS, incremental_loads=True)
    assert not run.success
    assert "hold files of CHAIN_DATA, but this run would read the simulated sample." in run.log
    assert "--full-refresh" in run.log
    earlier = {"history_start": "2018-03-01 00:00:00"}
    run = dbt.run(tmp_path, chain=first, select=LOADS, incremental_loads=True, **earlier)
    assert not run.success
    assert "files of CHAIN_DATA from 2018-03-02 00:00:00, but this run would read" in run.log
    assert "--full-refresh" in run.log
    # Reading less than there is needs no new tables.
    run = load_chain(dbt, tmp_path, first, history_start="2018-03-04 00:00:00")
    assert run.query("select count(*) from intermediate.int_events__transaction_events") == [(4,)]


def test_a_transaction_repeated_in_a_later_block_counts_once_in_every_load(
    dbt: DbtProject, tmp_path: Path
) -> None:
    rows = [on_day(number, day=number) for number in range(1, 21)]
    copy = on_day(9, day=11, block_number=100)
    load_chain(dbt, tmp_path, chain(tmp_path / "first", rows[:10]))
    with_copy = [*rows[:14], copy]
    for name, known in (("second", with_copy), ("third", [*rows, copy]), ("again", [*rows, copy])):
        run = load_chain(dbt, tmp_path, chain(tmp_path / name, known))
        count = len(known) - 1
        assert run.query("select count(*) from intermediate.int_events__transactions") == [(count,)]
        assert run.query(
            "select count(*), count(case when block_number = 100 then 1 end)"
            " from intermediate.int_events__transaction_events"
        ) == [(2 * count, 2)]
        assert run.query(
            "select sum(transactions) from intermediate.int_events__transaction_days"
        ) == [(count,)]
