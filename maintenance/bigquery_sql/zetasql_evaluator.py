"""Running a query in ZetaSQL's reference implementation, over rows that are given as parameters."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Context, Decimal
from typing import Any

import pandas as pd
from google.protobuf.timestamp_pb2 import Timestamp
from zetasql import types as zeta
from zetasql.types import TypeKind
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as messages
from zetasql.wasi._pb2.zetasql.public import value_pb2

from maintenance.bigquery_sql.zetasql_engine import (
    Schema,
    analyzer_options,
    call,
    catalog,
    simple_type,
)

EPOCH = date(1970, 1, 1)
DIGITS_AFTER_POINT = {"NUMERIC": 9, "BIGNUMERIC": 38}
WIDE = Context(prec=77)  # digits of a bignumeric


@dataclass(frozen=True)
class Given:
    """Rows of a table by column; a column that a row leaves out is NULL."""

    schema: Schema
    rows: Sequence[Mapping[str, Any]]


def evaluate(sql: str, given: Mapping[str, Given] | None = None) -> pd.DataFrame:
    """Rows of a query that reads given rows as `unnest(@name)`.

    Values come back as Python's: timestamps as datetimes in UTC without a zone, numeric and
    bignumeric as Decimal. Raises zetasql_engine.InvalidQuery where the query is invalid or fails
    while it runs.
    """
    given = given or {}
    schemas = tuple((name, table.schema) for name, table in given.items())
    prepared = _prepared(sql, schemas)
    request = messages.EvaluateQueryRequest(prepared_query_id=prepared.prepared_query_id)
    for name, table in given.items():
        parameter = request.params.add(name=name)
        parameter.value.array_value.SetInParent()
        for row in table.rows:
            struct = parameter.value.array_value.element.add().struct_value
            struct.field.extend(to_value(row.get(column), kind) for column, kind in table.schema)
    content = call("EvaluateQuery", request, messages.EvaluateQueryResponse).content
    # BigQuery calls a column without a name f0_, f1_ …
    names = [column.name or f"f{number}_" for number, column in enumerate(prepared.columns)]
    rows = [[from_value(cell) for cell in row.cell] for row in content.table_data.row]
    return pd.DataFrame(rows, columns=names, dtype=object)


@functools.cache
def _prepared(sql: str, schemas: tuple[tuple[str, Schema], ...]) -> Any:
    """A query that is ready to run: getting there takes longer than running it."""
    options = analyzer_options().to_proto()
    for name, schema in schemas:
        options.query_parameters.add(name=name, type=_array_of_rows(schema).to_proto())
    request = messages.PrepareQueryRequest(
        sql=sql, options=options, simple_catalog=catalog().to_proto()
    )
    return call("PrepareQuery", request, messages.PrepareQueryResponse).prepared


def _array_of_rows(schema: Schema) -> zeta.Type:
    row = zeta.StructType(
        field=[
            zeta.StructField(field_name=name, field_type=simple_type(kind)) for name, kind in schema
        ]
    )
    row_type = zeta.Type(type_kind=TypeKind.TYPE_STRUCT, struct_type=row)
    return zeta.Type(
        type_kind=TypeKind.TYPE_ARRAY, array_type=zeta.ArrayType(element_type=row_type)
    )


def to_value(value: Any, kind: str) -> value_pb2.ValueProto:
    """A Python value as one of a type; times and numbers may be text."""
    if value is None:
        return value_pb2.ValueProto()
    if kind == "TIMESTAMP":
        timestamp = Timestamp()
        timestamp.FromDatetime(datetime.fromisoformat(str(value)))
        return value_pb2.ValueProto(timestamp_value=timestamp)
    if kind == "DATE":
        return value_pb2.ValueProto(date_value=(date.fromisoformat(str(value)) - EPOCH).days)
    if kind in DIGITS_AFTER_POINT:
        scaled = int(Decimal(str(value)).scaleb(DIGITS_AFTER_POINT[kind], WIDE))
        encoded = scaled.to_bytes(scaled.bit_length() // 8 + 1, "little", signed=True)
        return value_pb2.ValueProto(**{f"{kind.lower()}_value": encoded})
    field, python_type = {
        "INT64": ("int64_value", int),
        "FLOAT64": ("double_value", float),
        "STRING": ("string_value", str),
        "BOOL": ("bool_value", bool),
    }[kind]
    return value_pb2.ValueProto(**{field: python_type(value)})


def from_value(cell: value_pb2.ValueProto) -> Any:
    """The Python value of a result's cell; None for NULL."""
    field = cell.WhichOneof("value")
    if field is None:
        return None
    value = getattr(cell, field)
    if field == "timestamp_value":
        return value.ToDatetime()
    if field == "date_value":
        return EPOCH + timedelta(days=value)
    for kind, digits in DIGITS_AFTER_POINT.items():
        if field == f"{kind.lower()}_value":
            return Decimal(int.from_bytes(value, "little", signed=True)).scaleb(-digits, WIDE)
    return value
