"""A file is what its content says, and its header, keys or schema name its columns."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commands.build.problems import explained
from support.dbt_project import account, transaction, transaction_hash
from support.reader import (
    csv_text,
    json_lines,
    plan_of,
    put,
    put_csv,
    read,
    refusal,
    rows_of,
    texts,
)

ROWS = [transaction(1), transaction(2)]
CSV = csv_text(ROWS)


def failed_read(chain: Path) -> str:
    """Return what is said of a file that only reading shows to be damaged: one paragraph."""
    with pytest.raises(duckdb.Error) as stopped:
        rows_of(plan_of(chain))
    # dbt puts its own line before and moves the message to the right.
    message = "Runtime Error in model transactions (a.sql)\n" + str(stopped.value)
    (said,) = explained([message.replace("\n", "\n  ")], None)
    assert "\n" not in said
    assert "strict_mode" not in said
    return said


# --- CSV ---


def quoted(rows: list[dict[str, object]]) -> str:
    lines = [list(rows[0]), *(row.values() for row in rows)]
    return "".join(",".join(f'"{value}"' for value in line) + "\n" for line in lines)


SPELLINGS = {
    "plain": CSV,
    "no last line end": CSV[:-1],
    "CRLF": csv_text(ROWS, line_end="\r\n"),
    "BOM": "\ufeff" + CSV,
    "BOM and CRLF": "\ufeff" + csv_text(ROWS, line_end="\r\n"),
    "BOM and quotes": "\ufeff" + quoted(ROWS),
    "semicolon": csv_text(ROWS, delimiter=";"),
    "tab": csv_text(ROWS, delimiter="\t"),
    "bar": csv_text(ROWS, delimiter="|"),
    "quotes": quoted(ROWS),
    "upper-case header": CSV.split("\n", 1)[0].upper() + "\n" + CSV.split("\n", 1)[1],
    "header with spaces": CSV.replace(",", " , ", 4),
    "UTF-16": CSV.encode("utf-16"),
    "other columns": csv_text(
        [{"": 0, "nonce": "1", **row, "input": "0x", "größe": "é"} for row in ROWS]
    ),
    "a comma and a line end in quotes": csv_text(
        [{"note": '"one, two\nthree ""four"""', **row} for row in ROWS]
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", ["transactions.csv", "transactions/part-0", "transactions.json"])
def test_csv_is_read_in_every_spelling(tmp_path: Path, spelling: str, name: str) -> None:
    put(tmp_path / name, SPELLINGS[spelling])
    assert read(tmp_path) == texts(*ROWS)


def test_the_order_of_columns_may_differ_between_files(tmp_path: Path) -> None:
    put(tmp_path / "transactions/1.csv", csv_text(ROWS[:1]))
    put(tmp_path / "transactions/2.csv", csv_text([dict(reversed(ROWS[1].items()))]))
    put(tmp_path / "transactions/3.csv", csv_text([{"nonce": 1} | transaction(3)]))
    assert sorted(read(tmp_path), key=lambda row: row["hash"]) == texts(*ROWS, transaction(3))


def test_an_empty_field_is_null_and_a_quoted_one_is_no_value_either(tmp_path: Path) -> None:
    put(tmp_path / "transactions.csv", csv_text([transaction(1, to_address="")]))
    [row] = read(tmp_path)
    assert not row.get("to_address")


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    put(tmp_path / "transactions.csv", CSV.split("\n")[0])
    assert read(tmp_path) == []


@pytest.mark.parametrize("again", ["value", "VALUE"])
def test_a_column_that_is_used_may_not_be_there_twice(tmp_path: Path, again: str) -> None:
    header, *lines = CSV.splitlines()
    text = "\n".join([f"{header},{again}", *(f"{line},5" for line in lines)])
    path = put(tmp_path / "transactions.csv", text)
    assert f"{path} has the column value 2 times" in refusal(tmp_path)


def test_a_column_that_is_not_used_may_be_there_twice(tmp_path: Path) -> None:
    header, *lines = CSV.splitlines()
    text = "\n".join([f"{header},input,input", *(f"{line},0x,0x" for line in lines)])
    put(tmp_path / "transactions.csv", text)
    assert read(tmp_path) == texts(*ROWS)
    [file] = plan_of(tmp_path).files
    assert file["columns_ignored"] == "input, input"


