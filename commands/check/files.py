"""Which file under CHAIN_DATA belongs to which table, and which to none."""

import glob
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from commands.check.errors import InputError

# What exporters, people, editors and browsers put beside data.
SIDE_FILE = re.compile(
    r"^[._]|^lost\+found$|~$"
    r"|[.](md|crc|log|md5|sha\d+|sql|py|sh|ya?ml|bak|orig|swp|tmp|part|crdownload)$",
    re.IGNORECASE,
)

# Of these, files that may hold data: what a download or an export left behind, or an old copy.
UNFINISHED = re.compile(r"^[^._].*[.](bak|orig|tmp|part|crdownload)$", re.IGNORECASE)

# Folders in which Delta Lake and Hudi keep what is valid of the files beside them.
VERSIONS = ("_delta_log", ".hoodie")

# What exporters call a table of ours.
OTHER_NAMES = {"erc20_transfers": "token_transfers"}

# cryo writes ethereum__transactions__19000000_to_19000999.parquet.
EXPORTER_PREFIX = re.compile(r"^ethereum__", re.IGNORECASE)


@dataclass(frozen=True)
class ChainFiles:
    """The files of each table, sorted by name, and the files that are not read."""

    tables: dict[str, list[Path]] = field(default_factory=dict)
    not_read: list[Path] = field(default_factory=list)


@dataclass(frozen=True)
class Below:
    """What lies below a directory: files, links to folders that are there already, and folders that
    cannot be opened, with the reason.
    """

    files: list[Path] = field(default_factory=list)
    repeated: list[Path] = field(default_factory=list)
    shut: dict[Path, str] = field(default_factory=dict)


def chain_files(directory: Path, tables: Iterable[str]) -> ChainFiles:
    """Sort every file under a directory to a table.

    `<table>.csv`, `<table>-….csv` and `<table>_<digits>….csv` are parts of the table, and so is
    everything in a folder `<table>` or below it. Raises InputError for a path that is not a
    directory, a directory without a table, a name that only begins like a table's, a table's name
    in a folder of another name, and a folder that cannot be opened.
    """
    _require_directory(directory)
    names = {name: name for name in sorted(tables)}
    names |= {name: table for name, table in OTHER_NAMES.items() if table in names}
    found = ChainFiles({table: [] for table in names.values()})
    unclear: dict[Path, tuple[str, str]] = {}
    below = below_directory(directory)
    _refuse_names_of_bytes([*below.files, *below.repeated, *below.shut])
    for path in sorted([*below.files, *below.repeated, *below.shut]):
        parts = path.relative_to(directory).parts
        if any(SIDE_FILE.search(part) for part in parts):
            found.not_read.append(path)
        elif path in below.shut:
            raise InputError(
                f"{path} cannot be opened: {below.shut[path]}. Make it readable, or move it"
                " elsewhere."
            )
        elif name := _name_of(parts[0], names):
            if path in below.repeated:
                raise InputError(f"{path} links to a folder that is read already. Remove the link.")
            found.tables[names[name]].append(path)
        elif reason := _unclear(parts, names):
            unclear[path] = reason
        else:
            found.not_read.append(path)
    _refuse(unclear)
    _refuse_unfinished(found, directory, names)
    if not any(found.tables.values()):
        raise InputError(_nothing_found(directory, found.not_read, sorted(found.tables)))
    return found


def _refuse_names_of_bytes(paths: Iterable[Path]) -> None:
    """Neither SQL nor a message can name such a file."""
    for path in paths:
        try:
            str(path).encode()
        except UnicodeEncodeError:
            shown = os.fsencode(path).decode("utf-8", "replace")
            raise InputError(f"{shown}: its name is not UTF-8. Rename it.") from None


def _refuse_unfinished(found: ChainFiles, directory: Path, names: dict[str, str]) -> None:
    """A table of which nothing else is there would be empty without a word."""
    for path in found.not_read:
        table = names.get(_name_of(path.relative_to(directory).parts[0], names) or "")
        if table and not found.tables[table] and UNFINISHED.search(path.name):
            raise InputError(
                f"{path} is all that is there of {table}, and files of that name are not read: they"
                f" may be unfinished or old. If it is whole, rename it, such as to {path.stem}.csv."
                " Else remove it."
            )


def folders_of_versions(found: ChainFiles) -> list[Path]:
    """Folders of tables in which files of earlier versions may lie beside the valid ones."""
    logs = {
        parent
        for path in found.not_read
        for parent in path.parents
        if parent.name.casefold() in VERSIONS
    }
    read = {parent for paths in found.tables.values() for path in paths for parent in path.parents}
    return sorted(log.parent for log in logs if log.parent in read)


