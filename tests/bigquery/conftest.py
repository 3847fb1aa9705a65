"""One emulator, and one build of the sample on it, for all tests here."""

from collections.abc import Iterator

import pytest
from dbt_on_emulator import WITHOUT_MOST_UNIT_TESTS, Build, EmulatedProject
from emulator import Emulator, running_emulator

from support.dbt_project import SMALL_CHAIN, DbtProject, Run

REPORT = pytest.StashKey[list[str]]()

# Google's clients at the pinned versions use what their own dependencies are about to drop.
CLIENT_WARNINGS = [
    "ignore:The inplace keyword in DataFrame.set_index:DeprecationWarning:bigframes",
    "ignore:Retrieving Arrow record batches directly:PendingDeprecationWarning",
    "ignore:This method will be deprecated in future versions:PendingDeprecationWarning",
]


def pytest_configure(config: pytest.Config) -> None:
    for line in CLIENT_WARNINGS:
        config.addinivalue_line("filterwarnings", line)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running_emulator(tmp_path_factory.mktemp("emulator") / "emulator.log") as running:
        yield running


@pytest.fixture(scope="session")
def project(
    emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmulatedProject]:
    """The project on the emulator, still empty; `sample_build` fills it."""
    project = EmulatedProject(tmp_path_factory.mktemp("bigquery"), emulator, SMALL_CHAIN)
    yield project
    project.close()


@pytest.fixture(scope="session")
def sample_build(project: EmulatedProject) -> Build:
    """The first build of everything, with data tests and some unit tests."""
    return project.build(*WITHOUT_MOST_UNIT_TESTS)


@pytest.fixture(scope="session")
def duckdb_build(dbt: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same sample and variables on DuckDB."""
    run = dbt.run(tmp_path_factory.mktemp("duckdb"), **SMALL_CHAIN)
    assert run.success, run.errors
    return run


@pytest.fixture
def report(request: pytest.FixtureRequest) -> list[str]:
    """Lines to print after the tests, passed or not."""
    return request.config.stash.setdefault(REPORT, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for line in config.stash.get(REPORT, []):
        terminalreporter.write_line(line)
