"""What the slice puller says to a command that cannot work, before BigQuery is asked anything."""

from pathlib import Path
from typing import Any

import google.auth
import pytest
from emulated_warehouse import arguments
from google.auth.exceptions import DefaultCredentialsError

from commands.slice.__main__ import main


class Unreachable:
    """Stands for `connect` where nothing may be asked."""

    def __call__(self, *arguments: Any) -> Any:
        raise AssertionError("BigQuery was asked")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0x12", "line 2: '0x12' is not an address"),
        ("0x" + "g" * 40, "is not an address"),
        ("0x" + "1" * 40 + "') or true --", "is not an address"),
        ("') or ('1'='1", "is not an address"),
    ],
)
def test_a_malformed_address_is_refused_with_its_line(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "addresses.txt"
    listed.write_text(f"0x{'1' * 40}\n{text}\n")
    assert main(arguments(tmp_path / "out", "--addresses", listed), Unreachable()) == 2
    said = capsys.readouterr().err
    assert "addresses.txt, line 2: " in said
    assert message in said


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--addresses", "0x12,0x13"], "--addresses, entry 1: '0x12' is not an address"),
        (["--addresses", "no_such_file.txt"], "neither a file nor addresses"),
        (["--addresses", f"0x{'1' * 40}", "--sample-percent", "1"], "Choose either"),
        (["--neighbours"], "--neighbours are those of --addresses"),
        (["--sample-percent", "100"], "not between 0 and 100"),
        (["--sample-percent", "0"], "not between 0 and 100"),
        (["--start", "2018-01-07"], "--end 2018-01-07 is not after --start 2018-01-07"),
        (["--end", "2999-01-01"], "--end 2999-01-01 is in the future"),
        (["--project", ""], "No project to bill"),
    ],
)
def test_a_command_that_makes_no_sense_is_explained(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(tmp_path / "out", *options), Unreachable()) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--start", "2018-02-30"], "2018-02-30 is not a date: write YYYY-MM-DD"),
        (["--sample-percent", "NaN"], "NaN is not a number"),
        (["--max-bytes", "10 apples"], "10 apples is not a size"),
        (["--max-neighbours", "0"], "0 is not a whole number above zero"),
        (["--source", "p.d`; drop table x"], "is not a project.dataset"),
        (["--source", "crypto_ethereum"], "is not a project.dataset"),
    ],
)
def test_a_malformed_option_is_refused(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(arguments(tmp_path / "out", *options), Unreachable())
    assert refused.value.code == 2
    assert message in capsys.readouterr().err


def test_an_empty_list_of_addresses_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "addresses.txt"
    listed.write_text("# nobody\n\n")
    assert main(arguments(tmp_path / "out", "--addresses", listed), Unreachable()) == 2
    assert "holds no address" in capsys.readouterr().err


def test_without_credentials_it_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def default(**options: Any) -> Any:
        raise DefaultCredentialsError

    monkeypatch.setattr(google.auth, "default", default)
    assert main(arguments(tmp_path / "out")) == 1
    assert "gcloud auth application-default login" in capsys.readouterr().err
