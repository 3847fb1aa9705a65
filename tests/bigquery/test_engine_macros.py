"""A macro with a version for each engine gives the same on both, for the same values.

BigQuery's version runs in ZetaSQL's evaluator, DuckDB's in DuckDB. Where the two differ on
purpose or out of reach, the difference is listed with its reason, and nothing else may differ.
"""

import functools
import math
import re
import statistics
from datetime import datetime
from operator import itemgetter
from typing import Any

import duckdb
import pytest
from inline import compile_inline

from maintenance.bigquery_sql.zetasql_evaluator import Given, evaluate
from maintenance.compiled_project import duckdb_settings

DUCKDB_TYPES = {
    "STRING": "varchar",
    "INT64": "bigint",
    "FLOAT64": "double",
    "BIGNUMERIC": "decimal(38, 0)",
    "BOOL": "boolean",
    "TIMESTAMP": "timestamp",
}

INTEGERS = [0, 1, -1, 7, 12, 999, 2**53 + 1, 2**63 - 1, None]
DOUBLES = [0.0, 0.5, 1.5, -2.25, 0.1, 1 / 3, 57.0, 1.5e21, 123456.789, 1e-7, 2.0**-40, None]
# Of every size, and in the middle between two that are shown.
VALUES = [
    *DOUBLES,
    *(0.005, 0.009999, 0.125, 0.985, 0.995, 0.9999, 0.99995, 1.0, 2.5, 12.25, 89.5, 99.95, 150.5),
    *(999.5, 1000.0, 1500.5, 5399.0, 86400.0, 999999.5, 1e6, 12345678.0, 6.4e7, 999950000.0, 1e12),
    *(1e15, 3.94e10, 2.5e17, 1.234e22, 7e26),
]
WEI = [0, 1, 10**18 + 1, 10**26, 2**96, 10**38 - 1, None]
TIMES = [
    datetime(2015, 7, 30, 15, 26, 13),
    datetime(2017, 6, 1, 22, 59, 59),
    datetime(2020, 2, 29),
    datetime(2020, 2, 29, 12, 0, 0, 123456),
    datetime(1970, 1, 1),
    None,
]
BOOLEANS = [True, False, None]
ADDRESSES = [f"0x{number:040x}" for number in (0, 1, 2**159, 0xDEADBEEF)] + [None]

