"""The files an import leaves: labels and rejected rows, each written whole or not at all."""

import csv
import io
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import astuple, fields
from pathlib import Path

from commands.atomic import written_whole
from commands.labels.checking import Reject
from commands.labels.errors import LabelListError
from commands.labels.label import Label


def label_data(labels: Iterable[Label]) -> str:
    """The labels as CSV in the LABEL_DATA layout."""
    return _csv([field.name for field in fields(Label)], map(astuple, labels))


def rejects_path(path: Path) -> Path:
    """Where the rejects of an import go: no name that a glob of CSV files would find."""
    return path.with_name(path.name + ".rejects")


def rejects_text(rejects: list[Reject]) -> str | None:
    """The rejected rows as CSV, None if there are none."""
    rows = [(reject.entry.place, reject.reason, reject.entry.text) for reject in rejects]
    return _csv(["place", "reason", "row"], rows) if rows else None


def check_not_emptied(path: Path, empty: str) -> None:
    """Raises LabelListError if `path` holds more than `empty`, the text of a file without a row."""
    if path.is_file() and path.stat().st_size > len(empty.encode()):
        raise LabelListError(
            f"The reviews give nothing for {path}, which has rows. Are they the right ones? If so,"
            " remove the file first."
        )


def write_files(texts: dict[Path, str | None]) -> None:
    """Put texts into their files, and remove a file that is to have None.

    Raises LabelListError if one cannot be written. Files that were there are then as they were. All
    are written before the first takes its place.
    """
    path = next(iter(texts))
    try:
        with ExitStack() as files:
            for path, text in texts.items():
                if path.is_dir():
                    raise LabelListError(f"{path} is a folder: name a file in it.")
                if text is not None:
                    # Halves of characters, which JSON and file names can hold, have no place
                    # in a file.
                    content = text.encode("utf-8", "replace")
                    files.enter_context(written_whole(path)).write_bytes(content)
        for path, text in texts.items():
            if text is None:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise LabelListError(f"{path} cannot be written: {error.strerror}.") from None


def _csv(header: list[str], rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
