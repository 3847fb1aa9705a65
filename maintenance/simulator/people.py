"""Ordinary people: retail, holders, traders, whales, collectors and developers."""

import numpy as np

from maintenance.simulator import ledger, timeline
from maintenance.simulator.world import Wallets, World, ragged, typed

PERSONAS = ("retail", "holder", "trader", "whale", "collector", "developer")
RETAIL, HOLDER, TRADER, WHALE, COLLECTOR, DEVELOPER = range(6)
_PERSONA_SHARES = np.array([0.70, 0.19, 0.05, 0.012, 0.033, 0.015])

# Withdrawals and deposits are from and to an exchange. SEND goes to somebody who is already there,
# SEND_NEW to a fresh address.
WITHDRAW, DEPOSIT, SEND, SEND_NEW, TOKEN, SWAP, NFT, CALL, SELF, CREATE = range(10)
_ACTION_SHARES = np.array(
    [
        [0.19, 0.12, 0.12, 0.22, 0.14, 0.06, 0.04, 0.10, 0.006, 0.004],
        [0.55, 0.08, 0.10, 0.05, 0.12, 0.02, 0.02, 0.055, 0.005, 0.0],
        [0.10, 0.16, 0.06, 0.04, 0.23, 0.31, 0.03, 0.065, 0.003, 0.002],
        [0.20, 0.25, 0.22, 0.12, 0.10, 0.05, 0.01, 0.045, 0.005, 0.0],
        [0.10, 0.08, 0.05, 0.05, 0.08, 0.15, 0.42, 0.065, 0.004, 0.001],
        [0.10, 0.10, 0.10, 0.05, 0.10, 0.05, 0.02, 0.36, 0.01, 0.11],
    ]
)
_BATCH = 100_000  # wallets worked on at a time


