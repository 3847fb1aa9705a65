"""Proximity to scams against an independent version, on a simulated chain.

Sets and loops instead of joins: of each address, who its counterparties are, which of them are
known scams, and which touch one.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from support.catalogue import feature_names
from support.dbt_project import DbtProject, Run, write

LATER = "2022-07-01 00:00:00"
PROXIMITY = feature_names("proximity")


@dataclass
class Ledger:
    """What one address sent to and received from each other address, oldest first."""

    sent: list[tuple[str, int]] = field(default_factory=list)
    received: list[tuple[str, int]] = field(default_factory=list)

    @property
    def others(self) -> set[str]:
        return {other for other, _ in self.sent + self.received}


def fits(run: Run) -> list[tuple[str, str]]:
    """Every fit with every window it trains or is tested on."""
    evaluations = "marts.scam_evaluations"
    return run.query(
        f"select fit_name, train_window_name from {evaluations}"
        f" union select fit_name, test_window_name from {evaluations}"
    )


def scams(run: Run, fit: str) -> set[str]:
    """Scams a fit may know, from the rows it learns from."""
    sql = "select address from intermediate.int_scam_training__examples"
    return {address for (address,) in run.query(f"{sql} where fit_name = '{fit}' and is_scam")}


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
    """Proximity of every address that has any."""
    of, known = ledgers(run, window), scams(run, fit)
    own_value = run.frame(
        "select address, total_amount_incoming as received, total_amount_outgoing as sent"
        f" from marts.address_window_features where window_name = '{window}'"
    ).set_index("address")
    rows = []
    for address, ledger in of.items():
        met = (known - {address}) & ledger.others
        neighbours = {
            other
            for other in ledger.others
            if len(of[other].others) <= 1000 and of[other].others & (known - {address, other})
        }
        if not met and not neighbours:
            continue
        sent = [value for other, value in ledger.sent if other in met]
        received = [value for other, value in ledger.received if other in met]
        funders = [other for other, value in ledger.received if value > 0]
        rows.append(
            {
                "address": address,
                "scam_counterparty_share": len(met) / len(ledger.others),
                "sent_to_scam_count": len(sent),
                "received_from_scam_count": len(received),
                "sent_to_scam_value_share": sum(sent) / (own_value.sent[address] or 1),
                "received_from_scam_value_share": sum(received)
                / (own_value.received[address] or 1),
                "scam_neighbour_count": len(neighbours),
                "scam_neighbour_share": len(neighbours) / len(ledger.others),
                "first_funder_scam_count": int(bool(funders) and funders[0] in met),
            }
        )
    return pd.DataFrame(rows, columns=["address", *PROXIMITY])


def proximities(run: Run, fit: str, window: str) -> pd.DataFrame:
    return run.frame(
        f"select address, {', '.join(PROXIMITY)} from intermediate.int_scam_training__proximities"
        f" where fit_name = '{fit}' and window_name = '{window}' order by address"
    )


def test_every_fit_and_window_equals_the_independent_version(built_chain: Run) -> None:
    pairs = fits(built_chain)
    assert {("past", "future"), ("past_rolling_65", "past"), ("random", "lifetime")} <= set(pairs)
    some = pd.concat([expected(built_chain, fit, window) for fit, window in pairs])
    assert (some[PROXIMITY].astype(float).max() > 0).all()  # nothing is compared with nothing
    assert set(
        built_chain.query(
            "select distinct fit_name, window_name from intermediate.int_scam_training__proximities"
        )
    ) <= set(pairs)
    for fit, window in pairs:
        pd.testing.assert_frame_equal(
            proximities(built_chain, fit, window),
            expected(built_chain, fit, window).sort_values("address", ignore_index=True),
            check_dtype=False,
            rtol=1e-12,
            atol=0,
            obj=f"{fit}, {window}",
        )


def test_scams_that_a_fit_was_not_trained_on_are_not_known_to_it(built_chain: Run) -> None:
    for fit, unknown in [
        (
            "random",
            "select address from intermediate.int_scam_training__candidates"
            " where address_fifth = 0",
        ),
        (
            "past",
            "select address from marts.address_labels where reported_at > ("
            "select window_end from marts.feature_windows where window_name = 'past')",
        ),
        ("lifetime", "select address from marts.address_labels where usage = 'external'"),
    ]:
        others = {address for (address,) in built_chain.query(unknown)}
        assert others
        assert not scams(built_chain, fit) & others
    assert scams(built_chain, "random") < scams(built_chain, "lifetime")


def test_examples_and_scoring_inputs_carry_the_proximity_of_their_fit(built_chain: Run) -> None:
    scored = built_chain.frame(
        f"select address, {', '.join(PROXIMITY)} from intermediate.int_scam_serving__inputs"
        " order by address"
    ).set_index("address")
    known = proximities(built_chain, "lifetime", "lifetime").set_index("address")
    # Addresses with too few events are not scored.
    near = scored.index.intersection(known.index)
    assert len(near) > 5
    pd.testing.assert_frame_equal(scored.loc[near], known.loc[near], check_dtype=False)
    assert (scored.drop(index=near) == 0).all(axis=None)
    tested = built_chain.frame(
        f"select address, {', '.join(PROXIMITY)} from intermediate.int_scam_evaluation__examples"
        " where evaluation = 'to_date' order by address"
    ).set_index("address")
    known = proximities(built_chain, "past", "lifetime").set_index("address")
    near = tested.index.intersection(known.index)
    assert len(near) > 5
    pd.testing.assert_frame_equal(tested.loc[near], known.loc[near], check_dtype=False)
    assert (tested.drop(index=near) == 0).all(axis=None)


def test_a_label_reported_later_changes_no_proximity_of_before(
    dbt: DbtProject, built_chain: Run, simulated_chain: Path, tmp_path: Path
) -> None:
    # The busiest addresses nobody has reported: whoever counts them sees it.
    busiest = built_chain.query(
        "select address from marts.address_window_features"
        " where window_name = 'past'"
        " and address not in (select address from marts.address_labels)"
        " order by counterparty_count desc, address limit 5"
    )
    labels = [
        {"address": address, "category": "phishing", "source": "planted", "reported_at": LATER}
        for (address,) in busiest
    ]
    write(tmp_path / "labels_planted.csv", labels)
    (tmp_path / "labels.csv").write_bytes((simulated_chain / "labels.csv").read_bytes())
    run = dbt.run(
        tmp_path,
        chain=simulated_chain,
        labels=tmp_path / "labels*.csv",
        select="+int_scam_training__stored_proximities +int_scam_training__examples",
    )
    assert run.success, run.errors
    assert len(scams(run, "lifetime") - scams(built_chain, "lifetime")) == 5
    assert len(proximities(run, "lifetime", "lifetime")) > len(
        proximities(built_chain, "lifetime", "lifetime")
    )
    for window in ("past", "future", "lifetime"):
        pd.testing.assert_frame_equal(
            proximities(run, "past", window), proximities(built_chain, "past", window)
        )


def test_the_first_funder_is_an_entity_if_its_label_says_so(built_chain: Run) -> None:
    entities = {
        address
        for (address,) in built_chain.query(
            "select address from marts.address_labels join marts.feature_windows"
            " on window_name = 'past' where label_kind = 'entity'"
            " and coalesce(reported_at <= window_end, true)"
            " and coalesce(valid_to > window_end, true)"
        )
    }
    of = ledgers(built_chain, "past")
    funders = {
        address: [other for other, value in of[address].received if value > 0] for address in of
    }
    flags = dict(
        built_chain.query(
            "select address, first_funder_entity_count from marts.address_window_features"
            " where window_name = 'past'"
        )
    )
    assert {0, 1} == set(flags.values())
    for address, flag in flags.items():
        others = funders.get(address)
        assert flag == int(bool(others) and others[0] in entities), address
