"""Generated folders of CHAIN_DATA, and what has to become of each row of each file."""

import gzip
import json
import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from support.dbt_project import account, transaction_hash
from support.reader import put, zstd

REQUIRED = ["hash", "from_address", "to_address", "value", "block_timestamp"]
OPTIONAL = ["gas", "receipt_status", "block_number"]
TYPES = {
    "value": pa.decimal128(38, 0),
    "gas": pa.int64(),
    "receipt_status": pa.int64(),
    "block_number": pa.int64(),
    "block_timestamp": pa.timestamp("us"),
}

# The account is taken with a history that starts here.
HISTORY_START = datetime(2016, 1, 1)

BAD_VALUES = {
    "hash": ["0x12", ""],
    "from_address": ["", "0x", "vitalik.eth"],
    "to_address": ["0x12", "nobody"],
    "value": ["", "-5", "12.7", "abc", "1" * 30],
    "block_timestamp": ["", "yesterday", "2009-01-01", "1705309200000"],
    "gas": ["-1", "abc", "12.7", str(2**63 - 1)],
    "receipt_status": ["2", "maybe"],
    "block_number": ["-1", "x"],
}

NULL_TEXTS = ["", "None", "nan", "NULL", "\\N"]


@dataclass(frozen=True)
class Row:
    """A transaction. `outcome` is what it is on its own, `number` the same for its copies."""

    number: int
    values: dict[str, Any]
    outcome: str


@dataclass(frozen=True)
class FileForm:
    """How a file is written."""

    format: str
    compression: str = ""
    delimiter: str = ","
    line_end: str = "\n"
    encoding: str = "utf-8"
    is_quoted: bool = False
    case: str = "lower"
    order: int = 0
    extra: str = ""
    null_text: str = ""
    leaves_out_null: bool = False
    ends_in_line_end: bool = True

    @property
    def ending(self) -> str:
        """What a name usually ends in."""
        return "." + self.format.split()[0]


@dataclass(frozen=True)
class Damage:
    """What was done to a file. Whether it must be refused, or may be."""

    kind: str = "none"
    position: float = 0.0
    bit: int = 0


@dataclass(frozen=True)
class GeneratedFile:
    """Rows, how they are written, and how the file was damaged."""

    rows: list[Row]
    form: FileForm
    damage: Damage = field(default_factory=Damage)


@dataclass(frozen=True)
class Folder:
    """Files of one table with the same optional columns."""

    files: list[GeneratedFile]
    optional: list[str]

    def write(self, directory: Path) -> list[Path]:
        """Write the files, without an ending where the content has to say what they are."""
        return [
            write_file(
                directory / f"transactions/part-{number}{'' if file.rows else file.form.ending}",
                file,
                self.optional,
            )
            for number, file in enumerate(self.files)
        ]


def outcomes(files: list[GeneratedFile], order: list[int]) -> dict[int, dict[str, int]]:
    """Rows of each file by outcome. Of copies the one in the first file of `order` counts."""
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    seen = set()
    for position in order:
        for row in files[position].rows:
            counts[position]["read"] += 1
            if row.outcome == "rejected":
                counts[position]["rejected"] += 1
            elif row.number in seen:
                counts[position]["duplicate"] += 1
            else:
                seen.add(row.number)
                counts[position][row.outcome] += 1
    return counts


# --- writing ---


def write_file(path: Path, file: GeneratedFile, optional: list[str]) -> Path:
    """Write one file."""
    form, damage = file.form, file.damage
    names = [*REQUIRED, *optional]
    if damage.kind == "missing column":
        names.remove(REQUIRED[int(damage.position * len(REQUIRED))])
    names = names[form.order % len(names) :] + names[: form.order % len(names)]
    if form.format.startswith("parquet"):
        _write_parquet(path, file, names)
        content = path.read_bytes()
    else:
        text = _csv(file, names) if form.format == "csv" else _json(file, names)
        content = _compressed(text.encode(form.encoding), form.compression)
    if damage.kind == "cut off":
        content = content[: 1 + int(damage.position * (len(content) - 1))]
        # Where a member of gzip ends a file may end: nothing tells that another one followed.
        if form.compression == "gzip members" and _is_whole_gzip(content):
            content = content[:-1]
    elif damage.kind == "flipped":
        at = int(damage.position * len(content))
        content = content[:at] + bytes([content[at] ^ (1 << damage.bit)]) + content[at + 1 :]
    return put(path, content)


