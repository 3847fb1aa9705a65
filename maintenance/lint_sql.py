"""A strict parse for DuckDB, then sqlfluff over the SQL of the project, on two cores.

    python -m maintenance.lint_sql    in the folder of the project

With dbt's templater sqlfluff uses one core, and each process of it would parse the project. The
exit code is sqlfluff's: 0 if it finds nothing.
"""

import gc
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from sqlfluff.cli.commands import cli
from sqlfluff.core.parser.segments import BaseSegment
from sqlfluff.utils.reflow.depthmap import DepthMap
from sqlfluff_templater_dbt.templater import DbtTemplater

CORES = 2

STRICTLY = ["--no-partial-parse", "--no-write-json", "--show-all-deprecations", "--warn-error"]

_from_parent = DepthMap.from_parent
_last: list[tuple[BaseSegment, DepthMap]] = []


def files() -> list[Path]:
    """Models and singular tests, large ones first. Macros and generic tests are templates."""
    found = [
        path
        for folder in ("models", "tests")
        for path in Path(folder).rglob("*.sql")
        if not path.is_relative_to("tests/generic")
    ]
    return sorted(found, key=lambda path: (-path.stat().st_size, path))


def depths(parent: BaseSegment) -> DepthMap:
    """How deep each token of a file lies: four rules ask in turn, and each makes it again."""
    if not _last or _last[0][0] is not parent:
        _last[:] = [(parent, _from_parent(parent))]
    return _last[0][1]


def parsed() -> Manifest | None:
    """The project as dbt parses it without a warning. None if it does not, and dbt has said why."""
    return dbtRunner().invoke(["parse", "--target", "duckdb", *STRICTLY]).result


def lint(paths: list[Path]) -> int:
    """Lint files in this process and print what is wrong; returns sqlfluff's exit code."""
    DepthMap.from_parent = depths
    try:
        cli(["lint", "--disable-progress-bar", *map(str, paths)])
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def main() -> int:
    """Parse the project and lint all files; returns the worst exit code."""
    # Of the tokens of a file, and of the parsed project, nearly all stay: to look through them at
    # every 700 new ones takes a sixth of the time.
    gc.set_threshold(200_000, 50, 100)
    manifest = parsed()
    if manifest is None:
        return 1
    DbtTemplater.dbt_manifest = manifest
    every = files()
    parts = [every[number::CORES] for number in range(CORES)]
    # A fork has the manifest.
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("fork")) as cores:
        return max(cores.map(lint, parts))


if __name__ == "__main__":
    sys.exit(main())
