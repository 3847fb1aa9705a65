"""Every read of a public table lists its columns and is bounded by what is configured."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from builds import DEFAULTS, DEVELOPMENT, OTHER_VALUES, first_build, later_build, today
from partition_bounds import bound_faults, public_reads

from maintenance.bigquery_sql.compiled import compiled
from maintenance.bigquery_sql.offline_warehouse import Build

CHAIN_TABLES = {"balances", "blocks", "contracts", "token_transfers", "tokens", "transactions"}


@dataclass(frozen=True)
class Case:
    """A build, and the times it may read: from `start` to before `end`."""

    make_build: Callable[..., Build]
    start: datetime
    end: datetime | None = None  # the day after tomorrow
    settings: dict[str, Any] = field(default_factory=dict)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days_ago(days: int) -> datetime:
    return datetime.combine(today() - timedelta(days=days), time(), UTC)


HISTORY_START = utc(DEFAULTS["history_start"])
LOADED_THROUGH_DAYS_AGO = 1  # see builds.made_before
LATE_START = days_ago(LOADED_THROUGH_DAYS_AGO + DEFAULTS["late_block_days"])

PARTS_END = utc(OTHER_VALUES["history_start"]) + timedelta(days=OTHER_VALUES["days_per_load"])
LONG_LATE_START = days_ago(LOADED_THROUGH_DAYS_AGO + OTHER_VALUES["late_block_days"])
DEVELOPMENT_START = days_ago(DEFAULTS["development_days"])

# What reads the public tables, and the seed it reads.
STAGING = {"select": "path:models/staging label_categories"}

CASES = {
    "first build": Case(first_build, HISTORY_START),
    "later build": Case(later_build, LATE_START),
    "first build of a short history in parts": Case(
        first_build, utc(OTHER_VALUES["history_start"]), PARTS_END, {**OTHER_VALUES, **STAGING}
    ),
    "later build with a longer look-back": Case(
        later_build, LONG_LATE_START, settings={**OTHER_VALUES, **STAGING}
    ),
    "first build in development": Case(
        first_build, DEVELOPMENT_START, settings={**DEVELOPMENT, **STAGING}
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_reads_of_public_tables_are_bounded(name: str):
    case = CASES[name]
    build = case.make_build("public", **case.settings)
    end = case.end or days_ago(-2)
    tables = set()
    for statement in build.statements:
        tables |= {read.table for read in public_reads(statement.sql)}
        faults = bound_faults(statement.sql, case.start, end)
        assert not faults, f"{statement.node}: {faults}"
    assert tables == CHAIN_TABLES


# What is replaced in the compiled transactions, what is planted there, what the test says.
PLANTED_FAULTS = {
    "no condition": (r"where\s+block_timestamp >= [^)]*", "", "no literal lower bound"),
    "no lower bound": (r"block_timestamp >= timestamp '[^']*'\s+and", "", "no literal lower"),
    "no upper bound": (r"and block_timestamp < timestamp '[^']*'", "", "no literal upper bound"),
    "the column in a function": (
        r"block_timestamp >= timestamp '([^']*)'",
        r"date(block_timestamp) >= date '2024-01-01'",
        "no literal lower bound",
    ),
    "the column in a cast": (
        r"block_timestamp >=",
        "cast(block_timestamp as timestamp) >=",
        "no literal lower bound",
    ),
    "a computed bound": (
        r"block_timestamp >= timestamp '[^']*'",
        "block_timestamp >= timestamp_sub(current_timestamp(), interval 3 day)",
        "no literal lower bound",
    ),
    "a bound from another table": (
        r"block_timestamp >= timestamp '[^']*'",
        "block_timestamp >= (select max(t) from `p`.`d`.`t`)",
        "no literal lower bound",
    ),
    "a bound that need not hold": (
        r"where\s+block_timestamp >= timestamp '[^']*'",
        "where (block_timestamp >= timestamp '2024-01-01' or gas > 0)",
        "no literal lower bound",
    ),
    "a bound that is denied": (
        r"where\s+block_timestamp >= timestamp '[^']*'",
        "where not block_timestamp < timestamp '2024-01-01'",
        "no literal lower bound",
    ),
    "the bound of another column": (
        r"block_timestamp >= timestamp",
        "received_timestamp >= timestamp",
        "no literal lower bound",
    ),
    "an earlier start": (
        r"block_timestamp >= timestamp '[^']*'",
        "block_timestamp >= timestamp '2015-07-29'",
        "starts at 2015-07-29",
    ),
    "a later end": (
        r"block_timestamp < timestamp '[^']*'",
        "block_timestamp < timestamp '2999-01-01'",
        "ends at 2999-01-01",
    ),
    "all columns": (r"select\s+`hash`", "select *, `hash`", "reads every column"),
    "all columns of an alias": (
        r"select\s+`hash`",
        "select transactions.*, `hash`",
        "reads every column",
    ),
    "a join": (
        r"(\.`transactions`)\s+where",
        r"\1 cross join (select 1 as one) where",
        "reads every column",
    ),
}


@pytest.mark.parametrize("fault", PLANTED_FAULTS)
def test_a_planted_fault_is_found(fault: str):
    text, planted, message = PLANTED_FAULTS[fault]
    sql = compiled("public")["base_chain__transactions"].sql
    assert bound_faults(sql, HISTORY_START, days_ago(-2)) == []
    changed, matches = re.subn(text, planted, sql, count=1)
    assert matches, f"{text} does not occur"
    found = bound_faults(changed, HISTORY_START, days_ago(-2))
    assert any(message in each for each in found), found


@pytest.mark.parametrize(
    "bounds",
    [
        "timestamp between timestamp '2024-01-01' and timestamp '2024-01-01 23:59:59'",
        "timestamp '2024-01-01' <= b.timestamp and b.timestamp < timestamp('2024-01-02')",
        "timestamp >= cast('2024-01-01 02:00:00+02:00' as timestamp) and timestamp < "
        "cast('2024-01-02' as timestamp) and number > 0",
    ],
)
def test_other_ways_to_write_bounds_are_understood(bounds: str):
    sql = f"select number from `bigquery-public-data.crypto_ethereum.blocks` as b where {bounds}"
    assert bound_faults(sql, utc("2024-01-01"), utc("2024-01-02")) == []
    assert "starts at" in bound_faults(sql, utc("2024-01-01 00:00:01"), utc("2024-01-02"))[0]
    assert "ends at" in bound_faults(sql, utc("2024-01-01"), utc("2024-01-01 23:59:59"))[0]


def test_an_inclusive_end_reads_the_day_it_names():
    sql = (
        "select number from `bigquery-public-data`.`crypto_ethereum`.`blocks` where "
        "timestamp >= timestamp '2024-01-01' and timestamp <= timestamp '2024-01-02'"
    )
    assert bound_faults(sql, utc("2024-01-01"), utc("2024-01-02"))
    assert not bound_faults(sql, utc("2024-01-01"), utc("2024-01-03"))


def test_a_table_without_known_partitions_is_a_fault():
    sql = "select address from `bigquery-public-data`.`crypto_ethereum`.`amended_tokens`"
    assert bound_faults(sql, HISTORY_START, days_ago(-2))
