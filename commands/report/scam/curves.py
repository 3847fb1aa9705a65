"""Precision-recall and ROC curves, and what a threshold costs."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from commands.report.drawing import COLORS, FAINT, INK, chart, plain
from commands.report.errors import require
from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN
from commands.report.parts import Chart
from commands.report.scam.champion import Champion
from commands.report.scam.metrics import size, value, with_interval
from commands.report.scam.naming import evaluation, policy_name
from commands.report.scam.policies import RATES, policies_of, policy_metric

# At most 200 points each, by the mart's own rule.
CURVE = """
select
    threshold_score, flagged, true_positives, false_positives, false_negatives, true_negatives,
    precision, recall, false_positive_share
from {marts}.scam_threshold_curves
where set_id = @set_id
order by threshold_score desc
"""

THRESHOLDS = """
select policy_name, threshold_score, is_met
from {marts}.scam_policies
where
    run_id = @run_id and model_name = @model_name and feature_set = @feature_set
    and fit_name = @fit_name
    -- An empty queue has no threshold.
    and threshold_score is not null
order by threshold_score desc, policy_name
"""

LINES = {"clean_queue": "-.", "wide_net": "--", "budget": ":"}
# Colour and mark of a policy's point on a curve.
POINTS = {
    "clean_queue": (COLORS[3], "o"),
    "wide_net": (COLORS[2], "s"),
    "budget": (COLORS[4], "^"),
}

# Where the log scale begins; below it nearly everything is flagged.
LOWEST = 0.001


def curve(marts: Marts, at: Row) -> list[Row]:
    """Return the points of one test set, the highest threshold first."""
    return require(
        marts.rows(CURVE, set_id=at["set_id"]), f"There is no threshold curve of {evaluation(at)}."
    )


def precision_recall(
    slug: str,
    title: str,
    marts: Marts,
    sets: list[Row],
    metrics: list[Row],
    matrices: list[Row],
) -> Chart:
    """Draw precision against recall, and where the policies are."""

    def draw_one(axes: Axes, at: Row) -> str:
        points = curve(marts, at)
        recall = [row["recall"] for row in points]
        axes.plot(recall, [row["precision"] for row in points], color=COLORS[0], linewidth=1.8)
        axes.axhline(at["prevalence"], color=FAINT, linestyle="--", linewidth=1.2)
        for row in policies_of(matrices, at):
            precision, found = (policy_metric(metrics, row, name) for name in RATES)
            if precision and found:
                _point(axes, row, found["metric_value"], precision, found)
        axes.set_xlim(-0.02, 1.02)
        axes.set_xlabel("Recall (share of scams found)")
        axes.set_ylabel("Precision (share of scams)")
        average = with_interval(value(metrics, at, "average_precision"))
        axes.set_title(f"{evaluation(at)}\nAP {average}\n{size(at)}", fontsize=9.5)
        return f"{evaluation(at)}: average precision {average}, {size(at)}"

    return panels(
        slug,
        title,
        sets,
        draw_one,
        "AP: average precision with its 95 % bootstrap interval. Points: the thresholds of the"
        " policies, with 95 % Wilson intervals of precision and recall. Dashed: the prevalence,"
        " which random scores reach.",
        has_legend=bool(matrices),
    )


def roc(
    slug: str,
    title: str,
    marts: Marts,
    sets: list[Row],
    metrics: list[Row],
    matrices: list[Row],
) -> Chart:
    """Draw the share of scams found against the share of others flagged."""

    def draw_one(axes: Axes, at: Row) -> str:
        points = curve(marts, at)
        flagged = [0.0, *(row["false_positive_share"] or 0.0 for row in points)]
        found = [0.0, *(row["recall"] for row in points)]
        axes.plot(flagged, found, color=COLORS[0], linewidth=1.8)
        axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1.2)
        for row in policies_of(matrices, at):
            recall = policy_metric(metrics, row, "recall")
            others = row["false_positives"] + row["true_negatives"]
            if recall and others:
                _point(axes, row, row["false_positives"] / others, recall)
        axes.set_xlim(-0.02, 1.02)
        axes.set_xlabel("Share of the others flagged")
        axes.set_ylabel("Recall (share of scams found)")
        area = with_interval(value(metrics, at, "roc_auc"))
        axes.set_title(f"{evaluation(at)}\nAUC {area}\n{size(at)}", fontsize=9.5)
        return f"{evaluation(at)}: area {area}, {size(at)}"

    return panels(
        slug,
        title,
        sets,
        draw_one,
        "AUC: area under the curve with its 95 % bootstrap interval. Points: the thresholds of the"
        " policies, with 95 % Wilson intervals of the recall. Dashed: random scores. Where scams"
        " are rare a small share of the others is still many addresses: read the precision beside"
        " it.",
        has_legend=bool(matrices),
    )


def _point(axes: Axes, policy: Row, x: float, y: Row, across: Row | None = None) -> None:
    """Draw a policy at `x` and the metric `y`; `across` is the metric along the other axis."""
    color, mark = POINTS.get(policy["policy_name"], (INK, "D"))
    axes.errorbar(
        x,
        y["metric_value"],
        yerr=_bars(y),
        xerr=_bars(across) if across else None,
        color=color,
        marker=mark,
        markersize=5.5,
        elinewidth=1.2,
        linestyle="",
        clip_on=False,
        label=policy_name(policy),
    )


def _bars(metric: Row) -> list[list[float]]:
    middle = metric["metric_value"]
    ends = (middle - metric["interval_low"], metric["interval_high"] - middle)
    return [[max(0.0, end)] for end in ends]


def thresholds(slug: str, title: str, marts: Marts, run: Champion, sets: list[Row]) -> Chart:
    """Draw precision, recall and the flagged share against the threshold."""
    policies = {
        fit_name: marts.rows(THRESHOLDS, **run.key(), fit_name=fit_name)
        for fit_name in sorted({at["fit_name"] for at in sets})
    }

    def draw_one(axes: Axes, at: Row) -> str:
        points = [row for row in curve(marts, at) if row["threshold_score"] >= LOWEST]
        x = [row["threshold_score"] for row in points]
        lines = {
            "precision": [row["precision"] for row in points],
            "recall": [row["recall"] for row in points],
            "flagged": [row["flagged"] / at["examples"] for row in points],
        }
        styles = {"precision": "-", "recall": "--", "flagged": "-."}
        for number, (name, y) in enumerate(lines.items()):
            axes.plot(x, y, color=COLORS[number], linestyle=styles[name], linewidth=1.8, label=name)
        described = []
        for policy in policies[at["fit_name"]]:
            axes.axvline(
                max(policy["threshold_score"], LOWEST),
                color=INK,
                linestyle=LINES.get(policy["policy_name"], "-"),
                linewidth=1.1,
                label=f"policy {policy_name(policy)}",
            )
            described.append(f"{policy_name(policy)} {plain(policy['threshold_score'])}")
        axes.set_xscale("log")
        axes.set_xlim(LOWEST, 1)
        axes.xaxis.set_major_formatter(plain)
        axes.minorticks_off()
        axes.set_xlabel("Threshold (score before calibration, log scale)")
        axes.set_ylabel("Share (0 to 1)")
        axes.set_title(f"{evaluation(at)}\n{size(at)}", fontsize=9.5)
        return f"{evaluation(at)}: policies at " + (", ".join(described) or UNKNOWN)

    return panels(
        slug,
        title,
        sets,
        draw_one,
        "Precision and recall at each threshold, and the share of all addresses that is flagged."
        " The policies of As deployed and External list are chosen on the scores of As deployed,"
        " those of the others before the cutoff. An empty queue has no threshold.",
        has_legend=True,
    )


def panels(
    slug: str,
    title: str,
    sets: list[Row],
    draw_one: Callable[[Axes, Row], str],
    caption: str,
    has_legend: bool = False,
) -> Chart:
    """One panel for each test set, two in a row."""
    down = -(-len(sets) // 2)

    def draw(figure: Figure) -> str:
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)
        grid = figure.subplots(down, 2, squeeze=False).ravel()
        described = []
        for axes, at in zip(grid, sets, strict=False):
            axes.set_ylim(-0.02, 1.04)
            described.append(draw_one(axes, at))
        for axes in grid[len(sets) :]:
            axes.set_visible(False)
        if has_legend:
            handles, labels = max(
                (axes.get_legend_handles_labels() for axes in grid), key=lambda pair: len(pair[1])
            )
            figure.legend(handles, labels, loc="outside lower center", ncols=3)
        return "; ".join(described) + "."

    height = 3.5 * down + 0.4
    return chart(slug, title, draw, caption=caption, width=8.8, height=height, is_wide=True)
