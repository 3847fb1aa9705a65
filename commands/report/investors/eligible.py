"""What profiles need, for the parts of the page that lack them."""

from commands.report.errors import NothingToShow, require
from commands.report.marts import Marts
from commands.report.numbers import count

# As in the Python model investor_profile_models. A test compares them.
LEAST_ROWS = 10

ELIGIBLE = """
select
    count(*) as addresses,
    count(case when state in ('profiled', 'stale', 'not_scored') then 1 end) as eligible
from {marts}.investor_profiles
"""


def require_investors(marts: Marts, rows: list, what: str) -> list:
    """Return `rows`; without any raise NothingToShow, which says if too few are eligible."""
    if rows:
        return rows
    [found] = marts.rows(ELIGIBLE)
    if found["addresses"] and found["eligible"] < LEAST_ROWS:
        raise NothingToShow(
            f"{what} Profiles need {LEAST_ROWS} eligible addresses. Here the number is"
            f" {count(found['eligible'])}. What became of all addresses says why."
        )
    return require(rows, what)
