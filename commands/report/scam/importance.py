"""Which features move scores: mean absolute contributions."""

from matplotlib.figure import Figure

from commands.report.drawing import COLORS, chart, panel
from commands.report.errors import require
from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN, count, decimal, words
from commands.report.parts import Chart, Table
from commands.report.scam.champion import Champion

# The bias is where the model starts from, no feature.
CONTRIBUTIONS = """
select
    feature_name,
    avg(abs(contribution)) as mean_contribution,
    count(*) as addresses
from {marts}.scam_explanations
where run_id = @run_id and feature_name <> 'bias'
group by feature_name
order by mean_contribution desc, feature_name
"""

FEATURES = """
select feature_name, unit, description
from {marts}.features
"""

# Units whose names do not speak for themselves.
UNITS = {"eth": "ETH", "gas_price": "wei per gas", "log": "natural logarithm"}

SHOWN = 20


def contributions(marts: Marts, run: Champion) -> list[Row]:
    """Return the mean absolute contribution of each feature, the largest first."""
    return require(
        marts.rows(CONTRIBUTIONS, run_id=run.run_id), f"Run {run.run_id} has explained no address."
    )


def importance(slug: str, title: str, features: list[Row]) -> Chart:
    """Draw the mean absolute contribution of each feature over the explained addresses."""
    shown = [(row["feature_name"], row["mean_contribution"]) for row in features[:SHOWN]]
    rest = sum(row["mean_contribution"] for row in features[SHOWN:])

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
        f"SHAP values in log-odds of {count(features[0]['addresses'])} addresses of tier medium or"
        f" high, all that are explained. The features not shown add {decimal(rest)} together. It"
        " says what moves this model's scores, not what makes a scam."
    )
    height = 1.0 + 0.27 * len(shown)
    return chart(slug, title, draw, caption=caption, width=5.4, height=height)


def meanings(slug: str, title: str, largest: list[Row], marts: Marts) -> Table:
    """Say what the features with the largest contributions are."""
    shown = [row["feature_name"] for row in largest[:SHOWN]]
    features: dict[str, Row] = {row["feature_name"]: row for row in marts.rows(FEATURES)}
    require(list(features), "The catalogue of features is empty.")
    return Table(
        slug,
        title,
        f"The {len(shown)} features that move scores most, the largest first.",
        ["Feature", "What it is", "Unit"],
        [(name, *_meaning(features.get(name))) for name in shown],
    )


def _meaning(feature: Row | None) -> tuple[str, str]:
    if feature is None:
        return UNKNOWN, UNKNOWN
    return feature["description"], UNITS.get(feature["unit"], words(feature["unit"]))
