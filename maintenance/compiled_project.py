"""Run the project's compiled SQL in a DuckDB connection, without dbt.

The oracle test and the benchmark execute what `dbt compile` produced: exactly the project's
queries, in the order of its graph, without the start-up of a dbt command for every case.
"""

import json
import os
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml
from jinja2 import Template

from maintenance import PROJECT_DIRECTORY

DATABASE_NAME = "warehouse"
KEY_RANGES = f"{DATABASE_NAME}.intermediate.int_features__key_ranges"


@dataclass(frozen=True)
class Node:
    """A model or seed of the manifest: its relation and what it takes to build it.

    `by_ranges_of` is the column by whose ranges the table is written, if any.
    """

    name: str
    relation: str
    schema: str
    materialized: str
    language: str
    query: str
    parents: tuple[str, ...]
    by_ranges_of: str | None = None


class CompiledProject:
    """Models and seeds of a compiled manifest, by name."""

    def __init__(self, manifest: dict) -> None:
        """Read dbt's manifest.json, already parsed."""
        entries = {
            unique_id: entry
            for unique_id, entry in manifest["nodes"].items()
            if entry["resource_type"] in ("model", "seed")
        }
        names = {unique_id: entry["name"] for unique_id, entry in entries.items()}
        self.nodes = {entry["name"]: _node(entry, names) for entry in entries.values()}

    def lineage(self, targets: Collection[str], given: Collection[str] = ()) -> list[Node]:
        """Nodes to build for `targets`, parents first; `given` relations exist already."""
        ordered: dict[str, Node] = {}

        def add(name: str) -> None:
            if name in ordered or name in given:
                return
            for parent in self.nodes[name].parents:
                add(parent)
            ordered[name] = self.nodes[name]

        for target in targets:
            add(target)
        return list(ordered.values())

    def relation(self, name: str) -> str:
        """Quoted name of a model's relation, for use in a query."""
        return self.nodes[name].relation


def compile_project(
    directory: Path,
    select: str,
    chain_data: Path | None = None,
    variables: dict[str, object] | None = None,
) -> CompiledProject:
    """Compile `select` for DuckDB with a scratch database and target under `directory`.

    `chain_data` is read as CHAIN_DATA (its files must exist: their columns are part of the
    compiled SQL); None compiles for the sample. Raises RuntimeError with dbt's output if
    compilation fails.
    """
    return CompiledProject(
        run_dbt(directory, chain_data, variables or {}, "compile", "--select", select)
    )


def run_dbt(
    directory: Path, chain_data: Path | None, variables: dict[str, object], *command: str
) -> dict:
    """Run a dbt command on a scratch database under the directory, and return its manifest.

    Other artifacts lie in `target` there. Raises RuntimeError with dbt's output if it fails.
    """
    environment = {name: value for name, value in os.environ.items() if name != "LABEL_DATA"}
    environment["CHAIN_DATA"] = str(chain_data.resolve()) if chain_data else ""
    environment["DUCKDB_PATH"] = str(directory / f"{DATABASE_NAME}.duckdb")
    target, profiles = directory / "target", str(_profile(directory))
    result = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("dbt")), *command, "--target", "duckdb"),
            *("--project-dir", str(PROJECT_DIRECTORY), "--profiles-dir", profiles),
            *("--target-path", str(target), "--log-path", str(directory / "logs")),
            *("--vars", json.dumps(variables)),
        ],
        cwd=PROJECT_DIRECTORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(f"dbt {command[0]} failed:\n{result.stdout}\n{result.stderr}")
    return json.loads((target / "manifest.json").read_text())


def build(connection: duckdb.DuckDBPyConnection, nodes: list[Node]) -> None:
    """Create the relation of each node in turn, parents first.

    The connection has a database named `DATABASE_NAME`. Incremental models are built in full.
    Raises ValueError for a Python model, which only dbt can run.
    """
    for node in nodes:
        if node.materialized == "ephemeral":
            continue  # part of the queries that read it
        if node.language != "sql":
            raise ValueError(f"{node.name} is a Python model: only dbt can run it")
        create_schema(connection, node)
        if node.materialized == "view":
            connection.execute(f"create or replace view {node.relation} as {node.query}")
            continue
        first, *others = range_queries(connection, node)
        connection.execute(f"create or replace table {node.relation} as {first}")
        for query in others:
            connection.execute(f"insert into {node.relation} {query}")


def range_queries(connection: duckdb.DuckDBPyConnection, node: Node) -> list[str]:
    """Queries that together have the node's rows, as macros/engine/key_ranges.sql makes them."""
    if not node.by_ranges_of:
        return [node.query]
    ranges = connection.execute(f"select first_key, last_key from {KEY_RANGES} order by first_key")
    return [
        f"select * from ({node.query}) where {node.by_ranges_of} between {first} and {last}"
        for first, last in ranges.fetchall()
    ]


def create_schema(connection: duckdb.DuckDBPyConnection, node: Node) -> None:
    """Create the schema a node's relation lives in, if need be."""
    connection.execute(f'create schema if not exists "{DATABASE_NAME}"."{node.schema}"')


def duckdb_settings() -> dict[str, str]:
    """DuckDB settings of the example profile, by name, with what the environment says."""
    profiles = yaml.safe_load((PROJECT_DIRECTORY / "profiles.yml.example").read_text())
    settings = profiles["ethereum_address_intelligence"]["outputs"]["duckdb"]["settings"]
    return {
        name: Template(str(value)).render(env_var=os.environ.get)
        for name, value in settings.items()
    }


def _node(entry: dict, names: dict[str, str]) -> Node:
    is_seed = entry["resource_type"] == "seed"
    return Node(
        name=entry["name"],
        relation=entry["relation_name"] or "",
        schema=entry["schema"],
        materialized="seed" if is_seed else entry["config"]["materialized"],
        language="sql" if is_seed else entry["language"],
        query=_seed_query(entry) if is_seed else entry.get("compiled_code", ""),
        parents=tuple(
            names[parent] for parent in entry["depends_on"].get("nodes", []) if parent in names
        ),
        by_ranges_of=entry["config"].get("meta", {}).get("by_ranges_of"),
    )


def _seed_query(entry: dict) -> str:
    path = Path(entry["root_path"] or PROJECT_DIRECTORY) / entry["original_file_path"]
    types = entry["config"].get("column_types") or {}
    type_list = ", ".join(f"'{column}': '{kind}'" for column, kind in types.items())
    options = f", types = {{{type_list}}}" if types else ""
    return f"select * from read_csv('{path}', header = true{options})"


def _profile(directory: Path) -> Path:
    """A profiles directory like a fresh clone's."""
    profiles = directory / "profiles"
    profiles.mkdir(parents=True, exist_ok=True)
    example = PROJECT_DIRECTORY / "profiles.yml.example"
    (profiles / "profiles.yml").write_text(example.read_text())
    return profiles
