"""What is worth a look but no reason to stop warns, and the sample has nothing of the kind."""

from pathlib import Path

import pytest

from support.dbt_project import DbtProject, Run


@pytest.fixture
def outcome(dbt: DbtProject, built_chain: Run, simulated_chain: Path, tmp_path: Path):
    """Status of a data test after a statement, and whether the command succeeded."""

    def run(test: str, statement: str = "", chain: Path | None = simulated_chain, **variables):
        copy = built_chain.copied(tmp_path)
        if statement:
            copy.execute(statement)
        tested = dbt.run(tmp_path, chain=chain, select=test, tests=True, **variables)
        return tested.statuses[test], tested.success

    return run


def test_a_rejected_row_warns(outcome) -> None:
    test = "no_input_row_is_rejected"
    assert outcome(test) == ("pass", True)
    planted = (
        "insert into intermediate.int_events__rejected_chain_rows by name"
        " select 'transactions' as table_name, '0x1' as row_key, 'value=-5' as row_values,"
        " 'value is negative' as rejection_reason, 1 as number_of_rows"
    )
    assert outcome(test, planted) == ("warn", True)


def test_a_feature_that_drifted_to_act_warns(outcome) -> None:
    test = "model_inputs_do_not_drift"
    update = "update marts.model_drift set drift_level = '{}'"
    assert outcome(test, update.format("watch")) == ("pass", True)
    assert outcome(test, update.format("act")) == ("warn", True)
    # What no model that scores sees may drift.
    unseen = (
        " where feature_name in"
        " (select feature_name from marts.features where is_of_absolute_time or is_of_coverage)"
    )
    assert outcome(test, update.format("act") + unseen) == ("pass", True)


def test_old_data_warn_unless_they_are_the_sample_or_meant_to_be_old(outcome) -> None:
    test = "chain_data_is_recent"
    # The simulated chain ends years ago.
    assert outcome(test) == ("warn", True)
    assert outcome(test, max_data_age_days=None) == ("pass", True)
    assert outcome(test, chain=None) == ("pass", True)
    today = "update intermediate.int_events__transaction_days set block_date = current_date - {}"
    assert outcome(test, today.format(6)) == ("pass", True)
    assert outcome(test, today.format(9)) == ("warn", True)


def test_the_tests_that_warn_are_these(dbt: DbtProject) -> None:
    tests = [
        node
        for node in dbt.parsed(is_sample=True).nodes.values()
        if str(node.resource_type) == "test"
    ]
    assert {test.name for test in tests if test.config.severity.lower() == "warn"} == {
        "alerts_do_not_jump",
        "chain_data_is_recent",
        "model_inputs_do_not_drift",
        "no_input_row_is_rejected",
        "the_public_chain_has_no_day_without_transactions",
    }
