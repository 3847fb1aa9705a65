"""Accepted rows that are in no feature are counted, and a build says what brings them in."""

from pathlib import Path
from typing import Any

from support.dbt_project import DbtProject, Run, account, transaction, transaction_hash, write

TRANSFERS = [
    # Its time is its own, that of its transaction, that of its block, and unknown.
    {"transaction_hash": transaction_hash(11), "block_timestamp": "2018-03-02 14:00:00"},
    {"transaction_hash": transaction_hash(1), "block_timestamp": ""},
    {"transaction_hash": transaction_hash(12), "block_timestamp": "", "block_number": 7},
    {"transaction_hash": transaction_hash(13), "block_timestamp": "", "block_number": 8},
    {"transaction_hash": transaction_hash(14), "block_timestamp": ""},
]


def transfer(number: int, **columns: Any) -> dict[str, Any]:
    row = {"token_address": account(99), "from_address": account(1), "to_address": account(2)}
    return row | {"value": "5", "log_index": number, "block_number": ""} | columns


def build(dbt: DbtProject, directory: Path, transactions: list[int]) -> Run:
    chain = directory / "chain"
    write(chain / "transactions.csv", [transaction(number) for number in transactions])
    write(chain / "token_transfers.csv", [transfer(n, **row) for n, row in enumerate(TRANSFERS)])
    write(chain / "blocks.csv", [{"number": 7, "timestamp": "2018-03-02 14:00:00"}])
    hashes = [transaction_hash(number) for number in (1, 14, 14)]
    write(chain / "receipts.csv", [{"transaction_hash": hash_, "status": 1} for hash_ in hashes])
    return dbt.run(directory, chain=chain, select="+input_files")


UNUSED = "select table_name, rows_accepted, rows_unused from marts.input_files order by 1"


def test_transfers_without_a_time_and_receipts_of_no_transaction_are_told(
    dbt: DbtProject, tmp_path: Path
) -> None:
    run = build(dbt, tmp_path, [1])
    assert run.success, run.errors
    assert run.query(UNUSED) == [
        ("blocks", 1, 0),
        ("receipts", 2, 1),
        ("token_transfers", 5, 2),
        ("transactions", 1, 0),
    ]
    assert "Unused, token_transfers: 2 without a time, in no feature. Add blocks or" in run.log
    assert "Unused, receipts: 1 of no transaction that was read, in no feature." in run.log
    run = build(dbt, tmp_path, [1, 13, 14])
    assert {unused for *_, unused in run.query(UNUSED)} == {0}
    assert "Unused" not in run.log
