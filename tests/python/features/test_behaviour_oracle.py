"""The SQL's features of behaviour equal their oracle, column by column, on generated chains.

Like `test_dictionary_oracle`, with token transfers and two addresses that look alike.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_dictionary_oracle import FEATURES, WINDOWS, Project, write_transactions

from maintenance.compiled_project import DATABASE_NAME, duckdb_settings
from support.behaviour_oracle import window_behaviour
from support.catalogue import feature_names
from support.dbt_project import DbtProject
from support.oracle import compare, deduplicate
from support.strategies import ADDRESSES, chains_with_duplicates, times, transactions_frame

LOOK_ALIKE = {"0x" + "3" * 40: "0x0000" + "7" * 32 + "0000"}  # of 0x000…0
NFT = "0x" + "ab" * 20
TOKENS = ["0x" + "f" * 40, NFT]
TOKEN_COLUMNS = ["token_address", "from_address", "to_address", "value", "block_timestamp"]


def token_transfers() -> st.SearchStrategy[pd.DataFrame]:
    """Up to 15 token transfers, some of nothing, some of more than any number holds."""
    transfer = st.fixed_dictionaries(
        {
            "token_address": st.sampled_from(TOKENS),
            "from_address": st.sampled_from(ADDRESSES).map(renamed),
            "to_address": st.sampled_from(ADDRESSES).map(renamed),
            "value": st.sampled_from([0, 0, 1, 10**18, 2**256 - 1]),
            "block_timestamp": times(),
        }
    )
    return st.lists(transfer, max_size=15).map(
        lambda rows: pd.DataFrame(rows, columns=TOKEN_COLUMNS, dtype=object)
    )


def renamed(address: str | None) -> str | None:
    return LOOK_ALIKE.get(address, address)


def write_token_transfers(transfers: pd.DataFrame, folder: Path) -> None:
    columns = {name: transfers[name].tolist() for name in TOKEN_COLUMNS}
    columns["value"] = [str(value) for value in columns["value"]]
    columns["transaction_hash"] = [f"0x{number:064x}" for number in range(len(transfers))]
    columns["log_index"] = list(range(len(transfers)))
    types = {name: pa.string() for name in columns}
    types |= {"log_index": pa.int64(), "block_timestamp": pa.timestamp("us")}
    table = pa.table(columns, schema=pa.schema([(name, types[name]) for name in columns]))
    pq.write_table(table, folder / "token_transfers.parquet")


@pytest.fixture(scope="module")
def chain_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chain")
    write_transactions(transactions_frame([]), folder / "transactions.parquet")
    write_token_transfers(pd.DataFrame(columns=TOKEN_COLUMNS), folder)
    contracts = pd.DataFrame({"address": [NFT], "is_erc20": [False], "is_erc721": [True]})
    contracts.to_parquet(folder / "contracts.parquet", index=False)
    return folder


@pytest.fixture(scope="module")
def project(dbt: DbtProject, chain_data: Path) -> Iterator[Project]:
    compiled = dbt.compiled(f"+{WINDOWS} +{FEATURES}", chain=chain_data)
    with duckdb.connect(config={"enable_external_file_cache": False}) as connection:
        for name, value in duckdb_settings().items():
            connection.execute(f"set {name} = '{value}'")
        connection.execute(f"attach ':memory:' as \"{DATABASE_NAME}\"")
        yield Project(compiled, connection, chain_data / "transactions.parquet")


@settings(max_examples=25, deadline=None)
@given(chains_with_duplicates(), token_transfers())
def test_every_window_equals_the_oracle(
    project: Project, chain_data: Path, transactions: pd.DataFrame, transfers: pd.DataFrame
):
    for column in ("from_address", "to_address"):
        renamed_column = [renamed(address) for address in transactions[column]]
        transactions[column] = pd.Series(renamed_column, dtype=object)
    write_token_transfers(transfers, chain_data)
    windows, features = project.run(transactions)
    accepted = deduplicate(transactions)
    for window in windows.itertuples():
        bounds = window.window_start, window.window_end
        expected = window_behaviour(accepted, transfers, *bounds, nft_contracts=[NFT])
        actual = features[features["window_name"] == window.window_name]
        if expected.empty:
            assert actual.empty
            continue
        assert set(expected.columns) == {"address", *feature_names("behaviour")}
        try:
            compare(actual, expected)
        except AssertionError as difference:
            raise AssertionError(f"window {window.window_name}: {difference}") from None
