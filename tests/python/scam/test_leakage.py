"""Planted future transactions and labels change nothing that was known before."""

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from support.dbt_project import DbtProject, Run, account, transaction, write

LATER = "2022-07-01 00:00:00"
AFTER_CHAIN_END = "2023-06-01 00:00:00"
NEW_ADDRESS = account(1)

# Of evaluations only the training addresses are tested on what the past knew.
EARLIER_FITS = "fit_name in ('past', 'past_rolling_50', 'past_rolling_65')"


@dataclass(frozen=True)
class Planted:
    """Unlabelled addresses, and what is planted on them."""

    pays_and_is_reported_later: str
    is_paid_later: str
    is_reported_after_the_end: str
    is_listed_externally_later: str
    funds_many_and_is_an_entity_later: str


@pytest.fixture(scope="module")
def planted(built_chain: Run) -> Planted:
    unlabelled = "address not in (select address from marts.address_labels)"
    funders = built_chain.query(
        "select address from intermediate.int_features__address_first_funders as funders"
        " join marts.feature_windows as windows using (window_id)"
        " join intermediate.int_addresses__keys as keys on funders.funder_key = keys.address_key"
        f" where window_name = 'past_rolling_50' and {unlabelled}"
        " group by address order by count(*) desc, address limit 1"
    )
    busiest = built_chain.query(
        "select address from marts.address_window_features"
        f" where window_name = 'past_rolling_50' and {unlabelled}"
        f" and address <> '{funders[0][0]}'"
        " order by out_degree desc, address limit 4"
    )
    return Planted(*(address for (address,) in busiest + funders))


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
    payer = planted.pays_and_is_reported_later
    payments = [
        transaction(number, from_address=payer, to_address=to, block_timestamp=LATER)
        for number, to in enumerate([planted.is_paid_later, NEW_ADDRESS])
    ]
    with (simulated_chain / "transactions.csv").open() as file:
        columns = next(csv.reader(file))
    # A file has the columns of its siblings.
    write(
        chain / "transactions/planted.csv",
        [{name: payment.get(name, "") for name in columns} for payment in payments],
    )
    # As many others are gone, so that cutoffs, which are quantiles, stay where they were.
    (chain / "transactions.csv").unlink()
    duckdb.sql(
        f"""
        copy (
            from read_csv('{simulated_chain}/transactions.csv', all_varchar = true)
            where hash not in (
                select hash from read_csv('{simulated_chain}/transactions.csv', all_varchar = true)
                where
                    block_timestamp > '{LATER}'
                    and from_address not in {(payer, planted.is_paid_later)}
                    and to_address not in {(payer, planted.is_paid_later)}
                order by block_timestamp
                limit {len(payments)}
            )
        ) to '{chain}/transactions/simulated.csv'
        """
    )
    write(
        chain / "labels_planted.csv",
        [
            {"address": address, "category": category, "source": "planted"}
            | {"reported_at": reported_at, "usage": usage}
            for address, category, reported_at, usage in [
                (payer, "phishing", LATER, "training"),
                (planted.is_reported_after_the_end, "phishing", AFTER_CHAIN_END, "training"),
                (planted.is_listed_externally_later, "phishing", LATER, "external"),
                (planted.funds_many_and_is_an_entity_later, "exchange", LATER, "training"),
            ]
        ],
    )
    run = dbt.run(
        directory,
        chain=chain,
        labels=chain / "labels*.csv",
        select="+int_scam_training__examples +int_scam_evaluation__examples feature_windows"
        " address_window_features address_labels",
    )
    assert run.success, run.errors
    return run


def features(run: Run, window: str) -> pd.DataFrame:
    sql = f"select * from marts.address_window_features where window_name = '{window}'"
    return run.frame(f"{sql} order by address").set_index("address")


def test_the_planted_rows_are_seen_afterwards(
    built_chain: Run, after: Run, planted: Planted
) -> None:
    payer, paid = planted.pays_and_is_reported_later, planted.is_paid_later
    for window in ("future", "lifetime"):
        now, then = features(after, window), features(built_chain, window)
        for address, events in [(payer, 2), (paid, 1), (NEW_ADDRESS, 1)]:
            assert now.tx_count[address] == then.tx_count.get(address, 0) + events
    now, then = features(after, "lifetime"), features(built_chain, "lifetime")
    known = now.first_funder_entity_count.reindex(then.index)
    assert (known > then.first_funder_entity_count).sum() > 1
    assert (known >= then.first_funder_entity_count).all()
    labels = (
        "select address, is_scam from intermediate.int_scam_training__labels"
        " join marts.feature_windows on labels_known_at = window_end"
        " where window_name = 'lifetime'"
    )
    assert (payer, True) in after.query(labels)


