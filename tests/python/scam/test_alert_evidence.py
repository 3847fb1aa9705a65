"""Evidence of alerts is the same whether the last run had read their settled events or not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.dbt_project import DbtProject, Run

MODELS = (
    "int_scam_serving__alert_transactions int_scam_serving__alert_hashes"
    " int_scam_serving__alert_evidence"
)
ALERTS = "intermediate.int_scam_serving__alerts"
KNOWN = "intermediate.int_scam_serving__alert_transactions"


@pytest.fixture
def copy(built_chain: Run, tmp_path: Path) -> Run:
    return built_chain.copied(tmp_path)


@pytest.fixture
def again(dbt: DbtProject, copy: Run, simulated_chain: Path, tmp_path: Path) -> Callable[[], Run]:
    def run() -> Run:
        return dbt.run(
            tmp_path,
            chain=simulated_chain,
            labels=simulated_chain / "labels.csv",
            select=MODELS,
            incremental_loads=True,
        )

    return run


def settle(run: Run, share: float) -> None:
    """Say that events of the first days, this share of them, are settled."""
    run.execute(
        "drop view if exists intermediate.int_events__settled_events"
        if share < 0.7
        else "drop table intermediate.int_events__settled_events",
        "create table intermediate.int_events__settled_events as"
        f" select quantile_disc(block_date, {share}) as block_date, 2000 as event_bucket"
        " from intermediate.int_events__transaction_days",
    )


def evidence(run: Run) -> list[tuple]:
    return run.query("from intermediate.int_scam_serving__alert_evidence order by address")


def test_what_the_last_run_read_is_not_read_again_and_the_evidence_is_the_same(
    copy: Run, again: Callable[[], Run]
) -> None:
    expected = evidence(copy)
    assert len(expected) > 20
    copy.execute(
        f"create table all_alerts as from {ALERTS}",
        f"delete from {ALERTS} where hash(address) % 3 = 0",
    )
    settle(copy, 0.6)
    assert again().success
    some = evidence(copy)
    assert 0 < len(some) < len(expected)
    assert set(some) < set(expected)

    # Alerts come and go, and more days are settled.
    copy.execute(f"delete from {ALERTS}", f"insert into {ALERTS} from all_alerts")
    settle(copy, 0.8)
    assert again().success
    assert evidence(copy) == expected

    # What is remembered is used: without the largest of it the evidence is another.
    copy.execute(f"delete from {KNOWN} where settled_rank = 1")
    assert again().success
    assert evidence(copy) != expected
