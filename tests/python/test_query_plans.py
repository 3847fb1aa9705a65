"""How DuckDB runs the models: no join of two tables compares every row with every other.

It does so where an outer join's condition has an equality and something of the left side alone,
which is quick on the sample and takes days on a chain.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from support.dbt_project import DbtProject, Run

# An equality of two columns, as DuckDB writes it: it should have been hashed.
EQUALITY = re.compile(r"\([a-z]\w* = [a-z]\w*\)")


def slow_joins(plan: dict[str, Any]) -> Iterator[str]:
    """Conditions of outer joins that compare row by row in spite of an equality, below a plan."""
    info = plan["extra_info"]
    is_outer = info.get("Join Type") != "INNER"
    if plan["name"] == "BLOCKWISE_NL_JOIN" and is_outer and EQUALITY.search(info["Condition"]):
        yield info["Condition"]
    for child in plan["children"]:
        yield from slow_joins(child)


def plan(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    """The plan of a query."""
    [(_, text)] = connection.execute(f"explain (format json) {query}").fetchall()
    return json.loads(text)[0]


def test_an_equality_beside_a_condition_of_one_side_is_found() -> None:
    connection = duckdb.connect()
    connection.execute("create table owners as select range as key, range as number from range(9)")
    query = "from owners left join owners as others on owners.key = others.key"
    assert list(slow_joins(plan(connection, query))) == []
    [condition] = slow_joins(plan(connection, f"{query} and owners.number > 3"))
    assert "key = key" in condition


def test_no_model_joins_row_by_row_what_can_be_hashed(
    dbt: DbtProject, built_chain: Run, simulated_chain: Path
) -> None:
    models = [
        node
        for node in dbt.compiled("*", chain=simulated_chain).nodes.values()
        if node.language == "sql" and node.materialized in ("table", "incremental")
    ]
    assert len(models) > 80
    with duckdb.connect(str(built_chain.database), read_only=True) as connection:
        found = {node.name: list(slow_joins(plan(connection, node.query))) for node in models}
    assert {name: conditions for name, conditions in found.items() if conditions} == {}
