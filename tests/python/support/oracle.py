"""An independent version of the feature dictionary, written to be checked by reading it.

It shares no code with the SQL models: loops, Python integers and `statistics.median`, one line
per dictionary entry. The SQL is compared with it column by column on generated chains.
"""

import calendar
import math
import statistics
from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

INTEGER_COLUMNS = [
    "in_degree",
    "out_degree",
    "unique_in_degree",
    "unique_out_degree",
    "tx_count",
    "incoming_count",
    "outgoing_count",
]

DICTIONARY_COLUMNS = [
    "in_degree",
    "out_degree",
    "unique_in_degree",
    "unique_out_degree",
    "avg_amount_incoming",
    "total_amount_incoming",
    "max_amount_incoming",
    "min_amount_incoming",
    "avg_amount_outgoing",
    "total_amount_outgoing",
    "max_amount_outgoing",
    "min_amount_outgoing",
    "avg_time_incoming",
    "avg_time_outgoing",
    "total_tx_time",
    "active_duration",
    "mean_time_interval",
    "max_time_interval",
    "min_time_interval",
    "burstiness",
    "tx_count",
    "activity_density",
    "incoming_count",
    "outgoing_count",
    "in_out_ratio",
    "hour_mean",
    "hour_entropy",
    "last_seen",
    "recency",
    "avg_gas_price",
    "avg_gas_limit",
]

# An entropy near zero is a difference of numbers near one, so its error is absolute.
ABSOLUTE_TOLERANCE = {"hour_entropy": 1e-12}


class Event(NamedTuple):
    """One side of one transaction, as one address sees it."""

    is_incoming: bool
    counterparty: str | None
    value_wei: int
    time_seconds: int
    hour: int
    gas_limit: int | None
    gas_price_wei: int | None


def deduplicate(transactions: pd.DataFrame) -> pd.DataFrame:
    """Keep one row per hash: the highest block, then a known status, then the lowest index."""
    kept = {}
    for row in transactions.to_dict("records"):
        other = kept.get(row["hash"])
        if other is None or _precedence(row) > _precedence(other):
            kept[row["hash"]] = row
    return pd.DataFrame(kept.values(), columns=transactions.columns, dtype=object)


def window_features(
    transactions: pd.DataFrame, window_start: datetime, window_end: datetime
) -> pd.DataFrame:
    """Dictionary columns of every address with an event in `window_start <= time < window_end`.

    `transactions` holds accepted rows, one per hash: hash, from_address, to_address (None for a
    contract creation), value (wei, Python int), gas, gas_price, receipt_status (int or None),
    block_timestamp (UTC without zone, whole seconds). Returns one row per address with the
    columns `address` and `DICTIONARY_COLUMNS`: amounts in wei, times in seconds since the
    window's first transaction.
    """
    inside = [
        row
        for row in transactions.to_dict("records")
        if window_start <= row["block_timestamp"] < window_end
    ]
    if not inside:
        return pd.DataFrame(columns=["address", *DICTIONARY_COLUMNS])

    times = [_epoch_seconds(row["block_timestamp"]) for row in inside]
    origin = min(times)
    data_end = max(times)

    events: dict[str, list[Event]] = defaultdict(list)
    for row, time in zip(inside, times, strict=True):
        sender = row["from_address"]
        receiver = None if pd.isna(row["to_address"]) else row["to_address"]
        side = {
            "value_wei": 0 if _is_failed(row) else int(row["value"]),
            "time_seconds": time - origin,
            "hour": row["block_timestamp"].hour,
            "gas_limit": _integer_or_none(row["gas"]),
            "gas_price_wei": _integer_or_none(row["gas_price"]),
        }
        events[sender].append(Event(is_incoming=False, counterparty=receiver, **side))
        if receiver is not None:
            events[receiver].append(Event(is_incoming=True, counterparty=sender, **side))

    rows = [
        {"address": address, **address_features(events[address], data_end - origin)}
        for address in sorted(events)
    ]
    return pd.DataFrame(rows, columns=["address", *DICTIONARY_COLUMNS])


