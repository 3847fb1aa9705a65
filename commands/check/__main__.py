"""Say what is read of CHAIN_DATA and LABEL_DATA, row by row accounted for, without a build."""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from commands import PROJECT_DIRECTORY
from commands.build.problems import explained, known_problem
from commands.check.account import Account, printed, read_account
from commands.check.errors import InputError
from commands.check.layouts import described

MODELS = ["+input_files", "+rejected_chain_rows", "+rejected_labels"]

TARGET = "duckdb"


def main(arguments: list[str] | None = None) -> int:
    """Check the input; returns the exit code: 0 a build would go on, 1 it would stop."""
    parser = argparse.ArgumentParser(prog="python -m commands.check", description=__doc__)
    parser.add_argument("--list-layouts", action="store_true", help="show the layouts and stop")
    parser.add_argument("--vars", type=_vars, default={}, help="vars of the build, as given to dbt")
    options = parser.parse_args(arguments)
    if options.list_layouts:
        print(described())
        return 0
    try:
        account, warnings = _account(options.vars)
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    print(printed(account))
    for warning in warnings:
        print(f"Warning: {warning}")
    return 1 if account.too_many_rejects else 0


def _account(variables: dict[str, Any]) -> tuple[Account, list[str]]:
    """Stage the input in a database that is thrown away. Gives what a build would warn of too.

    Raises InputError with what stops a build.
    """
    # Both take seconds.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    said: dict[str, list[str]] = {"error": [], "warn": []}

    def listen(event: object) -> None:
        if event.info.level in said:
            said[event.info.level].append(event.info.msg)

    project = yaml.safe_load((PROJECT_DIRECTORY / "dbt_project.yml").read_text(encoding="utf-8"))
    most = (project["vars"] | variables)["max_rejected_share"]
    # All rejected rows are to be shown. Of a value that is not a share dbt says what is wrong.
    if isinstance(most, int | float) and not isinstance(most, bool) and 0 <= most <= 1:
        variables = variables | {"max_rejected_share": 1}
    with tempfile.TemporaryDirectory(prefix="check-") as folder:
        database = Path(folder) / "check.duckdb"
        _write_profile(Path(folder), project["profile"], database)
        ended = dbtRunner(callbacks=[listen]).invoke(
            [
                *("build", "--log-level", "none", "--no-write-json", "--select", *MODELS),
                *("--exclude-resource-type", "test", "unit_test"),
                *("--project-dir", str(PROJECT_DIRECTORY), "--profiles-dir", folder),
                *("--target", TARGET, "--target-path", folder, "--log-path", folder),
                *("--vars", yaml.safe_dump(variables)),
            ]
        )
        DuckDBConnectionManager.close_all_connections()
        if not ended.success:
            raise InputError("\n".join(explained(said["error"], ended.exception)))
        return read_account(database, most), explained(said["warn"], None)


def _write_profile(folder: Path, name: str, database: Path) -> None:
    """Write the profile of the user into a folder, with another database than theirs.

    Raises InputError where they have none for DuckDB.
    """
    from dbt.config.profile import read_profile
    from dbt_common.exceptions import DbtBaseException

    theirs = os.environ.get("DBT_PROFILES_DIR") or str(PROJECT_DIRECTORY)
    try:
        profile = read_profile(theirs).get(name)
    except DbtBaseException as error:
        raise InputError(str(error)) from None
    if not profile:
        raise InputError(explained([f"Could not find profile named '{name}'"], None)[0])
    output = (profile.get("outputs") or {}).get(TARGET) or {}
    if output.get("type") != "duckdb":
        raise InputError(
            f"{theirs}/profiles.yml has no output {TARGET} of type duckdb for {name}."
            " Take it from profiles.yml.example."
        )
    # What else could name another database.
    kept = {key: value for key, value in output.items() if key not in ("database", "remote")}
    own = {name: {"target": TARGET, "outputs": {TARGET: kept | {"path": str(database)}}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(own), encoding="utf-8")


def _vars(text: str) -> dict[str, Any]:
    try:
        variables = yaml.safe_load(text or "{}")
    except yaml.YAMLError:
        variables = None
    except ValueError as error:
        # A date that does not exist.
        raise argparse.ArgumentTypeError(known_problem(str(error)) or str(error)) from error
    if not isinstance(variables, dict):
        raise argparse.ArgumentTypeError(f"{text} is not of the form {{name: value}}")
    return variables


if __name__ == "__main__":
    sys.exit(main())
