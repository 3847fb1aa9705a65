"""How the clustering was chosen among the candidates."""

from matplotlib.figure import Figure

from commands.report.drawing import COLORS, DASHES, FAINT, INK, MARKERS, chart
from commands.report.investors.run import ALGORITHMS, is_earlier_work, label, selected
from commands.report.marts import Row
from commands.report.numbers import UNKNOWN, count, decimal, percent, words
from commands.report.parts import Chart, Table

# Kaufman and Rousseeuw, "Finding Groups in Data" (1990), table 4: above .50 a reasonable
# structure has been found.
REASONABLE = 0.5

TOP = 12


def silhouette_curves(slug: str, title: str, rows: list[Row], metric: str, space: str) -> Chart:
    """Draw the mean silhouette against the number of clusters, a panel an algorithm."""
    recipes = sorted({row["recipe"] for row in rows})
    algorithms = [name for name in ALGORITHMS if any(row["algorithm"] == name for row in rows)]
    winner, earlier = selected(rows), [row for row in rows if is_earlier_work(row)]

    def draw(figure: Figure) -> str:
        panels = figure.subplots(1, len(algorithms), sharey=True, squeeze=False)[0]
        for axes, algorithm in zip(panels, algorithms, strict=True):
            axes.axhline(REASONABLE, color=FAINT, linestyle="--", linewidth=1)
            for number, recipe in enumerate(recipes):
                mine = [
                    row for row in rows if (row["algorithm"], row["recipe"]) == (algorithm, recipe)
                ]
                axes.plot(
                    [row["clusters"] for row in mine],
                    [row[metric] for row in mine],
                    color=COLORS[number],
                    marker=MARKERS[number],
                    linestyle=DASHES[number],
                    markersize=4,
                    linewidth=1.4,
                    label=words(recipe),
                )
                if metric == "silhouette":
                    axes.plot(
                        [row["clusters"] for row in mine],
                        [shuffled_or_nan(row) for row in mine],
                        color=COLORS[number],
                        linestyle=":",
                        linewidth=1,
                    )
            for row in earlier:
                if row["algorithm"] == algorithm:
                    _ring(axes, row, metric, "s", 12)
            if winner["algorithm"] == algorithm:
                _ring(axes, winner, metric, "o", 15)
            axes.set_title(ALGORITHMS[algorithm][:1].upper() + ALGORITHMS[algorithm][1:])
            axes.set_xlabel("Clusters (number)")
            axes.set_xticks(range(2, 11))
        panels[0].set_ylabel(f"Mean silhouette, {space} space\n(−1 to 1, no unit)")
        lowest = min([0.0, *(row[metric] for row in rows)])
        panels[0].set_ylim(bottom=lowest - 0.02)
        handles, labels = panels[0].get_legend_handles_labels()
        marks = [
            panels[0].plot([], [], linestyle="", marker="o", **_hollow(11))[0],
            panels[0].plot([], [], linestyle="", marker="s", **_hollow(9))[0],
            panels[0].plot([], [], color=FAINT, linestyle="--", linewidth=1)[0],
        ]
        names = ["selected", "earlier work's recipe", "0.50: reasonable structure"]
        if metric == "silhouette":
            marks.append(panels[0].plot([], [], color=INK, linestyle=":", linewidth=1)[0])
            names.append("the same with shuffled columns")
        figure.legend([*handles, *marks], [*labels, *names], loc="outside lower center", ncols=4)
        return " ".join(
            [
                f"Selected: {label(winner)}, {decimal(winner[metric])}.",
                *(
                    [f"With shuffled columns: {decimal(winner['shuffled_silhouette'])}."]
                    if metric == "silhouette"
                    else []
                ),
                *(f"Earlier work's recipe: {decimal(row[metric])}." for row in earlier),
                *(_best(rows, algorithm, metric) for algorithm in algorithms),
            ]
        )

    spaces = {
        "fitted": "In the space each recipe makes for itself: comparable within a recipe, because a"
        " space can be chosen so that any clusters stand apart. Dotted: the same clustering of"
        " addresses whose columns were shuffled apart.",
        "reference": "In one space for all (z-scores of log1p of balance, tokens and transfers):"
        " comparable between recipes.",
    }
    caption = f"{spaces[space]} {count(winner['sample_rows'])} addresses."
    return chart(slug, title, draw, caption=caption, width=9.8, height=4.0, is_wide=True)


def shuffled_or_nan(row: Row) -> float:
    """Return the silhouette on shuffled columns, NaN where no fit on them succeeded."""
    value = row["shuffled_silhouette"]
    return float("nan") if value is None else value


def _hollow(size: float) -> dict:
    return {
        "markersize": size,
        "markerfacecolor": "none",
        "markeredgecolor": INK,
        "markeredgewidth": 1.6,
    }


def _ring(axes, row: Row, metric: str, marker: str, size: float) -> None:
    axes.plot(row["clusters"], row[metric], marker=marker, **_hollow(size))


def _best(rows: list[Row], algorithm: str, metric: str) -> str:
    best = max((row for row in rows if row["algorithm"] == algorithm), key=lambda row: row[metric])
    return f"Highest of {ALGORITHMS[algorithm]}: {decimal(best[metric])} ({label(best)})."


def candidate_table(slug: str, title: str, rows: list[Row]) -> Table:
    """List the candidates with the highest silhouettes, the selected one and the earlier work's."""
    order = sorted(
        rows,
        key=lambda row: (-row["silhouette"], row["recipe"], row["algorithm"], row["clusters"]),
    )
    shown = [
        (rank, row)
        for rank, row in enumerate(order, start=1)
        if rank <= TOP or row["is_selected"] or is_earlier_work(row)
    ]
    shown.sort(key=lambda ranked: (not ranked[1]["is_selected"], ranked[0]))
    return Table(
        slug,
        title,
        f"The selected one, then the {TOP} of {len(rows)} candidates with the highest silhouette in"
        " the fitted space, and the earlier work's recipe. Shuffled: the silhouette of the same"
        " clustering on addresses whose columns were shuffled apart, with half the 95 % interval of"
        " the difference. Stability: mean adjusted Rand index of refits on bootstrap resamples, 1"
        " is the same clustering; measured where it can decide. Half samples: the share of ten in"
        " which the candidate is the preferred one.",
        [
            "Rank",
            "Candidate",
            "Silhouette, fitted",
            "Shuffled",
            "Silhouette, reference",
            "Stability",
            "Half samples",
            "Smallest cluster",
            "Meets the bar",
            "Why selected or not",
        ],
        [
            (
                str(rank),
                label(row) + (" (earlier work)" if is_earlier_work(row) else ""),
                decimal(row["silhouette"]),
                f"{decimal(row['shuffled_silhouette'])} ± {decimal(row['silhouette_interval'])}",
                decimal(row["reference_silhouette"]),
                decimal(row["stability"]),
                percent(row["selection_share"]),
                percent(row["smallest_cluster_share"]),
                {None: UNKNOWN, True: "yes", False: "no"}[row["is_bar_met"]],
                ("Selected: " if row["is_selected"] else "") + (row["selection_reason"] or UNKNOWN),
            )
            for rank, row in shown
        ],
        frozenset({0, 2, 3, 4, 5, 6, 7}),
    )
