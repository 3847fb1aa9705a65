"""Faults of the emulator that would hide what the project does, mended inside its process.

test_emulator.py shows each of them on the emulator as published.
"""

import copy
import functools
import gc
from types import SimpleNamespace
from typing import Any

import sqlglot
from bqemulator.api.routes import jobs, tables
from bqemulator.catalog import ddl_sync
from bqemulator.jobs import ddl_result, executor, routine_ddl
from bqemulator.sql import catalog_schema
from bqemulator.sql.translator import SQLTranslator
from bqemulator.storage.engine import DuckDBEngine
from sqlglot import exp
from sqlglot.dialects import BigQuery, DuckDB
from sqlglot.dialects.dialect import Dialect, build_default_decimal_type
from sqlglot.expressions import core

NUMERIC, BIGNUMERIC = exp.DataType.Type.DECIMAL, exp.DataType.Type.BIGDECIMAL

SESSION_DATASET = "session_tables"
SESSION_TABLE = "CREATE TEMP TABLE `_SESSION`."

# What the parser notes of a name's place in the text.
PLACES = {"line", "col", "start", "end"}

_parse_one = sqlglot.parse_one
_generate = Dialect.generate
_translate = SQLTranslator.translate
_execute_query_job = jobs.execute_query_job
_handle_query_job = jobs._handle_query_job
_table_to_rest = tables._table_to_rest


def do_not_download() -> None:
    """Start without DuckDB's spatial extension: a download, and the project has no geography."""
    DuckDBEngine._load_spatial = lambda engine: None


def mend() -> None:
    """Mend this process; the emulator's server must not be made yet."""
    _translate_once()
    # div(a - 1, 2) became a - 1 // 2, which is a.
    BigQuery.Parser.FUNCTIONS["DIV"] = _integer_division
    # A cast to numeric became DuckDB's default of 15 digits and three decimals.
    BigQuery.Parser.TYPE_CONVERTERS = {NUMERIC: build_default_decimal_type(38, 9)}
    # Bignumeric had 33 digits before the point and five after it, and a double lost bits on its
    # way in. The project's are whole numbers.
    widths = DuckDB.Generator.TYPE_PARAM_SETTINGS
    DuckDB.Generator.TYPE_PARAM_SETTINGS = widths | {BIGNUMERIC: ((38, 0), (38, 38))}
    DuckDB.Generator.TRANSFORMS[exp.TryCast] = _cast_of_text
    # A failed query was answered as one without rows, which clients take for the answer.
    jobs._SQL_EXECUTION_DOMAIN_ERRORS = ()
    # The destination table of a query was not written; bigframes writes its results so.
    jobs._handle_query_job = _write_destination
    # There are no sessions; bigframes keeps in one what it uploads.
    jobs.execute_query_job = _execute_without_session
    # Tables did not say where they are; bigframes compares that with its own location.
    tables._table_to_rest = lambda table: {**_table_to_rest(table), "location": "US"}


def _translate_once() -> None:
    """Do not repeat what takes most of a build: reading and translating the same text."""
    # Trees by the million: the collector would look through them at every 700 new ones.
    gc.set_threshold(100_000, 50, 100)
    # It parses a statement 35 times, and a view wherever one reads it; a copy without the places in
    # the text is much faster.
    parsed = functools.lru_cache(maxsize=256)(_parsed_without_places)
    sqlglot.parse_one = lambda *sql, **options: parsed(*sql, **options).copy()
    core.deepcopy = _copy
    # It writes a statement once and drops its tree, which need not be copied for that.
    Dialect.generate = lambda dialect, tree, copy=True, **options: _generate(
        dialect, tree, copy=copy and tree.parent is not None, **options
    )
    # These only look at a statement, so they can do without a copy.
    for reader in [ddl_sync, ddl_result, routine_ddl, catalog_schema]:
        reader.sqlglot = SimpleNamespace(**vars(sqlglot) | {"parse_one": parsed})
    # The second run of a model sends the text of the first; tables may have other columns by then.
    translations: dict[str, Any] = {}

    def translate(self: SQLTranslator, sql: str, *, schema: Any = None, caller: Any = None) -> Any:
        key = repr((sql, schema, caller))
        if key not in translations:
            translations[key] = _translate(self, sql, schema=schema, caller=caller)
        return translations[key]

    SQLTranslator.translate = translate
    executor.rewrite_table_refs = functools.lru_cache(maxsize=None)(executor.rewrite_table_refs)


def _parsed_without_places(*sql: str, **options: Any) -> exp.Expression:
    tree = _parse_one(*sql, **options)
    for node in tree.walk():
        if node._meta and node._meta.keys() <= PLACES:
            node._meta = None
    return tree


def _copy(value: Any) -> Any:
    """Copy what a node has beside its arguments: comments and places are of plain values."""
    if type(value) is list:
        return [*value]
    if type(value) is dict:
        return {**value}
    return copy.deepcopy(value)


def _integer_division(arguments: list[exp.Expression]) -> exp.Expression:
    one, other = (exp.paren(argument) for argument in arguments)
    return exp.paren(exp.IntDiv(this=one, expression=other))


def _cast_of_text(generator: DuckDB.Generator, cast: exp.TryCast) -> str:
    """From text to a decimal by way of hugeint, 300 times as fast.

    A number of more than 38 digits may be rounded another way.
    """
    source = cast.this
    if not (cast.is_type(BIGNUMERIC) and isinstance(source, exp.Cast) and source.is_type("text")):
        return generator.trycast_sql(cast)
    return f"TRY_CAST(TRY_CAST({generator.sql(source)} AS HUGEINT) AS {generator.sql(cast.to)})"


async def _write_destination(
    project: str, job_id: str, config: dict[str, Any], **more: Any
) -> dict[str, Any]:
    query = dict(config["query"])
    target = query.get("destinationTable")
    if target:
        name = f"{target['projectId']}.{target['datasetId']}.{target['tableId']}"
        query["query"] = f"create or replace table `{name}` as\n{query['query']}"
    return await _handle_query_job(project, job_id, config | {"query": query}, **more)


async def _execute_without_session(
    project: str, job_id: str, sql: str, parameters: Any, ctx: Any, **more: Any
) -> Any:
    if sql.startswith(SESSION_TABLE):
        dataset = f"create schema if not exists `{SESSION_DATASET}`"
        await _execute_query_job(project, f"{job_id}_dataset", dataset, None, ctx, **more)
        sql = sql.replace(SESSION_TABLE, f"create table `{SESSION_DATASET}`.", 1)
    elif sql.startswith("CALL BQ.ABORT_SESSION"):
        sql = "select 1"
    return await _execute_query_job(project, job_id, sql, parameters, ctx, **more)
