"""When transactions, addresses and labels are from, and where the cutoffs lie."""

from collections import Counter
from datetime import date, datetime, timedelta

from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from commands.report.drawing import COLORS, DASHES, INK, chart, counts
from commands.report.errors import NothingToShow, require
from commands.report.marts import Marts
from commands.report.numbers import count, day
from commands.report.parts import Chart

# The one table read that is not a mart: a row a day, the only place where transactions are counted
# by time.
TRANSACTIONS = """
select block_date as day, transactions as number
from {intermediate}.int_events__transaction_days
order by day
"""

FIRST_SEEN = """
select cast(first_seen_at as date) as day, count(*) as number
from {marts}.addresses
where first_seen_at is not null
group by day
order by day
"""

LABELS = """
select
    cast(reported_at as date) as day,
    case when label_kind = 'scam' then 'scam' else 'other' end as kind,
    count(*) as number
from {marts}.address_labels
group by day, kind
order by day, kind
"""

CUTOFFS = """
select window_name, window_end
from {marts}.feature_windows
where window_name like 'past%' and window_name not like 'past_to_%' and addresses > 0
order by window_end
"""

# Below so many days each has its bar, above it each month.
MOST_DAYS = 120


def coverage(slug: str, title: str, marts: Marts) -> Chart:
    """Draw transactions, first-seen addresses and reported labels over time."""
    transactions = {row["day"]: row["number"] for row in _rows(marts, TRANSACTIONS)}
    seen = {row["day"]: row["number"] for row in marts.rows(FIRST_SEEN)}
    require(list(transactions or seen), "No transaction has a time.")
    reports: dict[str, Counter] = {"scam": Counter(), "other": Counter()}
    for row in _rows(marts, LABELS):
        reports[row["kind"]][row["day"]] += row["number"]
    timeless = {kind: numbers.pop(None, 0) for kind, numbers in reports.items()}
    cutoffs = _rows(marts, CUTOFFS)
    days = [*transactions, *seen, *reports["scam"], *reports["other"]]
    by_month = (max(days) - min(days)).days > MOST_DAYS
    unit = "month" if by_month else "day"
    lanes = [
        ("Transactions", {"all": transactions}),
        ("Addresses\nfirst seen", {"all": seen}),
        ("Labels\nreported", reports),
    ]

    def draw(figure: Figure) -> str:
        grid = figure.subplots(len(lanes), 1, sharex=True)
        for axes, (what, kinds) in zip(grid, lanes, strict=True):
            for number, (kind, numbers) in enumerate(kinds.items()):
                binned = bins(numbers, by_month)
                color = {"scam": COLORS[3], "other": COLORS[5]}.get(kind, COLORS[0])
                # Bars of two kinds stand side by side.
                width = (26 if by_month else 0.8) / len(kinds)
                axes.bar(
                    [start + timedelta(days=number * width) for start in binned] or [min(days)],
                    list(binned.values()) or [0],
                    width=width,
                    align="edge",
                    color=color,
                    label=None if kind == "all" else kind,
                )
            for number, row in enumerate(cutoffs):
                style = DASHES[1 + number % 3]
                axes.axvline(row["window_end"], color=INK, linestyle=style, linewidth=1)
            axes.set_ylabel(f"{what}\n(per {unit})")
            axes.set_ylim(0, max(axes.get_ylim()[1], 1))
            counts(axes)
        if not any(reports.values()):
            grid[-1].text(0.5, 0.5, "no label has a report time", transform=grid[-1].transAxes)
        grid[-1].legend(title="Label", loc="upper left", title_fontsize=9)
        for row in cutoffs:
            name = "cutoff" if row["window_name"] == "past" else "rolling"
            grid[0].annotate(
                f"{name} ",
                (row["window_end"], 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=8.5,
            )
        grid[-1].set_xlabel(f"Time (UTC, bars per {unit})")
        locator = AutoDateLocator()
        grid[-1].xaxis.set_major_locator(locator)
        grid[-1].xaxis.set_major_formatter(ConciseDateFormatter(locator))
        return (
            f"From {day(min(days))} to {day(max(days))}: {count(sum(transactions.values()))}"
            f" transactions, {count(sum(seen.values()))} addresses with a first time,"
            f" {count(sum(reports['scam'].values()))} scam labels and"
            f" {count(sum(reports['other'].values()))} other labels with a report time. Cutoffs: "
            + (", ".join(day(row["window_end"]) for row in cutoffs) or "none")
            + "."
        )

    caption = (
        "Lines are the cutoffs that separate training from test. Not drawn, because their report"
        f" time is unknown: {count(timeless['scam'])} labels of scams and"
        f" {count(timeless['other'])} others; they count as known at any time."
    )
    return chart(slug, title, draw, caption=caption, width=9.6, height=6.0, is_wide=True)


def bins(numbers: dict[date, int], by_month: bool) -> dict[datetime, int]:
    """Add up numbers of days by month, if asked for, from the first day of the bin on."""
    added: Counter = Counter()
    for moment, number in sorted(numbers.items()):
        first = moment.replace(day=1) if by_month else moment
        added[datetime(first.year, first.month, first.day)] += number
    return dict(added)


def _rows(marts: Marts, sql: str) -> list:
    """Rows of a part of the picture that may be missing."""
    try:
        return marts.rows(sql)
    except NothingToShow:
        return []
