"""How long after their first transaction scams are reported."""

from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN, count, counted, percent
from commands.report.parts import Table
from commands.report.scam.labels import require_scams

DELAYS = """
select
    reported_in, scams, scams_with_events, median_delay_days, ninety_percent_delay_days,
    unknown_report_time_share
from {marts}.label_delays
order by reported_in
"""

# Rows of label_delays beside its months: all labels, and those without a report time.
ALL, TIMELESS = "all", "unknown"
SHOWN_MONTHS = 12


def table(slug: str, title: str, marts: Marts) -> Table:
    """List the delays of the last months, with those before folded."""
    rows = require_scams(marts, marts.rows(DELAYS), "No delay of a report is known.")
    months = [row for row in reversed(rows) if row["reported_in"] not in (ALL, TIMELESS)]
    whole = [row for row in rows if row["reported_in"] == ALL]
    timeless = [row for row in rows if row["reported_in"] == TIMELESS]
    shown = [*whole, *timeless, *months[:SHOWN_MONTHS]]
    caption = "".join(_in_words(row) for row in whole)
    return Table(
        slug,
        title,
        f"{caption} The newest transactions look cleaner than they are for about that long. A scam"
        " counts in the month of its first report.",
        ["Reported in", "Scams", "With transactions", "Median delay (days)", "Nine of ten (days)"],
        [_line(row) for row in shown],
        frozenset(range(1, 5)),
        folded=[_line(row) for row in months[SHOWN_MONTHS:]],
        folded_title=f"{counted(len(months[SHOWN_MONTHS:]), 'earlier month')}",
    )


def _in_words(row: Row) -> str:
    if row["median_delay_days"] is None:
        return "No scam has a delay."
    return (
        f"Half of the scams were reported {_since(row['median_delay_days'])} their first"
        f" transaction, nine of ten {_since(row['ninety_percent_delay_days'])} it."
        f" {percent(row['unknown_report_time_share'])} have no report time."
    )


def _since(days: float) -> str:
    return "before" if days < 0 else f"within {counted(round(days), 'day')} of"


def _line(row: Row) -> tuple[str, ...]:
    names = {ALL: "all", TIMELESS: "time unknown"}
    return (
        names.get(row["reported_in"], row["reported_in"]),
        count(row["scams"]),
        count(row["scams_with_events"]),
        *(
            UNKNOWN if row[name] is None else f"{row[name]:,.0f}"
            for name in ("median_delay_days", "ninety_percent_delay_days")
        ),
    )
