"""Texts, names and paths as SQL."""

from collections.abc import Iterable
from pathlib import Path


def literal(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def column_name(name: str) -> str:
    """A name in double quotes, also for a JSON path."""
    return '"' + name.replace('"', '""') + '"'


def path_list(paths: Iterable[Path]) -> str:
    """Paths as a list of SQL literals, none of which is read as a pattern."""
    return "[" + ", ".join(literal(_escaped(str(path))) for path in paths) + "]"


def _escaped(path: str) -> str:
    """`*`, `?` and `[` in brackets, in which they stand for themselves."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path)
