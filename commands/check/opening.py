"""What a file is, by its content: format, compression, columns. No sample decides."""

import codecs
import csv
import io
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
from pyarrow import parquet

from commands.check.compression import compression_of, refuse_foreign, unpacked_head
from commands.check.errors import InputError
from commands.check.replies import ENVELOPES, SINGLE
from commands.check.sql import column_name, literal, path_list

HEAD_BYTES = 1 << 20

DELIMITERS = (",", ";", "\t", "|")

# DuckDB's reader of CSV says none.
UNCOMPRESSED_JSON = "uncompressed"

# The type of a Parquet column that DuckDB reads as DOUBLE, because its own decimals end there.
WIDE_DECIMAL = "DECIMAL of more than 38 digits"

# DuckDB's column of the number of a file, which a column of the file would hide.
FILE_NUMBER = "file_index"

# Before a name of the object around the rows, such as the block of a transaction.
ABOVE = "^"


@dataclass(frozen=True)
class InputFile:
    """A file with the columns that its own header, keys or schema names.

    `types` has the type of a Parquet column, CSV and JSON are read as text. `rows` is the number of
    rows where the format says it. `rows_at` is the path of the rows in a JSON reply, and
    `pages_without_rows` the number of replies in the file that have none there. `beside` has the
    keys that stand beside a list of rows in each object around it, the outermost first.
    """

    path: Path
    format: str
    columns: tuple[str, ...]
    compression: str = ""
    types: tuple[str, ...] = ()
    rows: int | None = None
    delimiter: str = ","
    encoding: str = "utf-8"
    json_form: str = ""
    rows_at: str = ""
    pages_without_rows: int = 0
    beside: tuple[tuple[str, ...], ...] = ()
    partitions: tuple[tuple[str, str | None], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, those of the path last."""
        return (*self.columns, *(name for name, _ in self.partitions if name not in self.columns))

    @property
    def depth(self) -> int:
        """How many objects of a JSON reply are around its rows."""
        return len(self.rows_at.split(".")) if self.rows_at else 0

    @property
    def described(self) -> str:
        """Format and compression in a word."""
        return f"{self.format}.{self.compression}" if self.compression else self.format


def opened(path: Path) -> list[InputFile]:
    """Look into a file. Raises InputError for one that holds no rows that can be read.

    Gives one view of the file, and of a JSON reply one more for each list of rows inside it.
    """
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise InputError(f"{path} cannot be opened: {error.strerror}.") from None
    if head.startswith(b"PAR1"):
        return [_parquet(path)]
    compression = compression_of(path, head)
    head = unpacked_head(path, compression, HEAD_BYTES)
    if head.startswith(b"PAR1"):
        raise InputError(f"{path} is a Parquet file inside {compression}. Unpack it.")
    refuse_foreign(path, head)
    if path.name.casefold().split(".", 1)[-1].startswith(("parquet", "snappy.parquet")):
        raise InputError(f"{path} is not a Parquet file, or is damaged. Get it again.")
    text, encoding = _decoded(path, head)
    start = text.lstrip()[:1]
    if start == "<":
        raise InputError(f"{path} is a web page or XML, not a table. Was the download refused?")
    if start in ("{", "[") and encoding != "utf-8":
        raise InputError(f"{path} is JSON in UTF-16. Save it as UTF-8.")
    if start in ("{", "[") or (not start and ".js" in path.name.casefold()):
        return _json(path, compression, text.strip(), head.startswith(codecs.BOM_UTF8))
    return [_csv(path, compression, encoding, text)]


def _decoded(path: Path, head: bytes) -> tuple[str, str]:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            if encoding == "utf-16-be":
                raise InputError(f"{path} is UTF-16 with the high byte first. Save it as UTF-8.")
            return head[2:].decode(encoding, "replace"), "utf-16"
    # Values may hold a zero byte, as symbols of tokens do, but no name of a column does.
    if b"\0" in head.split(b"\n", 1)[0]:
        raise InputError(
            f"{path} is not text: its first line holds zero bytes, as a binary file has them and"
            " UTF-16 without a byte order mark. Save it as UTF-8, or export it as Parquet or CSV."
        )
    return head.decode("utf-8-sig", "replace"), "utf-8"


def _csv(path: Path, compression: str, encoding: str, text: str) -> InputFile:
    if not text.strip():
        raise InputError(f"{path} is empty: it has no line with column names.")
    first_line = text.splitlines()[0]
    if not first_line.strip():
        raise InputError(
            f"{path} begins with an empty line. Its first line has to name the columns."
        )
    delimiter = max(DELIMITERS, key=lambda sign: (first_line.count(sign), sign == ","))
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise InputError(f"{path}: its first line cannot be read as CSV ({error}).") from None
    return InputFile(
        path,
        "csv",
        tuple(name.strip() for name in names),
        compression,
        delimiter=delimiter,
        encoding=encoding,
    )


def _parquet(path: Path) -> InputFile:
    connection = cursor()
    files = path_list([path])
    try:
        schema = connection.execute(
            f"describe select * from read_parquet({files}, hive_partitioning = false)"
        ).fetchall()
        types = [kind for _, kind, *_ in schema]
        wide = _wide_decimals(connection, files) if "DOUBLE" in types else set()
        (rows,) = connection.execute(
            f"select sum(num_rows) from parquet_file_metadata({files})"
        ).fetchone()
    except duckdb.Error as error:
        raise InputError(f"{path} is a damaged Parquet file: {_first_line(error)}") from None
    names = [name for name, *_ in schema]
    if FILE_NUMBER in map(str.casefold, names):
        raise InputError(
            f"{path} has a column `{FILE_NUMBER}`, as DuckDB calls the number of a file. Rename it."
        )
    return InputFile(
        path,
        "parquet",
        _own_names(path, names),
        types=tuple(WIDE_DECIMAL if name in wide else kind for name, kind, *_ in schema),
        rows=int(rows or 0),
    )


def _own_names(path: Path, names: list[str]) -> tuple[str, ...]:
    """The names in a Parquet file. Of two that differ in case DuckDB gives one another name."""
    try:
        own = parquet.read_schema(path).names
    except (pa.ArrowException, OSError):
        # Of a kind that Arrow does not know.
        own = names
    return tuple(own if len(own) == len(names) else names)


def _wide_decimals(connection: duckdb.DuckDBPyConnection, files: str) -> set[str]:
    found = connection.execute(
        f"select name from parquet_schema({files}) where duckdb_type = 'DOUBLE'"
        " and (converted_type = 'DECIMAL' or starts_with(logical_type, 'Decimal'))"
    ).fetchall()
    return {name for (name,) in found}


def _json(path: Path, compression: str, text: str, is_marked: bool) -> list[InputFile]:
    form = _json_form(text) if text else "newline_delimited"
    if is_marked and form == "newline_delimited":
        # DuckDB does not read a byte order mark before lines.
        form = "unstructured"
    if not text.strip("[] \t\r\n"):
        return [InputFile(path, "json", (), compression, json_form=form, rows=0)]
    keys = _keys(path, compression, form)
    views = [InputFile(path, "json", keys, compression, json_form=form)]
    for rows_at in ENVELOPES:
        views += _view_of_list(views[0], rows_at)
    return views + _view_of_object(views[0])


def _view_of_list(outer: InputFile, rows_at: str) -> list[InputFile]:
    """The rows that a reply keeps there. Nothing if it keeps something else there."""
    *parents, last = rows_at.split(".")
    if (parents or [last])[0] not in outer.columns:
        return []
    file = (outer.path, outer.compression, outer.json_form)
    kinds = _kinds(*file, rows_at)
    lists = kinds.pop("ARRAY", 0)
    if not lists:
        return []
    inner = _keys(*file, rows_at)
    around = _keys(*file, ".".join(parents), is_list=False)
    objects = [(outer.columns, parents[0]), (around, last)] if parents else [(around, last)]
    beside = tuple(tuple(key for key in keys if key != name) for keys, name in objects)
    view = replace(outer, rows_at=rows_at, pages_without_rows=sum(kinds.values()), beside=beside)
    if inner:
        return [replace(view, columns=(*inner, *(ABOVE + key for key in around if key != last)))]
    return [replace(view, columns=(), rows=0)] if _is_without_rows(view) else []


def _view_of_object(outer: InputFile) -> list[InputFile]:
    """The one row of a reply, such as a block."""
    if SINGLE not in outer.columns:
        return []
    file = (outer.path, outer.compression, outer.json_form)
    kinds = _kinds(*file, SINGLE)
    if "ARRAY" in kinds or not kinds.pop("OBJECT", 0):
        return []
    columns = _keys(*file, SINGLE, is_list=False)
    return [replace(outer, columns=columns, rows_at=SINGLE, pages_without_rows=sum(kinds.values()))]


def _json_form(text: str) -> str:
    if text.startswith("["):
        return "array"
    try:
        json.loads(text.splitlines()[0])
    except ValueError:
        return "unstructured"
    return "newline_delimited"


def json_objects(paths: list[Path], compression: str, form: str) -> str:
    """A table function with one JSON value a row in column `json`."""
    size = max(1 << 24, *(path.stat().st_size * (40 if compression else 2) for path in paths))
    largest = f", maximum_object_size = {min(size, 1 << 31)}" if form != "newline_delimited" else ""
    return (
        f"read_json_objects({path_list(paths)}, format = {literal(form)},"
        f" compression = {literal(compression or UNCOMPRESSED_JSON)},"
        f" hive_partitioning = false{largest})"
    )


def json_path(path: str) -> str:
    """A dotted path of keys as a SQL literal."""
    return literal("$" + "".join(f".{column_name(key)}" for key in path.split(".") if key))


def json_rows(paths: list[Path], compression: str, form: str, rows_at: str) -> str:
    """A subquery with a row as `json`, the object around it as `above`, and `file_index`."""
    objects = json_objects(paths, compression, form)
    if not rows_at:
        return f"(select json, file_index from {objects})"
    *parents, last = rows_at.split(".")
    above = f"json_extract(json, {json_path('.'.join(parents))})"
    path = json_path(last)
    rows = (
        f"case json_type(above, {path}) when 'OBJECT' then [json_extract(above, {path})]"
        f" else json_extract(above, {path[:-1]}[*]') end"
    )
    return (
        f"(select unnest({rows}) as json, above, file_index"
        f" from (select {above} as above, file_index from {objects}))"
    )


def _keys(
    path: Path, compression: str, form: str, at: str = "", is_list: bool = True
) -> tuple[str, ...]:
    """Every key that a row has, not those of the first rows. None if a row is not an object."""
    if is_list:
        rows = json_rows([path], compression, form, at)
    else:
        objects = json_objects([path], compression, form)
        rows = f"(select json_extract(json, {json_path(at)}) as json from {objects})"
    try:
        found = (
            cursor()
            .execute(
                "select distinct json_type(json) as kind, unnest("
                " case when json_type(json) = 'OBJECT' then json_keys(json) else [''] end) as key"
                f" from {rows} as found order by key"
            )
            .fetchall()
        )
    except duckdb.Error as error:
        raise InputError(
            f"{path} is not valid JSON: {_first_line(error).rstrip()} It has to be UTF-8, and"
            " either one array or one object after the other."
        ) from None
    if not is_list:
        # A reply that refuses has none. It is counted with those that hold no list.
        found = [(kind, key) for kind, key in found if kind == "OBJECT"]
    others = sorted({kind.lower() for kind, _ in found if kind != "OBJECT"})
    if others and not at and is_list:
        raise InputError(
            f"{path}: each row has to be a JSON object with named values, but there are"
            f" {', '.join(others)}."
        )
    return () if others else tuple(key for _, key in found)


def _is_without_rows(view: InputFile) -> bool:
    """A page without rows or a block without transactions."""
    rows = json_rows([view.path], view.compression, view.json_form, view.rows_at)
    return not cursor().execute(f"select 1 from {rows} as found limit 1").fetchall()


def _kinds(path: Path, compression: str, form: str, at: str) -> dict[str | None, int]:
    """What the objects of a file have at this path, and how many of them."""
    return dict(
        cursor()
        .execute(
            f"select json_type(json, {json_path(at)}), count(*)"
            f" from {json_objects([path], compression, form)} group by 1"
        )
        .fetchall()
    )


def last_reply(file: InputFile, paths: list[str]) -> list[object]:
    """What the last reply of a file has at these paths."""
    values = ", ".join(f"json_extract(json, {json_path(path)})" for path in paths)
    objects = json_objects([file.path], file.compression, file.json_form)
    *_, last = cursor().execute(f"select {values} from {objects}").fetchall()
    return [None if value is None else json.loads(value) for value in last]


def types_in_first_row(file: InputFile, names: list[str]) -> list[str | None]:
    """What the first row of a JSON file has under these names, such as VARCHAR or OBJECT."""
    kinds = ", ".join(f"json_type(json, {literal('$.' + column_name(name))})" for name in names)
    rows = json_rows([file.path], file.compression, file.json_form, file.rows_at)
    found = cursor().execute(f"select {kinds} from {rows} as found limit 1").fetchone()
    return list(found or [None] * len(names))


def cursor() -> duckdb.DuckDBPyConnection:
    """A connection to the database with which files are looked into."""
    return _database().cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for all files: to make one takes ten times as long as to look into a file."""
    made = duckdb.connect()
    made.execute("set enable_external_file_cache = false")
    return made


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
