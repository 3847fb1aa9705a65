"""Print what each model of the last build took: seconds, share and rows, by folder and by model.

The database is the one that dbt builds: the target of profiles.yml, so DUCKDB_PATH or --target.
"""

import argparse
import sys

from commands import PROJECT_DIRECTORY
from commands.profile.tables import profile
from commands.report.connection import open_marts
from commands.report.errors import NothingToShow, ReportError
from commands.report.profile import add_database_options


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; returns the exit code. `arguments` default to those of the process.

    0 printed, 1 failed, 2 wrong arguments.
    """
    options = _options(arguments)
    try:
        marts = open_marts(options.profiles_dir, options.target)
        print(profile(marts, PROJECT_DIRECTORY, options.models))
    except (NothingToShow, ReportError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m commands.profile", description=__doc__)
    parser.add_argument(
        "--models", type=int, default=25, help="models to list, the slowest first (default: 25)"
    )
    add_database_options(parser)
    options = parser.parse_args(arguments)
    if options.models < 1:
        parser.error("--models needs a number of 1 or more.")
    return options


if __name__ == "__main__":
    sys.exit(main())
