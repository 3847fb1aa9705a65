"""dbt-bigquery on the emulator, in this process, which runs the Python models as well."""

import json
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

import bigframes.pandas as bpd
import client_shims
import pyarrow as pa
import yaml
from dbt.adapters.base import PythonJobHelper, PythonSubmissionResult
from dbt.adapters.bigquery import BigQueryAdapter
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from emulator import PROJECT, Emulator
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from support import PROJECT_DIRECTORY

DATASET = "intelligence"

# Unit tests took a third of the build. Those of intermediate models are left to ZetaSQL, which is
# Google's own, where the emulator is DuckDB underneath.
WITHOUT_MOST_UNIT_TESTS = ("--exclude", "test_type:unit,path:models/intermediate")


@dataclass(frozen=True)
class Node:
    """What became of a seed, sql model, python model, test or unit_test."""

    id: str
    kind: str
    name: str
    status: str
    message: str = field(repr=False)
    seconds: float


@dataclass(frozen=True)
class Build:
    """What a dbt command left behind."""

    nodes: list[Node]
    scripts: dict[str, str] = field(repr=False)
    """The Python that ran, dbt's wrapper included, by model."""

    def of_kind(self, kind: str) -> list[Node]:
        """Nodes of a kind, by name."""
        return sorted((node for node in self.nodes if node.kind == kind), key=lambda it: it.name)

    def failures(self) -> str:
        """Return what dbt says about the nodes that did not pass, empty if all did."""
        failed = [node for node in self.nodes if node.status not in ("success", "pass")]
        failed.sort(key=lambda node: node.status == "skipped")
        return "\n".join(f"{it.kind} {it.name}: {it.status} {it.message}" for it in failed)


class InProcessSubmission(PythonJobHelper):
    """Runs the script that dbt-bigquery would send to a notebook, unchanged, in this process."""

    scripts: ClassVar[dict[str, str]] = {}
    # The options of bigframes and its session belong to the process.
    one_at_a_time = threading.Lock()

    def __init__(self, parsed_model: dict[str, Any], credentials: Any) -> None:
        """Remember the model; nothing is uploaded."""
        self.name = parsed_model["alias"]

    def submit(self, compiled_code: str) -> PythonSubmissionResult:
        """Run the script as the only cell of a notebook, in a bigframes session of its own."""
        with self.one_at_a_time:
            # Two lines for every job; an option of the thread.
            bpd.options.display.progress_bar = None
            try:
                exec(compile(compiled_code, f"{self.name}.py", "exec"), {"__name__": "__main__"})
            finally:
                bpd.close_session()
        self.scripts[self.name] = compiled_code
        return PythonSubmissionResult(run_id=self.name, compiled_code=compiled_code)