def _is_whole_gzip(content: bytes) -> bool:
    try:
        gzip.decompress(content)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return False
    return True


def _named(name: str, case: str) -> str:
    return {"lower": str.lower, "upper": str.upper, "title": str.title}[case](name)


def _compressed(content: bytes, compression: str) -> bytes:
    half = len(content) // 2
    makers: dict[str, Callable[[], bytes]] = {
        "": lambda: content,
        "gzip": lambda: gzip.compress(content),
        "gzip members": lambda: gzip.compress(content[:half]) + gzip.compress(content[half:]),
        "zstd": lambda: zstd(content),
    }
    return makers[compression]()


def _csv(file: GeneratedFile, names: list[str]) -> str:
    form, damage = file.form, file.damage
    header = [_named(name, form.case) for name in names]
    lines = [
        [form.null_text if row.values[name] is None else str(row.values[name]) for name in names]
        for row in file.rows
    ]
    if form.extra:
        header.append("nonce")
        lines = [[*line, form.extra] for line in lines]
    if form.extra == "twice":
        header.append("Nonce")
        lines = [[*line, "7"] for line in lines]
    if damage.kind == "column twice":
        header.append(header[0].upper())
        lines = [[*line, line[0]] for line in lines]
    if damage.kind == "ragged" and lines:
        at = int(damage.position * len(lines))
        lines[at] = lines[at][:-1] if damage.bit % 2 else [*lines[at], "7"]
    text = form.line_end.join(
        form.delimiter.join(_field(value, form) for value in line) for line in [header, *lines]
    )
    return text + (form.line_end if form.ends_in_line_end else "")


def _field(value: str, form: FileForm) -> str:
    if form.is_quoted or any(sign in value for sign in '",;\t|\n'):
        return '"' + value.replace('"', '""') + '"'
    return value


def _json(file: GeneratedFile, names: list[str]) -> str:
    form = file.form
    rows = []
    for row in file.rows:
        values = {_named(name, form.case): row.values[name] for name in names}
        if form.leaves_out_null:
            values = {
                name: value
                for name, value in values.items()
                if value is not None
                or name.lower() in REQUIRED
                # A file in which no row has it is refused beside one in which each has.
                or (name.lower() == "receipt_status" and not rows)
            }
        if form.extra:
            values["nonce"] = {"nested": [form.extra]}
        rows.append({name: _json_value(value) for name, value in values.items()})
    if form.format == "json lines":
        return "".join(json.dumps(row) + form.line_end for row in rows)
    if form.format == "json pretty":
        return json.dumps(rows, indent=2)
    if form.format == "json reply":
        return json.dumps({"status": "1", "result": rows})
    return json.dumps(rows)


def _json_value(value: Any) -> Any:
    return str(value) if isinstance(value, datetime) else value


def _write_parquet(path: Path, file: GeneratedFile, names: list[str]) -> None:
    is_typed = file.form.format == "parquet typed"
    columns = {}
    for name in names:
        values = [row.values[name] for row in file.rows]
        if is_typed and name in TYPES:
            if name == "value":
                values = [Decimal(value) for value in values]
            column = pa.array(values, TYPES[name])
        else:
            column = pa.array([None if v is None else str(v) for v in values], pa.string())
        columns[_named(name, file.form.case)] = column
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


# --- strategies ---


