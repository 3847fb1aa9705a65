"""Gas and fees: the price of the day, legacy fees before London and EIP-1559 fees after it."""

from dataclasses import dataclass

import numpy as np

from maintenance.simulator import ledger, timeline
from maintenance.simulator.identity import mix
from maintenance.simulator.ledger import GWEI, Transactions

# Market price of gas in gwei at the start of each half-year from 2017-01 to 2023-01.
_PRICE = np.array([20, 24, 35, 18, 9, 11, 9, 45, 110, 45, 80, 28, 15])
_DAYS = timeline.SPAN // timeline.DAY

# By kind (transfer, token transfer, swap, NFT, call, creation, approval, batch).
_GAS_USED = np.array([21_000, 48_000, 130_000, 120_000, 85_000, 900_000, 45_500, 700_000])
_GAS_SIGMA = np.array([0.0, 0.2, 0.25, 0.4, 0.6, 0.7, 0.05, 0.4])
# By habit (wallet, exchange, bot, hurried, kit): price against the market.
_PRICE_FACTOR = np.array([1.0, 1.15, 1.25, 1.2, 1.1])
_PRICE_SIGMA = np.array([0.35, 0.15, 0.5, 0.3, 0.2])
# Gas limit that payment buttons of web pages fill in, by year: the scripts get replaced.
_KIT_LIMIT = np.array([121_000, 75_000, 60_000, 42_000, 30_000, 25_200])
# The same for the scripts with which scammers move money on.
_SCRIPT_LIMIT = np.array([90_000, 70_000, 50_000, 35_000, 31_500, 23_100])


@dataclass
class Gas:
    """Gas and prices of a chunk of transactions; int64, prices in wei, -1 where NULL."""

    limit: np.ndarray
    used: np.ndarray
    price: np.ndarray  # as in `gas_price`: the offer before London, the price paid after it
    max_fee: np.ndarray
    max_priority_fee: np.ndarray
    is_dynamic: np.ndarray  # bool, transaction type 2
    burnt: np.ndarray  # base fee × gas used, wei

    @property
    def fee(self) -> np.ndarray:
        """Fee in wei that the sender paid."""
        return self.used * self.price


class Market:
    """The price of gas on every day and in every block."""

    def __init__(self, seed: int) -> None:
        """Draw the daily prices."""
        rng = np.random.default_rng([seed, 1])
        noise = np.zeros(_DAYS + 2)
        for day in range(1, len(noise)):
            noise[day] = 0.9 * noise[day - 1] + 0.13 * rng.standard_normal()
        level = np.interp(np.arange(len(noise)), np.linspace(0, _DAYS, len(_PRICE)), _PRICE)
        self._daily_gwei = level * np.exp(noise)

    def price_gwei(self, timestamp: np.ndarray) -> np.ndarray:
        """Market price of gas at a unix time."""
        day = (timestamp - timeline.EPOCH) / timeline.DAY
        return np.interp(day, np.arange(len(self._daily_gwei)), self._daily_gwei)

    def base_fee(self, block: np.ndarray, timestamp: np.ndarray) -> np.ndarray:
        """Base fee of each block in wei; 0 before London."""
        block = np.asarray(block, dtype=np.int64)
        unit = (mix(block.astype(np.uint64) + np.uint64(7)) >> np.uint64(40)) / 2.0**24
        wei = (self.price_gwei(timestamp) * 0.9 * (0.7 + 0.6 * unit) * GWEI).astype(np.int64)
        return np.where(block >= timeline.LONDON_BLOCK, wei, 0)

    def charge(self, seed: int, chunk: int, transactions: Transactions, rows: slice) -> Gas:
        """Return gas and fees of a chunk; the same chunk always gets the same ones."""
        rng = np.random.default_rng([seed, 2, chunk])
        kind, habit = transactions.kind[rows], transactions.habit[rows]
        block, timestamp = transactions.block[rows], transactions.timestamp[rows]
        year = np.clip((timestamp - timeline.EPOCH) / timeline.YEAR, 0, 5).astype(np.int64)
        limit, used = _gas(rng, kind, habit, year, transactions.failed[rows])
        market = self.price_gwei(timestamp) * _PRICE_FACTOR[habit]
        market = market * np.exp(_PRICE_SIGMA[habit] * rng.standard_normal(len(kind)))
        base = self.base_fee(block, timestamp)

        # Wallets offer whole gwei, or a price with digits.
        whole = rng.random(len(kind)) < 0.7
        gwei = np.clip(np.where(whole, np.rint(market), np.round(market, 3)), 1, 3_000)
        legacy = np.maximum(np.rint(gwei * 1_000).astype(np.int64) * 1_000_000, base)

        months = (timestamp - 1_628_166_822) / (30 * timeline.DAY)
        adoption = np.clip(0.25 + 0.06 * months, 0, 0.87)
        is_dynamic = (block >= timeline.LONDON_BLOCK) & (rng.random(len(kind)) < adoption)
        tip = rng.choice(np.array([1_000, 1_500, 2_000, 2_500, 3_000]), len(kind)) * 1_000_000
        tip = np.where(habit == ledger.BOT, tip * 3, tip)
        ceiling = (base * rng.uniform(1.05, 2.2, len(kind))).astype(np.int64) // 1_000_000
        max_fee = ceiling * 1_000_000 + 1_000_000 + tip
        return Gas(
            limit=limit,
            used=used,
            price=np.where(is_dynamic, np.minimum(max_fee, base + tip), legacy),
            max_fee=np.where(is_dynamic, max_fee, -1),
            max_priority_fee=np.where(is_dynamic, tip, -1),
            is_dynamic=is_dynamic,
            burnt=used * base,
        )


def _gas(
    rng: np.random.Generator,
    kind: np.ndarray,
    habit: np.ndarray,
    year: np.ndarray,
    failed: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return gas limit and gas used."""
    count = len(kind)
    work = _GAS_USED[kind] * np.exp(_GAS_SIGMA[kind] * rng.standard_normal(count))
    used = np.maximum(work, 21_000).astype(np.int64)
    margin = rng.choice(np.array([1.0, 1.2, 1.5, 2.0]), count)
    limit = np.minimum((used * margin).astype(np.int64), 6_000_000)
    habitual = rng.choice(np.array([50_000, 90_000, 100_000, 121_000]), count)
    is_transfer = kind == ledger.TRANSFER
    exact = rng.random(count) < np.where(habit == ledger.EXCHANGE, 0.3, 0.72)
    limit = np.where(is_transfer, np.where(exact, 21_000, habitual), limit)
    limit = np.where(is_transfer & (habit == ledger.KIT), _KIT_LIMIT[year], limit)
    limit = np.where(is_transfer & (habit == ledger.HURRIED), _SCRIPT_LIMIT[year], limit)
    used = np.minimum(used, limit)
    out_of_gas = rng.random(count) < 0.35
    spent = np.where(out_of_gas, limit, np.maximum(21_000, (used * 0.6).astype(np.int64)))
    return limit, np.where(failed, spent, used)
