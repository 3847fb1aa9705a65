"""`make build` shows how far it is, and says what went wrong in one sentence."""

import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
import yaml

from commands.build.problems import explained
from commands.build.progress import Progress, elapsed
from commands.report.profile import Target
from support import PROJECT_DIRECTORY
from support.dbt_project import DbtProject
from support.macros import CompilerError, macros_of

LOCKED = (
    'Runtime Error\n  IO Error: Could not set lock on file "/data/mine.duckdb": Conflicting lock is'
    " held in /usr/bin/dbeaver (PID 71). See also https://duckdb.org/docs/stable/connect/concurrency"
)
FULL = (
    'Runtime Error in model addresses (models/addresses.sql)\n  IO Error: Could not write file "'
    '/data/mine.duckdb.wal": No space left on device'
)


def event(name: str, level: str = "info", msg: str = "", **data: object) -> SimpleNamespace:
    node = SimpleNamespace(node_name=data.pop("node", ""))
    return SimpleNamespace(
        info=SimpleNamespace(name=name, level=level, msg=msg),
        data=SimpleNamespace(node_info=node, **data),
    )


def test_the_line_names_what_runs_and_how_much_is_done() -> None:
    progress = Progress(io.StringIO())
    for node in ("addresses", "scam_models"):
        progress.hear(event("LogStartLine", node=node, total=9))
    progress.hear(event("LogModelResult", node="addresses"))
    progress.hear(event("NodeFinished", node="addresses"))
    assert progress.line() == "1 of 9 · 0 s · scam_models"


def test_what_the_project_says_and_every_fit_is_shown_and_nothing_else() -> None:
    out = io.StringIO()
    with Progress(out) as progress:
        progress.hear(event("JinjaLogInfo", msg="Chain data: the simulated sample."))
        progress.hear(event("SQLQuery", level="debug", msg="select 1"))
        print("scam_models: fit past (2 of 5), xgboost all, 3.1 s")
        progress.hear(event("LogModelResult", node="addresses"))
        progress.hear(event("LogModelResult", level="error", node="scam_models"))
    assert out.getvalue().splitlines() == [
        "Reading the project …",
        "Chain data: the simulated sample.",
        "scam_models: fit past (2 of 5), xgboost all, 3.1 s",
        "Done in 0 s: 1 model.",
    ]


def test_a_terminal_has_one_line_that_is_wiped_before_another_is_written() -> None:
    out = io.StringIO()
    out.isatty = lambda: True
    progress = Progress(out)
    progress._change("1 of 9")
    progress._say("Labels: none.")
    assert out.getvalue() == "1 of 9\r      \rLabels: none.\n"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (LOCKED, ["/data/mine.duckdb is open in another program", "dbeaver", "71", "make publish"]),
        (FULL, ["disk of /data/mine.duckdb.wal is full", "run again"]),
        (
            "Runtime Error\n  Could not find profile named 'ethereum_address_intelligence'",
            ["profile ethereum_address_intelligence was found", "make setup"],
        ),
        (
            'IO Error: No files found that match the pattern "/nowhere/reviews.csv"',
            ["/nowhere/reviews.csv", "REVIEW_DATA"],
        ),
        (
            "Runtime Error in model stg_reviews__reviews (models/staging/reviews/…)\n"
            '  Binder Error: Column "review_id" referenced that exists in the SELECT clause',
            ["REVIEW_DATA", "--review-rows", "not the labels"],
        ),
        (
            'IO Error: Cannot open file "/nowhere/a.duckdb": No such file or directory',
            ["/nowhere/a.duckdb or its folder does not exist", "DUCKDB_PATH"],
        ),
        ("Path '/nowhere' does not exist.", ["folder /nowhere does not exist", "make setup"]),
        (
            'Runtime Error\n  Binder Error: Catalog "june" does not exist!',
            ["was called june, ", "Rename it back", "make build once"],
        ),
        ("day is out of range for month", ["date or a time that does not exist", "in quotes"]),
        ("hour must be in 0..23", ["date or a time that does not exist", "in quotes"]),
    ],
)
def test_a_known_problem_is_one_sentence_with_its_remedy(message: str, words: list[str]) -> None:
    # dbt says more around it, and says it twice.
    (sentence,) = explained(["1 of 9 failed", message], RuntimeError(message))
    assert "\n" not in sentence
    for word in words:
        assert word in sentence


