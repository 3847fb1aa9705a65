"""Write one self-contained HTML page that shows what the marts hold.

The database is the one that dbt builds: the target of profiles.yml, so DUCKDB_PATH or --target.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from commands.atomic import written_whole
from commands.report.connection import open_marts
from commands.report.errors import ReportError
from commands.report.page import page
from commands.report.profile import add_database_options

PAGE = Path("target/report.html")


def main(arguments: list[str] | None = None) -> int:
    """Write the page; returns the exit code. `arguments` default to those of the process.

    0 written, 1 failed, 2 wrong arguments. The report that was there stays if anything fails.
    """
    options = _options(arguments)
    try:
        html = page(open_marts(options.profiles_dir, options.target), datetime.now(UTC))
        _write(options.out, html)
    except ReportError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"Written: {options.out} ({len(html.encode()) / 1e6:.1f} MB)")
    return 0


def _write(path: Path, html: str) -> None:
    try:
        with written_whole(path) as partial:
            partial.write_text(html, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or error
        raise ReportError(f"The report {path} cannot be written: {reason}.") from error


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m commands.report", description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE, help=f"file (default: {PAGE})")
    add_database_options(parser)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
