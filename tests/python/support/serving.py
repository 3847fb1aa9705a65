"""The copies of a small build, and requests to the look-up."""

import json
import os
import shutil
import socket
import threading
import time
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import httpx
import pytest
import uvicorn

from commands.lookup.app import create_app
from commands.lookup.service import Service
from commands.lookup.settings import Settings
from commands.publish.__main__ import main as publish
from commands.publish.copy import lookup_copy
from support import REAL_DATA
from support.dbt_project import SMALL_CHAIN, DbtProject, Run

REAL_CHAIN = REAL_DATA / "chain_2015_2018"

# Real transactions up to here hold scams enough to train on, and train in minutes.
REAL_UNTIL = "2017-12-01"
BI_COPY = "any name.duckdb"

FAST_TRAINING = {"lead_time_cutoffs": 0, "rolling_cutoff_percents": []}


def published_copy(request: pytest.FixtureRequest, directory: Path) -> Path:
    """Publish the build of the simulated chain as a user does; returns the look-up's file."""
    dbt, run, chain = (
        request.getfixturevalue(name) for name in ("dbt", "built_chain", "simulated_chain")
    )
    return _published(dbt, run, chain, directory, {})


def published_real_copy(dbt: DbtProject, directory: Path) -> Path:
    """Build and publish real transactions, those before REAL_UNTIL; returns the look-up's file."""
    chain = directory / "chain"
    chain.mkdir()
    duckdb.sql(
        f"copy (from '{REAL_CHAIN}/transactions.parquet' where block_timestamp < '{REAL_UNTIL}')"
        f" to '{chain}/transactions.parquet'"
    )
    shutil.copy(REAL_CHAIN / "labels.csv", chain)
    run = dbt.run(
        directory / "built",
        chain=chain,
        labels=chain / "labels.csv",
        options=["--exclude", "tag:graph"],
        **FAST_TRAINING,
    )
    assert run.success, run.errors
    return _published(dbt, run, chain, directory, FAST_TRAINING)


def _published(
    dbt: DbtProject, run: Run, chain: Path, directory: Path, variables: dict[str, Any]
) -> Path:
    path = directory / BI_COPY
    environment = dbt.environment(run.database, chain, chain / "labels.csv")
    with mock.patch.dict(os.environ, environment):
        exit_code = publish(
            [
                *("--out", str(path), "--vars", json.dumps(SMALL_CHAIN | variables)),
                *("--target", "duckdb", "--profiles-dir", str(dbt.directory)),
                *("--target-path", str(directory / "target")),
            ]
        )
    assert exit_code == 0
    return lookup_copy(path)


class Server:
    """The look-up on a free port of this machine, in a thread."""

    def __init__(self, settings: Settings, copies: Any = None) -> None:
        """Start it; ready when this returns."""
        self.app = create_app(settings, copies)
        self.sockets = [socket.create_server(("127.0.0.1", 0))]
        port = self.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        config = uvicorn.Config(self.app, log_config=None, access_log=False)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(
            target=self.server.run, kwargs={"sockets": self.sockets}, daemon=True
        )
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        self.client = httpx.Client(base_url=self.url, timeout=30)

    @property
    def service(self) -> Service:
        """What stands behind the routes."""
        return self.app.app.state.service

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Ask."""
        return self.client.get(path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Send."""
        return self.client.post(path, **options)

    def stop(self) -> None:
        """Let it finish what it does, and end."""
        self.client.close()
        self.server.should_exit = True
        self.thread.join(timeout=30)
        for open_socket in self.sockets:
            open_socket.close()
        assert not self.thread.is_alive()


def bi_copy(path: Path) -> Path:
    """Return the copy for BI tools beside the look-up's."""
    return path.with_name(BI_COPY)


def rows(path: Path, sql: str) -> list[tuple]:
    """Rows of a query on a copy."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{path}' as copy (read_only)")
        connection.execute("use copy")
        return connection.execute(sql).fetchall()
