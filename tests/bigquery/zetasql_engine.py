"""Google's own SQL analyser and reference evaluator (ZetaSQL), set up as BigQuery sets it up.

ZetaSQL decides what a name, a function and a type mean; BigQuery is built on it. It runs here as
WebAssembly, without an account. What it cannot know is BigQuery's own: quotas, permissions,
partition limits, cost.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Any
from unittest import mock

import pandas as pd
import wasmtime
from bigquery_dialect import FEATURES, INTEGER_ALIASES, NOT_IN_BIGQUERY
from zetasql import types as zeta
from zetasql.core import ServerError, ZetaSqlLocalService, wasm_client
from zetasql.types import TypeKind
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2

Schema = tuple[tuple[str, str], ...]
"""Column names with their types, in order."""


class InvalidQuery(Exception):
    """BigQuery would refuse this SQL; the message is ZetaSQL's."""


@dataclass(frozen=True)
class Table:
    """A relation the catalog knows: its path, such as (project, dataset, name), and columns."""

    path: tuple[str, ...]
    columns: Schema


@functools.cache
def analyse(sql: str, tables: tuple[Table, ...] = ()) -> Schema:
    """Columns of a query over `tables`.

    Raises InvalidQuery with the analyser's message if the query is not valid.
    """
    try:
        response = service().analyze(
            sql_statement=sql, options=analyzer_options(), simple_catalog=catalog(tables)
        )
    except ServerError as error:
        raise InvalidQuery(_message(error)) from None
    return tuple(
        (column.name, type_name(column.column.type))
        for column in response.resolved_statement.output_column_list
    )


def evaluate(sql: str) -> pd.DataFrame:
    """Rows of a query over literals, computed by ZetaSQL's reference implementation.

    Timestamps come back as datetimes in UTC without a zone, numeric and bignumeric as Decimal.
    Raises InvalidQuery where the query is invalid or fails while it runs.
    """
    local = service()
    try:
        prepared = local.prepare_query(
            sql=sql, options=analyzer_options(), simple_catalog=catalog(())
        ).prepared
        # The package's own wrapper loses timestamps, so the answer is read as it comes.
        answer = local.wasm_client.call_grpc_func(
            "ZetaSqlLocalService_EvaluateQuery",
            zeta.EvaluateQueryRequest(prepared_query_id=prepared.prepared_query_id).to_proto(),
            local_service_pb2.EvaluateQueryResponse,
        )
        local.unprepare_query(prepared_query_id=prepared.prepared_query_id)
    except ServerError as error:
        raise InvalidQuery(_message(error)) from None
    # BigQuery calls a column without a name f0_, f1_ …
    names = [column.name or f"f{number}_" for number, column in enumerate(prepared.columns)]
    rows = [[_python_value(cell) for cell in row.cell] for row in answer.content.table_data.row]
    return pd.DataFrame(rows, columns=names, dtype=object)


@functools.cache
def canonical_type(name: str) -> str:
    """BigQuery's name of a type that has several: boolean → BOOL, decimal → NUMERIC."""
    return analyse(f"select cast(null as {name}) as column")[0][1]


def type_name(column_type: zeta.Type) -> str:
    """Type of the analyser as BigQuery writes it, such as INT64 or ARRAY<STRING>."""
    if column_type.type_kind == TypeKind.TYPE_ARRAY:
        return f"ARRAY<{type_name(column_type.array_type.element_type)}>"
    if column_type.type_kind == TypeKind.TYPE_STRUCT:
        fields = (
            f"{field.field_name} {type_name(field.field_type)}"
            for field in column_type.struct_type.field
        )
        return f"STRUCT<{', '.join(fields)}>"
    name = TypeKind(column_type.type_kind).name.removeprefix("TYPE_")
    return {"DOUBLE": "FLOAT64"}.get(name, name)


