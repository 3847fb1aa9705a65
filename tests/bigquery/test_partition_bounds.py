"""Every read of a public table lists its columns and is bounded by what is configured."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from compiled import CompiledProject, compiled
from partition_bounds import bound_faults, public_reads

from tools.compiled_project import PROJECT_DIRECTORY

CHAIN_TABLES = {"balances", "blocks", "contracts", "token_transfers", "tokens", "transactions"}


@dataclass(frozen=True)
class Build:
    """A build of the public tables, and how far back its reads may go."""

    start: datetime
    target: str = "bigquery"
    is_incremental: bool = False
    variables: dict[str, Any] = field(default_factory=dict)

    def compiled(self) -> CompiledProject:
        return compiled("public", self.is_incremental, self.target, **self.variables)


def default_variable(name: str) -> Any:
    return yaml.safe_load((PROJECT_DIRECTORY / "dbt_project.yml").read_text())["vars"][name]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day_after_tomorrow() -> datetime:
    """End of what a run may read: a day's margin for clocks and time zones."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=2)


HISTORY_START = utc(default_variable("history_start"))

BUILDS = {
    "first build": Build(HISTORY_START),
    "later build": Build(HISTORY_START, is_incremental=True),
    "first build of a short history": Build(
        utc("2024-05-01"), variables={"history_start": "2024-05-01 00:00:00"}
    ),
}


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS.keys())
def test_reads_of_public_tables_are_bounded(build: Build):
    tables = set()
    for node in build.compiled().nodes.values():
        if node.is_query:
            tables |= {read.table for read in public_reads(node.sql)}
            faults = bound_faults(node.sql, build.start, day_after_tomorrow())
            assert not faults, f"{node.name} ({node.path}): {faults}"
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
    sql = compiled("public", False)["base_crypto_ethereum__transactions"].sql
    assert bound_faults(sql, HISTORY_START, day_after_tomorrow()) == []
    changed, matches = re.subn(text, planted, sql, count=1)
    assert matches, f"{text} does not occur"
    found = bound_faults(changed, HISTORY_START, day_after_tomorrow())
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
    assert bound_faults(sql, HISTORY_START, day_after_tomorrow())
