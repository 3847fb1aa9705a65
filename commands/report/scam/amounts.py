"""Values and gas: scams against all other addresses."""

from dataclasses import dataclass

from matplotlib.figure import Figure

from commands.report.drawing import COLORS, chart, panel, plain
from commands.report.errors import NothingToShow, require
from commands.report.marts import Marts
from commands.report.numbers import count, percent
from commands.report.parts import Chart

# Two bins a factor of ten. The column is one of the constants below, not a value.
HISTOGRAM = """
select
    coalesce(is_scam, false) as is_scam,
    {feature} is null as is_unknown,
    case when {feature} > 0 then cast(floor(2 * log10({feature})) as int64) end as bin,
    count(*) as addresses
from {marts}.address_features
group by is_scam, is_unknown, bin
order by is_scam, is_unknown, bin
"""


@dataclass(frozen=True)
class Amount:
    """A feature as people read it: `column` is `10 ** exponent` times the unit of the axis."""

    column: str
    exponent: int
    axis: str


AMOUNTS = {
    "value-incoming": Amount("avg_amount_incoming", 18, "Mean value received (ETH, log scale)"),
    "value-outgoing": Amount("avg_amount_outgoing", 18, "Mean value sent (ETH, log scale)"),
    "gas-price": Amount("avg_gas_price", 9, "Mean gas price (gwei, log scale)"),
    "gas-limit": Amount("avg_gas_limit", 0, "Mean gas limit (gas, log scale)"),
}


def distribution(slug: str, title: str, marts: Marts) -> Chart:
    """Draw the shares of scams and of other addresses on the same bins."""
    amount = AMOUNTS[slug]
    rows = require(
        marts.rows(HISTOGRAM.replace("{feature}", amount.column)), "No address has transactions."
    )
    groups = {
        name: [row for row in rows if row["is_scam"] == is_scam]
        for name, is_scam in (("scams", True), ("all others", False))
    }
    totals = {name: sum(row["addresses"] for row in mine) for name, mine in groups.items()}
    numbers = [row["bin"] for row in rows if row["bin"] is not None]
    if not numbers:
        raise NothingToShow(
            f"No address has a value of {amount.column} above zero: the input has none. To fill"
            " this part, add it to the input and run: make build"
        )
    edges = list(range(min(numbers), max(numbers) + 2))

    def draw(figure: Figure) -> str:
        described = []
        with panel(figure.subplots(), "", amount.axis, "Share of the group (%)") as axes:
            for name, style, color in (
                ("all others", "-", COLORS[0]),
                ("scams", "--", COLORS[3]),
            ):
                if not totals[name]:
                    continue
                shares = {
                    row["bin"]: 100 * row["addresses"] / totals[name]
                    for row in groups[name]
                    if row["bin"] is not None
                }
                axes.stairs(
                    [shares.get(number, 0.0) for number in edges[:-1]],
                    [10 ** (number / 2 - amount.exponent) for number in edges],
                    color=color,
                    linestyle=style,
                    linewidth=2,
                    fill=False,
                    label=f"{name} ({count(totals[name])})",
                )
                if shares:
                    peak = max(shares, key=shares.get)
                    described.append(
                        f"{name}: most between {_edge(peak, amount)} and"
                        f" {_edge(peak + 1, amount)} ({shares[peak]:.1f} %)"
                    )
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(plain)
            axes.minorticks_off()
            axes.set_ylim(bottom=0)
            axes.tick_params(axis="x", labelsize=8.5)
            axes.xaxis.get_major_locator().set_params(numticks=7)
            handles, labels = axes.get_legend_handles_labels()
            figure.legend(handles, labels, loc="outside lower center", ncols=2)
        return "Addresses by half factors of ten. " + "; ".join(described) + "."

    missing = []
    for name, mine in groups.items():
        zero = sum(row["addresses"] for row in mine if row["bin"] is None and not row["is_unknown"])
        if zero:
            missing.append(f"{percent(zero / totals[name])} of {name} with zero")
        unknown = sum(row["addresses"] for row in mine if row["is_unknown"])
        if unknown:
            missing.append(f"{percent(unknown / totals[name])} of {name} without a known value")
    caption = (
        "Two bins a factor of ten; all others are those without a scam label, harmless or not."
    )
    if missing:
        caption += f" Not drawn: {', '.join(missing)}."
    return chart(slug, title, draw, caption=caption)


def _edge(number: int, amount: Amount) -> str:
    return plain(10 ** (number / 2 - amount.exponent))
