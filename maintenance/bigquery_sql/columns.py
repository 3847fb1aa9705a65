"""Columns of the project's relations, with the types that BigQuery gives them.

The analyser infers those of a SQL model from its query, in the order of the DAG. What no query
makes (sources, seeds, Python models) has the columns it declares.
"""

import dataclasses
import functools
import re
from collections.abc import Callable, Iterator

from maintenance.bigquery_sql.compiled import CompiledProject, Node
from maintenance.bigquery_sql.zetasql_engine import Schema, Table, analyse, canonical_type


def declared(node: Node) -> Schema:
    """Columns with the types that the YAML declares, and that a seed is loaded with."""
    kinds = {**(node.config.get("column_types") or {}), **node.columns}
    return tuple((name, canonical_type(kind)) for name, kind in kinds.items() if kind)


@functools.cache
def with_inferred_columns(project: CompiledProject) -> CompiledProject:
    """The same project, its nodes with all their columns, in BigQuery's names of the types.

    Raises InvalidQuery if BigQuery would refuse the query of a model.
    """
    columns = InferredColumns(project)
    nodes = {
        unique_id: dataclasses.replace(node, columns=dict(columns.of(unique_id)))
        for unique_id, node in project.nodes.items()
    }
    return dataclasses.replace(project, nodes=nodes)


class InferredColumns:
    """Columns of a project's nodes, each inferred when it is first asked for.

    A query that was not compiled is taken as declared.
    """

    def __init__(self, project: CompiledProject) -> None:
        """Infer nothing yet."""
        self._project = project
        self._place = {unique_id: place for place, unique_id in enumerate(project.nodes)}
        self._known: dict[str, Schema] = {}

    def of(self, unique_id: str) -> Schema:
        """Columns of a node. Raises InvalidQuery if BigQuery would refuse a query it takes."""
        if unique_id not in self._known:
            self._known[unique_id] = self._infer(self._project.nodes[unique_id])
        return self._known[unique_id]

    def _infer(self, node: Node) -> Schema:
        if node.kind != "model" or not node.is_query or not node.sql:
            return declared(node)

        def columns(unique_id: str) -> Schema:
            # What is read before it is made, as an earlier build left it, has what it declares.
            if self._place[unique_id] < self._place[node.unique_id]:
                return self.of(unique_id)
            return declared(self._project.nodes[unique_id])

        return analyse(node.sql, tuple(tables_named(node.sql, self._project, columns)))


def tables_named(
    sql: str, project: CompiledProject, columns: Callable[[str], Schema]
) -> Iterator[Table]:
    """Relations that a statement names, and copies that dbt makes of them.

    `columns` gives those of a relation by its unique_id.
    """
    for unique_id, node in project.nodes.items():
        *path, name = node.relation
        quoted = node.quoted_relation.removesuffix("`")
        if quoted in sql:
            for suffix in sorted(set(re.findall(rf"{re.escape(quoted)}(|__dbt_tmp\w*)`", sql))):
                yield Table((*path, name + suffix), columns(unique_id))
