"""The slice puller's BigQuery, played by the emulator; test-only differences are here, with why."""

import os
import signal
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import grpc
import yaml
from emulator import PROJECT
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery_storage_v1 import BigQueryReadClient
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import (
    BigQueryReadGrpcTransport,
)

from commands.slice.tables import chain_tables
from commands.slice.warehouse import Warehouse
from support import PROJECT_DIRECTORY

SOURCE = f"{PROJECT}.crypto_ethereum"
RESULTS = f"{PROJECT}.results"
# Has transactions on every day, tokens and contract creations.
START, END = date(2018, 1, 1), date(2018, 1, 7)
SAMPLE = PROJECT_DIRECTORY / "seeds" / "sample"


def arguments(out: Path, *more: object, start: date = START, end: date = END) -> list[str]:
    """Arguments of the puller for the sample in the emulator, and `more` of them."""
    options = ["--out", out, "--start", start, "--end", end, "--source", SOURCE]
    return [str(option) for option in [*options, "--project", PROJECT, *more]]


class EmulatedClient(bigquery.Client):
    """A client that remembers its queries, keeps their results, and puts a size on dry runs."""

    def __init__(self, rest_url: str, bytes_of: Callable[[str], int]) -> None:
        # Nobody to log in to.
        super().__init__(
            PROJECT, AnonymousCredentials(), client_options=ClientOptions(api_endpoint=rest_url)
        )
        self.bytes_of = bytes_of
        self.dry_runs: list[tuple[str, bigquery.QueryJobConfig]] = []
        self.queries: list[tuple[str, bigquery.QueryJobConfig]] = []
        self.keeps_results = True

    def query(self, query: str, job_config: bigquery.QueryJobConfig, **options: Any) -> Any:
        if not job_config.dry_run:
            self.queries.append((query, job_config))
            return super().query(self._kept(query), job_config, retry=None, job_retry=None)
        self.dry_runs.append((query, job_config))
        job = super().query(query, job_config, retry=None)
        # The emulator has no notion of bytes.
        job._properties["statistics"]["query"]["totalBytesProcessed"] = str(self.bytes_of(query))
        return job

    def _kept(self, query: str) -> str:
        # Its storage interface does not know the temporary table that every query leaves.
        if not self.keeps_results:
            return query
        return f"create or replace table `{RESULTS}.result_{len(self.queries)}` as\n{query}"


class EmulatedReader(BigQueryReadClient):
    """A storage client without TLS that counts what it reads, and can be told to break off."""

    def __init__(self, grpc_address: str) -> None:
        super().__init__(
            transport=BigQueryReadGrpcTransport(channel=grpc.insecure_channel(grpc_address))
        )
        self.reads = 0
        self.before_read: Callable[[int], None] = lambda number: None

    def read_rows(self, *arguments: Any, **options: Any) -> Any:
        self.reads += 1
        self.before_read(self.reads)
        return super().read_rows(*arguments, **options)


class EmulatedBigQuery:
    """Stands for the function `connect` of the puller."""

    def __init__(
        self, rest_url: str, grpc_address: str, bytes_of: Callable[[str], int] = lambda query: 0
    ) -> None:
        self.client = EmulatedClient(rest_url, bytes_of)
        self.reader = EmulatedReader(grpc_address)

    def __call__(self, project: str, is_rest: bool, max_bytes: int) -> Warehouse:
        self.client.keeps_results = not is_rest
        return Warehouse(self.client, None if is_rest else self.reader, max_bytes)


def dies_at(number: int) -> Callable[[int], None]:
    """For `EmulatedReader.before_read`: the process is killed at this read."""

    def before_read(read: int) -> None:
        if read == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return before_read


def load_sample(client: bigquery.Client) -> None:
    """Load the simulated sample as tables like the public ones, all its columns, partitioned."""
    client.create_dataset(SOURCE, retry=None)
    client.create_dataset(RESULTS, retry=None)
    for name, table in chain_tables().items():
        schema = sample_schema(name)
        made = bigquery.Table(f"{SOURCE}.{name}", schema)
        if table.partition:
            made.time_partitioning = bigquery.TimePartitioning(field=table.partition)
        client.create_table(made, retry=None)
        configuration = bigquery.LoadJobConfig(
            source_format="CSV", skip_leading_rows=1, schema=schema
        )
        with sample_file(name).open("rb") as file:
            client.load_table_from_file(file, made, job_config=configuration).result()


def sample_file(name: str) -> Path:
    """CSV of a simulated table."""
    return SAMPLE / f"sample_{name}.csv"


def sample_schema(name: str) -> list[bigquery.SchemaField]:
    """Every column of a simulated table, with the public table's type."""
    project = yaml.safe_load((PROJECT_DIRECTORY / "dbt_project.yml").read_text())
    seeds = project["seeds"]["ethereum_address_intelligence"]["sample"]
    types = seeds[f"sample_{name}"]["+column_types"]
    return [
        # The types that differ between the engines are wei, which is numeric in public.
        bigquery.SchemaField(column, "NUMERIC" if "{{" in kind else kind.upper())
        for column, kind in types.items()
    ]
