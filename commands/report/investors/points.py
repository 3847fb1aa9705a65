"""The addresses the clustering was fitted on: a bounded, fixed draw of them for pictures."""

import numpy as np

from commands.report.errors import require
from commands.report.marts import Marts, Row

MOST_POINTS = 10_000

# By the hash of the address: a draw, and the same one every time.
POINTS = """
select
    points.cluster,
    points.ether_balance,
    points.unique_tokens,
    points.unique_transfers,
    points.silhouette,
    points.first_component,
    points.second_component,
    coalesce(features.tx_count, 0) as tx_count,
    coalesce(features.active_duration, 0) / 86400 as active_days
from {marts}.investor_profile_sample_points as points
left join {marts}.address_features as features on points.address = features.address
where points.run_id = @run_id
order by md5(points.address), points.address
limit 10000
"""

AXES = {
    "ether_balance": "Balance (ETH)",
    "unique_tokens": "Tokens (number)",
    "unique_transfers": "Token transfers (number)",
    "tx_count": "Transactions (number)",
    "active_days": "Activity (days)",
}


def sample_points(marts: Marts, run_id: str) -> list[Row]:
    """Return at most 10,000 of the addresses a run was fitted on."""
    return require(
        marts.rows(POINTS, run_id=run_id),
        f"No addresses are kept of run {run_id}: it was trained before this table was there.",
        "make build, after new data has come in (the same data is the same run)",
    )


def column(points: list[Row], name: str) -> np.ndarray:
    """Return one column as float64, NULL as NaN."""
    return np.array([np.nan if row[name] is None else row[name] for row in points], dtype=float)
