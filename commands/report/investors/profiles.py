"""What came out: silhouettes, sizes, a map and a card for each profile."""

import numpy as np
from matplotlib.figure import Figure

from commands.report.drawing import DASHES, FAINT, INK, chart, counts, panel
from commands.report.investors.eligible import require_investors
from commands.report.investors.points import column
from commands.report.investors.run import Look
from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN, count, decimal, percent, short, words
from commands.report.parts import Card, Cards, Chart

FEATURES = {
    "ether_balance": "Balance (ETH)",
    "unique_tokens": "Tokens",
    "unique_transfers": "Token transfers",
    "transactions": "Transactions",
    "active_days": "Active days",
}

CONFIDENCES = """
select cluster, least(cast(floor(10 * confidence) as int64), 9) as bin, count(*) as addresses
from {marts}.investor_profiles
where cluster is not null
group by cluster, bin
order by cluster, bin
"""

# Enough steps for a smooth edge; more only make the page larger.
MOST_STEPS = 300


def silhouette_plot(slug: str, title: str, points: list[Row], looks: dict[int, Look]) -> Chart:
    """Draw the silhouette of each address, sorted within its profile."""
    clusters, values = column(points, "cluster"), column(points, "silhouette")
    mean = float(values.mean())

    def draw(figure: Figure) -> str:
        described = []
        with panel(
            figure.subplots(), "", "Silhouette in the fitted space (−1 to 1, no unit)", ""
        ) as axes:
            start, middles, names = 0, [], []
            for cluster, look in looks.items():
                mine = np.sort(values[clusters == cluster])
                if not len(mine):
                    continue
                steps = np.linspace(0, len(mine) - 1, min(len(mine), MOST_STEPS))
                edge = np.interp(steps, np.arange(len(mine)), mine)
                axes.fill_betweenx(
                    start + steps, 0, edge, color=look.color, alpha=0.85, linewidth=0.6
                )
                middles.append(start + len(mine) / 2)
                names.append(f"{look.name} ({count(len(mine))})")
                described.append(
                    f"{look.name}: mean {decimal(float(mine.mean()))},"
                    f" {percent(float((mine < 0).mean()))} below zero"
                )
                start += len(mine) + len(points) * 0.03
            axes.axvline(mean, color=INK, linestyle="--", linewidth=1.2)
            axes.annotate(
                f"mean {mean:.3f}",
                (mean, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(-4, 3),
                textcoords="offset points",
                ha="right",
                fontsize=9,
            )
            axes.set_xlim(min(-0.1, float(values.min())), 1)
            axes.set_ylim(start, 0)
            # Small profiles lie close together: their names are moved apart, with a line to each.
            heights = apart(middles, start / (len(middles) + 1), start)
            for name, height, middle in zip(names, heights, middles, strict=True):
                axes.annotate(
                    name,
                    (0, middle),
                    xytext=(-0.02, 1 - height / start),
                    textcoords="axes fraction",
                    ha="right",
                    va="center",
                    arrowprops={
                        "arrowstyle": "-",
                        "color": FAINT,
                        "linewidth": 0.7,
                        "relpos": (1, 0.5),
                    },
                )
            axes.set_yticks([])
        return f"Mean {mean:.3f}. " + "; ".join(described) + "."

    caption = (
        f"Each of {count(len(points))} addresses is a line as long as its silhouette, sorted within"
        " its profile. Left of zero another profile is nearer."
    )
    height = max(3.4, 0.62 * len(looks) + 1)
    return chart(slug, title, draw, caption=caption, width=5.6, height=height)


def apart(positions: list[float], distance: float, end: float) -> list[float]:
    """Return ascending positions moved to be at least `distance` apart and not beyond `end`.

    They fit if `distance` times their number is no more than `end`.
    """
    moved: list[float] = []
    for position in positions:
        moved.append(max(position, moved[-1] + distance) if moved else position)
    latest = end
    for number in reversed(range(len(moved))):
        moved[number] = min(moved[number], latest)
        latest = moved[number] - distance
    return moved


def sizes(slug: str, title: str, rows: list[Row], looks: dict[int, Look]) -> Chart:
    """Draw the number of addresses of each profile."""
    total = sum(row["addresses"] for row in rows)

    def draw(figure: Figure) -> str:
        with panel(figure.subplots(), "", "Addresses", "") as axes:
            bars = axes.barh(
                [row["profile"] for row in rows],
                [row["addresses"] for row in rows],
                color=[looks[row["cluster"]].color for row in rows],
            )
            texts = [f"{count(row['addresses'])} ({percent(row['address_share'])})" for row in rows]
            axes.bar_label(bars, texts, padding=4, fontsize=9)
            axes.margins(x=0.28)
            axes.invert_yaxis()
            axes.grid(axis="y", visible=False)
            axes.locator_params(axis="x", nbins=5)
            counts(axes, "x")
        return "; ".join(f"{row['profile']}: {text}" for row, text in zip(rows, texts, strict=True))

    caption = f"{count(total)} addresses with a profile, and their share of all that have one."
    height = max(2.4, 0.5 * len(rows) + 1)
    return chart(slug, title, draw, caption=caption, height=height)


def confidences(slug: str, title: str, marts: Marts, looks: dict[int, Look]) -> Chart:
    """Draw how clearly addresses belong to their profile."""
    rows = require_investors(marts, marts.rows(CONFIDENCES), "No address has a profile.")
    total = sum(row["addresses"] for row in rows)

    def draw(figure: Figure) -> str:
        described = []
        with panel(
            figure.subplots(), "", "Confidence (0 to 1, no unit)", "Share of the profile (%)"
        ) as axes:
            for number, (cluster, look) in enumerate(looks.items()):
                bins = {row["bin"]: row["addresses"] for row in rows if row["cluster"] == cluster}
                mine = sum(bins.values())
                if not mine:
                    continue
                axes.stairs(
                    [100 * bins.get(place, 0) / mine for place in range(10)],
                    [place / 10 for place in range(11)],
                    color=look.color,
                    linestyle=DASHES[number % len(DASHES)],
                    linewidth=1.8,
                    label=look.name,
                )
                unclear = sum(size for place, size in bins.items() if place < 2)
                described.append(f"{look.name}: {percent(unclear / mine)} below 0.2")
            axes.set_xlim(0, 1)
            axes.set_ylim(bottom=0)
            handles, labels = axes.get_legend_handles_labels()
            figure.legend(handles, labels, loc="outside lower center", ncols=2)
        return "; ".join(described) + "."

    caption = (
        f"{count(total)} addresses with a profile. Confidence is the posterior of a mixture, else 1"
        " − distance to the nearest centroid / distance to the second: near 0 an address lies"
        " between two profiles."
    )
    return chart(slug, title, draw, caption=caption, width=5.6, height=4.2)


def pca_map(slug: str, title: str, points: list[Row], looks: dict[int, Look]) -> Chart:
    """Draw the first two principal components of the space the clusters were fitted in."""
    clusters = column(points, "cluster")
    x, y = column(points, "first_component"), column(points, "second_component")

    def draw(figure: Figure) -> str:
        described = []
        with panel(
            figure.subplots(),
            "",
            "First component (scaled features, no unit)",
            "Second component (no unit)",
        ) as axes:
            axes.axhline(0, color=FAINT, linewidth=0.6)
            axes.axvline(0, color=FAINT, linewidth=0.6)
            for cluster, look in looks.items():
                mine = clusters == cluster
                if not mine.any():
                    continue
                axes.scatter(
                    x[mine],
                    y[mine],
                    s=14,
                    alpha=0.55,
                    linewidths=0,
                    color=look.color,
                    marker=look.marker,
                    label=look.name,
                    rasterized=True,
                )
                described.append(
                    f"{look.name} around {np.median(x[mine]):.1f}, {np.median(y[mine]):.1f}"
                )
            handles, labels = axes.get_legend_handles_labels()
            figure.legend(handles, labels, loc="outside lower center", ncols=2, markerscale=2)
        return "Medians of the profiles on the two components: " + "; ".join(described) + "."

    caption = (
        f"{count(len(points))} addresses the clustering was fitted on, in the space of its recipe."
        " Clusters that overlap here may stand apart on a component that is not drawn."
    )
    if np.ptp(y) < 1e-9:
        caption += " Only one feature varies, so all lie on a line."
    return chart(slug, title, draw, caption=caption, width=5.6, height=4.6)


def cards(slug: str, title: str, rows: list[Row], looks: dict[int, Look]) -> Cards:
    """Describe each profile."""
    return Cards(
        slug,
        title,
        "Medians with quartiles of the addresses in each profile by their features of today, beside"
        " the median of all profiled addresses.",
        [card(row, looks[row["cluster"]].color) for row in rows],
    )


def card(row: Row, color: str) -> Card:
    """Describe one profile."""
    defining = [row[f"{place}_defining_feature"] for place in ("first", "second", "third")]
    return Card(
        row["profile"],
        color,
        row["description"],
        [
            ("Addresses", f"{count(row['addresses'])} ({percent(row['address_share'])})"),
            ("Defined by", ", ".join(words(name) for name in defining if name) or UNKNOWN),
            ("Since the previous run", change(row)),
        ],
        ["Feature", "Median", "Quartiles", "Median of all"],
        [
            (
                name,
                short(row[f"median_{feature}"]),
                f"{short(row[f'lower_quartile_{feature}'])} to"
                f" {short(row[f'upper_quartile_{feature}'])}",
                short(row[f"population_median_{feature}"]),
            )
            for feature, name in FEATURES.items()
        ],
    )


def change(row: Row) -> str:
    """Say in words what changed since the previous run."""
    if row["is_new"]:
        return "new: no profile of an earlier run matches"
    text = f"share {100 * row['address_share_change']:+.1f} percentage points"
    if row["previous_addresses"] is not None:
        text += f" (from {count(row['previous_addresses'])} addresses)"
    if row["previous_overlap"] is not None:
        text += f", overlap {percent(row['previous_overlap'], 0)}"
    if row["is_name_changed"]:
        text += f", was called {row['previous_profile']}"
    return text