def test_features_of_every_window_that_ended_before_do_not_change(
    built_chain: Run, after: Run
) -> None:
    ended = f"select window_name from marts.feature_windows where window_end <= '{LATER}'"
    names = [name for (name,) in built_chain.query(f"{ended} order by 1")]
    # The others are those of lead_time.
    assert {"past", "past_rolling_50", "past_rolling_65"} < set(names)
    for name in names:
        before = features(built_chain, name)
        assert len(before) > 500
        pd.testing.assert_frame_equal(features(after, name), before, obj=name)


def test_windows_that_ended_before_do_not_move(built_chain: Run, after: Run) -> None:
    sql = f"from marts.feature_windows where window_end <= '{LATER}' order by window_name"
    pd.testing.assert_frame_equal(after.frame(sql), built_chain.frame(sql))


def test_labels_known_before_do_not_change(built_chain: Run, after: Run) -> None:
    sql = (
        "from intermediate.int_scam_training__labels where labels_known_at <="
        f" '{LATER}' order by all"
    )
    before = built_chain.frame(sql)
    assert before.is_scam.any()
    windows = built_chain.query(
        f"select count(*) from marts.feature_windows where window_end <= '{LATER}'"
    )
    assert windows == [(before.labels_known_at.nunique(),)]
    pd.testing.assert_frame_equal(after.frame(sql), before)


def test_training_examples_of_earlier_fits_do_not_change(
    built_chain: Run, after: Run, planted: Planted
) -> None:
    sql = f"from intermediate.int_scam_training__examples where {EARLIER_FITS}"
    before, now = (
        run.frame(f"{sql} order by fit_name, address").set_index("address")
        for run in (built_chain, after)
    )
    assert before.groupby("fit_name").is_scam.any().to_dict() == dict.fromkeys(
        ("past", "past_rolling_50", "past_rolling_65"), True
    )
    # An address on an external list leaves training, whenever it was listed. Whether it has any
    # label is how it came into the sample and decides its weight; no model sees it.
    expected = before.drop(index=planted.is_listed_externally_later)
    pd.testing.assert_frame_equal(
        now.drop(columns="is_labelled"), expected.drop(columns="is_labelled")
    )


def test_what_earlier_fits_are_validated_on_does_not_change(
    built_chain: Run, after: Run, planted: Planted
) -> None:
    sql = (
        "from intermediate.int_scam_evaluation__examples"
        f" where evaluation = 'validation' and {EARLIER_FITS} order by fit_name, address"
    )
    before = built_chain.frame(sql).set_index("address")
    assert len(before) > 1000
    pd.testing.assert_frame_equal(
        after.frame(sql).set_index("address"),
        before.drop(index=planted.is_listed_externally_later),
    )


def test_a_label_counts_from_its_report_on(after: Run, planted: Planted) -> None:
    known = after.query(
        "select windows.window_end >= planted.reported_at, coalesce(labels.is_scam, false)"
        " from marts.address_labels as planted"
        " join marts.feature_windows as windows on true"
        " left join intermediate.int_scam_training__labels as labels"
        "   on windows.window_end = labels.labels_known_at and planted.address = labels.address"
        " where planted.source = 'planted' and planted.label_kind = 'scam'"
        " and planted.usage = 'training'"
    )
    assert set(known) == {(True, True), (False, False)}
    late = planted.is_reported_after_the_end
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
    assert set(evaluated["evaluation"]) == {"external"}
    assert evaluated.is_scam.all()


def test_the_past_ends_at_a_given_cutoff(
    dbt: DbtProject, simulated_chain: Path, tmp_path: Path
) -> None:
    run = dbt.run(
        tmp_path, chain=simulated_chain, select="+int_features__windows", time_cutoff=LATER
    )
    assert run.success, run.errors
    ends = (
        "select window_name, cast(window_end as text) from intermediate.int_features__windows"
        " where window_name like 'past%' and window_name not like 'past_to%' order by window_end"
    )
    found = run.query(ends)
    assert [name for name, _ in found] == ["past_rolling_50", "past_rolling_65", "past"]
    assert found[-1] == ("past", LATER)
