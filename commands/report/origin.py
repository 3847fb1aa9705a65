"""Which data the marts were made from, how much of it there is, and how the last build went."""

from dataclasses import dataclass

from commands.report.errors import NothingToShow
from commands.report.marts import Marts, Row
from commands.report.numbers import count, day, minute

# Labels of the sample, and of every simulated chain, carry sources that begin so; with CHAIN_DATA
# or the public tables they are not used at all (README).
SIMULATED = "simulated_"

# Files of the sample begin so. Without labels they tell where the data come from.
SAMPLE = "seeds/sample/"

LABELS = """
select source, count(*) as labels
from {marts}.address_labels
group by source
order by labels desc, source
"""

INPUTS = """
select distinct file_name
from {marts}.input_files
where table_name is not null
"""

WINDOW = """
select addresses, origin_at, data_end_at
from {marts}.feature_windows
where window_name = 'lifetime'
"""

# Models of the last build by what became of them.
BUILD = """
select
    started_at,
    count(case when status = 'success' then 1 end) as made,
    count(case when status = 'error' then 1 end) as failed,
    count(case when status not in ('success', 'error') then 1 end) as skipped
from {marts}.build_runs
where started_at = (select max(started_at) from {marts}.build_runs)
group by started_at
"""

ADDRESSES = "select count(*) as addresses from {marts}.addresses"


@dataclass(frozen=True)
class Origin:
    """What the page says about its data, at the top and in captions."""

    is_simulated: bool
    headline: str
    explanation: str
    caption_note: str
    facts: list[tuple[str, str]]


def read_origin(marts: Marts) -> Origin:
    """Tell simulated data from a user's; where the tables do not say, neither does the page."""
    facts = [("Read from", marts.place)]
    for row in _rows(marts, BUILD):
        made = f"{count(row['made'])} tables and views made"
        failed = f"{count(row['failed']) if row['failed'] else 'none'} failed"
        skipped = f"{count(row['skipped']) if row['skipped'] else 'none'} skipped"
        facts.append(("Last build", f"{minute(row['started_at'])}: {made}, {failed}, {skipped}"))
    for row in _rows(marts, ADDRESSES):
        facts.append(("Addresses", count(row["addresses"])))
    for row in _rows(marts, WINDOW):
        if row["addresses"]:
            facts.append(("Addresses with transactions", count(row["addresses"])))
            facts.append(("Transactions", f"from {day(row['origin_at'])} on"))
            facts.append(("Data through", minute(row["data_end_at"])))
    labels = _rows(marts, LABELS)
    sources = [f"{row['source']} ({count(row['labels'])})" for row in labels]
    facts.append(("Labels by source", ", ".join(sources) or "none"))
    inputs = _rows(marts, INPUTS)
    if any(row["source"].startswith(SIMULATED) for row in labels) or any(
        row["file_name"].startswith(SAMPLE) for row in inputs
    ):
        return Origin(
            True,
            "Simulated data",
            "Every address, amount and label on this page is invented. The page shows that the"
            " project runs. It says nothing about real addresses or about how well a model finds"
            " real scams.",
            "Simulated data.",
            facts,
        )
    if not labels and not inputs:
        return Origin(
            False,
            "Data of unknown origin",
            "There are no labels, and no table says which files were read. This may be simulated"
            " data.",
            "Data of unknown origin, perhaps simulated.",
            facts,
        )
    is_public = marts.engine == "BigQuery"
    where = "the public tables on BigQuery" if is_public else "local files"
    missing = "" if labels else " There are no labels, so no scam model can be trained."
    return Origin(
        False,
        f"Data: {where}",
        "The project's simulated sample is not in it. What the figures are worth depends on how"
        f" these addresses and labels were collected.{missing}",
        f"Data: {where}.",
        facts,
    )


def _rows(marts: Marts, sql: str) -> list[Row]:
    try:
        return marts.rows(sql)
    except NothingToShow:
        return []
