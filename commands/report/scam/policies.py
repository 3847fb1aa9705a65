"""What each policy flags and misses: confusion matrices."""

from matplotlib.figure import Figure

from commands.report.drawing import chart
from commands.report.errors import require
from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN, count, decimal, interval, percent, words
from commands.report.parts import Chart, Table
from commands.report.scam.champion import Champion, evaluation, order
from commands.report.scam.metrics import wilson

# From the shortest queue to the longest; what is new comes last.
NAMES = ["clean_queue", "wide_net", "budget"]

MATRICES = """
select
    matrices.view,
    matrices.cutoff,
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
        and matrices.view = policies.view
        and matrices.cutoff = policies.cutoff
        and matrices.model_name = policies.model_name
        and matrices.feature_set = policies.feature_set
        and matrices.policy_name = policies.policy_name
where
    matrices.run_id = @run_id
    and matrices.model_name = @model_name
    and matrices.feature_set = @feature_set
    and matrices.split = 'test'
order by
    matrices.view, matrices.cutoff, matrices.subset, matrices.threshold_score desc,
    matrices.policy_name
"""


def matrices(marts: Marts, run: Champion) -> list[Row]:
    """Return the matrices of all test sets and policies."""
    found = marts.rows(MATRICES, **run.key())
    require(found, f"Run {run.run_id} has no policies.")
    return sorted(found, key=lambda row: (order(row), _rank(row["policy_name"])))


def _rank(policy: str) -> int:
    return NAMES.index(policy) if policy in NAMES else len(NAMES)


def pictures(slug: str, title: str, rows: list[Row], sets: list[Row]) -> Chart:
    """Draw the matrices of the test sets that curves are drawn of."""
    names = [(at["view"], at["cutoff"], at["subset"]) for at in sets]
    lines = [
        (at, [row for row in rows if (row["view"], row["cutoff"], row["subset"]) == name])
        for at, name in zip(sets, names, strict=True)
    ]
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
                axes.set_title(f"{words(row['policy_name'])}", fontsize=9.5)
                described.append(
                    f"{evaluation(at)}, {words(row['policy_name'])}: finds"
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


def table(slug: str, title: str, rows: list[Row]) -> Table:
    """List every matrix with precision and recall."""
    return Table(
        slug,
        title,
        "Thresholds were chosen on validation; 95 % Wilson intervals in brackets. Not met: no"
        " threshold fulfilled the policy's condition on validation, so the nearest was taken."
        " Prevalence: scams of all addresses tested.",
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
            "Met on validation",
        ],
        [_line(row) for row in rows],
        frozenset(range(2, 10)),
    )


def _line(row: Row) -> tuple[str, ...]:
    hits, false = row["true_positives"], row["false_positives"]
    scams = hits + row["false_negatives"]
    total = scams + false + row["true_negatives"]
    return (
        evaluation(row),
        words(row["policy_name"]),
        decimal(row["threshold_score"]),
        count(hits),
        count(false),
        count(row["false_negatives"]),
        count(row["true_negatives"]),
        share(hits, hits + false),
        share(hits, scams),
        f"{percent(scams / total)}\n({count(scams)} of {count(total)})" if total else UNKNOWN,
        {None: UNKNOWN, True: "yes", False: "no"}[row["is_met"]],
    )


def share(successes: int, trials: int) -> str:
    """A proportion with its Wilson interval."""
    if not trials:
        return UNKNOWN
    return f"{decimal(successes / trials)}\n({interval(*wilson(successes, trials))})"
