"""What a condition leaves of the values of a column, as BigQuery sees it before it reads a row.

BigQuery rules out partitions by comparisons of the bare partition column with constants, joined by
`and` and `or`. Anything else is taken to leave every value. Values are whole numbers: days since
1970-01-01 for dates and times, the number itself for integers.
"""

from collections.abc import Mapping
from math import ceil, floor, inf
from typing import NamedTuple

from maintenance.bigquery_cost.resolved import Tree

SECONDS_PER_DAY = 86_400


class Range(NamedTuple):
    """Values from `start` (included) to `end` (excluded)."""

    start: float = -inf
    end: float = inf


Values = tuple[Range, ...]
"""Ranges that do not overlap, in order."""

ANY: Values = (Range(),)
NONE: Values = ()


def both(first: Values, second: Values) -> Values:
    """Values in both."""
    found = (
        Range(max(one.start, other.start), min(one.end, other.end))
        for one in first
        for other in second
    )
    return tuple(sorted(each for each in found if each.start < each.end))


def either(*values: Values) -> Values:
    """Values in any."""
    merged: list[Range] = []
    for each in sorted(each for ranges in values for each in ranges):
        if merged and each.start <= merged[-1].end:
            merged[-1] = Range(merged[-1].start, max(merged[-1].end, each.end))
        else:
            merged.append(each)
    return tuple(merged)


def left_by(condition: Tree) -> Mapping[int, Values] | None:
    """Values that a condition leaves of columns, by column number; None if it is never true."""
    if condition.kind == "Literal":
        return {} if condition.value.value.bool_value else None
    if condition.kind != "FunctionCall":
        return {}
    operator = condition.function.name.removeprefix("ZetaSQL:$")
    arguments = condition.argument_list
    if operator == "and":
        return _and([left_by(argument) for argument in arguments])
    if operator == "or":
        return _or([left_by(argument) for argument in arguments])
    return _comparison(operator, arguments)


def _and(parts: list[Mapping[int, Values] | None]) -> Mapping[int, Values] | None:
    left: dict[int, Values] = {}
    for part in parts:
        if part is None:
            return None
        for column, values in part.items():
            left[column] = both(left.get(column, ANY), values)
    return left


def _or(parts: list[Mapping[int, Values] | None]) -> Mapping[int, Values] | None:
    possible = [part for part in parts if part is not None]
    if not possible:
        return None
    columns = set.intersection(*(set(part) for part in possible))
    return {column: either(*(part[column] for part in possible)) for column in columns}


_MIRRORED = {
    "equal": "equal",
    "less": "greater",
    "less_or_equal": "greater_or_equal",
    "greater": "less",
    "greater_or_equal": "less_or_equal",
}


def _comparison(operator: str, arguments: list[Tree]) -> Mapping[int, Values]:
    compared, *others = arguments or [None]
    if operator in _MIRRORED and compared.kind == "Literal":
        operator, compared, others = _MIRRORED[operator], others[0], [compared]
    constants = [_constant(other) for other in others]
    if compared is None or compared.kind != "ColumnRef" or None in constants:
        return {}
    column = compared.column.column_id
    if operator in ("equal", "in"):
        return {column: either(*((Range(floor(x), floor(x) + 1),) for x in constants))}
    if operator == "between":
        return {column: (Range(floor(constants[0]), floor(constants[1]) + 1),)}
    if operator == "less":
        return {column: (Range(end=ceil(constants[0])),)}
    if operator == "less_or_equal":
        return {column: (Range(end=floor(constants[0]) + 1),)}
    if operator == "greater_or_equal":
        return {column: (Range(start=floor(constants[0])),)}
    if operator == "greater":
        # A time after one of a day can still be of that day.
        is_whole = isinstance(constants[0], int)
        return {column: (Range(start=floor(constants[0]) + is_whole),)}
    return {}


def _constant(expression: Tree) -> int | float | None:
    """A constant day or number as int, a constant time in days as float; None for anything else."""
    if expression.kind != "Literal":
        return None
    value = expression.value.value.message
    kind = value.WhichOneof("value")
    if kind == "timestamp_value":
        time = value.timestamp_value
        return (time.seconds + time.nanos / 1e9) / SECONDS_PER_DAY
    if kind in ("date_value", "int64_value"):
        return getattr(value, kind)
    return None
