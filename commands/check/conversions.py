"""How a value of somebody else's column becomes the value of ours, as SQL on text.

A value that a conversion cannot read is passed on as it is, so that staging rejects it by name.
"""

from dataclasses import dataclass

from commands.check.sql import literal

# How flags are written, in lower case. Tables that pandas has saved hold 0.0 and 1.0.
NO = ("0", "0.0", "0x0", "false", "f", "no", "n")
YES = ("1", "1.0", "0x1", "true", "t", "yes", "y")

# An amount such as 1,234.5, in which braces of a pattern stand twice for `format`.
THOUSANDS = "-?[0-9]{{1,3}}(,[0-9]{{3}})+[.][0-9]+"

# How explorers say that nothing went wrong.
SUCCESS = ("", "ok", "success")

# How exports write NULL, in lower case, as in the macro null_spellings().
NULLS = ("", "none", "nan", "null", "nat", "<na>", "na", "n/a", "\\n")


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
    number = _number("{0}", decimals)
    # What has digits and is not such a number, like 0x10, must not be read as wei.
    return Conversion(
        f"coalesce(replace(cast({number} as varchar), '.', ''), case"
        f" when regexp_matches({{0}}, '[0-9]') then concat({{0}}, ' {unit}') else {{0}} end)",
        (column,),
    )


def _number(text: str, decimals: int) -> str:
    """SQL for an amount. Commas are thousands only before a point: elsewhere 1,234 may be 1.234."""
    has_thousands = f"regexp_full_match({text}, '{THOUSANDS}')"
    plain = f"case when {has_thousands} then replace({text}, ',', '') else {text} end"
    return f"try_cast({plain} as decimal(38, {decimals}))"


def larger_ether(one: str, other: str) -> Conversion:
    """Wei of the larger of two amounts in ether: an explorer has a column a direction."""
    numbers = [_number(f"coalesce({{{i}}}, '0')", 18) for i in (0, 1)]
    both = ", ".join(numbers)
    # A negative one is the amount, so that it is not hidden behind the other's 0.
    amount = f"case when least({both}) < 0 then least({both}) else greatest({both}) end"
    read = " and ".join(f"{number} is not null" for number in numbers)
    return Conversion(
        f"case when {read} then replace(cast({amount} as varchar), '.', '')"
        " else concat({0}, ' ', {1}) end",
        (one, other),
    )


def _cleaned(column: int) -> str:
    """Text in lower case without blanks around it, empty for every spelling of NULL."""
    text = f"lower(trim(coalesce({{{column}}}, '')))"
    return f"case when {_is_one_of(text, NULLS)} then '' else {text} end"


def _is_one_of(text: str, values: tuple[str, ...]) -> str:
    # DuckDB makes a join of a list behind IN, and all columns pass through it.
    return f"list_contains([{', '.join(map(literal, values))}], {text})"


def status_of_error(is_error: str) -> Conversion:
    """Receipt status of a flag that is true where the transaction failed."""
    flag = _cleaned(0)
    return Conversion(
        f"case when {_is_one_of(flag, NO)} then '1' when {_is_one_of(flag, YES)} then '0'"
        # Passed on as it is, a word such as error would be read as a status.
        f" when {flag} <> '' then concat({{0}}, ' is_error') end",
        (is_error,),
    )


def status_of_error_text(status: str, *code: str) -> Conversion:
    """Receipt status of a text such as `Error(0)`, empty for success, and of what went wrong."""
    text, wrong = _cleaned(0), _cleaned(1) if code else "''"
    return Conversion(
        f"case when regexp_matches({text}, '^(error|fail|revert)') or {_is_one_of(text, NO)}"
        f" or not {_is_one_of(wrong, SUCCESS)} then '0'"
        f" when {_is_one_of(text, SUCCESS + YES)} then '1' else concat({{0}}, ' Status') end",
        (status, *code),
    )


def status_of_error_code(code: str) -> Conversion:
    """Receipt status of what went wrong, empty or 0 for success."""
    return Conversion(
        f"case when {_is_one_of(_cleaned(0), SUCCESS + NO)} then '1' else '0' end", (code,)
    )


CONVERSIONS = {
    "ether": ether,
    "gwei": gwei,
    "is_error": status_of_error,
    "error": status_of_error_code,
}
