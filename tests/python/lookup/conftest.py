"""Fixtures of the look-up: a serving copy of a small build."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commands.lookup.settings import Settings
from support import REAL_DATA, serving
from support.dbt_project import DbtProject


@pytest.fixture(scope="session")
def serving_copy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy of the simulated chain that `make publish` writes, to be read only."""
    return serving.published_copy(request, tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="session")
def real_copy(dbt: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of real transactions, skipped where there are none (env REAL_DATA)."""
    if not serving.REAL_CHAIN.is_dir():
        pytest.skip(f"no real data in {REAL_DATA}")
    return serving.published_real_copy(dbt, tmp_path_factory.mktemp("published_real"))


@pytest.fixture(scope="session")
def served(
    serving_copy: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[serving.Server]:
    """The look-up with the defaults, for tests that only read or review an address of their own."""
    reviews = tmp_path_factory.mktemp("reviews") / "reviews.sqlite"
    server = serving.Server(Settings(copy=serving_copy, reviews_url=f"sqlite:///{reviews}"))
    yield server
    server.stop()


@pytest.fixture
def serve(serving_copy: Path, tmp_path: Path) -> Iterator[Callable[..., serving.Server]]:
    """Starts a look-up with settings of its own; it ends with the test."""
    servers = []

    def start(**settings: object) -> serving.Server:
        defaults = {"copy": serving_copy, "reviews_url": f"sqlite:///{tmp_path}/reviews.sqlite"}
        servers.append(serving.Server(Settings(**(defaults | settings))))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
