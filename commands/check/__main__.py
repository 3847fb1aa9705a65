"""Say what is read of CHAIN_DATA and LABEL_DATA, row by row accounted for, without a build."""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from unittest import mock

from commands.check.account import Account, printed, read_account
from commands.check.layouts import described

PROJECT = Path(__file__).parents[2]

MODELS = ["+input_files", "+rejected_chain_rows", "+rejected_labels"]


def main(arguments: list[str] | None = None) -> int:
    """Check the input; returns the exit code: 0 a build would go on, 1 it would stop."""
    parser = argparse.ArgumentParser(prog="python -m commands.check", description=__doc__)
    parser.add_argument("--list-layouts", action="store_true", help="show the layouts and stop")
    options = parser.parse_args(arguments)
    if options.list_layouts:
        print(described())
        return 0
    account = _account()
    if account is None:
        return 1
    print(printed(account))
    return 1 if account.too_many_rejects else 0


def _account() -> Account | None:
    """Stage the input in a database that is thrown away. None if a file cannot be read."""
    # Both take seconds.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    errors: list[str] = []

    def listen(event: object) -> None:
        if event.info.level == "error":
            errors.append(event.info.msg)

    with tempfile.TemporaryDirectory(prefix="check-") as folder:
        database = Path(folder) / "check.duckdb"
        with mock.patch.dict(os.environ, {"DUCKDB_PATH": str(database)}):
            ended = dbtRunner(callbacks=[listen]).invoke(
                [
                    *("build", "--log-level", "none", "--select", *MODELS),
                    *("--exclude-resource-type", "test", "unit_test"),
                    *("--project-dir", str(PROJECT), "--profiles-dir", _profiles()),
                    *("--target", "duckdb", "--target-path", folder, "--log-path", folder),
                    # Whatever is rejected is to be shown.
                    *("--vars", "{max_rejected_share: 1}"),
                ]
            )
        DuckDBConnectionManager.close_all_connections()
        if not ended.success:
            print(_sentence("\n".join(errors) or str(ended.exception)), file=sys.stderr)
            return None
        return read_account(database)


def _sentence(message: str) -> str:
    """What the project says, without where dbt was when it said it."""
    lines = [line.strip() for line in message.splitlines()]
    frame = ("> in macro", "> called by", "Encountered an error", "Compilation Error in")
    return "\n".join(dict.fromkeys(line for line in lines if line and not line.startswith(frame)))


def _profiles() -> str:
    return os.environ.get("DBT_PROFILES_DIR", str(PROJECT))


if __name__ == "__main__":
    sys.exit(main())
