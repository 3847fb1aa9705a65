"""Rows of another network than Ethereum are never read as Ethereum's."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commands.check.opening import cursor
from commands.check.plan import chain_plan
from support.dbt_project import account, transaction
from support.reader import csv_text, file_tables, json_lines, put, read, refusal

COLUMNS = [
    *("network", "chain", "Blockchain", "chain_id", "chainId", "chain_name", "chainName"),
    *("platform", "network_id", "networkId", "Chain ID", "network-name", "chain.id"),
]

ETHEREUM = [
    *(None, "", " ", "None", "nan", "NULL", "eth", "Ethereum", "MAINNET", "Ethereum Mainnet"),
    *("eth-mainnet", "ETHEREUM_MAINNET", 1, 1.0, "1", "0x1", "eip155:1", 0, "0x0"),
]
OTHERS = ["polygon", "BSC", 137, 137.0, "0x89", "eip155:56", "10", "sepolia", "ethereum classic"]


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Rows in the format that the path ends in."""
    if path.suffix != ".parquet":
        return put(path, {".csv": csv_text, ".json": json_lines}[path.suffix](rows))
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
@pytest.mark.parametrize("column", COLUMNS)
def test_rows_of_other_networks_are_refused_with_their_values_and_number(
    tmp_path: Path, column: str, ending: str
) -> None:
    said = ["polygon", "ethereum", "bsc", "polygon"]
    rows = [transaction(number, **{column: name}) for number, name in enumerate(said)]
    path = written(tmp_path / f"transactions.{ending}", rows)
    message = refusal(tmp_path)
    assert message.startswith(f"{path}: the column `{column}` says `polygon` (2 rows), `bsc` (1 ")
    assert "Leave them out" in message
    assert "take the column out" in message


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
@pytest.mark.parametrize("value", OTHERS)
def test_every_spelling_of_another_network_is_refused(
    tmp_path: Path, value: object, ending: str
) -> None:
    written(tmp_path / f"transactions.{ending}", [transaction(1, chain=value)])
    assert f"says `{str(value).lower()}` (1 row)" in refusal(tmp_path)


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
@pytest.mark.parametrize("value", ETHEREUM)
def test_every_spelling_of_ethereum_is_read(tmp_path: Path, value: object, ending: str) -> None:
    written(tmp_path / f"transactions.{ending}", [transaction(1, chain_id=value)])
    assert len(read(tmp_path)) == 1


@pytest.mark.parametrize("kind", [pa.uint64(), pa.float64(), pa.decimal128(38, 0), pa.binary()])
def test_a_chain_id_is_known_in_every_type(tmp_path: Path, kind: pa.DataType) -> None:
    def ids(*numbers: int) -> pa.Array:
        if kind == pa.binary():
            return pa.array([number.to_bytes() for number in numbers])
        return pa.array(numbers).cast(kind)

    table = pa.Table.from_pylist([transaction(1), transaction(2)])
    path = tmp_path / "transactions.parquet"
    pq.write_table(table.append_column("chain_id", ids(1, 1)), path)
    assert len(read(tmp_path)) == 2
    pq.write_table(table.append_column("chain_id", ids(1, 137)), path)
    assert "(1 row)" in refusal(tmp_path)


TABLES = {
    "tokens": {"address": account(1), "symbol": "X"},
    "blocks": {"number": 1, "timestamp": 1705309200},
    "balances": {"address": account(1), "eth_balance": 1},
    "contracts": {"address": account(1)},
    "receipts": {"transaction_hash": transaction(1)["hash"], "status": 1},
}


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_looked_at(tmp_path: Path, table: str) -> None:
    rows = [TABLES[table] | {"chainId": number} for number in (1, 137)]
    path = written(tmp_path / f"{table}.csv", rows)
    assert f"{path}: the column `chainId` says `137` (1 row)" in refusal(tmp_path)


