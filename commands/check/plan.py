"""What is read of CHAIN_DATA and LABEL_DATA: one SQL relation a table, one entry a file."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from commands.check.compression import require_complete
from commands.check.errors import InputError
from commands.check.files import chain_files, folders_of_versions, label_files, partitions
from commands.check.layouts import STATUS_COLUMNS, plain
from commands.check.mapping import column_mapping
from commands.check.opening import ABOVE, InputFile, opened
from commands.check.pages import unfinished
from commands.check.reading import in_reading_order, relation
from commands.check.recognition import LABELS, Recognised, Table, recognised
from commands.check.values import refuse_other_rows, rows_with_status
from commands.labels.networks import NETWORK_COLUMNS

LABEL_TABLE = Table(
    LABELS,
    ("address", "category", "source", "reported_at"),
    ("url", "confidence", "usage", "valid_to"),
)


@dataclass(frozen=True)
class Plan:
    """The relation of each table with files, an entry for each file, and files of no table.

    `warnings` are what a build is to say of files that are read.
    """

    relations: dict[str, str] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    not_read: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def chain_plan(directory: str, tables: dict[str, Table], columns: str) -> Plan:
    """Plan the reading of CHAIN_DATA. `columns` is CHAIN_COLUMNS.

    Raises InputError for the first file that cannot be read without a guess.
    """
    root = Path(directory).expanduser()
    mapping = column_mapping(columns, {name: list(table.columns) for name, table in tables.items()})
    found = chain_files(root, tables)
    plan = Plan(not_read=[str(path.relative_to(root)) for path in found.not_read])
    plan.warnings.extend(
        f"{folder} is a table of Delta Lake or Hudi, of which all files are read, those of earlier"
        " versions too. If rows were changed or deleted, write the table out as plain Parquet."
        for folder in folders_of_versions(found)
    )
    files = {
        name: _add(plan, tables[name], paths, mapping.get(name, {}), root)
        for name, paths in found.tables.items()
        if paths
    }
    if not any("status" in each.sources for each in files.get("receipts", [])):
        _require_a_status_of_all(files.get("transactions", []))
    return plan


def label_plan(pattern: str) -> Plan:
    """Plan the reading of LABEL_DATA. Raises InputError like `chain_plan`."""
    plan = Plan()
    _add(plan, LABEL_TABLE, label_files(pattern), {}, None)
    for entry in plan.files:
        _refuse_networks(entry["file_name"], entry["columns_ignored"].split(", "))
    return plan


def _refuse_networks(name: str, ignored: list[str]) -> None:
    """An address of another network belongs to somebody else on Ethereum."""
    for column in ignored:
        bare = column.removeprefix(ABOVE)
        if plain(bare) in map(plain, NETWORK_COLUMNS):
            raise InputError(
                f"{name} has a column `{bare}`, which is not read here: labels of other networks"
                " would count as Ethereum's. Import the file with make labels (layout label_data"
                " or its own), which leaves those out and counts them, or take the column out."
            )


def _add(
    plan: Plan, table: Table, paths: list[Path], mapping: dict[str, Any], root: Path | None
) -> list[Recognised]:
    files = in_reading_order([_recognised(path, table, mapping, root) for path in paths])
    if table.name != LABELS:  # lists of several publishers
        _require_what_siblings_have(files, table)
    _require_what_is_mapped(files, table, mapping)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda each: require_complete(each.file.path, each.file.compression), files))
    if table.name != LABELS:  # there a column for the network is refused whatever it says
        refuse_other_rows(files, table)
    plan.warnings.extend(unfinished([each.file for each in files]))
    plan.relations[table.name] = relation(files, table, as_text=table.name == LABELS)
    for number, each in enumerate(files):
        path = each.file.path
        plan.files.append(
            {
                "table_name": table.name,
                "input_file": number,
                "file_name": str(path.relative_to(root) if root else path),
                "file_format": each.file.described,
                "layout": each.layout,
                "columns_used": ", ".join(each.used),
                "columns_ignored": ", ".join(each.ignored),
                "columns_absent": ", ".join(
                    name for name in table.required + table.optional if name not in each.sources
                ),
                "rows_in_file": each.file.rows,
            }
        )
    return files


def _recognised(path: Path, table: Table, mapping: dict[str, Any], root: Path | None) -> Recognised:
    views = _opened(path, _fingerprint(path))
    if root:
        in_path = tuple(partitions(path, root).items())
        views = [replace(view, partitions=in_path) for view in views]
    return recognised(views, table, mapping)


def _fingerprint(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as error:
        target = f" links to {path.readlink()}, which" if path.is_symlink() else ""
        raise InputError(f"{path}{target} cannot be opened: {error.strerror}.") from None
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{path} is a pipe or a device, not a file. Write its rows to a file.")
    return found.st_size, found.st_mtime_ns


@lru_cache(maxsize=100_000)
def _opened(path: Path, fingerprint: tuple[int, int]) -> list[InputFile]:
    return opened(path)


def _require_what_siblings_have(files: list[Recognised], table: Table) -> None:
    """A column that one file lacks would be NULL for its rows only, as if nothing had been known.

    JSON is exempt: exports leave out the keys of values that are NULL.
    """
    for layout in dict.fromkeys(each.layout for each in files):
        alike = [each for each in files if each.layout == layout and each.file.format != "json"]
        for column in table.optional + table.rare:
            having = [each for each in alike if column in each.sources]
            lacking = [each for each in alike if column not in each.sources]
            if having and lacking:
                raise InputError(
                    f"{lacking[0].file.path} has no column `{column}`, but {having[0].file.path} of"
                    f" the same table has it. {_columns_of(lacking[0])} Add the column, empty if"
                    " need be, or take it out of all files."
                )


def _require_a_status_of_all(files: list[Recognised]) -> None:
    """Where only some files say it, all failed transactions of the others would count as good.

    This goes for files of different layouts too, and for JSON if another file of the layout has the
    key in every row: there it is not left out for being NULL.
    """
    column = STATUS_COLUMNS["transactions"]
    having = [each for each in files if column in each.sources]
    lacking = [each for each in files if column not in each.sources and each.file.rows != 0]
    if not having or not lacking:
        return
    counts = rows_with_status(files)
    for each in lacking:
        rows, _ = counts[each.file.path]
        other = next((other for other in having if _writes_always(other, each, counts)), None)
        if rows and other:
            raise InputError(
                f"{each.file.path} has no column `{column}`, but {other.file.path} has it, so its"
                f" failed transactions would count as good. {_columns_of(each)} Add the column,"
                " empty if need be, or put receipts with a status into the folder."
            )


def _writes_always(
    having: Recognised, lacking: Recognised, counts: dict[Path, tuple[int, int]]
) -> bool:
    """Whether a file shows that the exporter of the other leaves out no status that it knows."""
    if having.layout != lacking.layout or lacking.file.format != "json":
        return True
    rows, known = counts[having.file.path]
    return rows > 0 and rows == known


def _require_what_is_mapped(files: list[Recognised], table: Table, mapping: dict[str, Any]) -> None:
    """A mistyped name would leave a column NULL that a file has."""
    for column, source in mapping.items():
        if not any(each.is_from(column, source) for each in files):
            raise InputError(
                f"CHAIN_COLUMNS: no file of {table.name} has the column given for {column}."
                f" {files[0].file.path} has none. {_columns_of(files[0])}"
            )


def _columns_of(each: Recognised) -> str:
    return f"It has: {', '.join(each.file.names)}."
