"""The run behind the profiles, its names and colours."""

from dataclasses import dataclass

from commands.report.drawing import COLORS, MARKERS
from commands.report.investors.eligible import require_investors
from commands.report.marts import Marts, Row
from commands.report.numbers import words

CANDIDATES = """
select
    run_id, recipe, algorithm, clusters, sample_rows, silhouette, shuffled_silhouette,
    silhouette_interval, reference_silhouette, stability, stability_state, selection_share,
    smallest_cluster_share, is_bar_met, is_selected, selection_reason, trained_at
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
select
    cluster, profile, previous_profile, description, first_defining_feature,
    second_defining_feature, third_defining_feature, addresses, address_share,
    previous_addresses, address_share_change, previous_overlap,
    lower_quartile_ether_balance, median_ether_balance, upper_quartile_ether_balance,
    population_median_ether_balance,
    lower_quartile_unique_tokens, median_unique_tokens, upper_quartile_unique_tokens,
    population_median_unique_tokens,
    lower_quartile_unique_transfers, median_unique_transfers, upper_quartile_unique_transfers,
    population_median_unique_transfers,
    lower_quartile_transactions, median_transactions, upper_quartile_transactions,
    population_median_transactions,
    lower_quartile_active_days, median_active_days, upper_quartile_active_days,
    population_median_active_days,
    is_new, is_name_changed
from {marts}.investor_profile_summaries
where is_selected_run
order by addresses desc, cluster
"""

ALGORITHMS = {
    "kmeans": "k-means",
    "gaussian_mixture": "Gaussian mixture",
    "agglomerative": "agglomerative (Ward)",
}

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
    return require_investors(marts, marts.rows(CANDIDATES), "No clustering has been selected yet.")


def selected(rows: list[Row]) -> Row:
    """Return the candidate that assigns profiles."""
    return next(row for row in rows if row["is_selected"])


def is_earlier_work(row: Row) -> bool:
    """Tell whether a candidate is the earlier work's recipe."""
    return (row["recipe"], row["algorithm"], row["clusters"]) == EARLIER_WORK


def summaries(marts: Marts) -> list[Row]:
    """Return the profiles of the run, the largest first."""
    return require_investors(marts, marts.rows(SUMMARIES), "No profile has been made yet.")


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
    algorithm = ALGORITHMS.get(row["algorithm"], words(row["algorithm"]))
    return f"{words(row['recipe'])}, {algorithm}, {row['clusters']} clusters"
