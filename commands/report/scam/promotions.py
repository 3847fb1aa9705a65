"""Which run scores addresses, and why: the trials of all runs in words."""

from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN, count, counted, day, decimal, interval, minute
from commands.report.parts import Table
from commands.report.scam.champion import Champion
from commands.report.scam.labels import require_scams

PROMOTIONS = """
select
    promotions.run_id, promotions.incumbent_run_id, promotions.decision, promotions.reason_code,
    promotions.reason, promotions.replaced_by_run_id, promotions.average_precision,
    promotions.average_precision_low, promotions.average_precision_high,
    promotions.incumbent_average_precision, promotions.difference, promotions.difference_low,
    promotions.difference_high, promotions.positives, promotions.examples, promotions.is_pinned,
    promotions.slice_start, promotions.slice_end, promotions.trained_at,
    trials.brier_score, trials.incumbent_brier_score
from {marts}.scam_model_promotions as promotions
left join {marts}.scam_promotion_trials as trials on promotions.run_id = trials.run_id
order by promotions.trained_at desc, promotions.run_id desc
"""

# The trial could not tell which of the two is better.
UNDECIDED = {
    "too_few_positives",
    "no_past_model",
    "incumbent_without_past_model",
    "no_slice",
    "slice_was_trained_on",
    "incumbent_unusable",
    "labelled_non_scams",
}
CALIBRATED = {"equal_and_better_calibrated", "not_better"}

MOST_RUNS = 20


def promotions(marts: Marts) -> list[Row]:
    """Return what became of each run, the newest first."""
    return require_scams(marts, marts.rows(PROMOTIONS), "No run has been trained yet.")


def reason(rows: list[Row], run: Champion) -> str:
    """Say why the champion scores."""
    return next((explanation(row) for row in rows if row["run_id"] == run.run_id), UNKNOWN)


def explanation(row: Row) -> str:
    """Say why a run scores addresses or does not, with the figures of its trial."""
    said = [row["reason"]]
    if row["incumbent_average_precision"] is not None:
        said.append(
            f"average precision {decimal(row['average_precision'])} against"
            f" {decimal(row['incumbent_average_precision'])} of run {row['incumbent_run_id']},"
            f" difference {_with_interval(row, 'difference')}"
        )
    elif row["average_precision"] is not None:
        said.append(f"average precision {_with_interval(row, 'average_precision')}")
    if row["examples"]:
        said[-1] += (
            f", on {counted(row['positives'], 'scam')} of {counted(row['examples'], 'address')}"
            f" from {day(row['slice_start'])} to {day(row['slice_end'])}"
        )
    if row["reason_code"] in CALIBRATED and row["incumbent_brier_score"] is not None:
        said.append(
            f"Brier score {decimal(row['brier_score'], 4)} against"
            f" {decimal(row['incumbent_brier_score'], 4)}"
        )
    if row["is_pinned"]:
        said.append("pinned by hand")
    elif row["reason_code"] in UNDECIDED and row["decision"] == "challenger":
        said.append("train again when more labels are known, or pin this run")
    if row["replaced_by_run_id"]:
        said.append(f"replaced by run {row['replaced_by_run_id']}")
    return "; ".join(said)


def table(slug: str, title: str, rows: list[Row]) -> Table:
    """List the runs with what was decided."""
    caption = (
        "A new run scores addresses only if it beats the champion of its time on recent addresses"
        " that neither was trained on. Average precision and 95 % bootstrap intervals are those of"
        " that trial."
    )
    if len(rows) > MOST_RUNS:
        caption += f" The newest {MOST_RUNS} of {count(len(rows))} runs."
    return Table(
        slug,
        title,
        caption,
        ["Run", "Trained", "Decision", "Why"],
        [
            (row["run_id"], minute(row["trained_at"]), row["decision"], explanation(row))
            for row in rows[:MOST_RUNS]
        ],
    )


def _with_interval(row: Row, name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return f"{decimal(row[name])} (95 % interval {interval(low, high)})"
