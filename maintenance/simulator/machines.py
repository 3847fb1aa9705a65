"""Actors that never sleep: bots, mining pools, airdrops and the exchanges' own vaults."""

import numpy as np

from maintenance.simulator import ledger, timeline
from maintenance.simulator.world import World, ragged, split, typed

_MERGE = 180_000_000  # seconds from 2017-01-01 to shortly before the Merge


def run(world: World) -> None:
    """Let all machines work."""
    _bots(world)
    _pool_payouts(world)
    _vaults(world)
    _airdrops(world)


def _bots(world: World) -> None:
    rng = world.rng
    count = max(4, world.transactions // 7_000)
    bots = world.new(count, "bot")
    total = int(0.055 * world.transactions)
    weight = split(rng, np.zeros(count, dtype=int), 1)
    owner, _ = ragged(np.maximum((weight * total).astype(np.int64), 1))
    start = np.maximum(timeline.random_times(rng, count), 1.9 * timeline.YEAR)
    life = rng.lognormal(np.log(40), 1.0, count) * timeline.DAY
    start = np.minimum(start, timeline.SPAN - life * 0.5)
    time = np.maximum(start[owner] + life[owner] * rng.random(len(owner)), 1.86 * timeline.YEAR)
    open_routers = np.searchsorted(world.router_start, time)
    router = world.routers[(open_routers * rng.random(len(owner))).astype(np.int64)]
    eth = np.where(rng.random(len(owner)) < 0.25, rng.lognormal(-1, 1, len(owner)), 0.0)
    rows = world.ledger.add(time, bots[owner], router, eth, ledger.SWAP, ledger.BOT)
    traded = np.flatnonzero(rng.random(len(owner)) < 0.3)
    token = world.tokens.pick(time[traded])
    amount = rng.lognormal(5, 2, len(traded))
    world.tokens.transfer(rows[traded], token, router[traded], bots[owner[traded]], amount)


def _pool_payouts(world: World) -> None:
    rng = world.rng
    count = max(10, world.transactions // 200)
    miners = world.new(count, "miner")
    pool = rng.integers(0, len(world.pools), count)
    payouts = np.minimum(1 + (rng.pareto(1.4, count) * 3).astype(np.int64), 400)
    owner, position = ragged(payouts)
    start = timeline.random_times(rng, count)
    period = rng.choice([1.0, 2.0, 7.0, 14.0], count) * timeline.DAY
    pool_hour = rng.integers(0, 24, len(world.pools)) * timeline.HOUR
    day = np.floor((start[owner] + position * period[owner]) / timeline.DAY) * timeline.DAY
    time = day + pool_hour[pool[owner]] + rng.integers(0, 5_400, len(owner))
    time = np.where(time < _MERGE, time, 2 * timeline.SPAN)
    threshold = rng.choice([0.05, 0.1, 0.2, 0.5, 1.0], count)
    eth = threshold[owner] * rng.lognormal(0.1, 0.12, len(owner))
    world.ledger.add(time, world.pools[pool[owner]], miners[owner], eth, habit=ledger.EXCHANGE)
    # Every few payouts a miner sells.
    sold = np.flatnonzero(rng.random(len(owner)) < 0.18)
    seller = owner[sold]
    who, slot = np.unique(seller, return_inverse=True)
    address = world.new(len(who), "deposit")[slot]
    world.deposit(
        time[sold] + rng.random(len(sold)) * 3 * timeline.DAY,
        miners[seller],
        address,
        world.pick_exchange(count)[seller],
        eth[sold] * rng.uniform(0.8, 5, len(sold)),
    )


def _vaults(world: World) -> None:
    rng = world.rng
    count = max(20, world.transactions // 150)
    time = timeline.random_times(rng, count)
    exchange = world.pick_exchange(count)
    eth = rng.lognormal(6.8, 1.4, count) * np.exp(-0.3 * timeline.year_of(time))
    eth = typed(rng, np.minimum(eth, 100_000), 0.7)
    inward = rng.random(count) < 0.6
    hot, cold = world.hot_wallet(exchange), world.cold_wallets[exchange]
    world.ledger.add(
        time, np.where(inward, hot, cold), np.where(inward, cold, hot), eth, habit=ledger.EXCHANGE
    )


def _airdrops(world: World) -> None:
    rng = world.rng
    count = max(4, world.transactions // 5_000)
    operators = world.new(count, "airdropper")
    batches = rng.integers(1, 6, count)
    owner, _ = ragged(batches)
    start = timeline.random_times(rng, count)
    time = start[owner] + rng.random(len(owner)) * timeline.DAY
    token = world.tokens.pick(start)[owner]
    contract = world.tokens.ids[token]
    rows = world.ledger.add(time, operators[owner], contract, 0.0, ledger.BATCH)
    batch, _ = ragged(rng.integers(5, 30, len(rows)))
    recipient = world.wallets.ids[world.pick_wallets(time[batch])]
    fresh = np.flatnonzero(rng.random(len(batch)) < 0.15)
    recipient[fresh] = world.new(len(fresh), "token_receiver")
    amount = np.round(rng.lognormal(4, 1.5, len(rows)), 0)[batch]
    world.tokens.transfer(rows[batch], token[batch], operators[owner][batch], recipient, amount)
