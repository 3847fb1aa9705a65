"""The figures that belong together: as deployed, after the cutoff, and ahead of reports."""

from commands.report.errors import require
from commands.report.marts import Row
from commands.report.numbers import percent
from commands.report.parts import Table
from commands.report.scam import lead_time
from commands.report.scam.champion import Champion
from commands.report.scam.metrics import size, value, with_interval
from commands.report.scam.naming import evaluation, model

# What is beside the model that scores: the amount alone, and shuffled labels.
BESIDE = [("null_model", "total_amount_incoming"), ("shuffled_labels", "all")]


def table(
    slug: str, title: str, metrics: list[Row], sets: list[Row], lead_times: list[Row], run: Champion
) -> Table:
    """List deployed, future and lead_time; `sets` are those of the model that scores."""
    keys = [(run.model_name, run.feature_set), *BESIDE]
    lines = [
        (
            evaluation(at),
            "Average precision",
            *(with_interval(_same(metrics, at, key), "\n") for key in keys),
            percent(at["prevalence"]),
            size(at),
        )
        for at in sets
        if at["evaluation"] in ("deployed", "future") and (at["positives"] or at["subset"] == "all")
    ]
    pooled = {
        (row["model_name"], row["feature_set"]): row
        for row in lead_times
        if row["scope_name"] == lead_time.ALL and row["figure"] == "precision_at_100"
    }
    if own := pooled.get(keys[0]):
        lines.append(
            (
                "Ahead of the first report",
                "Precision of the first 100",
                *(lead_time.figure(pooled.get(key)) for key in keys),
                percent(own["random_value"]),
                f"{own['later_reports']} reported later",
            )
        )
    return Table(
        slug,
        title,
        "Read these together. As deployed: features to date, every address scored by a model that"
        " was fitted without it. After the cutoff: a time that training did not see. Ahead of the"
        " first report: unreported addresses of earlier days, and what was reported later. Beside"
        " the model that scores stand trees that see the amount received alone, trees trained on"
        " shuffled labels, and a random order. Within a band of the amount received, amounts hardly"
        " tell scams apart. 95 % intervals in brackets.",
        ["Tested on", "Figure", *(model(*key) for key in keys), "Random", "Scams"],
        require(lines, f"Run {run.run_id} has none of these tests."),
        frozenset(range(2, 6)),
    )


def _same(metrics: list[Row], at: Row, key: tuple[str, str]) -> Row | None:
    same = at | {"model_name": key[0], "feature_set": key[1]}
    return value(metrics, same, "average_precision")
