"""An independent version of the features of behaviour, written to be checked by reading it.

It shares no code with the SQL models: sorted lists, sets and exact fractions, one line per feature.
The SQL is compared with it column by column on generated chains.
"""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

ETHER = 10**18
HOUR = 3_600
DAY = 86_400
HUB_COUNTERPARTIES = 100


class Event(NamedTuple):
    """One side of one transaction; within a second, incoming sorts before outgoing."""

    time_seconds: int
    is_outgoing: bool
    block_number: int
    transaction_index: int
    counterparty: str | None
    value_wei: int
    is_failed: bool


class TokenEvent(NamedTuple):
    """One side of one token transfer; no value if it is too large for a number."""

    is_outgoing: bool
    counterparty: str
    token: str
    value: int | None


def window_behaviour(
    transactions: pd.DataFrame,
    token_transfers: pd.DataFrame,
    window_start: datetime,
    window_end: datetime,
    nft_contracts: Collection[str] = (),
    entities: Collection[str] = (),
) -> pd.DataFrame:
    """Features of behaviour of every address with an event in `window_start <= time < window_end`.

    `transactions` holds accepted rows, one per hash, as for `oracle.window_features`;
    `token_transfers` has token_address, from_address, to_address, value (int or None) and
    block_timestamp. Contracts are whatever tokens moved, and `nft_contracts`. Returns one row per
    address: `address` and the features of the family behaviour.
    """
    events: dict[str, list[Event]] = defaultdict(list)
    for row in _inside(transactions, window_start, window_end):
        is_failed = not pd.isna(row["receipt_status"]) and row["receipt_status"] == 0
        sender, receiver = row["from_address"], row["to_address"]
        receiver = None if pd.isna(receiver) else receiver
        time = int((row["block_timestamp"] - datetime(1970, 1, 1)).total_seconds())
        value = 0 if is_failed else int(row["value"])
        place = row["block_number"], row["transaction_index"]
        events[sender].append(Event(time, True, *place, receiver, value, is_failed))
        if receiver is not None:
            events[receiver].append(Event(time, False, *place, sender, value, is_failed))

    token_events: dict[str, list[TokenEvent]] = defaultdict(list)
    for row in _inside(token_transfers, window_start, window_end):
        sender, receiver, token = row["from_address"], row["to_address"], row["token_address"]
        token_events[sender].append(TokenEvent(True, receiver, token, row["value"]))
        token_events[receiver].append(TokenEvent(False, sender, token, row["value"]))

    counterparties = {address: others(address, events[address]) for address in events}
    imitated = look_alikes(events, token_events)
    contracts = {*token_transfers["token_address"], *nft_contracts}
    rows = []
    for address, its_events in events.items():
        its_events = sorted(its_events)
        rows.append(
            {"address": address}
            | flow(its_events)
            | amounts(its_events)
            | spread(address, its_events)
            | neighbours(address, its_events, counterparties, contracts)
            | funding(address, its_events, entities)
            | token_activity(token_events[address], nft_contracts)
            | {
                "lookalike_counterparty_count": sum(met == address for met, _ in imitated),
                "imitating_counterparty_count": sum(like == address for _, like in imitated),
            }
            | rhythm(its_events)
        )
    return pd.DataFrame(rows)


