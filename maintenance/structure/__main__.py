"""Print a Markdown table of the project's structure: measure, before, now, aim."""

import argparse
import sys
import tempfile
from pathlib import Path

from maintenance.structure.project import RevisionError, read_revision, read_working_tree
from maintenance.structure.table import comparison

VERSION_0_1_0 = "0ba9559"


def main(arguments: list[str] | None = None) -> int:
    """Measure two states of the project; 1 if the revision is unknown or dbt cannot parse one."""
    parser = argparse.ArgumentParser(prog="python -m maintenance.structure", description=__doc__)
    parser.add_argument(
        "--before",
        default=VERSION_0_1_0,
        metavar="REV",
        help="git revision to compare the working tree with (default: %(default)s, version 0.1.0)",
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="structure_") as scratch:
        try:
            before = read_revision(options.before, Path(scratch) / "before")
            now = read_working_tree(Path(scratch) / "now")
        except RevisionError as error:
            print(f"Error: {error}", file=sys.stderr)
            return 1
        print(comparison(before, now, options.before))
    return 0


if __name__ == "__main__":
    sys.exit(main())
