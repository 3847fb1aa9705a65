"""The SQL's feature dictionary equals the oracle, column by column, on generated chains.

The project is compiled once. Every generated chain is then written as the Parquet file its
staging reads, and the compiled models run in DuckDB up to `address_window_features`: parsing,
duplicates, windows and formulas together.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from maintenance.compiled_project import (
    DATABASE_NAME,
    CompiledProject,
    build,
    duckdb_settings,
)
from support.dbt_project import DbtProject
from support.oracle import compare, deduplicate, window_features
from support.strategies import chains_with_duplicates, transactions_frame

# Types of the public table.
SCHEMA = pa.schema(
    {
        "hash": pa.string(),
        "from_address": pa.string(),
        "to_address": pa.string(),
        "value": pa.decimal128(38),
        "gas": pa.int64(),
        "gas_price": pa.int64(),
        "receipt_status": pa.int64(),
        "block_timestamp": pa.timestamp("us"),
        "block_number": pa.int64(),
        "transaction_index": pa.int64(),
    }
)

FEATURES = "address_window_features"
WINDOWS = "feature_windows"


@dataclass(frozen=True)
class Project:
    """The compiled project, a database to run it in and the file it reads."""

    compiled: CompiledProject
    connection: duckdb.DuckDBPyConnection
    transactions_file: Path

    def run(self, transactions: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Tables of all windows and of all windows' features for a chain."""
        write_transactions(transactions, self.transactions_file)
        build(self.connection, self.compiled.lineage([WINDOWS, FEATURES]))
        return self.table(WINDOWS), self.table(FEATURES)

    def table(self, model: str) -> pd.DataFrame:
        return self.connection.execute(f"select * from {self.compiled.relation(model)}").df()


def write_transactions(transactions: pd.DataFrame, file: Path) -> None:
    columns = {name: transactions[name].tolist() for name in SCHEMA.names}
    columns["value"] = [Decimal(value) for value in columns["value"]]
    pq.write_table(pa.table(columns, schema=SCHEMA), file)


@pytest.fixture(scope="module")
def project(dbt: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    chain_data = tmp_path_factory.mktemp("chain")
    transactions_file = chain_data / "transactions.parquet"
    write_transactions(transactions_frame([]), transactions_file)
    compiled = dbt.compiled(f"+{WINDOWS} +{FEATURES}", chain=chain_data)
    # The file changes from case to case, so nothing of it may be remembered.
    with duckdb.connect(config={"enable_external_file_cache": False}) as connection:
        for name, value in duckdb_settings().items():
            connection.execute(f"set {name} = '{value}'")
        connection.execute(f"attach ':memory:' as \"{DATABASE_NAME}\"")
        yield Project(compiled, connection, transactions_file)


@settings(max_examples=40, deadline=None)
@given(chains_with_duplicates())
def test_every_window_equals_the_oracle(project: Project, transactions: pd.DataFrame):
    windows, features = project.run(transactions)
    accepted = deduplicate(transactions)
    check_windows(windows.set_index("window_name"), sorted(accepted["block_timestamp"]))
    assert set(features["window_name"]) <= set(windows["window_name"])
    for window in windows.itertuples():
        actual = features[features["window_name"] == window.window_name]
        expected = window_features(accepted, window.window_start, window.window_end)
        try:
            compare(actual, expected)
        except AssertionError as difference:
            raise AssertionError(f"window {window.window_name}: {difference}") from None


def check_windows(windows: pd.DataFrame, times: list[datetime]) -> None:
    """Past and future meet at the time by which 80 % happened; the others hold everything."""
    if not times:
        assert windows.empty
        return
    cutoff = times[math.ceil(0.8 * len(times)) - 1]
    assert windows.loc["past", "window_end"] == cutoff
    assert windows.loc["future", "window_start"] == cutoff
    for name in ("lifetime", "past"):
        assert windows.loc[name, "window_start"] <= times[0]
    for name in ("lifetime", "future"):
        assert windows.loc[name, "window_end"] > times[-1]
