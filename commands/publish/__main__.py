"""Write the serving copies, which BI tools and the look-up read while a build runs.

The file for BI tools holds every mart as a table and nothing else. The look-up's file lies beside
it, with _lookup in its name. Each takes the place of the last copy in one step. The database is the
one that dbt builds: the target of profiles.yml, so DUCKDB_PATH.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from commands.publish.compiled import compiled_models
from commands.publish.copy import COPY, lookup_copy, require_database, write_copies
from commands.publish.errors import PublishError
from commands.publish.recipe import recipe
from commands.report.errors import ReportError
from commands.report.profile import Target, add_database_options


def main(arguments: list[str] | None = None) -> int:
    """Write the copy; returns the exit code. `arguments` default to those of the process.

    0 written, 1 failed, 2 wrong arguments. The copy that was there stays if anything fails.
    """
    options = _options(arguments)
    started = time.monotonic()
    try:
        target = Target.load(options.profiles_dir, options.target)
        if target.credentials.type != "duckdb":
            raise PublishError(
                "Only a DuckDB database is published. On BigQuery your readers, and make serve"
                " with TARGET=bigquery, read the datasets."
            )
        database = Path(target.credentials.path)
        # Before dbt opens it.
        require_database(database)
        models = compiled_models(
            options.profiles_dir, options.target, options.vars, options.target_path
        )
        schemas = {name: f"{target.schema_prefix}{name}" for name in ("marts", "intermediate")}
        write_copies(database, schemas, recipe(models), options.out, lambda line: print(line))
    except (PublishError, ReportError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    sizes = ", ".join(
        f"{path} ({path.stat().st_size / 1e6:.0f} MB)"
        for path in (options.out, lookup_copy(options.out))
    )
    print(f"Published in {time.monotonic() - started:.0f} s: {sizes}")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m commands.publish", description=__doc__)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(os.environ.get("SERVING_COPY") or COPY),
        help=f"file for BI tools (default: SERVING_COPY, else {COPY})",
    )
    parser.add_argument("--vars", default="", help="vars of the build, as given to dbt")
    parser.add_argument("--target-path", type=Path, default=Path("target/publish").absolute())
    add_database_options(parser)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
