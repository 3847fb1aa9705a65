"""Importing label lists in tests: invented addresses, and the command on a text."""

import csv
from pathlib import Path

import pytest

from commands.labels.__main__ import main
from commands.labels.label import Label

ONE, TWO, THREE = "0x" + "aB" * 20, "0x" + "0c" * 20, "0x" + "1D" * 20


def rows(path: Path) -> list[Label]:
    with path.open(newline="", encoding="utf-8") as file:
        return [Label(**row) for row in csv.DictReader(file)]


def imported(tmp_path: Path, layout: str, text: str, *options: str) -> list[Label]:
    """The labels of a list, which has to be importable."""
    (tmp_path / "list").write_text(text, encoding="utf-8")
    paths = ["--in", str(tmp_path / "list"), "--out", str(tmp_path / "labels.csv")]
    assert main(["--layout", layout, *paths, *options]) == 0
    return rows(tmp_path / "labels.csv")


def refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, layout: str, text: str, *options: str
) -> str:
    """What is said about a list that cannot be imported; labels that are there stay."""
    (tmp_path / "list").write_text(text, encoding="utf-8")
    labels = tmp_path / "labels.csv"
    before = labels.read_text() if labels.exists() else None
    paths = ["--in", str(tmp_path / "list"), "--out", str(labels)]
    assert main(["--layout", layout, *paths, *options]) == 1
    assert (labels.read_text() if labels.exists() else None) == before
    return capsys.readouterr().err


def rejects(tmp_path: Path) -> list[tuple[str, str]]:
    with (tmp_path / "labels.csv.rejects").open(newline="") as file:
        return [(row["place"], row["reason"]) for row in csv.DictReader(file)]
