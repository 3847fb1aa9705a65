"""Planted future transactions and labels change nothing that training sees."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from support.dbt_project import DbtProject, Run, account, transaction, write

CUTOFF = "2022-01-01 00:00:00"
AFTER_CUTOFF = "2022-07-01 00:00:00"
AFTER_CHAIN_END = "2023-06-01 00:00:00"
NEW_ADDRESS = account(1)


@dataclass(frozen=True)
class Planted:
    """Unlabelled addresses with transactions before the cutoff, and what is planted on them."""

    pays_and_is_reported_later: str
    is_paid_later: str
    is_reported_after_the_end: str
    is_listed_externally_later: str


@pytest.fixture(scope="module")
def planted(simulated_chain: Path) -> Planted:
    addresses = duckdb.sql(
        f"""
        select from_address
        from '{simulated_chain}/transactions.csv'
        where
            block_timestamp < '{CUTOFF}'
            and from_address not in (select address from '{simulated_chain}/labels.csv')
        group by from_address
        order by count(*) desc, from_address
        limit 4
        """
    ).fetchall()
    return Planted(*(address for (address,) in addresses))


@pytest.fixture(scope="module")
def before(dbt: DbtProject, simulated_chain: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = dbt.run(
        tmp_path_factory.mktemp("before"),
        chain=simulated_chain,
        labels=simulated_chain / "labels.csv",
        select="+int_scam_evaluation__examples",
        time_cutoff=CUTOFF,
    )
    assert run.success, run.errors
    return run


@pytest.fixture(scope="module")
def after(
    dbt: DbtProject,
    simulated_chain: Path,
    planted: Planted,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    directory = tmp_path_factory.mktemp("after")
    chain = directory / "chain"
    shutil.copytree(simulated_chain, chain)
    (chain / "transactions").mkdir()
    (chain / "transactions.csv").rename(chain / "transactions/simulated.csv")
    payer = planted.pays_and_is_reported_later
    write(
        chain / "transactions/planted.csv",
        [
            transaction(number, from_address=payer, to_address=to, block_timestamp=AFTER_CUTOFF)
            for number, to in enumerate([planted.is_paid_later, NEW_ADDRESS])
        ],
    )
    write(
        chain / "labels_planted.csv",
        [
            {"address": address, "category": "phishing", "source": "planted"}
            | {"reported_at": reported_at, "usage": usage}
            for address, reported_at, usage in [
                (payer, AFTER_CUTOFF, "training"),
                (planted.is_reported_after_the_end, AFTER_CHAIN_END, "training"),
                (planted.is_listed_externally_later, AFTER_CUTOFF, "external"),
            ]
        ],
    )
    run = dbt.run(
        directory,
        chain=chain,
        labels=chain / "labels*.csv",
        select="+int_scam_evaluation__examples",
        time_cutoff=CUTOFF,
    )
    assert run.success, run.errors
    return run


def features(run: Run, window: str) -> pd.DataFrame:
    sql = f"select * from marts.address_window_features where window_name = '{window}'"
    return run.frame(f"{sql} order by address").set_index("address")


def time_examples(run: Run) -> pd.DataFrame:
    sql = "select * from intermediate.int_scam_training__examples where fit_name = 'time'"
    return run.frame(f"{sql} order by address").set_index("address")


def test_the_planted_rows_are_seen_after_the_cutoff(
    before: Run, after: Run, planted: Planted
) -> None:
    payer, paid = planted.pays_and_is_reported_later, planted.is_paid_later
    for window in ("future", "to_date", "lifetime"):
        now, then = features(after, window), features(before, window)
        for address, events in [(payer, 2), (paid, 1), (NEW_ADDRESS, 1)]:
            assert now.tx_count[address] == then.tx_count.get(address, 0) + events
        assert now.is_scam[payer]
        assert not then.is_scam.get(payer, False)


def test_the_past_ends_at_the_given_cutoff(before: Run) -> None:
    ends = "select cast(window_end as text) from marts.feature_windows where window_name = 'past'"
    assert before.query(ends) == [(CUTOFF,)]


def test_features_of_the_past_do_not_change(before: Run, after: Run) -> None:
    past = features(before, "past")
    assert len(past) > 500
    assert past.last_event_at.max() < pd.Timestamp(CUTOFF)
    assert past.is_scam.any()
    pd.testing.assert_frame_equal(features(after, "past"), past)


def test_training_examples_of_the_time_view_do_not_change(
    before: Run, after: Run, planted: Planted
) -> None:
    examples = time_examples(before)
    assert examples.is_scam.any()
    # An address on an external list leaves training, whenever it was listed. Whether it has any
    # label is how it came into the sample and decides its weight; no model sees it.
    expected = examples.drop(index=planted.is_listed_externally_later)
    pd.testing.assert_frame_equal(
        time_examples(after).drop(columns="is_labelled"), expected.drop(columns="is_labelled")
    )


def test_a_label_reported_after_a_window_is_not_used_in_it(after: Run, planted: Planted) -> None:
    known = after.query(
        "select windows.window_name, windows.labels_known_at >= labels.reported_at,"
        " features.is_scam"
        " from marts.address_labels as labels"
        " join marts.address_window_features as features using (address)"
        " join marts.feature_windows as windows using (window_name)"
        " where labels.source = 'planted' and labels.usage = 'training'"
    )
    assert {(should, does) for _, should, does in known} == {(True, True), (False, False)}
    late = planted.is_reported_after_the_end
    assert not features(after, "lifetime").is_scam[late]
    assert after.query(f"select count(*) from marts.address_labels where address = '{late}'") == [
        (1,)
    ]


def test_external_labels_neither_train_nor_are_negatives(after: Run, planted: Planted) -> None:
    external = "(select address from marts.address_labels where usage = 'external')"
    listed = {address for (address,) in after.query(f"from {external}")}
    assert planted.is_listed_externally_later in listed
    assert len(listed) > 5
    trained = after.frame("from intermediate.int_scam_training__examples")
    assert not listed & set(trained.address)
    evaluated = after.frame("from intermediate.int_scam_evaluation__examples")
    evaluated = evaluated[evaluated.address.isin(listed)]
    assert set(evaluated["view"]) == {"external"}
    assert evaluated.is_scam.all()
