"""The ledger: every simulated transaction as arrays of integers.

Amounts are two integers, whole gwei and the remaining wei below one gwei, because neither a
float nor a 64-bit integer holds 10^24 wei exactly.
"""

from dataclasses import dataclass

import numpy as np

from maintenance.simulator import timeline

GWEI = 1_000_000_000  # wei in a gwei, and gwei in an ether

# What a transaction does.
TRANSFER, TOKEN_TRANSFER, SWAP, NFT, CALL, CREATION, APPROVAL, BATCH = range(8)
# How its sender chooses fees.
WALLET, EXCHANGE, BOT, HURRIED, KIT = range(5)  # KIT: a payment button of a web page

# Share of post-Byzantium transactions that fail, by what they do.
_FAILURE_SHARE = np.array([0.002, 0.02, 0.06, 0.05, 0.03, 0.0, 0.005, 0.01])


@dataclass
class Transactions:
    """All transactions in chain order; `recipient` of a creation is the new contract."""

    sender: np.ndarray  # int32 address id
    recipient: np.ndarray  # int32 address id
    gwei: np.ndarray  # int64
    wei: np.ndarray  # int32, 0 to 999,999,999
    kind: np.ndarray  # int8
    habit: np.ndarray  # int8
    block: np.ndarray  # int32
    timestamp: np.ndarray  # int64 unix seconds
    nonce: np.ndarray  # int32
    index: np.ndarray  # int32 position in the block
    failed: np.ndarray  # bool

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.sender)


class Ledger:
    """Collects transactions from the actors in any order, then puts them in chain order."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Start empty."""
        self._rng = rng
        self._parts: list[tuple[np.ndarray, ...]] = []
        self._rows = 0
        self.count = 0  # transactions inside the time span

    def add(
        self,
        time: np.ndarray,
        sender: np.ndarray,
        recipient: np.ndarray,
        eth: np.ndarray | float = 0.0,
        kind: int = TRANSFER,
        habit: np.ndarray | int = WALLET,
    ) -> np.ndarray:
        """Add transactions and return their row numbers; rows after the span are dropped later.

        A value of at most four decimals was typed by a person and is exact; every other value
        gets random digits down to one wei.
        """
        time = np.asarray(time)
        count = len(time)
        eth = np.broadcast_to(np.asarray(eth, dtype=float), count)
        gwei = np.rint(eth * GWEI).astype(np.int64)
        typed = gwei % 100_000 == 0
        wei = np.where(typed, 0, self._rng.integers(0, GWEI, count)).astype(np.int32)
        self._parts.append(
            (
                np.clip(time, 0, 2 * timeline.SPAN).astype(np.int32),
                np.broadcast_to(np.asarray(sender, dtype=np.int32), count),
                np.broadcast_to(np.asarray(recipient, dtype=np.int32), count),
                gwei,
                wei,
                np.broadcast_to(np.asarray(kind, dtype=np.int8), count),
                np.broadcast_to(np.asarray(habit, dtype=np.int8), count),
            )
        )
        rows = np.arange(self._rows, self._rows + count)
        self._rows += count
        self.count += int(np.count_nonzero(self._parts[-1][0] < timeline.SPAN))
        return rows

    def finish(self, kept: int) -> tuple[Transactions, np.ndarray]:
        """Return the transactions in chain order and, for each added row, its place (or -1).

        Of more than `kept` transactions so many stay, evenly spread over time.
        """
        columns = [
            np.concatenate([part[n] for part in self._parts]) for n in range(len(self._parts[0]))
        ]
        self._parts.clear()
        order = np.argsort(columns[0], kind="stable")
        order = order[: self.count]  # later rows lie after the span
        if kept < self.count:
            order = order[(2 * np.arange(kept) + 1) * self.count // (2 * kept)]
            self.count = kept
        place = np.full(self._rows, -1, dtype=np.int64)
        place[order] = np.arange(self.count)
        time, sender, recipient, gwei, wei, kind, habit = (column[order] for column in columns)
        del columns, order
        block = timeline.block_number(time)
        lottery = self._rng.random(self.count)
        failed = lottery < _FAILURE_SHARE[kind] * np.where(habit == BOT, 2.5, 1.0)
        failed &= block >= timeline.BYZANTIUM_BLOCK
        transactions = Transactions(
            sender=sender,
            recipient=recipient,
            gwei=gwei,
            wei=wei,
            kind=kind,
            habit=habit,
            block=block.astype(np.int32),
            timestamp=timeline.block_timestamp(block),
            nonce=_count_before(sender),
            index=position_in_run(block),
            failed=failed,
        )
        return transactions, place


def position_in_run(values: np.ndarray) -> np.ndarray:
    """Number the members of each run of equal neighbours from 0."""
    rows = np.arange(len(values))
    is_start = np.ones(len(values), dtype=bool)
    is_start[1:] = values[1:] != values[:-1]
    return (rows - np.maximum.accumulate(np.where(is_start, rows, 0))).astype(np.int32)


def _count_before(keys: np.ndarray) -> np.ndarray:
    """For each row, count earlier rows with the same key."""
    order = np.argsort(keys, kind="stable")
    result = np.empty(len(keys), dtype=np.int32)
    result[order] = position_in_run(keys[order])
    return result
