"""Vars are checked once, before anything runs: spelling, type and range."""

import datetime
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from support import PROJECT_DIRECTORY
from support.dbt_project import DbtProject
from support.macros import CompilerError, macros_of

FILE = PROJECT_DIRECTORY / "macros/run/check_vars.sql"
DEFAULTS = yaml.safe_load((PROJECT_DIRECTORY / "dbt_project.yml").read_text())["vars"]
RULES = macros_of(FILE)["var_rules"]()

# By name: what else than the default is allowed, and what is not.
VALUES: dict[str, tuple[list[Any], list[Any]]] = {
    "history_start": (
        ["2024-02-29", "2024-01-01T23:59:59", datetime.date(2024, 1, 1)],
        [None, "2023-02-29", "2024-01-01 24:00:00", "2015-07-29", "2100-01-01", 20240101],
    ),
    "incremental_loads": ([True, False, None], [1, 0, "false", "true", "null"]),
    "late_block_days": ([0, 1000], [None, -1, 1001, 2.0, "3"]),
    "days_per_load": ([5, 4000, None], [0, 4001, "30"]),
    "development_days": ([1, 4000], [None, 0, 0.5]),
    "time_cutoff": (
        [None, "2021-06-01", datetime.datetime(2021, 6, 1, 12)],
        [
            *("2021-06-01 00:00", "2021-06-01 00:00:00+02:00", "2021-06-01 00:00:00.5"),
            "2021-06-31",
        ],
    ),
    "rolling_cutoff_percents": (
        [[], [1], [20, 25, 60, 79]],
        [None, 50, "[50]", [65, 50], [50, 50], [0], [100], ["50"], [50.5], [True], [[50]]],
    ),
    "lead_time_cutoffs": (
        [0, 60, [], ["2021-06-01"], ["2021-06-01", "2021-06-01 12:00:00"]],
        [
            *(None, 61, 2.0, "6", "2021-06-01", [6], ["2021-06-31"]),
            ["2021-06-01", "2021-06-01T00:00:00"],
        ],
    ),
    "negatives": (["labelled"], [None, "labeled", "Labelled", "labelled ", ["labelled"]]),
    "least_events": ([1, 1000], [None, 0, 1001, "3", 2.5, 3.0]),
    "alert_on_contracts": ([True, False], [None, 1, 0, "false"]),
    "train_on_reviews": ([True], [None, "true", 1]),
    "unlabelled_sample_percent": ([0.01, 1, 99.5], [None, 0, 0.001, 100.5, "1"]),
    "min_ether_balance": ([0, 0.5, 200_000_000], [None, -0.1, 200_000_001]),
    "profile_sample_size": ([None, 10, 1_000_000], [9, 1_000_001, 200.0]),
    "max_rejected_share": ([0, 0.5, 1], [None, 1.5, "5e-2"]),
    "max_data_age_days": ([None, 0, 3650], [-1, 2.5, "7"]),
    "search": (["full"], [None, "Quick", "thorough"]),
    "champion_run_id": ([None, "0123456789abcdef"], [1234567890123456, "null or 1=1"]),
    "max_scored_addresses": ([1, 10**9], [None, 0, 10**9 + 1]),
    "bootstrap_replicates": ([1, 10_000], [None, 0, 10_001]),
    "alert_budget": ([1, 10**9], [None, 0]),
    "alerts_with_evidence": ([0, 10**9], [None]),
    "max_alerts": ([0, 10**9], [None]),
    "graph_on_bigquery": ([True, False], [None, 1, "true"]),
    "bigquery_chain_source": (["sample"], [None, "files", "bigquery-public-data.crypto_ethereum"]),
    "review_table": (
        [None, "my-project.risk.reviews"],
        ["reviews", "my-project.risk.reviews` union all select 1", 5],
    ),
    "label_table": (
        [None, "my-project.risk.labels", "example.com:old.risk.labels-2", "my_labels"],
        [
            *("risk.labels", "a.b.c.d", "my labels", "a-b.c.d`", "a.b.c; drop table b"),
            *("a.b.c\n", "labels.csv", 'a.b."c"'),
        ],
    ),
}
# No var may have one of these.
NEVER = [
    *("", " ", "'", '"', "`", "\\", ";", "x' or '1' = '1", "x; drop table y", "x\n", "ٱ", "null?"),
    *(-1, -(10**30), 10**30, 1e300, math.nan, math.inf, -math.inf),
    *({}, {"a": 1}, [""], [None], ["50", "65"], [65, 50], [50, 50], [-1], [10**30], [{}]),
]
# Nor one of these but for a text.
WORDS = ["yesterday", "2017-13-01", "1e9", "NaN", "null", "-1"]


