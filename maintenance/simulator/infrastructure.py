"""What all actors share: exchanges, mining pools, tokens, collections and other contracts."""

import numpy as np

from maintenance.simulator.ledger import CREATION
from maintenance.simulator.timeline import DAY, SPAN, YEAR, random_times
from maintenance.simulator.world import World

EXCHANGES = 10
POOLS = 8


def build(world: World) -> None:
    """Set up the addresses that ordinary actors deal with."""
    _exchanges(world)
    world.pools = world.new(POOLS, "mining_pool")
    _contracts(world)


def _exchanges(world: World) -> None:
    size = 1.0 / np.arange(1, EXCHANGES + 1) ** 1.1
    world.exchange_shares = size / size.sum()
    world.hot_wallets = world.new(2 * EXCHANGES, "exchange_hot").reshape(EXCHANGES, 2)
    world.cold_wallets = world.new(EXCHANGES, "exchange_cold")


def _contracts(world: World) -> None:
    rng = world.rng
    tokens = max(24, int(0.6 * world.transactions**0.5))
    collections = max(8, int(0.15 * world.transactions**0.5))

    # Six tokens are older than the time span; the others appear with the boom years.
    created = np.sort(random_times(rng, tokens) * 0.85)
    created[:6] = -DAY * np.sort(rng.integers(30, 400, 6))[::-1]
    world.tokens.ids = _create(world, "token_contract", created, erc20=True)
    world.tokens.created = created
    world.tokens.decimals = rng.choice([18, 6, 8, 0], tokens, p=[0.82, 0.08, 0.08, 0.02]).astype(
        np.int8
    )
    first = 0.95 * YEAR  # the first ERC-721 collection, December 2017
    appeared = np.sort(first + (0.95 * SPAN - first) * rng.random(collections) ** 0.6)
    appeared[0] = first
    world.tokens.collections = _create(world, "nft_collection", appeared, erc721=True)
    world.tokens.collections_created = appeared

    world.routers = _create(world, "dex", np.array([1.85, 3.4, 3.8, 4.4]) * YEAR)
    world.router_start = np.array([1.85, 3.4, 3.8, 4.4]) * YEAR
    world.marketplaces = _create(world, "marketplace", np.array([0.97, 4.6]) * YEAR)
    world.mixer = _create(world, "mixer", np.array([2.7 * YEAR]))
    dapps = max(12, int(0.25 * world.transactions**0.5))
    world.dapp_start = np.sort(random_times(rng, dapps) * 0.9)
    world.dapp_start[:3] = -DAY
    world.dapps = _create(world, "dapp", world.dapp_start)


def _create(
    world: World, role: str, time: np.ndarray, *, erc20: bool = False, erc721: bool = False
) -> np.ndarray:
    """Create contracts; those older than the span have no creation transaction."""
    ids = world.new(len(time), role)
    recent = time >= 0
    deployers = world.new(int(recent.sum()), "deployer")
    endowed = world.rng.random(len(deployers)) < 0.3
    eth = np.where(endowed, np.round(world.rng.lognormal(-1, 1, len(deployers)), 2), 0.0)
    rows = np.full(len(time), -1)
    rows[recent] = world.ledger.add(time[recent], deployers, ids[recent], eth, CREATION)
    world.register_contracts(ids, rows, erc20=erc20, erc721=erc721)
    return ids
