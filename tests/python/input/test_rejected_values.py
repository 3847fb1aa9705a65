"""A value that is there and cannot be read is a reject with its reason, never NULL.

One build reads a chain with a row for each value.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from commands.check.values import BYZANTIUM
from support.dbt_project import DbtProject, Run, account, transaction, transaction_hash, write
from support.reader import csv_text, json_lines, put

NULLS = ["", "None", "nan", "NaN", "NULL", "null", "NaT", "<NA>", "NA", "N/A", "\\N"]

CREATED = account(4)

# Column of the files, its name in staging, values with what they become, values with the reason.
Cases = tuple[str, str, dict[str, Any], dict[str, str]]


def cases_of_number(column: str, name: str, largest: int) -> Cases:
    good = {"0": 0, "7": 7, "7.0": 7, "0x7": 7, "7e2": 700, str(largest): largest}
    bad = {
        "-1": f"negative {column}",
        str(largest + 1): f"impossible {column}",
        str(2**63 - 1): f"impossible {column}",
        str(2**63): f"unparsable {column}",
        "12.7": f"unparsable {column}",
        "abc": f"unparsable {column}",
        "0x": f"unparsable {column}",
        "true": f"unparsable {column}",
    }
    return column, name, good | dict.fromkeys(NULLS), bad


CASES: list[Cases] = [
    cases_of_number("gas", "gas_limit", 10**12),
    cases_of_number("receipt_gas_used", "gas_used", 10**12),
    cases_of_number("gas_price", "gas_price_wei", 10**18),
    cases_of_number("receipt_effective_gas_price", "effective_gas_price_wei", 10**18),
    cases_of_number("transaction_index", "transaction_index", 10**9),
    cases_of_number("block_number", "block_number", 10**12),
    (
        "receipt_status",
        "receipt_status",
        dict.fromkeys(["1", "1.0", "0x1", "true", "TRUE", "True", "t", "yes", "ok", "success"], 1)
        | dict.fromkeys(["0", "0.0", "0x0", "false", "False", "f", "no", "failed", "error"], 0)
        | dict.fromkeys(NULLS),
        {
            "2": "impossible receipt_status",
            "-1": "negative receipt_status",
            "abc": "unparsable receipt_status",
            "0.5": "unparsable receipt_status",
            "pending": "unparsable receipt_status",
        },
    ),
    (
        "receipt_contract_address",
        "contract_address",
        {CREATED: CREATED, CREATED.upper(): CREATED} | dict.fromkeys([*NULLS, "0x"]),
        dict.fromkeys(
            ["0x12", "0", "false", CREATED[:-1], CREATED + "0", "vitalik.eth"],
            "malformed receipt_contract_address",
        ),
    ),
    (
        "to_address",
        "to_address",
        {account(3): account(3)} | dict.fromkeys([*NULLS, "0x"]),
        dict.fromkeys(["0x12", "0", "vitalik.eth"], "malformed to_address"),
    ),
    (
        "value",
        "value_wei",
        {"0": 0, "7": 7, "7.00": 7, "0x7": 7, "7e2": 700, hex(2**80): 2**80, str(2**70): 2**70}
        | {f"7.{'0' * 17}": 7},
        {
            "": "unparsable value",
            "nan": "unparsable value",
            "abc": "unparsable value",
            "1_000": "unparsable value",
            "-5": "negative value",
            "0.05": "value with decimals, which looks like ether: it must be in wei",
            f"2.{'0' * 18}": "value with decimals, which looks like ether: it must be in wei",
            "1" * 28: "value above any possible supply",
            hex(2**200): "unparsable value",
        },
    ),
]

OPTIONAL = {column: "" for column, *_ in CASES if column not in transaction(1)}


def _transactions() -> list[tuple[dict[str, Any], str, Any, str | None]]:
    """Each row with the staged column, what it holds then, and why the row is rejected."""
    rows = []
    for column, name, good, bad in CASES:
        for text, staged in good.items():
            row = transaction(len(rows), **OPTIONAL) | {column: text}
            rows.append((row, name, staged, None))
        for text, reason in bad.items():
            row = transaction(len(rows), **OPTIONAL) | {column: text}
            rows.append((row, name, None, reason))
    return rows


TRANSACTIONS = _transactions()
REJECTED = {row["hash"]: reason for row, _, _, reason in TRANSACTIONS if reason}

TRANSFER = {
    "token_address": account(99),
    "from_address": account(1),
    "to_address": account(2),
    "value": "5",
    "block_timestamp": "2018-03-02 14:00:00",
}
TRANSFERS = [
    ({"log_index": "7"}, None),
    ({"log_index": ""}, None),
    ({"log_index": "nan"}, None),
    ({"log_index": "abc"}, "unparsable log_index"),
    ({"log_index": "1.5"}, "unparsable log_index"),
    ({"log_index": "-1"}, "negative log_index"),
    ({"block_number": "abc"}, "unparsable block_number"),
    ({"block_timestamp": "yesterday"}, "unparsable timestamp"),
    # A spreadsheet has rounded it.
    ({"block_timestamp": "1.70531E+09"}, "unparsable timestamp"),
    ({"block_timestamp": ""}, None),
    ({"token_address": "0x" + 40 * "0"}, "ether, not a token"),
    ({"token_address": "0x" + 40 * "E"}, "ether, not a token"),
    ({"value": str(2**256 - 1)}, None),
    ({"value": hex(2**256 - 1)}, None),
    ({"value": ""}, "unparsable value"),
    ({"value": "1.5"}, "unparsable value"),
    ({"value": f"2.{'0' * 18}"}, "unparsable value"),
    ({"to_address": ""}, "malformed to_address"),
]

CONTRACTS = [
    ({"is_erc20": "true", "is_erc721": "False"}, None),
    ({"is_erc20": "1", "is_erc721": "0"}, None),
    ({"is_erc20": "", "is_erc721": "None"}, None),
    ({"is_erc20": "maybe"}, "unparsable is_erc20"),
    ({"is_erc721": "2"}, "impossible is_erc721"),
    ({"bytecode": "0xef0100" + account(7)[2:]}, None),
    ({"bytecode": "0xEF0100" + account(8)[2:].upper()}, None),
    ({"bytecode": "0x6080604052"}, None),
    # Longer code only begins so.
    ({"bytecode": "0xef0100" + account(7)[2:] + "00"}, None),
    ({"block_timestamp": "yesterday"}, "unparsable timestamp"),
    ({"bytecode": "0x"}, None),
    ({"bytecode": "0X"}, None),
    # As libraries and some nodes write it.
    ({"bytecode": "0x0"}, None),
    ({"bytecode": "0x00"}, None),
    ({"bytecode": "6080604052" * 10}, None),
    ({"bytecode": "ef0100" + account(9)[2:]}, None),
    ({"bytecode": "HexBytes('0x')"}, "unparsable bytecode"),
    ({"bytecode": "error: rate limit"}, "unparsable bytecode"),
]
DELEGATED = [5, 6, 15]
# In a file that has the code of others.
WITHOUT_CODE = [2, 10, 11, 12, 13]

BLOCKS = [
    ({"number": "0", "timestamp": "0"}, None),
    ({"number": "0x1", "timestamp": "1970-01-01"}, "timestamp before the first block"),
    ({"number": "2", "timestamp": "0x5a995c00"}, None),
    ({"number": "3", "timestamp": ""}, "unparsable timestamp"),
    ({"number": "", "timestamp": "1520000000"}, "unparsable block number"),
    ({"number": "-1", "timestamp": "1520000000"}, "unparsable block number"),
]

RECEIPTS = [
    ({"status": "0"}, None),
    ({"status": "maybe"}, "unparsable status"),
    ({"gas_used": "-1"}, "negative gas_used"),
    ({"contract_address": "0x12"}, "malformed contract_address"),
    ({"contract_address": "0x" + 40 * "0"}, None),
    ({"effective_gas_price": "abc"}, "unparsable effective_gas_price"),
]

LABEL = {
    "address": account(1),
    "category": "phishing",
    "source": "a_list",
    "reported_at": "2018-01-01",
    "usage": "",
    "valid_to": "",
}
LABELS = [
    ({"valid_to": "2019-01-01"}, None),
    ({"valid_to": "1546300800"}, None),
    ({"valid_to": "1546300800000"}, "impossible valid_to"),
    ({"valid_to": "later"}, "unparsable valid_to"),
    ({"valid_to": "1546300800000000"}, "unparsable valid_to"),
    ({"valid_to": "0"}, "impossible valid_to"),
    ({"valid_to": "2017-12-31"}, "valid_to before reported_at"),
    ({"valid_to": "2018-01-01"}, None),
    # In March or in April.
    ({"reported_at": "03/04/2018 10:00:00"}, "unparsable timestamp"),
    ({"reported_at": "1546300800"}, None),
    ({"reported_at": "1546300800000"}, "future timestamp"),
    ({"reported_at": "null"}, None),
    ({"usage": "Training"}, None),
    ({"usage": "tests"}, "unknown usage, expected training or external"),
    ({"category": "Phish / Hack"}, "unknown category, add it to seeds/label_categories.csv"),
    # Another source than its own would not take back what it reported.
    ({"source": " A_List "}, None),
    ({"address": "eth:" + account(1)}, "malformed address"),
]

SCAM_FLAGS = {
    "True": None,
    "yes": None,
    "0": None,
    "": None,
    "maybe": "unparsable scam flag",
    "2": "impossible scam flag",
}


def rows_with_all_columns(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name, "") for name in names} for row in rows]


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    put(path, csv_text(rows_with_all_columns(rows)))


@pytest.fixture(scope="module")
def run(dbt: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> Run:
    directory = tmp_path_factory.mktemp("rejected_values")
    chain = directory / "chain"
    flagged = [
        transaction(9_000 + number, from_scam=flag) for number, flag in enumerate(SCAM_FLAGS)
    ]
    write_csv(chain / "transactions.csv", [*(row for row, *_ in TRANSACTIONS), *flagged])
    write_csv(
        chain / "token_transfers.csv",
        [
            TRANSFER | {"transaction_hash": transaction_hash(number)} | columns
            for number, (columns, _) in enumerate(TRANSFERS)
        ],
    )
    write_csv(
        chain / "contracts.csv",
        [{"address": account(500 + n)} | columns for n, (columns, _) in enumerate(CONTRACTS)],
    )
    write_csv(chain / "blocks.csv", [columns for columns, _ in BLOCKS])
    write_csv(
        chain / "receipts.csv",
        [
            {"transaction_hash": transaction_hash(number)} | columns
            for number, (columns, _) in enumerate(RECEIPTS, start=8_000)
        ],
    )
    labels = directory / "labels.csv"
    write_csv(
        labels,
        [
            LABEL | {"address": account(700 + number)} | columns
            for number, (columns, _) in enumerate(LABELS)
        ],
    )
    built = dbt.run(
        directory,
        chain=chain,
        labels=labels,
        select="+input_files +rejected_chain_rows +rejected_labels +int_addresses__contracts"
        " +stg_labels__address_labels",
        max_rejected_share=1,
    )
    assert built.success, built.errors
    return built


def rejects(run: Run, table: str, mart: str = "rejected_chain_rows") -> list[tuple[str, str]]:
    return run.query(
        f"select row_key, rejection_reason from marts.{mart} where table_name = '{table}'"
        " order by all"
    )


def test_every_unreadable_value_of_a_transaction_is_a_reject(run: Run) -> None:
    found = dict(rejects(run, "transactions"))
    wrong = {
        f"{name} of {row}": (found.get(row["hash"]), reason)
        for row, name, _, reason in TRANSACTIONS
        if found.get(row["hash"]) != reason
    }
    assert wrong == {}
    assert found == REJECTED


def test_every_readable_value_of_a_transaction_is_what_it_says(run: Run) -> None:
    staged = run.frame("select * from staging.base_chain__transactions").set_index(
        "transaction_hash"
    )
    wrong = {}
    for row, name, expected, reason in TRANSACTIONS:
        found = run_value(staged.at[row["hash"], name])
        if reason is None and found != expected:
            wrong[f"{name} of {row}"] = (found, expected)
    assert wrong == {}


def run_value(value: Any) -> Any:
    """NULL as None, whole numbers as such."""
    if pd.isna(value):
        return None
    return value if isinstance(value, str) else int(value)


@pytest.mark.parametrize(
    ("table", "keys", "cases"),
    [
        ("token_transfers", [transaction_hash(n) for n in range(len(TRANSFERS))], TRANSFERS),
        ("contracts", [account(500 + n) for n in range(len(CONTRACTS))], CONTRACTS),
        ("receipts", [transaction_hash(8_000 + n) for n in range(len(RECEIPTS))], RECEIPTS),
        ("blocks", [columns["number"] for columns, _ in BLOCKS], BLOCKS),
    ],
    ids=["token_transfers", "contracts", "receipts", "blocks"],
)
def test_rows_of_other_tables_are_rejected_by_reason(
    run: Run, table: str, keys: list[str], cases: list[tuple[dict[str, Any], str | None]]
) -> None:
    assert rejects(run, table) == sorted(
        (key, reason) for key, (_, reason) in zip(keys, cases, strict=True) if reason
    )


def test_labels_are_rejected_by_reason(run: Run) -> None:
    assert rejects(run, "labels", "rejected_labels") == sorted(
        (columns.get("address", account(700 + number)), reason)
        for number, (columns, reason) in enumerate(LABELS)
        if reason
    )


def test_a_source_is_the_same_with_blanks_around_it(run: Run) -> None:
    assert run.query("select distinct source from staging.base_labels__address_labels") == [
        ("a_list",)
    ]


def test_a_created_contract_of_zeros_is_none(run: Run) -> None:
    assert run.query(
        "select distinct contract_address from staging.base_chain__receipts"
        " where rejection_reason is null"
    ) == [(None,)]


def test_scam_flags_of_labeled_transactions_are_read_or_rejected(run: Run) -> None:
    addresses = [account(2 * (9_000 + number)) for number in range(len(SCAM_FLAGS))]
    assert rejects(run, "transactions", "rejected_labels") == sorted(
        (address, reason)
        for address, reason in zip(addresses, SCAM_FLAGS.values(), strict=True)
        if reason
    )
    assert run.query(
        "select address from staging.stg_labels__address_labels"
        " where source = 'labeled_transactions' order by 1"
    ) == [(addresses[0],), (addresses[1],)]


def test_a_wallet_that_has_no_code_or_delegates_is_no_contract(run: Run) -> None:
    """EIP-7702: its code is 0xef0100 and the address of the contract."""
    listed = [account(500 + n) for n, (_, reason) in enumerate(CONTRACTS) if reason is None]
    values = ", ".join(f"('{address}')" for address in listed)
    contracts = run.query(
        f"select address from (values {values}) as listed(address)"
        " where hash(address) in (select address_key from intermediate.int_addresses__contracts)"
        " order by 1"
    )
    wallets = {account(500 + number) for number in DELEGATED + WITHOUT_CODE}
    assert [address for (address,) in contracts] == [
        address for address in listed if address not in wallets
    ]


def test_the_genesis_block_is_accepted(run: Run) -> None:
    assert run.query(
        "select block_number, block_timestamp::varchar from staging.stg_chain__blocks"
        " where rejection_reason is null order by 1"
    ) == [(0, "1970-01-01 00:00:00"), (2, "2018-03-02 14:13:20")]


@pytest.mark.parametrize("table", ["transactions", "receipts", "token_transfers", "contracts"])
def test_no_row_passes_through_a_join_to_be_read(run: Run, table: str) -> None:
    """DuckDB joins every row with the list behind an IN, which took as long as reading it."""
    plans = run.query(f"explain select * from staging.base_chain__{table}")
    assert plans
    assert not any("JOIN" in plan for _, plan in plans)


def test_every_row_has_one_outcome(run: Run) -> None:
    accounts = run.query(
        "select table_name, rows_read, rows_accepted, rows_duplicate, rows_rejected,"
        " rows_too_early from marts.input_files order by 1"
    )
    counted = {
        "blocks": BLOCKS,
        "contracts": CONTRACTS,
        "labels": LABELS,
        "receipts": RECEIPTS,
        "token_transfers": TRANSFERS,
    }
    expected = {
        table: (len(cases), sum(reason is not None for _, reason in cases))
        for table, cases in counted.items()
    } | {"transactions": (len(TRANSACTIONS) + len(SCAM_FLAGS), len(REJECTED))}
    # A rejected scam flag rejects the label, not the transaction. The genesis block is accepted.
    assert accounts == [
        (table, rows, rows - bad, 0, bad, 0) for table, (rows, bad) in sorted(expected.items())
    ]


def test_a_reorganised_transaction_keeps_the_transfers_of_its_latest_block(
    dbt: DbtProject, tmp_path: Path
) -> None:
    blocks = [transaction(1, block_number=block) for block in (7, 8)]
    transfer = {
        "token_address": account(99),
        "from_address": account(1),
        "to_address": account(2),
        "value": "5",
        "transaction_hash": transaction_hash(1),
    }
    transfers = [
        transfer | {"log_index": 3, "block_number": 7},
        transfer | {"log_index": 9, "block_number": 8},
    ]
    put(tmp_path / "chain/transactions.csv", csv_text(blocks))
    put(tmp_path / "chain/token_transfers.csv", csv_text(transfers))
    run = dbt.run(tmp_path, chain=tmp_path / "chain", select="+input_files")
    assert run.query("select log_index from intermediate.int_events__token_transfers") == [(9,)]
    assert run.query(
        "select table_name, rows_read, rows_accepted, rows_duplicate from marts.input_files"
        " where table_name <> 'labels' order by 1"
    ) == [("token_transfers", 2, 1, 1), ("transactions", 2, 1, 1)]


# --- what explorers write ---

BAD_STATUS = "unparsable receipt_status"

EXPLORER_ROWS: list[tuple[dict[str, str], int | None, str | None]] = [
    ({}, 1, None),
    ({"Status": "nan", "ErrCode": "nan"}, 1, None),
    ({"Status": "Error(0)", "ErrCode": "Reverted"}, 0, None),
    ({"Status": "Pending"}, None, BAD_STATUS),
    ({"Value_OUT(ETH)": "-1.5"}, 1, "negative value"),
    ({"Value_OUT(ETH)": "1,5"}, 1, "unparsable value"),
]
ERROR_FLAGS = {"0.0": 0, "TRUE": 1, "": None, "maybe": None, "error": None, "2": None}


def test_what_explorers_write_is_read_or_rejected(dbt: DbtProject, tmp_path: Path) -> None:
    row = {
        "UnixTimestamp": "1520000000",
        "From": account(1),
        "To": account(2),
        "Value_IN(ETH)": "0",
        "Value_OUT(ETH)": "",
        "Status": "",
        "ErrCode": "",
    }
    rows = [
        {"Txhash": transaction_hash(number)}
        | row
        | {name: f'"{value}"' for name, value in columns.items()}
        for number, (columns, _, _) in enumerate(EXPLORER_ROWS)
    ]
    put(tmp_path / "chain/transactions/1.csv", csv_text(rows))
    replied = {"timeStamp": "1520000000", "from": account(1), "to": account(2), "value": "1"}
    rows = [
        {"hash": transaction_hash(number)} | replied | {"isError": flag}
        for number, flag in enumerate(ERROR_FLAGS, start=100)
    ]
    put(tmp_path / "chain/transactions/2.csv", csv_text(rows))
    run = dbt.run(tmp_path, chain=tmp_path / "chain", select="+base_chain__transactions")
    assert run.success, run.errors
    found = run.query(
        "select receipt_status, rejection_reason from staging.base_chain__transactions"
        " order by transaction_hash"
    )
    flags = [
        (None if flag is None else 1 - flag, None if flag is not None or not text else BAD_STATUS)
        for text, flag in ERROR_FLAGS.items()
    ]
    assert found == [(status, reason) for _, status, reason in EXPLORER_ROWS] + flags


# --- amounts in ether ---


def build(dbt: DbtProject, directory: Path, values: list[str], columns: str = "") -> Run:
    rows = [transaction(number, value=value) for number, value in enumerate(values)]
    put(directory / "chain/transactions.csv", csv_text(rows))
    return dbt.run(
        directory, chain=directory / "chain", columns=columns, select="+int_events__chain_intake"
    )


def test_amounts_with_decimals_stop_the_build_and_name_ether(
    dbt: DbtProject, tmp_path: Path
) -> None:
    run = build(dbt, tmp_path, ["0.05", "1.5"] * 10)
    assert not run.success
    assert "20 value with decimals, which looks like ether: it must be in wei" in run.log


def test_amounts_in_whole_ether_warn_and_say_how_to_read_them(
    dbt: DbtProject, tmp_path: Path
) -> None:
    run = build(dbt, tmp_path, ["1", "2", "10"] * 4)
    assert run.success, run.errors
    assert "The largest of 12 amounts in transactions is 10 wei. Are they in ether?" in run.log
    columns = "{transactions: {value: {ether: value}}}"
    assert f"CHAIN_COLUMNS='{columns}'" in run.log
    run = build(dbt, tmp_path, ["1", "2", "10"] * 4, columns)
    assert run.success, run.errors
    assert "Are they in ether?" not in run.log
    assert run.query("select sum(value_wei) from staging.stg_chain__transactions") == [
        (52 * 10**18,)
    ]


def test_one_file_in_another_unit_warns_and_is_named(dbt: DbtProject, tmp_path: Path) -> None:
    gas = {"receipt_gas_used": 21_000}
    for name, unit, price in (("a", 10**18, 10**10), ("b", 1, 20), ("c", 10**18, 10**10)):
        rows = [
            transaction(number + 100 * ord(name), value=number * unit, gas_price=price, **gas)
            for number in range(1, 13)
        ]
        put(tmp_path / f"chain/transactions/{name}.csv", csv_text(rows))
    run = dbt.run(tmp_path, chain=tmp_path / "chain", select="+int_events__chain_intake")
    assert run.success, run.errors
    file = "transactions/b.csv"
    assert f"The largest of 12 amounts in {file} is 12 wei. Are they in ether?" in run.log
    assert f"The largest of 12 gas prices in {file} is 20 wei. Are they in gwei?" in run.log
    assert "write them in wei, as those of the other files are" in run.log
    assert "CHAIN_COLUMNS" not in run.log


def test_a_file_of_which_every_row_is_rejected_warns(dbt: DbtProject, tmp_path: Path) -> None:
    """Beside a larger one its rows would be missing without a word."""
    rows = [transaction(number) for number in range(400)]
    put(tmp_path / "chain/transactions/a.csv", csv_text(rows[4:]))
    put(tmp_path / "chain/transactions/b.csv", csv_text([r | {"value": "5n"} for r in rows[:3]]))
    put(tmp_path / "chain/transactions/c.csv", csv_text([rows[3], rows[0] | {"value": "5n"}]))
    run = dbt.run(tmp_path, chain=tmp_path / "chain", select="+int_events__chain_intake")
    assert run.success, run.errors
    assert "b.csv counts, because every row was rejected (rows: 3)" in run.log


def test_times_that_are_all_midnight_warn(dbt: DbtProject, tmp_path: Path) -> None:
    for name, time in (("a", "2018-03-02"), ("b", "2018-03-02 10:00:00")):
        rows = [transaction(n + 100 * ord(name), block_timestamp=time) for n in range(10)]
        put(tmp_path / f"chain/transactions/{name}.csv", csv_text(rows))
    run = dbt.run(tmp_path, chain=tmp_path / "chain", select="+int_events__chain_intake")
    assert run.success, run.errors
    assert "All 10 times in transactions/a.csv are midnight. Are they dates?" in run.log


def test_transactions_without_a_status_beside_others_with_one_warn(
    dbt: DbtProject, tmp_path: Path
) -> None:
    """Receipts of half of them, and rows of one list in which the key has another name.

    One row is of the fork's first block and one of the second before it.
    """
    chain = tmp_path / "chain"
    early = datetime.fromisoformat(BYZANTIUM) - timedelta(seconds=1)
    rows = [
        *map(transaction, range(1, 9)),
        transaction(9, block_timestamp=BYZANTIUM),
        transaction(10, block_timestamp=str(early)),
    ]
    put(chain / "transactions/a.json", json_lines([transaction(0, receipt_status=1), *rows]))
    put(chain / "transactions/b.json", json_lines([transaction(1, receipt_status=0)]))
    path = put(chain / "receipts.csv", receipts_of(range(2, 5)))
    select = "+int_events__chain_intake"
    run = dbt.run(tmp_path, chain=chain, select=select)
    assert run.success, run.errors
    said = "No status is known of 5 transactions, for example in transactions/a.json"
    assert said in run.log
    put(path, receipts_of(range(2, 10)))
    assert "No status is known" not in dbt.run(tmp_path, chain=chain, select=select).log


def receipts_of(numbers: range) -> str:
    return csv_text([{"transaction_hash": transaction_hash(n), "status": 1} for n in numbers])


def test_amounts_with_the_decimals_of_ether_are_ether_however_few(
    dbt: DbtProject, tmp_path: Path
) -> None:
    """As a query engine writes them to Parquet: DECIMAL(38, 18) keeps its zeros."""
    ether = Decimal("2.000000000000000000")
    rows = [transaction(1, value=ether)]
    write(tmp_path / "chain/transactions.parquet", rows)
    write(tmp_path / "chain/balances.parquet", [{"address": account(1), "eth_balance": ether}])
    run = dbt.run(tmp_path, chain=tmp_path / "chain", select="+int_events__chain_intake")
    assert not run.success
    for table in ("transactions", "balances"):
        assert (
            f"1 of 1 rows of {table} rejected: 1 value with decimals, which looks like ether"
            in run.log
        )


def test_balances_in_ether_and_gas_prices_in_gwei_warn_and_say_how_to_read_them(
    dbt: DbtProject, tmp_path: Path
) -> None:
    chain = tmp_path / "chain"
    gas = {"receipt_gas_used": 21_000}
    write(chain / "transactions.csv", [transaction(n, gas_price=n, **gas) for n in range(12)])
    write(
        chain / "balances.csv", [{"address": account(n), "eth_balance": 5 * n} for n in range(12)]
    )
    select = "+int_events__chain_intake"
    run = dbt.run(tmp_path, chain=chain, select=select)
    assert run.success, run.errors
    assert "The largest of 11 balances in balances is 55 wei. Are they in ether?" in run.log
    assert "The largest of 11 gas prices in transactions is 11 wei. Are they in gwei?" in run.log
    balances, prices = "{eth_balance: {ether: eth_balance}}", "{gas_price: {gwei: gas_price}}"
    assert f"CHAIN_COLUMNS='{{balances: {balances}}}'" in run.log
    assert f"CHAIN_COLUMNS='{{transactions: {prices}}}'" in run.log
    columns = f"{{balances: {balances}, transactions: {prices}}}"
    run = dbt.run(tmp_path, chain=chain, columns=columns, select=select)
    assert run.success, run.errors
    assert "Are they in" not in run.log