def build_wallets(world: World, rows: int) -> None:
    """Draw as many wallets as act about `rows` times together."""
    rng = world.rng
    count = rows // 2
    persona = rng.choice(len(PERSONAS), count, p=_PERSONA_SHARES).astype(np.int8)
    tail = rng.pareto(np.array([1.25, 2.5, 1.2, 1.3, 1.3, 1.3])[persona])
    scale = np.array([0.8, 0.5, 10, 6, 5, 5])[persona]
    cap = np.clip(rows // 60, 30, 3_000)
    actions = np.minimum(1 + (tail * scale).astype(np.int64), cap)
    count = int(np.searchsorted(np.cumsum(actions), rows)) + 1
    persona, actions = persona[:count], actions[:count]
    count = len(actions)

    start = np.sort(timeline.random_times(rng, count))
    # People who collect did so once there was something to collect.
    persona[(persona == COLLECTOR) & (start < 1.2 * timeline.YEAR)] = RETAIL
    days = rng.lognormal(np.log(12 + 12 * np.log1p(actions)), 1.6)
    # The dearer an ether became, the fewer of them people moved.
    richness = np.array([-0.5, 0.1, 0.4, 4.8, -0.4, -0.5])[persona]
    wealth = np.exp(richness + 1.4 * rng.standard_normal(count) - 0.32 * timeline.year_of(start))
    world.wallets = Wallets(
        ids=world.new(count, "wallet"),
        start=start,
        lifetime=np.minimum(days, 1_800) * timeline.DAY,
        zone=timeline.random_zones(rng, count),
        persona=persona,
        actions=actions,
        wealth=wealth,
        exchange=world.pick_exchange(count),
    )


def live(world: World) -> None:
    """Let wallets act, in random order, until the requested number of transactions is reached."""
    for disguise in world.hidden:
        act(world, disguise, world.transactions - world.ledger.count)
    order = world.rng.permutation(len(world.wallets.ids))
    for first in range(0, len(order), _BATCH):
        remaining = world.transactions - world.ledger.count
        if remaining <= 0:
            break
        act(world, _select(world.wallets, order[first : first + _BATCH]), remaining)
    _fresh_withdrawals(world)


def _select(wallets: Wallets, rows: np.ndarray) -> Wallets:
    return Wallets(**{name: column[rows] for name, column in vars(wallets).items()})


def act(world: World, wallets: Wallets, remaining: int) -> None:
    """Turn the actions of these wallets into at most `remaining` transactions."""
    rng = world.rng
    owner, position = ragged(wallets.actions)
    is_first = position == 0
    elapsed = np.where(is_first, 0, wallets.lifetime[owner] * rng.random(len(owner)) ** 1.7)
    time = timeline.waking_hours(rng, wallets.start[owner] + elapsed, wallets.zone[owner])
    action = _choose_actions(rng, wallets.persona[owner], time)
    # Most wallets begin with money from an exchange or from somebody else.
    funded = is_first & (rng.random(len(owner)) < 0.62)
    action[funded] = WITHDRAW
    time = np.where(is_first, time, np.maximum(time, wallets.start[owner]))

    inside = (time >= 0) & (time < timeline.SPAN)
    needed = inside * np.where(action == DEPOSIT, 2, 1)
    keep = inside & (np.cumsum(needed) <= remaining)
    owner, time, action = owner[keep], time[keep], action[keep]
    eth = wallets.wealth[owner] * rng.lognormal(0, 1.1, len(owner))
    eth = np.clip(typed(rng, eth, 0.38), 1e-5, 60_000)
    for number, handler in enumerate(_HANDLERS):
        rows = np.flatnonzero(action == number)
        if len(rows):
            handler(world, wallets, owner[rows], time[rows], eth[rows])


def _choose_actions(rng: np.random.Generator, persona: np.ndarray, time: np.ndarray) -> np.ndarray:
    lottery = rng.random(len(persona))
    action = np.empty(len(persona), dtype=np.int8)
    for number in range(len(PERSONAS)):
        rows = persona == number
        shares = np.cumsum(_ACTION_SHARES[number])
        action[rows] = np.searchsorted(shares / shares[-1], lottery[rows], side="right")
    # Over the years contracts take the place of plain payments.
    to_contract = (action <= SEND) & (rng.random(len(persona)) < 0.35 * timeline.drift_of(time))
    action[to_contract] = rng.choice(
        np.array([TOKEN, SWAP, CALL], dtype=np.int8), int(to_contract.sum()), p=[0.5, 0.25, 0.25]
    )
    # Decentralised exchanges opened in November 2018, collections in December 2017.
    action[(action == SWAP) & (time < 1.86 * timeline.YEAR)] = DEPOSIT
    action[(action == NFT) & (time < 0.98 * timeline.YEAR)] = CALL
    return action


def _withdraw(world: World, wallets: Wallets, owner, time, eth) -> None:
    world.withdraw(time, wallets.ids[owner], wallets.exchange[owner], eth)


def _deposit(world: World, wallets: Wallets, owner, time, eth) -> None:
    users, slot = np.unique(owner, return_inverse=True)
    addresses = world.new(len(users), "deposit")
    # Some exchanges give a new address for each deposit.
    fresh = np.flatnonzero(world.rng.random(len(owner)) < 0.25)
    address = addresses[slot]
    address[fresh] = world.new(len(fresh), "deposit")
    world.deposit(time, wallets.ids[owner], address, wallets.exchange[owner], eth)


def _send(world: World, wallets: Wallets, owner, time, eth) -> None:
    other = world.wallets.ids[world.pick_wallets(time)]
    world.ledger.add(time, wallets.ids[owner], other, eth)


def _send_new(world: World, wallets: Wallets, owner, time, eth) -> None:
    fresh = world.new(len(owner), "one_off")
    dust = world.rng.random(len(owner)) < 0.03
    world.ledger.add(time, wallets.ids[owner], fresh, np.where(dust, 1e-6, eth))


def _token(world: World, wallets: Wallets, owner, time, eth) -> None:
    token = world.tokens.pick(time)
    recipient = world.wallets.ids[world.pick_wallets(time)]
    fresh = np.flatnonzero(world.rng.random(len(owner)) < 0.25)
    recipient[fresh] = world.new(len(fresh), "token_receiver")
    approve = world.rng.random(len(owner)) < 0.12
    sender = wallets.ids[owner]
    contract = world.tokens.ids[token]
    world.ledger.add(time[approve], sender[approve], contract[approve], 0.0, ledger.APPROVAL)
    move = ~approve
    rows = world.ledger.add(time[move], sender[move], contract[move], 0.0, ledger.TOKEN_TRANSFER)
    amount = typed(world.rng, eth[move] * 300, 0.4)
    amount[world.rng.random(len(amount)) < 0.01] = 0
    world.tokens.transfer(rows, token[move], sender[move], recipient[move], amount)


def _swap(world: World, wallets: Wallets, owner, time, eth) -> None:
    open_routers = np.searchsorted(world.router_start, time)
    which = (open_routers * world.rng.random(len(owner))).astype(np.int64)
    router = world.routers[which]
    buys = world.rng.random(len(owner)) < 0.55
    sender = wallets.ids[owner]
    rows = world.ledger.add(time, sender, router, np.where(buys, eth, 0.0), ledger.SWAP)
    token = world.tokens.pick(time)
    world.tokens.transfer(
        rows, token, np.where(buys, router, sender), np.where(buys, sender, router), eth * 500
    )


def _nft(world: World, wallets: Wallets, owner, time, eth) -> None:
    collection = world.tokens.pick_collection(time)
    sender = wallets.ids[owner]
    mint = world.rng.random(len(owner)) < 0.45
    contract = world.tokens.collections[collection]
    second = (time > 4.6 * timeline.YEAR) & (world.rng.random(len(owner)) < 0.6)
    market = world.marketplaces[second.astype(np.int64)]
    free = world.rng.random(len(owner)) < 0.2
    rows = world.ledger.add(
        time,
        sender,
        np.where(mint, contract, market),
        np.where(free, 0.0, np.minimum(eth * 0.3, 50)),
        ledger.NFT,
    )
    seller = world.wallets.ids[world.pick_wallets(time)]
    origin = np.where(mint, contract, seller)
    world.tokens.transfer_nft(rows, collection, origin, sender)


def _call(world: World, wallets: Wallets, owner, time, eth) -> None:
    existing = np.maximum(np.searchsorted(world.dapp_start, time), 1)
    which = (existing * world.rng.random(len(owner)) ** 2).astype(np.int64)
    pays = world.rng.random(len(owner)) < 0.35
    world.ledger.add(
        time, wallets.ids[owner], world.dapps[which], np.where(pays, eth, 0.0), ledger.CALL
    )


def _self(world: World, wallets: Wallets, owner, time, eth) -> None:
    cancels = world.rng.random(len(owner)) < 0.6
    me = wallets.ids[owner]
    world.ledger.add(time, me, me, np.where(cancels, 0.0, eth))


def _create(world: World, wallets: Wallets, owner, time, eth) -> None:
    contracts = world.new(len(owner), "contract")
    endowed = world.rng.random(len(owner)) < 0.15
    rows = world.ledger.add(
        time, wallets.ids[owner], contracts, np.where(endowed, eth, 0.0), ledger.CREATION
    )
    world.register_contracts(contracts, rows)


_HANDLERS = (
    _withdraw,
    _deposit,
    _send,
    _send_new,
    _token,
    _swap,
    _nft,
    _call,
    _self,
    _create,
)


def _fresh_withdrawals(world: World) -> None:
    """Use up what remains: people who took money off an exchange once and never moved it."""
    remaining = world.transactions - world.ledger.count
    if remaining <= 0:
        return
    rng = world.rng
    time = timeline.waking_hours(
        rng, timeline.random_times(rng, remaining), timeline.random_zones(rng, remaining)
    )
    time = np.clip(time, 0, timeline.SPAN - 1)
    recipient = world.wallets.ids[world.pick_wallets(time)]
    fresh = np.flatnonzero(rng.random(remaining) < 0.75)
    recipient[fresh] = world.new(len(fresh), "one_off")
    eth = np.exp(-0.5 + 1.6 * rng.standard_normal(remaining) - 0.32 * timeline.year_of(time))
    world.withdraw(time, recipient, world.pick_exchange(remaining), typed(rng, eth, 0.3))