class EmulatedProject:
    """The project on an emulator, with the simulated sample as its chain."""

    # What dbt parses does not depend on the emulator.
    manifests: ClassVar[dict[str, Manifest]] = {}

    def __init__(self, directory: Path, emulator: Emulator, variables: dict[str, Any]) -> None:
        """Keep a profile, and what dbt writes, in `directory`; `close` at the end."""
        self.directory = directory
        self.variables = {"bigquery_chain_source": "sample"} | variables
        self.client = bigquery.Client(
            PROJECT,
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": emulator.rest_url},
            location="US",
        )
        self.rest_url = emulator.rest_url
        self.storage = client_shims.storage_clients(emulator.grpc_address)
        self._write_profile(emulator)
        self.manifest = self._parsed()

    def build(self, *options: str) -> Build:
        """Run `dbt build`; without options: seeds, models, data tests and unit tests."""
        InProcessSubmission.scripts.clear()
        # There is one bigframes in a process, and another project may have pointed it elsewhere.
        client_shims.connect_bigframes(self.rest_url, *self.storage)
        with (
            mock.patch.object(
                BigQueryAdapter, "python_submission_helpers", {"bigframes": InProcessSubmission}
            ),
            # dbt drops a table whose layout changes, and the emulator forgets how one is clustered.
            mock.patch.object(BigQueryAdapter, "is_replaceable", _is_replaceable),
        ):
            results = self._invoke(self.manifest, "build", *options).result
        # Exposures and saved queries are not run, and hooks are not counted.
        nodes = [_node(each) for each in results]
        return Build(
            nodes=[
                node for node in nodes if node.kind not in ("exposure", "operation", "saved_query")
            ],
            scripts=dict(InProcessSubmission.scripts),
        )

    def node_ids(self) -> set[str]:
        """Ids of all nodes that a build runs `WITHOUT_MOST_UNIT_TESTS`."""
        unit_tests = [
            each
            for each in self.manifest.unit_tests.values()
            if not each.original_file_path.startswith("models/intermediate/")
        ]
        nodes = [*self.manifest.nodes.values(), *unit_tests]
        kinds = ("seed", "model", "test", "unit_test")
        return {
            node.unique_id for node in nodes if node.resource_type in kinds and node.config.enabled
        }

    def query(self, sql: str) -> pa.Table:
        """Rows of a query."""
        return self.client.query(sql).result().to_arrow(create_bqstorage_client=False)

    def mart(self, name: str) -> pa.Table:
        """Rows of a mart."""
        return self.table(f"{DATASET}_marts.{name}")

    def table(self, name: str) -> pa.Table:
        """Rows of a table or view of a dataset, which come as Arrow and not as JSON."""
        table = self.client.get_table(name)
        if table.table_type == "VIEW":
            # The storage interface reads tables only.
            dataset, view = name.split(".")
            copy = f"{dataset}.rows_of_{view}"
            self.query(f"create or replace table {copy} as select * from {name}")
            table = self.client.get_table(copy)
        return self.client.list_rows(table).to_arrow(bqstorage_client=self.storage[0])

    def close(self) -> None:
        """Close what is open to the emulator."""
        self.client.close()
        for client in self.storage:
            client.transport.close()

    def _parsed(self) -> Manifest:
        key = json.dumps(self.variables, sort_keys=True)
        if key not in self.manifests:
            self.manifests[key] = self._invoke(None, "parse").result
        return self.manifests[key]

    def _invoke(self, manifest: Manifest | None, command: str, *options: str) -> Any:
        arguments = [
            *("--quiet", command, "--no-write-json", "--use-fast-test-edges"),
            *("--project-dir", str(PROJECT_DIRECTORY), "--profiles-dir", str(self.directory)),
            *("--target", "bigquery", "--target-path", str(self.directory / "target")),
            *("--log-path", str(self.directory / "logs"), "--log-level-file", "none"),
            *("--vars", json.dumps(self.variables)),
            *options,
        ]
        # The sample, whatever the shell has set.
        with mock.patch.dict(os.environ, {"CHAIN_DATA": "", "LABEL_DATA": ""}):
            result = dbtRunner(manifest=manifest).invoke(arguments)
        if result.exception:
            raise result.exception
        return result

    def _write_profile(self, emulator: Emulator) -> None:
        output = {
            "type": "bigquery",
            "method": "oauth-secrets",
            "token": "anonymous",
            "api_endpoint": emulator.rest_url,
            "project": PROJECT,
            "dataset": DATASET,
            "location": "US",
            "threads": 2,
            "submission_method": "bigframes",
        }
        profile = {"target": "bigquery", "outputs": {"bigquery": output}}
        text = yaml.safe_dump({"ethereum_address_intelligence": profile})
        (self.directory / "profiles.yml").write_text(text)


def _is_replaceable(*_: Any) -> bool:
    return True


def _node(result: Any) -> Node:
    node = result.node
    kind = str(node.resource_type)
    return Node(
        id=node.unique_id,
        kind=f"{node.language} model" if kind == "model" else kind,
        name=node.name,
        status=str(result.status),
        message=result.message or "",
        seconds=result.execution_time,
    )