@functools.cache
def service() -> ZetaSqlLocalService:
    """ZetaSQL, started once a process.

    Compiling its WebAssembly takes from ten seconds to a minute. wasmtime keeps the machine code
    in the user's cache folder, keyed by its own version, the module and the CPU, and writes it in
    one step. Without a writable cache folder the start is slow and nothing else changes.
    """

    def cached_config() -> wasmtime.Config:
        config = wasmtime.Config()
        try:
            config.cache = True
        except wasmtime.WasmtimeError:
            return wasmtime.Config()
        return config

    with mock.patch.object(wasm_client, "Config", cached_config):
        return ZetaSqlLocalService()


def catalog(tables: Iterable[Table]) -> zeta.SimpleCatalog:
    """Catalog with BigQuery's functions and the given tables, nested as their paths say."""
    root = zeta.SimpleCatalog(
        name="bigquery",
        builtin_function_options=_builtin_functions(),
        named_type=[
            zeta.SimpleCatalog.NamedType(name=alias, type=_type("INT64"))
            for alias in INTEGER_ALIASES
        ],
    )
    for table in tables:
        level = root
        for name in table.path[:-1]:
            level = _child(level, name)
        level.table.append(
            zeta.SimpleTable(
                name=table.path[-1],
                column=[
                    zeta.SimpleColumn(name=name, type=_type(kind)) for name, kind in table.columns
                ],
            )
        )
    return root


@functools.cache
def language() -> zeta.LanguageOptions:
    """BigQuery's dialect."""
    return zeta.LanguageOptions(
        product_mode=zeta.ProductMode.PRODUCT_EXTERNAL,
        name_resolution_mode=zeta.NameResolutionMode.NAME_RESOLUTION_DEFAULT,
        enabled_language_features=[zeta.LanguageFeature[f"FEATURE_{name}"] for name in FEATURES],
        reserved_keywords=["QUALIFY"],
    )


@functools.cache
def analyzer_options() -> zeta.AnalyzerOptions:
    """Options of every analysis: BigQuery's dialect, time in UTC."""
    return zeta.AnalyzerOptions(
        language_options=language(),
        default_timezone="UTC",
        error_message_mode=zeta.ErrorMessageMode.ERROR_MESSAGE_ONE_LINE,
    )


@functools.cache
def _builtin_functions() -> zeta.ZetaSQLBuiltinFunctionOptions:
    return zeta.ZetaSQLBuiltinFunctionOptions(
        language_options=language(),
        exclude_function_ids=[
            identifier
            for identifier in zeta.FunctionSignatureId
            if identifier.name.removeprefix("FN_").startswith(tuple(NOT_IN_BIGQUERY))
        ],
    )


def _child(level: zeta.SimpleCatalog, name: str) -> zeta.SimpleCatalog:
    for child in level.catalog:
        if child.name == name:
            return child
    child = zeta.SimpleCatalog(name=name)
    level.catalog.append(child)
    return child


def _type(name: str) -> zeta.Type:
    return zeta.Type(type_kind=TypeKind[f"TYPE_{'DOUBLE' if name == 'FLOAT64' else name}"])


def _python_value(cell: Any) -> Any:
    field = cell.WhichOneof("value")
    if field is None:
        return None
    value = getattr(cell, field)
    if field == "timestamp_value":
        return value.ToDatetime()
    if field == "date_value":
        return EPOCH + timedelta(days=value)
    if field == "bignumeric_value":
        return _decimal(value, 38)
    if field == "numeric_value":
        return _decimal(value, 9)
    return value


def _message(error: ServerError) -> str:
    """The whole message; the package keeps only its first line."""
    return error.raw_error.partition("Message: ")[2] or error.message


EPOCH = date(1970, 1, 1)
_WIDE = Context(prec=77)  # digits of a bignumeric


def _decimal(scaled: bytes, digits: int) -> Decimal:
    """A fixed-point value from its integer, little-endian in two's complement."""
    return Decimal(int.from_bytes(scaled, "little", signed=True)).scaleb(-digits, _WIDE)
