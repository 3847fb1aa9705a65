"""Columns of the project's relations, with the types that BigQuery gives them.

The analyser infers those of a SQL model from its query, in the order of the DAG. What no query
makes (sources, seeds, Python models) has the columns it declares.
"""

import dataclasses
import functools
import re
from collections.abc import Iterator, Mapping

from maintenance.bigquery_sql.compiled import CompiledProject, Node
from maintenance.bigquery_sql.zetasql_engine import Schema, Table, analyse, canonical_type


def declared(node: Node) -> Schema:
    """Columns with the types that the YAML declares, and that a seed is loaded with."""
    kinds = {**(node.config.get("column_types") or {}), **node.columns}
    return tuple((name, canonical_type(kind)) for name, kind in kinds.items() if kind)


@functools.cache
def with_inferred_columns(project: CompiledProject) -> CompiledProject:
    """The same project, its nodes with all their columns, in BigQuery's names of the types.

    A query that was not compiled is taken as declared. Raises InvalidQuery if BigQuery would refuse
    the query of a model.
    """
    # What is read before it is made, as an earlier build left it, has what it declares.
    schemas = {unique_id: declared(node) for unique_id, node in project.nodes.items()}
    nodes = {}
    for unique_id, node in project.nodes.items():
        if node.kind == "model" and node.is_query and node.sql:
            tables = tuple(tables_named(node.sql, project, schemas))
            schemas[unique_id] = analyse(node.sql, tables)
        nodes[unique_id] = dataclasses.replace(node, columns=dict(schemas[unique_id]))
    return dataclasses.replace(project, nodes=nodes)


def tables_named(
    sql: str, project: CompiledProject, schemas: Mapping[str, Schema]
) -> Iterator[Table]:
    """Relations that a statement names, and copies that dbt makes of them.

    `schemas` are the columns of relations by unique_id.
    """
    for unique_id, schema in schemas.items():
        *path, name = project.nodes[unique_id].relation
        quoted = project.nodes[unique_id].quoted_relation.removesuffix("`")
        if quoted in sql:
            for suffix in sorted(set(re.findall(rf"{re.escape(quoted)}(|__dbt_tmp\w*)`", sql))):
                yield Table((*path, name + suffix), schema)
