"""The analyser is set up as BigQuery is, and starts with and without a cache folder."""

from pathlib import Path

import pytest
import wasmtime

from maintenance.bigquery_sql import zetasql_engine
from maintenance.bigquery_sql.bigquery_dialect import NOT_IN_BIGQUERY
from maintenance.bigquery_sql.zetasql_engine import (
    InvalidQuery,
    Table,
    analyse,
    cached_config,
    canonical_type,
)

EVENTS = (Table(("p", "d", "events"), (("seen_at", "TIMESTAMP"), ("wei", "BIGNUMERIC"))),)


@pytest.mark.parametrize(
    "sql",
    [
        "select farm_fingerprint('x') as key, safe.timestamp_seconds(1) as seen_at",
        "select cast('0x1f' as bigint) as number, safe_cast('1' as integer) as other",
        "select * except (seen_at) from `p`.`d`.`events` "
        "qualify row_number() over (order by seen_at) = 1",
        "create table p.d.t partition by date(seen_at) cluster by wei as select * from p.d.events",
        "merge p.d.events as t using (select * from p.d.events) as s on false "
        "when not matched then insert (seen_at, wei) values (seen_at, wei)",
        "delete from p.d.events where seen_at < timestamp '2020-01-01'",
    ],
)
def test_what_bigquery_takes_is_taken(sql: str):
    analyse(sql, EVENTS)


@pytest.mark.parametrize(
    "sql",
    [
        "select median(1) as m",
        "select 1::string as s",
        "select iferror(1, 2) as n",
        "select array_max([1, 2]) as n",
        "select cast(1 as uint64) as n",
        "select cast(1 as float) as f",
        "select cast(1 as varchar) as s",
        "select * from p.d.events where seen_at >= current_datetime()",
        "select * from p.d.events where wei = '1' || '2'",
        "select hash from p.d.events",
        "from p.d.events |> limit 1",
        "select * from p.d.others",
        "delete from p.d.events",
    ],
)
def test_what_bigquery_refuses_is_refused(sql: str):
    with pytest.raises(InvalidQuery):
        analyse(sql, EVENTS)


@pytest.mark.parametrize("name", NOT_IN_BIGQUERY)
def test_every_excluded_function_is_one_of_zetasql(name: str):
    identifiers = zetasql_engine.zeta.FunctionSignatureId
    assert any(one.name.startswith(f"FN_{name}") for one in identifiers)


def test_types_have_one_name():
    names = ["boolean", "integer", "float64", "decimal", "bignumeric", "timestamp", "string"]
    kinds = ["BOOL", "INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC", "TIMESTAMP", "STRING"]
    assert list(map(canonical_type, names)) == kinds


def test_columns_have_the_types_the_analyser_infers():
    sql = "select count(*) as n, sum(wei) as wei, max(seen_at) as last, avg(1) as m from p.d.events"
    assert analyse(sql, EVENTS) == (
        ("n", "INT64"),
        ("wei", "BIGNUMERIC"),
        ("last", "TIMESTAMP"),
        ("m", "FLOAT64"),
    )


def test_without_a_cache_folder_it_starts_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    no_folder = tmp_path / "file"
    no_folder.touch()
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(no_folder / "folder"))
    with pytest.raises(wasmtime.WasmtimeError):
        wasmtime.Config().cache = True
    nothing = wasmtime.Module(wasmtime.Engine(cached_config()), "(module)")
    assert not nothing.exports
