"""The gate: every compiled BigQuery query, analysed in the order of the DAG.

What no query makes (sources, seeds, Python models) has the types it declares. A SQL model has the
types the analyser infers from its query, and they must be the declared ones.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from compiled import CompiledProject, Node
from zetasql_engine import InvalidQuery, Schema, Table, analyse, canonical_type


@dataclass(frozen=True)
class Fault:
    """Something BigQuery would refuse, or that is not as declared."""

    node: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.node} ({self.path}): {self.message}"


@dataclass(frozen=True)
class Analysis:
    """What the walk found: faults in the order of the DAG, and the columns of every relation."""

    faults: list[Fault]
    schemas: Mapping[str, Schema]
    analysed: list[str]  # unique_ids of the queries that went through the analyser


def analyse_project(project: CompiledProject) -> Analysis:
    """Analyse every query of the project; a faulty model does not hide what depends on it."""
    faults: list[Fault] = []
    schemas: dict[str, Schema] = {}
    analysed: list[str] = []
    for node in project.nodes.values():
        if node.is_query:
            analysed.append(node.unique_id)
            schema, messages = _analyse_node(node, project, schemas)
        else:
            schema, messages = declared(node)
        faults += [Fault(node.name, node.path, message) for message in messages]
        schemas[node.unique_id] = schema
    return Analysis(faults, schemas, analysed)


def declared(node: Node) -> tuple[Schema, list[str]]:
    """Columns with the types the YAML declares, and what it leaves open or contradicts."""
    loaded = node.config.get("column_types") or {}
    schema, faults = [], []
    for column in {**loaded, **node.columns}:
        kind = node.columns.get(column) or loaded.get(column)
        if kind is None:
            faults.append(f"{column} has no data_type")
            continue
        schema.append((column, canonical_type(kind)))
        if column in loaded and canonical_type(loaded[column]) != canonical_type(kind):
            faults.append(f"{column} is declared {kind} but loaded as {loaded[column]}")
    return tuple(schema), faults


def _analyse_node(
    node: Node, project: CompiledProject, schemas: Mapping[str, Schema]
) -> tuple[Schema, list[str]]:
    """Columns of a query over its parents, and what is wrong with it."""
    expected, faults = declared(node)
    tables = [
        Table(project.nodes[parent].relation, schemas[parent])
        for parent in node.parents
        if parent in schemas
    ]
    if node.kind == "model":
        # An incremental model may read what it made before.
        tables.append(Table(node.relation, expected))
    try:
        schema = analyse(node.sql, tuple(tables))
    except InvalidQuery as error:
        return expected, [*faults, str(error)]
    if wrong_names := _name_faults(schema):
        return expected, [*faults, *wrong_names]
    if node.kind == "model":
        faults += _type_faults(dict(schema), dict(expected))
    return schema, faults


def _name_faults(schema: Schema) -> list[str]:
    """A table needs a name for every column, and no name twice."""
    names = Counter(name.lower() for name, _ in schema)
    faults = [f"{name} is there {count} times" for name, count in names.items() if count > 1]
    faults += [f"column {name[4:]} has no name" for name in names if name.startswith("$col")]
    return faults


def _type_faults(inferred: Mapping[str, str], expected: Mapping[str, str]) -> list[str]:
    faults = [
        f"{column} is {inferred[column]}, declared {kind}"
        for column, kind in expected.items()
        if column in inferred and inferred[column] != kind
    ]
    faults += [f"{name} is declared but not made" for name in expected if name not in inferred]
    faults += [f"{name} is made but not declared" for name in inferred if name not in expected]
    return faults
