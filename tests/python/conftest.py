"""Fixtures of all tests: Python models without dbt, dbt in this process, a simulated chain."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from maintenance.simulator.simulation import simulate
from maintenance.simulator.writer import write
from support import scam_inputs
from support.catalogue import catalogue_table
from support.dbt_project import DbtProject, Run
from support.python_models import Warehouse, load


@pytest.fixture(scope="session")
def python_model() -> Callable[[str], ModuleType]:
    return load


@pytest.fixture
def warehouse() -> Warehouse:
    return Warehouse()


@pytest.fixture(scope="session")
def trained_scam_models() -> pd.DataFrame:
    """Rows of scam_models, trained in a moment on simulated examples."""
    module = load("scam_models")
    scam_inputs.hurry(module)
    rows = module.train(
        scam_inputs.training_examples(),
        scam_inputs.EVALUATIONS,
        catalogue_table(),
        scam_inputs.SCAM_LABELS,
        search="quick",
        unlabelled_sample_percent=100,
        known_runs=[],
    )
    return module.typed(rows, module.COLUMNS)


@pytest.fixture(scope="session")
def simulated_chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """CHAIN_DATA with 4,000 simulated transactions, and labels.csv beside them."""
    directory = tmp_path_factory.mktemp("simulated")
    write(simulate(4000, seed=1), directory, "csv")
    return directory


@pytest.fixture(scope="session")
def built_chain(
    dbt: DbtProject, simulated_chain: Path, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """A build of the simulated chain, to be read only: `copied` makes one to change."""
    run = dbt.run(
        tmp_path_factory.mktemp("built"),
        chain=simulated_chain,
        labels=simulated_chain / "labels.csv",
    )
    assert run.success, run.errors
    return run
