"""Loaded by days on BigQuery SQL, the sample gives the rows of one full build.

A load finds the chain as it was on a day: the tables as they end then, without a block that
came late, once with a day that was sent twice. The first one trains, the others are daily runs.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from dbt_on_emulator import DATASET, EmulatedProject
from emulator import running_emulator
from parity import Mart, as_table, compare

from support.dbt_project import SMALL_CHAIN

TIMES = {
    "sample_transactions": "block_timestamp",
    "sample_token_transfers": "block_timestamp",
    "sample_contracts": "block_timestamp",
    "sample_blocks": "timestamp",
}
ENDS = ["2018-06-01", "2020-01-01", "2021-03-01", "2022-06-01", "9999-01-01"]

# Everything SQL makes before a model is trained, and what is remembered about the load.
MADE = [
    "address_features",
    "int_scam_evaluation__examples",
    "int_events__chain_state",
    "int_features__fold_state",
    "int_features__catalogue",
]

# What a daily run makes of it.
DAILY = [name for name in MADE if name != "int_scam_evaluation__examples"]

# Days that are settled before the run, and addresses whose features it computes.
ADDED = (
    f"select (select max(counted_before) from {DATASET}_intermediate.int_features__fold_bounds)"
    f" as counted_before, (select count(*) from"
    f" {DATASET}_intermediate.int_features__changed_addresses) as addresses"
)

SETTLED = (
    f"select count(address_key) as events from {DATASET}_intermediate.int_events__settled_events"
)

COMPARED = {
    "marts": [Mart("address_features", ["address"])],
    "intermediate": [
        Mart("int_events__transaction_events", ["transaction_key", "is_outgoing"]),
        Mart("int_events__transaction_days", ["block_date"]),
        Mart("int_events__transaction_hashes", ["transaction_key", "block_date"]),
        Mart("int_addresses__token_activity", ["address_key"]),
        Mart("int_addresses__contracts", ["address_key"]),
        Mart("int_addresses__summaries", ["address"]),
        Mart("int_features__window_addresses", ["window_name", "address"]),
        Mart("int_features__window_extents", ["window_name"]),
        Mart("int_scam_evaluation__examples", ["evaluation", "fit_name", "address"]),
    ],
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedProject]:
    """An emulator of its own with nothing but the seeds."""
    directory: Path = tmp_path_factory.mktemp("loads")
    with running_emulator(directory / "emulator.log") as emulator:
        project = EmulatedProject(directory, emulator, SMALL_CHAIN)
        seeds = project.build("--select", "resource_type:seed")
        assert not seeds.failures(), seeds.failures()
        yield project
        project.close()


def run(warehouse: EmulatedProject, made: list[str], *options: str) -> None:
    """Run models and everything they are made of."""
    select = [f"+{name}" for name in made]
    excluded = ("--exclude-resource-type", "seed", "test", "unit_test")
    built = warehouse.build("--select", *select, *excluded, *options)
    assert not built.failures(), built.failures()


def show_until(warehouse: EmulatedProject, end: str, is_whole: bool, has_a_day_twice: bool) -> None:
    """Make the sample the chain as it was when it ended before `end`."""
    for table, time in TIMES.items():
        name = f"{DATASET}_seeds.{table}"
        kept = f"select * from {DATASET}_seeds.whole_{table} where {time} < timestamp '{end}'"
        warehouse.query(f"create or replace table {name} as {kept}")
    name = f"{DATASET}_seeds.sample_transactions"
    last_day = f"(select max(date(block_timestamp)) from {name})"
    on_last_day = f"where date(block_timestamp) = {last_day}"
    if not is_whole:
        late = f"(select min(block_number) from {name} {on_last_day})"
        warehouse.query(f"delete from {name} where block_number = {late}")
    if has_a_day_twice:
        warehouse.query(f"insert into {name} select * from {name} {on_last_day}")


def rows(warehouse: EmulatedProject) -> dict[str, pa.Table]:
    return {
        mart.name: warehouse.table(f"{DATASET}_{schema}.{mart.name}")
        for schema, marts in COMPARED.items()
        for mart in marts
    }


def lifetime(warehouse: EmulatedProject) -> pa.Table:
    """Lifetime features but for those that a daily run leaves to training."""
    name = f"{DATASET}_intermediate.int_features__catalogue"
    left = warehouse.query(f"select feature_name from {name} where refreshed_with_training")
    features = warehouse.table(f"{DATASET}_intermediate.int_features__window_addresses")
    keys = set(zip(*features.select(["window_name", "address"]).to_pydict().values(), strict=True))
    assert len(keys) == features.num_rows  # those of backtests are not counted again
    features = features.filter(pc.equal(features["window_name"], "lifetime"))
    return features.drop_columns(left["feature_name"].to_pylist())


def test_five_loads_by_day_give_the_rows_of_one_full_build(
    warehouse: EmulatedProject, report: list[str]
) -> None:
    for table in TIMES:
        name = f"{DATASET}_seeds.{table}"
        warehouse.query(f"create table {DATASET}_seeds.whole_{table} as select * from {name}")
    events, counted = [], []
    for number, end in enumerate(ENDS):
        is_last = number == len(ENDS) - 1
        show_until(warehouse, end, is_whole=is_last, has_a_day_twice=number == 3)
        if number == 0:
            run(warehouse, MADE)
        else:
            run(warehouse, DAILY, "--exclude", "tag:train")
        events.append(warehouse.query(SETTLED).to_pylist()[0]["events"])
        counted += warehouse.query(ADDED).to_pylist()
    assert events == sorted(set(events))  # each load settles days
    # From the third load on a run adds to what is settled, for the addresses that changed.
    assert [each["counted_before"] is None for each in counted] == [True] * 2 + [False] * 3
    added = lifetime(warehouse)
    assert 0 < counted[-1]["addresses"] < added.num_rows

    run(warehouse, MADE)
    by_day = rows(warehouse)
    run(warehouse, MADE, "--full-refresh")
    assert warehouse.query(SETTLED).to_pylist() == [{"events": 0}]
    whole = rows(warehouse)
    in_a_daily_run = compare(Mart("lifetime", ["address"]), added, lifetime(warehouse))
    assert in_a_daily_run.problems == []
    comparisons = [
        compare(mart, by_day[mart.name], whole[mart.name])
        for marts in COMPARED.values()
        for mart in marts
    ]
    report += ["", "Five loads by day against one full build, on the emulator"]
    report += as_table(comparisons)
    report += as_table([in_a_daily_run])
    assert all(each.rows > 0 for each in comparisons)
    assert {each.name: each.problems for each in comparisons if each.problems} == {}