# Name: the type of column x, its values, and Jinja over x.
ON_TYPED_VALUES = {
    "clean_text of a number": ("INT64", INTEGERS, "{{ clean_text('x') }}"),
    "text_literal": ("INT64", [1], r"""{{ text_literal("it's\n a \\\\ text") }}"""),
    "parse_wei of a numeric": ("BIGNUMERIC", WEI, "{{ parse_wei('x') }}"),
    "parse_wei of an integer": ("INT64", INTEGERS, "{{ parse_wei('x') }}"),
    "parse_integer": ("INT64", INTEGERS, "{{ parse_integer('x') }}"),
    "parse_flag": ("BOOL", BOOLEANS, "{{ parse_flag('x') }}"),
    "parse_timestamp": ("TIMESTAMP", TIMES, "{{ parse_timestamp('x') }}"),
    "parse_timestamp of epoch seconds": (
        "INT64",
        [0, 1577836800, 4102444800, None],
        "{{ parse_timestamp('x') }}",
    ),
    "epoch_seconds": ("TIMESTAMP", TIMES, "{{ epoch_seconds('x') }}"),
    "timestamp_text": ("TIMESTAMP", TIMES, "{{ timestamp_text('x') }}"),
    "later_by a day": ("TIMESTAMP", TIMES, "{{ later_by('x', 1, 'day') }}"),
    "later_by seconds": ("TIMESTAMP", TIMES, "{{ later_by('x', 90, 'second') }}"),
    "earlier_of": ("TIMESTAMP", TIMES, "{{ earlier_of('x', timestamp_literal('2018-01-01')) }}"),
    "later_of": ("TIMESTAMP", TIMES, "{{ later_of('x', timestamp_literal('2018-01-01')) }}"),
    "address_bucket": ("STRING", ADDRESSES, "{{ address_bucket('x', 1024) }}"),
    "fingerprint of texts": ("STRING", ADDRESSES, "{{ fingerprint(['x', 'x']) }}"),
    "fingerprint of integers": ("INT64", INTEGERS, "{{ fingerprint(['x', 'x']) }}"),
    "fingerprint of booleans": ("BOOL", BOOLEANS, "{{ fingerprint(['x']) }}"),
    "named_values": ("STRING", ["a", "", None], "{{ named_values(['x', 'x']) }}"),
    "is_possible_wei": (
        "BIGNUMERIC",
        [*WEI, 2 * 10**26, 2 * 10**26 + 1],
        "{{ is_possible_wei('x') }}",
    ),
    "is_possible_time": (
        "TIMESTAMP",
        [*TIMES, datetime(2015, 7, 30), datetime(2015, 7, 29, 23, 59, 59), datetime(2999, 1, 1)],
        "{{ is_possible_time('x') }}",
    ),
    "mean_or_zero": ("BIGNUMERIC", WEI, "{{ mean_or_zero('x', '3') }}"),
    "mean_or_zero of nothing": ("BIGNUMERIC", WEI, "{{ mean_or_zero('x', '0') }}"),
    "number_text with decimals": ("FLOAT64", DOUBLES, "{{ number_text('x', '%.4f') }}"),
    "number_text without": ("FLOAT64", DOUBLES, "{{ number_text('x', '%.0f') }}"),
    "number_text in short": ("FLOAT64", DOUBLES, "{{ number_text('x', '%.4g') }}"),
    **{
        f"reason_value_text of {unit}": (
            "FLOAT64",
            VALUES,
            "{{ reason_value_text('x', \"'" + unit + "'\") }}",
        )
        for unit in ("count", "seconds", "wei", "share", "gas_price", "per_second", "hour")
    },
    "reason_value_text of bits": (
        "FLOAT64",
        [0.0, 0.5, 1.0, 2.585, 4.58496, None],
        "{{ reason_value_text('x', \"'bits'\") }}",
    ),
    "value_band": ("FLOAT64", [0.0, 9.9e16, 1e17, 1e18, 1e19, 1e26, None], "{{ value_band('x') }}"),
    "wilson_low": ("INT64", [0, 1, 7, 12, 50, None], "{{ wilson_low('x', '50') }}"),
    "wilson_high": ("INT64", [0, 1, 7, 12, 50, None], "{{ wilson_high('x', '50') }}"),
    "poisson_weight": ("INT64", [0, 790015084, 2147461637, None], "{{ poisson_weight('x') }}"),
    "label_category": (
        "STRING",
        ["Fake ICO", "phish-hack", "PHISHING", " upbit  exchange ", "a - b", "", None],
        "{{ label_category('x') }}",
    ),
    "is_hex": (
        "STRING",
        [*ADDRESSES, "0x" + "A" * 40, "0x12", "0x" + "0" * 41, "0x" + "0" * 40 + "\n"],
        "{{ is_hex('x', 40) }}",
    ),
}

# Name: the type of column x, groups of values, and Jinja over the group.
ON_GROUPS = {
    "exact_median of integers": (
        "INT64",
        [[5], [1, 9], [4, 1, 10], [0, 0, 3, 0], [2, None, 4], [None], [2**53, 1]],
        "{{ exact_median('x') }}",
    ),
    "exact_median of doubles": (
        "FLOAT64",
        [[0.1], [0.1, 0.2], [1.5, -2.5, 1e9], [None, 3.0]],
        "{{ exact_median('x') }}",
    ),
    "sum_exactly": (
        "BIGNUMERIC",
        [[10**37, 1], [2**60, *[1] * 9], [None]],
        "{{ sum_exactly('x') }}",
    ),
    "sum_exactly of integers": ("INT64", [[2**62] * 4, [-1, 1], [None]], "{{ sum_exactly('x') }}"),
}

# Name: the type of column x, groups of values, and Jinja that is a query over `given`.
ON_RELATIONS = {
    "medians_of_counts": (
        "INT64",
        [[5], [1, 9], [4, 1, 10], [0, 0, 3, 0], [0, 0, 3, 3], [2, 2, 2, 7, 7], [2**53, 1]],
        # One median of the values, one of each one to three times.
        "select n, middle, other from ("
        "{{ medians_of_counts("
        "'(select n, x, 1 as times, true as is_middle from given"
        " union all select n, x, 1 + mod(x, 3), false from given)',"
        " ['n'], 'x', 'times', {'middle': 'is_middle', 'other': 'not is_middle'}) }}"
        ") as summaries",
    ),
    # It reads no rows. Numbers are hashed as text, which engines write differently.
    "bootstrap_maps": ("INT64", [[1]], "{{ bootstrap_maps() }}"),
}

