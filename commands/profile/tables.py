"""What a build took, as text."""

from collections.abc import Iterable
from pathlib import Path

from commands.report.errors import require
from commands.report.marts import Marts, Row
from commands.report.numbers import minute

# Folders that hold what a build makes.
SOURCES = ("models", "python_models", "seeds")

LAST_BUILD = """
    select
        node_name,
        status,
        seconds,
        row_count,
        started_at
    from {marts}.build_runs
    where started_at = (select max(started_at) from {marts}.build_runs)
    order by seconds desc, node_name
"""


def profile(marts: Marts, project: Path, models: int) -> str:
    """Return the last build as two tables: by folder, and the `models` that took longest.

    A share is that of the seconds of all models and seeds together. Models run side by side, so
    the build took less. Raises NothingToShow if no build was recorded.
    """
    runs = require(marts.rows(LAST_BUILD), "No build was recorded in build_runs.")
    seconds = sum(run["seconds"] for run in runs)
    started = minute(runs[0]["started_at"])
    head = (
        f"Build of {started}, {marts.place}: {seconds:,.1f} seconds in {len(runs):,} models and"
        " seeds, data tests not counted."
    )
    others = runs[models:]
    listed = [_line(run["node_name"], [run], seconds, _rows(run)) for run in runs[:models]]
    if others:
        name = f"{len(others):,} others" if len(others) > 1 else "1 other"
        listed.append(_line(name, others, seconds, ""))
    return "\n\n".join(
        [
            head,
            _table(("folder", "models", "seconds", "share"), _by_folder(runs, project, seconds)),
            _table(("model", "seconds", "share", "rows"), listed),
        ]
    )


def folders(project: Path) -> dict[str, str]:
    """Return the folder of each model and seed of a project, by name."""
    return {
        path.stem: path.parent.relative_to(project).as_posix()
        for source in SOURCES
        for path in (project / source).rglob("*")
        if path.suffix in (".sql", ".py", ".csv")
    }


def _by_folder(runs: list[Row], project: Path, seconds: float) -> list[tuple[str, ...]]:
    known = folders(project)
    grouped: dict[str, list[Row]] = {}
    for run in runs:
        # A model of an older build may be gone.
        grouped.setdefault(known.get(run["node_name"], "no longer there"), []).append(run)
    slowest_first = sorted(grouped.items(), key=lambda each: (-_seconds(each[1]), each[0]))
    return [
        (folder, f"{len(each):,}", *_line(folder, each, seconds, "")[1:3])
        for folder, each in slowest_first
    ]


def _line(name: str, runs: list[Row], seconds: float, rows: str) -> tuple[str, ...]:
    taken = _seconds(runs)
    return name, f"{taken:,.1f}", f"{100 * taken / (seconds or 1):.1f} %", rows


def _seconds(runs: Iterable[Row]) -> float:
    return sum(run["seconds"] for run in runs)


def _rows(run: Row) -> str:
    if run["status"] != "success":
        return str(run["status"])
    return "" if run["row_count"] is None else f"{run['row_count']:,}"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return columns of equal width: the first to the left, figures to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [head, *rows]
    )
