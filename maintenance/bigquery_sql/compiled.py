"""The project's SQL as dbt compiles it for BigQuery, in this process and without an account.

dbt opens its connection late; here it gets a client that refuses everything. The one thing that
compiling asks the warehouse, whether a relation exists, is answered by the form that is wanted:
none does in a first build, all do in a later one, so that `is_incremental()` is true.
"""

import atexit
import dataclasses
import functools
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from dbt.adapters.bigquery import BigQueryAdapter
from dbt.cli.main import dbtRunner
from dbt.clients.jinja import MacroGenerator
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import UnitTestDefinition

from maintenance import PROJECT_DIRECTORY


@dataclass(frozen=True)
class Node:
    """A model, seed, data test or source of the project."""

    unique_id: str
    name: str
    kind: str  # model, seed, test or source
    language: str
    materialized: str
    path: str
    relation: tuple[str, str, str]
    parents: tuple[str, ...]
    columns: Mapping[str, str]  # declared types by column, in the words of the YAML
    config: Mapping[str, Any]
    sql: str

    @property
    def is_query(self) -> bool:
        """Whether BigQuery runs SQL for it."""
        return self.kind == "test" or (self.kind == "model" and self.language == "sql")

    @property
    def quoted_relation(self) -> str:
        """The relation as compiled SQL names it."""
        return ".".join(f"`{part}`" for part in self.relation)


@dataclass(frozen=True)
class UnitTest:
    """A dbt unit test: rows of the inputs by name, expected rows, and what it sets otherwise.

    The input `this` is what an incremental model made before.
    """

    name: str
    model: str
    given: Mapping[str, list[dict[str, Any]]]
    expected: list[dict[str, Any]]
    variables: Mapping[str, Any]
    macros: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class CompiledProject:
    """Nodes by unique_id, parents before children, and dbt's unit tests by name."""

    nodes: Mapping[str, Node]
    unit_tests: Mapping[str, UnitTest]

    def __getitem__(self, name: str) -> Node:
        """The model or seed of this name."""
        found = [
            node
            for node in self.nodes.values()
            if node.name == name and node.kind in ("model", "seed")
        ]
        if not found:
            raise KeyError(name)
        return found[0]

    def with_node(self, node: Node) -> "CompiledProject":
        """The same project with one node replaced."""
        return dataclasses.replace(self, nodes={**self.nodes, node.unique_id: node})


class OfflineClient:
    """Stands where the BigQuery client would be, and says what asked for it."""

    def close(self) -> None:
        """Nothing to close."""

    def __getattr__(self, name: str) -> Any:
        """Refuse: compiling must not need the warehouse."""
        raise RuntimeError(f"compiling asked BigQuery for {name}")


def compiled(
    chain_source: str,
    is_incremental: bool = False,
    target: str = "bigquery",
    select: str = "*",
    macros: Mapping[str, Any] | None = None,
    **variables: Any,
) -> CompiledProject:
    """The compiled project, the same object for the same arguments.

    `chain_source` is the var bigquery_chain_source (public or sample). `is_incremental` compiles
    incremental models as in a later run. Nodes that `select` leaves out have no SQL. `macros` gives
    what macros return instead, by name. `variables` are further vars. Raises RuntimeError with what
    dbt said if it cannot parse or compile.
    """
    variables = {"bigquery_chain_source": chain_source, **variables}
    settings = json.dumps([variables, macros or {}], sort_keys=True)
    return _compiled(is_incremental, target, select, settings)


@functools.cache
def _compiled(is_incremental: bool, target: str, select: str, settings: str) -> CompiledProject:
    variables, macros = json.loads(settings)
    call_macro = MacroGenerator.__call__

    def find_relation(adapter: BigQueryAdapter, database: str, schema: str, identifier: str) -> Any:
        if not is_incremental:
            return None
        return adapter.Relation.create(
            database=database, schema=schema, identifier=identifier, type="table"
        )

    def call(macro: MacroGenerator, *arguments: Any, **options: Any) -> Any:
        if macro.get_name() in macros:
            return macros[macro.get_name()]
        return call_macro(macro, *arguments, **options)

    with (
        mock.patch.object(BigQueryAdapter, "get_relation", find_relation),
        mock.patch.object(MacroGenerator, "__call__", call),
    ):
        results = run_dbt(target, variables, "compile", "--no-populate-cache", "--select", select)
    return project_of(target, variables, results)


def project_of(target: str, variables: Mapping[str, Any], results: list[Any]) -> CompiledProject:
    """The project with the SQL that a dbt command for a target and vars compiled."""
    parsed = _parsed(target, variables)
    # A build has exposures among its nodes, which have no SQL.
    sql = {each.node.unique_id: getattr(each.node, "compiled_code", "") or "" for each in results}
    return CompiledProject(
        nodes=_ordered({**parsed.nodes, **parsed.sources}, sql),
        unit_tests={entry.name: _unit_test(entry) for entry in parsed.unit_tests.values()},
    )


