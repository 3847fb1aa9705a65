"""`make check` says what a build would do, and touches no database of the user."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.cli.main import dbtRunner

from commands.check.__main__ import main
from support import PROJECT_DIRECTORY
from support.dbt_project import transaction, transaction_hash, write

PROFILE = "ethereum_address_intelligence"


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """The example's profile, which names its database literally."""
    rows = [transaction(number) for number in range(1, 98)]
    bad = [transaction(number, value="much") for number in range(98, 101)]
    write(tmp_path / "chain/transactions.csv", [*rows, *bad])
    monkeypatch.setenv("CHAIN_DATA", str(tmp_path / "chain"))
    monkeypatch.setenv("LABEL_DATA", "")
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    monkeypatch.chdir(PROJECT_DIRECTORY)
    profiles = yaml.safe_load((PROJECT_DIRECTORY / "profiles.yml.example").read_text())
    output = profiles[PROFILE]["outputs"]["duckdb"]
    output |= {"path": str(tmp_path / "mine.duckdb"), "database": "mine"}
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(profiles))
    return profiles


class ParsedOnce(dbtRunner):
    """dbt that parses the project for the first check only: their vars are read later."""

    def invoke(self, arguments: list[str]) -> Any:
        if not hasattr(ParsedOnce, "project"):
            options = arguments[arguments.index("--project-dir") : arguments.index("--vars")]
            ParsedOnce.project = dbtRunner().invoke(["--quiet", "parse", *options]).result
        self.manifest = ParsedOnce.project
        return super().invoke(arguments)


@pytest.fixture
def parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dbt.cli.main.dbtRunner", ParsedOnce)


@pytest.mark.usefixtures("parsed_once")
@pytest.mark.parametrize(
    ("options", "code", "verdict"),
    [
        ([], 1, "A build would stop: more than 1% of transactions is rejected"),
        (["--vars", "{max_rejected_share: 0.025}"], 1, "more than 2.5% of transactions"),
        (["--vars", "{max_rejected_share: 0.05, history_start: 2018-01-01}"], 0, ""),
    ],
)
def test_a_check_stops_where_a_build_would_and_leaves_the_database_alone(
    profile: dict,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    code: int,
    verdict: str,
) -> None:
    assert main(options) == code
    said = capsys.readouterr().out
    assert verdict in said
    assert ("A build would stop" in said) == bool(verdict)
    assert "Rejected, transactions: 3 " in said
    assert not (tmp_path / "mine.duckdb").exists()


@pytest.mark.usefixtures("parsed_once")
def test_what_a_build_warns_of_is_said(
    profile: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [transaction(number, value=number) for number in range(1, 13)]
    write(tmp_path / "chain/transactions.csv", rows)
    assert main([]) == 0
    [warning] = [text for text in capsys.readouterr().out.splitlines() if "Warning" in text]
    assert warning.startswith("Warning: The largest of 12 amounts in transactions is 12 wei.")
    assert "Are they in ether?" in warning
    write(tmp_path / "chain/transactions.csv", [transaction(number) for number in range(1, 13)])
    assert main([]) == 0
    assert "Warning" not in capsys.readouterr().out


@pytest.mark.usefixtures("parsed_once")
def test_a_reply_that_is_not_the_last_is_said(
    profile: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = {"cursor": "x", "result": [transaction(1)]}
    (tmp_path / "chain/transactions.csv").unlink()
    (tmp_path / "chain/transactions.json").write_text(json.dumps(reply))
    assert main([]) == 0
    [warning] = [text for text in capsys.readouterr().out.splitlines() if "Warning" in text]
    path = tmp_path / "chain/transactions.json"
    assert warning.startswith(f"Warning: {path} says that there is more than it holds (`cursor`)")


@pytest.mark.parametrize("value", ["'5%'", "true"])
def test_a_value_that_is_not_allowed_is_told(
    profile: dict, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    assert main(["--vars", f"{{max_rejected_share: {value}}}"]) == 1
    said = capsys.readouterr().err
    assert "Allowed: a number from 0 to 1" in said
    assert "in macro" not in said


def test_vars_that_are_not_vars_are_wrong_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("search", "{search"):
        with pytest.raises(SystemExit, match="2"):
            main(["--vars", text])
        assert f"{text} is not of the form {{name: value}}" in capsys.readouterr().err


def test_a_date_that_does_not_exist_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--vars", "{time_cutoff: 2021-02-30}"])
    assert "A var holds a date or a time that does not exist" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda profiles: profiles.clear(), "is empty"),
        (lambda profiles: profiles.update({PROFILE: None}), "No profiles.yml with the profile"),
        (
            lambda profiles: profiles[PROFILE]["outputs"].update(duckdb={"type": "bigquery"}),
            "has no output duckdb of type duckdb",
        ),
    ],
)
def test_a_profile_without_duckdb_is_one_sentence(
    profile: dict,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: object,
    words: str,
) -> None:
    change(profile)
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(profile) if profile else "")
    assert main([]) == 1
    assert words in capsys.readouterr().err


@pytest.mark.usefixtures("parsed_once")
def test_accepted_rows_that_are_in_no_feature_are_told(
    profile: dict, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        tmp_path / "chain/receipts.csv",
        [{"transaction_hash": transaction_hash(200), "status": "1"}],
    )
    assert main(["--vars", "{max_rejected_share: 0.05}"]) == 0
    assert "Unused, receipts: 1 of no transaction that was read" in capsys.readouterr().out
