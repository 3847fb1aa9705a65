"""CHAIN_COLUMNS: which of the user's columns is which of ours, where no layout says it."""

import yaml

from commands.check.conversions import CONVERSIONS
from commands.check.errors import InputError
from commands.check.layouts import Source

EXAMPLE = "CHAIN_COLUMNS='{transactions: {hash: tx_id, value: {ether: amount}}}'"


def column_mapping(text: str, tables: dict[str, list[str]]) -> dict[str, dict[str, Source]]:
    """Sources of our columns by table. `tables` has our columns of each table.

    Raises InputError for text that is not a mapping, and for an unknown table, column or unit.
    """
    if not text.strip():
        return {}
    try:
        given = yaml.safe_load(text)
    except yaml.YAMLError:
        given = None
    if not isinstance(given, dict):
        raise InputError(f"CHAIN_COLUMNS cannot be read. Write it like {EXAMPLE}.")
    return {table: _table(table, columns, tables) for table, columns in given.items()}


def _table(table: str, columns: object, tables: dict[str, list[str]]) -> dict[str, Source]:
    if table not in tables:
        raise InputError(f"CHAIN_COLUMNS: there is no table {table}. Tables: {', '.join(tables)}.")
    if not isinstance(columns, dict):
        raise InputError(f"CHAIN_COLUMNS: {table} needs columns. Write it like {EXAMPLE}.")
    for column in columns:
        if column not in tables[table]:
            raise InputError(
                f"CHAIN_COLUMNS: {table} has no column {column}. Columns:"
                f" {', '.join(tables[table])}."
            )
    return {column: _source(table, column, source) for column, source in columns.items()}


def _source(table: str, column: str, source: object) -> Source:
    if isinstance(source, str):
        return source
    if isinstance(source, dict) and len(source) == 1:
        ((unit, name),) = source.items()
        if unit in CONVERSIONS and isinstance(name, str):
            return CONVERSIONS[unit](name)
    raise InputError(
        f"CHAIN_COLUMNS: {table}.{column} has to be the name of a column, or one with what it holds"
        f" ({', '.join(CONVERSIONS)}), like {EXAMPLE}."
    )
