"""Write one self-contained HTML page that shows what the marts hold.

The database is the one that dbt builds: the target of profiles.yml, so DUCKDB_PATH or --target.
"""

import argparse
import os
import sys
from pathlib import Path

from commands import PROJECT_DIRECTORY
from commands.report.connection import open_marts
from commands.report.errors import ReportError
from commands.report.page import page

PAGE = Path("target/report.html")


def main(arguments: list[str] | None = None) -> int:
    """Write the page; returns the exit code. `arguments` default to those of the process.

    0 written; 2 wrong arguments, no database or no marts in it.
    """
    options = _options(arguments)
    try:
        html = page(open_marts(options.profiles_dir, options.target))
    except ReportError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(html, encoding="utf-8")
    print(f"Written: {options.out} ({len(html.encode()) / 1e6:.1f} MB)")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m commands.report", description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE, help=f"file (default: {PAGE})")
    parser.add_argument("--target", help="target of profiles.yml (default: the one it names)")
    parser.add_argument(
        "--profiles-dir",
        type=Path,
        default=Path(os.environ.get("DBT_PROFILES_DIR", PROJECT_DIRECTORY)),
        help="directory of profiles.yml (default: DBT_PROFILES_DIR, else the project)",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
