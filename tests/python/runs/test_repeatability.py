"""The same input gives the same rows: built again, after a kill, and with --full-refresh."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from support import PROJECT_DIRECTORY
from support.dbt_project import CLOCK_COLUMNS, DbtProject, Run, assert_same_marts, marts

REGISTRIES = ["scam_models", "investor_profile_models"]


def build(dbt: DbtProject, simulated_chain: Path, directory: Path, **settings: object) -> Run:
    labels = simulated_chain / "labels.csv"
    run = dbt.run(directory, chain=simulated_chain, labels=labels, **settings)
    assert run.success, run.errors
    return run


@pytest.fixture(scope="module")
def directory(built_chain: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a copy of the first build is built again."""
    return built_chain.copied(tmp_path_factory.mktemp("again")).database.parent


@pytest.fixture(scope="module")
def clean(built_chain: Run) -> dict[str, pd.DataFrame]:
    """Every mart after the first build of a chain with scams, profiles and scores."""
    built = marts(built_chain)
    for name in ("scam_models", "scam_raw_scores", "investor_profiles", "scam_model_metrics"):
        assert len(built[name]) > 0
    return built


def test_a_second_build_gives_the_same_rows_and_no_new_run(
    dbt: DbtProject, simulated_chain: Path, directory: Path, clean: dict[str, pd.DataFrame]
) -> None:
    # Times of fits and scores included: nothing is fitted or scored again.
    assert_same_marts(marts(build(dbt, simulated_chain, directory)), clean)


@pytest.fixture
def refreshed(dbt: DbtProject, simulated_chain: Path, directory: Path) -> Callable[..., Run]:
    """Makes models again with --full-refresh, in the database of the first build."""
    return partial(build, dbt, simulated_chain, directory, options=["--full-refresh"])


def test_full_refresh_keeps_trained_runs(
    refreshed: Callable[..., Run], clean: dict[str, pd.DataFrame]
) -> None:
    run = refreshed(select=" ".join(REGISTRIES))
    assert set(run.statuses) >= set(REGISTRIES)
    kept = marts(run)
    for name in REGISTRIES:
        pd.testing.assert_frame_equal(kept[name], clean[name])


def test_full_refresh_keeps_the_policies_of_a_run(
    refreshed: Callable[..., Run], clean: dict[str, pd.DataFrame]
) -> None:
    run = refreshed(
        select="int_scam_evaluation__queue_groups int_scam_evaluation__policies"
        " int_scam_evaluation__measured_policies",
        alert_on_contracts=False,
    )
    pd.testing.assert_frame_equal(marts(run)["scam_policies"], clean["scam_policies"])


KILLED = "scam_models"


def test_a_build_that_is_killed_while_it_trains_is_completed_by_the_next(
    dbt: DbtProject, simulated_chain: Path, tmp_path: Path, clean: dict[str, pd.DataFrame]
) -> None:
    database = tmp_path / "warehouse.duckdb"
    labels = simulated_chain / "labels.csv"
    # Up to training in this process, which is quicker.
    build(dbt, simulated_chain, tmp_path, select=f"+{KILLED}", options=["--exclude", KILLED])
    with subprocess.Popen(
        [
            *(Path(sys.executable).with_name("dbt"), "build", "--select", KILLED),
            *("--exclude-resource-type", "test", "unit_test", *dbt.options({})),
        ],
        cwd=PROJECT_DIRECTORY,
        env=os.environ | dbt.environment(database, simulated_chain, labels),
        stdout=subprocess.PIPE,
        text=True,
    ) as killed:
        for line in killed.stdout:
            if f"START python incremental model marts.{KILLED}" in line:
                break
        killed.kill()
    assert killed.returncode < 0

    half = Run(success=False, database=database, messages=[], errors=[], statuses={})
    examples = "select count(*) > 0 from intermediate.int_scam_training__examples"
    assert half.query(examples) == [(True,)]
    assert not {KILLED, "scam_scores"} & set(half.marts())

    assert_same_marts(marts(build(dbt, simulated_chain, tmp_path)), clean, ignoring=CLOCK_COLUMNS)
