"""What a column of a file is, is known or asked for, never guessed."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from support.dbt_project import account, transaction
from support.reader import csv_text, json_lines, plan_of, put, put_csv, read, refusal, texts

ROWS = [transaction(1), transaction(2)]


def renamed(row: dict[str, object], **names: str) -> dict[str, object]:
    """The row with other names for some columns."""
    return {names.get(name, name): value for name, value in row.items()}


# --- the project's own columns ---


def test_names_are_known_without_regard_to_case(tmp_path: Path) -> None:
    rows = [transaction(1, Receipt_Status=0, GAS=21000)]
    put(tmp_path / "transactions.csv", csv_text(rows))
    [row] = read(tmp_path)
    assert (row["receipt_status"], row["gas"]) == ("0", "21000")


def test_a_plan_says_which_columns_are_used_ignored_and_absent(tmp_path: Path) -> None:
    rows = [transaction(1, nonce=7, gas=21000, input="0x")]
    put(tmp_path / "transactions.csv", csv_text(rows))
    [file] = plan_of(tmp_path).files
    assert file["layout"] == "crypto_ethereum"
    assert file["columns_used"] == "hash, from_address, to_address, value, block_timestamp, gas"
    assert file["columns_ignored"] == "nonce, input"
    assert file["columns_absent"].startswith("transaction_index, gas_price, receipt_gas_used")


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    path = put(tmp_path / "transactions.csv", csv_text([renamed(ROWS[0], value="amount")]))
    message = refusal(tmp_path)
    assert f"{path} has no column `value`, which the table transactions needs" in message
    assert "unknown to the project, `amount`" in message
    assert "CHAIN_COLUMNS='{transactions: {value: amount}}'" in message


def test_what_lacks_in_the_layout_of_others_is_named(tmp_path: Path) -> None:
    """The names of our own columns would be of no help."""
    row = renamed(of_explorer(ROWS[0]), timeStamp="seen")
    path = put(tmp_path / "transactions.csv", csv_text([row]))
    message = refusal(tmp_path)
    assert f"{path} is in no known layout" in message
    assert "nearest to explorer_api, which also needs `timeStamp` for `block_timestamp`" in message
    assert "and `seen`. Add" in message
    # It is then in several layouts, which read the same of it.
    assert read(tmp_path, columns="{transactions: {block_timestamp: seen}}") == texts(ROWS[0])


@pytest.mark.parametrize("is_known", [True, False])
def test_of_a_reply_the_columns_of_its_rows_are_named(tmp_path: Path, is_known: bool) -> None:
    names = {"hash": "a_hash", "block_timestamp": "signed_at"}
    if not is_known:
        names |= {"from_address": "a", "to_address": "b", "value": "c"}
    reply = {"data": {"address": "0x1", "items": [renamed(ROWS[0], **names)]}, "error": False}
    path = put(tmp_path / "transactions.json", json.dumps(reply))
    message = refusal(tmp_path)
    assert f"{path} has no column `hash`" in message
    assert "`signed_at`" in message
    assert "`data`" not in message
    assert "`^" not in message
    assert "CHAIN_COLUMNS='{transactions: {hash: a" in message


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("gas", "gas_limit"),
        ("receipt_gas_used", "gas_used"),
        ("receipt_status", "success"),
    ],
)
def test_an_alias_of_an_optional_column_is_read(tmp_path: Path, ours: str, theirs: str) -> None:
    put(tmp_path / "transactions.csv", csv_text([transaction(1, **{theirs: 1})]))
    assert read(tmp_path)[0][ours] == "1"


LOOKALIKES = {
    "gasUsed": ("receipt_gas_used: gasUsed", "receipt_gas_used", "1"),
    "contractAddress": (
        "receipt_contract_address: contractAddress",
        "receipt_contract_address",
        "1",
    ),
    "status": ("receipt_status: status", "receipt_status", "1"),
    "isError": ("receipt_status: {is_error: isError}", "receipt_status", "0"),
}


@pytest.mark.parametrize("name", LOOKALIKES)
def test_a_column_that_others_call_so_is_asked_for_and_the_answer_taken(
    tmp_path: Path, name: str
) -> None:
    """Ignored, it would leave values NULL that the file has."""
    answer, column, value = LOOKALIKES[name]
    path = put(tmp_path / "transactions.csv", csv_text([transaction(1, **{name: 1})]))
    message = refusal(tmp_path)
    assert f"{path} has no column `{column}` but a column `{name}`" in message
    assert f"CHAIN_COLUMNS='{{transactions: {{{answer}}}}}'" in message
    assert read(tmp_path, columns=f"{{transactions: {{{answer}}}}}")[0][column] == value


STATUS = [
    *("status", "successful", "tx_success", "tx_succeeded", "tx_status", "TXRECEIPT_STATUS"),
    *(
        "Status",
        "status_",
        "txStatus",
        "transaction_status",
        "transaction_success",
        "receiptStatus",
    ),
    *("is_success", "isSuccess", "is_successful", "succeeded", "txn_status", "tx_receipt_status"),
    *("execution_status", "status_code", "statusCode"),
    *("Tx Status", "tx-status", "transaction.status", "Result", "execution_result", "ok"),
]
# Those that say the contrary, and the unit in which they are read.
ERRORS = {
    **dict.fromkeys(("is_error", "isError", "failed", "is_failed", "isFailed"), "is_error"),
    **dict.fromkeys(("reverted", "is_reverted", "tx_failed", "Is Error", "hasError"), "is_error"),
    **dict.fromkeys(("error", "Error", "err", "err_code", "errCode", "error_code"), "error"),
    **dict.fromkeys(("vm_error", "tx-error"), "error"),
}
REASONS = ["revert_reason", "revertReason", "error_message", "Revert Reason", "error.message"]


def named_otherwise(row: dict[str, object]) -> dict[str, object]:
    """The row as a query service writes it."""
    names = {"from_address": "from", "to_address": "to", "block_timestamp": "block_time"}
    return renamed(row, **names)


def of_explorer(row: dict[str, object]) -> dict[str, object]:
    """The row as the API of an explorer writes it, without a word on success."""
    names = {"from_address": "from", "to_address": "to", "block_timestamp": "timeStamp"}
    return renamed(row, **names)


@pytest.mark.parametrize("name", [*STATUS, *ERRORS])
@pytest.mark.parametrize("form", ["own", "CHAIN_COLUMNS", "dune", "explorer_api"])
def test_in_every_layout_a_status_that_would_be_ignored_is_asked_for(
    tmp_path: Path, form: str, name: str
) -> None:
    row = transaction(1, **{name: 1})
    mapping = ""
    if form == "CHAIN_COLUMNS":
        row, mapping = renamed(row, hash="id"), "hash: id, "
    elif form == "dune":
        row = named_otherwise(row)
    elif form == "explorer_api" and name not in ("isError", "err_code", "errCode"):
        row = of_explorer(row)
    path = put(tmp_path / "transactions.csv", csv_text([row]))
    answer = f"{{{ERRORS[name]}: {name}}}" if name in ERRORS else name
    message = refusal(tmp_path, f"{{transactions: {{{mapping}}}}}" if mapping else "")
    assert f"{path} has no column `receipt_status` but a column `{name}`" in message
    assert f"CHAIN_COLUMNS='{{transactions: {{receipt_status: {answer}}}}}'" in message
    columns = f"{{transactions: {{{mapping}receipt_status: {answer}}}}}"
    [found] = read(tmp_path, columns=columns)
    assert found["receipt_status"] == ("0" if name in ERRORS else "1")


@pytest.mark.parametrize("written_by", [named_otherwise, of_explorer])
@pytest.mark.parametrize("column", ["receipt_status", "gas_price", "receipt_contract_address"])
def test_a_column_of_ours_is_read_in_the_layout_of_others(
    tmp_path: Path, written_by: Callable[..., dict[str, object]], column: str
) -> None:
    """As a message asks you to add it. It was asked for under the name that it has."""
    put(tmp_path / "transactions.csv", csv_text([written_by(transaction(1, **{column: 0}))]))
    assert read(tmp_path)[0][column] == "0"


@pytest.mark.parametrize("name", REASONS)
@pytest.mark.parametrize("table", ["transactions", "receipts"])
def test_why_some_failed_is_no_status(tmp_path: Path, table: str, name: str) -> None:
    """A transaction that runs out of gas has no reason."""
    column = {"transactions": "receipt_status", "receipts": "status"}[table]
    rows = [transaction(1) | {"transaction_hash": ROWS[0]["hash"], "gas_used": 5, name: ""}]
    path = put(tmp_path / f"{table}.csv", csv_text(rows))
    message = refusal(tmp_path)
    assert f"{path} has no column `{column}` but a column `{name}`" in message
    put(tmp_path / f"{table}.csv", csv_text([row | {column: 0} for row in rows]))
    assert read(tmp_path, table)[0][column] == "0"


@pytest.mark.parametrize("name", ["log position", "event_index", "logIndex", "evt_index"])
def test_the_place_of_a_token_transfer_is_asked_for(tmp_path: Path, name: str) -> None:
    """Without it a transfer that a file holds twice is two."""
    row = {"token_address": account(9), "from_address": account(1), "to_address": account(2)}
    row |= {"value": 5, "transaction_hash": ROWS[0]["hash"], name: 7}
    put(tmp_path / "token_transfers.csv", csv_text([row]))
    assert f"has no column `log_index` but a column `{name}`" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["7", "yes", "tx #", "a: b", "id", "Tx Hash"])
def test_the_answer_that_a_message_names_is_understood(tmp_path: Path, name: str) -> None:
    row = renamed(ROWS[0], hash=name)
    put(tmp_path / "transactions.csv", csv_text([row]))
    _, _, answer = refusal(tmp_path).partition("CHAIN_COLUMNS='")
    assert read(tmp_path, columns=answer.partition("'")[0]) == texts(ROWS[0])


@pytest.mark.parametrize("name", ["receipt", "txReceipt", "transaction_receipt"])
def test_a_receipt_inside_a_transaction_is_not_lost(tmp_path: Path, name: str) -> None:
    receipt = {"status": "0x0", "gasUsed": "0x5208"}
    path = put(tmp_path / "transactions.json", json_lines([transaction(1, **{name: receipt})]))
    message = refusal(tmp_path)
    assert f"{path} has no column `receipt_status` but a column `{name}`" in message
    assert "make columns of what is in it" in message
    put(path, json_lines([transaction(1, **{name: receipt}, receipt_status=0)]))
    assert read(tmp_path)[0]["receipt_status"] == "0"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("receiptContractAddress", "receipt_contract_address"),
        ("created_contract_address", "receipt_contract_address"),
        ("creates", "receipt_contract_address"),
        ("receiptGasUsed", "receipt_gas_used"),
        ("Gas Used", "receipt_gas_used"),
        ("gas-price", "gas_price"),
        ("Block Number", "block_number"),
        ("FromScam", "from_scam"),
    ],
)
def test_our_own_name_in_another_spelling_is_asked_for(
    tmp_path: Path, theirs: str, ours: str
) -> None:
    put(tmp_path / "transactions.csv", csv_text([transaction(1, **{theirs: 7})]))
    assert f"has no column `{ours}` but a column `{theirs}`" in refusal(tmp_path)
    [row] = read(tmp_path, columns=f"{{transactions: {{{ours}: {theirs}}}}}")
    assert row[ours] == "7"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        *[(text, "1") for text in ("", " ", "None", "nan", "0", "0.0", "0x0", "false", "ok")],
        *[(text, "0") for text in ("execution reverted", "Out of gas", "1", "true", "-32000")],
    ],
)
def test_what_went_wrong_is_a_failure_where_it_is_said_so(
    tmp_path: Path, text: str, status: str
) -> None:
    put(tmp_path / "transactions.csv", csv_text([transaction(1, err=text)]))
    found = read(tmp_path, columns="{transactions: {receipt_status: {error: err}}}")
    assert found[0]["receipt_status"] == status


@pytest.mark.parametrize(
    ("row", "layout", "status"),
    [
        (of_explorer(ROWS[0]) | {"isError": 0, "txreceipt_status": 1}, "explorer_api", "1"),
        (of_explorer(ROWS[0]) | {"isError": 1, "txreceipt_status": ""}, "explorer_api", "0"),
        (of_explorer(ROWS[0]), "explorer_api", None),
        (named_otherwise(ROWS[0]) | {"success": "true", "status": 2}, "dune", "true"),
        (named_otherwise(ROWS[0]), "dune", None),
        (ROWS[0] | {"receipt_status": 1, "status": 2}, "crypto_ethereum", "1"),
        (ROWS[0] | {"success": 1, "tx_status": 2}, "crypto_ethereum", "1"),
        (ROWS[0] | {"receipt_status": 0, "error": "", "revert_reason": ""}, "crypto_ethereum", "0"),
        (of_explorer(ROWS[0]) | {"isError": 1, "is_failed": 0, "err": ""}, "explorer_api", "0"),
    ],
)
def test_beside_the_status_of_the_layout_nothing_is_asked(
    tmp_path: Path, row: dict[str, object], layout: str, status: str | None
) -> None:
    put(tmp_path / "transactions.csv", csv_text([row]))
    assert read(tmp_path)[0].get("receipt_status") == status
    assert plan_of(tmp_path).files[0]["layout"] == layout


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("receipt_status", "status"),
        ("success", "status"),
        ("tx_status", "status"),
        ("receiptStatus", "status"),
        ("transaction_success", "status"),
        ("receipt_gas_used", "gas_used"),
        ("receipt_effective_gas_price", "effective_gas_price"),
    ],
)
@pytest.mark.parametrize("key", ["transaction_hash", "transactionHash"])
def test_a_column_of_receipts_that_would_be_ignored_is_asked_for(
    tmp_path: Path, key: str, theirs: str, ours: str
) -> None:
    put_csv(tmp_path / "transactions.csv", 1)
    row = {key: ROWS[0]["hash"], theirs: 1, "block_number" if "_" in key else "blockNumber": 5}
    path = put(tmp_path / "receipts.csv", csv_text([row]))
    assert f"{path} has no column `{ours}` but a column `{theirs}`" in refusal(tmp_path)
    found = read(tmp_path, "receipts", f"{{receipts: {{{ours}: {theirs}}}}}")
    assert found == [{"transaction_hash": ROWS[0]["hash"], ours: "1", "block_number": "5"}]


@pytest.mark.parametrize("key", ["transaction_hash", "transactionHash"])
def test_receipts_of_nothing_are_refused(tmp_path: Path, key: str) -> None:
    put_csv(tmp_path / "transactions.csv", 1)
    path = put(tmp_path / "receipts.csv", csv_text([{key: ROWS[0]["hash"], "outcome": 1}]))
    message = refusal(tmp_path)
    assert f"{path} has none of the columns `status`, `gas_used`" in message
    assert "`outcome`" in message
    [row] = read(tmp_path, "receipts", "{receipts: {status: outcome}}")
    assert row["status"] == "1"


# --- files of one table ---


def test_a_file_that_lacks_a_needed_column_of_its_siblings_is_refused(tmp_path: Path) -> None:
    put_csv(tmp_path / "transactions/1.csv", 1)
    path = put(
        tmp_path / "transactions/2.csv", csv_text([renamed(transaction(2), to_address="to")])
    )
    message = refusal(tmp_path)
    assert str(path) in message
    assert "`to_address`" in message


@pytest.mark.parametrize("column", ["receipt_status", "gas", "block_number"])
def test_a_file_that_lacks_an_optional_column_of_its_siblings_is_refused(
    tmp_path: Path, column: str
) -> None:
    path = put_csv(tmp_path / "transactions/1.csv", 1)
    put(tmp_path / "transactions/2.csv", csv_text([transaction(2, **{column: 1})]))
    message = refusal(tmp_path)
    assert f"{path} has no column `{column}`" in message
    assert str(tmp_path / "transactions/2.csv") in message


def test_a_parquet_file_that_lacks_a_column_of_a_csv_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "transactions/1.parquet"
    path.parent.mkdir()
    pd.DataFrame([transaction(1)]).to_parquet(path)
    put(tmp_path / "transactions/2.csv", csv_text([transaction(2, gas=1)]))
    assert f"{path} has no column `gas`" in refusal(tmp_path)


def test_json_may_leave_out_the_keys_of_null(tmp_path: Path) -> None:
    put(tmp_path / "transactions/1.json", json_lines([transaction(1)]))
    put(tmp_path / "transactions/2.json", json_lines([transaction(2, gas=1)]))
    assert [row.get("gas") for row in read(tmp_path)] == [None, "1"]


# What two files of transactions hold, and whether failed ones of the second would be unknown.
LATER, EARLIER = "2018-03-02 14:00:20", "2017-10-16T05:22:10"
STATUS_OF_TWO = {
    "other layout": ([transaction(1, receipt_status=0)], [named_otherwise(ROWS[1])], True),
    "other layout, month first": (
        [transaction(1, receipt_status=0)],
        [named_otherwise(transaction(2, block_timestamp="1/15/2024 9:00:00"))],
        True,
    ),
    "other layout, with one": (
        [transaction(1, receipt_status=0)],
        [named_otherwise(ROWS[1]) | {"success": 1}],
        False,
    ),
    "other layout, before Byzantium": (
        [transaction(1, receipt_status=0)],
        [named_otherwise(transaction(2, block_timestamp=EARLIER))],
        False,
    ),
    "in each row of one JSON file": (
        [transaction(1, receipt_status=0), transaction(3, receipt_status=1)],
        [ROWS[1]],
        True,
    ),
    "in some rows of one JSON file": (
        [transaction(1, receipt_status=0), transaction(3)],
        [ROWS[1]],
        False,
    ),
    "in each since Byzantium": (
        [transaction(1, receipt_status=0), transaction(3, block_timestamp=1508131330)],
        [ROWS[1]],
        True,
    ),
    "block before Byzantium": (
        [transaction(1, receipt_status=0)],
        [transaction(2, block_number="0x42ae4f", block_timestamp=EARLIER)],
        False,
    ),
    "block of Byzantium": (
        [transaction(1, receipt_status=0)],
        [transaction(2, block_number="0x42ae50", block_timestamp=LATER)],
        True,
    ),
    "empty keys": ([transaction(1, receipt_status=0)], [ROWS[1] | {"receipt_status": None}], False),
    "no row": ([transaction(1, receipt_status=0)], [], False),
}


@pytest.mark.parametrize("what", STATUS_OF_TWO)
def test_a_status_that_only_one_file_says_is_missed(tmp_path: Path, what: str) -> None:
    """All failed transactions of the other would count as good."""
    one, other, is_missed = STATUS_OF_TWO[what]
    having = put(tmp_path / "transactions/a.json", json_lines(one))
    path = put(tmp_path / "transactions/b.json", json_lines(other))
    if not is_missed:
        assert len(read(tmp_path)) == len(one) + len(other)
        return
    message = refusal(tmp_path)
    assert f"{path} has no column `receipt_status`, but {having} has it" in message
    put(tmp_path / "receipts.csv", f"transaction_hash,gas_used\n{ROWS[1]['hash']},5\n")
    assert refusal(tmp_path) == message
    put(tmp_path / "receipts.csv", f"transaction_hash,status\n{ROWS[1]['hash']},1\n")
    assert len(read(tmp_path)) == len(one) + len(other)


def test_files_of_two_layouts_may_both_be_without_a_status(tmp_path: Path) -> None:
    path = put_csv(tmp_path / "transactions/a.csv", 1)
    row = named_otherwise(ROWS[1])
    put(tmp_path / "transactions/b.csv", csv_text([row]))
    assert len(read(tmp_path)) == 2
    put(tmp_path / "transactions/b.csv", csv_text([row | {"success": 1}]))
    assert f"{path} has no column `receipt_status`" in refusal(tmp_path)


def test_columns_that_are_not_used_may_differ(tmp_path: Path) -> None:
    put(tmp_path / "transactions/1.csv", csv_text([transaction(1, nonce=1)]))
    put(tmp_path / "transactions/2.csv", csv_text([transaction(2, input="0x")]))
    assert sorted(row["hash"] for row in read(tmp_path)) == [row["hash"] for row in ROWS]


# --- CHAIN_COLUMNS ---


def test_chain_columns_say_which_column_is_which(tmp_path: Path) -> None:
    rows = [renamed(row, hash="tx_id", value="wei") for row in ROWS]
    put(tmp_path / "transactions.csv", csv_text(rows))
    assert read(tmp_path, columns="{transactions: {hash: tx_id, value: WEI}}") == texts(*ROWS)


def test_chain_columns_choose_between_two_columns(tmp_path: Path) -> None:
    rows = [{"value_wei": 5, **row} for row in ROWS]
    put(tmp_path / "transactions.csv", csv_text(rows))
    read_rows = read(tmp_path, columns="{transactions: {value: value_wei}}")
    assert [row["value"] for row in read_rows] == ["5", "5"]


AMOUNTS = {
    "ether": {
        "0": 0,
        "1": 10**18,
        "0.05": 5 * 10**16,
        "1.5": 15 * 10**17,
        '"1,234.5"': 12345 * 10**17,
        "0.000000000000000001": 1,
        "123456789.123456789012345678": 123456789123456789012345678,
        "119999999.999999999999999999": 119999999999999999999999999,
    },
    "gwei": {"0": 0, "1": 10**9, "20.5": 205 * 10**8, "0.000000001": 1},
}


@pytest.mark.parametrize("unit", AMOUNTS)
def test_amounts_in_another_unit_become_exact_wei(tmp_path: Path, unit: str) -> None:
    amounts = AMOUNTS[unit]
    rows = [transaction(number, value=text) for number, text in enumerate(amounts)]
    put(tmp_path / "transactions.csv", csv_text(rows))
    values = [
        row["value"]
        for row in read(tmp_path, columns=f"{{transactions: {{value: {{{unit}: value}}}}}}")
    ]
    assert [int(value) for value in values] == list(amounts.values())


@pytest.mark.parametrize(
    ("text", "passed_on"),
    [
        ("abc", "abc"),
        ("nan", "nan"),
        ("1,5", "1,5 ether"),
        ("1.5 ETH", "1.5 ETH ether"),
        ("0x10", "0x10 ether"),
        ("1" * 30, "1" * 30 + " ether"),
    ],
)
def test_an_amount_that_is_no_number_is_never_read_as_wei(
    tmp_path: Path, text: str, passed_on: str
) -> None:
    put(tmp_path / "transactions.csv", csv_text([transaction(1, value=f'"{text}"')]))
    [row] = read(tmp_path, columns="{transactions: {value: {ether: value}}}")
    assert row["value"] == passed_on


def test_ether_of_a_double_is_taken_to_the_nearest_wei(tmp_path: Path) -> None:
    """A double can have more decimals than ether."""
    texts_of_doubles = {"0.00012345678901234567": 123456789012346, "1e-05": 10**13}
    rows = [transaction(n, value=text) for n, text in enumerate(texts_of_doubles)]
    put(tmp_path / "transactions.csv", csv_text(rows))
    read_rows = read(tmp_path, columns="{transactions: {value: {ether: value}}}")
    assert [int(row["value"]) for row in read_rows] == list(texts_of_doubles.values())


BAD_MAPPINGS = {
    "transactions": "CHAIN_COLUMNS cannot be read",
    "{transactions: {hash: [": "CHAIN_COLUMNS cannot be read",
    "[transactions]": "CHAIN_COLUMNS cannot be read",
    "{transaction: {hash: id}}": "there is no table transaction.",
    "{transactions: hash}": "transactions needs columns",
    "{transactions: {hsh: id}}": "transactions has no column hsh.",
    "{transactions: {value: {ehter: amount}}}": "transactions.value has to be the name",
    "{transactions: {value: 5}}": "transactions.value has to be the name",
    "{transactions: {value: {ether: a, gwei: b}}}": "transactions.value has to be the name",
    "{transactions: {value: amount}}": "has the column given for value.",
}


@pytest.mark.parametrize("mapping", BAD_MAPPINGS)
def test_a_mapping_that_says_nothing_clear_is_refused(tmp_path: Path, mapping: str) -> None:
    put_csv(tmp_path / "transactions.csv", 1)
    assert BAD_MAPPINGS[mapping] in refusal(tmp_path, mapping)


def test_a_mapping_of_one_table_leaves_the_others(tmp_path: Path) -> None:
    put(tmp_path / "transactions.csv", csv_text([renamed(ROWS[0], hash="id")]))
    put(tmp_path / "blocks.csv", "number,timestamp\n1,1520000000\n")
    columns = "{transactions: {hash: id}}"
    assert read(tmp_path, columns=columns) == texts(ROWS[0])
    assert read(tmp_path, "blocks", columns) == [{"number": "1", "timestamp": "1520000000"}]


def test_an_optional_column_that_a_mapping_names_has_to_be_there(tmp_path: Path) -> None:
    put_csv(tmp_path / "transactions.csv", 1)
    message = refusal(tmp_path, "{transactions: {gas: gas_lmt}}")
    assert "no file of transactions has the column given for gas." in message


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_file_without_the_column_of_a_mapping_keeps_our_own(tmp_path: Path, ending: str) -> None:
    """Else a file of a job that has our names already would lose them."""
    write = {"csv": csv_text, "json": json_lines}[ending]
    theirs = [{"ok": 1, **renamed(transaction(1), value="amount")}]
    ours = [transaction(2, receipt_status=0)]
    put(tmp_path / f"transactions/a.{ending}", write(theirs))
    put(tmp_path / f"transactions/b.{ending}", write(ours))
    columns = "{transactions: {receipt_status: ok, value: amount}}"
    found = {row["hash"]: row for row in read(tmp_path, columns=columns)}
    assert [found[row["hash"]]["receipt_status"] for row in ROWS] == ["1", "0"]
    assert [found[row["hash"]]["value"] for row in ROWS] == [str(row["value"]) for row in ROWS]


def test_our_own_column_beside_that_of_a_mapping_is_not_read(tmp_path: Path) -> None:
    rows = [transaction(1, receipt_status=1, ok=0)]
    put(tmp_path / "transactions/a.csv", csv_text(rows))
    [row] = read(tmp_path, columns="{transactions: {receipt_status: ok}}")
    assert row["receipt_status"] == "0"


def test_our_own_columns_do_not_hide_a_mistyped_one(tmp_path: Path) -> None:
    put(tmp_path / "transactions.csv", csv_text([transaction(1, receipt_status=1)]))
    message = refusal(tmp_path, "{transactions: {receipt_status: okk}}")
    assert "no file of transactions has the column given for receipt_status." in message


def test_a_mapping_adds_to_a_layout_of_others(tmp_path: Path) -> None:
    row = {
        "block_time": "2024-01-15 09:00:00.000 UTC",
        "hash": ROWS[0]["hash"],
        "from": ROWS[0]["from_address"],
        "to": ROWS[0]["to_address"],
        "value": 5,
        "used": 21000,
    }
    put(tmp_path / "transactions.csv", csv_text([row]))
    assert "receipt_gas_used" not in read(tmp_path)[0]
    [read_row] = read(tmp_path, columns="{transactions: {receipt_gas_used: used}}")
    assert (read_row["receipt_gas_used"], read_row["value"]) == ("21000", "5")
