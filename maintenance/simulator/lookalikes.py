"""Honest addresses that look like scammers: they too collect from strangers and pass it on."""

from typing import NamedTuple

import numpy as np

from maintenance.simulator import timeline
from maintenance.simulator.collecting import Collectors, collect, pass_on
from maintenance.simulator.world import World


class Kind(NamedTuple):
    """One kind of honest collector; pairs are the median and the sigma of its logarithm."""

    name: str
    per_scam: float  # how many for each scam address
    payments: tuple[float, float]
    most: int  # payments at most
    eth: tuple[float, float]  # typical payment of an address
    eth_sigma: float  # between the payments of one address
    typed: float  # share of round amounts
    days: tuple[float, float]  # over which payments arrive
    hours: tuple[float, float]  # until they are passed on
    outs: float  # payments made for each one received
    to_exchange: float
    to_fresh: float
    repeat: float  # share of payers who paid before
    button: float  # share of payments made through a payment button


_KINDS = (
    Kind(
        name="donation",
        per_scam=0.5,
        payments=(2.6, 1.0),
        most=120,
        eth=(0.15, 1.0),
        eth_sigma=1.0,
        typed=0.75,
        days=(120, 1.2),
        hours=(300, 1.5),
        outs=0.1,
        to_exchange=0.5,
        to_fresh=0.1,
        repeat=0.1,
        button=0.25,
    ),
    Kind(
        name="pooled_purchase",
        per_scam=0.4,
        payments=(4, 0.8),
        most=60,
        eth=(2.5, 0.9),
        eth_sigma=0.8,
        typed=0.8,
        days=(4, 1.0),
        hours=(12, 1.2),
        outs=0.15,
        to_exchange=0.2,
        to_fresh=0.2,
        repeat=0.05,
        button=0.05,
    ),
    Kind(
        name="one_off_sale",
        per_scam=1.1,
        payments=(1.4, 0.8),
        most=8,
        eth=(1.6, 1.3),
        eth_sigma=0.6,
        typed=0.5,
        days=(2, 1.5),
        hours=(10, 1.6),
        outs=0.8,
        to_exchange=0.6,
        to_fresh=0.2,
        repeat=0.3,
        button=0.03,
    ),
    Kind(
        name="invoice",
        per_scam=1.2,
        payments=(1.6, 0.9),
        most=25,
        eth=(0.35, 1.2),
        eth_sigma=0.6,
        typed=0.25,
        days=(8, 1.5),
        hours=(4, 1.3),
        outs=0.6,
        to_exchange=0.2,
        to_fresh=0.05,
        repeat=0.3,
        button=0.2,
    ),
    Kind(
        name="shared_deposit",
        per_scam=0.7,
        payments=(2.6, 0.8),
        most=50,
        eth=(0.9, 1.2),
        eth_sigma=0.9,
        typed=0.35,
        days=(30, 1.4),
        hours=(0.7, 1.0),
        outs=0.9,
        to_exchange=0.9,
        to_fresh=0.0,
        repeat=0.4,
        button=0.0,
    ),
    Kind(
        name="own_funds",
        per_scam=0.7,
        payments=(2, 0.8),
        most=25,
        eth=(1.5, 1.4),
        eth_sigma=1.0,
        typed=0.3,
        days=(30, 1.6),
        hours=(30, 1.8),
        outs=0.4,
        to_exchange=0.6,
        to_fresh=0.1,
        repeat=0.5,
        button=0.0,
    ),
    Kind(
        name="crowdsale",
        per_scam=0.06,
        payments=(18, 1.0),
        most=300,
        eth=(1.2, 0.8),
        eth_sigma=1.0,
        typed=0.8,
        days=(10, 0.9),
        hours=(60, 1.2),
        outs=0.1,
        to_exchange=0.3,
        to_fresh=0.1,
        repeat=0.05,
        button=0.3,
    ),
    Kind(
        name="raffle",
        per_scam=0.3,
        payments=(5, 0.8),
        most=80,
        eth=(0.1, 0.9),
        eth_sigma=0.3,
        typed=0.9,
        days=(2, 1.0),
        hours=(8, 1.3),
        outs=0.3,
        to_exchange=0.2,
        to_fresh=0.4,
        repeat=0.15,
        button=0.4,
    ),
)
_ABUNDANCE = 0.42  # scales `per_scam` of all kinds


def build(world: World, scam_addresses: int) -> None:
    """Add honest collectors in proportion to the number of scam addresses.

    A small sample has a larger share of scams, and room for fewer honest collectors.
    """
    usual = 0.0084 * world.transactions
    base = _ABUNDANCE * min(scam_addresses, 0.5 * (usual + scam_addresses))
    for kind in _KINDS:
        _add(world, kind, max(3, int(kind.per_scam * base)))


def _add(world: World, kind: Kind, count: int) -> None:
    rng = world.rng

    def varied(median: float, sigma: float) -> np.ndarray:
        return median * rng.lognormal(0, sigma, count)

    start = timeline.random_times(rng, count)
    cheaper = np.exp(-0.22 * timeline.year_of(start))
    received = np.clip(1 + (varied(*kind.payments) - 0.5).astype(np.int64), 1, kind.most)
    hubs = world.new(max(1, count // 6), f"{kind.name}_hub")
    group = Collectors(
        ids=world.new(count, kind.name),
        start=start,
        payments=received,
        spread=varied(*kind.days) * timeline.DAY,
        eth=varied(*kind.eth) * cheaper,
        eth_sigma=kind.eth_sigma,
        typed_share=kind.typed,
        wait=varied(*kind.hours) * timeline.HOUR,
        outs=np.minimum(rng.poisson(kind.outs * received) + (rng.random(count) < 0.7), 40),
        passed_on=rng.uniform(0.6, 0.999, count),
        to_exchange=kind.to_exchange,
        to_fresh=kind.to_fresh,
        hub=hubs[rng.integers(0, len(hubs), count)],
        repeat_share=kind.repeat,
        button_share=kind.button,
    )
    pass_on(world, group, collect(world, group))
