"""How well models find scams: every figure with its interval, positives and prevalence."""

from matplotlib.figure import Figure

from commands.report.drawing import COLORS, INK, MARKERS, chart
from commands.report.errors import require
from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN, count, counted, decimal, interval, percent
from commands.report.parts import Chart, Table
from commands.report.scam.champion import Champion
from commands.report.scam.naming import evaluation, model, order

# Thresholds and probabilities are fitted on the evaluation validation, so it tests nothing.
METRICS = """
select
    set_id, evaluation, fit_name, model_name, feature_set, subset, metric_name, metric_value,
    interval_low, interval_high, negative_labels, positives, examples, prevalence, held_out_share,
    unknown_report_time_share, unlabelled_sample_percent, cutoff_at
from {marts}.scam_model_metrics
where run_id = @run_id and evaluation <> 'validation'
order by evaluation, fit_name, subset, model_name, feature_set, metric_name
"""

# What curves are drawn of, in this order.
HEADLINES = [
    ("deployed", "all"),
    ("future", "all"),
    ("future", "first_seen_after_cutoff"),
    ("external", "all"),
]

FITTED_HERE = (
    "The probabilities and thresholds of the model that scores addresses are fitted on the scores"
    " of As deployed, so calibration and policies look better there than they are. After the cutoff"
    " tests them."
)

# The same test set of another configuration.
SET = ("evaluation", "fit_name", "subset")

LISTED = {
    "average_precision": "Average precision",
    "roc_auc": "ROC AUC",
    "recall_at_95_precision": "Recall at 95 % precision",
    "precision_at_100": "Precision of the first 100",
    "brier_score": "Brier score",
    "calibration_error": "Calibration error",
}


def metrics(marts: Marts, run: Champion) -> list[Row]:
    """Return the metrics of all configurations of the run."""
    return require(
        marts.rows(METRICS, run_id=run.run_id), f"Run {run.run_id} has not been evaluated."
    )


def own(rows: list[Row], run: Champion) -> list[Row]:
    """Return the rows of the configuration that scores."""
    mine = [
        row
        for row in rows
        if (row["model_name"], row["feature_set"]) == (run.model_name, run.feature_set)
    ]
    return require(mine, f"Run {run.run_id} has no metrics of {run.name()}.")


def sets(rows: list[Row]) -> list[Row]:
    """Return one row for each set of test examples, in the order of the page."""
    found = {tuple(row[part] for part in SET): row for row in rows}
    return sorted(found.values(), key=order)


def headlines(rows: list[Row]) -> list[Row]:
    """Return the sets that curves are drawn of: those of HEADLINES that have scams."""
    chosen = [
        row
        for wanted in HEADLINES
        for row in sets(rows)
        if (row["evaluation"], row["subset"]) == wanted and row["positives"]
    ]
    return require(chosen, "No tested address is a scam.", command=None)[: len(HEADLINES)]


def value(rows: list[Row], at: Row, name: str) -> Row | None:
    """Return the metric `name` of the same configuration and test set as `at`."""
    key = (*SET, "model_name", "feature_set")
    for row in rows:
        if row["metric_name"] == name and all(row[part] == at[part] for part in key):
            return row
    return None


def with_interval(row: Row | None, separator: str = " ") -> str:
    """A metric with its interval, in a table on a second line."""
    if row is None or row["metric_value"] is None:
        return UNKNOWN
    text = decimal(row["metric_value"])
    if row["interval_low"] is not None:
        text += f"{separator}({interval(row['interval_low'], row['interval_high'])})"
    return text


def size(row: Row) -> str:
    """The evidence: scams of addresses, and their share."""
    share = percent(row["prevalence"])
    return f"{counted(row['positives'], 'scam')} of {count(row['examples'])} ({share})"


def non_scams(row: Row) -> str:
    """Say in words who counts as a non-scam."""
    if row["negative_labels"] == "labelled":
        return "Only addresses labelled as benign count as non-scams."
    text = "Every tested address without a scam label counts as a non-scam."
    if not is_sampled(row):
        return text
    return (
        f"{text} Of those without a label {row['unlabelled_sample_percent']:g} % were drawn"
        " (unlabelled_sample_percent), so precision and average precision are those of a sample"
        " that has more scams than all addresses."
    )


def is_sampled(row: Row) -> bool:
    """Return whether scams are more frequent among the tested than among all addresses."""
    return row["negative_labels"] == "unlabelled" and row["unlabelled_sample_percent"] < 100


