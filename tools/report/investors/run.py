"""The run behind the profiles, its names and colours."""

from dataclasses import dataclass

from tools.report.drawing import COLORS, MARKERS
from tools.report.errors import require
from tools.report.marts import Marts, Row

CANDIDATES = """
select
    run_id, recipe, algorithm, clusters, sample_rows, silhouette, reference_silhouette, stability,
    stability_state, smallest_cluster_share, is_bar_met, is_selected, selection_reason, trained_at
from {marts}.investor_profile_models
where run_id = (
    select run_id
    from {marts}.investor_profile_models
    where is_selected
    order by trained_at desc, run_id desc
    limit 1
)
order by recipe, algorithm, clusters
"""

SUMMARIES = """
select *
from {marts}.investor_profile_summaries
where is_selected_run
order by addresses desc, cluster
"""

# What the earlier work chose; always among the candidates (docs/investor_profiles.md).
EARLIER_WORK = ("power_transform", "kmeans", 4)


@dataclass(frozen=True)
class Look:
    """How a profile is drawn everywhere on the page."""

    name: str
    color: str
    marker: str


def candidates(marts: Marts) -> list[Row]:
    """Return all candidates of the run that assigns profiles."""
    return require(marts.rows(CANDIDATES), "No clustering has been selected yet.")


def selected(rows: list[Row]) -> Row:
    """Return the candidate that assigns profiles."""
    return next(row for row in rows if row["is_selected"])


def is_earlier_work(row: Row) -> bool:
    """Tell whether a candidate is the earlier work's recipe."""
    return (row["recipe"], row["algorithm"], row["clusters"]) == EARLIER_WORK


def summaries(marts: Marts) -> list[Row]:
    """Return the profiles of the run, the largest first."""
    return require(marts.rows(SUMMARIES), "There are no profiles yet.")


def looks(rows: list[Row]) -> dict[int, Look]:
    """Return the look of each cluster; `rows` are the profiles, the largest first."""
    return {
        row["cluster"]: Look(
            row["profile"], COLORS[rank % len(COLORS)], MARKERS[rank % len(MARKERS)]
        )
        for rank, row in enumerate(rows)
    }


def label(row: Row) -> str:
    """Name a candidate."""
    return f"{row['recipe']}, {row['algorithm']}, {row['clusters']} clusters"
