"""Loading a Python model by its path, and running it as dbt does, on a DuckDB connection."""

import importlib.util
from types import ModuleType, SimpleNamespace
from typing import Any

import duckdb
import pandas as pd

from support import PROJECT_DIRECTORY

PYTHON_MODELS = PROJECT_DIRECTORY / "python_models"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, PYTHON_MODELS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
