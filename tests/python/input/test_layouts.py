"""Each layout that others write becomes our columns with exact values and units."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commands.check.conversions import Conversion
from commands.check.layouts import described, layouts_of
from commands.check.opening import InputFile
from commands.check.recognition import recognised
from support.dbt_project import account, transaction, transaction_hash
from support.reader import csv_text, file_tables, json_lines, plan_of, put, read, refusal

HASH, FROM, TO = transaction_hash(1), account(2), account(3)
CREATED = account(4)
SECONDS = "1705309200"

# More than 64 bits hold, and not a number that a double can tell from its neighbours.
WEI = 119_999_999 * 10**18 + 1

SIDES = {"hash": HASH, "from_address": FROM, "to_address": TO}


def as_text(row: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in row.items()}


def read_one(chain: Path, table: str = "transactions") -> dict[str, str]:
    [row] = read(chain, table)
    return as_text(row)


def layout_of(chain: Path) -> set[str]:
    return {file["layout"] for file in plan_of(chain).files}


# --- CSV of explorers, amounts in ether ---

EXPLORER = {
    "Transaction Hash": HASH,
    "Blockno": 19_000_000,
    "UnixTimestamp": SECONDS,
    "DateTime (UTC)": "2024-01-15 09:00:00",
    "From": FROM,
    "To": TO,
    "ContractAddress": "",
    "Value_IN(ETH)": "0",
    "Value_OUT(ETH)": "119999999.000000000000000001",
    "CurrentValue @ $2500/Eth": "0",
    "TxnFee(ETH)": "0.001",
    "TxnFee(USD)": "2.5",
    "Historical $Price/Eth": "2500",
    "Status": "",
    "ErrCode": "",
    "Method": "Transfer",
}

BLOCKSCOUT = {
    "TxHash": HASH,
    "BlockNumber": 19_000_000,
    "UnixTimestamp": SECONDS,
    "FromAddress": FROM,
    "ToAddress": TO,
    "ContractAddress": CREATED,
    "Type": "OUT",
    "Value": WEI,
    "Fee": 21000,
    "Status": "ok",
    "ErrCode": "",
}


def quoted_csv(*rows: dict[str, Any]) -> str:
    names = {f'"{name}"': name for name in rows[0]}
    return csv_text([{quoted: f'"{row[name]}"' for quoted, name in names.items()} for row in rows])


@pytest.mark.parametrize("name", ["Transaction Hash", "Txhash"])
@pytest.mark.parametrize("direction", ["OUT", "IN"])
def test_explorer_csv(tmp_path: Path, name: str, direction: str) -> None:
    row = {name if key == "Transaction Hash" else key: value for key, value in EXPLORER.items()}
    if direction == "IN":
        row["Value_IN(ETH)"], row["Value_OUT(ETH)"] = row["Value_OUT(ETH)"], row["Value_IN(ETH)"]
    put(tmp_path / "transactions.csv", quoted_csv(row))
    assert layout_of(tmp_path) == {"explorer_csv"}
    found = read_one(tmp_path)
    assert int(found.pop("value")) == WEI
    assert found.pop("receipt_contract_address", "") == ""
    assert found == SIDES | {
        "block_timestamp": SECONDS,
        "block_number": "19000000",
        "receipt_status": "1",
    }


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("", "", "1"),
        ("nan", "None", "1"),
        (" ", "NULL", "1"),
        ("ok", "", "1"),
        ("Success", "nan", "1"),
        ("1", "", "1"),
        ("TRUE", "", "1"),
        ("Error(0)", "Reverted", "0"),
        ("Error(1)", "", "0"),
        ("Failed", "", "0"),
        ("reverted", "", "0"),
        ("0", "", "0"),
        ("False", "", "0"),
        ("", "Out of gas", "0"),
        ("ok", "Reverted", "0"),
        # No status at all: staging rejects it.
        ("Pending", "", "Pending Status"),
        ("2", "nan", "2 Status"),
    ],
)
@pytest.mark.parametrize("layout", ["explorer_csv", "blockscout_csv"])
def test_a_csv_of_an_explorer_says_which_transactions_failed(
    tmp_path: Path, layout: str, status: str, code: str, expected: str
) -> None:
    row = {"explorer_csv": EXPLORER, "blockscout_csv": BLOCKSCOUT}[layout]
    put(tmp_path / "transactions.csv", quoted_csv(row | {"Status": status, "ErrCode": code}))
    assert layout_of(tmp_path) == {layout}
    assert read_one(tmp_path)["receipt_status"] == expected


def test_an_amount_of_an_explorer_that_is_none_is_never_zero(tmp_path: Path) -> None:
    put(tmp_path / "transactions.csv", quoted_csv(EXPLORER | {"Value_OUT(ETH)": "1,5"}))
    assert read_one(tmp_path)["value"] == "0 1,5"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.5", 1_234_500 * 10**15),
        ("-1,234,567.25", -1_234_567_250 * 10**15),
        ("1,234", "0 1,234"),
        ("12,34.5", "0 12,34.5"),
        ("1.234,5", "0 1.234,5"),
    ],
)
def test_commas_are_thousands_before_a_point_only(
    tmp_path: Path, text: str, value: int | str
) -> None:
    """Elsewhere they may be decimal commas, so the amount is passed on to be rejected."""
    put(tmp_path / "transactions.csv", quoted_csv(EXPLORER | {"Value_OUT(ETH)": text}))
    found = read_one(tmp_path)["value"]
    assert (int(found) if isinstance(value, int) else found) == value


@pytest.mark.parametrize("layout", ["explorer_csv", "blockscout_csv"])
def test_a_status_without_a_code_of_the_error_is_read(tmp_path: Path, layout: str) -> None:
    row = {"explorer_csv": EXPLORER, "blockscout_csv": BLOCKSCOUT}[layout]
    rows = [row | {"Status": status} for status in ("", "Error(0)")]
    for each in rows:
        del each["ErrCode"]
    put(tmp_path / "transactions.csv", quoted_csv(*rows))
    assert [each["receipt_status"] for each in read(tmp_path)] == ["1", "0"]


@pytest.mark.parametrize("layout", ["explorer_csv", "blockscout_csv"])
def test_a_code_of_the_error_without_a_status_is_read(tmp_path: Path, layout: str) -> None:
    row = {"explorer_csv": EXPLORER, "blockscout_csv": BLOCKSCOUT}[layout]
    rows = [row | {"ErrCode": code} for code in ("", "Reverted", "Out of gas")]
    for each in rows:
        del each["Status"]
    put(tmp_path / "transactions.csv", quoted_csv(*rows))
    assert layout_of(tmp_path) == {layout}
    assert [each["receipt_status"] for each in read(tmp_path)] == ["1", "0", "0"]


@pytest.mark.parametrize(
    ("into", "out", "value"),
    [
        ("0", "-1.5", -15 * 10**17),
        ("-0.000000000000000001", "2", -1),
        ("-1", "", -(10**18)),
        ("0", "", 0),
        ("", "1.5", 15 * 10**17),
        ("0", "0", 0),
    ],
)
def test_a_negative_amount_of_an_explorer_is_not_hidden_by_the_other(
    tmp_path: Path, into: str, out: str, value: int
) -> None:
    row = EXPLORER | {"Value_IN(ETH)": into, "Value_OUT(ETH)": out}
    put(tmp_path / "transactions.csv", quoted_csv(row))
    assert int(read_one(tmp_path)["value"]) == value


def test_blockscout_csv(tmp_path: Path) -> None:
    put(tmp_path / "transactions.csv", csv_text([BLOCKSCOUT, BLOCKSCOUT | {"Status": "error"}]))
    assert layout_of(tmp_path) == {"blockscout_csv"}
    expected = SIDES | {
        "value": str(WEI),
        "block_timestamp": SECONDS,
        "block_number": "19000000",
        "receipt_contract_address": CREATED,
    }
    assert read(tmp_path) == [
        expected | {"receipt_status": "1"},
        expected | {"receipt_status": "0"},
    ]


# --- replies of explorers ---

TXLIST = {
    "blockNumber": "19000000",
    "timeStamp": SECONDS,
    "hash": HASH,
    "nonce": "1",
    "blockHash": transaction_hash(99),
    "transactionIndex": "7",
    "from": FROM,
    "to": TO,
    "value": str(WEI),
    "gas": "21000",
    "gasPrice": "20000000000",
    "isError": "0",
    "txreceipt_status": "1",
    "input": "0x",
    "contractAddress": "",
    "cumulativeGasUsed": "5000000",
    "gasUsed": "20999",
    "confirmations": "100",
}
TXLIST_READ = SIDES | {
    "value": str(WEI),
    "block_timestamp": SECONDS,
    "block_number": "19000000",
    "transaction_index": "7",
    "gas": "21000",
    "gas_price": "20000000000",
    "receipt_gas_used": "20999",
    "receipt_contract_address": "",
    "receipt_status": "1",
}


@pytest.mark.parametrize("form", ["reply", "pretty reply", "array", "lines", "CSV"])
def test_explorer_api(tmp_path: Path, form: str) -> None:
    rows = [TXLIST, TXLIST | {"isError": "1", "hash": transaction_hash(9)}]
    reply = {"status": "1", "message": "OK", "result": rows}
    put(
        tmp_path / "transactions.json",
        {
            "reply": json.dumps(reply),
            "pretty reply": json.dumps(reply, indent=2),
            "array": json.dumps(rows),
            "lines": json_lines(rows),
            "CSV": csv_text(rows),
        }[form],
    )
    assert layout_of(tmp_path) == {"explorer_api"}
    assert [{"receipt_contract_address": ""} | row for row in read(tmp_path)] == [
        TXLIST_READ,
        TXLIST_READ | {"receipt_status": "0", "hash": transaction_hash(9)},
    ]


# Flags of an error, and the receipt status they stand for.
NO_ERROR = [0, 0.0, False, "0", "0.0", "0x0", "false", "FALSE", "f", "No", "n", " 0 "]
ERROR = [1, 1.0, True, "1", "1.0", "0x1", "true", "TRUE", "t", "yes", "Y"]
UNKNOWN = [None, "", " ", "nan", "None", "NA", "\\N"]
ERROR_FLAGS = [
    (flag, status)
    for flags, status in [(NO_ERROR, "1"), (ERROR, "0"), (UNKNOWN, None)]
    for flag in flags
]


@pytest.mark.parametrize(("flag", "status"), ERROR_FLAGS)
def test_a_flag_of_an_error_is_read_in_every_spelling(
    tmp_path: Path, flag: object, status: str | None
) -> None:
    put(tmp_path / "transactions.json", json_lines([TXLIST | {"isError": flag}]))
    assert read(tmp_path)[0].get("receipt_status") == status


@pytest.mark.parametrize(
    "flags", [pa.array([False, True, None]), pa.array([0.0, 1.0, None]), pa.array([0, 1, None])]
)
def test_a_flag_of_an_error_is_read_with_the_type_of_its_column(
    tmp_path: Path, flags: pa.Array
) -> None:
    table = pa.Table.from_pylist([TXLIST] * 3).drop_columns("isError")
    pq.write_table(table.append_column("isError", flags), tmp_path / "transactions.parquet")
    assert [row.get("receipt_status") for row in read(tmp_path)] == ["1", "0", None]


@pytest.mark.parametrize("flag", ["maybe", "2", "error", "ok", "success"])
def test_a_flag_of_an_error_that_is_none_is_passed_on(tmp_path: Path, flag: str) -> None:
    """Not as it is: staging reads ok and error as a status, which says the contrary."""
    put(tmp_path / "transactions.json", json_lines([TXLIST | {"isError": flag}]))
    assert read_one(tmp_path)["receipt_status"] == f"{flag} is_error"


def test_a_column_of_the_user_that_says_is_error_is_read_alike(tmp_path: Path) -> None:
    rows = [transaction(number, bad=flag) for number, flag in enumerate(["0.0", "TRUE", "?"])]
    put(tmp_path / "transactions.csv", csv_text(rows))
    found = read(tmp_path, columns="{transactions: {receipt_status: {is_error: bad}}}")
    assert [row["receipt_status"] for row in found] == ["1", "0", "? is_error"]


def test_a_reply_without_rows_is_refused(tmp_path: Path) -> None:
    reply = {"status": "0", "message": "NOTOK", "result": "Max rate limit reached"}
    path = put(tmp_path / "transactions.json", json.dumps(reply))
    assert f"{path} has no column `hash`" in refusal(tmp_path)


def test_explorer_token_api(tmp_path: Path) -> None:
    row = {
        "blockNumber": "19000000",
        "timeStamp": SECONDS,
        "hash": HASH,
        "from": FROM,
        "to": TO,
        "contractAddress": CREATED,
        "value": str(2**256 - 1),
        "tokenName": "A token",
        "tokenDecimal": "18",
        "logIndex": "3",
    }
    put(tmp_path / "token_transfers.json", json.dumps({"status": "1", "result": [row]}))
    assert layout_of(tmp_path) == {"explorer_token_api"}
    assert read_one(tmp_path, "token_transfers") == {
        "token_address": CREATED,
        "from_address": FROM,
        "to_address": TO,
        "value": str(2**256 - 1),
        "transaction_hash": HASH,
        "log_index": "3",
        "block_timestamp": SECONDS,
        "block_number": "19000000",
    }


# --- nodes ---

NODE_TRANSACTION = {
    "blockHash": transaction_hash(99),
    "blockNumber": hex(19_000_000),
    "from": FROM,
    "to": TO,
    "hash": HASH,
    "value": hex(WEI),
    "gas": hex(21000),
    "gasPrice": hex(20 * 10**9),
    "transactionIndex": "0x7",
    "nonce": "0x1",
    "accessList": [],
}
NODE_READ = SIDES | {
    "value": hex(WEI),
    "block_timestamp": hex(int(SECONDS)),
    "block_number": hex(19_000_000),
    "transaction_index": "0x7",
    "gas": hex(21000),
    "gas_price": hex(20 * 10**9),
}

FROM_RECEIPT = {
    "receipt_status": "0x0",
    "receipt_gas_used": "0x5208",
    "receipt_effective_gas_price": "0x7",
}


@pytest.mark.parametrize("form", ["replies", "one reply", "blocks", "array of replies"])
def test_node_blocks(tmp_path: Path, form: str) -> None:
    blocks = [
        {
            "number": hex(19_000_000),
            "timestamp": hex(int(SECONDS)),
            "transactions": [NODE_TRANSACTION, NODE_TRANSACTION | {"hash": transaction_hash(9)}],
        },
        {"number": hex(19_000_001), "timestamp": hex(int(SECONDS) + 12), "transactions": []},
    ]
    replies = [{"jsonrpc": "2.0", "id": 1, "result": block} for block in blocks]
    put(
        tmp_path / "transactions.json",
        {
            "replies": json_lines(replies),
            "one reply": json.dumps(replies[0], indent=2),
            "blocks": json_lines(blocks),
            "array of replies": json.dumps(replies),
        }[form],
    )
    assert layout_of(tmp_path) == {"node_blocks"}
    assert read(tmp_path) == [NODE_READ, NODE_READ | {"hash": transaction_hash(9)}]


def test_node_blocks_that_say_what_became_of_transactions(tmp_path: Path) -> None:
    said = {"status": "0x0", "gasUsed": "0x5208", "effectiveGasPrice": "0x7"}
    rows = [
        NODE_TRANSACTION | said | {"contractAddress": CREATED},
        # As OpenEthereum writes it.
        NODE_TRANSACTION | {"creates": CREATED},
    ]
    path = tmp_path / "transactions/1.json"
    for row, read_too in zip(rows, (FROM_RECEIPT, {}), strict=True):
        put(path, json.dumps({"timestamp": hex(int(SECONDS)), "transactions": [row]}))
        assert read_one(tmp_path) == NODE_READ | {"receipt_contract_address": CREATED} | read_too


@pytest.mark.parametrize("is_in_reply", [True, False])
def test_node_transactions(tmp_path: Path, is_in_reply: bool) -> None:
    """Asked for one by one, where the node says the time of the block."""
    row = NODE_TRANSACTION | {"blockTimestamp": hex(int(SECONDS))}
    path = put(
        tmp_path / "transactions.json",
        json_lines([{"id": 1, "result": row} if is_in_reply else row]),
    )
    assert layout_of(tmp_path) == {"node_transactions"}
    assert read(tmp_path) == [NODE_READ]
    put(path, json_lines([row | {"timestamp": SECONDS}]))
    assert layout_of(tmp_path) == {"explorer_api"}
    put(path, json.dumps({"timestamp": hex(int(SECONDS)), "transactions": [row]}))
    assert layout_of(tmp_path) == {"node_blocks"}


@pytest.mark.parametrize("form", ["eth_getBlockReceipts", "getTransactionReceipts", "lines"])
def test_node_receipts_beside_node_blocks(tmp_path: Path, form: str) -> None:
    receipt = {
        "transactionHash": HASH,
        "blockNumber": hex(19_000_000),
        "gasUsed": hex(20999),
        "contractAddress": None,
        "status": "0x0",
        "effectiveGasPrice": hex(19 * 10**9),
        "logs": [],
    }
    block = {"timestamp": hex(int(SECONDS)), "transactions": [NODE_TRANSACTION]}
    put(tmp_path / "transactions.json", json_lines([{"id": 1, "result": block}]))
    content = {
        "eth_getBlockReceipts": json.dumps({"id": 1, "result": [receipt]}),
        "getTransactionReceipts": json.dumps({"id": 1, "result": {"receipts": [receipt]}}),
        "lines": json_lines([receipt]),
    }[form]
    put(tmp_path / "receipts/block.json", content)
    assert layout_of(tmp_path) == {"node_blocks", "node_receipts"}
    assert read_one(tmp_path) == NODE_READ
    assert read_one(tmp_path, "receipts") == {
        "transaction_hash": HASH,
        "status": "0x0",
        "gas_used": hex(20999),
        "effective_gas_price": hex(19 * 10**9),
        "block_number": hex(19_000_000),
    }


# --- query services ---

DUNE = {
    "block_time": "2024-01-15 09:00:00.000 UTC",
    "block_number": 19_000_000,
    "value": WEI,
    "gas_limit": 21000,
    "gas_price": 20 * 10**9,
    "gas_used": 20999,
    "effective_gas_price": 19 * 10**9,
    "success": "false",
    "from": FROM,
    "to": TO,
    "hash": HASH,
    "index": 7,
}


def test_dune(tmp_path: Path) -> None:
    put(tmp_path / "transactions.csv", csv_text([DUNE]))
    assert layout_of(tmp_path) == {"dune"}
    assert read_one(tmp_path) == SIDES | {
        "value": str(WEI),
        "block_timestamp": "2024-01-15 09:00:00.000 UTC",
        "block_number": "19000000",
        "transaction_index": "7",
        "gas": "21000",
        "gas_price": "20000000000",
        "receipt_gas_used": "20999",
        "receipt_effective_gas_price": "19000000000",
        "receipt_status": "false",
    }


def test_dune_reply(tmp_path: Path) -> None:
    reply = {"execution_id": "x", "result": {"rows": [DUNE], "metadata": {"row_count": 1}}}
    put(tmp_path / "transactions.json", json.dumps(reply))
    assert layout_of(tmp_path) == {"dune"}
    assert read_one(tmp_path)["value"] == str(WEI)


def test_dune_tokens(tmp_path: Path) -> None:
    row = {
        "contract_address": CREATED,
        "evt_tx_hash": HASH,
        "evt_index": 3,
        "evt_block_time": "2024-01-15 09:00:00.000 UTC",
        "evt_block_number": 19_000_000,
        "from": FROM,
        "to": TO,
        "value": 2**256 - 1,
    }
    put(tmp_path / "token_transfers.csv", csv_text([row]))
    assert layout_of(tmp_path) == {"dune_tokens"}
    assert read_one(tmp_path, "token_transfers") == {
        "token_address": CREATED,
        "from_address": FROM,
        "to_address": TO,
        "value": str(2**256 - 1),
        "transaction_hash": HASH,
        "log_index": "3",
        "block_timestamp": "2024-01-15 09:00:00.000 UTC",
        "block_number": "19000000",
    }


def test_dune_blocks(tmp_path: Path) -> None:
    put(tmp_path / "blocks.csv", csv_text([{"number": 5, "time": "2024-01-15 09:00:00.000 UTC"}]))
    assert layout_of(tmp_path) == {"dune_blocks"}
    assert read_one(tmp_path, "blocks") == {
        "number": "5",
        "timestamp": "2024-01-15 09:00:00.000 UTC",
    }


CRYO = {"transaction_hash": HASH, "from_address": FROM, "to_address": TO, "value": WEI}

# --- cryo: Parquet, hashes and addresses as bytes ---


def cryo_table(is_binary: bool, **others: pa.Array) -> pa.Table:
    def hexadecimal(text: str) -> pa.Array:
        return pa.array([bytes.fromhex(text[2:])]) if is_binary else pa.array([text])

    return pa.table(
        {
            "block_number": pa.array([19_000_000], pa.uint32()),
            "transaction_hash": hexadecimal(HASH),
            "from_address": hexadecimal(FROM),
            "to_address": hexadecimal(TO),
            "timestamp": pa.array([int(SECONDS)], pa.uint32()),
            **others,
        }
    )


@pytest.mark.parametrize("is_binary", [True, False])
@pytest.mark.parametrize("value", ["value_string", "value_binary", "value as decimal text"])
def test_cryo(tmp_path: Path, is_binary: bool, value: str) -> None:
    values = {
        "value_string": pa.array([str(WEI)]),
        "value_binary": pa.array([WEI.to_bytes(32)]),
        "value": pa.array([str(WEI)]),
    }
    name = value.split()[0]
    table = cryo_table(
        is_binary,
        **{name: values[name]},
        transaction_index=pa.array([7], pa.uint64()),
        gas_limit=pa.array([21000], pa.uint64()),
        gas_price=pa.array([20 * 10**9], pa.uint64()),
        gas_used=pa.array([20999], pa.uint64()),
        success=pa.array([False]),
    )
    pq.write_table(table, tmp_path / "ethereum__transactions__19000000_to_19000999.parquet")
    assert layout_of(tmp_path) == {"cryo"}
    assert read_one(tmp_path) == SIDES | {
        "value": f"0x{WEI:064x}" if name == "value_binary" else str(WEI),
        "block_timestamp": SECONDS,
        "block_number": "19000000",
        "transaction_index": "7",
        "gas": "21000",
        "gas_price": "20000000000",
        "receipt_gas_used": "20999",
        "receipt_status": "False",
    }


@pytest.mark.parametrize("is_binary", [True, False])
def test_cryo_tokens(tmp_path: Path, is_binary: bool) -> None:
    token = bytes.fromhex(CREATED[2:]) if is_binary else CREATED
    table = cryo_table(
        is_binary,
        erc20=pa.array([token]),
        log_index=pa.array([3], pa.uint32()),
        value_string=pa.array([str(2**256 - 1)]),
        value_f64=pa.array([float(2**256)]),
    )
    pq.write_table(table, tmp_path / "ethereum__erc20_transfers__0_to_9.parquet")
    assert layout_of(tmp_path) == {"cryo_tokens"}
    assert read_one(tmp_path, "token_transfers") == {
        "token_address": CREATED,
        "from_address": FROM,
        "to_address": TO,
        "value": str(2**256 - 1),
        "transaction_hash": HASH,
        "log_index": "3",
        "block_timestamp": SECONDS,
        "block_number": "19000000",
    }


def test_cryo_blocks(tmp_path: Path) -> None:
    rows = pd.DataFrame({"block_number": [5], "timestamp": [int(SECONDS)], "author": ["0x"]})
    rows.to_parquet(tmp_path / "ethereum__blocks__0_to_9.parquet")
    assert layout_of(tmp_path) == {"cryo_blocks"}
    assert read_one(tmp_path, "blocks") == {"number": "5", "timestamp": SECONDS}


def test_cryo_contracts(tmp_path: Path) -> None:
    code = "0xef0100" + CREATED[2:]
    columns = {
        "block_number": pa.array([5], pa.uint32()),
        "contract_address": pa.array([bytes.fromhex(FROM[2:])]),
        "code": pa.array([bytes.fromhex(code[2:])]),
    }
    pq.write_table(pa.table(columns), tmp_path / "ethereum__contracts__0_to_9.parquet")
    assert layout_of(tmp_path) == {"cryo_contracts"}
    assert read_one(tmp_path, "contracts") == {"address": FROM, "bytecode": code}


# --- lists that look like transactions ---

TOKENS = {"tokenName": "A token", "tokenSymbol": "TOK", "tokenDecimal": "18"}
TOKEN_LISTS = {
    "token list of an explorer": (TXLIST | TOKENS, "tokenName"),
    "list of NFTs of an explorer": (TXLIST | {"tokenID": "7"}, "tokenID"),
    "token transfers joined with transactions": (DUNE | {"evt_index": 3}, "evt_index"),
    "transfers of a query service": (
        DUNE | {"contract_address": CREATED, "token_standard": "erc20", "trace_address": ""},
        "contract_address",
    ),
    "cryo": ({"timestamp": SECONDS} | CRYO | {"erc20": CREATED, "log_index": 3}, "log_index"),
    "our own names": (transaction(1, log_index=3, token_address=CREATED), "token_address"),
    "our own names in another way": (transaction(1, logIndex=3), "logIndex"),
    "our own names and a symbol": (transaction(1, token_symbol="TOK"), "token_symbol"),
    "our own names and words": (transaction(1, **{"Token ID": "7"}), "Token ID"),
    "our own table": (
        {"transaction_hash": HASH, "block_timestamp": SECONDS, "log_index": 3} | CRYO,
        "log_index",
    ),
}
INTERNAL_LISTS = {
    "internal list of an explorer": (TXLIST | {"traceId": "0_1", "errCode": ""}, "traceId"),
    "a CSV of Blockscout": (BLOCKSCOUT | {"CallType": "call"}, "CallType"),
    "traces of a query service": (DUNE | {"trace_address": "", "call_type": "call"}, "call_type"),
    "traces of cryo": ({"timestamp": SECONDS} | CRYO | {"trace_address": "0"}, "trace_address"),
    "our own names": (transaction(1, trace_address="0"), "trace_address"),
}


# alchemy_getAssetTransfers.
OF_ASSETS = {
    "blockNum": hex(19_000_000),
    "uniqueId": f"{HASH}:external",
    "hash": HASH,
    "from": FROM,
    "to": TO,
    "value": 2500.25,
    "asset": "USDT",
    "category": "erc20",
    "erc721TokenId": None,
    "tokenId": None,
    "rawContract": {"value": "0x1", "address": CREATED, "decimal": "0x6"},
}
MAPPED = (
    "from_address: from, to_address: to, value: {ether: value}, block_timestamp: blockTimestamp"
)


@pytest.mark.parametrize("only", ["asset", "erc721TokenId", "tokenId", "rawContract"])
@pytest.mark.parametrize("layout", ["own", "CHAIN_COLUMNS", "explorer_api", "dune", "cryo"])
def test_transfers_of_assets_are_no_transactions(tmp_path: Path, layout: str, only: str) -> None:
    """Amounts of tokens would be ether."""
    said = {only: OF_ASSETS[only] or ""}
    row = {
        "own": transaction(1) | said,
        "CHAIN_COLUMNS": {name: OF_ASSETS[name] for name in ("hash", "from", "to", "value")}
        | {"made_at": SECONDS}
        | said,
        "explorer_api": TXLIST | said,
        "dune": DUNE | said,
        "cryo": {"timestamp": SECONDS} | CRYO | said,
    }[layout]
    path = put(tmp_path / "transactions.json", json.dumps([row]))
    columns = f"{{transactions: {{{MAPPED}}}}}" if layout == "CHAIN_COLUMNS" else ""
    message = refusal(tmp_path, columns)
    assert message.startswith(f"{path} has `{only}`, which no list of transactions has")
    what = "token transfers" if only == "tokenId" else "transfers of ETH and of tokens in one list"
    assert f"It seems to hold {what}" in message
    assert f"If it does hold transactions, rename `{only}`." in message


def test_a_whole_list_of_assets_is_refused_as_one(tmp_path: Path) -> None:
    row = OF_ASSETS | {"timestamp": SECONDS}
    put(tmp_path / "transactions.json", json.dumps([row]))
    message = refusal(tmp_path)
    assert "`asset`, `erc721TokenId`, `rawContract`, which no list of transactions has" in message
    assert "with each amount in units of its own asset" in message


@pytest.mark.parametrize("what", TOKEN_LISTS)
@pytest.mark.parametrize("form", ["csv", "json"])
def test_token_transfers_are_no_transactions(tmp_path: Path, what: str, form: str) -> None:
    row, column = TOKEN_LISTS[what]
    content = csv_text([row]) if form == "csv" else json.dumps({"status": "1", "result": [row]})
    path = put(tmp_path / f"transactions.{form}", content)
    message = refusal(tmp_path)
    assert message.startswith(f"{path} has `")
    assert f"`{column}`" in message
    assert "It seems to hold token transfers. Put them into token_transfers." in message


@pytest.mark.parametrize("what", INTERNAL_LISTS)
def test_internal_transactions_and_traces_are_no_transactions(tmp_path: Path, what: str) -> None:
    row, column = INTERNAL_LISTS[what]
    path = put(tmp_path / "transactions.csv", csv_text([row]))
    message = refusal(tmp_path)
    assert message.startswith(f"{path} has `")
    assert f"`{column}`" in message
    assert "internal transactions or traces, which the project does not read" in message


CALLS = ["call", "CREATE", "delegatecall", "staticcall", "suicide", "selfdestruct", "reward"]


@pytest.mark.parametrize("column", ["type", "Type", "trace-type", "tx_type", "category"])
@pytest.mark.parametrize("layout", ["explorer_api", "dune", "own", "CHAIN_COLUMNS"])
@pytest.mark.parametrize("kind", [*CALLS, "erc20", "erc1155"])
def test_what_a_row_is_said_to_be_tells_other_lists_from_transactions(
    tmp_path: Path, layout: str, column: str, kind: str
) -> None:
    """Cut to some columns, a list has none that only it has."""
    row = {"explorer_api": TXLIST, "dune": DUNE, "own": transaction(1)}.get(layout, {"id": HASH})
    row = row | (transaction(1) if "id" in row else {})
    columns = "{transactions: {hash: id}}" if "id" in row else ""
    rows = [row | {column: said} for said in ("", kind, kind)]
    path = put(tmp_path / "transactions.csv", csv_text(rows))
    message = refusal(tmp_path, columns)
    assert message.startswith(f"{path}: the column `{column}` says `{kind.lower()}` (2 rows).")
    held = "token transfers. Put" if kind.startswith("erc") else "internal transactions or traces"
    assert f"It seems to hold {held}" in message
    assert f"If it does hold transactions, rename `{column}`." in message


@pytest.mark.parametrize("kind", ["0x2", 2, 0, None, "", "legacy", "OUT", "IN", "external"])
def test_the_type_of_a_transaction_is_no_matter(tmp_path: Path, kind: object) -> None:
    put(tmp_path / "transactions.json", json_lines([TXLIST | {"type": kind, "category": kind}]))
    assert read_one(tmp_path)["hash"] == HASH


@pytest.mark.parametrize(
    ("column", "said"),
    [("is_contract", "false"), ("isContract", "0"), ("Is Contract", "no"), ("address_type", "EOA")],
)
def test_a_list_of_all_addresses_is_no_list_of_contracts(
    tmp_path: Path, column: str, said: str
) -> None:
    rows = [{"address": CREATED, column: "true"}, {"address": FROM, column: said}]
    put(tmp_path / "transactions.csv", csv_text([transaction(1)]))
    path = put(tmp_path / "contracts.csv", csv_text(rows))
    message = refusal(tmp_path)
    assert message.startswith(f"{path}: the column `{column}` says `{said.lower()}` (1 row).")
    assert "It seems to hold addresses without code. Take them out" in message
    put(path, csv_text(rows[:1]))
    assert read(tmp_path, "contracts") == [{"address": CREATED}]
    put(path, csv_text([row | {"bytecode": "0x"} for row in rows]))
    assert len(read(tmp_path, "contracts")) == 2


def test_code_in_another_spelling_is_asked_for(tmp_path: Path) -> None:
    put(tmp_path / "contracts.csv", csv_text([{"address": FROM, "contractCode": "0x"}]))
    assert "has no column `bytecode` but a column `contractCode`" in refusal(tmp_path)


def test_chain_columns_do_not_make_transactions_of_token_transfers(tmp_path: Path) -> None:
    row = {"transaction_hash": HASH, "block_timestamp": SECONDS, "log_index": 3} | CRYO
    put(tmp_path / "transactions.csv", csv_text([row]))
    columns = "{transactions: {hash: transaction_hash}}"
    assert "It seems to hold token transfers" in refusal(tmp_path, columns)


def test_a_column_that_chain_columns_name_is_no_sign_of_token_transfers(tmp_path: Path) -> None:
    put(tmp_path / "transactions.csv", csv_text([DUNE | {"contract_address": CREATED}]))
    columns = "{transactions: {receipt_contract_address: contract_address}}"
    [row] = read(tmp_path, columns=columns)
    assert row["receipt_contract_address"] == CREATED


# --- all of them ---


def test_every_layout_is_described_and_tested() -> None:
    source = Path(__file__).read_text()
    layouts = [layout for table in file_tables() for layout in layouts_of(table)]
    assert layouts
    for layout in layouts:
        assert f"{layout.name}: {layout.table}." in described()
        assert f"def test_{layout.name}" in source


def test_files_of_two_layouts_are_read_together(tmp_path: Path) -> None:
    put(tmp_path / "transactions/1.json", json_lines([TXLIST]))
    put(tmp_path / "transactions/2.csv", csv_text([DUNE]))
    assert layout_of(tmp_path) == {"explorer_api", "dune"}
    assert {row["block_timestamp"] for row in read(tmp_path)} == {SECONDS, DUNE["block_time"]}


def test_files_that_are_in_two_layouts_have_to_be_explained(tmp_path: Path) -> None:
    row = DUNE | {name: value for name, value in TXLIST.items() if name == "timeStamp"}
    put(tmp_path / "transactions.csv", csv_text([row]))
    assert "can be read as explorer_api or dune" in refusal(tmp_path)


def test_no_two_layouts_fit_one_file() -> None:
    """A file with just what a layout needs is in that layout."""
    for table in file_tables().values():
        for layout in layouts_of(table.name):
            names: list[str] = []
            # A receipt needs one of its values too.
            of_receipt = ("status",) if table.name == "receipts" else ()
            for column in table.required + of_receipt:
                source = layout.columns[column]
                if isinstance(source, Conversion):
                    names += source.columns
                else:
                    names.append(source if isinstance(source, str) else source[0])
            file = InputFile(Path("x.csv"), "csv", tuple(dict.fromkeys(names)))
            assert recognised([file], table, {}).layout == layout.name