def table(slug: str, title: str, rows: list[Row], run: Champion) -> Table:
    """List the metrics of the configuration that scores."""
    mine = own(rows, run)
    return Table(
        slug,
        title,
        f"Metrics of {run.name()}, with 95 % intervals in brackets: bootstrap, for precision of the"
        " first 100 Wilson; Brier score and calibration error have none. Average precision of"
        " random scores is the prevalence. No address is scored by a model that was trained on it:"
        " held out is the share of the tested addresses that the model was trained on, and each of"
        " them is scored by the model that was fitted without it. New addresses: first seen after"
        " the cutoff. Report time unknown: share of the scams of which you cannot tell whether"
        f" they were known in time. {non_scams(mine[0])} {FITTED_HERE}",
        ["Tested on", "Prevalence", "Held out", *LISTED.values(), "Report time unknown"],
        [
            (
                evaluation(row),
                f"{percent(row['prevalence'])}\n"
                f"({count(row['positives'])} of {count(row['examples'])})",
                percent(row["held_out_share"]),
                *(with_interval(value(mine, row, name), "\n") for name in LISTED),
                percent(row["unknown_report_time_share"]),
            )
            for row in sets(mine)
            if row["evaluation"] != "lead_time"
        ],
        frozenset(range(1, 4 + len(LISTED))),
    )


def comparison(slug: str, title: str, rows: list[Row], run: Champion) -> Chart:
    """Draw the average precision of every configuration on every test set."""
    shown = [
        row
        for row in sets(rows)
        if row["positives"]
        and row["subset"] in ("all", "first_seen_after_cutoff")
        and row["evaluation"] != "lead_time"
    ]
    require(shown, "No tested address is a scam.", command=None)
    configurations = sorted({(row["model_name"], row["feature_set"]) for row in rows})
    # The one that scores comes first, rules come last.
    configurations.sort(
        key=lambda one: (one != (run.model_name, run.feature_set), one[0] == "one_hop_rule")
    )

    def draw(figure: Figure) -> str:
        axes = figure.subplots()
        described = []
        for number, (model_name, feature_set) in enumerate(configurations):
            name = model(model_name, feature_set)
            shift = (number - (len(configurations) - 1) / 2) * 0.8 / len(configurations)
            points = []
            for place, at in enumerate(shown):
                same = at | {"model_name": model_name, "feature_set": feature_set}
                found = value(rows, same, "average_precision")
                if found is None or found["metric_value"] is None:
                    continue
                points.append((found["metric_value"], place + shift))
                if found["interval_low"] is not None:
                    axes.plot(
                        [found["interval_low"], found["interval_high"]],
                        [place + shift] * 2,
                        color=COLORS[number % len(COLORS)],
                        linewidth=1.6,
                    )
                if number == 0:
                    described.append(f"{evaluation(at)}: {with_interval(found)}, {size(found)}")
            axes.plot(
                [x for x, _ in points],
                [y for _, y in points],
                linestyle="",
                marker=MARKERS[number % len(MARKERS)],
                color=COLORS[number % len(COLORS)],
                markersize=5,
                label=f"{name} (scores addresses)" if number == 0 else name,
            )
        axes.plot(
            [row["prevalence"] for row in shown],
            range(len(shown)),
            linestyle="",
            marker="|",
            markersize=22,
            color=INK,
            label="random scores (prevalence)",
        )
        axes.set_yticks(
            range(len(shown)),
            [
                f"{evaluation(row)}\n{count(row['positives'])} of {count(row['examples'])}"
                f" ({percent(row['prevalence'])})"
                for row in shown
            ],
            fontsize=9,
        )
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.set_xlim(0, 1.02)
        axes.set_xlabel("Average precision (0 to 1, no unit)")
        legend = figure.legend(loc="outside lower center", ncols=2)
        legend.legend_handles[-1].set_markersize(10)
        return "Of the configuration that scores: " + "; ".join(described) + "."

    caption = (
        "Lines are 95 % bootstrap intervals, computed for boosted trees. One amount alone and"
        " shuffled labels show how much of a figure is trivial. Beside each test set its"
        " scams of its addresses, and the prevalence. No address is scored by a model that was"
        " trained on it. New addresses: first seen after the cutoff. The one-hop rule ranks"
        " addresses by the share of their counterparties that are known scams."
    )
    height = 2.4 + 0.12 * len(shown) * len(configurations)
    return chart(slug, title, draw, caption=caption, width=8.6, height=height, is_wide=True)
