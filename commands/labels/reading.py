"""The rows of a list as dictionaries, each with where it stands in the file."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from commands.labels.errors import LabelListError
from commands.labels.layouts import LAYOUTS, Format, Layout


@dataclass(frozen=True)
class Entry:
    """A row of a list: where ("line 12", "item 12"), its texts, and why it is unreadable."""

    place: str
    row: dict[str, str]
    problem: str = ""

    @property
    def text(self) -> str:
        """The row as it is, for a report."""
        return ", ".join(f"{column}={value}" for column, value in self.row.items())


@dataclass(frozen=True)
class LabelList:
    """Columns and rows of a file."""

    columns: list[str]
    entries: list[Entry] = field(repr=False)


def read_list(path: Path, layout: Layout) -> LabelList:
    """Read a file in a layout.

    Raises LabelListError if it is missing, not text, empty or in another layout; the message names
    the columns that were found.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise LabelListError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise LabelListError(f"{path} is not UTF-8 text (byte {error.start}).") from None
    found = _parse(text, layout.format)
    if found is None or not set(layout.required_columns) <= set(found.columns):
        raise LabelListError(_wrong_layout(path, text, layout))
    if not found.entries:
        raise LabelListError(f"{path} is empty.")
    return found


def _parse(text: str, format: Format) -> LabelList | None:
    """The rows; None if it is another format."""
    return {Format.CSV: _csv, Format.JSON: _json, Format.LINES: _lines}[format](text)


def _csv(text: str) -> LabelList | None:
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip() for name in next(reader, [])]
        return LabelList(header, list(_csv_entries(reader, header)))
    except csv.Error:
        return None


def _csv_entries(reader: Iterator[list[str]], header: list[str]) -> Iterator[Entry]:
    for values in reader:
        if not values:
            continue
        row = dict(zip(header, values, strict=False))
        problem = ""
        if len(values) != len(header):
            problem = f"{len(values)} values instead of {len(header)}"
            row = {"row": ",".join(values)}
        yield Entry(f"line {reader.line_num}", row, problem)


def _json(text: str) -> LabelList | None:
    try:
        items = json.loads(text)
    except json.JSONDecodeError:
        return None
    if not isinstance(items, list):
        return None
    entries = [_json_entry(number, item) for number, item in enumerate(items, start=1)]
    columns = {column: None for entry in entries if not entry.problem for column in entry.row}
    return LabelList(list(columns), entries)


def _json_entry(number: int, item: object) -> Entry:
    if not isinstance(item, dict):
        return Entry(f"item {number}", {"row": json.dumps(item)}, "not an object")
    row = {name: "" if value is None else str(value) for name, value in item.items()}
    return Entry(f"item {number}", row)


def _lines(text: str) -> LabelList | None:
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), start=1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    # One malformed line is a reject; a first line like these is a table or JSON.
    if lines and ("," in lines[0][1] or lines[0][1][0] in "[{"):
        return None
    return LabelList(["address"], [Entry(f"line {n}", {"address": line}) for n, line in lines])


def _wrong_layout(path: Path, text: str, layout: Layout) -> str:
    fitting = [
        other.name
        for other in LAYOUTS.values()
        if (found := _parse(text, other.format))
        and set(other.required_columns) <= set(found.columns)
        and (other.format is not Format.LINES or layout.format is not Format.LINES)
        and not (other.format is Format.LINES and not _looks_like_addresses(found))
    ]
    return (
        f"{path} is not in the layout {layout.name}, which is {layout.format.value} with"
        f" {', '.join(layout.required_columns)}. Found: {_found_columns(text)}."
        + (f" Fits: --layout {' or '.join(fitting)}." if fitting else "")
    )


def _looks_like_addresses(found: LabelList) -> bool:
    return bool(found.entries) and found.entries[0].row["address"].lower().startswith("0x")


def _found_columns(text: str) -> str:
    for format in (Format.JSON, Format.CSV):
        found = _parse(text, format)
        if found and found.columns:
            return f"{format.value}: {', '.join(found.columns)[:300]}"
    return "nothing"
