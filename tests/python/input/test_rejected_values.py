"""A value that is there and cannot be read is a reject, never a NULL that means something."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from support.dbt_project import DbtProject, Run, account, transaction, transaction_hash, write

MODELS = (
    "+input_files +rejected_chain_rows +rejected_labels +int_addresses__contracts"
    " +int_addresses__keys"
)

# Of a transaction: columns, and the reason of the reject or None.
VALUES: list[tuple[dict[str, Any], str | None]] = [
    ({"receipt_status": "abc"}, "unparsable receipt_status"),
    ({"receipt_status": "2"}, "impossible receipt_status"),
    ({"receipt_contract_address": "0x12"}, "malformed receipt_contract_address"),
    ({"gas": "-1"}, "negative gas"),
    ({"gas": str(2**63 - 1)}, "impossible gas"),
    ({"gas": "12.7"}, "unparsable gas"),
    ({"gas_price": str(2**63 - 1)}, "impossible gas_price"),
    ({"receipt_gas_used": "many"}, "unparsable receipt_gas_used"),
    ({"receipt_effective_gas_price": "1e40"}, "unparsable receipt_effective_gas_price"),
    ({"transaction_index": "-3"}, "negative transaction_index"),
    ({"block_number": "x"}, "unparsable block_number"),
    ({"value": "0.5"}, "value with decimals, which looks like ether: it must be in wei"),
    *(({"receipt_status": text}, None) for text in ("false", "FALSE", "no", "0x0", "failed")),
    *(({"receipt_contract_address": text}, None) for text in ("None", "nan", "NULL", "\\N", "0x")),
    ({"gas": "0x5208", "value": "0x1bc16d674ec80000000", "block_number": "0x10"}, None),
]


@pytest.fixture(scope="module")
def run(dbt: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> Run:
    directory = tmp_path_factory.mktemp("values")
    chain = directory / "chain"
    labelled = dict.fromkeys(["from_scam", "to_scam", "from_category", "to_category"], "")
    bad = [transaction(n, **labelled | columns) for n, (columns, _) in enumerate(VALUES)]
    flags = {100: "True", 101: "yes", 102: "maybe", 103: "no"}
    write(
        chain / "transactions.csv",
        bad + [transaction(n, **labelled | {"from_scam": text}) for n, text in flags.items()],
    )
    transfer = {
        "token_address": account(99),
        "from_address": account(1),
        "to_address": account(2),
        "value": "1000",
        "transaction_hash": transaction_hash(100),
        "log_index": "1",
    }
    write(
        chain / "token_transfers.csv",
        [transfer, transfer | {"value": "1e3"}, transfer | {"log_index": "first"}],
    )
    write(
        chain / "blocks.csv",
        [{"number": 0, "timestamp": 0}, {"number": 1, "timestamp": 0}],
    )
    write(
        chain / "contracts.csv",
        [
            {"address": account(500), "is_erc20": "False", "bytecode": "0x6080"},
            {"address": account(501), "is_erc20": "", "bytecode": "0xef0100" + "ab" * 20},
            {"address": account(502), "is_erc20": "perhaps", "bytecode": ""},
        ],
    )
    label = {"category": "phishing", "source": "a", "reported_at": "2018-01-01"}
    labels = write(
        directory / "labels.csv",
        [
            label | {"address": account(1), "VALID_TO": "1519862400000"},
            label | {"address": account(2), "VALID_TO": "2018-02-01"},
        ],
    )
    run = dbt.run(directory, chain=chain, labels=labels, select=MODELS, max_rejected_share=1)
    assert run.success, run.errors
    return run


def rejected(run: Run, table: str, mart: str = "rejected_chain_rows") -> list[tuple[str, str]]:
    return run.query(
        f"select row_key, rejection_reason from marts.{mart}"
        f" where table_name = '{table}' order by 1"
    )


def test_each_unreadable_value_is_rejected_by_name(run: Run) -> None:
    assert rejected(run, "transactions") == [
        (transaction_hash(number), reason) for number, (_, reason) in enumerate(VALUES) if reason
    ]


def test_flags_are_read_in_all_spellings(run: Run) -> None:
    assert run.query(
        "select count(*), count(case when is_failed then 1 end)"
        " from intermediate.int_events__transactions"
    ) == [(sum(not reason for _, reason in VALUES) + 4, 5)]


def test_spellings_of_null_are_no_contracts_and_a_delegating_wallet_is_none(run: Run) -> None:
    contracts = run.query(
        "select address from intermediate.int_addresses__contracts"
        " join intermediate.int_addresses__keys using (address_key) order by 1"
    )
    assert contracts == [(account(99),), (account(500),)]
    assert rejected(run, "contracts") == [(account(502), "unparsable is_erc20")]


def test_hexadecimal_quantities_are_exact(run: Run) -> None:
    assert run.query(
        "select value_wei, gas_limit from intermediate.int_events__transactions"
        " where block_number = 16"
    ) == [(0x1BC16D674EC80000000, 21000)]


def test_a_transfer_in_another_notation_is_the_same(run: Run) -> None:
    assert run.query("select count(*) from intermediate.int_events__token_transfers") == [(1,)]
    assert rejected(run, "token_transfers") == [(transaction_hash(100), "unparsable log_index")]


def test_the_genesis_block_has_the_time_zero_and_no_other(run: Run) -> None:
    assert rejected(run, "blocks") == [("1", "timestamp before the first block")]


def test_labels_in_any_spelling_stand_and_unreadable_ones_are_rejected(run: Run) -> None:
    assert rejected(run, "labels", "rejected_labels") == [(account(1), "impossible valid_to")]
    assert rejected(run, "transactions", "rejected_labels") == [
        (account(204), "unparsable scam flag")
    ]
    assert run.query(
        "select address, valid_to from staging.stg_labels__address_labels order by 1"
    ) == [
        (account(2), datetime(2018, 2, 1)),
        (account(200), None),
        (account(202), None),
    ]


def test_the_account_adds_up(run: Run) -> None:
    assert run.query(
        "select table_name, rows_read, rows_accepted, rows_duplicate, rows_rejected"
        " from marts.input_files order by 1"
    ) == [
        ("blocks", 2, 1, 0, 1),
        ("contracts", 3, 2, 0, 1),
        ("labels", 2, 1, 0, 1),
        ("token_transfers", 3, 1, 1, 1),
        ("transactions", len(VALUES) + 4, len(VALUES) + 4 - 12, 0, 12),
    ]


def test_whole_amounts_below_a_gwei_are_warned_of(dbt: DbtProject, tmp_path: Path) -> None:
    write(tmp_path / "chain/transactions.csv", [transaction(n, value=n) for n in range(1, 12)])
    run = dbt.run(tmp_path, chain=tmp_path / "chain", select="+int_events__chain_intake")
    assert "The largest of 11 amounts in transactions is 11 wei. Are they in ether?" in run.log


def test_a_reorganised_transaction_keeps_the_transfers_of_its_latest_block(
    dbt: DbtProject, tmp_path: Path
) -> None:
    write(
        tmp_path / "chain/transactions.csv",
        [transaction(1, block_number=block) for block in (7, 8)],
    )
    transfer = {
        "token_address": account(99),
        "from_address": account(1),
        "to_address": account(2),
        "value": "5",
        "transaction_hash": transaction_hash(1),
    }
    write(
        tmp_path / "chain/token_transfers.csv",
        [
            transfer | {"log_index": 3, "block_number": 7},
            transfer | {"log_index": 9, "block_number": 8},
        ],
    )
    run = dbt.run(tmp_path, chain=tmp_path / "chain", select="+input_files")
    assert run.query("select log_index from intermediate.int_events__token_transfers") == [(9,)]
    assert run.query(
        "select table_name, rows_read, rows_accepted, rows_duplicate from marts.input_files"
        " where table_name <> 'labels' order by 1"
    ) == [("token_transfers", 2, 1, 1), ("transactions", 2, 1, 1)]