MANY = csv_text([transaction(n) for n in range(30_000)])

FIELDS = "does not have the 5 fields that the header names"
NOT_CLOSED = "has a quote that is not closed"
BACKSLASH = "escapes a quote with a backslash"

# A damage, the line it is in, and what is said of it.
DAMAGED_LINES = {
    "a field too few": (CSV + ",".join(["0x1"] * 4) + "\n", 4, FIELDS),
    "a field too many": (CSV + ",".join(["0x1"] * 6) + "\n", 4, FIELDS),
    "three fields too many": (CSV + ",".join(["0x1"] * 8) + "\n", 4, FIELDS),
    "cut off in a row": (MANY[:-100], 30_001, FIELDS),
    "too few among many": (
        MANY.replace(f"{transaction_hash(29_000)},", "", 1),
        29_002,
        FIELDS,
    ),
    "a quote that never ends": (CSV + '"0x1' + CSV[20:], 4, NOT_CLOSED),
    "a quote that never ends in the last field": (CSV[:-20] + '"' + CSV[-20:], 3, NOT_CLOSED),
    "a quote that never ends as the last field": (
        CSV + '0x1,0x2,0x3,4,"2018-03-02 14:02:20',
        4,
        NOT_CLOSED,
    ),
    "a quote that never ends at the last sign": (CSV + '0x1,0x2,0x3,4,"', 4, NOT_CLOSED),
    "a quote that never ends among many": (CSV + '"0x1,' + MANY, 4, NOT_CLOSED),
    "text behind a quoted field": (
        CSV + '0x1,0x2,0x3,"4"5,2018-03-02 14:02:20\n',
        4,
        NOT_CLOSED,
    ),
    "a quote escaped by a backslash": (CSV + '0x1,0x2,0x3,4,"a\\"b"\n', 4, BACKSLASH),
    "the same before a delimiter": (CSV + '0x1,0x2,0x3,"a\\",b",5\n', 4, BACKSLASH),
    "a backslash, and a quote doubled": (CSV + '0x1,0x2,"a\\""b"\n', 4, FIELDS),
    "a line of 3 MB": (CSV + "1" * 3_000_000 + ",0x1,0x2,3,4\n", 4, "is longer than 2000000 bytes"),
    "Latin-1": (
        csv_text([row | {"to_address": "Börse"} for row in ROWS]).encode("latin-1"),
        2,
        "not UTF-8",
    ),
    "Latin-1 among many": (
        MANY.encode() + "é,0x1,0x2,3,4\n".encode("latin-1"),
        30_002,
        "not UTF-8",
    ),
}


@pytest.mark.parametrize("damage", DAMAGED_LINES)
def test_a_damaged_line_stops_with_file_line_and_fault(tmp_path: Path, damage: str) -> None:
    content, line, fault = DAMAGED_LINES[damage]
    path = put(tmp_path / "transactions/it's {a} file.csv", content)
    put(tmp_path / "transactions/before.csv", csv_text([transaction(3)]))
    said = failed_read(tmp_path)
    assert said.startswith(f"{path}: line {line} ")
    assert fault in said


MIXED_LINE_ENDS = {
    "the header alone": CSV.replace("\n", "\r\n", 1),
    "all but the header": CSV.replace("\n", "\r\n").replace("\r\n", "\n", 1),
    "LF, then CRLF": MANY[:1_000_000] + MANY[1_000_000:].replace("\n", "\r\n"),
    "CRLF, then LF": MANY[:1_000_000].replace("\n", "\r\n") + MANY[1_000_000:],
    "LF, then CR": MANY[:1_000_000] + MANY[1_000_000:].replace("\n", "\r"),
}


@pytest.mark.parametrize("mixed", MIXED_LINE_ENDS)
def test_lines_that_end_in_different_ways_stop_with_the_file(tmp_path: Path, mixed: str) -> None:
    path = put(tmp_path / "transactions.csv", MIXED_LINE_ENDS[mixed])
    assert failed_read(tmp_path).startswith(f"{path}: its lines end in different ways")


