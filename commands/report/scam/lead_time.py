"""How far ahead of the first report a scam stood in the queue."""

from commands.report.errors import require
from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN, count, day, interval, percent, short, words
from commands.report.parts import Table
from commands.report.scam.champion import Champion
from commands.report.scam.naming import HYPHEN, model

LEAD_TIMES = """
select
    scope_name, model_name, feature_set, figure, state, state_reason, figure_value, interval_low,
    interval_high, random_value, trials, later_reports, queue_addresses, cutoff_at
from {marts}.scam_lead_times
where run_id = @run_id
order by cutoff_at, scope_name, model_name, feature_set, figure
"""

# All cutoffs together, where an address counts once.
ALL = "all_cutoffs"

FIGURES = {
    "precision_at_10": "Precision of the first 10",
    "precision_at_50": "of the first 50",
    "precision_at_100": "of the first 100",
    "recall_within_30_days": "Found of those reported within 30 days",
    "recall_within_90_days": "within 90 days",
    "recall_within_180_days": "within 180 days",
    "median_days_ahead": "Median days ahead of the report",
    "not_yet_seen_share": "No event yet at the cutoff",
}

CAPTION = (
    "At each cutoff a model that knew only the events and labels of that day ranked the unreported"
    " addresses, as the queue would have. Scams are the addresses first reported later. Found:"
    " among the first 100. All together: an address counts once, from the first queue that had it."
    " In brackets 95 % intervals (Wilson, for the median by the sign test), below them how"
    " many addresses are counted. Labels without a report time count as known, and reviews are no"
    " reports."
)


def lead_times(marts: Marts, run: Champion) -> list[Row]:
    """Return the rows of scam_lead_times of the run."""
    return require(
        marts.rows(LEAD_TIMES, run_id=run.run_id),
        f"Run {run.run_id} was not evaluated at earlier cutoffs (var lead_time_cutoffs).",
    )


def by_cutoff(slug: str, title: str, rows: list[Row], run: Champion) -> Table:
    """List the figures of the model that scores at each cutoff, all of them together last."""
    key = (run.model_name, run.feature_set)
    mine = [row for row in rows if (row["model_name"], row["feature_set"]) == key]
    scopes = {row["scope_name"]: row for row in mine}
    ordered = sorted(scopes.values(), key=lambda row: (row["scope_name"] == ALL, row["scope_name"]))
    lines = []
    for scope in ordered:
        found = {row["figure"]: row for row in mine if row["scope_name"] == scope["scope_name"]}
        name = "all together" if scope["scope_name"] == ALL else day(scope["cutoff_at"])
        lines.append(
            (
                name.replace("-", HYPHEN),
                *(figure(found.get(name)) for name in FIGURES),
                count(scope["later_reports"]),
                count(scope["queue_addresses"]),
            )
        )
    return Table(
        slug,
        title,
        CAPTION,
        ["Cutoff", *FIGURES.values(), "Reported later", "Could be queued"],
        lines,
        frozenset(range(1, 3 + len(FIGURES))),
    )


def by_model(slug: str, title: str, rows: list[Row], run: Champion) -> Table:
    """List the figures over all cutoffs of every model, and what a random order gives."""
    pooled = [row for row in rows if row["scope_name"] == ALL]
    keys = sorted(
        {(row["model_name"], row["feature_set"]) for row in pooled},
        key=lambda one: (one != (run.model_name, run.feature_set), one),
    )
    names = [name for name in FIGURES if name != "not_yet_seen_share"]
    found = {(row["model_name"], row["feature_set"], row["figure"]): row for row in pooled}
    lines = [(model(*key), *(figure(found.get((*key, name))) for name in names)) for key in keys]
    if keys:
        at_random = (found.get((*keys[0], name)) for name in names)
        lines.append(("random order", *(percent(row and row["random_value"]) for row in at_random)))
    return Table(
        slug,
        title,
        "All cutoffs together. The amount received alone and shuffled labels show how much of a"
        " figure is trivial.",
        ["Model", *(FIGURES[name] for name in names)],
        require(lines, f"Run {run.run_id} has no lead time over all cutoffs."),
        frozenset(range(1, 1 + len(names))),
    )


def figure(row: Row | None) -> str:
    """A figure with its interval and the addresses it counts, or why there is none."""
    if row is None:
        return UNKNOWN
    if row["figure_value"] is None:
        return f"{UNKNOWN}\n({words(row['state'])})"
    low, high = row["interval_low"], row["interval_high"]
    if row["figure"] == "median_days_ahead":
        text, ends = short(row["figure_value"]), interval(low, high, 1)
    else:
        text = percent(row["figure_value"])
        ends = UNKNOWN if low is None else f"{100 * low:.1f} to {100 * high:.1f}"
    few = ", few" if row["state"] == "few_reports" else ""
    return f"{text}\n({ends})\nof {count(row['trials'])}{few}"
