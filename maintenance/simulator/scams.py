"""Scammers, their victims and their ways out. Their behaviour drifts from year to year."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from maintenance.simulator import ledger, timeline
from maintenance.simulator.collecting import Collectors, collect, pass_on
from maintenance.simulator.people import RETAIL
from maintenance.simulator.world import Wallets, World, ragged

KINDS = ("phishing", "giveaway", "fake_ico", "drainer", "address_poisoning")
PHISHING, GIVEAWAY, FAKE_ICO, DRAINER, POISONING = range(5)

# Mix of kinds at the start of each year from 2017 to 2023.
_MIX = np.array(
    [
        [0.52, 0.12, 0.36, 0.00, 0.00],
        [0.50, 0.22, 0.28, 0.00, 0.00],
        [0.52, 0.34, 0.13, 0.01, 0.00],
        [0.50, 0.35, 0.09, 0.06, 0.00],
        [0.45, 0.28, 0.06, 0.18, 0.03],
        [0.36, 0.18, 0.03, 0.32, 0.11],
        [0.30, 0.12, 0.02, 0.34, 0.22],
    ]
)


@dataclass
class Scams:
    """Every scam address, with what a reporter could know; one row per address."""

    ids: np.ndarray  # int32 address id
    kind: np.ndarray  # int8, see KINDS
    start: np.ndarray  # seconds, first payment or attack
    end: np.ndarray  # seconds, last one
    victims: np.ndarray  # number of victims


def address_target(transactions: int) -> int:
    """Number of scam addresses: a share of all addresses, more of them in a small sample."""
    addresses = transactions / 2.5
    return int(max(0.021 * addresses, min(330, 0.045 * addresses), 10))


def build(world: World) -> Scams:
    """Add all scam campaigns and return their addresses."""
    rng = world.rng
    count = address_target(world.transactions)
    start = timeline.random_times(rng, count)
    # The last year brings more scams than its share of the traffic.
    late = rng.random(count) < 0.16
    start = np.where(late, (0.84 + 0.16 * rng.random(count)) * timeline.SPAN, start) * 0.99
    start = timeline.waking_hours(rng, start, timeline.random_zones(rng, count))
    kind = _draw_kinds(rng, start)
    groups = [
        _collecting(world, number, start[kind == number])
        for number in (PHISHING, GIVEAWAY, FAKE_ICO)
    ]
    groups.append(_drainers(world, start[kind == DRAINER]))
    groups.append(_poisoners(world, start[kind == POISONING]))
    return Scams(
        *(np.concatenate([getattr(g, name) for g in groups]) for name in Scams.__annotations__)
    )


def _draw_kinds(rng: np.random.Generator, start: np.ndarray) -> np.ndarray:
    year = np.clip(timeline.year_of(start), 0, 5.999)
    mix = np.stack(
        [np.interp(year, np.arange(7), _MIX[:, number]) for number in range(len(KINDS))], axis=1
    )
    cumulative = np.cumsum(mix, axis=1)
    lottery = rng.random(len(start)) * cumulative[:, -1]
    return (lottery[:, None] >= cumulative).sum(axis=1).astype(np.int8)


class Style(NamedTuple):
    """How a kind of scam collects in 2017; pairs are the median and the sigma of its logarithm."""

    victims: tuple[float, float]
    most: int  # victims at most
    eth: tuple[float, float]  # typical payment to an address
    eth_sigma: float  # between the payments to one address
    typed: float  # share of round amounts
    days: tuple[float, float]  # over which payments arrive


_STYLES = {
    PHISHING: Style(
        victims=(4.8, 0.6),
        most=120,
        eth=(1.0, 0.6),
        eth_sigma=0.9,
        typed=0.22,
        days=(14, 1.3),
    ),
    GIVEAWAY: Style(
        victims=(6.0, 0.8),
        most=150,
        eth=(0.9, 0.6),
        eth_sigma=0.8,
        typed=0.85,
        days=(1.2, 0.8),
    ),
    FAKE_ICO: Style(
        victims=(7.0, 0.8),
        most=200,
        eth=(1.4, 0.8),
        eth_sigma=1.1,
        typed=0.75,
        days=(16, 0.9),
    ),
}


def _collecting(world: World, kind: int, start: np.ndarray) -> Scams:
    """Phishing, giveaway and fake ICO: victims pay ETH to the scammer's address."""
    rng = world.rng
    count = len(start)
    style = _STYLES[kind]
    drift = timeline.drift_of(start)
    campaign = _campaigns(start)

    def varied(median: float, sigma: float) -> np.ndarray:
        """Draw values around the median; addresses of one campaign are much alike."""
        shared = rng.standard_normal(count)[campaign]
        return median * np.exp(sigma * (0.85 * shared + 0.5 * rng.standard_normal(count)))

    # Over the years: smaller amounts, more addresses with fewer victims each, shorter lives,
    # and the money leaves within minutes instead of days. In 2022 they adapt: no scripts that
    # fill in the gas, no hurry, ordinary fees, and wallets that look lived in.
    adapted = timeline.adaptation_of(start)
    payments = varied(*style.victims) * np.exp(-0.3 * drift - 0.5 * adapted)
    payments = np.clip(payments.astype(np.int64), 1, style.most)
    spread = varied(*style.days) * timeline.DAY * np.exp(-1.6 * drift)
    wait = varied(20, 1.0) * timeline.HOUR * np.exp(-4.0 * drift + 4.0 * adapted)
    hubs = world.new(int(campaign.max(initial=0)) + 1, "scam_hub")
    keeps = rng.random(count) < 0.08
    has_kit = (rng.random(count) < 0.8)[campaign] & (rng.random(count) > adapted)
    group = Collectors(
        ids=world.new(count, f"scam_{KINDS[kind]}"),
        start=start,
        payments=payments,
        spread=np.where(payments > 1, spread, 0.0),
        eth=varied(*style.eth) * np.exp(-1.5 * drift),
        eth_sigma=style.eth_sigma,
        typed_share=style.typed,
        wait=np.maximum(wait, 60),
        outs=np.where(keeps, 0, np.minimum(1 + rng.poisson(0.2 * payments), 25)),
        passed_on=rng.uniform(0.94, 0.999, count),
        to_exchange=0.45,
        to_fresh=0.15 + 0.15 * drift,
        hub=_hubs(world, hubs, campaign, start),
        repeat_share=0.03,
        button_share=np.where(has_kit, 0.95, 0.1),
    )
    income = collect(world, group)
    habit = np.where(adapted > rng.random(count), ledger.WALLET, ledger.HURRIED)
    pass_on(world, group, income, habit)
    _empty_hubs(world, group, income)
    _hide_among_people(world, group.ids, start, 0.08 + 0.45 * adapted)
    return Scams(group.ids, np.full(count, kind, np.int8), start, start + group.spread, payments)


