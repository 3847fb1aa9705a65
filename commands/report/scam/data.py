"""The data behind the scam models: labels, and what was trained and tested."""

from matplotlib.figure import Figure

from commands.report.drawing import COLORS, chart, panel, plain
from commands.report.errors import require
from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN, count, day, percent, words
from commands.report.parts import Chart, Table
from commands.report.scam.naming import QUESTIONS, evaluation

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


def evaluations(slug: str, title: str, models: dict[str, Row], sets: list[Row]) -> Table:
    """List what each evaluation trains and tests; `models` are those of the champion by fit."""
    rows = []
    for row in sets:
        if row["subset"] != "all":
            continue
        fitted = models.get(row["fit_name"])
        rows.append(
            (
                evaluation(row),
                QUESTIONS.get(row["evaluation"], UNKNOWN),
                day(row["cutoff_at"]),
                _of(fitted["training_positives"], fitted["training_rows"]) if fitted else UNKNOWN,
                _of(row["positives"], row["examples"]),
                percent(row["held_out_share"]),
            )
        )
    return Table(
        slug,
        title,
        "Scams of addresses, and their share (prevalence). No address is scored by a model that was"
        " trained on it: held out is the share of the tested addresses that the model was trained"
        " on, and each of them is scored by the model that was fitted without its fifth of the"
        " addresses.",
        ["Evaluation", "What is tested", "Cutoff (UTC)", "Trained on", "Tested on", "Held out"],
        rows,
        frozenset({2, 3, 4, 5}),
    )


def _of(positives: int, examples: int) -> str:
    share = f" ({percent(positives / examples)})" if examples else ""
    return f"{count(positives)} of {count(examples)}{share}"