# Texts as exports, label lists and spreadsheets have them.
NUMBERS = [
    *("12", "12.0", "12.", ".5", "0012", "12.7", "-5", "+5", "-0", "1_000", "1,000", "abc"),
    *("0x10", "٣", "NaN", "inf", "4.7E+18", "4.7e18", "4.75e1", "4.7e-3", "1e3", "1e37", "1e38"),
    *("2e38", "1e400", "9223372036854775807", "9223372036854775808", "-9223372036854775808"),
]
LONG_NUMBERS = [
    *("9" * 38, "1" + "0" * 38, "2" + "0" * 38, "5" + "0" * 38, "1" * 78, "-" + "9" * 38),
    # The decimals of ether, and one less.
    *("12." + "0" * 18, "12." + "0" * 17),
]
EMPTY = ["", " 12", "12 ", "12\n", None]
LOGICAL = ["true", "TRUE", "false", "False", "t", "yes", "1", "0", "wahr", "", None]
DATES = [
    *("2020-01-01", "2020-1-1", "2020-01-01 10:00:00", "2020-01-01T10:00:00Z"),
    *("2020-01-01T10:00:00", "2020-01-01 10:00:00 UTC", "2020-01-01 10:00:00.123456 UTC"),
    "2020-01-01 10:00:00.123456789",
    *("2020-01-01 10:00:00+02:00", "2020-01-01 10:00:00+02", "2020-01-01 10:00"),
    *("2020-01-01 10:00:00 +0200", "2020-01-01 10:00:00.5 -05:30", "2020-01-01 10:00:00 Z"),
    *("2020-06-15 12:00:00 Europe/Berlin", "1577836800", "-1", "99999999999999"),
    *("12/31/2018 1:06:37", "12/31/2018 01:06:37", "31/12/2018 01:06:37", "12/31/2018"),
    *("2020-13-01", "2020-02-30", "0001-01-01", "now", "2020-01-01 00:00:00 BC", "", None),
]

ON_TEXTS = {
    "parse_wei of a text": ("STRING", NUMBERS + LONG_NUMBERS + EMPTY, "{{ parse_wei('x') }}"),
    "is_integral_number": (
        "STRING",
        NUMBERS + LONG_NUMBERS + EMPTY,
        "{{ is_integral_number('x') }}",
    ),
    "clean_text": ("STRING", [*NUMBERS, *EMPTY, "0xABC"], "{{ clean_text('x') }}"),
    "parse_integer of a text": ("STRING", NUMBERS + EMPTY, "{{ parse_integer('x') }}"),
    "parse_flag of a text": ("STRING", LOGICAL, "{{ parse_flag('x') }}"),
    "parse_timestamp of a text": ("STRING", DATES, "{{ parse_timestamp('x') }}"),
}

# BigQuery's public tables have integers and booleans of those types, so only DuckDB, which reads
# files, has to understand these texts.
ONLY_DUCKDB_UNDERSTANDS = {
    "parse_wei of a text": ["0x10"],
    "parse_integer of a text": ["12.0", "12.", "1_000", "4.7E+18", "4.7e18", "1e3"],
    "parse_timestamp of a text": [
        "2020-01-01 10:00:00.123456789",
        *("2020-01-01 10:00:00 +0200", "2020-01-01 10:00:00.5 -05:30", "2020-01-01 10:00:00 Z"),
    ],
}

# On DuckDB one row with the name of a time zone would move the rows after it.
ONLY_BIGQUERY_UNDERSTANDS = {
    "parse_timestamp of a text": ["2020-06-15 12:00:00 Europe/Berlin"],
}

CASES = {**ON_TYPED_VALUES, **ON_TEXTS, **ON_GROUPS, **ON_RELATIONS}

MARK = "\n-- next case --\n"


@pytest.mark.parametrize("case", {**ON_TYPED_VALUES, **ON_TEXTS})
def test_a_macro_gives_the_same_on_both_engines(case: str):
    _, values, _ = CASES[case]
    on_bigquery, on_duckdb = both(case, [(number, value) for number, value in enumerate(values)])
    results = zip(values, on_bigquery.values(), on_duckdb.values(), strict=True)
    differing = [result for result in results if not is_same(*result[1:])]
    only_duckdb = [value for value, bigquery, _ in differing if bigquery is None]
    only_bigquery = [value for value, _, duckdb in differing if duckdb is None]
    assert only_duckdb == ONLY_DUCKDB_UNDERSTANDS.get(case, [])
    assert only_bigquery == ONLY_BIGQUERY_UNDERSTANDS.get(case, [])
    assert len(differing) == len(only_duckdb) + len(only_bigquery), differing


