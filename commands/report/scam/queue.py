"""The head of the queue: who is to be reviewed first, and why."""

from commands.report.errors import NothingToShow
from commands.report.marts import Marts
from commands.report.numbers import count, counted, day, percent
from commands.report.parts import Table
from commands.report.scam.labels import require_scams

HEAD = """
select address, risk_tier, scam_probability, reasons
from {marts}.scam_alert_queue
order by alert_rank
limit 10
"""

SIZES = """
select risk_tier, count(*) as alerts
from {marts}.scam_alert_queue
group by risk_tier
order by risk_tier
"""

# The champion is not a mart.
SCORED = """
select scores.address
from {marts}.scam_scores as scores
inner join {intermediate}.int_scam_serving__champion as champion
    on scores.run_id = champion.run_id
where scores.score is not null
limit 1
"""

# Of the head only: the queue is shown without them where the history was not built.
PERIODS = """
select address, opened_at
from {marts}.scam_alert_periods
where
    is_open
    and address in (
        select address from {marts}.scam_alert_queue order by alert_rank limit 10
    )
"""

REVIEWS = """
select decided_alerts, confirmed_alerts
from {marts}.alert_reviews
order by review_id desc
limit 1
"""


def sizes(marts: Marts) -> list[str]:
    """Say in words how long the queue is, and what reviewers found of it."""
    try:
        tiers = marts.rows(SIZES)
    except NothingToShow:
        return []
    total = sum(row["alerts"] for row in tiers)
    parts = " and ".join(f"{count(row['alerts'])} of tier {row['risk_tier']}" for row in tiers)
    said = [
        f"{counted(total, 'address')} {'is' if total == 1 else 'are'} to be reviewed: {parts}."
        " Known scams, known entities, tokens and addresses labelled benign are not among them."
        if total
        else "No address is to be reviewed."
    ]
    try:
        found = marts.rows(REVIEWS)
    except NothingToShow:
        found = []
    if found and found[0]["decided_alerts"]:
        decided, confirmed = found[0]["decided_alerts"], found[0]["confirmed_alerts"]
        said.append(
            f"Reviewers decided {counted(decided, 'alert')}. Confirmed as scams:"
            f" {count(confirmed)} ({percent(confirmed / decided)})."
        )
    return said


def head(slug: str, title: str, marts: Marts) -> Table:
    """List the first alerts with their reasons."""
    rows = marts.rows(HEAD)
    if not rows and marts.rows(SCORED):
        raise NothingToShow(
            "The queue is empty: no address that can become an alert is of tier high or medium."
        )
    require_scams(marts, rows, "The queue is empty.")
    try:
        since = {row["address"]: row["opened_at"] for row in marts.rows(PERIODS)}
    except NothingToShow:
        since = {}
    return Table(
        slug,
        title,
        "The first of the queue, by scam probability. Alert since: the day of the build that first"
        " saw it. Medians are those of the population.",
        ["Address", "Tier", "Probability", "What raises the risk", "Alert since"],
        [
            (
                row["address"],
                row["risk_tier"],
                percent(row["scam_probability"]),
                row["reasons"] or "not explained",
                day(since.get(row["address"])),
            )
            for row in rows
        ],
        frozenset({2}),
    )
