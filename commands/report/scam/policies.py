"""What to expect of each policy, and what it flags and misses: confusion matrices."""

from matplotlib.figure import Figure

from commands.report.drawing import COLORS, chart, plain
from commands.report.errors import require
from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN, count, counted, decimal, percent
from commands.report.parts import Card, Cards, Chart, Table
from commands.report.scam.champion import LIFETIME, Champion
from commands.report.scam.metrics import FITTED_HERE, is_sampled, value, with_interval
from commands.report.scam.naming import evaluation, policy_name, policy_order

# What each is for.
QUESTIONS = {
    "clean_queue": "For little time: most of its alerts are expected to be scams.",
    "wide_net": "To miss few: it holds most of the scams that are to be expected.",
    "budget": "For a team: as many alerts as it can review in a day.",
}

# Metrics that every policy has.
RATES = ("precision", "recall")

MATRICES = """
select
    matrices.set_id,
    matrices.evaluation,
    matrices.fit_name,
    matrices.model_name,
    matrices.feature_set,
    matrices.subset,
    matrices.policy_name,
    matrices.threshold_score,
    matrices.true_positives,
    matrices.false_positives,
    matrices.false_negatives,
    matrices.true_negatives,
    policies.is_met
from {marts}.scam_confusion_matrices as matrices
left join {marts}.scam_policies as policies
    on
        matrices.run_id = policies.run_id
        and matrices.fit_name = policies.fit_name
        and matrices.model_name = policies.model_name
        and matrices.feature_set = policies.feature_set
        and matrices.policy_name = policies.policy_name
where
    matrices.run_id = @run_id
    and matrices.model_name = @model_name
    and matrices.feature_set = @feature_set
    and matrices.evaluation <> 'validation'
order by
    matrices.evaluation, matrices.fit_name, matrices.subset, matrices.threshold_score desc,
    matrices.policy_name
"""

EXPECTATIONS = """
select *
from {marts}.scam_policies
where
    run_id = @run_id and model_name = @model_name and feature_set = @feature_set
    and fit_name = @fit_name
order by expected_alerts, policy_name
"""


def expectations(slug: str, title: str, marts: Marts, run: Champion, tested: list[Row]) -> Cards:
    """Say in words what each policy of the model that scores is expected to hold."""
    beside = "The mean probability there is what the measured precision should be."
    if any(map(is_sampled, tested)):
        beside = (
            "Measured are all labelled addresses and a sample of the others"
            " (unlabelled_sample_percent), so the measured precision is higher than that of all"
            " addresses, which the mean probability there stands for."
        )
    rows = marts.rows(EXPECTATIONS, **run.key(), fit_name=LIFETIME)
    require(rows, f"Run {run.run_id} has no policies.")
    return Cards(
        slug,
        title,
        "Expected: of the addresses that can become alerts. Measured: the same policy of models"
        " without a random fifth of the addresses, on all of that fifth, known scams among them,"
        f" with 95 % Wilson intervals. {beside}",
        [
            _expectation(row, color)
            for row, color in zip(sorted(rows, key=policy_order), COLORS, strict=False)
        ],
    )


def _expectation(row: Row, color: str) -> Card:
    met = "The condition is met."
    said = [QUESTIONS.get(row["policy_name"], "")]
    if row["threshold_probability"] is not None:
        said.append(
            f"{counted(round(row['expected_alerts']), 'alert')}{_pace(row['alerts_per_day'])}."
            f" Expected scams among them: about {row['expected_scams']:,.0f}"
            f" ({percent(row['expected_precision'])})."
        )
    if row["policy_reason"] != met:
        said.append(row["policy_reason"])
    low, high = row["measured_precision_low"], row["measured_precision_high"]
    facts = [
        ("From probability", decimal(row["threshold_probability"])),
        ("Expected precision", percent(row["expected_precision"])),
        ("Scams it holds", f"{percent(row['expected_recall'])} of those to expect"),
    ]
    if row["measured_precision"] is not None:
        facts += [
            (
                "Measured precision",
                f"{percent(row['measured_precision'])} ({percent(low)} to {percent(high)}) of"
                f" {count(row['measured_alerts'])} flagged",
            ),
            ("Mean probability there", percent(row["measured_mean_probability"])),
        ]
    return Card(policy_name(row).capitalize(), color, " ".join(filter(None, said)), facts, (), ())


def _pace(alerts_per_day: float | None) -> str:
    if not alerts_per_day:
        return ""
    if alerts_per_day < 0.5:
        return f", one in {1 / alerts_per_day:,.0f} days"
    return f", {alerts_per_day:,.1f} a day"


