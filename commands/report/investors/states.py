"""What became of all addresses: profiled or not, and why."""

from commands.report.errors import require
from commands.report.marts import Marts
from commands.report.numbers import count, percent, words
from commands.report.parts import Table

STATES = """
select state, state_reason, count(*) as addresses
from {marts}.investor_profiles
group by state, state_reason
order by state, addresses desc, state_reason
"""

# Entities have many kinds; the rest of a state is one row.
MOST_REASONS = 12

MEANING = {
    "profiled": "has a profile",
    "stale": "has one, but its features changed since",
    "entity": "a known entity or contract, so no investor",
    "not_eligible": "the reason says why",
    "not_scored": "eligible, but waits for a profile",
}


def states(slug: str, title: str, marts: Marts) -> Table:
    """Count addresses by state and reason."""
    found = require(marts.rows(STATES), "investor_profiles has no rows.")
    total = sum(row["addresses"] for row in found)
    by_state: dict[str, list] = {state: [] for state in MEANING}
    for row in found:
        by_state.setdefault(row["state"], []).append(row)
    rows = []
    for state, reasons in by_state.items():
        if not reasons:
            rows.append(_line(state, "none", 0, total))
        for row in reasons[:MOST_REASONS]:
            rows.append(_line(state, row["state_reason"], row["addresses"], total))
        rest = reasons[MOST_REASONS:]
        if rest:
            others = sum(row["addresses"] for row in rest)
            rows.append(_line(state, f"{len(rest)} other reasons", others, total))
    return Table(
        slug,
        title,
        f"All {count(total)} addresses, each in one state. "
        + "; ".join(f"{words(state)}: {meaning}" for state, meaning in MEANING.items())
        + ".",
        ["State", "Reason", "Addresses", "Share"],
        rows,
        frozenset({2, 3}),
    )


def _line(state: str, reason: str, addresses: int, total: int) -> tuple[str, ...]:
    return (words(state), words(reason), count(addresses), percent(addresses / total))