@st.composite
def folders(draw: st.DrawFn) -> Folder:
    """One to four files, of which at most one is damaged."""
    optional = draw(st.lists(st.sampled_from(OPTIONAL), unique=True))
    rows = draw(_rows(optional))
    number_of_files = draw(st.integers(1, 4))
    places = [draw(st.integers(0, number_of_files - 1)) for _ in rows]
    damaged = draw(st.one_of(st.none(), st.integers(0, number_of_files - 1)))
    files = []
    for number in range(number_of_files):
        own = [row for row, place in zip(rows, places, strict=True) if place == number]
        form = draw(_forms(any(row.outcome == "rejected" for row in own)))
        damage = draw(_damages(form, bool(own))) if number == damaged else Damage()
        files.append(GeneratedFile(own, form, damage))
    return Folder(files, optional)


@st.composite
def _rows(draw: st.DrawFn, optional: list[str]) -> list[Row]:
    rows: list[Row] = []
    kinds = st.sampled_from(["accepted", "accepted", "accepted", "rejected", "early", "copy"])
    for number, kind in enumerate(draw(st.lists(kinds, max_size=25))):
        if kind == "copy":
            valid = [row for row in rows if row.outcome != "rejected"]
            if valid:
                rows.append(draw(st.sampled_from(valid)))
            continue
        time = datetime(2018, 3, 2) if kind != "early" else HISTORY_START - timedelta(days=9)
        values: dict[str, Any] = {
            "hash": transaction_hash(number),
            "from_address": account(2 * number),
            "to_address": draw(st.sampled_from([account(2 * number + 1), None])),
            "value": draw(st.sampled_from([0, 1, 10**18 + 1, 2**70])),
            "block_timestamp": time + timedelta(seconds=number),
            "gas": draw(st.sampled_from([21000, None])),
            "receipt_status": draw(st.sampled_from([0, 1, None])),
            "block_number": draw(st.sampled_from([number, None])),
        }
        if kind == "rejected":
            column = draw(st.sampled_from([*REQUIRED, *optional]))
            values[column] = draw(st.sampled_from(BAD_VALUES[column]))
        rows.append(Row(number, values, kind))
    return rows


@st.composite
def _forms(draw: st.DrawFn, has_bad_rows: bool) -> FileForm:
    formats = ["csv", "csv", "json lines", "json array", "json pretty", "json reply"]
    formats += ["parquet text"] if has_bad_rows else ["parquet text", "parquet typed"]
    name = draw(st.sampled_from(formats))
    is_csv = name == "csv"
    compressions = ["", "", "gzip", "gzip members", "zstd"]
    encodings = ["utf-8", "utf-8", "utf-8-sig", "utf-16"]
    compression = "" if name.startswith("parquet") else draw(st.sampled_from(compressions))
    return FileForm(
        format=name,
        compression=compression,
        delimiter=draw(st.sampled_from(",;\t|")) if is_csv else ",",
        line_end=draw(st.sampled_from(["\n", "\r\n"])),
        encoding=draw(st.sampled_from(encodings)) if is_csv and not compression else "utf-8",
        is_quoted=draw(st.booleans()),
        case=draw(st.sampled_from(["lower", "upper", "title"])),
        order=draw(st.integers(0, 7)),
        extra=draw(st.sampled_from(["", "7", 'é, "quoted"\n and more', "twice"])),
        null_text=draw(st.sampled_from(NULL_TEXTS)),
        leaves_out_null=draw(st.booleans()),
        ends_in_line_end=draw(st.booleans()),
    )


@st.composite
def _damages(draw: st.DrawFn, form: FileForm, has_rows: bool) -> Damage:
    kinds = ["missing column"] if has_rows or form.format in ("csv", "parquet text") else []
    if has_rows:
        kinds.append("cut off")
        kinds += ["column twice", "ragged"] if form.format == "csv" else []
        # Bytes of text or zstd can change into others that mean something, and Parquet says only
        # how many rows there are. The checksum of gzip covers all but its header.
        kinds += ["flipped"] if form.compression == "gzip" else []
    if not kinds:
        return Damage()
    return Damage(
        draw(st.sampled_from(kinds)),
        draw(st.floats(0, 1, exclude_max=True)),
        draw(st.integers(0, 7)),
    )
