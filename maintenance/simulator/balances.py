"""Balances: what each address has left, with the endowment that keeps it above zero.

An endowment stands for everything that is not in the transactions table: the genesis block,
the years before 2017, and internal transactions.
"""

from dataclasses import dataclass

import numpy as np

from maintenance.simulator import timeline
from maintenance.simulator.ledger import GWEI, Transactions


@dataclass
class Balances:
    """One row per address id; amounts as gwei (int64) and remaining wei below one gwei."""

    gwei: np.ndarray
    wei: np.ndarray
    endowment_gwei: np.ndarray
    reward_gwei: np.ndarray  # block rewards


def block_reward_gwei(block: np.ndarray) -> np.ndarray:
    """Static block reward: 5, 3, 2 and, after the Merge, 0 ether."""
    steps = np.array(
        [timeline.BYZANTIUM_BLOCK, timeline.CONSTANTINOPLE_BLOCK, timeline.MERGE_BLOCK]
    )
    return np.array([5, 3, 2, 0])[np.searchsorted(steps, block, side="right")] * GWEI


def settle(
    transactions: Transactions,
    fee: np.ndarray,
    burnt: np.ndarray,
    miner: np.ndarray,
    address_count: int,
    rng: np.random.Generator,
) -> Balances:
    """Add up all flows of each address.

    `fee` and `burnt` are wei per transaction, `miner` the address id that gets the difference.
    """
    moves = ~transactions.failed
    value_gwei = np.where(moves, transactions.gwei, 0)
    value_wei = np.where(moves, transactions.wei, 0)
    need = _lowest_point(transactions, value_gwei, fee, address_count)
    spare = rng.exponential(0.15, address_count)
    endowment = need + (need * spare).astype(np.int64)
    savers = rng.random(address_count) < 0.04
    saved = np.exp(0.5 + 1.8 * rng.standard_normal(address_count)) * GWEI
    endowment += np.where(savers & (need > 0), saved, 0).astype(np.int64)

    is_first = np.ones(len(transactions), dtype=bool)
    is_first[1:] = transactions.block[1:] != transactions.block[:-1]
    reward = np.zeros(address_count, dtype=np.int64)
    np.add.at(reward, miner[is_first], block_reward_gwei(transactions.block[is_first]))

    gwei, wei = endowment + reward, np.zeros(address_count, dtype=np.int64)
    tip = fee - burnt
    np.add.at(gwei, transactions.recipient, value_gwei)
    np.add.at(wei, transactions.recipient, value_wei)
    np.subtract.at(gwei, transactions.sender, value_gwei + fee // GWEI)
    np.subtract.at(wei, transactions.sender, value_wei + fee % GWEI)
    np.add.at(gwei, miner, tip // GWEI)
    np.add.at(wei, miner, tip % GWEI)
    gwei += wei // GWEI
    return Balances(gwei, wei % GWEI, endowment, reward)


def _lowest_point(
    transactions: Transactions, value_gwei: np.ndarray, fee: np.ndarray, address_count: int
) -> np.ndarray:
    """Return how far (in gwei, rounded up) each address would sink below zero on its way."""
    count = len(transactions)
    address = np.empty(2 * count, dtype=np.int32)
    change = np.empty(2 * count, dtype=np.int64)
    address[0::2], address[1::2] = transactions.sender, transactions.recipient
    change[0::2] = -(value_gwei + 1 + fee // GWEI + 1)
    change[1::2] = value_gwei
    order = np.argsort(address, kind="stable")
    address, change = address[order], change[order]
    del order
    np.cumsum(change, out=change)
    start = np.flatnonzero(np.concatenate([[True], address[1:] != address[:-1]]))
    before = np.concatenate([[0], change[start[1:] - 1]])
    lowest = np.zeros(address_count, dtype=np.int64)
    lowest[address[start]] = np.minimum(np.minimum.reduceat(change, start) - before, 0)
    return -lowest
