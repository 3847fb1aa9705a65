"""Data tests about leaks fail where a leak is planted into a copy of a built database."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.dbt_project import DbtProject, Run

TRAINED = "no_metric_contains_an_address_its_model_was_trained_on"
ENTITY = "no_feature_uses_an_entity_label_of_a_later_time"


@pytest.fixture
def outcome(
    dbt: DbtProject, built_chain: Run, simulated_chain: Path, tmp_path: Path
) -> Callable[[str, str], tuple[str, list[str]]]:
    """Status of a data test after a statement, and what dbt said."""
    copy = built_chain.copied(tmp_path)

    def run(test: str, statement: str = "") -> tuple[str, list[str]]:
        if statement:
            copy.execute(statement)
        tested = dbt.run(
            tmp_path,
            chain=simulated_chain,
            labels=simulated_chain / "labels.csv",
            tests=True,
            select=test,
        )
        return tested.statuses[test], tested.errors

    return run


@pytest.mark.parametrize(
    ("evaluation", "is_caught"), [("future", True), ("deployed", True), ("random", False)]
)
def test_a_trained_address_scored_by_its_own_model_is_caught(
    outcome: Callable, evaluation: str, is_caught: bool
) -> None:
    # Addresses of the evaluation random trained no model: there it is no fault.
    status, errors = outcome(
        TRAINED,
        "update marts.scam_evaluation_scores set is_held_out = false where (address, fit_name) in ("
        "  select address, fit_name from marts.scam_evaluation_scores"
        f"  where evaluation = '{evaluation}' and is_held_out = {str(is_caught).lower()}"
        "  order by address limit 1"
        f") and evaluation = '{evaluation}' and feature_set = 'all' and model_name = 'xgboost'",
    )
    assert status == ("fail" if is_caught else "pass"), errors


def test_an_entity_reported_after_the_window_that_counts_it_is_caught(
    outcome: Callable[[str, str], str],
) -> None:
    assert outcome(ENTITY)[0] == "pass"
    status, errors = outcome(
        ENTITY,
        "update intermediate.int_addresses__labels set reported_at = ("
        "  select max(window_end) from marts.feature_windows where window_name = 'past'"
        ") + interval 1 second where label_kind = 'entity' and address in ("
        "  select address from intermediate.int_features__address_first_funders as funders"
        "  join intermediate.int_addresses__keys as keys on funders.funder_key = keys.address_key"
        "  where first_funder_entity_count = 1"
        ")",
    )
    assert status == "fail", errors
