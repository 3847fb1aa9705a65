"""What every test process has."""

import gc

import pytest

from support.dbt_project import DbtProject


@pytest.fixture(autouse=True, scope="module")
def what_stays_is_not_looked_through() -> None:
    """Keep garbage collection off parsed projects: it would take longer than compiling them."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> DbtProject:
    """The project's dbt commands, run in this process."""
    return DbtProject(tmp_path_factory.mktemp("dbt"))
