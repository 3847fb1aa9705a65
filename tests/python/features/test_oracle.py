"""The oracle against numbers worked out by hand, one rule of the dictionary a test."""

from datetime import datetime, timedelta
from functools import partial

import pandas as pd
import pytest
from hypothesis import given

from support.catalogue import feature_catalogue, feature_names
from support.oracle import (
    DICTIONARY_COLUMNS,
    INTEGER_COLUMNS,
    compare,
    deduplicate,
    window_features,
)
from support.strategies import Case, cases, hand_made_chain, transaction_hash

A = "0x" + "a" * 40
B = "0x" + "b" * 40
C = "0x" + "c" * 40
DAY = datetime(2017, 6, 1)
WINDOW = (DAY, DAY + timedelta(days=1))


chain = partial(hand_made_chain, DAY)


def features(*transactions: dict, of: str = A) -> dict:
    """Dictionary columns of one address in the day's window."""
    table = window_features(chain(*transactions), *WINDOW)
    return table.set_index("address").loc[of].to_dict()


def at(*seconds: int) -> list[dict]:
    """One transaction at each of these seconds of the day."""
    return [{"seconds": second} for second in seconds]


def test_degrees_count_events_of_each_side():
    sent_two_received_one = [{}, {"to_address": C}, {"from_address": C, "to_address": A}]
    row = features(*sent_two_received_one)
    assert (row["in_degree"], row["out_degree"], row["tx_count"]) == (1, 2, 3)
    assert (row["incoming_count"], row["outgoing_count"]) == (1, 2)


def test_unique_degrees_count_distinct_counterparties():
    row = features({}, {}, {"to_address": C}, {"from_address": B, "to_address": A})
    assert (row["unique_in_degree"], row["unique_out_degree"]) == (1, 2)


def test_self_transfer_is_one_incoming_and_one_outgoing_event():
    row = features({"to_address": A, "value": 7, "seconds": 30})
    assert (row["in_degree"], row["out_degree"], row["tx_count"]) == (1, 1, 2)
    assert (row["unique_in_degree"], row["unique_out_degree"]) == (1, 1)
    assert (row["total_amount_incoming"], row["total_amount_outgoing"]) == (7.0, 7.0)
    assert (row["active_duration"], row["activity_density"]) == (0.0, 2.0)


def test_creation_is_an_outgoing_event_without_counterparty():
    table = window_features(chain({"to_address": None, "value": 3}), *WINDOW)
    assert list(table["address"]) == [A]
    row = table.iloc[0]
    assert (row["in_degree"], row["out_degree"]) == (0, 1)
    assert row["unique_out_degree"] == 0
    assert row["total_amount_outgoing"] == 3.0


def test_failed_transaction_is_an_event_with_value_zero():
    row = features({"value": 40}, {"value": 100, "receipt_status": 0}, of=B)
    assert row["in_degree"] == 2
    assert row["total_amount_incoming"] == 40.0
    assert row["avg_amount_incoming"] == 20.0
    assert row["min_amount_incoming"] == 0.0


def test_null_status_counts_as_success():
    assert features({"receipt_status": None}, of=B)["total_amount_incoming"] == 10.0


def test_amounts_of_each_side_and_zero_where_there_is_no_event():
    row = features({"value": 5}, {"value": 10}, {"value": 30})
    assert row["avg_amount_outgoing"] == 15.0
    assert row["total_amount_outgoing"] == 45.0
    assert row["max_amount_outgoing"] == 30.0
    assert row["min_amount_outgoing"] == 5.0
    for name in ("avg", "total", "max", "min"):
        assert row[f"{name}_amount_incoming"] == 0.0


def test_amounts_are_summed_exactly():
    row = features({"value": 2**60}, *[{"value": 1} for _ in range(256)])
    assert row["total_amount_outgoing"] == float(2**60 + 256)


def test_times_are_seconds_since_the_first_transaction_of_the_window():
    first_by_others = {"from_address": C, "seconds": 100}
    row = features(first_by_others, *at(160, 200, 420))
    assert row["avg_time_outgoing"] == 160.0  # the mean of 60, 100 and 320
    assert row["avg_time_incoming"] == 0.0


def test_gaps_between_consecutive_events():
    row = features(*at(60, 0, 10))
    assert row["total_tx_time"] == 60.0
    assert row["active_duration"] == 60.0
    assert row["mean_time_interval"] == 30.0
    assert row["max_time_interval"] == 50.0
    assert row["min_time_interval"] == 10.0


def test_gaps_run_over_both_sides_together():
    row = features({}, {"from_address": B, "to_address": A, "seconds": 20}, *at(100))
    assert (row["min_time_interval"], row["max_time_interval"]) == (20.0, 80.0)


def test_one_event_has_no_gaps():
    row = features(*at(5))
    for name in ("total_tx_time", "active_duration", "mean_time_interval"):
        assert row[name] == 0.0
    assert (row["max_time_interval"], row["min_time_interval"]) == (0.0, 0.0)
    assert row["burstiness"] == 0.0


