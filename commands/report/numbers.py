"""Numbers as people read them."""

from typing import Any

UNKNOWN = "–"


def count(value: int | None) -> str:
    """A whole number with separators: 12,345."""
    return UNKNOWN if value is None else f"{value:,}"


def counted(value: int, noun: str) -> str:
    """A number of things: 1 address, 2 addresses."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{count(value)} {noun if value == 1 else plural}"


def percent(share: float | None, digits: int = 1) -> str:
    """A share 0 to 1 as percent: 12.3 %, not to be broken before the sign."""
    return UNKNOWN if share is None else f"{100 * share:.{digits}f}\u00a0%"


def decimal(value: float | None, digits: int = 3) -> str:
    """A number with fixed digits after the point."""
    return UNKNOWN if value is None else f"{value:.{digits}f}"


def short(value: float | None) -> str:
    """A number with about three significant digits and separators: 1,230 or 0.0123."""
    if value is None:
        return UNKNOWN
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def day(moment: Any) -> str:
    """The UTC day of a timestamp."""
    return UNKNOWN if moment is None else moment.strftime("%Y-%m-%d")


def minute(moment: Any) -> str:
    """The UTC minute of a timestamp."""
    return UNKNOWN if moment is None else moment.strftime("%Y-%m-%d %H:%M UTC")


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """The ends of an interval, in words that a screen reader says right."""
    if low is None or high is None:
        return UNKNOWN
    return f"{low:.{digits}f} to {high:.{digits}f}"


def words(name: str) -> str:
    """A column or category name as words: active_days as active days."""
    return name.replace("_", " ")