def _campaigns(start: np.ndarray) -> np.ndarray:
    """Number the campaigns: about ten scam addresses close in time belong together."""
    return np.argsort(np.argsort(start)) // 10


def _hubs(world: World, hubs: np.ndarray, campaign: np.ndarray, start: np.ndarray) -> np.ndarray:
    """A campaign shares a collecting point; some later scammers use the mixer instead."""
    mixes = (start > 2.8 * timeline.YEAR) & (world.rng.random(len(start)) < 0.3)
    return np.where(mixes, world.mixer[0], hubs[campaign % len(hubs)]).astype(np.int32)


def _empty_hubs(world: World, group: Collectors, income: np.ndarray) -> None:
    """The collecting points sell on exchanges a few days later."""
    own = group.hub != world.mixer[0]
    hubs, slot = np.unique(group.hub[own], return_inverse=True)
    if not len(hubs):
        return
    rng = world.rng
    total = np.bincount(slot, income[own]) * 0.4
    latest = np.zeros(len(hubs))
    np.maximum.at(latest, slot, group.start[own] + group.spread[own])
    owner, _ = ragged(1 + rng.poisson(2, len(hubs)))
    eth = np.maximum(total[owner] / 3, 0.01)
    address = world.new(len(hubs), "deposit")[owner]
    time = latest[owner] + rng.lognormal(np.log(4 * timeline.DAY), 0.8, len(owner))
    world.deposit(time, hubs[owner], address, world.pick_exchange(len(hubs))[owner], eth)


