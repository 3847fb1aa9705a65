"""The files an import leaves: labels and rejected rows, each written whole or not at all."""

import csv
import io
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import astuple, fields
from pathlib import Path

from commands.labels.checking import Reject
from commands.labels.errors import LabelListError
from commands.labels.label import Label


def label_data(labels: Iterable[Label]) -> str:
    """The labels as CSV in the LABEL_DATA layout."""
    return _csv([field.name for field in fields(Label)], map(astuple, labels))


def rejects_path(path: Path) -> Path:
    """Where the rejects of an import go: no name that a glob of CSV files would find."""
    return path.with_name(path.name + ".rejects")


def write_rejects(path: Path, rejects: list[Reject]) -> None:
    """Write the rejected rows as CSV. Without any, remove the file of the last import."""
    if not rejects:
        path.unlink(missing_ok=True)
        return
    rows = ((reject.entry.place, reject.reason, reject.entry.text) for reject in rejects)
    write_file(path, _csv(["place", "reason", "row"], rows))


def write_file(path: Path, text: str) -> None:
    """Put a text into a file, all or nothing.

    Raises LabelListError if it cannot be written; a file that was there is as it was.
    """
    if path.is_dir():
        raise LabelListError(f"{path} is a folder: name a file in it.")
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            # Halves of characters, which JSON and file names can hold, have no place in a file.
            file.write(text.encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise LabelListError(f"{path} cannot be written: {error.strerror}.") from None


def _csv(header: list[str], rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