class Var:
    """var() of dbt, which knows the vars of dbt_project.yml and those of --vars."""

    def __init__(self, written: dict[Any, Any], given: dict[Any, Any]) -> None:
        self.written, self.given = written, given

    def __call__(self, name: str) -> Any:
        return (self.written | self.given).get(name)

    def packages_for_node(self) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(vars=SimpleNamespace(to_dict=lambda: self.written))


def complaint(
    given: dict[Any, Any],
    is_incremental: bool = False,
    written: dict[Any, Any] = DEFAULTS,
) -> str:
    """What the check says about these vars of --vars. Nothing if it accepts them.

    `written` are those of dbt_project.yml.
    """
    macros = macros_of(
        FILE,
        var=Var(written, given),
        invocation_args_dict={"vars": given} if given else {},
        loads_incrementally=lambda: is_incremental,
    )
    try:
        macros["check_vars"]()
    except CompilerError as error:
        return str(error)
    return ""


def test_the_rules_are_those_of_every_var() -> None:
    assert list(RULES) == list(DEFAULTS)
    assert set(VALUES) == set(DEFAULTS)


def test_defaults_are_allowed() -> None:
    assert complaint({}) == ""
    assert complaint(DEFAULTS, is_incremental=True) == ""


@pytest.mark.parametrize("name", DEFAULTS)
def test_what_a_var_may_be_is_allowed(name: str) -> None:
    for value in VALUES[name][0]:
        assert complaint({name: value}) == "", value


@pytest.mark.parametrize("name", DEFAULTS)
def test_any_other_value_stops_with_what_is_allowed(name: str) -> None:
    allowed = macros_of(FILE)["allowed_values"](RULES[name])
    assert "undefined" not in allowed.lower()
    booleans = [True, False] if RULES[name]["kind"] != "boolean" else []
    words = WORDS if RULES[name]["kind"] != "text" else []
    for value in [*VALUES[name][1], *NEVER, *booleans, *words]:
        message = complaint({name: value})
        assert re.match(rf"Vars to correct:\n- {name} is \S.*\n", message), value
        assert f". Allowed: {allowed}.\n" in message, value
        assert "--vars '{name: value}'" in message
        assert "dbt_project.yml" in message


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "true"),
        ("labeled", '"labeled"'),
        ('"; drop', r'"\"; drop"'),
        ("two\nlines", r'"two\nlines"'),
        ([50, "x"], "[50, 'x']"),
        ("x" * 1000, '"' + "x" * 79 + "…"),
    ],
)
def test_the_message_shows_the_value_as_given(value: Any, shown: str) -> None:
    assert f"negatives is {shown}. Allowed: unlabelled or labelled." in complaint(
        {"negatives": value}
    )


def test_all_problems_are_listed_at_once() -> None:
    message = complaint({"negatives": "labeled", "incremental_loads": "false", "serach": "full"})
    assert len(re.findall("^- ", message, flags=re.M)) == 3


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("negative", "negatives"),
        ("serach", "search"),
        ("NEGATIVES", "negatives"),
        ("rolling_cutoffs_percent", "rolling_cutoff_percents"),
        ("champion_run", "champion_run_id"),
        ("unlabeled_sample_percent", "unlabelled_sample_percent"),
    ],
)
def test_a_misspelt_var_stops_with_the_one_meant(given: str, meant: str) -> None:
    assert f"{given} is not a var of this project. Did you mean {meant}?" in complaint({given: 1})


@pytest.mark.parametrize("given", ["x", "", 7, None, "foo_bar", "'; drop table"])
def test_a_var_like_no_other_stops_with_all_names(given: Any) -> None:
    assert f"{given} is not a var of this project. Its vars: {', '.join(DEFAULTS)}." in complaint(
        {given: 1}
    )


