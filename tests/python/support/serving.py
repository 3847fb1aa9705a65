"""A serving copy of a small build, and requests to the look-up."""

import os
from pathlib import Path
from unittest import mock

import pytest

from commands.publish.__main__ import main as publish
from support.dbt_project import SMALL_CHAIN


def published_copy(request: pytest.FixtureRequest, directory: Path) -> Path:
    """Publish the build of the simulated chain as a user does; returns the file."""
    dbt, run, chain = (
        request.getfixturevalue(name) for name in ("dbt", "built_chain", "simulated_chain")
    )
    path = directory / "any name.duckdb"
    variables = "{" + ", ".join(f"{name}: {value}" for name, value in SMALL_CHAIN.items()) + "}"
    environment = dbt.environment(run.database, chain, chain / "labels.csv")
    with mock.patch.dict(os.environ, environment):
        exit_code = publish(
            [
                *("--out", str(path), "--vars", variables, "--target", "duckdb"),
                *("--profiles-dir", str(dbt.directory)),
                *("--target-path", str(directory / "target")),
            ]
        )
    assert exit_code == 0
    return path