def test_an_offset_after_a_space_is_the_same_as_one_without():
    texts = ["2020-01-01 10:00:00+0200", "2020-01-01 10:00:00 +0200", "2020-01-01 08:00:00 Z"]
    _, on_duckdb = both("parse_timestamp of a text", list(enumerate(texts)))
    assert set(on_duckdb.values()) == {datetime(2020, 1, 1, 8)}


@pytest.mark.parametrize("case", ON_GROUPS)
def test_an_aggregate_gives_the_same_on_both_engines(case: str):
    _, groups, _ = CASES[case]
    on_bigquery, on_duckdb = both(case, in_groups(groups))
    assert list(on_bigquery) == list(range(len(groups)))
    assert {n: is_same(on_bigquery[n], on_duckdb[n]) for n in on_duckdb} == dict.fromkeys(
        on_bigquery, True
    ), f"{on_bigquery} {on_duckdb}"


@pytest.mark.parametrize("day", ["never_settled", "unknown_day"])
def test_a_day_that_stands_for_none_has_a_partition_of_its_own(day: str):
    # BigQuery keeps what is earlier or later in one partition, __UNPARTITIONED__.
    [found] = re.findall(r"'(.+)'", compile_inline("{{ " + day + "() }}", "bigquery"))
    assert "1960-01-01" <= found <= "2159-12-31"


def test_a_median_of_counted_values_is_exact_on_both_engines():
    _, groups, _ = ON_RELATIONS["medians_of_counts"]
    expected = [
        (n, statistics.median(group), statistics.median(x for x in group for _ in range(1 + x % 3)))
        for n, group in enumerate(groups)
    ]
    found = both_queries("medians_of_counts", in_groups(groups))
    assert [sorted(rows) for rows in found] == [expected] * 2


def test_a_bootstrap_draws_the_same_on_both_engines():
    on_bigquery, on_duckdb = both_queries("bootstrap_maps", [(0, 1)])
    assert sorted(on_bigquery) == sorted(on_duckdb)
    assert [replicate for replicate, _, _ in sorted(on_duckdb)] == list(range(1, 201))


def in_groups(groups: list[list[Any]]) -> list[tuple[int, Any]]:
    """The values of groups with the number of their group."""
    return [(number, value) for number, group in enumerate(groups) for value in group]


def both(case: str, rows: list[tuple[int, Any]]) -> tuple[dict[int, Any], dict[int, Any]]:
    """What the case gives on BigQuery and on DuckDB by the number of a row, or of its group."""
    group = "group by n" if case in ON_GROUPS else ""
    on_bigquery, on_duckdb = both_queries(
        case, rows, f"select n, {{}} as result from given {group}"
    )
    return dict(on_bigquery), dict(on_duckdb)


def both_queries(
    case: str, rows: list[tuple[int, Any]], query: str = "{}"
) -> tuple[list[tuple], list[tuple]]:
    """Rows, by their first column, of the query around the case on BigQuery and on DuckDB."""
    kind = CASES[case][0]
    position = list(CASES).index(case)

    given = Given((("n", "INT64"), ("x", kind)), [{"n": n, "x": value} for n, value in rows])
    sql = query.format(compiled_expressions("bigquery")[position])
    found = evaluate(f"with given as (select * from unnest(@given)) {sql}", {"given": given})
    on_bigquery = list(found.itertuples(index=False, name=None))

    with duckdb.connect() as connection:
        for name, value in duckdb_settings().items():
            connection.execute(f"set {name} = '{value}'")
        connection.execute(f"create table given (n bigint, x {DUCKDB_TYPES[kind]})")
        connection.executemany("insert into given values (?, ?)", rows)
        sql = query.format(compiled_expressions("duckdb")[position])
        on_duckdb = connection.execute(sql).fetchall()
    return sorted(on_bigquery, key=itemgetter(0)), sorted(on_duckdb, key=itemgetter(0))


@functools.cache
def compiled_expressions(target: str) -> list[str]:
    """The expressions of all cases, in order, from one compilation."""
    templates = [template for _, _, template in CASES.values()]
    return compile_inline(MARK.join(templates), target).split(MARK)


def is_same(one: Any, other: Any) -> bool:
    """Equal; doubles but for rounding, because literals are decimals on DuckDB."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-14)
    return one == other
