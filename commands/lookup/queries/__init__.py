"""The queries of the look-up, one a file, the same for both engines.

A query names a value `@<name>`, which the engine binds, and a relation `{<name>}`, which an engine
calls as it does.
"""

import re
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

    text: str
    names: tuple[str, ...]


def read(name: str) -> str:
    """Return the text of a query file."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")


@cache
def query(name: str) -> Query:
    """Return a query as DuckDB runs it on the serving copy."""
    text = read(name).replace("{marts}", "marts")
    text = text.replace("{epoch_seconds}", "epoch")
    for relation, own in DUCKDB_RELATIONS.items():
        text = text.replace(f"{{{relation}}}", own)
    text = re.sub(r"in unnest\((@\w+)\)", r"in (select unnest(\1))", text)
    names = tuple(sorted(set(re.findall(r"@(\w+)", text))))
    return Query(re.sub(r"@(\w+)", r"$\1", text), names)
