"""When things happen: chain activity over the years, hours of the day, and block numbers.

Inside the simulator a time is an integer number of seconds since 2017-01-01 00:00:00 UTC.
"""

import numpy as np

from maintenance.simulator.identity import mix

EPOCH = 1_483_228_800  # 2017-01-01 00:00:00 UTC, unix seconds
SPAN = 189_302_400  # seconds from there to 2023-01-01 00:00:00 UTC
DAY = 86_400
HOUR = 3_600
YEAR = 365.25 * DAY

BYZANTIUM_BLOCK = 4_370_000  # receipts carry a status from here on
CONSTANTINOPLE_BLOCK = 7_280_000
LONDON_BLOCK = 12_965_000  # EIP-1559
MERGE_BLOCK = 15_537_394  # proof of stake: no block reward

# Block number and unix time of well-known blocks of the real chain; linear in between.
_ANCHOR_BLOCK = np.array(
    [
        0,
        2_912_407,
        BYZANTIUM_BLOCK,
        CONSTANTINOPLE_BLOCK,
        9_069_000,
        LONDON_BLOCK,
        MERGE_BLOCK,
        16_308_190,
    ],
    dtype=np.int64,
)
_ANCHOR_TIME = np.array(
    [
        1_438_269_988,
        1_483_228_800,
        1_508_131_331,
        1_551_383_524,
        1_575_764_709,
        1_628_166_822,
        1_663_224_179,
        1_672_531_200,
    ],
    dtype=np.int64,
)

# Transactions a day (thousands) at the start of each half-year from 2017-01 to 2023-01.
_ACTIVITY = np.array([45, 260, 950, 700, 520, 800, 550, 950, 1150, 1250, 1200, 1100, 1000])
_ACTIVITY_TIME = np.linspace(0, SPAN, len(_ACTIVITY))

# Share of human activity by local hour of day, from midnight.
_LOCAL_HOURS = np.array(
    [
        *(2.2, 1.5, 1.1, 0.9, 0.8, 1.0, 1.7, 2.8, 4.0, 5.0, 5.5, 5.6),
        *(5.5, 5.6, 5.7, 5.8, 5.8, 5.6, 5.3, 5.2, 5.3, 5.2, 4.4, 3.2),
    ]
)
_ZONES = np.array([8, 1, -5])  # East Asia, Europe, Americas: hours from UTC
_ZONE_SHARES = [0.35, 0.4, 0.25]


def _activity_quantiles() -> np.ndarray:
    """Return 10,001 evenly spaced quantiles of transaction time."""
    grid = np.linspace(0, SPAN, 20_001)
    density = np.interp(grid, _ACTIVITY_TIME, _ACTIVITY)
    cumulative = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return np.interp(np.linspace(0, cumulative[-1], 10_001), cumulative, grid)


_QUANTILES = _activity_quantiles()
_HOUR_EDGES = np.rint(4096 * np.cumsum([0, *_LOCAL_HOURS]) / _LOCAL_HOURS.sum())
_HOUR_TABLE = np.repeat(np.arange(24), np.diff(_HOUR_EDGES).astype(int))


def random_times(rng: np.random.Generator, count: int) -> np.ndarray:
    """Draw `count` times (float seconds) that follow the growth of the chain."""
    return np.interp(rng.random(count) * 10_000, np.arange(10_001), _QUANTILES)


def random_zones(rng: np.random.Generator, count: int) -> np.ndarray:
    """Draw time zones, as hours from UTC."""
    return rng.choice(_ZONES, size=count, p=_ZONE_SHARES).astype(np.int8)


def waking_hours(rng: np.random.Generator, time: np.ndarray, zone: np.ndarray) -> np.ndarray:
    """Keep the day of each time, but move it to an hour at which people in that zone act."""
    local_hour = _HOUR_TABLE[rng.integers(0, len(_HOUR_TABLE), len(time))]
    second = ((local_hour - zone) % 24) * HOUR + rng.integers(0, HOUR, len(time))
    return np.floor_divide(time, DAY) * DAY + second


def year_of(time: np.ndarray) -> np.ndarray:
    """Years since 2017-01-01, as a float."""
    return np.asarray(time) / YEAR


def drift_of(time: np.ndarray) -> np.ndarray:
    """How far behaviour has drifted: 0 at the start of 2017, 1 at the end of 2022."""
    return np.clip(np.asarray(time) / SPAN, 0, 1)


def adaptation_of(time: np.ndarray) -> np.ndarray:
    """How far scammers evade what gave them away before: 0 until 2022, 1 from June 2022."""
    return np.clip((year_of(time) - 5.0) / 0.42, 0, 1)


def block_number(time: np.ndarray) -> np.ndarray:
    """Return the number of the block that a transaction sent at this time goes into."""
    unix = np.asarray(time, dtype=np.int64) + EPOCH
    segment = np.clip(np.searchsorted(_ANCHOR_TIME, unix, side="right") - 1, 0, 6)
    seconds = _ANCHOR_TIME[segment + 1] - _ANCHOR_TIME[segment]
    blocks = _ANCHOR_BLOCK[segment + 1] - _ANCHOR_BLOCK[segment]
    return _ANCHOR_BLOCK[segment] + (unix - _ANCHOR_TIME[segment]) * blocks // seconds


def block_timestamp(block: np.ndarray) -> np.ndarray:
    """Return the unix time of each block: strictly increasing, irregular before the Merge."""
    block = np.asarray(block, dtype=np.int64)
    segment = np.clip(np.searchsorted(_ANCHOR_BLOCK, block, side="right") - 1, 0, 6)
    seconds = _ANCHOR_TIME[segment + 1] - _ANCHOR_TIME[segment]
    blocks = _ANCHOR_BLOCK[segment + 1] - _ANCHOR_BLOCK[segment]
    even = _ANCHOR_TIME[segment] + (block - _ANCHOR_BLOCK[segment]) * seconds // blocks
    # Blocks are at least 12 seconds apart on average, so a delay below 12 keeps their order.
    delay = (mix(block.astype(np.uint64)) % np.uint64(12)).astype(np.int64)
    return even + np.where(block < MERGE_BLOCK, delay, 0)