def test_another_problem_is_told_in_full_without_where_dbt_was() -> None:
    message = "Compilation Error in model a\n  Too many bad rows.\n\n  > in macro b (c.sql)"
    assert explained([message], None) == ["Compilation Error in model a\nToo many bad rows."]


def test_of_a_traceback_the_last_line_is_told() -> None:
    message = (
        "Runtime Error in model scam_models (python_models/a.py)\n  Python model failed:\n"
        '  Traceback (most recent call last):\n    File "a.py", line 3, in <module>\n'
        "      train()\n  ValueError: The var search is 'fast'."
    )
    (told,) = explained([message], None)
    assert "Python model failed:\nValueError: The var search is 'fast'." in told
    assert "File" not in told


@pytest.mark.parametrize("name", ["main", "temp", "system"])
def test_a_name_that_duckdb_keeps_to_itself_is_said(name: str, tmp_path: Path) -> None:
    schema = f'"{name}".marts'
    statements = f"create schema if not exists {schema}; create table {schema}.made as select 1"
    database = tmp_path / f"{name}.duckdb"
    with duckdb.connect(database) as connection, pytest.raises(duckdb.Error) as refused:
        connection.execute(statements)
    (sentence,) = explained([str(refused.value)], None)
    assert "another name with DUCKDB_PATH" in sentence


def test_a_database_named_like_a_schema_is_refused(dbt: DbtProject) -> None:
    target = SimpleNamespace(type="duckdb", database="Marts")
    nodes = dbt.parsed(is_sample=True).to_dict()["nodes"]
    macros = macros_of(
        PROJECT_DIRECTORY / "macros/run/require_database_name.sql",
        **{"execute": True, "target": target, "graph": SimpleNamespace(nodes=nodes)},
    )
    refusal = "named like the schema Marts. Give it another name with DUCKDB_PATH"
    with pytest.raises(CompilerError, match=refusal):
        macros["require_database_name"]()
    target.database = "mine"
    macros["require_database_name"]()
    project = yaml.safe_load((PROJECT_DIRECTORY / "dbt_project.yml").read_text())
    assert "{{ require_database_name() }}" in project["on-run-start"]


def test_a_build_beside_an_open_database_says_so_and_leaves_it(tmp_path: Path) -> None:
    database = tmp_path / "open.duckdb"
    with duckdb.connect(str(database)) as reader:
        reader.execute("create table kept as select 1 as number")
        ended = built(database)
        assert ended.returncode == 2
        assert f"{database} is open in another program" in ended.stderr
        assert f"Details: {tmp_path}/dbt.log" in ended.stderr
        assert "Traceback" not in ended.stdout + ended.stderr
        assert reader.execute("from kept").fetchall() == [(1,)]


def test_a_date_that_does_not_exist_is_said(tmp_path: Path) -> None:
    ended = built(tmp_path / "a.duckdb", "--vars", "{time_cutoff: 2021-02-30}")
    assert ended.returncode == 2
    assert ended.stderr.startswith("A var holds a date or a time that does not exist")


def built(database: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """What a build of one seed says that keeps all it writes beside the database."""
    directory = database.parent
    return subprocess.run(
        [
            *(sys.executable, "-m", "commands.build", "--select", "sample_blocks"),
            *("--target-path", str(directory / "target"), "--log-path", str(directory)),
            *options,
        ],
        cwd=PROJECT_DIRECTORY,
        env=os.environ
        | {"DUCKDB_PATH": str(database), "DBT_PROFILES_DIR": str(profiles(directory))},
        capture_output=True,
        text=True,
    )


def test_the_default_database_lies_in_the_project_wherever_dbt_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "ethereum_address_intelligence.duckdb"
    monkeypatch.delenv("DUCKDB_PATH", raising=False)
    monkeypatch.delenv("DBT_PROJECT_DIR", raising=False)
    assert Path(Target.load(profiles(tmp_path), "duckdb").credentials.path) == Path(name)
    monkeypatch.setenv("DBT_PROJECT_DIR", "/srv/project")
    target = Target.load(profiles(tmp_path), "duckdb")
    assert target.credentials.path == f"/srv/project/{name}"
    assert target.credentials.database == "ethereum_address_intelligence"


def profiles(directory: Path) -> Path:
    text = (PROJECT_DIRECTORY / "profiles.yml.example").read_text()
    (directory / "profiles.yml").write_text(text)
    return directory


@pytest.mark.parametrize(("seconds", "text"), [(9.4, "9 s"), (125, "2 min 5 s")])
def test_times_are_said_as_people_do(seconds: float, text: str) -> None:
    assert elapsed(seconds) == text
