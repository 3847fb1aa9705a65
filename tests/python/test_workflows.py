"""Workflows, hooks and forms parse, and call what the Makefile has."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import PROJECT_DIRECTORY

MAKEFILE = (PROJECT_DIRECTORY / "Makefile").read_text()
WORKFLOWS = sorted((PROJECT_DIRECTORY / ".github/workflows").glob("*.yml"))
FORMS = sorted((PROJECT_DIRECTORY / ".github/ISSUE_TEMPLATE").glob("*.yml"))


def commands(workflow: Path) -> list[str]:
    jobs: dict[str, Any] = yaml.safe_load(workflow.read_text())["jobs"]
    return [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_command_of_a_workflow_is_a_make_target(workflow: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE))
    found = commands(workflow)
    assert found
    for command in found:
        program, target, *settings = command.split()
        assert program == "make"
        assert target in targets
        assert all(re.match(r"[A-Z]+=", setting) for setting in settings)


def test_the_checks_are_those_of_make_test_and_make_build() -> None:
    (checks,) = (workflow for workflow in WORKFLOWS if workflow.stem == "ci")
    targets = {command.split()[1] for command in commands(checks)}
    assert targets >= {"lint", "test-python", "test-bigquery", "build", "daily"}


def test_what_you_exclude_from_a_daily_run_comes_on_top_of_training() -> None:
    def excluded(*arguments: str) -> set[str]:
        printed = subprocess.run(
            ["make", "--dry-run", *arguments],
            cwd=PROJECT_DIRECTORY,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        (command,) = re.findall(r"commands\.build(.*)", printed)
        return set(command.partition("--exclude")[2].split())

    daily = excluded("daily")
    assert "tag:train" in daily
    assert excluded("daily", "EXCLUDE=scam_scores") == {*daily, "scam_scores"}
    assert excluded("build", "EXCLUDE=scam_scores") == {"scam_scores"}
    assert not excluded("build")


@pytest.mark.parametrize("name", ["daily", "monthly"])
def test_a_scheduled_run_hands_on_the_settings_of_the_profile(name: str) -> None:
    profile = (PROJECT_DIRECTORY / "profiles.yml.example").read_text()
    settings = dict(re.findall(r"env_var\('(BIGQUERY_\w+)', '([^']*)'\)", profile))
    # The workflow logs in by itself, and nobody waits for it.
    wanted = settings.keys() - {"BIGQUERY_METHOD", "BIGQUERY_PRIORITY"}
    workflow = (PROJECT_DIRECTORY / f".github/workflows/{name}.yml").read_text()
    for setting in wanted:
        assert f"{setting}: ${{{{ vars.{setting}" in workflow
    for setting, default in re.findall(r"vars\.(BIGQUERY_\w+) \|\| '([^']*)'", workflow):
        assert default == settings[setting]


def test_scheduled_runs_wait_for_each_other_and_for_a_project() -> None:
    for workflow in WORKFLOWS:
        content = yaml.safe_load(workflow.read_text())
        # YAML reads the key `on` as true.
        if "schedule" in content[True]:
            assert content["concurrency"] == {"group": "bigquery", "cancel-in-progress": False}
            assert all("BIGQUERY_PROJECT" in job["if"] for job in content["jobs"].values())


def test_hooks_before_a_commit_are_those_of_make_lint() -> None:
    lint = re.search(r"^lint: dev-setup\n((?:\t.*\n)+)", MAKEFILE, flags=re.MULTILINE)
    commands = lint[1].replace("python -m maintenance.lint_sql", "sqlfluff lint")
    tools = set(re.findall(r"\.venv/bin/\w+ \w+", commands.replace("$(BIN)", ".venv/bin")))
    tools.remove(".venv/bin/dbt parse")  # of the whole project, not of what is committed
    content = yaml.safe_load((PROJECT_DIRECTORY / ".pre-commit-config.yaml").read_text())
    hooks = [hook["entry"] for repository in content["repos"] for hook in repository["hooks"]]
    assert {" ".join(hook.split()[:2]) for hook in hooks} == tools


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_a_form_has_what_is_shown(form: Path) -> None:
    content = yaml.safe_load(form.read_text())
    assert {"name", "description", "body"} <= set(content)
    for field in content["body"]:
        assert field["type"] in {"textarea", "input", "dropdown", "markdown"}
        assert field["attributes"].get("label") or field["attributes"].get("value")