def matrices(marts: Marts, run: Champion) -> list[Row]:
    """Return the matrices of all test sets and policies."""
    found = marts.rows(MATRICES, **run.key())
    return require(found, f"Run {run.run_id} has no policies.")


def policies_of(rows: list[Row], at: Row) -> list[Row]:
    """Return the matrices of one test set, from the shortest queue to the longest."""
    return sorted((row for row in rows if row["set_id"] == at["set_id"]), key=policy_order)


def policy_metric(metrics: list[Row], row: Row, name: str) -> Row | None:
    """Return precision or recall of a policy, None where it is not defined."""
    found = value(metrics, row, f"{row['policy_name']}_{name}")
    return found if found and found["metric_value"] is not None else None


def pictures(slug: str, title: str, rows: list[Row], sets: list[Row]) -> Chart:
    """Draw the matrices of the test sets that curves are drawn of."""
    lines = [(at, policies_of(rows, at)) for at in sets]
    lines = require([line for line in lines if line[1]], "These test sets have no policies.")
    policies = max((mine for _, mine in lines), key=len)
    across = len(policies)

    def draw(figure: Figure) -> str:
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.08)
        grid = figure.subplots(len(lines), across, squeeze=False)
        described = []
        for line, (at, mine) in zip(grid, lines, strict=True):
            for axes, row in zip(line, mine, strict=False):
                _matrix(axes, row)
                axes.set_title(policy_name(row), fontsize=9.5)
                described.append(
                    f"{evaluation(at)}, {policy_name(row)}: finds"
                    f" {count(row['true_positives'])} scams, misses"
                    f" {count(row['false_negatives'])}, flags"
                    f" {count(row['false_positives'])} others"
                )
            for axes in line[len(mine) :]:
                axes.set_visible(False)
            line[0].set_ylabel(f"{evaluation(at).replace(', ', ',' + chr(10))}\n\nLabel")
        for axes in grid[-1]:
            axes.set_xlabel("Policy says")
        return "; ".join(described) + "."

    caption = (
        "Addresses; the darker, the larger the share of the row (of the scams, of the others)."
        " Intervals, positives and prevalence are in the table below."
    )
    height = 2.35 * len(lines) + 0.4
    return chart(slug, title, draw, caption=caption, width=8.6, height=height, is_wide=True)


def _matrix(axes, row: Row) -> None:
    cells = [
        [row["true_positives"], row["false_negatives"]],
        [row["false_positives"], row["true_negatives"]],
    ]
    shares = [[cell / max(sum(line), 1) for cell in line] for line in cells]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.15, aspect="auto")
    for down in range(2):
        for across in range(2):
            axes.text(
                across,
                down,
                f"{count(cells[down][across])}\n{percent(shares[down][across])}",
                ha="center",
                va="center",
                fontsize=9.5,
                color="white" if shares[down][across] > 0.6 else "black",
            )
    axes.set_xticks([0, 1], ["flag", "leave"])
    axes.set_yticks([0, 1], ["scam", "other"])
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def table(slug: str, title: str, rows: list[Row], sets: list[Row], metrics: list[Row]) -> Table:
    """List every matrix with precision and recall; `sets` and `metrics` are those of the model."""
    lines = [(at, row) for at in sets for row in policies_of(rows, at)]
    return Table(
        slug,
        title,
        "95 % Wilson intervals in brackets. Condition met: whether any queue fulfilled the policy's"
        " condition where it was chosen. Otherwise the queue is empty. Prevalence: scams of all"
        f" addresses tested. {FITTED_HERE}",
        [
            "Tested on",
            "Policy",
            "Threshold",
            "Scams flagged",
            "Others flagged",
            "Scams missed",
            "Others left",
            "Precision",
            "Recall",
            "Prevalence",
            "Condition met",
        ],
        [_line(at, row, metrics) for at, row in lines],
        frozenset(range(2, 10)),
    )


def _line(at: Row, row: Row, metrics: list[Row]) -> tuple[str, ...]:
    return (
        evaluation(at),
        policy_name(row),
        UNKNOWN if row["threshold_score"] is None else plain(row["threshold_score"]),
        count(row["true_positives"]),
        count(row["false_positives"]),
        count(row["false_negatives"]),
        count(row["true_negatives"]),
        *(with_interval(policy_metric(metrics, row, name), "\n") for name in RATES),
        f"{percent(at['prevalence'])}\n({count(at['positives'])} of {count(at['examples'])})",
        {None: UNKNOWN, True: "yes", False: "no"}[row["is_met"]],
    )