def test_a_misspelt_var_of_the_file_stops_too() -> None:
    renamed = {"serach" if name == "search" else name: DEFAULTS[name] for name in DEFAULTS}
    message = complaint({"negative": 1}, written=renamed)
    assert "serach is not a var of this project. Did you mean search?" in message
    assert "search is null. Allowed: quick or full." in message
    assert "negative is not a var of this project. Did you mean negatives?" in message
    assert "Did you mean search?" in complaint({}, written=DEFAULTS | {"serach": "full"})


def test_a_load_that_never_reaches_a_new_day_is_refused_where_tables_grow() -> None:
    stuck = {"days_per_load": 4, "late_block_days": 3}
    message = "must be at least 2 more than late_block_days (3)"
    assert message in complaint(stuck, is_incremental=True)
    assert complaint(stuck) == ""
    assert complaint(stuck | {"days_per_load": 5}, is_incremental=True) == ""


def test_rolling_cutoffs_lie_before_the_cutoff_they_lead_to() -> None:
    late = {"rolling_cutoff_percents": [50, 80]}
    assert "must stay below 80" in complaint(late)
    assert complaint(late | {"time_cutoff": "2021-06-01"}) == ""


def test_models_and_macros_read_vars_by_setting_only() -> None:
    """Else dbt would render a bad value before the check sees it."""
    for folder in ("macros", "models", "tests"):
        for path in (PROJECT_DIRECTORY / folder).rglob("*.sql"):
            text = path.read_text()
            if path != FILE:
                assert not re.search(r"\bvar\(", text), path
            assert set(re.findall(r"\bsetting\(['\"](\w+)", text)) <= set(DEFAULTS), path


@pytest.mark.parametrize("target", ["duckdb", "bigquery"])
def test_parsing_stops_with_the_message(dbt: DbtProject, target: str) -> None:
    """In every command and on both engines: whatever reads a var first, no Python message."""
    bad = dict.fromkeys(DEFAULTS, "nonsense!") | {"negative": "labelled"}
    result, events = dbt._invoke(["parse", "--target", target], bad, None)
    assert not result.success
    message = "\n".join(text for level, text in events if level == "error")
    assert message.count('is "nonsense!". Allowed: ') == len(DEFAULTS)
    assert "negative is not a var" in message


def test_a_build_of_a_parsed_project_stops_before_it_begins(
    dbt: DbtProject, tmp_path: Path
) -> None:
    run = dbt.run(tmp_path, select="sample_blocks", negatives="labeled")
    assert not run.success
    assert 'negatives is "labeled". Allowed: unlabelled or labelled.' in run.log
    assert "sample_blocks" not in run.statuses


@pytest.mark.parametrize(
    ("target", "command"),
    # BigQuery runs nothing without an account, and parsing renders a model.
    [("duckdb", ["run-operation", "check_vars"]), ("bigquery", ["parse"])],
)
def test_plain_dbt_tells_the_check_which_vars_the_file_has(
    tmp_path: Path, target: str, command: list[str]
) -> None:
    """dbt does not promise it."""
    project = yaml.safe_load((PROJECT_DIRECTORY / "dbt_project.yml").read_text())
    kept = {key: project[key] for key in ("name", "version", "profile")}
    written = kept | {"vars": DEFAULTS | {"serach": "full"}}
    (tmp_path / "dbt_project.yml").write_text(yaml.safe_dump(written))
    if command == ["parse"]:
        (tmp_path / "models").mkdir()
        (tmp_path / "models/checked.sql").write_text("{{ check_vars() }} select 1")
    (tmp_path / "macros").symlink_to(PROJECT_DIRECTORY / "macros")
    shutil.copy(PROJECT_DIRECTORY / "profiles.yml.example", tmp_path / "profiles.yml")
    ended = subprocess.run(
        [
            *(Path(sys.executable).with_name("dbt"), *command),
            *("--target", target, "--project-dir", tmp_path, "--profiles-dir", tmp_path),
        ],
        cwd=PROJECT_DIRECTORY,
        env=os.environ | {"DUCKDB_PATH": ":memory:"},
        capture_output=True,
        text=True,
    )
    assert ended.returncode != 0
    assert "serach is not a var of this project. Did you mean search?" in ended.stdout
    assert ended.stdout.count(" is not a var ") == 1