def address_features(events: list[Event], data_end_seconds: int) -> dict[str, float | int | None]:
    """Dictionary entries of one address from all its events in the window (at least one)."""
    incoming = [event for event in events if event.is_incoming]
    outgoing = [event for event in events if not event.is_incoming]
    times = sorted(event.time_seconds for event in events)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    active_duration = times[-1] - times[0]

    return {
        "in_degree": len(incoming),
        "out_degree": len(outgoing),
        "unique_in_degree": _distinct_counterparties(incoming),
        "unique_out_degree": _distinct_counterparties(outgoing),
        "avg_amount_incoming": _mean([event.value_wei for event in incoming]),
        "total_amount_incoming": float(sum(event.value_wei for event in incoming)),
        "max_amount_incoming": float(max((event.value_wei for event in incoming), default=0)),
        "min_amount_incoming": float(min((event.value_wei for event in incoming), default=0)),
        "avg_amount_outgoing": _mean([event.value_wei for event in outgoing]),
        "total_amount_outgoing": float(sum(event.value_wei for event in outgoing)),
        "max_amount_outgoing": float(max((event.value_wei for event in outgoing), default=0)),
        "min_amount_outgoing": float(min((event.value_wei for event in outgoing), default=0)),
        "avg_time_incoming": _mean([event.time_seconds for event in incoming]),
        "avg_time_outgoing": _mean([event.time_seconds for event in outgoing]),
        "total_tx_time": float(sum(gaps)),
        "active_duration": float(active_duration),
        "mean_time_interval": _mean(gaps),
        "max_time_interval": float(max(gaps, default=0)),
        "min_time_interval": float(min(gaps, default=0)),
        "burstiness": _burstiness(gaps),
        "tx_count": len(events),
        "activity_density": len(events) / (active_duration + 1),
        "incoming_count": len(incoming),
        "outgoing_count": len(outgoing),
        "in_out_ratio": (len(incoming) + 1) / (len(outgoing) + 1),
        "hour_mean": _mean([event.hour for event in events]),
        "hour_entropy": _entropy_bits([event.hour for event in events]),
        "last_seen": float(times[-1]),
        "recency": float(data_end_seconds - times[-1]),
        "avg_gas_price": _mean_of_known([event.gas_price_wei for event in events]),
        "avg_gas_limit": _mean_of_known([event.gas_limit for event in events]),
    }


def compare(actual: pd.DataFrame, expected: pd.DataFrame, rtol: float = 1e-12) -> None:
    """Raise AssertionError naming the first address and column where the two tables differ.

    Both have a column `address`; the columns of `expected` are compared, `actual` may have more.
    Counts and text must be equal, other numbers within `rtol` relative; NULL equals only NULL.
    """
    missing = [column for column in expected.columns if column not in actual.columns]
    assert not missing, f"columns missing: {', '.join(missing)}"

    found = sorted(actual["address"])
    wanted = sorted(expected["address"])
    twice = [address for address, count in Counter(found).items() if count > 1]
    assert not twice, f"{twice[0]} has more than one row"
    absent = [address for address in wanted if address not in set(found)]
    assert not absent, f"{absent[0]} has no row, expected one"
    surplus = [address for address in found if address not in set(wanted)]
    assert not surplus, f"{surplus[0]} has a row, expected none"

    actual_rows = {row["address"]: row for row in actual.to_dict("records")}
    expected_rows = {row["address"]: row for row in expected.to_dict("records")}
    for address in wanted:
        for column in expected.columns:
            got = actual_rows[address][column]
            want = expected_rows[address][column]
            assert _same(got, want, column, rtol), (
                f"{address}, {column}: got {got!r}, expected {want!r}"
            )


def _precedence(row: dict) -> tuple[int, bool, int]:
    return row["block_number"], not pd.isna(row["receipt_status"]), -row["transaction_index"]


def _epoch_seconds(timestamp: datetime) -> int:
    assert timestamp.microsecond == 0, "block times are whole seconds"
    return calendar.timegm(timestamp.timetuple())


def _is_failed(row: dict) -> bool:
    return not pd.isna(row["receipt_status"]) and row["receipt_status"] == 0


def _integer_or_none(number: object) -> int | None:
    return None if pd.isna(number) else int(number)


def _distinct_counterparties(events: list[Event]) -> int:
    return len({event.counterparty for event in events if event.counterparty is not None})


def _mean(numbers: list[int]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


def _mean_of_known(numbers: list[int | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return _mean(known) if known else None


def _burstiness(gaps: list[int]) -> float:
    if len(gaps) < 2:
        return 0.0
    median_gap = statistics.median(gaps)
    return max(gaps) / median_gap if median_gap else float(max(gaps))


def _entropy_bits(values: list[int]) -> float:
    shares = [count / len(values) for count in Counter(values).values()]
    return -sum(share * math.log2(share) for share in shares)


def _same(got: object, want: object, column: str, rtol: float) -> bool:
    if pd.isna(got) or pd.isna(want):
        return bool(pd.isna(got) and pd.isna(want))
    if isinstance(want, str) or column in INTEGER_COLUMNS:
        return bool(got == want)
    atol = ABSOLUTE_TOLERANCE.get(column, 0.0)
    return math.isclose(float(got), float(want), rel_tol=rtol, abs_tol=atol)
