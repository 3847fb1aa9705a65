"""Simulated investors: holders, collectors and traders, with ether in powers of ten."""

from types import ModuleType

import numpy as np
import pandas as pd


def investors(rows: int = 300, seed: int = 0) -> pd.DataFrame:
    """Return one row per address with the three features and what the models read beside them."""
    random = np.random.default_rng(seed)
    kind = random.integers(0, 3, rows)
    tokens = random.poisson(np.array([0, 30, 6])[kind])
    transfers = tokens + random.poisson(np.array([0, 20, 400])[kind])
    return pd.DataFrame(
        {
            "address": [f"0x{number:040x}" for number in range(rows)],
            "ether_balance": 10 ** random.normal(np.array([2.5, 0.5, 1.0])[kind], 0.4),
            "unique_tokens": tokens,
            "unique_transfers": transfers,
            "active_days": random.exponential(np.array([5, 200, 400])[kind]),
            "incoming_share": random.uniform(0.1, 0.9, rows),
            "entity_category": pd.Series([None] * rows, dtype="string"),
            "is_eligible": True,
            "read_group": 1,
            "features_fingerprint": [f"f{number}" for number in range(rows)],
        }
    )


def hurry(module: ModuleType) -> None:
    """Give investor_profile_models a search of all recipes and algorithms in a fifth of the time.

    It keeps the least and the most clusters, and draws less often.
    """
    module.CLUSTERS = [2, 3, 4, 10]
    module.SHUFFLES = 2
    module.SELECTION_DRAWS = 2
    module.RESAMPLES = 4
