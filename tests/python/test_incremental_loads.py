"""Loaded by days, a chain gives the rows of one full build, whatever came late, twice or was cut off."""

from pathlib import Path

import pandas as pd
import pytest
from dbt_project import CLOCK_COLUMNS, DbtProject, Run, assert_same_marts, marts, write

SLICES = 5
BY_DAY = ["transactions", "token_transfers", "contracts", "blocks"]

# Everything SQL makes before a model is trained, and what is remembered about the load.
FEATURES = "+address_features +int_scam_evaluation_examples +int_investor_features +int_chain_state"


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


@pytest.fixture(scope="module")
def full(
    dbt: DbtProject, simulated_chain: Path, simulated_slices: list[Path], tmp_path_factory
) -> Run:
    """One full build of the whole chain, with training."""
    return dbt.run(
        tmp_path_factory.mktemp("full"),
        chain=simulated_slices[-1],
        labels=simulated_chain / "labels.csv",
    )


def test_five_loads_by_day_give_the_rows_of_one_full_build(
    dbt: DbtProject, simulated_chain: Path, simulated_slices: list[Path], full: Run, tmp_path: Path
) -> None:
    labels = simulated_chain / "labels.csv"
    for chain in simulated_slices[:-1]:
        run = load(dbt, tmp_path, chain, labels)
    settled = "select count(*), count(address_key) from intermediate.int_settled_events"
    (rows, events), *_ = run.query(settled)
    assert events > 0
    assert rows - events == SLICES - 1  # each load has marked the day it settled up to

    run = load(dbt, tmp_path, simulated_slices[-1], labels, select="")
    assert_same_marts(marts(run), marts(full), ignoring=CLOCK_COLUMNS)

    loaded = marts(run)
    again = load(dbt, tmp_path, simulated_slices[-1], labels, select="")
    assert_same_marts(marts(again), loaded)
