"""The data behind the scam models: labels and splits."""

from matplotlib.figure import Figure

from commands.report.drawing import COLORS, chart, panel, plain
from commands.report.errors import require
from commands.report.marts import Marts, Row
from commands.report.numbers import count, percent, words
from commands.report.parts import Chart, Table
from commands.report.scam.champion import VIEWS, order

LABEL_STATES = """
select label_state, count(*) as addresses
from {marts}.addresses
group by label_state
order by addresses desc, label_state
"""


def label_balance(slug: str, title: str, marts: Marts) -> Chart:
    """Draw how many addresses carry which kind of label."""
    rows = require(marts.rows(LABEL_STATES), "There are no addresses.")
    total = sum(row["addresses"] for row in rows)
    texts = [f"{count(row['addresses'])} ({percent(row['addresses'] / total)})" for row in rows]

    def draw(figure: Figure) -> str:
        with panel(figure.subplots(), "", "Addresses (log scale)", "") as axes:
            bars = axes.barh(
                [words(row["label_state"]) for row in rows],
                [row["addresses"] for row in rows],
                color=[COLORS[3] if "scam" in row["label_state"] else COLORS[0] for row in rows],
            )
            axes.set_xscale("log")
            axes.set_xlim(1, total * 30)
            axes.xaxis.set_major_formatter(plain)
            axes.minorticks_off()
            axes.bar_label(bars, texts, padding=4, fontsize=9)
            axes.invert_yaxis()
            axes.grid(axis="y", visible=False)
        return "; ".join(
            f"{words(row['label_state'])}: {text}" for row, text in zip(rows, texts, strict=True)
        )

    caption = (
        f"All {count(total)} addresses by the gravest label that stands today. Without a label"
        " does not mean harmless."
    )
    return chart(slug, title, draw, caption=caption, width=5.4, height=2.9, is_wide=True)


def splits(slug: str, title: str, models: list[Row], tests: dict[tuple, Row]) -> Table:
    """List rows and positives of each split; `tests` are rows of metrics by view and cutoff."""
    rows = []
    for row in sorted(models, key=lambda row: order(row | {"subset": "all"})):
        test = tests.get((row["view"], row["cutoff"]))
        rows.append(
            (
                VIEWS.get(row["view"], words(row["view"]).capitalize()),
                row["cutoff"] if row["cutoff"] == "none" else row["cutoff"][:10],
                _of(row["training_positives"], row["training_rows"]),
                _of(row["validation_positives"], row["validation_rows"]),
                _of(test["positives"], test["examples"]) if test else "none",
            )
        )
    return Table(
        slug,
        title,
        "Scams of addresses in each split, and their share (prevalence). Probabilities"
        " are learnt on training, out of fold; thresholds come from validation, metrics from"
        " test. Lifetime is the model that scores addresses; it has no test split, and its"
        " thresholds come from all of its addresses, each scored by a model that did not see it.",
        ["View", "Cutoff (UTC)", "Training", "Validation", "Test"],
        rows,
        frozenset({2, 3, 4}),
    )


def _of(positives: int, examples: int) -> str:
    share = f" ({percent(positives / examples)})" if examples else ""
    return f"{count(positives)} of {count(examples)}{share}"
