"""`make profile` prints what each model of the last build took."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from commands.profile.__main__ import main
from commands.profile.tables import folders, profile
from commands.report.errors import NothingToShow
from support import PROJECT_DIRECTORY
from support.dbt_project import Run

STARTED = datetime(2026, 3, 1, 4, 30)


class BuildRuns:
    """A mart with these rows: node, status, seconds, rows."""

    place = "DuckDB file mine.duckdb"
    engine = "DuckDB"

    def __init__(self, *runs: tuple[str, str, float, int | None]) -> None:
        names = ("node_name", "status", "seconds", "row_count")
        self.runs = [dict(zip(names, run, strict=True), started_at=STARTED) for run in runs]

    def rows(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        return self.runs


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for file in ("models/marts/a.sql", "models/staging/chain/b.sql", "python_models/c.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    return tmp_path


def test_the_slowest_come_first_by_folder_and_by_model(project: Path) -> None:
    runs = BuildRuns(
        ("c", "success", 6.0, 1200), ("a", "error", 3.0, None), ("b", "success", 1.0, None)
    )
    assert profile(runs, project, models=2).splitlines() == [
        "Build of 2026-03-01 04:30 UTC, DuckDB file mine.duckdb: 10.0 seconds in 3 models and"
        " seeds, data tests not counted.",
        "",
        "folder                models  seconds   share",
        "python_models              1      6.0  60.0 %",
        "models/marts               1      3.0  30.0 %",
        "models/staging/chain       1      1.0  10.0 %",
        "",
        "model    seconds   share   rows",
        "c            6.0  60.0 %  1,200",
        "a            3.0  30.0 %  error",
        "1 other      1.0  10.0 %",
    ]


def test_a_model_that_is_gone_keeps_its_seconds(project: Path) -> None:
    text = profile(BuildRuns(("older", "success", 2.0, 5)), project, models=9)
    assert "no longer there       1      2.0  100.0 %" in text


def test_without_a_build_it_says_what_to_run(project: Path) -> None:
    with pytest.raises(NothingToShow, match="make build"):
        profile(BuildRuns(), project, models=9)


@pytest.mark.parametrize("models", ["0", "-1", "many"])
def test_a_wrong_number_of_models_is_refused(models: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--models", models])
    assert "--models" in capsys.readouterr().err


def test_every_model_of_the_project_has_a_folder() -> None:
    found = folders(PROJECT_DIRECTORY)
    assert found["scam_models"] == "python_models"
    assert found["int_features__windows"] == "models/intermediate/features"
    assert found["sample_transactions"] == "seeds/sample"


def test_it_reads_the_build_runs_of_a_build(
    built_chain: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("DUCKDB_PATH", str(built_chain.database))
    assert main(["--models", "3", "--profiles-dir", str(PROJECT_DIRECTORY)]) == 0
    said = capsys.readouterr().out
    assert "python_models" in said
    assert len(said.rpartition("\n\n")[2].strip().splitlines()) == 5