def test_the_network_of_a_folder_is_looked_at(tmp_path: Path) -> None:
    for number, name in enumerate(["ethereum", "polygon"]):
        written(tmp_path / f"transactions/blockchain={name}/a.csv", [transaction(number)])
    message = refusal(tmp_path)
    path = tmp_path / "transactions/blockchain=polygon/a.csv"
    assert message.startswith(f"{path}: its folder `blockchain=…` says `polygon` (1 row)")
    assert "rename the folder" in message


@pytest.mark.parametrize("name", ["chain_id", "chain_name"])
def test_the_network_of_a_whole_reply_is_looked_at(tmp_path: Path, name: str) -> None:
    reply = {"data": {name: "matic-mainnet", "items": [transaction(1), transaction(2)]}}
    put(tmp_path / "transactions.json", json.dumps(reply))
    assert f"the column `{name}` around the rows says `matic-mainnet` (2 rows)" in refusal(tmp_path)
    reply["data"][name] = "eth-mainnet"
    put(tmp_path / "transactions.json", json.dumps(reply))
    assert len(read(tmp_path)) == 2


def test_transactions_of_a_node_are_looked_at(tmp_path: Path) -> None:
    def of_node(number: int, chain_id: str) -> dict[str, object]:
        row = transaction(number)
        sides = {"from": row["from_address"], "to": row["to_address"]}
        return sides | {"hash": row["hash"], "value": "0x1", "chainId": chain_id}

    block = {"timestamp": "0x65a4f1c0", "transactions": [of_node(1, "0x1"), of_node(2, "0x89")]}
    put(tmp_path / "transactions.json", json.dumps({"jsonrpc": "2.0", "result": block}))
    assert "the column `chainId` says `0x89` (1 row)" in refusal(tmp_path)


def test_files_of_several_kinds_are_each_named_rightly(tmp_path: Path) -> None:
    written(tmp_path / "transactions/a.csv", [transaction(1, chain="eth")])
    written(tmp_path / "transactions/b.json", [transaction(2)])
    path = written(tmp_path / "transactions/c.csv", [transaction(3, network=1, chain="base")])
    written(tmp_path / "transactions/d.csv", [transaction(4, network="eth", chain="eth")])
    assert refusal(tmp_path).startswith(f"{path}: the column `chain` says `base`")


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_which_of_two_columns_says_the_network_is_asked(tmp_path: Path, ending: str) -> None:
    path = written(tmp_path / f"transactions.{ending}", [transaction(1, Chain="eth", chain="bsc")])
    assert f"{path} has the column Chain 2 times (Chain, chain). Keep one." in refusal(tmp_path)


def test_a_column_that_is_read_as_another_one_is_no_network(tmp_path: Path) -> None:
    rows = [{"address": account(1), "platform": "X"}]
    written(tmp_path / "tokens.csv", rows)
    assert read(tmp_path, "tokens", "{tokens: {symbol: platform}}") == [
        {"address": account(1), "symbol": "X"}
    ]


def test_of_files_without_such_a_column_nothing_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "transactions.csv", [transaction(1)])
    monkeypatch.setattr("commands.check.values.cursor", None)
    assert chain_plan(str(tmp_path), file_tables(), "").files


def test_of_parquet_only_that_column_is_read(tmp_path: Path) -> None:
    """A damaged page of another column is left to the build, which names it."""
    rows = [transaction(number, chain_id=1) for number in range(3)]
    path = written(tmp_path / "transactions.parquet", rows)
    position = pq.ParquetFile(path).metadata.row_group(0).column(0).data_page_offset
    content = bytearray(path.read_bytes())
    content[position : position + 8] = b"\xff" * 8
    path.write_bytes(content)
    assert chain_plan(str(tmp_path), file_tables(), "").files
    with pytest.raises(duckdb.Error):
        cursor().execute(f"from '{path}'").fetchall()


def test_a_file_whose_column_cannot_be_read_stops_with_the_fault(tmp_path: Path) -> None:
    text = csv_text([transaction(1, chain="eth")]) + "0x1,2\n"
    path = put(tmp_path / "transactions.csv", text)
    assert refusal(tmp_path).startswith(f"{path}: line 3 does not have the 6 fields")
