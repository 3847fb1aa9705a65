"""The four locks: each holds what it is for, and all name the same versions."""

import ast
import functools
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest

from support import PROJECT_DIRECTORY

PROJECT = tomllib.loads((PROJECT_DIRECTORY / "pyproject.toml").read_text())
FILES = {
    "": "requirements.lock",
    "bigquery": "requirements-bigquery.lock",
    "serve": "requirements-serve.lock",
    "dev": "requirements-dev.lock",
}


def locked(group: str) -> dict[str, str]:
    """Version by name and, where there are several, by the machine it is for."""
    lines = (PROJECT_DIRECTORY / FILES[group]).read_text().splitlines()
    pinned = [line.partition(" ;") for line in lines]
    found = {}
    for requirement, _, machine in pinned:
        name, _, version = requirement.strip().partition("==")
        assert version, f"{requirement} has no pinned version"
        # Where a package is needed differs with what else is there; its version does not.
        found[f"{name} {machine}" if "python" in machine else name] = version
    return found


def named(group: str) -> set[str]:
    requirements = PROJECT["project"]["dependencies"] + [
        each for each in PROJECT["dependency-groups"].get(group, []) if isinstance(each, str)
    ]
    return {re.match(r"[\w.-]+", each)[0].lower() for each in requirements}


@pytest.mark.parametrize("group", FILES)
def test_a_lock_has_what_is_asked_for_and_no_address(group: str) -> None:
    assert named(group) <= {name.split()[0] for name in locked(group)}
    assert "://" not in (PROJECT_DIRECTORY / FILES[group]).read_text()


@pytest.mark.parametrize("group", ["", "bigquery", "serve"])
def test_all_locks_agree_and_the_last_holds_all(group: str) -> None:
    assert locked(group).items() <= locked("dev").items()
    assert locked("").items() <= locked(group).items()


def packages(file: Path) -> set[str]:
    """What a file imports that neither Python nor the project brings, by name of the package."""
    modules = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules.add(node.module)
    tops = {module.split(".")[0] for module in modules} - sys.stdlib_module_names - {"commands"}
    return {packages_of(top) for top in tops}


@functools.cache
def packages_of(module: str) -> str:
    """Name of the package that brings a module. Several bring parts of dbt and google."""
    shared = {"dbt": "dbt-core", "google": "google-cloud-bigquery"}
    return shared.get(module) or BROUGHT[module][0].lower().replace("_", "-")


BROUGHT = importlib.metadata.packages_distributions()

FILES_OF_USERS = sorted(
    file
    for folder in ("python_models", "commands")
    for file in (PROJECT_DIRECTORY / folder).rglob("*.py")
)


@pytest.mark.parametrize(
    "file", FILES_OF_USERS, ids=lambda file: str(file.relative_to(PROJECT_DIRECTORY))
)
def test_what_a_command_imports_is_installed_by_it(file: Path) -> None:
    groups = [""]
    if "lookup" in file.parts or file.name == "reviews.py":
        groups.append("serve")
    if "slice" in file.parts or "bigquery" in file.stem:
        groups.append("bigquery")
    installed = {name.split()[0] for group in groups for name in locked(group)}
    assert packages(file) <= installed


def test_a_build_on_duckdb_installs_nothing_of_google() -> None:
    assert not [
        name for name in locked("") if name.startswith(("google", "dbt-bigquery", "bigframes"))
    ]
