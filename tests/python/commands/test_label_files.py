"""What an import writes is written whole or not at all, and what goes wrong is one sentence."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from commands.labels.__main__ import main
from support import PROJECT_DIRECTORY
from support.dbt_project import account
from support.label_lists import ONE, TWO, imported, refused, rows


def test_a_folder_as_target_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "list").write_text(ONE)
    (tmp_path / "labels").mkdir()
    arguments = ["--layout", "ofac", "--in", str(tmp_path / "list")]
    assert main([*arguments, "--out", str(tmp_path / "labels")]) == 1
    assert "labels is a folder: name a file in it." in capsys.readouterr().err
    assert main([*arguments, "--out", str(tmp_path / "list" / "labels.csv")]) == 1
    assert "labels.csv cannot be written: " in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels", "list"]
    assert main(["--layout", "ofac", "--in", str(tmp_path), "--out", str(tmp_path / "x.csv")]) == 1
    assert "cannot be read: Is a directory" in capsys.readouterr().err


@pytest.mark.parametrize("format", ["label_data", "tagpack"])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, format: str) -> None:
    """The limit on the size of a file fails like a full disk: in the middle of a write."""
    before = imported(tmp_path, "ofac", ONE)
    text = (tmp_path / "labels.csv").read_text()
    (tmp_path / "many").write_text("\n".join(account(number) for number in range(5_000)))
    run = subprocess.run(
        [
            *(sys.executable, "-m", "commands.labels", "--layout", "ofac", "--to", format),
            *("--in", str(tmp_path / "many"), "--out", str(tmp_path / "labels.csv")),
        ],
        cwd=PROJECT_DIRECTORY,
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert run.stderr == f"Error: {tmp_path / 'labels.csv'} cannot be written: File too large.\n"
    assert (tmp_path / "labels.csv").read_text() == text
    assert len(before) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.csv", "list", "many"]


def test_labels_without_their_rejects_are_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = imported(tmp_path, "ofac", ONE)
    (tmp_path / "labels.csv.rejects").mkdir()
    assert "rejects is a folder" in refused(capsys, tmp_path, "ofac", f"{TWO}\n0x12")
    assert [path.name for path in tmp_path.glob(".*")] == []
    assert rows(tmp_path / "labels.csv") == before


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("mew_darklist", '[{"address": '),
        ("mew_darklist", '{"a": [}'),
        ("json_array", "[" * 200_000),
        ("explorer_labels", '{"0x": '),
        ("graphsense_tagpack", "title: [\n"),
        ("graphsense_tagpack", "\ttags: x"),
        ("ofac_sdn_csv", '1,"unclosed'),
        ("etdg", 'address,category\n"unclosed'),
        ("etdg", "address,category\n" + "x" * 200_000),
        ("address_lines", "\0\0"),
        ("label_data", ""),
    ],
)
def test_no_text_ends_in_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: str, text: str
) -> None:
    imported(tmp_path, "ofac", ONE)
    said = refused(capsys, tmp_path, layout, text, "--category", "scam", "--source", "desk")
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("Error: ")
