"""How far the addresses of today are from those the champion was trained on."""

from matplotlib.figure import Figure

from commands.report.drawing import COLORS, INK, chart, panel
from commands.report.errors import require
from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN, count, decimal
from commands.report.parts import Chart, Table

DRIFT = """
select
    feature_name, drift_level, population_stability_index, ks_statistic, reference_rows,
    current_rows
from {marts}.model_drift
order by population_stability_index desc, feature_name
"""

# From where on to watch and to act, as model_drift has it.
LEVELS = {"watch": 0.1, "act": 0.25}
SHOWN = 15


def drift(marts: Marts) -> list[Row]:
    """Return the drift of each feature and the score, the largest first."""
    return require(
        marts.rows(DRIFT),
        "Nothing is known about drift: the reference is stored when a run is trained.",
    )


def indices(slug: str, title: str, rows: list[Row]) -> Chart:
    """Draw the largest population stability indices."""
    known = [row for row in rows if row["population_stability_index"] is not None]
    shown = require(known, "No address has been scored yet.")[:SHOWN]
    score = [row for row in known[SHOWN:] if row["feature_name"] == "score"]
    shown = [*shown, *score]

    def draw(figure: Figure) -> str:
        with panel(figure.subplots(), "", "Population stability index (no unit)", "") as axes:
            values = [row["population_stability_index"] for row in shown]
            colors = {"stable": COLORS[0], "watch": COLORS[1], "act": COLORS[3]}
            bars = axes.barh(
                [row["feature_name"] for row in shown],
                values,
                color=[colors.get(row["drift_level"], COLORS[6]) for row in shown],
            )
            axes.bar_label(
                bars,
                [f"{row['population_stability_index']:.3f}" for row in shown],
                padding=3,
                fontsize=8.5,
            )
            for name, level in LEVELS.items():
                axes.axvline(level, color=INK, linestyle="--", linewidth=1)
                axes.annotate(
                    name,
                    (level, 1.0),
                    xycoords=("data", "axes fraction"),
                    xytext=(0, 3),
                    textcoords="offset points",
                    ha="right" if name == "watch" else "left",
                    fontsize=8.5,
                )
            axes.set_xlim(0, max(0.3, 1.18 * max(values)))
            axes.invert_yaxis()
            axes.grid(axis="y", visible=False)
        return (
            "; ".join(
                f"{row['feature_name']}: {row['population_stability_index']:.3f}"
                f" ({row['drift_level'] or UNKNOWN})"
                for row in shown
            )
            + "."
        )

    caption = (
        f"The {SHOWN} largest of {len(rows)}, and the score; 0 means the same shares in ten bins."
        " Compared with the addresses that the champion was trained on, each scored by a model that"
        " was fitted without it."
    )
    height = 1.0 + 0.27 * len(shown)
    return chart(slug, title, draw, caption=caption, width=5.4, height=height, is_wide=True)


def table(slug: str, title: str, rows: list[Row]) -> Table:
    """List the drift of every feature and the score."""
    return Table(
        slug,
        title,
        "Population stability index (stable below 0.1, act from 0.25 on) and Kolmogorov-Smirnov"
        " statistic (largest distance of the cumulative distributions, 0 to 1).",
        ["Feature", "Level", "Stability index", "KS statistic", "Reference rows", "Rows today"],
        [
            (
                row["feature_name"],
                row["drift_level"] or UNKNOWN,
                decimal(row["population_stability_index"], 4),
                decimal(row["ks_statistic"]),
                count(row["reference_rows"]),
                count(row["current_rows"]),
            )
            for row in rows
        ],
        frozenset({2, 3, 4, 5}),
    )
