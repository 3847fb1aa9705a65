"""Values as people read them."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

STATES = {
    "scored": "Scored",
    "stale": "Stale score",
    "not_scored": "Not scored",
    "too_little_to_tell": "Too little to tell",
    "known_scam": "Known scam",
    "known_entity": "Known entity",
    "profiled": "Profiled",
    "not_eligible": "Not eligible",
    "entity": "Entity",
    "confirmed_scam": "Confirmed scam",
    "not_a_scam": "Not a scam",
    "needs_information": "Needs information",
    "disputed": "Disputed",
    "clean_queue": "Clean queue (block)",
    "wide_net": "Wide net (warn)",
    "none": "Under no policy",
    "external_scam": "Scam on an external list",
    "other": "Other label",
}

NOTHING = "–"

# Longer activity is shown by month.
DAYS_SHOWN = 62


def words(code: Any) -> str:
    """Return a code as words."""
    if code is None:
        return NOTHING
    return STATES.get(code, str(code).replace("_", " ").capitalize())


def state(code: str, reason: str) -> str:
    """Return a state with its reason, which begins with "entity" and may name a column."""
    return f"{words(code)}: {reason.removeprefix('entity: ').replace('_', ' ')}"


def when(time: datetime | None) -> str:
    """Return a UTC time to the minute."""
    return time.strftime("%Y-%m-%d %H:%M") if time else NOTHING


def number(value: float | int | None) -> str:
    """Return a number with separators and few digits, without exponent."""
    if value is None or value != value:
        return NOTHING
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e15):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{Decimal(f'{value:.3g}'):f}"


def percent(share: float | None) -> str:
    """Return a share in percent. One that is not quite all or nothing does not become 100 or 0."""
    if share is None:
        return NOTHING
    if 0 < share < 0.0001:
        return "less than 0.01 %"
    if 0.9995 <= share < 1:
        return "more than 99.9 %"
    if 0 < share < 0.01:
        return f"{100 * share:.2g} %"
    return f"{100 * share:.1f} %".replace(".0 %", " %")


def ether(wei: Any) -> str:
    """Return wei as ETH, and dust as it is."""
    if wei is None:
        return NOTHING
    return f"{int(wei):,} wei" if 0 < abs(int(wei)) < 10**9 else f"{number(int(wei) / 1e18)} ETH"


def duration(seconds: float) -> str:
    """Return seconds in the unit that people would choose."""
    size = abs(seconds)
    for limit, unit, name in (
        (90, 1, "seconds"),
        (5400, 60, "minutes"),
        (129_600, 3600, "hours"),
        (63_072_000, 86_400, "days"),
    ):
        if size < limit:
            whole = round(seconds / unit)
            return f"{number(whole)} {name if abs(whole) != 1 else name.removesuffix('s')}"
    return f"{seconds / 31_557_600:.1f} years"


def feature(value: float | int | None, unit: str | None) -> str:
    """Return a feature's value in the unit of the catalogue."""
    if value is None:
        return "unknown"
    if unit == "wei":
        return ether(value)
    if unit == "eth":
        return f"{number(value)} ETH"
    if unit == "gas_price":
        return f"{number(value / 1e9)} gwei"
    if unit == "seconds":
        return duration(value)
    if unit == "share":
        return percent(value)
    if unit == "per_second":
        return f"{number(value * 86_400)} a day"
    if unit == "bits":
        return f"{value:.2f} bits"
    if unit == "hour":
        return f"{value:.1f} h UTC"
    return number(value)


def sentences(text: str | None) -> list[str]:
    """Return the sentences of reasons, which a list shows one below the other."""
    parts = re.split(r"(?<=[.])\s+(?=[A-Z0-9])", text) if text else []
    # A number and its unit stay on one line.
    return [re.sub(r"(?<=\d) (?=%|ETH|gwei)", "\N{NO-BREAK SPACE}", part) for part in parts]


def periods(days: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the events of days as bars by day, or by month where they span more than two.

    `days` are rows of event_date, incoming_count and outgoing_count in order of time. A bar has a
    position, which counts the days or months without events too.
    """
    if not days:
        return {"unit": "month", "bars": []}
    is_by_day = (days[-1]["event_date"] - days[0]["event_date"]).days <= DAYS_SHOWN
    bars: dict[int, dict[str, Any]] = {}
    for row in days:
        on: date = row["event_date"]
        position = on.toordinal() if is_by_day else on.year * 12 + on.month
        bar = bars.setdefault(
            position,
            {
                "position": position,
                "label": on.isoformat() if is_by_day else f"{on:%Y-%m}",
                "incoming_count": 0,
                "outgoing_count": 0,
            },
        )
        for name in ("incoming_count", "outgoing_count"):
            bar[name] += int(row[name])
    return {"unit": "day" if is_by_day else "month", "bars": list(bars.values())}


def age(time: datetime | None) -> int | None:
    """Return the full days since a UTC time."""
    return None if time is None else (datetime.now(UTC).replace(tzinfo=None) - time).days