@pytest.mark.parametrize(
    ("seconds", "burstiness"),
    [
        ((0, 90), 0.0),  # two events
        ((0, 10, 60), 50 / 30),  # gaps 10, 50: the median is their mean
        ((0, 10, 30, 90), 3.0),  # gaps 10, 20, 60
        ((0, 0, 0, 90), 90.0),  # gaps 0, 0, 90: the median is 0
        ((5, 5, 5), 0.0),  # all gaps are 0
    ],
)
def test_burstiness_is_the_largest_gap_over_the_median_gap(seconds, burstiness):
    assert features(*at(*seconds))["burstiness"] == pytest.approx(burstiness, rel=1e-15)


def test_activity_density_is_events_per_second():
    assert features(*at(0, 4, 9))["activity_density"] == 0.3


def test_in_out_ratio():
    sent_three = features({}, {}, {})
    assert sent_three["in_out_ratio"] == 0.25
    assert features({}, {}, {}, of=B)["in_out_ratio"] == 4.0


def test_hours_are_of_the_day_in_utc():
    row = features(*at(3_599, 3_600, 7_200, 7_201))  # hours 0, 1, 2, 2
    assert row["hour_mean"] == 1.25
    assert row["hour_entropy"] == 1.5  # shares 1/4, 1/4, 1/2


def test_hour_entropy_of_a_single_hour_is_zero():
    assert features(*at(0, 60, 120))["hour_entropy"] == 0.0


def test_last_seen_and_recency_count_from_origin_and_data_end():
    before, own, after = at(100, 150, 900)
    row = features({**before, "from_address": C}, own, {**after, "from_address": C})
    assert (row["last_seen"], row["recency"]) == (50.0, 750.0)


def test_gas_is_the_mean_over_all_events_with_known_gas():
    row = features(
        {"gas": 21_000, "gas_price": 4},
        {"gas": 50_000, "gas_price": 8, "from_address": B, "to_address": A},
        {"gas": None, "gas_price": None},
    )
    assert (row["avg_gas_limit"], row["avg_gas_price"]) == (35_500.0, 6.0)


def test_gas_is_null_where_the_input_has_none():
    row = features({"gas": None, "gas_price": None})
    assert pd.isna(row["avg_gas_limit"])
    assert pd.isna(row["avg_gas_price"])


def test_window_is_half_open():
    table = window_features(
        chain(*at(-1), {"to_address": C, "seconds": 0}, *at(86_399, 86_400)), *WINDOW
    )
    rows = table.set_index("address")
    assert rows.loc[A, "out_degree"] == 2
    assert rows.loc[A, "recency"] == 0.0
    assert rows.loc[A, "last_seen"] == 86_399.0
    assert rows.loc[C, "recency"] == 86_399.0


def test_window_without_transactions_has_no_rows_but_all_columns():
    table = window_features(chain(*at(-1)), *WINDOW)
    assert table.empty
    assert list(table.columns) == ["address", *DICTIONARY_COLUMNS]


def test_duplicate_with_the_highest_block_number_counts():
    row = {"hash": transaction_hash(0)}
    kept = deduplicate(
        chain(
            {**row, "value": 1, "block_number": 7, "transaction_index": 0},
            {**row, "value": 2, "block_number": 9, "transaction_index": 5},
            {**row, "value": 3, "block_number": 9, "transaction_index": 4},
            {**row, "value": 4, "block_number": 8, "transaction_index": 0},
        )
    )
    assert list(kept["value"]) == [3]


def test_identical_duplicates_count_once():
    row = {"hash": transaction_hash(0), "transaction_index": 0}
    assert len(deduplicate(chain(row, row, {}))) == 2


def test_compare_names_address_column_and_both_numbers():
    expected = window_features(chain({}), *WINDOW)
    compare(expected.assign(further=1), expected)
    wrong = expected.copy()
    wrong.loc[wrong["address"] == B, "total_amount_incoming"] = 11.0
    with pytest.raises(AssertionError, match=f"{B}, total_amount_incoming: got 11.0, expected 10"):
        compare(wrong, expected)
    with pytest.raises(AssertionError, match=f"{B} has no row"):
        compare(expected[expected["address"] != B], expected)
    with pytest.raises(AssertionError, match=f"{B} has a row"):
        compare(expected, expected[expected["address"] != B])
    with pytest.raises(AssertionError, match="more than one row"):
        compare(pd.concat([expected, expected]), expected)
    with pytest.raises(AssertionError, match="columns missing: recency"):
        compare(expected.drop(columns="recency"), expected)


def test_compare_tells_null_from_zero():
    expected = window_features(chain({"gas": None}), *WINDOW)
    with pytest.raises(AssertionError, match="avg_gas_limit"):
        compare(expected.assign(avg_gas_limit=0.0), expected)


def test_the_oracle_has_the_columns_of_the_catalogue():
    assert feature_names("dictionary") == DICTIONARY_COLUMNS
    integers = [
        feature["name"] for feature in feature_catalogue() if feature["data_type"] == "int64"
    ]
    assert [name for name in integers if name in DICTIONARY_COLUMNS] == INTEGER_COLUMNS


@given(cases())
def test_every_transaction_is_two_events_but_a_creation_one(case: Case):
    counted = deduplicate(case.transactions)
    inside = counted[counted["block_timestamp"].between(case.window_start, case.window_end, "left")]
    table = window_features(counted, case.window_start, case.window_end)
    assert table["tx_count"].sum() == 2 * len(inside) - inside["to_address"].isna().sum()
    assert table["out_degree"].sum() == len(inside)
