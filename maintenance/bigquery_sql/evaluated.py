"""The project's compiled BigQuery SQL, run by ZetaSQL's evaluator on a handful of given rows.

A model and its ancestors become one query: every relation is a common table expression of its
compiled SQL, and the given ones are parameters of the types their nodes have.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from maintenance.bigquery_sql.columns import declared
from maintenance.bigquery_sql.compiled import CompiledProject, Node
from maintenance.bigquery_sql.zetasql_evaluator import Given, evaluate

# Rows of a table, or the query that a unit test gives in their place.
Rows = Sequence[Mapping[str, Any]] | str


def run_model(
    project: CompiledProject,
    model: str,
    given: Mapping[str, Rows],
) -> pd.DataFrame:
    """Rows of a model. `given` are the rows of models, seeds or sources by name.

    The rows named `this` are what an incremental model made before. Columns that a given row
    leaves out are NULL. Ancestors that are not given are run too; a source, seed or Python model
    that is needed but not given raises KeyError.
    """
    target = project[model]
    lineage = _lineage(project, target, given)
    names = {node.quoted_relation: f"`{node.kind} {node.name}`" for node in lineage}
    parameters = {}

    def query(name: str, node: Node) -> str:
        rows = given[name]
        if isinstance(rows, str):
            return rows
        parameters[name] = Given(declared(node), rows)
        return f"select * from unnest(@{name})"

    this = {target.quoted_relation: f"({query('this', target)})"} if "this" in given else {}
    tables = []
    for node in lineage:
        if node.name in given:
            sql = query(node.name, node)
        else:
            sql = _renamed(node.sql, names | this if node is target else names)
        tables.append(f"{names[node.quoted_relation]} as (\n{sql}\n)")
    result = f"select * from {names[target.quoted_relation]}"
    return evaluate(f"with {', '.join(tables)}\n{result}", parameters)


def _lineage(project: CompiledProject, target: Node, given: Iterable[str]) -> list[Node]:
    """The target and what its SQL reads, directly or not, parents first."""
    ordered: dict[str, Node] = {}

    def add(node: Node) -> None:
        if node.unique_id in ordered:
            return
        if node.name not in given:
            if not node.is_query:
                raise KeyError(f"{node.name} is needed and not given")
            for parent in map(project.nodes.__getitem__, node.parents):
                if parent.quoted_relation in node.sql:
                    add(parent)
        ordered[node.unique_id] = node

    add(target)
    return list(ordered.values())


def _renamed(sql: str, names: Mapping[str, str]) -> str:
    for relation, name in names.items():
        sql = sql.replace(relation, name)
    return sql