def flow(events: list[Event]) -> dict[str, float | None]:
    """How what comes in is followed by what goes out; `events` are sorted."""
    incoming = [event for event in events if not event.is_outgoing]
    outgoing = [event for event in events if event.is_outgoing]
    received = sum(event.value_wei for event in incoming)
    sent = sum(event.value_wei for event in outgoing)

    delays, passed_on_in_a_day = [], 0
    for event in outgoing:
        earlier = [e.time_seconds for e in incoming if e.time_seconds <= event.time_seconds]
        if earlier:
            delays.append(event.time_seconds - max(earlier))
            passed_on_in_a_day += event.value_wei if delays[-1] <= DAY else 0

    turns = sum(one.is_outgoing != two.is_outgoing for one, two in pairwise(events))
    before = [e for e in incoming if not outgoing or e.time_seconds <= outgoing[0].time_seconds]
    after = [e for e in incoming if outgoing and e.time_seconds > outgoing[-1].time_seconds]
    return {
        "passed_on_share": share(min(sent, received), received),
        "passed_on_within_day_share": share(min(passed_on_in_a_day, received), received),
        "sent_within_hour_share": share(sum(d <= HOUR for d in delays), len(outgoing)),
        "sent_within_day_share": share(sum(d <= DAY for d in delays), len(outgoing)),
        "first_in_to_first_out_seconds": (
            outgoing[0].time_seconds - incoming[0].time_seconds if incoming and outgoing else None
        ),
        "median_in_to_out_seconds": statistics.median(delays) if delays else None,
        "direction_change_share": share(turns, len(events) - 1),
        "received_before_first_sent_share": share(len(before), len(incoming)),
        "received_after_last_sent_share": share(len(after), len(incoming)),
        "largest_incoming_share": share(max((e.value_wei for e in incoming), default=0), received),
        "largest_outgoing_share": share(max((e.value_wei for e in outgoing), default=0), sent),
    }


