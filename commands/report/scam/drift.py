"""How far the addresses of today are from those the champion was trained on."""

from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN, count, counted, decimal
from commands.report.parts import Table
from commands.report.scam.labels import require_scams

DRIFT = """
select
    drift.feature_name, drift.drift_level, drift.population_stability_index, drift.ks_statistic,
    drift.reference_rows, drift.current_rows, features.description
from {marts}.model_drift as drift
left join {marts}.features as features on drift.feature_name = features.feature_name
order by drift.population_stability_index desc, drift.feature_name
"""

SCORE = "score"


def table(slug: str, title: str, marts: Marts) -> Table:
    """List the features that drifted, with the score. The others are folded."""
    rows = require_scams(
        marts,
        marts.rows(DRIFT),
        "Nothing is known about drift: the reference is stored when a run is trained.",
    )
    features = [row for row in rows if row["feature_name"] != SCORE]
    drifted = [row for row in features if row["drift_level"] in ("watch", "act")]
    stable = [row for row in features if row not in drifted]
    scores = [row for row in rows if row["feature_name"] == SCORE]
    return Table(
        slug,
        title,
        f"{_in_words(drifted, features)} Population stability index: stable below 0.1, watch from"
        " there, act from 0.25 on. Largest distance: of the cumulative distributions, 0 to 1"
        " (Kolmogorov-Smirnov). Compared are"
        f" {count(max(row['reference_rows'] for row in rows))} of the addresses that the champion"
        f" was trained on and {count(max(row['current_rows'] for row in rows))} of today.",
        ["Feature", "What it is", "Level", "Stability index", "Largest distance"],
        [_line(row) for row in [*scores, *drifted]],
        frozenset({3, 4}),
        folded=[_line(row) for row in stable],
        folded_title=f"{counted(len(stable), 'feature')} without drift",
    )


def _in_words(drifted: list[Row], features: list[Row]) -> str:
    if not drifted:
        return f"None of the {count(len(features))} features drifted."
    to_act = sum(row["drift_level"] == "act" for row in drifted)
    return (
        f"{count(len(drifted))} of {count(len(features))} features drifted,"
        f" {count(to_act) if to_act else 'none'} so far that you should train again."
    )


def _line(row: Row) -> tuple[str, ...]:
    return (
        row["feature_name"],
        row["description"] or "Score of the model, before calibration.",
        row["drift_level"] or UNKNOWN,
        decimal(row["population_stability_index"]),
        decimal(row["ks_statistic"]),
    )
