"""Precision-recall and ROC curves, and what a threshold costs."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from commands.report.drawing import COLORS, FAINT, INK, chart, plain
from commands.report.errors import require
from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN, words
from commands.report.parts import Chart
from commands.report.scam.champion import Champion, evaluation
from commands.report.scam.metrics import size, value, wilson, with_interval

# At most 200 points each, by the mart's own rule.
CURVE = """
select
    threshold_score, flagged, true_positives, false_positives, false_negatives, true_negatives,
    precision, recall, false_positive_share
from {marts}.scam_threshold_curves
where
    run_id = @run_id and model_name = @model_name and feature_set = @feature_set
    and split = 'test' and view = @view and cutoff = @cutoff and subset = @subset
order by threshold_score desc
"""

POLICIES = """
select policy_name, threshold_score, is_met
from {marts}.scam_policies
where
    run_id = @run_id and model_name = @model_name and feature_set = @feature_set
    and view = @view and cutoff = @cutoff
order by threshold_score desc, policy_name
"""

MARKS = {"clean_queue": "-.", "wide_net": "--", "budget": ":"}

# Where the log scale begins; below it nearly everything is flagged.
LOWEST = 0.001


def curve(marts: Marts, run: Champion, at: Row) -> list[Row]:
    """Return the points of one test set, the highest threshold first."""
    place = {name: at[name] for name in ("view", "cutoff", "subset")}
    return require(
        marts.rows(CURVE, **run.key(), **place), f"There is no threshold curve of {evaluation(at)}."
    )


def precision_recall(
    slug: str, title: str, marts: Marts, run: Champion, sets: list[Row], metrics: list[Row]
) -> Chart:
    """Draw precision against recall."""

    def draw_one(axes: Axes, at: Row) -> str:
        points = curve(marts, run, at)
        recall = [row["recall"] for row in points]
        bounds = [wilson(row["true_positives"], row["flagged"]) for row in points]
        axes.fill_between(
            recall, *zip(*bounds, strict=True), color=COLORS[0], alpha=0.18, linewidth=0
        )
        axes.plot(recall, [row["precision"] for row in points], color=COLORS[0], linewidth=1.8)
        axes.axhline(at["prevalence"], color=FAINT, linestyle="--", linewidth=1.2)
        axes.set_xlim(-0.02, 1.02)
        axes.set_xlabel("Recall (share of scams found)")
        axes.set_ylabel("Precision (share of scams)")
        found = with_interval(value(metrics, at, "average_precision"))
        axes.set_title(f"{evaluation(at)}\nAP {found}\n{size(at)}", fontsize=9.5)
        return f"{evaluation(at)}: average precision {found}, {size(at)}"

    return panels(
        slug,
        title,
        sets,
        draw_one,
        "Band: 95 % Wilson interval of the precision at each threshold. AP: average precision with"
        " its 95 % bootstrap interval. Dashed: the prevalence, which random scores reach.",
    )


def roc(
    slug: str, title: str, marts: Marts, run: Champion, sets: list[Row], metrics: list[Row]
) -> Chart:
    """Draw the share of scams found against the share of others flagged."""

    def draw_one(axes: Axes, at: Row) -> str:
        points = curve(marts, run, at)
        flagged = [0.0, *(row["false_positive_share"] or 0.0 for row in points)]
        found = [0.0, *(row["recall"] for row in points)]
        bounds = [
            wilson(row["true_positives"], row["true_positives"] + row["false_negatives"])
            for row in points
        ]
        axes.fill_between(
            flagged[1:], *zip(*bounds, strict=True), color=COLORS[0], alpha=0.18, linewidth=0
        )
        axes.plot(flagged, found, color=COLORS[0], linewidth=1.8)
        axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1.2)
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
        "Band: 95 % Wilson interval of the recall at each threshold. AUC: area under the curve with"
        " its 95 % bootstrap interval. Dashed: random scores. Where scams are rare a small share of"
        " the others is still many addresses: read the precision beside it.",
    )


def thresholds(slug: str, title: str, marts: Marts, run: Champion, sets: list[Row]) -> Chart:
    """Draw precision, recall and the flagged share against the threshold."""
    policies = {
        (at["view"], at["cutoff"]): marts.rows(
            POLICIES, **run.key(), view=at["view"], cutoff=at["cutoff"]
        )
        for at in sets
    }

    def draw_one(axes: Axes, at: Row) -> str:
        points = [row for row in curve(marts, run, at) if row["threshold_score"] >= LOWEST]
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
        for policy in policies[(at["view"], at["cutoff"])]:
            axes.axvline(
                max(policy["threshold_score"], LOWEST),
                color=INK,
                linestyle=MARKS.get(policy["policy_name"], "-"),
                linewidth=1.1,
                label=f"policy {words(policy['policy_name'])}",
            )
            described.append(f"{words(policy['policy_name'])} {policy['threshold_score']:.3f}")
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
        " Policies are thresholds chosen on validation, before the test was looked at;"
        " intervals are in the pictures of precision, recall and ROC.",
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
            handles, labels = grid[0].get_legend_handles_labels()
            figure.legend(handles, labels, loc="outside lower center", ncols=3)
        return "; ".join(described) + "."

    height = 3.5 * down + 0.4
    return chart(slug, title, draw, caption=caption, width=8.8, height=height, is_wide=True)
