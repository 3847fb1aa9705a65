"""Exposure to scams against an independent version, on a simulated chain.

Sets and loops instead of joins: of each address, who its counterparties are, which of them are
known scams, and which touch one.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

from support.dbt_project import DbtProject, Run, write

CUTOFF = "2022-01-01 00:00:00"
LATER = "2022-07-01 00:00:00"
EXPOSURE = [
    "scam_counterparty_share",
    "sent_to_scam_count",
    "received_from_scam_count",
    "sent_to_scam_value_share",
    "received_from_scam_value_share",
    "scam_neighbour_count",
    "scam_neighbour_share",
    "is_first_funder_scam",
]


@dataclass
class Ledger:
    """What one address sent to and received from each other address, oldest first."""

    sent: list[tuple[str, int]] = field(default_factory=list)
    received: list[tuple[str, int]] = field(default_factory=list)

    @property
    def others(self) -> set[str]:
        return {other for other, _ in self.sent + self.received}


@pytest.fixture(scope="module")
def built(dbt: DbtProject, simulated_chain: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return build(dbt, simulated_chain, simulated_chain / "labels.csv", tmp_path_factory)


def build(
    dbt: DbtProject, chain: Path, labels: Path | str, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    run = dbt.run(
        tmp_path_factory.mktemp("exposures"),
        chain=chain,
        labels=labels,
        select="+int_scam_evaluation__examples +int_scam_serving__inputs",
        time_cutoff=CUTOFF,
    )
    assert run.success, run.errors
    return run


def fits(run: Run) -> list[tuple[str, str]]:
    """Every fit with every window it trains or is tested on."""
    views = "intermediate.int_scam_training__evaluations"
    return run.query(
        f"select fit_name, train_window_name from {views}"
        f" union select fit_name, test_window_name from {views} where test_window_name is not null"
    )


def seeds(run: Run, fit: str) -> set[str]:
    """Scams a fit may know, from the rows it learns from."""
    sql = "select address from intermediate.int_scam_training__examples"
    return {
        address
        for (address,) in run.query(
            f"{sql} where fit_name = '{fit}' and split = 'train' and is_scam"
        )
    }


def ledgers(run: Run, window: str) -> dict[str, Ledger]:
    """Events with others of every address in a window."""
    events = run.query(
        "select owner.address, other.address, events.value_wei, events.is_outgoing"
        " from intermediate.int_features__window_events as events"
        " join intermediate.int_features__windows as windows using (window_id)"
        " join intermediate.int_addresses__keys as owner using (address_key)"
        " join intermediate.int_addresses__keys as other"
        "   on events.counterparty_key = other.address_key"
        f" where windows.window_name = '{window}' and owner.address <> other.address"
        " order by events.block_timestamp, events.block_number, events.transaction_index"
    )
    found: dict[str, Ledger] = defaultdict(Ledger)
    for owner, other, value, is_outgoing in events:
        side = found[owner].sent if is_outgoing else found[owner].received
        side.append((other, int(value)))
    return found


def expected(run: Run, fit: str, window: str) -> pd.DataFrame:
    """Exposure of every address that has any."""
    of, known = ledgers(run, window), seeds(run, fit)
    own_value = run.frame(
        "select address, total_amount_incoming as received, total_amount_outgoing as sent"
        f" from marts.address_window_features where window_name = '{window}'"
    ).set_index("address")
    rows = []
    for address, ledger in of.items():
        scams = (known - {address}) & ledger.others
        neighbours = {
            other
            for other in ledger.others
            if len(of[other].others) <= 1000 and of[other].others & (known - {address, other})
        }
        if not scams and not neighbours:
            continue
        sent = [value for other, value in ledger.sent if other in scams]
        received = [value for other, value in ledger.received if other in scams]
        funders = [other for other, value in ledger.received if value > 0]
        rows.append(
            {
                "address": address,
                "scam_counterparty_share": len(scams) / len(ledger.others),
                "sent_to_scam_count": len(sent),
                "received_from_scam_count": len(received),
                "sent_to_scam_value_share": sum(sent) / (own_value.sent[address] or 1),
                "received_from_scam_value_share": sum(received)
                / (own_value.received[address] or 1),
                "scam_neighbour_count": len(neighbours),
                "scam_neighbour_share": len(neighbours) / len(ledger.others),
                "is_first_funder_scam": int(bool(funders) and funders[0] in scams),
            }
        )
    return pd.DataFrame(rows, columns=["address", *EXPOSURE])


def exposures(run: Run, fit: str, window: str) -> pd.DataFrame:
    return run.frame(
        f"select address, {', '.join(EXPOSURE)} from intermediate.int_scam_training__proximities"
        f" where fit_name = '{fit}' and window_name = '{window}' order by address"
    )


def test_every_fit_and_window_equals_the_independent_version(built: Run) -> None:
    pairs = fits(built)
    assert ("time", "future") in pairs
    some = pd.concat([expected(built, fit, window) for fit, window in pairs])
    assert (some[EXPOSURE].astype(float).max() > 0).all()  # nothing is compared with nothing
    assert set(
        built.query(
            "select distinct fit_name, window_name from intermediate.int_scam_training__proximities"
        )
    ) <= set(pairs)
    for fit, window in pairs:
        pd.testing.assert_frame_equal(
            exposures(built, fit, window),
            expected(built, fit, window).sort_values("address", ignore_index=True),
            check_dtype=False,
            rtol=1e-12,
            atol=0,
            obj=f"{fit}, {window}",
        )


def test_scams_that_judge_a_fit_are_no_seeds(built: Run) -> None:
    keys = (
        "select addresses.address from intermediate.int_scam_training__proximity_seeds as seeds"
        " join intermediate.int_addresses__keys as addresses using (address_key)"
        " where seeds.fit_name = "
    )
    for fit, judging in [("random", "('validation', 'test')"), ("time", "('validation')")]:
        known = {address for (address,) in built.query(f"{keys} '{fit}'")}
        assert known == seeds(built, fit)
        splits = (
            f"select address from intermediate.int_scam_training__splits where split in {judging}"
        )
        external = "select address from marts.address_labels where usage = 'external'"
        assert not known & {address for (address,) in built.query(f"{splits} union {external}")}


def test_examples_and_scoring_inputs_carry_the_exposure_of_their_fit(built: Run) -> None:
    scored = built.frame(
        f"select address, {', '.join(EXPOSURE)} from intermediate.int_scam_serving__inputs"
        " order by address"
    ).set_index("address")
    known = exposures(built, "lifetime", "lifetime").set_index("address")
    pd.testing.assert_frame_equal(scored.loc[known.index], known, check_dtype=False)
    assert (scored.drop(index=known.index) == 0).all(axis=None)
    tested = built.frame(
        f"select address, {', '.join(EXPOSURE)} from intermediate.int_scam_evaluation__examples"
        " where view = 'time_to_date' and split = 'test' order by address"
    ).set_index("address")
    known = exposures(built, "time", "to_date").set_index("address")
    exposed = tested.index.intersection(known.index)
    assert len(exposed) > 5
    pd.testing.assert_frame_equal(tested.loc[exposed], known.loc[exposed], check_dtype=False)
    assert (tested.drop(index=exposed) == 0).all(axis=None)


def test_a_label_reported_later_or_for_judging_changes_no_exposure(
    dbt: DbtProject,
    built: Run,
    simulated_chain: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # The busiest addresses nobody has reported: whoever counts them sees it.
    busiest = built.query(
        "select features.address from marts.address_window_features as features"
        " join intermediate.int_scam_training__splits as splits using (address)"
        " where features.window_name = 'past' and splits.split = 'train'"
        " and features.address not in (select address from marts.address_labels)"
        " order by features.counterparty_count desc, features.address limit 5"
    )
    labels = [
        {"address": address, "category": "phishing", "source": "planted", "reported_at": LATER}
        for (address,) in busiest
    ]
    planted = tmp_path_factory.mktemp("labels")
    write(planted / "labels_planted.csv", labels)
    (planted / "labels.csv").write_bytes((simulated_chain / "labels.csv").read_bytes())
    run = build(dbt, simulated_chain, planted / "labels*.csv", tmp_path_factory)
    assert len(seeds(run, "lifetime") - seeds(built, "lifetime")) == 5
    assert len(exposures(run, "lifetime", "lifetime")) > len(
        exposures(built, "lifetime", "lifetime")
    )
    for window in ("past", "future", "to_date"):
        pd.testing.assert_frame_equal(
            exposures(run, "time", window), exposures(built, "time", window)
        )


def test_the_first_funder_is_an_entity_if_its_label_says_so(built: Run) -> None:
    entities = {
        address
        for (address,) in built.query(
            "select address from marts.address_labels join marts.feature_windows"
            " on window_name = 'past' where label_kind = 'entity'"
            " and coalesce(reported_at <= labels_known_at, true)"
            " and coalesce(valid_to > labels_known_at, true)"
        )
    }
    of = ledgers(built, "past")
    funders = {
        address: [other for other, value in of[address].received if value > 0] for address in of
    }
    flags = dict(
        built.query(
            "select address, is_first_funder_entity from marts.address_window_features"
            " where window_name = 'past'"
        )
    )
    assert {0, 1} == set(flags.values())
    for address, flag in flags.items():
        others = funders.get(address)
        assert flag == int(bool(others) and others[0] in entities), address
