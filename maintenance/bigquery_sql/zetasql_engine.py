"""Google's own SQL analyser (ZetaSQL), set up as BigQuery sets it up.

ZetaSQL decides what a name, a function and a type mean; BigQuery is built on it. It runs here as
WebAssembly, without an account. What it cannot know is BigQuery's own: quotas, permissions,
partition limits, cost.
"""

import functools
from dataclasses import dataclass
from typing import Any
from unittest import mock

import wasmtime
from zetasql import types as zeta
from zetasql.core import ServerError, ZetaSqlLocalService, wasm_client
from zetasql.types import TypeKind
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as messages

from maintenance.bigquery_sql.bigquery_dialect import FEATURES, INTEGER_ALIASES, NOT_IN_BIGQUERY

Schema = tuple[tuple[str, str], ...]
"""Column names with their types, in order."""


class InvalidQuery(Exception):
    """BigQuery would refuse this SQL; the message is ZetaSQL's."""


@dataclass(frozen=True)
class Table:
    """A relation the catalog knows: its path, such as (project, dataset, name), and columns."""

    path: tuple[str, ...]
    columns: Schema


def analyse(
    sql: str,
    tables: tuple[Table, ...] = (),
    within: tuple[Table, ...] | None = None,
    has_parameters: bool = False,
) -> Schema:
    """Columns of a query, or of the table a statement makes, over `tables`.

    `within` are `tables` and others: a catalog that many queries share, because making one takes
    longer than most analyses. `has_parameters` lets a query name parameters, of whatever type it
    needs. Raises InvalidQuery with the analyser's message.
    """
    asked = sql, tables, has_parameters
    if asked not in _analysed:
        options = analyzer_options().to_proto()
        options.allow_undeclared_parameters = has_parameters
        request = messages.AnalyzeRequest(
            sql_statement=sql,
            options=options,
            registered_catalog_id=_registered(tables if within is None else within),
        )
        statement = call("Analyze", request, messages.AnalyzeResponse).resolved_statement
        _analysed[asked] = tuple(
            (column.name, type_name(column.column.type)) for column in _output_columns(statement)
        )
    return _analysed[asked]


_analysed: dict[tuple[str, tuple[Table, ...], bool], Schema] = {}


def _output_columns(statement: Any) -> Any:
    """Columns a resolved statement gives or stores; none if it does neither.

    Kinds of statements are nested alternatives; what kinds share is in their `parent`.
    """
    while "node" in statement.DESCRIPTOR.oneofs_by_name:
        statement = getattr(statement, statement.WhichOneof("node"))
    while not hasattr(statement, "output_column_list"):
        if not hasattr(statement, "parent"):
            return ()
        statement = statement.parent
    return statement.output_column_list


@functools.cache
def canonical_type(name: str) -> str:
    """BigQuery's name of a type that has several: boolean → BOOL, decimal → NUMERIC."""
    return analyse(f"select cast(null as {name}) as column")[0][1]


def type_name(column_type: Any) -> str:
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


def simple_type(name: str) -> zeta.Type:
    """ZetaSQL's type of a canonical name without parameters."""
    return zeta.Type(type_kind=TypeKind[f"TYPE_{'DOUBLE' if name == 'FLOAT64' else name}"])


def call(method: str, request: Any, response_type: type) -> Any:
    """Answer of ZetaSQL's service, as it comes: the package's own wrappers lose timestamps.

    Raises InvalidQuery.
    """
    try:
        return service().wasm_client.call_grpc_func(
            f"ZetaSqlLocalService_{method}", request, response_type
        )
    except ServerError as error:
        # The package's own message is the first line only.
        message = error.raw_error.partition("Message: ")[2] or error.message
        raise InvalidQuery(message) from None


@functools.cache
def service() -> ZetaSqlLocalService:
    """ZetaSQL, started once a process."""
    with mock.patch.object(wasm_client, "Config", cached_config):
        return ZetaSqlLocalService()


def cached_config() -> wasmtime.Config:
    """Settings of wasmtime by which a second start takes a fraction of a second.

    Compiling ZetaSQL's WebAssembly takes from ten seconds to a minute. wasmtime keeps the machine
    code (21 MB) in the user's cache folder, keyed by its own version, the module and the CPU, and
    writes it in one step. Where there is no cache folder to write to, every start is slow.
    """
    config = wasmtime.Config()
    try:
        config.cache = True
    except wasmtime.WasmtimeError:
        return wasmtime.Config()
    return config


@functools.cache
def analyzer_options() -> zeta.AnalyzerOptions:
    """Options of every analysis: BigQuery's dialect, time in UTC."""
    return zeta.AnalyzerOptions(
        language_options=language(),
        default_timezone="UTC",
        error_message_mode=zeta.ErrorMessageMode.ERROR_MESSAGE_ONE_LINE,
    )


@functools.cache
def language() -> zeta.LanguageOptions:
    """BigQuery's dialect."""
    return zeta.LanguageOptions(
        product_mode=zeta.ProductMode.PRODUCT_EXTERNAL,
        name_resolution_mode=zeta.NameResolutionMode.NAME_RESOLUTION_DEFAULT,
        enabled_language_features=[zeta.LanguageFeature[f"FEATURE_{name}"] for name in FEATURES],
        reserved_keywords=["QUALIFY"],
    )


def catalog(tables: tuple[Table, ...] = ()) -> zeta.SimpleCatalog:
    """Catalog with BigQuery's functions and the given tables, nested as their paths say."""
    root = zeta.SimpleCatalog(
        name="bigquery",
        builtin_function_options=_builtin_functions(),
        named_type=[
            zeta.SimpleCatalog.NamedType(name=alias, type=simple_type("INT64"))
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
                    zeta.SimpleColumn(name=name, type=simple_type(kind))
                    for name, kind in table.columns
                ],
            )
        )
    return root


@functools.cache
def _registered(tables: tuple[Table, ...]) -> int:
    request = messages.RegisterCatalogRequest(simple_catalog=catalog(tables).to_proto())
    return call("RegisterCatalog", request, messages.RegisterResponse).registered_id


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
