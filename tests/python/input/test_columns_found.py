"""Columns are found in every file itself, and a column that is lost is an error or is named."""

import json
from pathlib import Path

import pandas as pd
import pytest

from commands.check.errors import InputError
from commands.check.plan import label_plan
from support.dbt_project import account, transaction, transaction_hash, write
from support.input_files import labels, planned, rows


def json_lines(path: Path, entries: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))


def test_a_json_key_that_comes_late_is_found(tmp_path: Path) -> None:
    entries = [transaction(number) for number in range(20_600)]
    json_lines(tmp_path / "transactions.json", [*entries, transaction(20_601, receipt_status="0")])
    statuses = rows(planned(tmp_path), "transactions", "receipt_status")
    assert [value for (value,) in statuses if value is not None] == ["0"]


def test_a_json_key_of_the_last_of_many_files_is_found(tmp_path: Path) -> None:
    for number in range(40):
        columns = {"receipt_status": "0"} if number == 39 else {}
        json_lines(tmp_path / f"transactions/{number:02}.json", [transaction(number, **columns)])
    statuses = rows(planned(tmp_path), "transactions", "receipt_status")
    assert [value for (value,) in statuses if value is not None] == ["0"]


def test_case_and_order_of_names_do_not_matter(tmp_path: Path) -> None:
    one = transaction(1, receipt_status="0")
    write(tmp_path / "transactions/a.csv", [one])
    write(
        tmp_path / "transactions/b.csv",
        [dict(reversed(transaction(2, receipt_status="1").items()))],
    )
    frame = pd.DataFrame([transaction(3, receipt_status="0")])
    frame.columns = [f" {name.upper()}" for name in frame.columns]
    write(tmp_path / "transactions/c.csv", frame)
    assert rows(planned(tmp_path), "transactions", "hash", "receipt_status") == [
        (transaction_hash(1), "0"),
        (transaction_hash(2), "1"),
        (transaction_hash(3), "0"),
    ]


@pytest.mark.parametrize("column", ["to_address", "receipt_status"])
def test_a_file_without_a_column_of_its_siblings_is_named(tmp_path: Path, column: str) -> None:
    full = transaction(1, receipt_status="1")
    write(tmp_path / "transactions/a.csv", [full])
    write(tmp_path / "transactions/b.csv", [{k: v for k, v in full.items() if k != column}])
    with pytest.raises(InputError, match=rf"b\.csv has no column `{column}`"):
        planned(tmp_path)


def test_ignored_and_absent_columns_are_named(tmp_path: Path) -> None:
    write(tmp_path / "transactions/date=2024-01-15/a.csv", [transaction(1, nonce=1)])
    (entry,) = planned(tmp_path).files
    assert entry["columns_ignored"] == "nonce, date"
    assert "receipt_status" in entry["columns_absent"].split(", ")
    assert entry["columns_used"] == ", ".join(transaction(1))


def test_a_column_that_looks_like_an_absent_one_asks_for_a_mapping(tmp_path: Path) -> None:
    write(tmp_path / "transactions.csv", [transaction(1, tx_index=4)])
    with pytest.raises(InputError) as error:
        planned(tmp_path)
    setting = "{transactions: {transaction_index: tx_index}}"
    assert f"CHAIN_COLUMNS='{setting}'" in str(error.value)
    plan = planned(tmp_path, setting)
    assert rows(plan, "transactions", "transaction_index") == [("4",)]
    assert plan.files[0]["layout"] == "CHAIN_COLUMNS"


def test_a_mapping_gives_units(tmp_path: Path) -> None:
    row = transaction(1) | {"amount": "1.000000000000000001"}
    del row["value"]
    write(tmp_path / "transactions.csv", [row])
    plan = planned(tmp_path, "{transactions: {value: {ether: Amount}}}")
    assert [int(value) for (value,) in rows(plan, "transactions", "value")] == [10**18 + 1]


@pytest.mark.parametrize(
    "mapping",
    ["hash", "{nothing: {hash: a}}", "{transactions: {x: a}}", "{transactions: {value: {eth: a}}}"],
)
def test_a_wrong_mapping_says_how_to_write_it(tmp_path: Path, mapping: str) -> None:
    write(tmp_path / "transactions.csv", [transaction(1)])
    with pytest.raises(InputError, match="CHAIN_COLUMNS"):
        planned(tmp_path, mapping)


LABEL = {"address": account(1), "category": "phishing", "source": "a", "reported_at": "2020-01-01"}


def test_label_names_are_read_in_any_case_and_format(tmp_path: Path) -> None:
    more = LABEL | {"USAGE": "external", "Valid_To": "2021-01-01"}
    for name in ("a.csv", "b.json", "c.parquet"):
        write(tmp_path / name, [more])
        found = labels(str(tmp_path / name), "address", "usage", "valid_to")
        assert found == [(account(1), "external", "2021-01-01")]
    write(tmp_path / "[1].csv", [LABEL])
    assert labels(str(tmp_path / "[1].csv"), "usage") == [(None,)]


def test_a_label_file_without_report_times_is_named(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", [LABEL])
    row = LABEL | {"date": "2020-01-01"}
    del row["reported_at"]
    write(tmp_path / "b.csv", [row])
    with pytest.raises(InputError) as error:
        label_plan(str(tmp_path / "*.csv"))
    assert "b.csv has no column `reported_at`" in str(error.value)
    assert "unknown to the project, `date`" in str(error.value)
