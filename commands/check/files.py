"""Which file under CHAIN_DATA belongs to which table, and which to none."""

import glob
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from commands.check.errors import InputError

# What exporters, people, editors and browsers put beside data.
SIDE_FILE = re.compile(
    r"^[._]|~$|[.](md|crc|log|md5|sha\d+|sql|py|sh|ya?ml|bak|orig|swp|tmp|part|crdownload)$",
    re.IGNORECASE,
)

# cryo writes ethereum__transactions__19000000_to_19000999.parquet.
EXPORTER_PREFIX = re.compile(r"^ethereum__", re.IGNORECASE)


@dataclass(frozen=True)
class ChainFiles:
    """The files of each table, sorted by name, and the files that are not read."""

    tables: dict[str, list[Path]] = field(default_factory=dict)
    not_read: list[Path] = field(default_factory=list)


def chain_files(directory: Path, tables: Iterable[str]) -> ChainFiles:
    """Sort every file under a directory to a table.

    `<table>.csv`, `<table>-….csv` and `<table>_<digits>….csv` are parts of the table, and so is
    everything in a folder `<table>` or below it. Raises InputError for a directory that is none,
    for one without a table, and for a name that only begins like a table's.
    """
    if not directory.is_dir():
        what = "is a file" if directory.exists() else "does not exist"
        raise InputError(
            f"CHAIN_DATA: {directory} {what}. Set it to the folder of your chain tables."
        )
    names = sorted(tables)
    found = ChainFiles({name: [] for name in names})
    unclear: list[Path] = []
    for path in _files_below(directory):
        parts = path.relative_to(directory).parts
        table = _table_of(parts[0], names)
        if any(SIDE_FILE.search(part) for part in parts):
            found.not_read.append(path)
        elif table:
            found.tables[table].append(path)
        elif _begins_like_a_table(parts[0], names):
            unclear.append(path)
        else:
            found.not_read.append(path)
    _refuse(directory, unclear, names)
    if not any(found.tables.values()):
        raise InputError(_nothing_found(directory, found.not_read, names))
    return found


def label_files(pattern: str) -> list[Path]:
    """Files of LABEL_DATA: one path, or a glob. Raises InputError where there is none."""
    literal = Path(pattern).expanduser()
    if literal.is_file():
        return [literal]
    if literal.is_dir():
        raise InputError(
            f"LABEL_DATA: {pattern} is a folder. Set it to a file or a quoted glob, such as"
            f" '{literal}/*.csv'."
        )
    paths = sorted(Path(path) for path in glob.glob(str(literal), recursive=True))
    files = [path for path in paths if path.is_file()]
    if not files:
        raise InputError(
            f"LABEL_DATA: no file matches {pattern}. Set it to a file or a quoted glob of files."
        )
    return files


def partitions(path: Path) -> dict[str, str]:
    """Columns that a path holds in folders such as `date=2024-01-15`."""
    pairs = (part.split("=", 1) for part in path.parent.parts if "=" in part)
    return {name: value for name, value in pairs if name}


def _files_below(directory: Path) -> list[Path]:
    paths = []
    for folder, folders, names in os.walk(directory, followlinks=True):
        folders.sort()
        paths += [Path(folder) / name for name in names]
    return sorted(paths)


def _stem(name: str) -> str:
    """The name of a file or folder without endings, in lower case."""
    return EXPORTER_PREFIX.sub("", name.casefold()).split(".")[0]


def _table_of(name: str, tables: list[str]) -> str | None:
    stem = _stem(name)
    for table in tables:
        if re.fullmatch(rf"{table}(-.*|_\d.*|__\d.*|\[.*|\(.*| \(.*)?", stem):
            return table
    return None


def _begins_like_a_table(name: str, tables: list[str]) -> bool:
    return any(_stem(name).startswith(table) for table in tables)


def _refuse(directory: Path, unclear: list[Path], tables: list[str]) -> None:
    if not unclear:
        return
    name = unclear[0].relative_to(directory)
    table = max((t for t in tables if _stem(name.parts[0]).startswith(t)), key=len)
    others = f" So are {len(unclear) - 1} more." if len(unclear) > 1 else ""
    raise InputError(
        f"CHAIN_DATA: {directory / name} begins like the table {table} but is not named as a part"
        f" of it.{others} If it is one, name it {table}-….{name.name.split('.')[-1]} or put it into"
        f" a folder {table}/. If not, move it elsewhere."
    )


def _nothing_found(directory: Path, not_read: list[Path], tables: list[str]) -> str:
    seen = ", ".join(str(path.relative_to(directory)) for path in not_read[:5]) or "nothing"
    return (
        f"CHAIN_DATA: {directory} holds no chain table. Expected <table>.parquet, .csv, .csv.gz,"
        f" .csv.zst or .json, or a folder <table>/ of such files, for {', '.join(tables)}."
        f" It holds: {seen}."
    )
