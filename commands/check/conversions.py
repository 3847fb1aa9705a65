"""How a value of somebody else's column becomes the value of ours, as SQL on text.

A value that a conversion cannot read is passed on as it is, so that staging rejects it by name.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Conversion:
    """SQL with `{0}`, `{1}` … for the named columns, cast to text."""

    sql: str
    columns: tuple[str, ...]


def ether(column: str) -> Conversion:
    """Wei of an amount in ether, to the nearest wei."""
    return _scaled(column, 18, "ether")


def gwei(column: str) -> Conversion:
    """Wei of an amount in gwei, to the nearest wei."""
    return _scaled(column, 9, "gwei")


def _scaled(column: str, decimals: int, unit: str) -> Conversion:
    # A decimal of this scale prints all its decimals, so the text without the point is the product.
    number = f"try_cast({{0}} as decimal(38, {decimals}))"
    # What has digits and is no such number, like 0x10, must not be read as wei.
    return Conversion(
        f"coalesce(replace(cast({number} as varchar), '.', ''), case"
        f" when regexp_matches({{0}}, '[0-9]') then concat({{0}}, ' {unit}') else {{0}} end)",
        (column,),
    )


def larger_ether(one: str, other: str) -> Conversion:
    """Wei of the larger of two amounts in ether: an explorer has a column a direction."""
    numbers = [f"try_cast(coalesce({{{i}}}, '0') as decimal(38, 18))" for i in (0, 1)]
    read = " and ".join(f"{number} is not null" for number in numbers)
    larger = f"replace(cast(greatest({', '.join(numbers)}) as varchar), '.', '')"
    return Conversion(
        f"case when {read} then {larger} else concat({{0}}, ' ', {{1}}) end", (one, other)
    )


def status_of_error(is_error: str) -> Conversion:
    """Receipt status of a flag that is 1 where the transaction failed."""
    return Conversion("case {0} when '0' then '1' when '1' then '0' else {0} end", (is_error,))


def status_of_error_text(*columns: str) -> Conversion:
    """Receipt status where an empty text means success and `Error(0)` or `Reverted` a failure."""
    empty = " and ".join(
        f"lower(coalesce({{{i}}}, '')) in ('', 'ok', 'success')" for i in range(len(columns))
    )
    return Conversion(f"case when {empty} then '1' else '0' end", columns)


CONVERSIONS = {"ether": ether, "gwei": gwei, "is_error": status_of_error}
