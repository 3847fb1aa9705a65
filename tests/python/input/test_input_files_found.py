"""Every file of CHAIN_DATA is read, listed as not read, or refused by name."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.check.plugin import _state
from support.dbt_project import account, transaction
from support.reader import (
    csv_text,
    json_lines,
    packed,
    plan_of,
    put,
    put_csv,
    read,
    refusal,
    rows_of,
    texts,
)


def hashes(chain: Path) -> list[str]:
    return sorted(row["hash"] for row in read(chain))


def expected_hashes(*numbers: int) -> list[str]:
    return sorted(transaction(number)["hash"] for number in numbers)


PARTS_OF_TRANSACTIONS = [
    ["transactions.csv"],
    ["transactions.CSV"],
    ["Transactions.Csv"],
    ["transactions.txt"],
    ["transactions.csv", "transactions-000000000001.csv"],
    ["transactions_0001_0002.csv", "transactions_0003_0004.csv"],
    ["ethereum__transactions__00000000_to_00000999.csv"],
    ["transactions[1].csv", "transactions-1.csv"],
    ["transactions (1).csv", "transactions(2).csv"],
    ["transactions/part1.csv", "transactions/part[1].csv"],
    ["transactions/part1.csv", "transactions/part?.csv", "transactions/part*.csv"],
    ['transactions/it\'s "quoted".csv', "transactions/with space.csv"],
    ["transactions/übersicht.csv", "transactions/取引.csv"],
    ["transactions/a.csv", "transactions/deep/er/b.csv"],
    ["transactions/date=2024-01-15/part-0.csv", "transactions/date=2024-01-16/part-0.csv"],
    ["transactions/no_ending"],
    ["transactions.csv", "transactions/more.csv"],
    [
        "transactions/start_block=00000000/end_block=00000999/transactions_00000000_00000999.csv",
        "transactions/start_block=00001000/end_block=00001999/transactions_00001000_00001999.csv",
    ],
]


@pytest.mark.parametrize("names", PARTS_OF_TRANSACTIONS, ids=lambda names: names[-1])
@pytest.mark.parametrize("folder", ["chain", "[2020] it's *?"])
def test_every_part_of_a_table_is_read_once(tmp_path: Path, folder: str, names: list[str]) -> None:
    chain = tmp_path / folder
    for number, name in enumerate(names):
        put_csv(chain / name, number)
    assert hashes(chain) == expected_hashes(*range(len(names)))
    assert plan_of(chain).not_read == []


def test_a_row_carries_the_number_of_its_file(tmp_path: Path) -> None:
    put_csv(tmp_path / "transactions-b.csv", 2, 3)
    put_csv(tmp_path / "transactions-a.csv", 1)
    put(tmp_path / "transactions-c.csv.gz", packed(csv_text([transaction(4)]).encode(), "gzip"))
    plan = plan_of(tmp_path)
    names = {file["input_file"]: file["file_name"] for file in plan.files}
    assert {row["hash"]: names[row["input_file"]] for row in rows_of(plan)} == {
        transaction(1)["hash"]: "transactions-a.csv",
        transaction(2)["hash"]: "transactions-b.csv",
        transaction(3)["hash"]: "transactions-b.csv",
        transaction(4)["hash"]: "transactions-c.csv.gz",
    }


def test_receipts_lie_beside_transactions(tmp_path: Path) -> None:
    put_csv(tmp_path / "transactions/part.csv", 1)
    receipt = {"transaction_hash": transaction(1)["hash"], "status": 0}
    put(tmp_path / "receipts/part.csv", csv_text([receipt]))
    assert read(tmp_path, "receipts") == texts(receipt)
    assert read(tmp_path) == texts(transaction(1))


def test_what_lies_beside_the_tables_is_listed_as_not_read(tmp_path: Path) -> None:
    put_csv(tmp_path / "transactions.csv", 1)
    others = [
        "transactions.md",
        "transactions.csv.md5",
        "transactions.csv.bak",
        "transactions.csv~",
        "transactions-2.csv.crdownload",
        ".transactions.csv.crc",
        "transactions/_SUCCESS",
        "transactions/.part.csv.crc",
        "transactions/_delta_log/00000.json",
        "logs.csv",
        "traces/part.csv",
        "labels.csv",
        "ethereum__erc721_transfers__00000000_to_00000999.parquet",
        "ethereum__native_transfers__00000000_to_00000999.parquet",
        "ethereum__balance_diffs__00000000_to_00000999.parquet",
        ".backup/transactions.csv",
        "_old/transactions.csv",
        "lost+found/transactions.csv",
    ]
    for name in others:
        put(tmp_path / name, "anything")
    assert read(tmp_path) == texts(transaction(1))
    assert sorted(plan_of(tmp_path).not_read) == sorted(others)


def test_what_cryo_calls_erc20_transfers_are_token_transfers(tmp_path: Path) -> None:
    put_csv(tmp_path / "transactions.csv", 1)
    rows = [
        {
            "block_number": "5",
            "log_index": str(number),
            "transaction_hash": transaction(1)["hash"],
            "erc20": account(7),
            "from_address": account(1),
            "to_address": account(2),
            "value_string": "9",
        }
        for number in range(2)
    ]
    put(tmp_path / "ethereum__erc20_transfers__00000000_to_00000999.csv", csv_text(rows[:1]))
    put(tmp_path / "erc20_transfers/part.csv", csv_text(rows[1:]))
    found = read(tmp_path, "token_transfers")
    assert sorted(row["log_index"] for row in found) == ["0", "1"]
    assert {row["token_address"] for row in found} == {account(7)}
    assert plan_of(tmp_path).not_read == []


@pytest.mark.parametrize(
    "name",
    [
        "transactions_old.csv",
        "transactionsv2.parquet",
        "blocks_new/part.csv",
        "erc20_transfers_old.csv",
    ],
)
def test_a_name_that_begins_like_a_table_is_refused(tmp_path: Path, name: str) -> None:
    put_csv(tmp_path / "transactions.csv", 1)
    put_csv(tmp_path / name, 2)
    message = refusal(tmp_path)
    assert str(tmp_path / name) in message
    assert "begins like the table " in message


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("2024/transactions.csv", "transactions"),
        ("ethereum/token_transfers.csv", "token_transfers"),
        ("ethereum/blocks/date=2024-01-15/part-0.csv", "blocks"),
        ("cryo/ethereum__erc20_transfers__0_to_9.csv", "erc20_transfers"),
    ],
)
def test_a_table_in_a_folder_of_none_is_refused(tmp_path: Path, name: str, table: str) -> None:
    put_csv(tmp_path / "transactions.csv", 1)
    path = put_csv(tmp_path / name, 2)
    message = refusal(tmp_path)
    assert f"{path} is named like the table {table} but lies in {name.split('/')[0]}/" in message
    assert f"put it into a folder {table}/, as {table}/{name}" in message


def test_more_than_one_such_name_is_counted(tmp_path: Path) -> None:
    for name in ("transactions_old.csv", "transactions_older.csv", "transactions_oldest.csv"):
        put_csv(tmp_path / name, 1)
    assert "So are 2 more." in refusal(tmp_path)


def test_a_folder_without_a_table_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    put(tmp_path / "export.csv", "a,b\n")
    message = refusal(tmp_path)
    assert f"{tmp_path} holds no chain table" in message
    assert "It holds: export.csv." in message


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert "It holds: nothing." in refusal(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert f"{tmp_path / 'absent'} does not exist" in refusal(tmp_path / "absent")


def test_a_file_as_chain_data_is_refused(tmp_path: Path) -> None:
    path = put_csv(tmp_path / "transactions.csv", 1)
    assert f"{path} is a file" in refusal(path)


# --- folders and links that lead nowhere ---


@pytest.fixture
def shut(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[Path]]:
    """Folders in this set cannot be opened, not even by root."""
    folders: set[Path] = set()
    scandir = os.scandir

    def refusing(path: str) -> Iterator[os.DirEntry]:
        if Path(path) in folders:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    return folders


@pytest.mark.parametrize("folder", ["transactions/date=2024-01-16", "transactions", "other", "."])
def test_a_folder_that_cannot_be_opened_is_refused(
    tmp_path: Path, shut: set[Path], folder: str
) -> None:
    put_csv(tmp_path / "transactions/date=2024-01-15/part.csv", 1)
    put_csv(tmp_path / "transactions/date=2024-01-16/part.csv", 2)
    put_csv(tmp_path / "other/part.csv", 3)
    _state(str(tmp_path))
    shut.add(tmp_path / folder)
    assert f"{tmp_path / folder} cannot be opened: Permission denied." in refusal(tmp_path)
    _state(str(tmp_path))


def test_a_side_folder_that_cannot_be_opened_is_listed_as_not_read(
    tmp_path: Path, shut: set[Path]
) -> None:
    put_csv(tmp_path / "transactions.csv", 1)
    put_csv(tmp_path / "lost+found/part.csv", 2)
    shut.add(tmp_path / "lost+found")
    assert hashes(tmp_path) == expected_hashes(1)
    assert plan_of(tmp_path).not_read == ["lost+found"]


@pytest.mark.parametrize("target", ["absent.csv", "tokens.csv"])
def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path, target: str) -> None:
    put_csv(tmp_path / "transactions.csv", 1)
    link = tmp_path / "tokens.csv"
    link.symlink_to(tmp_path / target)
    message = refusal(tmp_path)
    assert f"{link} links to {tmp_path / target}, which cannot be opened: " in message
    _state(str(tmp_path))


def test_a_link_that_leads_nowhere_beside_the_tables_is_not_read(tmp_path: Path) -> None:
    put_csv(tmp_path / "transactions.csv", 1)
    (tmp_path / "notes.csv").symlink_to(tmp_path / "absent.csv")
    assert plan_of(tmp_path).not_read == ["notes.csv"]


@pytest.mark.parametrize("name", [b"transactions-\xfc.csv", b"n\xfctzlich.txt"])
def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path, name: bytes) -> None:
    put_csv(tmp_path / "transactions.csv", 1)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("a")
    shown = name.decode("utf-8", "replace")
    assert f"{shown}: its name is not UTF-8. Rename it." in refusal(tmp_path)


@pytest.mark.parametrize("log", ["_delta_log", ".hoodie"])
def test_a_folder_with_files_of_earlier_versions_is_told(tmp_path: Path, log: str) -> None:
    put_csv(tmp_path / "transactions/date=2024-01-15/part-0.csv", 1)
    put(tmp_path / f"other/{log}/0.json", "{}")
    assert not plan_of(tmp_path).warnings
    put(tmp_path / f"transactions/{log}/00000000000000000000.json", "{}")
    put(tmp_path / f"transactions/{log}/00000000000000000001.json", "{}")
    [warning] = plan_of(tmp_path).warnings
    assert warning.startswith(f"{tmp_path / 'transactions'} is a table of Delta Lake or Hudi")


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    """Whoever opens it waits until someone writes."""
    os.mkfifo(tmp_path / "transactions.csv")
    assert f"{tmp_path / 'transactions.csv'} is a pipe" in refusal(tmp_path)


@pytest.mark.parametrize("target", [".", "transactions", "transactions/date=2024-01-15"])
def test_a_link_to_a_folder_that_is_read_already_is_refused(tmp_path: Path, target: str) -> None:
    put_csv(tmp_path / "transactions/date=2024-01-15/part.csv", 1)
    link = tmp_path / "transactions/again"
    link.symlink_to(tmp_path / target)
    assert f"{link} links to a folder that is read already" in refusal(tmp_path)


def test_a_link_beside_the_tables_does_not_hide_them(tmp_path: Path) -> None:
    put_csv(tmp_path / "transactions/part.csv", 1)
    (tmp_path / "a_link").symlink_to(tmp_path / "transactions")
    assert hashes(tmp_path) == expected_hashes(1)
    assert plan_of(tmp_path).not_read == ["a_link"]


def test_a_link_to_a_folder_elsewhere_is_followed(tmp_path: Path) -> None:
    put_csv(tmp_path / "disk/2024/part.csv", 1)
    (tmp_path / "chain").mkdir()
    (tmp_path / "chain/transactions").symlink_to(tmp_path / "disk")
    before = _state(str(tmp_path / "chain"))
    assert hashes(tmp_path / "chain") == expected_hashes(1)
    put_csv(tmp_path / "disk/2024/part.csv", 1, 2)
    assert _state(str(tmp_path / "chain")) != before


def test_a_table_of_folders_only_is_never_empty_without_a_word(tmp_path: Path) -> None:
    """Files of Parquet below date=…/ were skipped once, beside a table that was read."""
    put(tmp_path / "balances.csv", "address,eth_balance\n")
    put_csv(tmp_path / "transactions/date=2024-01-15/part-00000.csv", 1)
    assert hashes(tmp_path) == expected_hashes(1)


def test_a_column_of_the_folder_is_used_only_if_the_file_lacks_it(tmp_path: Path) -> None:
    rows = [transaction(1)]
    without = [{name: value for name, value in rows[0].items() if name != "block_timestamp"}]
    put(tmp_path / "transactions/block_timestamp=2024-01-15/part.csv", csv_text(without))
    put(tmp_path / "transactions/block_timestamp=2024-01-16/part.csv", csv_text(rows))
    assert sorted(row["block_timestamp"] for row in read(tmp_path)) == [
        rows[0]["block_timestamp"],
        "2024-01-15",
    ]


def test_folders_above_chain_data_are_no_columns(tmp_path: Path) -> None:
    chain = tmp_path / "gas=7/chain"
    put_csv(chain / "transactions/part.csv", 1)
    assert read(chain) == texts(transaction(1))


@pytest.mark.parametrize(
    ("folder", "time"),
    [
        ("2024-01-15 09%3A00%3A00", "2024-01-15 09:00:00"),
        ("2024-01-15 09:00:00", "2024-01-15 09:00:00"),
        ("a%b", "a%b"),
        ("__HIVE_DEFAULT_PARTITION__", None),
    ],
)
def test_a_column_of_the_folder_is_what_the_writer_had(
    tmp_path: Path, folder: str, time: str | None
) -> None:
    rows = [{n: value for n, value in transaction(1).items() if n != "block_timestamp"}]
    put(tmp_path / f"transactions/block_timestamp={folder}/part.csv", csv_text(rows))
    put(tmp_path / f"transactions/block_timestamp={folder}/part.json", json_lines(rows))
    assert [row.get("block_timestamp") for row in read(tmp_path)] == [time, time]


@pytest.mark.parametrize("name", ["transactions/0.part", "transactions/a.csv.tmp"])
def test_a_table_of_unfinished_files_only_is_refused(tmp_path: Path, name: str) -> None:
    """dask writes transactions/0.part, and the build went on without transactions."""
    put(tmp_path / "blocks.csv", csv_text([{"number": "1", "timestamp": "2024-01-15"}]))
    put(tmp_path / name, csv_text([transaction(1)]))
    said = refusal(tmp_path)
    assert f"{name} is all that is there of transactions" in said
    # A placeholder is no data.
    (tmp_path / name).unlink()
    put(tmp_path / "transactions" / ".gitkeep", "")
    assert plan_of(tmp_path).not_read == ["transactions/.gitkeep"]
