"""One simulation from start to end."""

from dataclasses import dataclass

import numpy as np

from maintenance.simulator import infrastructure, lookalikes, machines, people, scams, timeline
from maintenance.simulator.balances import Balances, settle
from maintenance.simulator.gas import Market
from maintenance.simulator.identity import mix
from maintenance.simulator.labels import write_labels
from maintenance.simulator.ledger import Transactions
from maintenance.simulator.token_ledger import TokenTransfers
from maintenance.simulator.world import World

CHUNK = 250_000  # rows worked on at a time once the ledger is complete
SMALLEST_CAST = 2_000  # transactions that the fixed cast needs room for
_PROPOSERS = 24  # fee recipients after the Merge


@dataclass
class Simulation:
    """The finished chain, still as arrays of integers."""

    seed: int
    world: World
    transactions: Transactions
    token_transfers: TokenTransfers
    market: Market
    balances: Balances
    scams: scams.Scams
    labels: dict[str, np.ndarray]
    contract_rows: np.ndarray  # creation of each contract; -1 never created, -2 before the span
    proposers: np.ndarray

    def miner(self, block: np.ndarray) -> np.ndarray:
        """Return the address id that produced each block."""
        return block_producer(block, self.world.pools, self.proposers)


def block_producer(block: np.ndarray, pools: np.ndarray, proposers: np.ndarray) -> np.ndarray:
    """Draw a mining pool, or after the Merge a fee recipient, large ones more often."""
    block = np.asarray(block, dtype=np.int64)
    unit = (mix(block.astype(np.uint64) + np.uint64(13)) >> np.uint64(40)) / 2.0**24
    skewed = unit**2
    return np.where(
        block < timeline.MERGE_BLOCK,
        pools[(skewed * len(pools)).astype(np.int64)],
        proposers[(skewed * len(proposers)).astype(np.int64)],
    )


def simulate(transactions: int, seed: int) -> Simulation:
    """Simulate a chain of exactly this many transactions.

    A chain of fewer than 2,000 is one of 2,000 of which only some transactions happened, evenly
    spread over time. Raises ValueError for less than one.
    """
    if transactions < 1:
        raise ValueError(f"at least 1 transaction is needed, not {transactions:,}")
    cast = max(transactions, SMALLEST_CAST)
    world = World(cast, seed)
    infrastructure.build(world)
    # A small sample holds more scams for its size, and so less of everyday life.
    crowding = scams.address_target(cast) / cast - 0.0084
    people.build_wallets(world, rows=int((0.47 - 16 * crowding) * cast))
    scam_addresses = scams.build(world)
    lookalikes.build(world, len(scam_addresses.ids))
    machines.run(world)
    people.live(world)
    proposers = world.new(_PROPOSERS, "proposer")
    labels = write_labels(world, scam_addresses)

    chain, place = world.ledger.finish(transactions)
    token_transfers = world.tokens.finish(place, chain.failed, chain.block)
    creation = np.concatenate([group.rows for group in world.contracts])
    contract_rows = np.where(creation >= 0, place[creation], -2)
    if transactions < cast:
        seen = _seen(world.address_count, chain, token_transfers)
        labels = {name: column[seen[labels["address"]]] for name, column in labels.items()}
        # A contract that is used, but whose creation was left out, is older than the chain.
        is_used = seen[np.concatenate([group.ids for group in world.contracts])]
        contract_rows = np.where(is_used, np.where(contract_rows < 0, -2, contract_rows), -1)
    market = Market(seed)
    fee, burnt = _fees(market, seed, chain)
    balances = settle(
        chain,
        fee,
        burnt,
        block_producer(chain.block, world.pools, proposers),
        world.address_count,
        world.rng,
    )
    return Simulation(
        seed,
        world,
        chain,
        token_transfers,
        market,
        balances,
        scam_addresses,
        labels,
        contract_rows,
        proposers,
    )


def chunks(rows: int) -> list[tuple[int, slice]]:
    """Return (number, slice) of consecutive chunks. Of no rows there is one, which is empty."""
    return [
        (number, slice(first, min(first + CHUNK, rows)))
        for number, first in enumerate(range(0, max(rows, 1), CHUNK))
    ]


def _seen(count: int, chain: Transactions, token_transfers: TokenTransfers) -> np.ndarray:
    """Return whether each address id takes part in a transaction or token transfer."""
    seen = np.zeros(count, dtype=bool)
    for ids in (chain.sender, chain.recipient):
        seen[ids] = True
    for ids in (token_transfers.token, token_transfers.sender, token_transfers.recipient):
        seen[ids] = True
    return seen


def _fees(market: Market, seed: int, chain: Transactions) -> tuple[np.ndarray, np.ndarray]:
    """Return the fee and its burnt part, in wei, of every transaction."""
    fee = np.empty(len(chain), dtype=np.int64)
    burnt = np.empty(len(chain), dtype=np.int64)
    for number, rows in chunks(len(chain)):
        gas = market.charge(seed, number, chain, rows)
        fee[rows], burnt[rows] = gas.fee, gas.burnt
    return fee, burnt
