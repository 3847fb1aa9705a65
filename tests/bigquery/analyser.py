"""The gate: everything BigQuery would run, analysed in the order of the DAG.

What no query makes (sources, seeds, Python models) has the types it declares. A SQL model has the
types the analyser infers from its query. What the YAML declares must be so. A mart and a staging
model declare all their columns but features, which the catalogue describes; an intermediate model
may leave columns out.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from maintenance.bigquery_sql.columns import declared, tables_named
from maintenance.bigquery_sql.compiled import CompiledProject, Node
from maintenance.bigquery_sql.evaluated import run_model
from maintenance.bigquery_sql.offline_warehouse import Build
from maintenance.bigquery_sql.zetasql_engine import (
    InvalidQuery,
    Schema,
    Table,
    analyse,
    canonical_type,
)

MAY_LEAVE_OUT_COLUMNS = "models/intermediate/"

CLUSTERED_TYPES = {"BIGNUMERIC", "BOOL", "DATE", "INT64", "NUMERIC", "STRING", "TIMESTAMP"}


@dataclass(frozen=True)
class Fault:
    """Something BigQuery would refuse, or that is not as declared."""

    node: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.node} ({self.path}): {self.message}"


@dataclass
class Analysis:
    """What was found: faults, and the columns of every relation by unique_id.

    `analysed` are the queries, by unique_id, and the statements that went through the analyser.
    `features` are the types of features by name, as the catalogue has them.
    """

    project: CompiledProject
    faults: list[Fault] = field(default_factory=list)
    schemas: dict[str, Schema] = field(default_factory=dict)
    analysed: set[str] = field(default_factory=set)
    features: Mapping[str, str] = field(default_factory=dict)

    def blame(self, node: Node, *messages: str) -> None:
        """Note what is wrong with a node."""
        self.faults += [Fault(node.name, node.path, message) for message in messages]


def analyse_project(project: CompiledProject, made_by: Mapping[str, str] | None = None) -> Analysis:
    """Analyse every model and test; a faulty model does not hide what depends on it.

    `made_by` are the statements that make models, by unique_id; other models are only queries.
    A query that was not compiled is taken as declared.
    """
    analysis = Analysis(project, features=feature_types(project))
    for node in project.nodes.values():
        if node.kind != "test":
            # What is read before it is made, as an earlier build left it, has what it declares.
            analysis.schemas[node.unique_id] = declared(node)
            analysis.blame(node, *declaration_faults(node))
    for node in project.nodes.values():
        if node.kind == "model" and node.sql and node.is_query:
            _analyse_model(node, (made_by or {}).get(node.unique_id, node.sql), analysis)
    everything = tuple(_tables(analysis))
    for node in project.nodes.values():
        if node.kind == "test" and node.sql:
            analysis.analysed.add(node.unique_id)
            try:
                tables = tuple(_tables(analysis, node.sql))
                analysis.blame(node, *_name_faults(analyse(node.sql, tables, everything)))
            except InvalidQuery as error:
                analysis.blame(node, str(error))
    return analysis


def analyse_build(build: Build) -> Analysis:
    """Analyse the project of a build and all that dbt makes of it: DDL, DML, hooks, tests."""
    makes_a_relation = re.compile(r"\s*create or replace (table|view)", re.ASCII)
    made_by = {one.node: one.sql for one in build.statements if makes_a_relation.match(one.sql)}
    analysis = analyse_project(build.project, made_by)
    faulty = {fault.node for fault in analysis.faults}
    everything = tuple(_tables(analysis))
    for statement in build.statements:
        node = build.project.nodes.get(statement.node)
        if node is not None and (node.kind == "test" or node.name in faulty):
            continue  # dbt only counts the rows of a test
        if statement.sql in analysis.analysed:
            continue
        analysis.analysed.add(statement.sql)
        tables = tuple(_tables(analysis, statement.sql))
        is_known = set(tables) <= set(everything)
        try:
            analyse(statement.sql, tables, everything if is_known else None)
        except InvalidQuery as error:
            name, path = (node.name, node.path) if node else (str(statement.node), "hook")
            message = f"{error} in: {statement.sql.strip()}"
            analysis.faults.append(Fault(name, path, message))
    return analysis


def declaration_faults(node: Node) -> list[str]:
    """What the declared columns leave open or contradict."""
    loaded = node.config.get("column_types") or {}
    faults = []
    for column in {**loaded, **node.columns}:
        kind = node.columns.get(column) or loaded.get(column)
        if kind is None:
            faults.append(f"{column} has no data_type")
        elif column in loaded and canonical_type(loaded[column]) != canonical_type(kind):
            faults.append(f"{column} is declared {kind} but loaded as {loaded[column]}")
    return faults


def feature_types(project: CompiledProject) -> dict[str, str]:
    """Types of the features by name, from the rows of the catalogue; none if it is not compiled."""
    if not project["int_features__catalogue"].sql:
        return {}
    features = run_model(project, "int_features__catalogue", {})
    return {
        feature.feature_name: canonical_type(feature.data_type) for feature in features.itertuples()
    }


def _analyse_model(node: Node, sql: str, analysis: Analysis) -> None:
    """Infer the columns of a model, which has the declared ones so far, from what makes it."""
    analysis.analysed |= {node.unique_id, sql}
    expected = analysis.schemas[node.unique_id]
    try:
        inferred = analyse(sql, tuple(_tables(analysis, sql)))
    except InvalidQuery as error:
        analysis.blame(node, str(error))
        return
    if wrong_names := _name_faults(inferred):
        analysis.blame(node, *wrong_names)
        return
    analysis.blame(node, *_type_faults(node, dict(inferred), dict(expected), analysis.features))
    analysis.blame(node, *_layout_faults(node, dict(inferred)))
    analysis.schemas[node.unique_id] = inferred


def _tables(analysis: Analysis, sql: str | None = None) -> Iterator[Table]:
    """Relations of the project, or only those a statement names and copies dbt makes of them."""
    if sql is not None:
        return tables_named(sql, analysis.project, analysis.schemas.__getitem__)
    nodes = analysis.project.nodes
    return (Table(nodes[key].relation, schema) for key, schema in analysis.schemas.items())


def _name_faults(schema: Schema) -> list[str]:
    """A table needs a name for every column, and no name twice."""
    names = Counter(name.lower() for name, _ in schema)
    faults = [f"{name} is there {count} times" for name, count in names.items() if count > 1]
    faults += [f"column {name[4:]} has no name" for name in names if name.startswith("$col")]
    return faults


def _type_faults(
    node: Node,
    inferred: Mapping[str, str],
    expected: Mapping[str, str],
    features: Mapping[str, str],
) -> list[str]:
    faults = [f"{name} is declared but not made" for name in expected if name not in inferred]
    for name, kind in inferred.items():
        wanted = expected.get(name) or features.get(name)
        if wanted is None and not node.path.startswith(MAY_LEAVE_OUT_COLUMNS):
            faults.append(f"{name} is made but not declared")
        elif wanted not in (None, kind):
            faults.append(f"{name} is {kind}, declared {wanted}")
    return faults


def _layout_faults(node: Node, columns: Mapping[str, str]) -> list[str]:
    """BigQuery's rules for partitions and clusters, which ZetaSQL does not know."""
    faults = []
    partition = node.config.get("partition_by")
    if partition:
        kind = columns.get(partition["field"])
        if kind != canonical_type(partition["data_type"]):
            faults.append(f"is partitioned by {partition}, which is {kind}")
    clusters = node.config.get("cluster_by") or []
    clusters = [clusters] if isinstance(clusters, str) else clusters
    if len(clusters) > 4:
        faults.append(f"is clustered by {len(clusters)} columns, four are allowed")
    faults += [
        f"is clustered by {column}, which is {columns.get(column)}"
        for column in clusters
        if columns.get(column) not in CLUSTERED_TYPES
    ]
    return faults
