"""The files an import leaves: labels in the LABEL_DATA layout, and the rejected rows."""

import csv
import os
from collections.abc import Iterable
from dataclasses import astuple, fields
from pathlib import Path

from commands.labels.checking import Reject
from commands.labels.label import Label


def write_labels(path: Path, labels: Iterable[Label]) -> None:
    """Write the labels, all or nothing."""
    _write(path, [field.name for field in fields(Label)], map(astuple, labels))


def rejects_path(path: Path) -> Path:
    """Where the rejects of an import go: no name that a glob of CSV files would find."""
    return path.with_name(path.name + ".rejects")


def write_rejects(path: Path, rejects: list[Reject]) -> None:
    """Write the rejected rows as CSV. Without any, remove the file of the last import."""
    if not rejects:
        path.unlink(missing_ok=True)
        return
    rows = ((reject.entry.place, reject.reason, reject.entry.text) for reject in rejects)
    _write(path, ["place", "reason", "row"], rows)


def _write(path: Path, header: list[str], rows: Iterable[tuple[str, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    os.replace(unfinished, path)
