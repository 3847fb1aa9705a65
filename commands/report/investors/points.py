"""The addresses the clustering was fitted on: a bounded, fixed draw of them for pictures."""

import json
from hashlib import md5

import numpy as np

from commands.report.errors import require
from commands.report.marts import Marts, Row

MOST_POINTS = 10_000

POINTS = """
select sample_points
from {marts}.investor_profile_models
where run_id = @run_id and is_selected and sample_points is not null
"""

# The sample of the last training, with the features it was fitted with.
FEATURES = """
select
    sample.address,
    sample.ether_balance,
    sample.unique_tokens,
    sample.unique_transfers,
    coalesce(features.tx_count, 0) as tx_count,
    coalesce(features.active_duration, 0) / 86400 as active_days
from {intermediate}.int_investor_profiles__sample as sample
left join {marts}.address_features as features on sample.address = features.address
"""

AXES = {
    "ether_balance": "Balance (ETH)",
    "unique_tokens": "Tokens (number)",
    "unique_transfers": "Token transfers (number)",
    "tx_count": "Transactions (number)",
    "active_days": "Activity (days)",
}


def sample_points(marts: Marts, run_id: str) -> list[Row]:
    """Return at most 10,000 of the addresses a run was fitted on, where its clustering puts them.

    Drawn by the hash of the address: the same ones every time.
    """
    rows = require(
        marts.rows(POINTS, run_id=run_id),
        f"No addresses are kept of run {run_id}: it was trained before they were stored.",
        "make build, after new data has come in (the same data is the same run)",
    )
    lists = json.loads(rows[0]["sample_points"])
    points = [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]
    points.sort(key=lambda point: md5(point["address"].encode()).digest())
    return points[:MOST_POINTS]


def with_features(marts: Marts, points: list[Row]) -> list[Row]:
    """Return those of the points that are in the sample of the last training, with features."""
    features = {row["address"]: row for row in marts.rows(FEATURES)}
    return require(
        [point | features[point["address"]] for point in points if point["address"] in features],
        "The sample of the last training has none of the addresses the clustering was fitted on.",
    )


def column(points: list[Row], name: str) -> np.ndarray:
    """Return one column as float64, NULL as NaN."""
    return np.array([np.nan if row[name] is None else row[name] for row in points], dtype=float)
