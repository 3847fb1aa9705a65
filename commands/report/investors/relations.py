"""How the features hang together: scatter matrix and rank correlations."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator
from scipy.stats import spearmanr

from commands.report.drawing import chart, plain
from commands.report.investors.points import AXES, column
from commands.report.investors.run import Look
from commands.report.marts import Row
from commands.report.numbers import count
from commands.report.parts import Chart

CLUSTERED = ["ether_balance", "unique_tokens", "unique_transfers"]
# Rounder than e: log1p is what most recipes do, the labels are plain numbers.
TICKS = [0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]


def scatter_matrix(slug: str, title: str, points: list[Row], looks: dict[int, Look]) -> Chart:
    """Draw each feature against each, coloured by profile."""
    clusters = column(points, "cluster")
    logs = {name: np.log1p(np.maximum(column(points, name), 0)) for name in CLUSTERED}

    def draw(figure: Figure) -> str:
        grid = figure.subplots(3, 3)
        for down, y in enumerate(CLUSTERED):
            for across, x in enumerate(CLUSTERED):
                axes = grid[down, across]
                for cluster, look in looks.items():
                    mine = clusters == cluster
                    if x == y:
                        axes.hist(
                            logs[x][mine],
                            np.linspace(0, logs[x].max() or 1, 25),
                            histtype="step",
                            color=look.color,
                            linewidth=1.6,
                        )
                        axes.set_yscale("symlog", linthresh=1)
                        axes.yaxis.set_major_formatter(plain)
                        axes.yaxis.set_major_locator(FixedLocator([0, 1, 10, 100, 1000, 10_000]))
                        axes.yaxis.set_minor_locator(NullLocator())
                    else:
                        axes.scatter(
                            logs[x][mine],
                            logs[y][mine],
                            s=11,
                            alpha=0.55,
                            linewidths=0,
                            color=look.color,
                            marker=look.marker,
                            label=look.name,
                            rasterized=True,
                        )
                        _log_ticks(axes.yaxis, logs[y])
                _log_ticks(axes.xaxis, logs[x])
                axes.set_xlabel(AXES[x])
                axes.set_ylabel("Addresses per bin" if x == y else AXES[y])
        handles, labels = grid[0, 1].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2, markerscale=2.2)
        return (
            f"Nine panels of balance, tokens and token transfers of {count(len(points))}"
            " addresses, one mark and colour a profile: "
            + ", ".join(look.name for look in looks.values())
            + "."
        )

    caption = (
        f"{count(len(points))} addresses of those the clustering was fitted on; log1p scales with"
        " plain labels. On the diagonal how many of each profile there are, by balance, tokens and"
        " transfers (log scale)."
    )
    return chart(slug, title, draw, caption=caption, width=9.6, height=9.4, is_wide=True)


def _log_ticks(axis, values: np.ndarray) -> None:
    inside = [tick for tick in TICKS if np.log1p(tick) <= max(values.max(), np.log1p(1))]
    # At most five labels have room.
    inside = inside[:: -(-len(inside) // 5)]
    axis.set_ticks(np.log1p(inside), [plain(tick) for tick in inside])


def correlations(slug: str, title: str, points: list[Row]) -> Chart:
    """Draw Spearman's rank correlations."""
    names = list(AXES)
    values = np.column_stack([column(points, name) for name in names])
    varies = np.ptp(values, axis=0) > 0
    matrix = np.full((len(names), len(names)), np.nan)
    varying = np.flatnonzero(varies)
    if len(varying) > 1:
        # Of two columns scipy gives one number instead of a matrix.
        result = np.atleast_2d(spearmanr(values[:, varying]).statistic)
        if result.shape == (1, 1):
            result = np.array([[1.0, result[0, 0]], [result[0, 0], 1.0]])
        matrix[np.ix_(varying, varying)] = result

    def draw(figure: Figure) -> str:
        axes = figure.subplots()
        image = axes.imshow(matrix, cmap="PuOr_r", vmin=-1, vmax=1)
        short_names = [AXES[name].split(" (")[0] for name in names]
        axes.set_xticks(range(len(names)), short_names, rotation=30, ha="right")
        axes.set_yticks(range(len(names)), short_names)
        axes.grid(visible=False)
        for down in range(len(names)):
            for across in range(len(names)):
                value = matrix[down, across]
                axes.text(
                    across,
                    down,
                    "–" if np.isnan(value) else f"{value:.2f}",
                    ha="center",
                    va="center",
                    color="white" if abs(value) > 0.7 else "black",
                )
        bar = figure.colorbar(image, ax=axes, shrink=0.85)
        bar.set_label("Spearman's ρ (no unit)")
        pairs = [
            f"{short_names[one]} and {short_names[two]} {matrix[one, two]:.2f}"
            for one in range(len(names))
            for two in range(one)
            if not np.isnan(matrix[one, two])
        ]
        return "Rank correlations: " + (", ".join(pairs) or "none can be computed") + "."

    constant = [AXES[name].split(" (")[0].lower() for name in np.array(names)[~varies]]
    caption = (
        f"Spearman's rank correlation of {count(len(points))} addresses the clustering was fitted"
        " on; ties get the mean of their ranks. Transactions and activity describe profiles and"
        " are clustered on by the recipe log activity only."
    )
    if constant:
        caption += f" None (–) for what is the same for all of them: {', '.join(constant)}."
    return chart(slug, title, draw, caption=caption, width=5.4, height=4.4)