def run_dbt(target: str, variables: Mapping[str, Any], *command: str) -> list[Any]:
    """Results by node of a dbt command without a warehouse.

    Raises RuntimeError with what dbt said if the command fails.
    """
    return _invoke(_parsed(target, variables), target, variables, *command).results


def _parsed(target: str, variables: Mapping[str, Any]) -> Manifest:
    """The project, parsed once for a target and a chain source.

    Vars that dbt reads while it parses have their defaults, but the graph models are there, which
    BigQuery builds only if asked.
    """
    return parse(target, variables["bigquery_chain_source"], graph_on_bigquery=True)


@functools.cache
def parse(target: str, chain_source: str, **variables: Any) -> Manifest:
    """Everything dbt knows of the project for a target and vars, without a warehouse."""
    return _invoke(None, target, {"bigquery_chain_source": chain_source, **variables}, "parse")


def _invoke(
    manifest: Manifest | None, target: str, variables: Mapping[str, Any], *command: str
) -> Any:
    messages: list[str] = []

    def listen(event: Any) -> None:
        if event.info.level in ("warn", "error"):
            messages.append(event.info.msg)

    environment = {name: text for name, text in os.environ.items() if "BIGQUERY_" not in name}
    environment |= {"CHAIN_DATA": "", "LABEL_DATA": "", "DUCKDB_PATH": ":memory:"}
    directory = str(_scratch(target))
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        mock.patch(
            "dbt.adapters.bigquery.connections.create_bigquery_client",
            return_value=OfflineClient(),
        ),
    ):
        outcome = dbtRunner(manifest=manifest, callbacks=[listen]).invoke(
            [
                *(
                    "--quiet",
                    "--no-write-json",
                    *command,
                    "--target",
                    target,
                    "--vars",
                    json.dumps(dict(variables)),
                ),
                *("--project-dir", str(PROJECT_DIRECTORY), "--profiles-dir", directory),
                *("--target-path", directory, "--log-path", directory),
                *("--log-level-file", "none", "--no-partial-parse"),
            ]
        )
    if not outcome.success:
        said = "\n".join([*messages, str(outcome.exception or "")])
        raise RuntimeError(f"dbt {' '.join(command)} failed: {said}")
    return outcome.result


@functools.cache
def _scratch(target: str) -> Path:
    """A folder with the profile, for what dbt writes."""
    directory = Path(tempfile.mkdtemp(prefix="compiled_for_bigquery_"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    shutil.copy(PROJECT_DIRECTORY / "profiles.yml.example", directory / "profiles.yml")
    return directory


def _ordered(entries: Mapping[str, Any], sql: Mapping[str, str]) -> dict[str, Node]:
    """Nodes of the manifest's entries, parents before children."""
    ordered: dict[str, Node] = {}

    def add(unique_id: str) -> None:
        if unique_id in ordered or unique_id not in entries:
            return
        for parent in _parents(entries[unique_id]):
            add(parent)
        ordered[unique_id] = _node(entries[unique_id], sql.get(unique_id, ""))

    for unique_id, entry in entries.items():
        # Tests of the sample's seeds stay in the manifest where the seeds are disabled.
        is_enabled = entry.config.enabled
        if is_enabled and entry.resource_type in ("model", "seed", "test", "source"):
            add(unique_id)
    return ordered


def _parents(entry: Any) -> tuple[str, ...]:
    # Seeds and sources are made of nothing.
    is_made = entry.resource_type not in ("seed", "source")
    return tuple(entry.depends_on.nodes) if is_made else ()


def _node(entry: Any, sql: str) -> Node:
    kind = str(entry.resource_type)
    config = entry.config.to_dict(omit_none=False)
    return Node(
        unique_id=entry.unique_id,
        name=entry.name,
        kind=kind,
        language=getattr(entry, "language", "sql"),
        materialized=config.get("materialized", kind),
        path=entry.original_file_path,
        relation=(
            entry.database,
            entry.schema,
            entry.identifier if kind == "source" else entry.alias,
        ),
        parents=_parents(entry),
        columns={name: column.data_type for name, column in entry.columns.items()},
        config=config,
        sql=sql,
    )


def _unit_test(entry: UnitTestDefinition) -> UnitTest:
    return UnitTest(
        name=entry.name,
        model=entry.model,
        given={_input_name(given.input): given.rows for given in entry.given},
        expected=entry.expect.rows,
        variables=entry.overrides.vars if entry.overrides else {},
        macros=entry.overrides.macros if entry.overrides else {},
    )


def _input_name(reference: str) -> str:
    """`ref('x')` and `source('s', 'x')` are x, `this` is itself."""
    quoted = re.findall(r"'([^']+)'", reference)
    return quoted[-1] if quoted else reference
