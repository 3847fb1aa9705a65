"""Which features move scores: mean absolute contributions."""

import json
from collections import Counter

from matplotlib.figure import Figure

from commands.report.drawing import COLORS, chart, panel
from commands.report.errors import require
from commands.report.marts import Marts
from commands.report.numbers import count, decimal
from commands.report.parts import Chart
from commands.report.scam.champion import Champion

# By the hash of the address: a draw, and the same one every time.
CONTRIBUTIONS = """
select contributions
from {marts}.scam_raw_scores
where run_id = @run_id
order by md5(address), address
limit 5000
"""

# Not features: what is left after the largest ones, and the model's starting point.
REST, BIAS = "other_features", "bias"
SHOWN = 20


def importance(slug: str, title: str, marts: Marts, run: Champion) -> Chart:
    """Draw the mean absolute contribution of each feature over a draw of scored addresses."""
    rows = require(
        marts.rows(CONTRIBUTIONS, run_id=run.run_id), f"Run {run.run_id} has scored no address."
    )
    means = mean_contributions([row["contributions"] for row in rows])
    rest = means.pop(REST, 0.0)
    means.pop(BIAS, None)
    shown = sorted(means.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]

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
        f"SHAP values in log-odds of {count(len(rows))} scored addresses, drawn by their hash. Each"
        " address keeps its five largest, so a feature's mean counts 0 where it was not among them;"
        f" all smaller ones of an address together have {decimal(rest)} on average. It says what"
        " moves this model's scores, not what makes a scam."
    )
    height = 1.0 + 0.27 * len(shown)
    return chart(slug, title, draw, caption=caption, width=5.4, height=height)


def mean_contributions(texts: list[str]) -> dict[str, float]:
    """Return the mean absolute contribution of each item of JSON lists; absent counts as 0."""
    totals: Counter = Counter()
    for text in texts:
        for item in json.loads(text):
            totals[item["feature"]] += abs(item["contribution"])
    return {name: total / len(texts) for name, total in totals.items()}
