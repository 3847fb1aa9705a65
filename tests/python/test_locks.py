"""The four locks: each holds what it is for, and all name the same versions."""

import re
import tomllib

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
        assert version, f"{requirement} is no version"
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


def test_a_build_on_duckdb_installs_nothing_of_google() -> None:
    assert not [
        name for name in locked("") if name.startswith(("google", "dbt-bigquery", "bigframes"))
    ]
