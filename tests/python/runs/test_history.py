"""What is written down about earlier builds: what changed of an address, and when."""

from pathlib import Path

import pytest

from support.dbt_project import DbtProject, Run, transaction, write

HISTORY = "marts.address_state_changes"


@pytest.fixture
def copy(built_chain: Run, tmp_path: Path) -> Run:
    return built_chain.copied(tmp_path)


@pytest.fixture
def again(dbt: DbtProject, copy: Run, simulated_chain: Path, tmp_path: Path):
    """Run the model, or a test of it, as another build would."""

    def run(select: str = "address_state_changes", **options) -> Run:
        return dbt.run(
            tmp_path,
            chain=simulated_chain,
            labels=simulated_chain / "labels.csv",
            select=select,
            **options,
        )

    return run


def rows(run: Run) -> list[tuple]:
    return run.query(f"from {HISTORY} order by address, changed_at")


def first_alert(run: Run) -> str:
    return run.query("select address from marts.scam_alert_queue order by alert_rank limit 1")[0][0]


def test_the_first_build_writes_who_has_a_label_an_alert_or_a_profile(built_chain: Run) -> None:
    expected = built_chain.query(
        "select address, label_state, risk_tier, profile, is_alert from marts.addresses"
        " inner join marts.scam_scores using (address)"
        " left join (select address, profile from marts.investor_profiles) using (address)"
        " where label_state <> 'unlabelled' or is_alert or profile is not null order by all"
    )
    written = built_chain.query(
        f"select address, label_state, risk_tier, profile, is_alert from {HISTORY} order by all"
    )
    assert written == expected
    assert written
    opened = built_chain.query(f"select count(*) from {HISTORY} where alert_change = 'opened'")
    assert opened == built_chain.query("select count(*) from marts.scam_scores where is_alert")


def test_a_build_that_changes_nothing_adds_nothing_even_rebuilt(copy: Run, again) -> None:
    before = rows(copy)
    assert again().success
    assert rows(copy) == before
    assert again(options=["--full-refresh"]).success
    assert rows(copy) == before


def test_an_empty_build_of_a_trained_database_is_refused(copy: Run, again) -> None:
    """It would leave history and models, and nothing of what follows from them."""
    before = rows(copy)
    alerts = copy.query("from marts.scam_alert_queue order by address")
    refused = again("scam_alert_queue address_state_changes", options=["--empty"])
    assert not refused.success
    assert "A run with --empty would empty scores" in refused.log
    assert "Set DUCKDB_PATH to another file for it." in refused.log
    assert not refused.statuses
    assert rows(copy) == before
    assert copy.query("from marts.scam_alert_queue order by address") == alerts


def test_what_changed_is_one_row_more_and_earlier_rows_stay(copy: Run, again) -> None:
    before, address = rows(copy), first_alert(copy)
    copy.execute(
        "update marts.scam_scores set is_alert = false, risk_tier = 'low'"
        f" where address = '{address}'",
        # Older than the data, which is not a change of the address.
        "update marts.scam_scores set state = 'stale' where state = 'scored'",
    )
    assert again().success
    after = rows(copy)
    assert set(before) < set(after)
    ((changed_address, *_, change, is_alert, changed_at),) = set(after) - set(before)
    assert (changed_address, change, is_alert) == (address, "closed", False)
    assert changed_at > max(row[-1] for row in before)


def test_a_run_goes_on_where_a_killed_one_left_off(copy: Run, again) -> None:
    states = "select * exclude (changed_at) from marts.address_state_changes order by address"
    before = copy.query(states)
    copy.execute(f"delete from {HISTORY} where ends_with(address, 'a')")
    assert len(copy.query(states)) < len(before)
    assert again().success
    assert copy.query(states) == before


def test_a_jump_in_alerts_warns_and_the_first_alerts_do_not(copy: Run, again) -> None:
    test = "alerts_do_not_jump"
    assert again(test, tests=True).statuses[test] == "pass"
    alerts = copy.query(f"select count(*) from {HISTORY} where alert_change = 'opened'")[0][0]
    assert alerts > 60
    # Two in three were no alerts in the build before.
    copy.execute(
        f"update {HISTORY} set is_alert = false, alert_change = null"
        f" where alert_change = 'opened' and hash(address) % 3 < 2"
    )
    both = again(f"address_state_changes {test}", tests=True)
    assert both.statuses[test] == "warn"
    assert both.success


def test_a_build_writes_what_became_of_every_model(
    dbt: DbtProject, copy: Run, again, simulated_chain: Path
) -> None:
    earlier = copy.query("select count(*) from marts.build_runs")[0][0]
    run = again("address_labels int_addresses__label_states", tests=True)
    written = "select node_name, node_type, status, row_count, bytes_processed, seconds > 0"
    runs = "from marts.build_runs"
    latest = f"{runs} where started_at = (select max(started_at) {runs})"
    states = run.query("select count(*) from intermediate.int_addresses__label_states")[0][0]
    assert run.query(f"{written} {latest} order by node_name") == [
        ("address_labels", "model", "success", None, None, True),
        ("int_addresses__label_states", "model", "success", states, None, True),
    ]
    assert run.query("select count(*) from marts.build_runs")[0][0] == earlier + 2

    copy.execute("drop view marts.addresses", "drop table intermediate.int_addresses__summaries")
    assert not again("addresses scam_alert_queue+").success
    statuses = dict(run.query(f"select node_name, status {latest}"))
    assert statuses["addresses"] == "error"


def test_rows_that_a_run_deletes_and_reads_again_count_once(
    dbt: DbtProject, tmp_path: Path
) -> None:
    path = write(tmp_path / "chain" / "transactions.csv", [transaction(n) for n in range(1, 10)])
    for _ in range(2):
        run = dbt.run(
            tmp_path,
            chain=path.parent,
            select="+int_events__transaction_days build_runs",
            incremental_loads=True,
        )
        assert run.success, run.errors
    counts = "select row_count from marts.build_runs where node_name = 'stg_chain__transactions'"
    assert run.query(counts) == [(9,), (9,)]


def test_a_build_of_other_models_needs_no_history(copy: Run, again) -> None:
    copy.execute("drop table marts.build_runs")
    assert again("address_labels").success
