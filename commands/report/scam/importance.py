"""Which features move scores: mean absolute contributions."""

import json
from collections import Counter

from matplotlib.figure import Figure

from commands.report.drawing import COLORS, chart, panel
from commands.report.errors import require
from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN, count, decimal, words
from commands.report.parts import Chart, Table
from commands.report.scam.champion import Champion

# By the hash of the address: a draw, and the same one every time.
CONTRIBUTIONS = """
select contributions
from {marts}.scam_raw_scores
where run_id = @run_id
order by md5(address), address
limit 5000
"""

FEATURES = """
select feature_name, unit, description
from {marts}.features
"""

# Units whose names do not speak for themselves.
UNITS = {"eth": "ETH", "gas_price": "wei per gas", "log": "natural logarithm"}

# Not features: what is left after the largest ones, and the model's starting point.
REST, BIAS = "other_features", "bias"
SHOWN = 20


def contributions(marts: Marts, run: Champion) -> list[str]:
    """Return the contributions, as JSON, of a draw of the scored addresses."""
    rows = require(
        marts.rows(CONTRIBUTIONS, run_id=run.run_id), f"Run {run.run_id} has scored no address."
    )
    return [row["contributions"] for row in rows]


def importance(slug: str, title: str, texts: list[str]) -> Chart:
    """Draw the mean absolute contribution of each feature over a draw of scored addresses."""
    shown, rest = largest(texts)

    def draw(figure: Figure) -> str:
        with panel(figure.subplots(), "", "Mean absolute contribution (log-odds)", "") as axes:
            bars = axes.barh(
                [name for name, _ in shown], [mean for _, mean in shown], color=COLORS[0]
            )
            axes.bar_label(bars, [decimal(mean) for _, mean in shown], padding=3, fontsize=8.5)
            axes.margins(x=0.15)
            axes.invert_yaxis()
            axes.grid(axis="y", visible=False)
        return "; ".join(f"{name}: {decimal(mean)}" for name, mean in shown) + "."

    caption = (
        f"SHAP values in log-odds of {count(len(texts))} scored addresses, drawn by their hash."
        " Each address keeps its five largest, so a feature's mean counts 0 where it was not among"
        f" them. All smaller ones of an address together have {decimal(rest)} on average. It says"
        " what moves this model's scores, not what makes a scam."
    )
    height = 1.0 + 0.27 * len(shown)
    return chart(slug, title, draw, caption=caption, width=5.4, height=height)


def meanings(slug: str, title: str, texts: list[str], marts: Marts) -> Table:
    """Say what the features with the largest contributions are."""
    shown, _ = largest(texts)
    features: dict[str, Row] = {row["feature_name"]: row for row in marts.rows(FEATURES)}
    require(list(features), "The catalogue of features is empty.")
    return Table(
        slug,
        title,
        f"The {len(shown)} features that move scores most, the largest first.",
        ["Feature", "What it is", "Unit"],
        [(name, *_meaning(features.get(name))) for name, _ in shown],
    )


def _meaning(feature: Row | None) -> tuple[str, str]:
    if feature is None:
        return UNKNOWN, UNKNOWN
    return feature["description"], UNITS.get(feature["unit"], words(feature["unit"]))


def largest(texts: list[str]) -> tuple[list[tuple[str, float]], float]:
    """Return the features with the largest mean contributions, and the mean of all the rest."""
    means = mean_contributions(texts)
    rest = means.pop(REST, 0.0)
    means.pop(BIAS, None)
    return sorted(means.items(), key=lambda item: (-item[1], item[0]))[:SHOWN], rest


def mean_contributions(texts: list[str]) -> dict[str, float]:
    """Return the mean absolute contribution of each item of JSON lists; absent counts as 0."""
    totals: Counter = Counter()
    for text in texts:
        for item in json.loads(text):
            totals[item["feature"]] += abs(item["contribution"])
    return {name: total / len(texts) for name, total in totals.items()}
