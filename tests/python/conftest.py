"""Loading a Python model by its path, and running it as dbt does, on a DuckDB connection."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import duckdb
import pandas as pd
import pytest
import scam_inputs
from dbt_project import DbtProject

from tools.simulator.simulation import simulate
from tools.simulator.writer import write

PYTHON_MODELS = Path(__file__).parents[2] / "python_models"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, PYTHON_MODELS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def python_model() -> Callable[[str], ModuleType]:
    return load


class Warehouse:
    """Tables in memory, and incremental runs of a Python model as dbt-duckdb makes them."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()

    def write(self, name: str, frame: pd.DataFrame) -> None:
        self.connection.sql(f"create or replace table {name} as select * from frame")

    def read(self, name: str) -> pd.DataFrame:
        return self.connection.sql(f"select * from {name} order by all").df()

    def types(self, name: str) -> dict[str, str]:
        return dict(
            self.connection.sql(
                f"select column_name, column_type from (describe {name})"
            ).fetchall()
        )

    def run(self, module: ModuleType, meta: dict[str, Any] | None = None) -> pd.DataFrame:
        """Run the module's model into the table of its name, and return the rows it made."""
        name, config = module.__name__, {}

        def configure(**settings: Any) -> None:
            config.update(settings)

        configure.meta_get = lambda key, default=None: (meta or {}).get(key, default)
        is_incremental = self.exists(name)
        dbt = SimpleNamespace(
            ref=lambda table: self.connection.query(f"select * from {table}"),
            config=configure,
            is_incremental=is_incremental,
            this=name,
        )
        made = module.model(dbt, self.connection)
        if is_incremental:
            same = " and ".join(f"made.{key} = {name}.{key}" for key in config["unique_key"])
            self.connection.sql(f"delete from {name} using made where {same}")
            self.connection.sql(f"insert into {name} select * from made")
        else:
            self.write(name, made)
        return made

    def exists(self, name: str) -> bool:
        found = self.connection.sql(f"select * from duckdb_tables() where table_name = '{name}'")
        return bool(found.fetchall())


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
        scam_inputs.VIEWS,
        scam_inputs.SCAM_LABELS,
        search="quick",
        unlabelled_sample_percent=100,
        known_runs=set(),
    )
    return module.typed(rows, module.COLUMNS)


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> DbtProject:
    """The project's dbt commands, run in this process."""
    return DbtProject(tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="session")
def simulated_chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """CHAIN_DATA with 4,000 simulated transactions, and labels.csv beside them."""
    directory = tmp_path_factory.mktemp("simulated")
    write(simulate(4000, seed=1), directory, "csv")
    return directory
