"""How balance, tokens and transfers are spread over the eligible addresses."""

from matplotlib.figure import Figure

from commands.report.drawing import COLORS, chart, counts, panel, plain
from commands.report.errors import require
from commands.report.investors.eligible import require_investors
from commands.report.marts import Marts
from commands.report.numbers import count, counted, percent
from commands.report.parts import Chart

# Profiles are for eligible addresses that are not known entities, whether they have one already.
ELIGIBLE = """
with eligible as (
    select features.*
    from {marts}.investor_profiles as profiles
    left join {marts}.address_features as features
        on profiles.address = features.address
    where profiles.state in ('profiled', 'stale', 'not_scored')
)
"""

# Four bins a factor of ten.
BALANCES = (
    ELIGIBLE
    + """
select
    case
        when ether_balance > 0 then cast(floor(4 * log10(ether_balance)) as int64)
    end as bin,
    ether_balance is null as is_unknown,
    count(*) as addresses,
    count(case when is_balance_derived then 1 end) as derived
from eligible
group by bin, is_unknown
order by bin, is_unknown
"""
)

# 0, 1, 2 to 3, 4 to 7 …: the small number added keeps 8 from being a bit less than 2 cubed.
COUNTS = (
    ELIGIBLE
    + """
select
    case
        when {feature} > 0
            then cast(floor(ln({feature}) / ln(2) + 0.000000001) as int64)
        when {feature} = 0 then -1
    end as bin,
    count(*) as addresses
from eligible
group by bin
order by bin
"""
)

WHAT = {
    "unique_tokens": ("tokens an address moved", "Distinct tokens"),
    "unique_transfers": ("token-transfer transactions", "Token-transfer transactions"),
}


def balances(slug: str, title: str, marts: Marts) -> Chart:
    """Draw the balances on a log axis."""
    rows = require_investors(marts, marts.rows(BALANCES), "No address is eligible for a profile.")
    total = sum(row["addresses"] for row in rows)
    unknown = sum(row["addresses"] for row in rows if row["is_unknown"])
    derived = sum(row["derived"] for row in rows)
    bins = {row["bin"]: row["addresses"] for row in rows if row["bin"] is not None}
    others = total - unknown - sum(bins.values())
    require(list(bins), "No eligible address has a balance above zero.", command=None)

    def draw(figure: Figure) -> str:
        with panel(figure.subplots(), "", "Balance (ETH, log scale)", "Addresses per bin") as axes:
            left = [10 ** (number / 4) for number in bins]
            width = [10 ** ((number + 1) / 4) - 10 ** (number / 4) for number in bins]
            axes.bar(left, bins.values(), width, align="edge", color=COLORS[0], edgecolor="white")
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(plain)
            axes.minorticks_off()
            counts(axes)
        fullest = max(bins, key=bins.get)
        return (
            f"Histogram of {counted(total, 'address')}. Balances run from about"
            f" {plain(10 ** (min(bins) / 4))} to {plain(10 ** ((max(bins) + 1) / 4))} ETH; most"
            f" addresses, {count(bins[fullest])}, are between {plain(10 ** (fullest / 4))} and"
            f" {plain(10 ** ((fullest + 1) / 4))} ETH."
        )

    caption = (
        f"{counted(total, 'eligible address')}, known entities and contracts left out. Four bins a"
        " factor of ten."
    )
    if derived:
        caption += (
            f" {percent(derived / total)} of the balances are derived from transactions, without"
            " mining rewards and internal transfers."
        )
    if others:
        caption += f" Not drawn: {count(others)} with a balance of zero or less."
    if unknown:
        caption += f" Not drawn: {count(unknown)} without transactions, so without features."
    return chart(slug, title, draw, caption=caption)


def number_of(slug: str, title: str, marts: Marts, feature: str) -> Chart:
    """Draw a count on bins that double."""
    what, axis = WHAT[feature]
    # A column's name, from the constant above: not a value that could be bound.
    rows = require_investors(
        marts,
        marts.rows(COUNTS.replace("{feature}", feature)),
        "No address is eligible for a profile.",
    )
    bins = {row["bin"]: row["addresses"] for row in rows if row["bin"] is not None}
    total = sum(bins.values())
    last = max(bins, default=-1)
    numbers = list(range(-1, last + 1))

    def draw(figure: Figure) -> str:
        with panel(figure.subplots(), "", f"{axis} (bins double)", "Addresses") as axes:
            values = [bins.get(number, 0) for number in numbers]
            bars = axes.bar([bin_name(number) for number in numbers], values, color=COLORS[0])
            axes.bar_label(bars, [count(value) for value in values], fontsize=8, padding=2)
            axes.margins(y=0.12)
            axes.set_xlim(-0.6, max(len(numbers), 4) - 0.4)
            axes.grid(axis="x", visible=False)
            if len(numbers) > 8:
                axes.tick_params(axis="x", labelrotation=40, labelsize=8)
            counts(axes)
        listed = ", ".join(f"{bin_name(n)}: {count(bins.get(n, 0))}" for n in numbers)
        return f"Addresses by number of {what}: {listed}."

    caption = f"{counted(total, 'eligible address')}, known entities and contracts left out."
    if set(bins) == {-1}:
        caption += " Not one moved a token: is the table token_transfers missing?"
    return chart(slug, title, draw, caption=caption)


def bin_name(number: int) -> str:
    """Name the bin from 2^n up to, not including, 2^(n+1); -1 holds zeros."""
    if number <= 0:
        return str(number + 1)
    return f"{2**number:,}–{2 ** (number + 1) - 1:,}"