def _hide_among_people(world: World, ids: np.ndarray, start: np.ndarray, share: np.ndarray) -> None:
    """Let a share of scam addresses also act like an ordinary wallet, before and after."""
    rng = world.rng
    rows = np.flatnonzero(rng.random(len(ids)) < share)
    count = len(rows)
    before = rng.lognormal(np.log(20), 1.0, count) * timeline.DAY
    world.hidden.append(
        Wallets(
            ids=ids[rows],
            start=np.maximum(start[rows] - before, 0),
            lifetime=before * 1.5,
            zone=timeline.random_zones(rng, count),
            persona=np.full(count, RETAIL, dtype=np.int8),
            actions=np.minimum(2 + (rng.pareto(1.5, count) * 3).astype(np.int64), 40),
            wealth=rng.lognormal(-1, 1, count),
            exchange=world.pick_exchange(count),
        )
    )


def _drainers(world: World, start: np.ndarray) -> Scams:
    """Victims approve a token; the drainer takes it, swaps it and leaves."""
    rng = world.rng
    count = len(start)
    ids = world.new(count, "scam_drainer")
    drift = timeline.drift_of(start)
    fund = np.maximum(start - rng.lognormal(np.log(6 * timeline.HOUR), 1.0, count), 0)
    world.withdraw(
        fund, ids, world.pick_exchange(count), np.round(rng.uniform(0.02, 0.4, count), 3)
    )
    victims = np.clip((4 * rng.lognormal(0, 0.8, count)).astype(np.int64), 1, 120)
    spread = 5 * timeline.DAY * np.exp(-1.0 * drift) * rng.lognormal(0, 1.0, count)
    owner, _ = ragged(victims)
    time = start[owner] + spread[owner] * rng.random(len(owner))
    victim = world.wallets.ids[world.pick_wallets(time)]
    token = world.tokens.pick(time)
    contract = world.tokens.ids[token]
    world.ledger.add(time, victim, contract, 0.0, ledger.APPROVAL)
    taken = time + rng.lognormal(np.log(600), 1.0, len(time))
    rows = world.ledger.add(taken, ids[owner], contract, 0.0, ledger.TOKEN_TRANSFER, ledger.HURRIED)
    world.tokens.transfer(rows, token, victim, ids[owner], rng.lognormal(6, 1.5, len(rows)))

    sold = np.flatnonzero((rng.random(len(owner)) < 0.6) & (taken > world.router_start[0]))
    seller, when = ids[owner[sold]], taken[sold] + rng.lognormal(7, 1, len(sold))
    router = world.routers[rng.integers(0, np.searchsorted(world.router_start, when), len(sold))]
    rows = world.ledger.add(when, seller, router, 0.0, ledger.SWAP, ledger.HURRIED)
    world.tokens.transfer(rows, token[sold], seller, router, rng.lognormal(6, 1.5, len(sold)))

    # Some victims also sign a plain ETH transfer.
    direct = np.clip(rng.poisson(0.5 * victims), 0, 60)
    hubs = world.new(max(1, count // 4), "scam_hub")
    group = Collectors(
        ids=ids,
        start=start,
        payments=direct,
        spread=spread,
        eth=np.exp(-0.4 - 1.0 * drift) * rng.lognormal(0, 0.9, count),
        eth_sigma=1.2,
        typed_share=0.15,
        wait=np.maximum(3 * timeline.HOUR * rng.lognormal(0, 1.2, count), 120),
        outs=np.minimum(1 + rng.poisson(0.25 * victims), 20),
        passed_on=rng.uniform(0.9, 0.999, count),
        to_exchange=0.35,
        to_fresh=0.25,
        hub=_hubs(world, hubs, _campaigns(start), start),
    )
    income = collect(world, group) + 0.3 * victims  # what the swaps brought
    pass_on(world, group, income, ledger.HURRIED)
    _empty_hubs(world, group, income)
    _hide_among_people(world, ids, start, 0.1 + 0.45 * timeline.adaptation_of(start))
    return Scams(ids, np.full(count, DRAINER, np.int8), start, start + spread, victims)


def _poisoners(world: World, start: np.ndarray) -> Scams:
    """Look-alike addresses appear in the victim's history through worthless transfers.

    The look-alike shares its first and last 4 hex digits with somebody the victim really paid.
    """
    rng = world.rng
    count = len(start)
    ids = world.new(count, "scam_address_poisoning")
    operators = world.new(max(1, count // 12), "poisoning_operator")
    operator = operators[_campaigns(start) % len(operators)]
    victim = world.wallets.ids[world.pick_wallets(start)]
    friend = world.wallets.ids[world.pick_wallets(start)]
    world.addresses.imitate(ids, friend)

    # The real payment that the attacker saw.
    token = np.minimum(world.tokens.pick(start), 5)
    contract = world.tokens.ids[token]
    seen = np.maximum(start - rng.lognormal(np.log(2 * timeline.HOUR), 1.0, count), 0)
    rows = world.ledger.add(seen, victim, contract, 0.0, ledger.TOKEN_TRANSFER)
    world.tokens.transfer(rows, token, victim, friend, np.round(rng.lognormal(6, 1, count), 0))
    # Anybody can move zero tokens "from" the victim.
    for _ in range(2):
        again = start + rng.random(count) * timeline.DAY
        rows = world.ledger.add(again, operator, contract, 0.0, ledger.BATCH, ledger.HURRIED)
        world.tokens.transfer(rows, token, victim, ids, np.zeros(count))

    # Some look-alikes hold ETH and send dust themselves.
    active = np.flatnonzero(rng.random(count) < 0.75)
    funded = start[active] - rng.random(len(active)) * timeline.HOUR
    world.ledger.add(funded, operator[active], ids[active], rng.uniform(0.005, 0.06, len(active)))
    owner, _ = ragged(1 + rng.poisson(2.5, len(active)))
    time = start[active][owner] + rng.random(len(owner)) * 2 * timeline.DAY
    target = world.wallets.ids[world.pick_wallets(time)]
    dust = rng.choice([1e-9, 1e-6, 0.00001, 0.0001], len(owner))
    world.ledger.add(time, ids[active][owner], target, dust, habit=ledger.HURRIED)

    # The mistake: a victim copies the wrong address and pays it.
    fooled = rng.random(count) < 0.45
    hubs = world.new(max(1, count // 8), "scam_hub")
    payments = np.where(fooled, 1 + rng.poisson(0.4, count), 0)
    group = Collectors(
        ids=ids,
        start=start + 1_800.0,
        payments=payments,
        spread=5 * timeline.DAY * rng.lognormal(0, 0.7, count),
        eth=rng.lognormal(0.2, 1.2, count),
        eth_sigma=0.8,
        typed_share=0.4,
        wait=np.maximum(timeline.HOUR * rng.lognormal(0, 1.0, count), 60),
        outs=np.where(fooled, 1 + rng.poisson(0.3, count), 0),
        passed_on=rng.uniform(0.9, 0.999, count),
        to_exchange=0.3,
        to_fresh=0.3,
        hub=_hubs(world, hubs, _campaigns(start), start),
    )
    income = collect(world, group)
    pass_on(world, group, income, ledger.HURRIED)
    _empty_hubs(world, group, income)
    return Scams(ids, np.full(count, POISONING, np.int8), start, start + group.spread, payments)
