"""The queries of the look-up, one a file, the same for both engines.

A query names a value `@<name>`, which the engine binds, and a relation `{<name>}`, which an engine
calls as it does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# How the serving copy calls the relations of queries.
DUCKDB_RELATIONS = {
    "lookup_addresses": "lookup.addresses",
    "lookup_events": "lookup.events",
    "lookup_counterparties": "lookup.counterparties",
    "lookup_feature_medians": "lookup.feature_medians",
    "lookup_origin": "lookup.origin",
}


@dataclass(frozen=True)
class Query:
    """A statement and the names of its parameters."""

    name: str
    text: str
    names: tuple[str, ...]


def read(name: str) -> str:
    """Return the text of a query file."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")


@cache
def marts_read() -> tuple[str, ...]:
    """Return the marts that queries name, in alphabetical order."""
    texts = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("*.sql")]
    return tuple(sorted({name for text in texts for name in re.findall(r"{marts}\.(\w+)", text)}))


@cache
def query(name: str) -> Query:
    """Return a query as DuckDB runs it on the serving copy."""
    text = read(name).replace("{marts}", "marts")
    text = text.replace("{epoch_seconds}", "epoch")
    for relation, own in DUCKDB_RELATIONS.items():
        text = text.replace(f"{{{relation}}}", own)
    text = re.sub(r"in unnest\((@\w+)\)", r"in (select unnest(\1))", text)
    names = tuple(sorted(set(re.findall(r"@(\w+)", text))))
    return Query(name, re.sub(r"@(\w+)", r"$\1", text), names)


def bigquery_text(name: str, schemas: dict[str, str], parameters: Mapping[str, object]) -> str:
    """Return a query as BigQuery runs it: relations of the copy become subqueries of marts.

    The address asked for is named in each of them, so that only its blocks are read.
    """
    text = read(name).replace("{epoch_seconds}", "unix_seconds")
    for relation in DUCKDB_RELATIONS:
        if f"{{{relation}}}" in text:
            text = text.replace(f"{{{relation}}}", read(f"bigquery/{relation}"))
    asked = "true"
    if "address" in parameters:
        asked = "address = @address"
    elif "addresses" in parameters:
        asked = "address in unnest(@addresses)"
    text = text.replace("{asked}", asked)
    for schema, place in schemas.items():
        text = text.replace(f"{{{schema}}}", place)
    return text
