"""The chain tables as the project declares them: nothing about them is written down twice.

Columns and partitions come from the macro `chain_tables()`, types from the YAML of the source.
"""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import yaml
from jinja2 import Environment, StrictUndefined

from commands import PROJECT_DIRECTORY

CHAIN_TABLES = PROJECT_DIRECTORY / "macros" / "inputs" / "chain_tables.sql"
KEYS = PROJECT_DIRECTORY / "macros" / "engine" / "keys.sql"
SOURCES = PROJECT_DIRECTORY / "models/staging/chain" / "_chain__sources.yml"

# BigQuery type: type in the Parquet files. Wei is whole and below 2^127; uint256 stays text.
ARROW_TYPES = {
    "string": pa.string(),
    "int64": pa.int64(),
    "numeric": pa.decimal128(38, 0),
    "bool": pa.bool_(),
    "timestamp": pa.timestamp("us", "UTC"),
}


@dataclass(frozen=True)
class ChainTable:
    """A public table: the columns the project reads, and the one it is partitioned by."""

    name: str
    schema: pa.Schema
    partition: str | None

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in the order of the files."""
        return self.schema.names

    @property
    def select_list(self) -> str:
        """The columns as SQL; quoted, because `hash` is a reserved word."""
        return ", ".join(f"`{column}`" for column in self.columns)

    @property
    def is_by_address(self) -> bool:
        """Whether a row describes an address; the others are events and blocks, read by day."""
        return "address" in self.columns

    @property
    def address_columns(self) -> list[str]:
        """Columns of an event that hold an address."""
        return [column for column in self.columns if column.endswith("_address")]

    @property
    def has_sides(self) -> bool:
        """Whether a row moves something from one address to another."""
        return {"from_address", "to_address"} <= set(self.columns)


def chain_tables() -> dict[str, ChainTable]:
    """The chain tables by name, in the order of the macro."""
    declared: list[dict[str, Any]] = []
    macros = _macros(CHAIN_TABLES, {"return": declared.append})
    macros.chain_tables()
    types = _declared_types()
    return {
        name: ChainTable(
            name,
            pa.schema(
                [
                    (column, ARROW_TYPES[types[name][column]])
                    for column in [*entry["required"], *entry.get("optional", [])]
                ]
            ),
            entry.get("partition"),
        )
        for name, entry in declared[0].items()
    }


def public_dataset() -> str:
    """`project.dataset` of the public tables."""
    source = _source()
    return f"{source['database']}.{source['schema']}"


def address_bucket(column: str, buckets: int) -> str:
    """BigQuery SQL of the macro `address_bucket`: an integer from 0 to `buckets` - 1."""
    # As dbt-bigquery writes them.
    dbt = SimpleNamespace(
        hash=lambda field: f"to_hex(md5(cast({field} as string)))",
        type_bigint=lambda: "int64",
    )
    macros = _macros(KEYS, {"dbt": dbt})
    return " ".join(macros.address_bucket(column, buckets).split())


def _macros(path: Any, context: dict[str, Any]) -> Any:
    template = Environment(undefined=StrictUndefined, extensions=["jinja2.ext.do"]).from_string(
        path.read_text()
    )
    return template.make_module(context)


def _declared_types() -> dict[str, dict[str, str]]:
    return {
        table["name"]: {column["name"]: column["data_type"] for column in table["columns"]}
        for table in _source()["tables"]
    }


def _source() -> dict[str, Any]:
    (source,) = yaml.safe_load(SOURCES.read_text())["sources"]
    return source
