"""What you set must not fail a test of the project: a unit test sets the vars it depends on."""

from pathlib import Path

import yaml

from support import PROJECT_DIRECTORY
from support.dbt_project import DbtProject, Run

OTHER_SETTINGS = {
    "history_start": "2015-08-01",
    "late_block_days": 9,
    "days_per_load": 10,
    "development_days": 9,
    "time_cutoff": "2020-01-01",
    "rolling_cutoff_percents": [30],
    "lead_time_cutoffs": 3,
    "negatives": "labelled",
    "least_events": 5,
    "train_on_reviews": True,
    "unlabelled_sample_percent": 50,
    "min_ether_balance": 5,
    "profile_sample_size": 500,
    "max_rejected_share": 0.5,
    "max_data_age_days": None,
    "search": "full",
    "max_scored_addresses": 1,
    "bootstrap_replicates": 10,
    "alert_budget": 7,
    "alert_on_contracts": False,
    "alerts_with_evidence": 1,
    "max_alerts": 1,
}

# The first makes tables of other columns, the second names a run that there must be, and the others
# change nothing on DuckDB.
LEFT_OUT = {
    "incremental_loads",
    "champion_run_id",
    "bigquery_chain_source",
    "label_table",
    "review_table",
    "graph_on_bigquery",
}


def test_every_unit_test_holds_with_every_var_off_its_default(
    dbt: DbtProject, built_chain: Run
) -> None:
    run = dbt.unit_tests(built_chain, **OTHER_SETTINGS)
    passed = [name for name, status in run.statuses.items() if status == "pass"]
    assert len(passed) > 100
    assert run.success, run.errors


def test_every_data_test_holds_with_every_var_off_its_default(
    dbt: DbtProject, simulated_chain: Path, tmp_path: Path
) -> None:
    labels = simulated_chain / "labels.csv"
    quick = OTHER_SETTINGS | {"search": "quick"}
    run = dbt.run(tmp_path, chain=simulated_chain, labels=labels, tests=True, **quick)
    passed = [name for name, status in run.statuses.items() if status == "pass"]
    assert len(passed) > 400
    assert run.success, run.errors


def test_every_var_is_set_to_another_value() -> None:
    project = yaml.safe_load((PROJECT_DIRECTORY / "dbt_project.yml").read_text())
    assert OTHER_SETTINGS.keys() == project["vars"].keys() - LEFT_OUT
    assert not [name for name, value in OTHER_SETTINGS.items() if value == project["vars"][name]]
