"""The rows of recognised files as SQL, with our columns and the number of the file."""

from itertools import groupby

from commands.check.opening import ABOVE, UNCOMPRESSED_JSON, json_rows
from commands.check.recognition import Recognised, Table
from commands.check.sql import column_name, literal, path_list

# How the names of our columns end that hold bytes, and those that hold amounts.
HEXADECIMAL = ("hash", "address", "bytecode")
AMOUNTS = ("value", "balance")


def relation(files: list[Recognised], table: Table, as_text: bool = False) -> str:
    """A subquery of all files. File n of the list has the number n in `input_file`.

    Files alike in everything are read together. A column that no file has is NULL. Columns are text
    unless all files are Parquet files with the same types, and where `as_text` says so.
    """
    groups = [list(group) for _, group in groupby(files, key=_kind)]
    as_text = as_text or len(groups) > 1
    parts, first = [], 0
    for group in groups:
        parts.append(_select(group, table, first, as_text))
        first += len(group)
    return "(\n" + "\nunion all\n".join(parts or [_nothing(table)]) + "\n)"


def in_reading_order(files: list[Recognised]) -> list[Recognised]:
    """Files that are read together next to each other, by the first path of each group."""
    groups: dict[tuple, list[Recognised]] = {}
    for file in sorted(files, key=lambda each: each.file.path):
        groups.setdefault(_kind(file), []).append(file)
    return [file for group in groups.values() for file in group]


def _kind(each: Recognised) -> tuple:
    file = each.file
    sources = tuple(
        (name, source.sql, source.columns) for name, source in sorted(each.sources.items())
    )
    in_path = () if set(each.used) <= set(file.columns) else file.partitions
    layout = () if file.format == "json" else (file.columns, file.types)
    return (
        file.format,
        file.compression,
        file.delimiter,
        file.encoding,
        file.json_form,
        file.rows_at,
        sources,
        in_path,
        layout,
    )


def _select(group: list[Recognised], table: Table, first: int, as_text: bool) -> str:
    columns = ",\n    ".join(
        f"{_expression(group[0], name, as_text)} as {column_name(name)}" for name in table.columns
    )
    return (
        f"select\n    {columns},\n    cast({first} + file_index as integer) as input_file"
        f"\nfrom {_rows(group)}"
    )


def _nothing(table: Table) -> str:
    columns = ",\n    ".join(
        f"cast(null as varchar) as {column_name(name)}" for name in table.columns
    )
    return f"select\n    {columns},\n    cast(null as integer) as input_file\nwhere false"


def _expression(each: Recognised, name: str, as_text: bool) -> str:
    source = each.sources.get(name)
    if source is None:
        return "cast(null as varchar)"
    if source.sql == "{0}" and not as_text:
        return _value(each, name, source.columns[0])
    return source.sql.format(*(_text(each, name, column) for column in source.columns))


def _value(each: Recognised, name: str, column: str) -> str:
    """SQL for a column of the file, with its own type, of which ours of this name is made."""
    file = each.file
    if column not in file.columns:
        in_path = dict(file.partitions)[column]
        return "cast(null as varchar)" if in_path is None else literal(in_path)
    if file.format == "json":
        place = "above" if column.startswith(ABOVE) else "json"
        key = literal("$." + column_name(column.removeprefix(ABOVE)))
        return f"{place} ->> {key}" if file.rows_at else column_name(column)
    position = file.columns.index(column)
    if file.format == "csv":
        return f"c{position}"
    if file.types[position] == "BLOB":
        return _bytes_as_text(column_name(column), name)
    return column_name(column)


def _text(each: Recognised, name: str, column: str) -> str:
    value = _value(each, name, column)
    if each.file.format == "json":
        return f"({value})"
    return value if each.file.format == "csv" else f"cast({value} as varchar)"


def _bytes_as_text(column: str, name: str) -> str:
    """Bytes are text that was not marked as such, or a number or address as 0x….

    Bytes of an address can be signs or begin with 0x by chance, such as those of 0x3333….
    """
    pattern, nothing = "[ -~]+", ""
    if name.endswith(HEXADECIMAL):
        pattern = "0x[0-9a-fA-F]*"
    elif name.endswith(AMOUNTS):
        # Bytes of an amount can be signs too, and 0 may have none.
        pattern, nothing = "-?[0-9][0-9.eE+]*|0x[0-9a-fA-F]*", "0"
    text = f"try(decode({column}))"
    return (
        f"case when regexp_full_match({text}, '{pattern}') then {text}"
        f" when hex({column}) = '' then '0x{nothing}' else '0x' || lower(hex({column})) end"
    )


def _rows(group: list[Recognised]) -> str:
    file = group[0].file
    paths = [each.file.path for each in group]
    if file.format == "parquet":
        return f"read_parquet({path_list(paths)}, hive_partitioning = false)"
    if file.format == "csv":
        names = ", ".join(f"c{n}: 'VARCHAR'" for n in range(len(file.columns)))
        return (
            f"read_csv({path_list(paths)}, auto_detect = false, header = true,"
            f" delim = {literal(file.delimiter)}, quote = '\"', escape = '\"',"
            f" encoding = {literal(file.encoding)},"
            f" compression = {literal(file.compression or 'none')},"
            f" hive_partitioning = false, columns = {{{names}}})"
        )
    if file.rows_at:
        return json_rows(paths, file.compression, file.json_form, file.rows_at)
    names = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in _json_columns(group[0]))
    return (
        f"read_json({path_list(paths)}, format = {literal(file.json_form)},"
        f" compression = {literal(file.compression or UNCOMPRESSED_JSON)},"
        f" hive_partitioning = false, columns = {{{names}}})"
    )


def _json_columns(each: Recognised) -> list[str]:
    names = [name for source in each.sources.values() for name in source.columns]
    return [name for name in dict.fromkeys(names) if name in each.file.columns] or ["nothing"]
