"""Settings of the database, from the dbt profile."""

import os
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt.config.runtime import load_profile
from dbt.flags import set_from_args
from dbt_common.context import set_invocation_context
from dbt_common.exceptions import DbtBaseException

from commands import PROJECT_DIRECTORY
from commands.report.errors import ReportError


def add_database_options(parser: ArgumentParser) -> None:
    """Add the options that name the database: --target and --profiles-dir."""
    parser.add_argument("--target", help="target of profiles.yml (default: the one it names)")
    parser.add_argument(
        "--profiles-dir",
        type=Path,
        default=Path(os.environ.get("DBT_PROFILES_DIR") or PROJECT_DIRECTORY).absolute(),
        help="directory of profiles.yml (default: DBT_PROFILES_DIR, else the project)",
    )


@dataclass(frozen=True)
class Target:
    """A target of the profile: where dbt builds, and so what the report reads."""

    credentials: Any
    schema_prefix: str

    @classmethod
    def load(cls, profiles_directory: Path, name: str | None) -> "Target":
        """Read the target `name`, the profile's default if None, as dbt reads it.

        Raises ReportError with dbt's reason.
        """
        set_invocation_context(os.environ)
        set_from_args(
            Namespace(PROFILES_DIR=str(profiles_directory), PROJECT_DIR=str(PROJECT_DIRECTORY)),
            None,
        )
        try:
            profile = load_profile(str(PROJECT_DIRECTORY), {}, None, name)
        except DbtBaseException as error:
            raise ReportError(f"{profiles_directory / 'profiles.yml'}: {error}") from error
        # As macros/run/generate_schema_name.sql.
        is_plain = profile.target_name == "duckdb"
        return cls(profile.credentials, "" if is_plain else f"{profile.credentials.schema}_")
