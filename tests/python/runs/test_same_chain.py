"""A database holds one chain: what was learnt of simulated data never scores real addresses."""

from pathlib import Path

import pytest

from support.dbt_project import DbtProject, Run, transaction, write

STAGED = "+base_chain__transactions sample_transactions"

MODELS = "marts.scam_models"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "chain" / "transactions.csv", [transaction(1)])
    return tmp_path / "chain"


def run(dbt: DbtProject, database: Path, chain: Path | None, *options: str) -> Run:
    return dbt.run(database, chain=chain, select=STAGED, options=options)


@pytest.mark.parametrize("is_sample_first", [True, False])
def test_a_database_of_one_chain_is_not_read_into_from_another(
    dbt: DbtProject, folder: Path, tmp_path: Path, is_sample_first: bool
) -> None:
    first, second = (None, folder) if is_sample_first else (folder, None)
    names = ["the simulated sample", "files of CHAIN_DATA"]
    held, read = names if is_sample_first else reversed(names)
    assert run(dbt, tmp_path, first).success
    assert run(dbt, tmp_path, first).success

    stopped = run(dbt, tmp_path, second)
    assert not stopped.success
    assert f"The tables hold {held}, but this run would read {read}. Set DUCKDB_PATH" in stopped.log
    assert "or start over with --full-refresh" in stopped.log
    assert not stopped.statuses

    assert run(dbt, tmp_path, second, "--full-refresh").success
    assert run(dbt, tmp_path, second).success


def test_a_full_refresh_does_not_give_trained_models_other_data(
    dbt: DbtProject, folder: Path, tmp_path: Path
) -> None:
    """It keeps them, and the model of the sample would stay champion."""
    built = run(dbt, tmp_path, None)
    built.execute(
        "create schema if not exists marts", f"create table {MODELS} as select 'r' as run_id"
    )
    for options in ((), ("--full-refresh",)):
        stopped = run(dbt, tmp_path, folder, *options)
        assert not stopped.success
        assert "--full-refresh does not help: trained models and history would stay." in stopped.log
    assert run(dbt, tmp_path, None, "--full-refresh").success


def test_a_daily_run_on_files_does_not_score_with_the_model_of_the_sample(
    dbt: DbtProject, built_chain: Run, tmp_path: Path
) -> None:
    """And the other way round."""
    copy = built_chain.copied(tmp_path)
    scores = "select * from marts.scam_scores order by address"
    before = copy.frame(scores)
    daily = ["--exclude", "tag:train", "tag:graph"]
    stopped = dbt.run(tmp_path, chain=None, options=daily)
    assert not stopped.success
    assert "this run would read the simulated sample. Set DUCKDB_PATH" in stopped.log
    assert "--full-refresh does not help" in stopped.log
    assert copy.frame(scores).equals(before)
