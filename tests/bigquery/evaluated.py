"""The project's compiled BigQuery SQL, run by ZetaSQL's evaluator on a handful of given rows.

A model and its ancestors become one query: every relation is a common table expression of its
compiled SQL, and the given ones are literals of their declared types.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from compiled import CompiledProject, Node
from zetasql_engine import canonical_type, evaluate

Rows = Sequence[Mapping[str, Any]]


def run_model(project: CompiledProject, model: str, given: Mapping[str, Rows]) -> pd.DataFrame:
    """Rows of a model. `given` are the rows of models, seeds or sources by name.

    The rows named `this` are what an incremental model made before. Columns that a given row
    leaves out are NULL. Ancestors that are not given are run too; a source, seed or Python model
    that is needed but not given raises KeyError.
    """
    target = project[model]
    names, tables = {}, []
    for node in _lineage(project, target, given):
        if node.name in given:
            query = literal_table(node, given[node.name])
        else:
            query = _renamed(node.sql, names)
        names[node.quoted_relation] = f"`{node.kind} {node.name}`"
        tables.append(f"{names[node.quoted_relation]} as (\n{query}\n)")
    if "this" in given:
        this = "`made before`"
        tables.insert(0, f"{this} as (\n{literal_table(target, given['this'])}\n)")
        tables[-1] = tables[-1].replace(target.quoted_relation, this)
    return evaluate(f"with {', '.join(tables)}\nselect * from {names[target.quoted_relation]}")


def literal(value: Any, kind: str) -> str:
    """A value as SQL of a type. Text, time and number are written as text and cast."""
    if value is None:
        return f"cast(null as {kind})"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        value = value.isoformat(sep=" ")
    text = str(value).replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"cast('{text}' as {kind})"


def literal_table(node: Node, rows: Rows) -> str:
    """Rows of a node's declared columns as a query over literals."""
    kinds = {name: canonical_type(kind) for name, kind in node.columns.items()}
    selects = [
        "select "
        + ", ".join(f"{literal(row.get(name), kind)} as `{name}`" for name, kind in kinds.items())
        for row in rows
    ]
    nothing = "select " + ", ".join(
        f"cast(null as {kind}) as `{name}`" for name, kind in kinds.items()
    )
    return "\nunion all\n".join(selects) or f"{nothing} from (select 1) where false"


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
