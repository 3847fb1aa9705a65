"""dbt in this process: tests share its start-up, and parse the project once per kind of input."""

import gc
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pandas as pd
import pyarrow as pa
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from maintenance.compiled_project import DATABASE_NAME, CompiledProject
from support import PROJECT_DIRECTORY
from support.quick_dbt import make_dbt_quick

# Less work than the defaults. Variables in dbt_project.yml or a model's config are read while dbt
# parses, so they are the same for all runs; the others may differ.
SMALL_CHAIN = {"bootstrap_replicates": 20, "lead_time_cutoffs": 2, "profile_sample_size": 200}

# Parsed projects stay in memory; looking through them at every 700 new objects took a sixth of a
# command.
gc.set_threshold(100_000, 50, 100)
make_dbt_quick()

# When a fit or score was made: another build makes it at another time.
CLOCK_COLUMNS = {"trained_at", "assigned_at", "scored_at", "explained_at"}

# What happened in this database and when: another one has another history.
HISTORY = {"address_state_changes", "build_runs", "scam_alert_periods"}


@dataclass(frozen=True)
class Run:
    """What a dbt command left behind: its messages, the state of its nodes, and the database.

    `compiled` is the SQL that each query was compiled to, by the name of its node.
    """

    success: bool
    database: Path
    messages: list[str] = field(repr=False)
    errors: list[str]
    statuses: dict[str, str] = field(repr=False)
    compiled: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def log(self) -> str:
        """Everything dbt said, debug messages left out."""
        return "\n".join(self.messages)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the database."""
        return self._relation(sql, lambda result: result.fetchall())

    def frame(self, sql: str) -> pd.DataFrame:
        """Rows of a query on the database as pandas."""
        return self._relation(sql, lambda result: result.df())

    def table(self, sql: str) -> pa.Table:
        """Rows of a query on the database as Arrow."""
        return self._relation(sql, lambda result: result.to_arrow_table())

    def execute(self, *statements: str, **frames: pd.DataFrame) -> None:
        """Run statements on the database, which may read the frames by name."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            for name, frame in frames.items():
                connection.register(name, frame)
            for statement in statements:
                connection.execute(statement)

    def copied(self, directory: Path) -> "Run":
        """Return the same on a copy of the database, to change it."""
        directory.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.database, directory)
        return replace(self, database=directory / self.database.name)

    def marts(self) -> list[str]:
        """Names of the tables and views in schema marts."""
        sql = "select table_name from information_schema.tables where table_schema = 'marts'"
        return sorted(name for (name,) in self.query(sql))

    def _relation(self, sql: str, read: Any) -> Any:
        with duckdb.connect(str(self.database)) as connection:
            connection.execute("set TimeZone = 'UTC'")  # as in the profile
            return read(connection.sql(sql))


