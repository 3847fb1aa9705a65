"""The project's SQL as dbt compiles it for BigQuery, in this process and without an account.

dbt opens its connection late; here it gets a client that refuses everything. The one thing that
compiling asks the warehouse, whether a relation exists, is answered by the form that is wanted:
none does in a first build, all do in a later one, so that `is_incremental()` is true.
"""

import atexit
import functools
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from dbt.adapters.bigquery import BigQueryAdapter
from dbt.cli.main import dbtRunner

from tools.compiled_project import PROJECT_DIRECTORY


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
class CompiledProject:
    """Nodes by unique_id, parents before children."""

    nodes: Mapping[str, Node]

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
        return CompiledProject({**self.nodes, node.unique_id: node})


class OfflineClient:
    """Stands where the BigQuery client would be, and says what asked for it."""

    def close(self) -> None:
        """Nothing to close."""

    def __getattr__(self, name: str) -> Any:
        """Refuse: compiling must not need the warehouse."""
        raise RuntimeError(f"compiling asked BigQuery for {name}")


def compiled(
    chain_source: str, is_incremental: bool, target: str = "bigquery", **variables: Any
) -> CompiledProject:
    """The compiled project, the same object for the same arguments.

    `chain_source` is the var bigquery_chain_source (public or sample). `is_incremental` compiles
    incremental models as in a later run. `variables` are further vars. Raises RuntimeError with
    what dbt said if it cannot parse or compile.
    """
    variables = {"bigquery_chain_source": chain_source, **variables}
    return _compiled(is_incremental, target, json.dumps(variables, sort_keys=True))


@functools.cache
def _compiled(is_incremental: bool, target: str, variables: str) -> CompiledProject:
    def find_relation(adapter: BigQueryAdapter, database: str, schema: str, identifier: str) -> Any:
        if not is_incremental:
            return None
        return adapter.Relation.create(
            database=database, schema=schema, identifier=identifier, type="table"
        )

    with mock.patch.object(BigQueryAdapter, "get_relation", find_relation):
        manifest = _dbt_compile(target, variables)
    return CompiledProject(_ordered({**manifest["nodes"], **manifest["sources"]}))


def _dbt_compile(target: str, variables: str) -> dict[str, Any]:
    """dbt's manifest.json after compiling."""
    messages: list[str] = []

    def listen(event: Any) -> None:
        if event.info.level in ("warn", "error"):
            messages.append(event.info.msg)

    environment = {name: text for name, text in os.environ.items() if "BIGQUERY_" not in name}
    directory = _scratch(target, variables)
    with (
        mock.patch.dict(os.environ, environment | {"CHAIN_DATA": ""}, clear=True),
        mock.patch(
            "dbt.adapters.bigquery.connections.create_bigquery_client",
            return_value=OfflineClient(),
        ),
    ):
        outcome = dbtRunner(callbacks=[listen]).invoke(
            [
                *("--quiet", "compile", "--no-populate-cache", "--target", target),
                *("--project-dir", str(PROJECT_DIRECTORY), "--profiles-dir", str(directory)),
                *("--target-path", str(directory / "target"), "--vars", variables),
                *("--log-path", str(directory / "logs"), "--log-level-file", "none"),
            ]
        )
    if not outcome.success:
        said = "\n".join([*messages, str(outcome.exception or "")])
        raise RuntimeError(f"dbt compile failed: {said}")
    return json.loads((directory / "target" / "manifest.json").read_text())


@functools.cache
def _scratch(target: str, variables: str) -> Path:
    """A folder where dbt finds the profile and what it parsed before with the same settings."""
    directory = Path(tempfile.mkdtemp(prefix="compiled_for_bigquery_"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    shutil.copy(PROJECT_DIRECTORY / "profiles.yml.example", directory / "profiles.yml")
    return directory


def _ordered(entries: Mapping[str, dict[str, Any]]) -> dict[str, Node]:
    """Nodes of the manifest's entries, parents before children."""
    ordered: dict[str, Node] = {}

    def add(unique_id: str) -> None:
        if unique_id in ordered or unique_id not in entries:
            return
        for parent in _parents(entries[unique_id]):
            add(parent)
        ordered[unique_id] = _node(entries[unique_id])

    for unique_id, entry in entries.items():
        # Tests of the sample's seeds stay in the manifest where the seeds are disabled.
        is_enabled = entry["config"]["enabled"]
        if is_enabled and entry["resource_type"] in ("model", "seed", "test", "source"):
            add(unique_id)
    return ordered


def _parents(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(entry.get("depends_on", {}).get("nodes", []))


def _node(entry: Mapping[str, Any]) -> Node:
    kind = entry["resource_type"]
    return Node(
        unique_id=entry["unique_id"],
        name=entry["name"],
        kind=kind,
        language=entry.get("language", "sql"),
        materialized=entry["config"].get("materialized", kind),
        path=entry["original_file_path"],
        relation=(
            entry["database"],
            entry["schema"],
            entry["identifier"] if kind == "source" else entry["alias"],
        ),
        parents=_parents(entry),
        columns={name: column["data_type"] for name, column in entry["columns"].items()},
        config=entry["config"],
        sql=entry.get("compiled_code") or "",
    )
