"""Lists that are lines of text: CSV, one address a line, and OFAC's CSV."""

import csv
import io
import re
from collections.abc import Iterator

from commands.check.opening import DELIMITERS
from commands.labels.entry import Entry, LabelList
from commands.labels.errors import LabelListError

# OFAC's words, as in "alt. Digital Currency Address - ETH 0x…;".
SDN_ADDRESS = re.compile(r"Digital Currency Address\s*-\s*(\w+)\s+(\w+)")
SDN_MENTION = "Digital Currency Address"
SDN_NULL = "-0-"
# sdn.csv, and sdn_comments.csv with what was cut off from remarks of this length.
SDN_WIDTHS = {12, 2}
SDN_LONGEST = 1_000


def read_csv(text: str) -> LabelList | None:
    """The rows of a CSV with a header; None if it is not a CSV.

    Raises LabelListError where a quote is not closed: the rows behind it would be one value.
    """
    first_line = text.partition("\n")[0]
    # A spreadsheet may write another sign than a comma.
    delimiter = max(DELIMITERS, key=lambda sign: (first_line.count(sign), sign == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    entries: list[Entry] = []
    next_line = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        next_line = reader.line_num + 1
        for entry in _csv_entries(reader, header):
            entries.append(entry)
            next_line = reader.line_num + 1
    except csv.Error:
        # Text of another format has quotes where it likes.
        if len(header) < 2 or text.lstrip().startswith(("[", "{")):
            return None
        raise LabelListError(
            f"Line {next_line} has a quote that is not closed, or text behind the closing one."
            " Quotes inside a quoted value are written twice."
        ) from None
    return LabelList(header, entries)


def read_lines(text: str) -> LabelList | None:
    """One address a line, with comments behind #; None if it is a table, JSON or YAML."""
    lines = [
        (number, line.partition("#")[0].strip())
        for number, line in enumerate(text.split("\n"), start=1)
    ]
    lines = [(number, line) for number, line in lines if line]
    # One malformed line is a reject; a first line like these is another format.
    if lines and ("," in lines[0][1] or re.match(r"[\[{-]|\w+: ", lines[0][1])):
        return None
    return LabelList(["address"], [Entry(f"line {n}", {"address": line}) for n, line in lines])


def read_sdn(text: str) -> LabelList | None:
    """A row per address in the remarks of OFAC's sdn.csv; None if it is another file.

    Where sdn_comments.csv stands behind it, remarks go on there.
    """
    reader = csv.reader(io.StringIO(text.replace("\x1a", "\n"), newline=""))
    try:
        rows = [(reader.line_num, row) for row in reader if "".join(row).strip()]
    except csv.Error:
        return None
    if not rows or not all(_is_sdn(row) for _, row in rows):
        return None
    cut_off = {row[0].strip(): row for _, row in rows if len(row) > 2 and _is_cut_off(row[-1])}
    alone = []
    for line, row in rows:
        if len(row) == 2 and (whole := cut_off.pop(row[0].strip(), None)):
            # A blank at the cut is lost.
            whole[-1] = whole[-1].ljust(SDN_LONGEST) + row[1]
        else:
            alone.append((line, row))
    entries = [
        entry
        for line, row in alone
        for entry in _sdn_entries(line, row, cut_off.get(row[0].strip()) is row)
    ]
    return LabelList(["address", "currency", "name", "program"], entries)


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


def _is_sdn(row: list[str]) -> bool:
    return len(row) in SDN_WIDTHS and row[0].strip().isdigit()


def _is_cut_off(remarks: str) -> bool:
    return SDN_LONGEST - 1 <= len(remarks) <= SDN_LONGEST


def _sdn_entries(line: int, row: list[str], is_cut_off: bool) -> Iterator[Entry]:
    name, program = (row[1], row[3]) if len(row) > 2 else ("", "")
    of_person = {"name": _sdn_text(name), "program": _sdn_text(program)}
    found = SDN_ADDRESS.findall(row[-1])
    for currency, address in found:
        yield Entry(f"line {line}", {"address": address, "currency": currency, **of_person})
    unread = row[-1].count(SDN_MENTION) - len(found)
    if unread:
        yield Entry(f"line {line}", {"row": row[-1]}, f"{unread} unreadable addresses in remarks")
    if is_cut_off and SDN_MENTION in row[-1]:
        problem = (
            "the remarks are cut off: put the lines of sdn_comments.csv behind those of sdn.csv"
        )
        yield Entry(f"line {line}", of_person, problem)


def _sdn_text(value: str) -> str:
    value = value.strip()
    return "" if value == SDN_NULL else value
