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

import yaml
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


@dataclass(frozen=True)
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
    chain_source: str, is_incremental: bool = False, target: str = "bigquery", **variables: Any
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
        directory = run_dbt(target, json.loads(variables), "compile", "--no-populate-cache")[1]
    return project_of(directory)


def project_of(directory: Path) -> CompiledProject:
    """The project as dbt's manifest in a folder describes it."""
    manifest = json.loads((directory / "manifest.json").read_text())
    return CompiledProject(
        nodes=_ordered({**manifest["nodes"], **manifest["sources"]}),
        unit_tests={entry["name"]: _unit_test(entry) for entry in manifest["unit_tests"].values()},
    )


def run_dbt(target: str, variables: Mapping[str, Any], *command: str) -> tuple[Any, Path]:
    """Result of a dbt command without a warehouse, and the folder it wrote to.

    Raises RuntimeError with what dbt said if the command fails.
    """
    values = json.dumps(variables, sort_keys=True)
    messages: list[str] = []

    def listen(event: Any) -> None:
        if event.info.level in ("warn", "error"):
            messages.append(event.info.msg)

    environment = {name: text for name, text in os.environ.items() if "BIGQUERY_" not in name}
    environment |= {"CHAIN_DATA": "", "LABEL_DATA": "", "DUCKDB_PATH": ":memory:"}
    directory = _scratch(target, values)
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        mock.patch(
            "dbt.adapters.bigquery.connections.create_bigquery_client",
            return_value=OfflineClient(),
        ),
    ):
        outcome = dbtRunner(callbacks=[listen]).invoke(
            [
                *("--quiet", *command, "--target", target, "--vars", values),
                *("--project-dir", str(PROJECT_DIRECTORY), "--profiles-dir", str(directory)),
                *("--target-path", str(directory), "--log-path", str(directory)),
                *("--log-level-file", "none"),
            ]
        )
    if not outcome.success:
        said = "\n".join([*messages, str(outcome.exception or "")])
        raise RuntimeError(f"dbt {' '.join(command)} failed: {said}")
    return outcome.result, directory


@functools.cache
def _scratch(target: str, variables: str) -> Path:
    """A folder where dbt finds the profile and what it parsed before with the same settings."""
    directory = Path(tempfile.mkdtemp(prefix="compiled_for_bigquery_"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    profiles = yaml.safe_load((PROJECT_DIRECTORY / "profiles.yml.example").read_text())
    outputs = profiles["ethereum_address_intelligence"]["outputs"]
    # A target whose name ends in _dev reads the last days only; people add their own.
    outputs.setdefault("bigquery_dev", outputs["bigquery"])
    (directory / "profiles.yml").write_text(yaml.safe_dump(profiles))
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


def _unit_test(entry: Mapping[str, Any]) -> UnitTest:
    overrides = entry.get("overrides") or {}
    return UnitTest(
        name=entry["name"],
        model=entry["model"],
        given={_input_name(given["input"]): given["rows"] for given in entry["given"]},
        expected=entry["expect"]["rows"],
        variables=overrides.get("vars", {}),
        macros=overrides.get("macros", {}),
    )


def _input_name(reference: str) -> str:
    """`ref('x')` and `source('s', 'x')` are x, `this` is itself."""
    quoted = re.findall(r"'([^']+)'", reference)
    return quoted[-1] if quoted else reference
