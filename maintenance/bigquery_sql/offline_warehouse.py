"""`dbt build` for BigQuery without BigQuery: every statement it would send, and by which node.

dbt runs as it does in production, hooks, materializations and tests included. Where it would talk
to BigQuery, `Warehouse` answers: relations exist as in a first or in a later build, and a query
that a macro asks for is computed by ZetaSQL's evaluator from the rows that tables are said to
hold.
"""

import functools
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import agate
import pandas as pd
import sqlglot
from dbt.adapters.bigquery import BigQueryAdapter, BigQueryColumn
from dbt.adapters.bigquery.connections import (
    BigQueryAdapterResponse,
    BigQueryConnectionManager,
)
from dbt_common.clients.agate_helper import empty_table, table_from_data_flat
from dbt_common.events.contextvars import get_node_info

from maintenance.bigquery_sql.columns import InferredColumns
from maintenance.bigquery_sql.compiled import CompiledProject, Node, compiled, project_of, run_dbt
from maintenance.bigquery_sql.evaluated import Rows
from maintenance.bigquery_sql.zetasql_evaluator import Given, evaluate

DONE = BigQueryAdapterResponse(_message="OK")
PASSED = table_from_data_flat(
    [{"failures": 0, "should_warn": False, "should_error": False}],
    ["failures", "should_warn", "should_error"],
)


@dataclass(frozen=True)
class Statement:
    """SQL that dbt sends, and the unique_id of the node it does it for (hooks of a run: None)."""

    node: str | None
    sql: str


@dataclass(frozen=True)
class Build:
    """The compiled project of a build, and what dbt sent to BigQuery, in order."""

    project: CompiledProject
    statements: list[Statement]


def build(
    chain_source: str,
    contents: Mapping[str, Rows] | None = None,
    target: str = "bigquery",
    select: str = "*",
    **variables: Any,
) -> Build:
    """What `dbt build` sends; the same object for the same arguments.

    Without `contents` the dataset is empty, as in a first build. With them every relation exists,
    as in a later one: they are the rows, by model name, of what macros ask for; other tables are
    empty. `chain_source` is the var bigquery_chain_source, `variables` are further vars.
    """
    rows = None if contents is None else json.dumps(contents, default=str)
    return _build(chain_source, rows, target, select, json.dumps(variables))


@functools.cache
def _build(
    chain_source: str, contents: str | None, target: str, select: str, variables: str
) -> Build:
    settings = {"bigquery_chain_source": chain_source, **json.loads(variables)}
    warehouse = Warehouse(
        # For its relations and columns.
        project=compiled(chain_source, target=target),
        is_empty=contents is None,
        contents=json.loads(contents or "{}"),
    )
    with warehouse.instead_of_bigquery():
        results = run_dbt(
            target,
            settings,
            *("build", "--no-populate-cache", "--threads", "1"),
            *("--exclude-resource-type", "unit_test", "--select", select),
        )
    return Build(project_of(target, settings, results), warehouse.statements)


@dataclass
class Warehouse:
    """What dbt finds where it expects BigQuery."""

    project: CompiledProject
    is_empty: bool
    contents: dict[str, Rows]
    statements: list[Statement] = field(default_factory=list)
    made: set[str] = field(default_factory=set)

    @contextmanager
    def instead_of_bigquery(self) -> Iterator[None]:
        """Answer what dbt's BigQuery adapter asks and record what it sends."""
        warehouse = self

        def execute(manager: Any, sql: str, *_: Any, fetch: bool = False, **__: Any) -> Any:
            return DONE, warehouse.execute(get_node_info().get("unique_id"), sql, fetch)

        def find(adapter: Any, database: str, schema: str, identifier: str) -> Any:
            return warehouse.find(adapter, (database, schema, identifier))

        def columns(adapter: Any, relation: Any) -> list[BigQueryColumn]:
            return warehouse.columns((relation.database, relation.schema, relation.identifier))

        with ExitStack() as patches:
            for owner, name, stand_in in [
                (BigQueryConnectionManager, "execute", execute),
                (BigQueryAdapter, "get_relation", find),
                (BigQueryAdapter, "get_columns_in_relation", columns),
                (BigQueryAdapter, "list_schemas", lambda *_: []),
                (BigQueryAdapter, "is_replaceable", lambda *_: True),
                (BigQueryAdapter, "drop_relation", lambda *_: None),
                # Descriptions of tables and columns.
                (BigQueryAdapter, "update_table_description", lambda *_: None),
                (BigQueryAdapter, "update_columns", lambda *_: None),
                (BigQueryAdapter, "load_dataframe", lambda *_: None),
                (BigQueryAdapter, "submit_python_job", lambda *_: DONE),
            ]:
                patches.enter_context(mock.patch.object(owner, name, stand_in))
            yield

    def find(self, adapter: BigQueryAdapter, path: tuple[str, str, str]) -> Any:
        """The relation, if an earlier build or this one has made it."""
        name = _quoted(path)
        if self.is_empty and name not in self.made:
            return None
        node = self._node(name)
        kind = "view" if node is not None and node.materialized == "view" else "table"
        return adapter.Relation.create(*path, type=kind)

    def columns(self, path: tuple[str, str, str]) -> list[BigQueryColumn]:
        """Columns of a table, or of a temporary one for it."""
        node = self._node(re.sub(r"__dbt_tmp\w*", "", _quoted(path)))
        return [BigQueryColumn(name, kind) for name, kind in self._columns.of(node.unique_id)]

    def execute(self, node_id: str | None, sql: str, fetch: bool) -> agate.Table:
        """Record a statement; rows if it is a query whose result dbt reads."""
        self.statements.append(Statement(node_id, sql))
        made = re.search(r"create or replace (?:table|view) (`\S+`)", sql)
        if made:
            self._make(made[1], sql)
        if not fetch:
            return empty_table()
        if node_id is not None and node_id.startswith("test."):
            return PASSED
        found = self._answer(sql)
        return table_from_data_flat(found.to_dict("records"), list(found.columns))

    def _make(self, name: str, sql: str) -> None:
        self.made.add(name)
        node = self._node(name)
        if node is not None and not node.parents and node.name not in self.contents:
            select = sqlglot.parse_one(sql, dialect="bigquery").expression
            made = evaluate(select.sql(dialect="bigquery"))
            self.contents[node.name] = made.to_dict("records")

    def _answer(self, sql: str) -> pd.DataFrame:
        """Rows of a query, every relation being what it is said to hold."""
        given = {}
        for node in self.project.nodes.values():
            if node.quoted_relation in sql:
                rows = self.contents.get(node.name, [])
                given[node.name] = Given(self._columns.of(node.unique_id), rows)
                query = f"(select * from unnest(@{node.name}))"
                sql = sql.replace(node.quoted_relation, query)
        return evaluate(sql, given)

    def _node(self, quoted_relation: str) -> Node | None:
        return self._by_relation.get(quoted_relation)

    @functools.cached_property
    def _columns(self) -> InferredColumns:
        return InferredColumns(self.project)

    @functools.cached_property
    def _by_relation(self) -> dict[str, Node]:
        return {node.quoted_relation: node for node in self.project.nodes.values()}


def _quoted(path: tuple[str, str, str]) -> str:
    return ".".join(f"`{part}`" for part in path)
