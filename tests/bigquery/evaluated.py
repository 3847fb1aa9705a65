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


def run_model(
    project: CompiledProject, model: str, given: Mapping[str, Rows]
) -> pd.DataFrame:
    """Rows of a model. `given` are the rows of models, seeds or sources by name.

    Columns that a given row leaves out are NULL. Ancestors that are not given are run too; a
    source, seed or Python model that is needed but not given raises KeyError.
    """
    needed = _lineage(project, project[model], given)
    parts = [
        f"`{_alias(node)}` as (\n{_literal_table(node, given[node.name])}\n)"
        if node.name in given
        else f"`{_alias(node)}` as (\n{_with_aliases(node.sql, needed)}\n)"
        for node in needed
    ]
    rows = evaluate(f"with {', '.join(parts)}\nselect * from `{_alias(project[model])}`")
    return pd.DataFrame(rows, columns=list(project[model].columns), dtype=object)


def literal(value: Any, kind: str) -> str:
    """A value as SQL of a type. Text, time and number are written as text and cast."""
    if value is None:
        return f"cast(null as {kind})"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        value = value.isoformat(sep=" ")
    text = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"cast('{text}' as {kind})"


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


def _with_aliases(sql: str, nodes: Iterable[Node]) -> str:
    for node in nodes:
        sql = sql.replace(node.quoted_relation, f"`{_alias(node)}`")
    return sql


def _alias(node: Node) -> str:
    """A name that no common table expression inside a model has."""
    return f"{node.kind} {node.name}"


def _literal_table(node: Node, rows: Rows) -> str:
    kinds = {name: canonical_type(kind) for name, kind in node.columns.items()}
    selects = [
        "select " + ", ".join(f"{literal(row.get(name), kind)} as `{name}`" for name, kind in kinds.items())
        for row in rows
    ]
    nothing = "select " + ", ".join(f"cast(null as {kind}) as `{name}`" for name, kind in kinds.items())
    return "\nunion all\n".join(selects) or f"{nothing} from (select 1) where false"