NOT_A_TABLE = {
    "nothing": ("", "is empty"),
    "blank lines": ("\n\n", "is empty"),
    "an empty first line": ("\n" + CSV, "begins with an empty line"),
    "no header": (CSV.split("\n", 1)[1], "has no column name in its first line"),
    "a web page": ("<!DOCTYPE html>\n<html>Not found</html>", "is a web page"),
    "XML": ('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "is a web page"),
    "UTF-16 of the other kind": (b"\xfe\xff" + CSV.encode("utf-16-be"), "high byte first"),
    "UTF-16 without a mark": (CSV.encode("utf-16-le"), "is not text"),
    "the other kind without a mark": (CSV.encode("utf-16-be"), "is not text"),
    "JSON as UTF-16": (json_lines(ROWS).encode("utf-16-le"), "is not text"),
    "bytes": (bytes(range(256)) * 3, "is not text"),
    "JSON as UTF-16 with a mark": (json_lines(ROWS).encode("utf-16"), "is JSON in UTF-16"),
    "two arrays": (json.dumps(ROWS) + "\n" + json.dumps(ROWS), "either one array or one object"),
    "rows further inside": (json.dumps({"hits": {"hits": ROWS}}), "If its rows are inside one of"),
    "texts": ('["0x1", "0x2"]', "each row has to be a JSON object"),
    "numbers": ("[1, 2]", "each row has to be a JSON object"),
}


@pytest.mark.parametrize("what", NOT_A_TABLE)
@pytest.mark.parametrize("name", ["transactions.csv", "transactions/part"])
def test_what_is_no_table_is_refused(tmp_path: Path, what: str, name: str) -> None:
    content, message = NOT_A_TABLE[what]
    path = put(tmp_path / name, content)
    assert str(path) in refusal(tmp_path)
    assert message in refusal(tmp_path)


def test_a_zero_byte_in_a_value_is_read(tmp_path: Path) -> None:
    """Symbols of tokens are padded with them."""
    put(tmp_path / "tokens.csv", f"address,symbol\n{account(1)},MKR\0\0\n")
    [row] = read(tmp_path, "tokens")
    assert row["symbol"].startswith("MKR")


def test_a_text_file_named_parquet_is_refused(tmp_path: Path) -> None:
    for name in ("transactions.parquet", "transactions/part-0.snappy.parquet"):
        path = put(tmp_path / name, CSV)
        assert f"{path} is not a Parquet file" in refusal(tmp_path)
        path.unlink()


# --- JSON ---


def test_a_key_first_seen_at_row_20481_is_read(tmp_path: Path) -> None:
    """A sample of the first 20,480 rows leaves it out without a word."""
    rows = [transaction(number) for number in range(20_580)]
    for row in rows[20_480:]:
        row["receipt_status"] = "0"
    put(tmp_path / "transactions.json", json_lines(rows))
    assert read(tmp_path) == texts(*rows)


def test_a_key_first_seen_in_the_33rd_file_is_read(tmp_path: Path) -> None:
    rows = [transaction(number) for number in range(40)]
    for row in rows[32:]:
        row["gas"] = "21000"
    for number, row in enumerate(rows):
        put(tmp_path / f"transactions/part-{number:03d}.json", json_lines([row]))
    assert read(tmp_path) == texts(*rows)
    assert plan_of(tmp_path).relations["transactions"].count("read_json(") == 2


JSON_FORMS = {
    "lines": json_lines(ROWS),
    "lines with CRLF": json_lines(ROWS).replace("\n", "\r\n"),
    "lines with blank ones": json_lines(ROWS).replace("\n", "\n\n"),
    "array": json.dumps(ROWS),
    "array, pretty": json.dumps(ROWS, indent=4),
    "objects, pretty": "\n".join(json.dumps(row, indent=4) for row in ROWS),
    "result": json.dumps({"status": "1", "message": "OK", "result": ROWS}),
    "result, pretty": json.dumps({"status": "1", "result": ROWS}, indent=2),
    "result.rows": json.dumps({"execution_id": "x", "result": {"rows": ROWS, "metadata": {}}}),
    "data": json.dumps({"data": ROWS}),
    "data.items": json.dumps({"data": {"items": ROWS}, "error": False}),
    "items": json.dumps({"items": ROWS, "next_page_params": None}),
    "results": json.dumps({"count": 2, "next": None, "results": ROWS}),
    "records": json.dumps({"records": ROWS}),
    "upper-case keys": json_lines([{k.upper(): v for k, v in row.items()} for row in ROWS]),
    "lines with BOM": "\ufeff" + json_lines(ROWS),
    "array with BOM": "\ufeff" + json.dumps(ROWS),
    "result with BOM": "\ufeff" + json.dumps({"status": "1", "message": "OK", "result": ROWS}),
    "nested values beside": json_lines([{"logs": [{"a": 1}], "b": {}, **row} for row in ROWS]),
    "keys in another order": json_lines([ROWS[0], dict(reversed(ROWS[1].items()))]),
}


@pytest.mark.parametrize("form", JSON_FORMS)
@pytest.mark.parametrize("name", ["transactions.json", "transactions.jsonl", "transactions/part"])
def test_json_is_read_in_every_form(tmp_path: Path, form: str, name: str) -> None:
    put(tmp_path / name, JSON_FORMS[form])
    assert read(tmp_path) == texts(*ROWS)


BY_COLUMNS = {
    "columns of pandas": json.dumps(
        {name: {str(n): row[name] for n, row in enumerate(ROWS)} for name in ROWS[0]}
    ),
    "lists": json.dumps({name: [row[name] for row in ROWS] for name in ROWS[0]}),
    "an object for an address": json_lines(
        [row | {"from_address": {"hash": row["from_address"]}} for row in ROWS]
    ),
    "numbers of MongoDB": json_lines([row | {"value": {"$numberLong": "5"}} for row in ROWS]),
    "rows of a reply": json.dumps({"result": [row | {"value": [5]} for row in ROWS]}),
}


@pytest.mark.parametrize("what", BY_COLUMNS)
def test_json_that_holds_columns_for_values_is_refused(tmp_path: Path, what: str) -> None:
    """A table by columns would be one rejected row, too few to stop beside the rows of others."""
    put(tmp_path / "transactions/1.json", json_lines([transaction(n) for n in range(200)]))
    path = put(tmp_path / "transactions/2.json", BY_COLUMNS[what])
    assert f"{path} holds objects or lists in `" in refusal(tmp_path)
    assert "orient='records'" in refusal(tmp_path)


def test_numbers_of_json_keep_every_digit(tmp_path: Path) -> None:
    value = 2**256 - 1
    text = json_lines([transaction(1)]).replace('"1000000000000000000"', str(value))
    for name, content in {
        "transactions/lines.json": text,
        "transactions/reply.json": f'{{"result": [{text}]}}',
    }.items():
        put(tmp_path / name, content)
    assert [row["value"] for row in read(tmp_path)] == [str(value)] * 2


def test_null_and_an_absent_key_are_both_null(tmp_path: Path) -> None:
    without = {name: value for name, value in ROWS[1].items() if name != "to_address"}
    put(tmp_path / "transactions.json", json_lines([ROWS[0] | {"to_address": None}, without]))
    assert [row.get("to_address") for row in read(tmp_path)] == [None, None]


WITHOUT_ROWS = {
    "nothing": "",
    "blank lines": "\n\n",
    "an empty array": "[]\n",
    "an empty array, pretty": "[\n]",
    "a last page": '{"status": "0", "message": "No transactions found", "result": []}',
    "a last page with a cursor": '{"cursor": null, "page": 3, "result": []}',
    "a last page of items": '{"items": [], "next_page_params": null}',
    "a last page with more around": (
        '{"data": {"address": "0x1", "items": [], "pagination": {}}, "error": false}'
    ),
    "a query without rows": (
        '{"execution_id": "x", "state": "done", "result": {"rows": [], "metadata": {}}}'
    ),
    "a list and nothing else": '{"data": []}',
    "no logs": '{"jsonrpc": "2.0", "id": 1, "result": []}',
    "a block without transactions": '{"id": 1, "result": {"timestamp": "0x1", "transactions": []}}',
    "blocks without transactions": '{"block_number": 1, "time": 1705309200, "transactions": []}\n',
}


@pytest.mark.parametrize("what", WITHOUT_ROWS)
def test_a_json_file_without_rows_is_empty(tmp_path: Path, what: str) -> None:
    put(tmp_path / "transactions/1.json", WITHOUT_ROWS[what])
    assert read(tmp_path) == []
    put(tmp_path / "transactions/2.json", json_lines(ROWS))
    assert read(tmp_path) == texts(*ROWS)
    put(tmp_path / "transactions/1.json", json_lines([transaction(3)]))
    assert len(read(tmp_path)) == 3


HOLDS_A_LIST = [
    {"id": "0x1", "amount": 5, "status": "ok", "items": []},
    {"id": "0x1", "amount": 5, "transactions": []},
    {"id": "0x1", "amount": 5, "data": {"items": []}},
    {"data": {"id": "0x1", "amount": 5, "items": []}},
    {"jsonrpc": "2.0", "id": 1, "result": {"amount": 5, "rows": []}},
]


@pytest.mark.parametrize("row", HOLDS_A_LIST)
def test_a_row_that_holds_an_empty_list_is_a_row(tmp_path: Path, row: dict[str, object]) -> None:
    """Taken for a reply without rows, the file would be empty without a word."""
    path = put(tmp_path / "transactions.json", json_lines([row, row]))
    message = refusal(tmp_path)
    assert f"{path} has no column `hash`" in message
    assert ("`data`" if "data" in row else "`amount`") in message


EMPTY_BLOCK = {"number": "0x1", "timestamp": "0x65a4f610", "transactions": []}
EMPTY_BLOCKS = {
    "a reply": (json.dumps({"jsonrpc": "2.0", "id": 1, "result": EMPTY_BLOCK}), 1),
    "replies": (
        json_lines([{"jsonrpc": "2.0", "id": n, "result": EMPTY_BLOCK} for n in (1, 2)]),
        2,
    ),
    "a batch": (
        json.dumps([{"jsonrpc": "2.0", "id": n, "result": EMPTY_BLOCK} for n in (1, 2)]),
        2,
    ),
    "lines": (json_lines([EMPTY_BLOCK]), 1),
    "lines of a query": (
        json_lines([{"number": "0x1", "time": "0x65a4f610", "transactions": []}]),
        1,
    ),
}


@pytest.mark.parametrize("what", EMPTY_BLOCKS)
def test_a_block_without_transactions_is_a_block(tmp_path: Path, what: str) -> None:
    content, blocks = EMPTY_BLOCKS[what]
    put(tmp_path / "blocks.json", content)
    expected = {"number": "0x1", "timestamp": "0x65a4f610"}
    assert read(tmp_path, "blocks") == [expected] * blocks
    put(tmp_path / "transactions.json", content)
    assert read(tmp_path) == []


def test_a_block_without_the_names_of_one_is_refused(tmp_path: Path) -> None:
    row = {"block_number": 1, "time": 1705309200, "transactions": []}
    path = put(tmp_path / "blocks.json", json_lines([row]))
    assert f"{path} is in no known layout" in refusal(tmp_path)
    assert "cryo_blocks, which also needs `timestamp`" in refusal(tmp_path)


def test_an_object_as_result_is_a_row(tmp_path: Path) -> None:
    """As a node answers a question about one receipt."""
    put_csv(tmp_path / "transactions.csv", 1)
    receipt = {"transactionHash": ROWS[0]["hash"], "status": "0x1", "logs": []}
    replies = [{"jsonrpc": "2.0", "id": 1, "result": receipt}, {"id": 2, "result": None}]
    path = put(tmp_path / "receipts.json", json_lines(replies[:1]))
    expected = {"transaction_hash": ROWS[0]["hash"], "status": "0x1"}
    assert read(tmp_path, "receipts") == [expected]
    put(path, json_lines(replies))
    assert f"{path}: 1 of its replies hold no list `result`" in refusal(tmp_path)


@pytest.mark.parametrize("text", ["{}\n{}\n", '{"result": "NOTOK"}', '{"result": null}', "null"])
def test_a_json_file_without_a_list_of_rows_is_refused(tmp_path: Path, text: str) -> None:
    path = put(tmp_path / "transactions.json", text)
    assert str(path) in refusal(tmp_path)


@pytest.mark.parametrize("reply", ['{"result": "Max rate limit reached"}', '{"error": "down"}'])
def test_a_reply_without_rows_among_others_is_refused(tmp_path: Path, reply: str) -> None:
    """Its rows would be missing without a word."""
    page = json.dumps({"result": ROWS})
    path = put(tmp_path / "transactions.json", f"{page}\n{reply}\n{page}\n")
    assert f"{path}: 1 of its replies hold no list `result`" in refusal(tmp_path)
    put(path, f'{page}\n{{"result": []}}\n')
    assert read(tmp_path) == texts(*ROWS)


BLOCK = {
    "timestamp": "0x65a4f610",
    "transactions": [
        {"hash": ROWS[0]["hash"], "from": account(2), "to": account(3), "value": "0x1"}
    ],
}


@pytest.mark.parametrize(
    "refused", [{"error": {"code": -32000}}, {"result": None}, {"result": "Too many requests"}]
)
@pytest.mark.parametrize("form", ["batch", "lines"])
def test_a_refused_call_of_a_batch_is_counted(
    tmp_path: Path, refused: dict[str, object], form: str
) -> None:
    replies = [{"jsonrpc": "2.0", "id": 1, "result": BLOCK}, {"jsonrpc": "2.0", "id": 2} | refused]
    content = json.dumps(replies) if form == "batch" else json_lines(replies)
    path = put(tmp_path / "transactions.json", content)
    assert f"{path}: 1 of its replies hold no list `result.transactions`" in refusal(tmp_path)
    put(path, json.dumps(replies[:1]))
    assert [row["hash"] for row in read(tmp_path)] == [ROWS[0]["hash"]]


# --- Parquet ---


def write_parquet(path: Path, **columns: pa.Array) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


def test_typed_columns_keep_their_types(tmp_path: Path) -> None:
    time = datetime(2018, 3, 2, 14, 1, 20)
    row = transaction(1, block_timestamp=time, value=Decimal(10**18), gas=21000)
    pd.DataFrame([row]).to_parquet(tmp_path / "transactions.parquet")
    assert read(tmp_path) == [row]


def with_values(path: Path, **values: pa.Array) -> Path:
    columns = {name: pa.array([row[name] for row in ROWS]) for name in ROWS[0]}
    return write_parquet(path, **(columns | values))


WEI = [Decimal(12_345_678_901_234_567_891), Decimal(10**18 + 1)]


def test_a_column_that_a_parquet_file_has_in_two_spellings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "transactions.parquet"
    pq.write_table(pa.Table.from_pylist([transaction(1, Value="5")]), path)
    said = "has the column value 2 times (value, Value). Keep one."
    assert refusal(tmp_path) == f"{path} {said}"
    pq.write_table(pa.Table.from_pylist([transaction(1, nonce=1, Nonce=2)]), path)
    assert read(tmp_path) == [transaction(1)]


@pytest.mark.parametrize("name", ["file_index", "FILE_INDEX"])
def test_a_column_that_hides_the_number_of_a_file_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "transactions.parquet"
    pq.write_table(pa.Table.from_pylist([transaction(1, **{name: 7})]), path)
    assert f"{path} has a column `file_index`" in refusal(tmp_path)
    put(tmp_path / "tokens.csv", csv_text([{"address": account(1), name: 7}]))
    path.unlink()
    assert rows_of(plan_of(tmp_path), "tokens") == [{"address": account(1), "input_file": 0}]


@pytest.mark.parametrize(
    "kind", [pa.decimal256(76, 0), pa.decimal256(39, 0), pa.decimal256(76, 18)]
)
def test_a_decimal_of_more_than_38_digits_is_refused(tmp_path: Path, kind: pa.DataType) -> None:
    """DuckDB reads it as a double, which has 16 digits."""
    path = with_values(tmp_path / "transactions.parquet", value=pa.array(WEI, kind))
    message = refusal(tmp_path)
    assert f"{path} has `value` as DECIMAL of more than 38 digits" in message
    assert "Write it as text, or as decimal(38, 0)" in message


@pytest.mark.parametrize("kind", [pa.decimal128(38, 0), pa.decimal256(38, 0), pa.float64()])
def test_other_decimals_and_doubles_are_read(tmp_path: Path, kind: pa.DataType) -> None:
    values = WEI if pa.types.is_decimal(kind) else [float(value) for value in WEI]
    with_values(tmp_path / "transactions.parquet", value=pa.array(values, kind))
    assert [row["value"] for row in read(tmp_path)] == values


def test_a_decimal_of_more_than_38_digits_that_is_not_used_is_ignored(tmp_path: Path) -> None:
    difficulty = pa.array(WEI, pa.decimal256(76, 0))
    with_values(tmp_path / "transactions.parquet", difficulty=difficulty)
    assert read(tmp_path) == ROWS


def test_files_of_differing_types_are_read_as_text(tmp_path: Path) -> None:
    time = datetime(2018, 3, 2, 14, 1, 20, tzinfo=UTC)
    for number, row in enumerate([transaction(1, block_timestamp=time), transaction(2)]):
        path = tmp_path / f"transactions/{number}.parquet"
        path.parent.mkdir(exist_ok=True)
        pd.DataFrame([row]).to_parquet(path)
    assert [row["block_timestamp"] for row in read(tmp_path)] == [
        "2018-03-02 14:01:20+00",
        "2018-03-02 14:02:20",
    ]


def test_binary_hashes_and_addresses_become_hexadecimal_text(tmp_path: Path) -> None:
    def raw(text: str) -> pa.Array:
        return pa.array([bytes.fromhex(text[2:])], pa.binary())

    write_parquet(
        tmp_path / "transactions.parquet",
        hash=raw(transaction_hash(1)),
        from_address=raw(account(2)),
        to_address=pa.array([account(3).encode()], pa.binary()),
        value=raw(f"0x{10**18:064x}"),
        block_timestamp=pa.array([1520000000], pa.uint32()),
    )
    assert read(tmp_path) == [
        transaction(1, value=f"0x{10**18:064x}", block_timestamp=1520000000),
    ]


@pytest.mark.parametrize("start", ["3078", "307800ff", "3078c3a9", "3333", "00"])
def test_bytes_of_an_address_that_look_like_text_are_bytes(tmp_path: Path, start: str) -> None:
    """One address in 65,536 begins with the bytes of `0x`."""
    address = "0x" + (start * 20)[:40]
    columns = {name: pa.array([value]) for name, value in ROWS[0].items()}
    columns["from_address"] = pa.array([bytes.fromhex(address[2:])], pa.binary())
    write_parquet(tmp_path / "transactions.parquet", **columns)
    assert read(tmp_path)[0]["from_address"] == address


def test_text_that_was_written_as_bytes_is_text(tmp_path: Path) -> None:
    rows = [transaction(1, value="0", gas="21000"), transaction(2, value=str(10**20), gas="7")]
    columns = {n: pa.array([str(row[n]).encode() for row in rows]) for n in rows[0]}
    write_parquet(tmp_path / "transactions.parquet", **columns)
    assert read(tmp_path) == rows


@pytest.mark.parametrize(
    ("table", "column"), [("transactions", "value"), ("balances", "eth_balance")]
)
def test_bytes_of_an_amount_are_a_number(tmp_path: Path, table: str, column: str) -> None:
    """As big integers of Go and Java are written: as short as can be, and 0 without any."""
    amounts = [0, 10**18, int.from_bytes(b"RRRR"), int.from_bytes(b" 12 ")]
    raw = [amount.to_bytes((amount.bit_length() + 7) // 8) for amount in amounts]
    rows = [transaction(number) for number in range(4)]
    columns = {name: pa.array([row[name] for row in rows]) for name in rows[0]}
    columns |= {"address": columns["from_address"], column: pa.array(raw)}
    write_parquet(tmp_path / f"{table}.parquet", **columns)
    assert [int(row[column], 16) for row in read(tmp_path, table)] == amounts


def test_null_in_a_binary_column_stays_null(tmp_path: Path) -> None:
    columns = {name: pa.array([value]) for name, value in ROWS[0].items()}
    columns["to_address"] = pa.array([None], pa.binary())
    write_parquet(tmp_path / "transactions.parquet", **columns)
    assert "to_address" not in read(tmp_path)[0]


def test_a_parquet_file_says_how_many_rows_it_holds(tmp_path: Path) -> None:
    pd.DataFrame(ROWS).to_parquet(tmp_path / "transactions.parquet")
    put_csv(tmp_path / "transactions-2.csv", 3)
    rows = {file["file_name"]: file["rows_in_file"] for file in plan_of(tmp_path).files}
    assert rows == {"transactions.parquet": 2, "transactions-2.csv": None}