class DbtProject:
    """Runs the project's dbt commands, each on a database of the caller."""

    def __init__(self, directory: Path) -> None:
        """Keep a profile like a fresh clone's, and what dbt writes, in `directory`."""
        self.directory = directory
        self.manifests: dict[tuple[bool, bool], Manifest] = {}
        shutil.copy(PROJECT_DIRECTORY / "profiles.yml.example", directory / "profiles.yml")

    def run(
        self,
        database: Path,
        *,
        select: str = "",
        chain: Path | None = None,
        labels: Path | str = "",
        columns: str = "",
        tests: bool = False,
        options: Sequence[str] = (),
        **variables: Any,
    ) -> Run:
        """Build models and seeds, with `tests` the data tests too.

        `chain`, `labels` and `columns` are CHAIN_DATA, LABEL_DATA and CHAIN_COLUMNS. `database` is
        a directory, where `warehouse.duckdb` is kept between runs.
        """
        path = _file(database)
        database.mkdir(parents=True, exist_ok=True)
        excluded = ["unit_test"] if tests else ["unit_test", "test"]
        arguments = ["build", "--exclude-resource-type", *excluded, *options]
        if select:
            arguments += ["--select", *select.split()]
        with mock.patch.dict(os.environ, self.environment(path, chain, labels, columns)):
            manifest = self._manifest(chain is None, bool(variables.get("incremental_loads")))
            result, events = self._invoke(arguments, variables, manifest)
        nodes = result.result or []
        return Run(
            success=result.success,
            database=path,
            messages=[message for _, message in events],
            errors=[message for level, message in events if level == "error"],
            statuses={node.node.name: str(node.status) for node in nodes},
            compiled={
                each.node.name: each.node.compiled_code
                for each in nodes
                if getattr(each.node, "compiled_code", None)
            },
        )

    def unit_tests(self, built: Run, **variables: Any) -> Run:
        """Run dbt's unit tests, which take the columns of their inputs from a built database."""
        with mock.patch.dict(os.environ, self.environment(built.database, self.directory, "")):
            result, events = self._invoke(
                ["test", "--select", "test_type:unit"], variables, self._manifest(is_sample=False)
            )
        return replace(
            built,
            success=result.success,
            messages=[message for _, message in events],
            errors=[message for level, message in events if level == "error"],
            statuses={node.node.name: str(node.status) for node in result.result or []},
        )

    def compiled(
        self, select: str, *, chain: Path | None = None, **variables: Any
    ) -> CompiledProject:
        """Compile models and seeds without making them, as a first build would."""
        return CompiledProject(self.compiled_manifest(select, chain=chain, **variables))

    def compiled_manifest(
        self, select: str, *, chain: Path | None = None, **variables: Any
    ) -> dict[str, Any]:
        """Return the same as the part of manifest.json that holds models and seeds.

        The files of `chain` must exist: their columns are part of the compiled SQL.
        """
        arguments = ["compile", "--select", *select.split()]
        with mock.patch.dict(os.environ, self.environment(self._empty(), chain, "")):
            manifest = self._manifest(chain is None)
            result, events = self._invoke(arguments, variables, manifest)
        if not result.success:
            raise RuntimeError(f"dbt compile failed: {events}")
        sql = {each.node.unique_id: each.node.compiled_code for each in result.result.results}
        nodes = {
            unique_id: node.to_dict(omit_none=False) | {"compiled_code": sql.get(unique_id) or ""}
            for unique_id, node in manifest.nodes.items()
            if node.resource_type in ("model", "seed")
        }
        return {"nodes": nodes}

    def parsed(self, *, is_sample: bool) -> Manifest:
        """Everything dbt knows of the project, for the sample or for files."""
        chain = None if is_sample else self.directory
        with mock.patch.dict(os.environ, self.environment(self._empty(), chain, "")):
            return self._manifest(is_sample)

    def environment(
        self, database: Path, chain: Path | None, labels: Path | str, columns: str = ""
    ) -> dict[str, str]:
        """Environment variables of a command on a DuckDB file."""
        return {
            "CHAIN_DATA": str(chain or ""),
            "LABEL_DATA": str(labels),
            "CHAIN_COLUMNS": columns,
            "DUCKDB_PATH": str(database),
        }

    def options(self, variables: dict[str, Any]) -> list[str]:
        """Options of every command: nothing is written into the project."""
        return [
            *("--project-dir", str(PROJECT_DIRECTORY), "--profiles-dir", str(self.directory)),
            *("--target", "duckdb", "--target-path", str(self.directory / "target")),
            *("--log-path", str(self.directory / "logs"), "--log-level-file", "none"),
            *("--vars", json.dumps(SMALL_CHAIN | variables)),
        ]

    def _manifest(self, is_sample: bool, is_incremental: bool = False) -> Manifest:
        kind = (is_sample, is_incremental)
        if kind not in self.manifests:
            variables = {"incremental_loads": True} if is_incremental else {}
            parsed, events = self._invoke(["parse"], variables, None)
            if not parsed.success:
                raise RuntimeError(f"dbt parse failed: {events}")
            self.manifests[kind] = parsed.result
        return self.manifests[kind]

    def _empty(self) -> Path:
        """A database for commands that make nothing in it."""
        directory = self.directory / "empty"
        directory.mkdir(exist_ok=True)
        return _file(directory)

    def _invoke(
        self, arguments: list[str], variables: dict[str, Any], manifest: Manifest | None
    ) -> tuple[Any, list[tuple[str, str]]]:
        events: list[tuple[str, str]] = []

        def listen(event: Any) -> None:
            if event.info.level not in ("debug", "test"):
                events.append((event.info.level, event.info.msg))

        runner = dbtRunner(manifest=manifest, callbacks=[listen])
        with mock.patch("dbt.adapters.duckdb.environments._ensure_event_loop"):  # never closed
            # Nobody reads dbt's artifacts; writing them takes a third of a short command. Of dbt's
            # two ways to make models wait for tests the other one takes another fifth.
            options = ["--no-write-json", "--use-fast-test-edges", *self.options(variables)]
            result = runner.invoke(["--quiet", *arguments, *options])
        DuckDBConnectionManager.close_all_connections()
        return result, events


def _file(directory: Path) -> Path:
    return directory / f"{DATABASE_NAME}.duckdb"


def marts(run: Run) -> dict[str, pd.DataFrame]:
    """Every mart of a database, sorted, but for its history."""
    return {
        name: run.frame(f"select * from marts.{name} order by all")
        for name in run.marts()
        if name not in HISTORY
    }


def assert_same_marts(
    ones: dict[str, pd.DataFrame], others: dict[str, pd.DataFrame], ignoring: set[str] = frozenset()
) -> None:
    """Integers and text exactly, floats within 1e-12 relative."""
    assert list(ones) == list(others)
    for name, one in ones.items():
        columns = [column for column in one.columns if column not in ignoring]
        pd.testing.assert_frame_equal(
            one[columns], others[name][columns], rtol=1e-12, atol=0, obj=name
        )


def account(number: int) -> str:
    """A well-formed address."""
    return f"0x{number:040x}"


def transaction_hash(number: int) -> str:
    """A well-formed transaction hash."""
    return f"0x{number:064x}"


def transaction(number: int, **columns: Any) -> dict[str, Any]:
    """A row of transactions with nothing but the required columns, and those given."""
    return {
        "hash": transaction_hash(number),
        "from_address": account(2 * number),
        "to_address": account(2 * number + 1),
        "value": "1000000000000000000",
        "block_timestamp": f"2018-03-02 14:{number % 60:02d}:20",
    } | columns


def write(path: Path, rows: Iterable[dict[str, Any]] | pd.DataFrame) -> Path:
    """Write rows to a file of the format its name ends in; its folder is made if need be."""
    frame = pd.DataFrame(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    elif path.suffix == ".json":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_csv(path, index=False)
    return path
