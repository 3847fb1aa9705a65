"""Money that many people pay to one address, and how that address passes it on.

Honest collectors and scammers share this behaviour; they differ only in the parameters.
"""

from dataclasses import dataclass

import numpy as np

from maintenance.simulator import ledger, timeline
from maintenance.simulator.world import World, ragged, split, typed


@dataclass
class Collectors:
    """Addresses that collect; every column has one row per address (or one value for all)."""

    ids: np.ndarray  # int32 address id
    start: np.ndarray  # seconds, first payment
    payments: np.ndarray  # number of payments received
    spread: np.ndarray  # seconds over which the payments arrive
    eth: np.ndarray  # typical payment
    eth_sigma: np.ndarray | float  # spread of the payments, in logarithms
    typed_share: np.ndarray | float  # share of round payments
    wait: np.ndarray  # seconds from a payment to the passing on
    outs: np.ndarray  # number of payments made
    passed_on: np.ndarray  # share of the income passed on
    to_exchange: np.ndarray | float  # probability of an own deposit address as destination
    to_fresh: np.ndarray | float  # probability of a fresh address; else `hub`
    hub: np.ndarray  # int32 address id of the collecting point behind
    repeat_share: np.ndarray | float = 0.0  # payments from somebody who paid before
    button_share: np.ndarray | float = 0.0  # payments made through a payment button


def collect(world: World, group: Collectors) -> np.ndarray:
    """Let the payments arrive; return the ETH each address received."""
    rng = world.rng
    count = len(group.ids)
    owner, position = ragged(group.payments)
    elapsed = np.where(position == 0, 0, group.spread[owner] * rng.random(len(owner)) ** 1.6)
    time = group.start[owner] + elapsed
    payer_row = world.pick_wallets(time)
    again = np.flatnonzero(
        (position > 0)
        & (rng.random(len(owner)) < np.broadcast_to(group.repeat_share, count)[owner])
    )
    payer_row[again] = payer_row[again - position[again]]
    slow = group.spread[owner] > 2 * timeline.DAY
    time = np.where(slow, timeline.waking_hours(rng, time, world.wallets.zone[payer_row]), time)
    sigma = np.broadcast_to(group.eth_sigma, count)[owner]
    eth = group.eth[owner] * np.exp(sigma * rng.standard_normal(len(owner)))
    eth = typed(rng, eth, np.broadcast_to(group.typed_share, count)[owner])
    eth = np.clip(eth, 1e-4, 20_000)
    button = rng.random(len(owner)) < np.broadcast_to(group.button_share, count)[owner]
    habit = np.where(button, ledger.KIT, ledger.WALLET)
    payer = world.wallets.ids[payer_row]
    world.ledger.add(np.maximum(time, 0), payer, group.ids[owner], eth, habit=habit)
    return np.bincount(owner, eth, count)


def pass_on(
    world: World, group: Collectors, income: np.ndarray, habit: np.ndarray | int = ledger.WALLET
) -> None:
    """Let each address pay out a share of its income in `outs` parts.

    `habit` says how it chooses fees: one for all, or one per address.
    """
    rng = world.rng
    owner, _ = ragged(group.outs)
    if not len(owner):
        return
    count = len(group.ids)
    habits = np.broadcast_to(habit, count)[owner]
    share = split(rng, owner, count)
    eth = np.maximum(income * group.passed_on, 1e-4)[owner] * share - 0.000_5
    eth = typed(rng, np.maximum(eth, 1e-4), 0.15)
    wait = group.wait[owner] * rng.lognormal(0, 0.9, len(owner))
    time = group.start[owner] + group.spread[owner] * rng.random(len(owner)) ** 0.7 + wait
    sender = group.ids[owner]
    lottery = rng.random(count)[owner]  # an address keeps to one way out
    to_exchange = np.broadcast_to(group.to_exchange, count)[owner]
    to_fresh = np.broadcast_to(group.to_fresh, count)[owner]

    rows = np.flatnonzero(lottery < to_exchange)
    address = world.new(count, "deposit")[owner[rows]]
    exchange = world.pick_exchange(count)[owner[rows]]
    world.deposit(time[rows], sender[rows], address, exchange, eth[rows], habits[rows])

    rows = np.flatnonzero((lottery >= to_exchange) & (lottery < to_exchange + to_fresh))
    layer = world.new(len(rows), "layer")
    world.ledger.add(time[rows], sender[rows], layer, eth[rows], habit=habits[rows])
    moved = rng.random(len(rows)) < 0.6
    layer, after, rest = layer[moved], time[rows][moved], eth[rows][moved]
    world.deposit(
        after + rng.lognormal(np.log(group.wait[owner[rows][moved]]), 1.0),
        layer,
        world.new(len(layer), "deposit"),
        world.pick_exchange(len(layer)),
        np.maximum(rest - 0.001, rest / 2),
        habits[rows][moved],
    )

    rows = np.flatnonzero(lottery >= to_exchange + to_fresh)
    world.ledger.add(
        time[rows], sender[rows], group.hub[owner[rows]], eth[rows], habit=habits[rows]
    )
