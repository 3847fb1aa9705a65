"""Whether a scam probability of p means that a share p are scams."""

from matplotlib.axes import Axes

from commands.report.drawing import COLORS, FAINT
from commands.report.errors import require
from commands.report.marts import Marts, Row
from commands.report.numbers import count, decimal
from commands.report.parts import Chart
from commands.report.scam.curves import panels
from commands.report.scam.metrics import FITTED_HERE, is_sampled, size, value
from commands.report.scam.naming import evaluation

BINS = """
select bin_number, examples, positives, mean_probability, positive_share, interval_low,
    interval_high
from {marts}.scam_calibration
where set_id = @set_id
order by bin_number
"""


def reliability(slug: str, title: str, marts: Marts, sets: list[Row], metrics: list[Row]) -> Chart:
    """Draw the share of scams against the mean probability of each bin."""

    def draw_one(axes: Axes, at: Row) -> str:
        bins = require(
            marts.rows(BINS, set_id=at["set_id"]), f"There is no calibration of {evaluation(at)}."
        )
        axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1.2)
        x = [row["mean_probability"] for row in bins]
        y = [row["positive_share"] for row in bins]
        axes.errorbar(
            x,
            y,
            [
                [max(0.0, row["positive_share"] - row["interval_low"]) for row in bins],
                [max(0.0, row["interval_high"] - row["positive_share"]) for row in bins],
            ],
            color=COLORS[0],
            marker="o",
            markersize=5,
            linestyle="",
            elinewidth=1.4,
        )
        for row in bins:
            axes.annotate(
                count(row["examples"]),
                (row["mean_probability"], row["interval_high"]),
                xytext=(0, 5),
                textcoords="offset points",
                ha="center",
                fontsize=7.5,
            )
        axes.set_ylim(-0.04, 1.16)
        axes.set_xlim(-0.04, 1.04)
        axes.set_xlabel("Mean scam probability of the bin")
        axes.set_ylabel("Share of scams in the bin")
        brier, error = (value(metrics, at, name) for name in ("brier_score", "calibration_error"))
        figures = (
            f"Brier score {decimal(brier and brier['metric_value'])}, calibration error"
            f" {decimal(error and error['metric_value'])}"
        )
        axes.set_title(f"{evaluation(at)}\n{figures}\n{size(at)}", fontsize=9.5, pad=12)
        return f"{evaluation(at)}: {figures}, {size(at)}"

    means = "a probability means what it says"
    if any(map(is_sampled, sets)):
        means = (
            "a probability would be the share of scams in this sample, but it is that of all"
            " addresses (unlabelled_sample_percent), so points lie above the line"
        )
    return panels(
        slug,
        title,
        sets,
        draw_one,
        "Ten bins of the calibrated probability, with 95 % Wilson intervals and the number of"
        f" addresses in each; on the dashed line {means}. No interval is computed for Brier score"
        f" and calibration error. {FITTED_HERE}",
    )