def amounts(events: list[Event]) -> dict[str, float]:
    """Which values it sends and receives."""
    moving = [event for event in events if event.value_wei > 0]
    incoming = [event.value_wei for event in moving if not event.is_outgoing]
    outgoing = [event.value_wei for event in moving if event.is_outgoing]
    most_frequent = max(Counter(incoming).values(), default=0)
    return {
        "round_incoming_share": share(sum(map(is_round, incoming)), len(incoming)),
        "round_outgoing_share": share(sum(map(is_round, outgoing)), len(outgoing)),
        "repeated_incoming_value_share": share(most_frequent, len(incoming)),
        "zero_value_share": share(len(events) - len(moving), len(events)),
        "dust_share": share(sum(e.value_wei < ETHER // 100 for e in moving), len(events)),
    }


def is_round(value_wei: int) -> bool:
    """A multiple of 0.1 ETH; below 1 ETH of 0.01 ETH; below 0.1 ETH of 0.001 ETH."""
    ether = Fraction(value_wei, ETHER)
    if ether < Fraction(1, 10):
        return (ether * 1_000).denominator == 1
    return (ether * (100 if ether < 1 else 10)).denominator == 1


def spread(address: str, events: list[Event]) -> dict[str, float]:
    """How its events and value are spread over its counterparties."""
    incoming = [event for event in events if not event.is_outgoing]
    outgoing = [event for event in events if event.is_outgoing and event.counterparty is not None]
    senders = Counter(event.counterparty for event in incoming)
    recipients = Counter(event.counterparty for event in outgoing)
    met = others(address, events)
    return {
        "counterparty_count": len(met),
        "sender_concentration": herfindahl(senders),
        "recipient_concentration": herfindahl(recipients),
        "top_sender_value_share": top_share(incoming),
        "top_recipient_value_share": top_share(outgoing),
        "single_event_counterparty_share": share(
            sum(senders[other] + recipients[other] == 1 for other in met), len(met)
        ),
        "reciprocal_counterparty_share": share(len(met & set(senders) & set(recipients)), len(met)),
        "events_per_sender": share(len(incoming), len(senders)),
        "events_per_recipient": share(len(outgoing), len(recipients)),
    }


def neighbours(
    address: str,
    events: list[Event],
    counterparties: dict[str, set[str]],
    contracts: Collection[str],
) -> dict[str, float]:
    """What its counterparties are, by what they do in the same window."""
    foreign = [e for e in events if e.counterparty not in (None, address)]
    incoming = [event for event in foreign if not event.is_outgoing]
    outgoing = [event for event in foreign if event.is_outgoing]
    degrees = {other: len(counterparties[other]) for other in counterparties[address]}

    def hub_share(side: list[Event]) -> float:
        from_hubs = [e.value_wei for e in side if degrees[e.counterparty] >= HUB_COUNTERPARTIES]
        return share(sum(from_hubs), sum(event.value_wei for event in side))

    def mean_log_degree(side: list[Event]) -> float:
        logs = [math.log(degrees[other]) for other in {event.counterparty for event in side}]
        return math.fsum(logs) / len(logs) if logs else 0.0

    def leaf_share(side: list[Event]) -> float:
        others = {event.counterparty for event in side}
        return share(sum(degrees[other] == 1 for other in others), len(others))

    return {
        "contract_counterparty_share": share(len(set(degrees) & set(contracts)), len(degrees)),
        "hub_incoming_value_share": hub_share(incoming),
        "hub_outgoing_value_share": hub_share(outgoing),
        "mean_log_sender_degree": mean_log_degree(incoming),
        "mean_log_recipient_degree": mean_log_degree(outgoing),
        "leaf_sender_share": leaf_share(incoming),
        "leaf_recipient_share": leaf_share(outgoing),
    }


def funding(address: str, events: list[Event], entities: Collection[str]) -> dict[str, float]:
    """The first value that came from somebody else."""
    funds = [
        e for e in events if not e.is_outgoing and e.value_wei > 0 and e.counterparty != address
    ]
    return {
        "first_incoming_eth": funds[0].value_wei / ETHER if funds else 0.0,
        "first_funder_entity_count": int(bool(funds) and funds[0].counterparty in entities),
    }


def token_activity(events: list[TokenEvent], nft_contracts: Collection[str]) -> dict[str, float]:
    """Token transfers of any kind."""
    received = [event for event in events if not event.is_outgoing]
    empty = [event for event in received if event.value == 0 and event.token not in nft_contracts]
    return {
        "token_sent_count": len(events) - len(received),
        "token_received_count": len(received),
        "token_contract_count": len({event.token for event in events}),
        "nft_transfer_share": share(sum(e.token in nft_contracts for e in events), len(events)),
        "zero_value_token_received_share": share(len(empty), len(received)),
    }


def rhythm(events: list[Event]) -> dict[str, float]:
    """How its events are spread over its time; `events` are sorted."""
    times = [event.time_seconds for event in events]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    incoming = [event.time_seconds - times[0] for event in events if not event.is_outgoing]
    return {
        "median_interval_seconds": float(statistics.median(gaps)) if gaps else 0.0,
        "interval_within_hour_share": share(sum(gap <= HOUR for gap in gaps), len(gaps)),
        "mean_incoming_position_share": share(
            sum(incoming), len(incoming) * (times[-1] - times[0])
        ),
        "failed_share": share(sum(event.is_failed for event in events), len(events)),
        "contract_creation_count": sum(event.counterparty is None for event in events),
    }


def look_alikes(
    events: dict[str, list[Event]], token_events: dict[str, list[TokenEvent]]
) -> list[tuple[str, str]]:
    """Pairs of an address and a counterparty that looks like one it meets more often."""
    meetings: dict[str, Counter] = defaultdict(Counter)
    for sides in (events, token_events):
        for address, its_events in sides.items():
            meetings[address].update(
                e.counterparty for e in its_events if e.counterparty not in (None, address)
            )
    return [
        (address, one)
        for address, met in meetings.items()
        for one in met
        if any(look(one) == look(two) and met[one] < met[two] for two in met)
    ]


def look(address: str) -> str:
    """What a wallet shows of an address: the first and last four digits."""
    digits = address.removeprefix("0x")
    return digits[:4] + digits[-4:]


def others(address: str, events: Iterable[Event]) -> set[str]:
    """Counterparties other than itself."""
    return {event.counterparty for event in events} - {None, address}


def herfindahl(counts: Counter) -> float:
    """Sum of the squared shares; 0 of nothing."""
    return float(sum(Fraction(count, counts.total()) ** 2 for count in counts.values()))


def top_share(events: list[Event]) -> float:
    """Share of the value that one counterparty has at most."""
    values: Counter = Counter()
    for event in events:
        values[event.counterparty] += event.value_wei
    return share(max(values.values(), default=0), values.total())


def share(part: int, whole: int) -> float:
    """Exact ratio of integers, 0 where there is no whole."""
    return float(Fraction(part, whole)) if whole else 0.0


def _inside(table: pd.DataFrame, window_start: datetime, window_end: datetime) -> list[dict]:
    return [
        row
        for row in table.to_dict("records")
        if window_start <= row["block_timestamp"] < window_end
    ]
