"""Other layouts become our columns, exactly and in our units."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from commands.check.layouts import described, layouts_of
from commands.check.recognition import recognised
from support.dbt_project import account, transaction_hash, write
from support.input_files import TABLES, planned, rows

HASH, SENDER, RECIPIENT = transaction_hash(7), account(1), account(2)
COLUMNS = ["hash", "from_address", "to_address", "value", "block_timestamp", "receipt_status"]

API = {
    "hash": HASH,
    "from": SENDER,
    "to": RECIPIENT,
    "value": "1",
    "timeStamp": "1705309200",
    "isError": "1",
    "txreceipt_status": "",
}
NODE = {"hash": HASH, "from": SENDER, "to": RECIPIENT, "value": "0x1", "gasPrice": "0x2"}
DUNE = {
    "block_time": "2024-01-15 09:00:00.000 UTC",
    "hash": HASH,
    "from": SENDER,
    "to": RECIPIENT,
    "value": 1,
    "success": "false",
}
EXPLORER = {
    "Transaction Hash": HASH,
    "UnixTimestamp": "1705309200",
    "From": SENDER,
    "To": RECIPIENT,
    "Value_IN(ETH)": "0",
    "Value_OUT(ETH)": "0.000000000000000001",
    "Status": "Error(0)",
    "ErrCode": "",
}
BLOCKSCOUT = {
    "TxHash": HASH,
    "UnixTimestamp": "1705309200",
    "FromAddress": SENDER,
    "ToAddress": RECIPIENT,
    "Value": "1",
    "Status": "error",
    "ErrCode": "",
}
CRYO = {
    "transaction_hash": bytes.fromhex(HASH[2:]),
    "from_address": bytes.fromhex(SENDER[2:]),
    "to_address": bytes.fromhex(RECIPIENT[2:]),
    "value_binary": (1).to_bytes(32, "big"),
    "timestamp": 1705309200,
    "success": False,
}


def as_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content))


CASES = {
    "explorer_api": (API, {"status": "1", "message": "OK", "result": [API]}),
    "node_blocks": (
        NODE,
        {"jsonrpc": "2.0", "result": {"timestamp": "0x65a4f410", "transactions": [NODE]}},
    ),
    "dune": (DUNE, {"result": {"rows": [DUNE]}}),
}


@pytest.mark.parametrize(("layout", "reply"), [(k, v[1]) for k, v in CASES.items()], ids=CASES)
def test_the_reply_of_a_service_is_read(tmp_path: Path, layout: str, reply: dict) -> None:
    as_json(tmp_path / "transactions.json", reply)
    plan = planned(tmp_path)
    assert plan.files[0]["layout"] == layout
    ((found, sender, recipient, value, time, status),) = rows(plan, "transactions", *COLUMNS)
    assert (found, sender, recipient, int(value, 0)) == (HASH, SENDER, RECIPIENT, 1)
    assert time in ("1705309200", "0x65a4f410", "2024-01-15 09:00:00.000 UTC")
    assert status in (None, "0", "false")


@pytest.mark.parametrize(
    ("layout", "row"),
    [("explorer_csv", EXPLORER), ("blockscout_csv", BLOCKSCOUT), ("dune", DUNE)],
)
def test_a_csv_download_is_read(tmp_path: Path, layout: str, row: dict) -> None:
    write(tmp_path / "transactions.csv", [row])
    plan = planned(tmp_path)
    assert plan.files[0]["layout"] == layout
    ((found, _, _, value, _, status),) = rows(plan, "transactions", *COLUMNS)
    assert (found, int(value), status) == (HASH, 1, "false" if layout == "dune" else "0")


def test_binary_columns_are_read_as_hexadecimal(tmp_path: Path) -> None:
    write(tmp_path / "ethereum__transactions__0_to_9.parquet", [CRYO])
    plan = planned(tmp_path)
    assert plan.files[0]["layout"] == "cryo"
    ((found, sender, _, value, time, status),) = rows(plan, "transactions", *COLUMNS)
    assert (found, sender, int(value, 16), time, status) == (HASH, SENDER, 1, "1705309200", "false")


def test_amounts_that_cannot_be_read_are_passed_on(tmp_path: Path) -> None:
    values = ["1,5", "many", "", "123456789.000000000000000001"]
    write(tmp_path / "transactions.csv", [EXPLORER | {"Value_OUT(ETH)": each} for each in values])
    found = [value for (value,) in rows(planned(tmp_path), "transactions", "value")]
    assert {value for value in found if not value.isdigit()} == {"0 1,5", "0 many"}
    assert {int(value) for value in found if value.isdigit()} == {0, 123456789 * 10**18 + 1}


def test_no_two_layouts_fit_one_file() -> None:
    """A file with just what a layout needs is in that layout."""
    from commands.check.conversions import Conversion
    from commands.check.opening import InputFile

    for table in TABLES.values():
        for layout in layouts_of(table.name):
            names: list[str] = []
            for column in table.required:
                source = layout.columns[column]
                if isinstance(source, Conversion):
                    names += source.columns
                else:
                    names.append(source if isinstance(source, str) else source[0])
            columns = tuple(dict.fromkeys(names))
            file = InputFile(Path("x.csv"), "csv", columns)
            assert recognised([file], table, {}).layout == layout.name
            assert layout.name in described()


def test_receipts_beside_transactions_are_read(tmp_path: Path) -> None:
    pd.DataFrame([DUNE]).drop(columns="success").to_csv(tmp_path / "transactions.csv", index=False)
    as_json(tmp_path / "receipts.json", {"result": [{"transactionHash": HASH, "status": "0x0"}]})
    plan = planned(tmp_path)
    assert rows(plan, "receipts", "transaction_hash", "status") == [(HASH, "0x0")]
