"""Label files are read like chain tables: by content, without regard to case, none left out."""

import json
from pathlib import Path

import pandas as pd
import pytest

from commands.check.errors import InputError
from commands.check.plan import label_plan
from support.dbt_project import account
from support.reader import csv_text, json_lines, packed, put, read_labels, texts


def label(number: int, **columns: object) -> dict[str, object]:
    return {
        "address": account(number),
        "category": "phishing",
        "source": "a_list",
        "reported_at": "2024-01-15",
    } | columns


ROWS = [label(1), label(2)]


def label_refusal(pattern: Path | str) -> str:
    with pytest.raises(InputError) as stopped:
        label_plan(str(pattern))
    return str(stopped.value)


FORMS = {
    "labels.csv": csv_text(ROWS),
    "labels.CSV": csv_text(ROWS, line_end="\r\n"),
    "labels.txt": csv_text(ROWS, delimiter=";"),
    "labels.csv.gz": packed(csv_text(ROWS).encode(), "gzip"),
    "labels.csv.zst": packed(csv_text(ROWS).encode(), "zstd"),
    "labels.json": json_lines(ROWS),
    "labels.jsonl": json_lines(ROWS),
    "array.json": json.dumps(ROWS),
}


@pytest.mark.parametrize("name", FORMS)
def test_labels_are_read_from_every_format(tmp_path: Path, name: str) -> None:
    assert read_labels(put(tmp_path / name, FORMS[name])) == texts(*ROWS)


def test_typed_parquet_labels_are_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    rows = [label(1, reported_at=pd.Timestamp("2024-01-15"), confidence=0.5), label(2)]
    pd.DataFrame(rows[:1]).to_parquet(path)
    [row] = read_labels(path)
    assert row["reported_at"].startswith("2024-01-15")
    assert row["confidence"] == "0.5"


def test_names_of_columns_are_known_without_regard_to_case(tmp_path: Path) -> None:
    """In upper case USAGE and VALID_TO were ignored once, and external labels trained."""
    rows = [label(1, USAGE="external", VALID_TO="2024-02-01")]
    [row] = read_labels(put(tmp_path / "labels.csv", csv_text(rows)))
    assert (row["usage"], row["valid_to"]) == ("external", "2024-02-01")


@pytest.mark.parametrize("column", ["address", "category", "source", "reported_at"])
def test_a_label_file_without_a_needed_column_is_refused(tmp_path: Path, column: str) -> None:
    """Without reported_at a label would count as known at any time, which leaks."""
    put(tmp_path / "a.csv", csv_text(ROWS))
    rows = [{"date" if name == column else name: text for name, text in ROWS[0].items()}]
    path = put(tmp_path / "b.csv", csv_text(rows))
    message = label_refusal(tmp_path / "*.csv")
    assert f"{path} has no column `{column}`, which a label needs" in message
    assert "`date`" in message


def test_a_glob_reads_every_file_that_matches(tmp_path: Path) -> None:
    for number, name in enumerate(["a.csv", "b.csv", "deep/c.csv"]):
        put(tmp_path / name, csv_text([label(number)]))
    put(tmp_path / "notes.md", "nothing")
    assert len(read_labels(f"{tmp_path}/*.csv")) == 2
    assert len(read_labels(f"{tmp_path}/**/*.csv")) == 3


@pytest.mark.parametrize("name", ["labels[1].csv", "[2024]/labels.csv", "what?.csv", "it's *.csv"])
def test_a_path_with_signs_of_a_glob_is_a_path_if_it_is_there(tmp_path: Path, name: str) -> None:
    put(tmp_path / "labels1.csv", csv_text([label(9)]))
    assert read_labels(put(tmp_path / name, csv_text(ROWS))) == texts(*ROWS)


@pytest.mark.parametrize("name", ["labels.csv", "[2024]/*.csv", "*.csv"])
def test_a_pattern_without_a_file_is_refused(tmp_path: Path, name: str) -> None:
    pattern = tmp_path / name
    assert f"LABEL_DATA: no file matches {pattern}" in label_refusal(pattern)


def test_a_link_that_leads_nowhere_is_not_left_out(tmp_path: Path) -> None:
    put(tmp_path / "a.csv", csv_text(ROWS))
    link = tmp_path / "b.csv"
    link.symlink_to(tmp_path / "absent.csv")
    assert f"{link} links to {tmp_path / 'absent.csv'}" in label_refusal(tmp_path / "*.csv")


def test_a_folder_is_refused_with_the_glob_to_use(tmp_path: Path) -> None:
    assert f"'{tmp_path}/*.csv'" in label_refusal(tmp_path)


def test_lists_of_several_publishers_need_not_have_the_same_optional_columns(
    tmp_path: Path,
) -> None:
    put(tmp_path / "a.csv", csv_text(ROWS))
    put(tmp_path / "b.csv", csv_text([label(3, usage="external")]))
    assert [row.get("usage") for row in read_labels(f"{tmp_path}/*.csv")] == [
        *[None] * len(ROWS),
        "external",
    ]


def test_a_damaged_label_file_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path / "labels.csv.gz", packed(csv_text(ROWS).encode(), "gzip")[:-4])
    assert f"{path} is incomplete or damaged" in label_refusal(path)


def test_yaml_and_lists_of_addresses_are_refused(tmp_path: Path) -> None:
    for name, content in {
        "pack.yaml": "title: a pack\ntags:\n  - address: '0x12'\n    label: a scam\n",
        "list.json": json.dumps([account(1), account(2)]),
        "list.txt": f"{account(1)}\n{account(2)}\n",
    }.items():
        path = put(tmp_path / name, content)
        assert str(path) in label_refusal(path)


def test_a_label_file_behind_a_folder_without_permission_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shut(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    # Root may open every folder.
    monkeypatch.setattr(Path, "is_file", shut)
    pattern = tmp_path / "shut" / "labels.csv"
    assert label_refusal(pattern) == f"LABEL_DATA: {pattern} cannot be opened: Permission denied."


@pytest.mark.parametrize(
    "column", ["network", "Chain", "chainId", "platform", "chainName", "network_id", "Chain ID"]
)
def test_a_file_with_rows_of_networks_is_for_the_importer(tmp_path: Path, column: str) -> None:
    """LABEL_DATA has no such column: labels of another chain would be Ethereum's."""
    rows = [label(1) | {column: "BSC"}]
    said = label_refusal(put(tmp_path / "labels.csv", csv_text(rows)))
    assert f"has a column `{column}`" in said
    assert "make labels" in said


@pytest.mark.parametrize("column", ["validTo", "Valid To", "valid-to"])
def test_an_optional_column_in_another_spelling_is_asked_for(tmp_path: Path, column: str) -> None:
    """A label that its source took back would stand."""
    said = label_refusal(put(tmp_path / "labels.csv", csv_text([label(1) | {column: "2024"}])))
    assert f"has no column `valid_to` but a column `{column}`" in said
    assert "rename it to `valid_to`" in said


def test_folders_above_labels_are_no_columns(tmp_path: Path) -> None:
    path = put(tmp_path / "usage=external/valid_to=2024-01-01/labels.csv", csv_text(ROWS))
    assert read_labels(path) == texts(*ROWS)


def test_a_reply_with_the_network_around_its_rows_is_for_the_importer(tmp_path: Path) -> None:
    reply = {"message": "OK", "network": "bsc", "result": ROWS}
    said = label_refusal(put(tmp_path / "labels.json", json.dumps(reply)))
    assert "has a column `network`" in said