def label_files(pattern: str) -> list[Path]:
    """Files of LABEL_DATA: one path, or a glob. Raises InputError where there is none."""
    literal = Path(pattern).expanduser()
    try:
        is_file, is_folder = literal.is_file(), literal.is_dir()
    except OSError as error:
        # Behind a folder without permission, or too long a name.
        raise InputError(f"LABEL_DATA: {pattern} cannot be opened: {error.strerror}.") from None
    if is_file:
        return [literal]
    if is_folder:
        raise InputError(
            f"LABEL_DATA: {pattern} is a folder. Set it to a file or a quoted glob, such as"
            f" '{literal}/*.csv'."
        )
    paths = sorted(Path(path) for path in glob.glob(str(literal), recursive=True))
    # A link that leads nowhere stays, to be refused by its name.
    files = [path for path in paths if not path.is_dir()]
    _refuse_names_of_bytes(files)
    if not files:
        raise InputError(
            f"LABEL_DATA: no file matches {pattern}. Set it to a file or a quoted glob of files."
        )
    return files


def partitions(path: Path, root: Path) -> dict[str, str | None]:
    """Columns that the folders of a path below another hold, such as `date=2024-01-15`."""
    folders = path.relative_to(root).parent.parts
    pairs = (folder.split("=", 1) for folder in folders if "=" in folder)
    return {unquote(name): _partition_value(value) for name, value in pairs if name}


def _partition_value(text: str) -> str | None:
    """What writers of partitions make of a value for the name of a folder."""
    return None if text == "__HIVE_DEFAULT_PARTITION__" else unquote(text)


def below_directory(directory: Path) -> Below:
    """Look into every folder once, into links last: a link can lead back to a folder."""
    below = Below()
    entered: set[tuple[int, int]] = set()
    tops = [directory]
    for top in tops:
        if top != directory and _identity(top) in entered:
            below.repeated.append(top)
            continue
        for folder, folders, names in os.walk(top, onerror=partial(_note_shut, below)):
            entered.add(_identity(folder))
            below.files.extend(Path(folder, name) for name in names)
            # The list grows while it is gone through.
            tops += [Path(folder, name) for name in sorted(folders) if _is_link(folder, name)]
    return below


def _note_shut(below: Below, error: OSError) -> None:
    below.shut[Path(error.filename)] = error.strerror


def _identity(folder: str | Path) -> tuple[int, int]:
    found = os.stat(folder)
    return found.st_dev, found.st_ino


def _is_link(folder: str, name: str) -> bool:
    return os.path.islink(os.path.join(folder, name))


def _require_directory(directory: Path) -> None:
    try:
        is_directory, what = stat.S_ISDIR(directory.stat().st_mode), "is a file"
    except (FileNotFoundError, NotADirectoryError):
        is_directory, what = False, "does not exist"
    except OSError as error:
        raise InputError(f"CHAIN_DATA: {directory} cannot be opened: {error.strerror}.") from None
    if not is_directory:
        raise InputError(
            f"CHAIN_DATA: {directory} {what}. Set it to the folder of your chain tables."
        )


def _stem(name: str) -> str:
    """The name of a file or folder without endings, in lower case."""
    return EXPORTER_PREFIX.sub("", name.casefold()).split(".")[0]


def _name_of(name: str, names: Iterable[str]) -> str | None:
    """Which name of a table the name of a file or folder says."""
    stem = _stem(name)
    for table in names:
        if re.fullmatch(rf"{table}(-.*|_\d.*|__\d.*|\[.*|\(.*| \(.*)?", stem):
            return table
    return None


def _unclear(parts: tuple[str, ...], names: Iterable[str]) -> tuple[str, str] | None:
    """What is unclear about a path of no table, and what to do if it is one's.

    It would be missing without a word.
    """
    alike = [name for name in names if _stem(parts[0]).startswith(name)]
    if alike:
        name = max(alike, key=len)
        return (
            f"begins like the table {name} but is not named as a part of it",
            f"name it {name}-….{parts[-1].split('.')[-1]} or put it into a folder {name}/",
        )
    name = next(filter(None, (_name_of(part, names) for part in parts[1:])), None)
    if name:
        return (
            f"is named like the table {name} but lies in {parts[0]}/, which is none",
            f"put it into a folder {name}/, as {Path(name, *parts)}",
        )
    return None


def _refuse(unclear: dict[Path, tuple[str, str]]) -> None:
    if not unclear:
        return
    path, (what, remedy) = next(iter(unclear.items()))
    others = f" So are {len(unclear) - 1} more." if len(unclear) > 1 else ""
    raise InputError(
        f"CHAIN_DATA: {path} {what}.{others} If it is one, {remedy}. If not, move it elsewhere."
    )


def _nothing_found(directory: Path, not_read: list[Path], tables: list[str]) -> str:
    seen = ", ".join(str(path.relative_to(directory)) for path in not_read[:5]) or "nothing"
    return (
        f"CHAIN_DATA: {directory} holds no chain table. Expected <table>.parquet, .csv, .csv.gz,"
        f" .csv.zst or .json, or a folder <table>/ of such files, for {', '.join(tables)}."
        f" It holds: {seen}."
    )
