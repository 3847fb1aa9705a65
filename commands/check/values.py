"""Columns that are not read, whose values say what the rows are."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from commands.build.problems import known_problem
from commands.check.conversions import NULLS, Conversion
from commands.check.errors import InputError
from commands.check.layouts import KIND_COLUMNS, KINDS, plain
from commands.check.opening import ABOVE, cursor
from commands.check.reading import in_reading_order, relation
from commands.check.recognition import Recognised, Table
from commands.check.sql import literal
from commands.labels.networks import ETHEREUM, NETWORK_COLUMNS

# What libraries write as the chain id of a transaction that was signed for no chain (EIP-155).
NO_CHAIN = {"0", "0.0", "0x0"}

# The first block whose receipts have a status.
BYZANTIUM_BLOCK = 4_370_000
BYZANTIUM = "2017-10-16 05:22:11"
BYZANTIUM_SECONDS = 1_508_131_331

SHOWN_VALUES = 5


@dataclass(frozen=True)
class Values:
    """The values of a column of a file, trimmed and in lower case, each with its rows."""

    file: Recognised
    column: str
    rows: Counter[str]

    @property
    def name(self) -> str:
        """The name of the column, also where it stands around the rows."""
        return self.column.removeprefix(ABOVE)

    @property
    def is_of_folder(self) -> bool:
        """Whether the column is in the path."""
        return self.column not in self.file.file.columns

    @property
    def place(self) -> str:
        """Where the values stand, for people."""
        if self.is_of_folder:
            return f"its folder `{self.name}=…`"
        around = " around the rows" if self.name != self.column else ""
        return f"the column `{self.name}`{around}"


def refuse_other_rows(files: list[Recognised], table: Table) -> None:
    """Stop at rows of another network than Ethereum, or of another table.

    An address of another network belongs to somebody else on Ethereum.
    """
    networks = {plain(name) for name in NETWORK_COLUMNS}
    kinds = {plain(name) for name in KIND_COLUMNS.get(table.name, ())}
    for found in values_of(files, networks | kinds):
        if plain(found.name) in networks:
            _refuse_other_networks(found)
        else:
            _refuse_other_kinds(found, table)


def _refuse_other_networks(found: Values) -> None:
    ours = {*ETHEREUM, *NULLS, *NO_CHAIN}
    foreign = {value: rows for value, rows in found.rows.items() if value not in ours}
    if foreign:
        remedy = "rename the folder" if found.is_of_folder else "take the column out"
        raise InputError(
            f"{found.file.file.path}: {found.place} says {_shown(foreign)}. These rows would count"
            f" as Ethereum's. Leave them out. If it says something else, {remedy}."
        )


def _refuse_other_kinds(found: Values, table: Table) -> None:
    if "bytecode" in found.file.sources:  # it says which addresses are contracts
        return
    kinds = KINDS[table.name]
    for kind in dict.fromkeys(kinds.values()):
        others = {value: rows for value, rows in found.rows.items() if kinds.get(value) == kind}
        if others:
            raise InputError(
                f"{found.file.file.path}: {found.place} says {_shown(others)}. It seems to hold"
                f" {kind}. If it does hold {table.name}, rename `{found.name}`."
            )


def values_of(files: list[Recognised], names: Collection[str]) -> list[Values]:
    """The values of those columns that have one of these plain names and are not read.

    Files alike are read together, and of a Parquet file these columns only.
    """
    narrowed = [(each, _named(each, names)) for each in files]
    originals = {each.file.path: each for each, columns in narrowed if columns}
    if not originals:
        return []
    tested = in_reading_order(
        [
            replace(each, sources={f"value_{n}": _as_is(name) for n, name in enumerate(columns)})
            for each, columns in narrowed
            if columns
        ]
    )
    most = max(len(each.sources) for each in tested)
    table = Table("", tuple(f"value_{number}" for number in range(most)))
    counts: dict[tuple[int, int], Counter[str]] = {}
    for *texts, number, rows in _counted(tested, table):
        for position in range(len(tested[number].sources)):
            value = (texts[position] or "").strip().lower()
            counts.setdefault((number, position), Counter())[value] += rows
    return [
        Values(
            originals[tested[number].file.path],
            tested[number].sources[f"value_{position}"].columns[0],
            rows,
        )
        for (number, position), rows in sorted(counts.items())
    ]


def _named(each: Recognised, names: Collection[str]) -> list[str]:
    found = [name for name in each.ignored if plain(name.removeprefix(ABOVE)) in names]
    for name, times in Counter(map(str.casefold, found)).items():
        if times > 1:
            same = [other for other in found if other.casefold() == name]
            raise InputError(
                f"{each.file.path} has the column {same[0]} {times} times ({', '.join(same)})."
                " Keep one."
            )
    return found


def _as_is(name: str) -> Conversion:
    return Conversion("{0}", (name,))


def rows_with_status(files: list[Recognised]) -> dict[Path, tuple[int, int]]:
    """By path, rows of transactions that have a status, and how many of them say it.

    No node knows whether a transaction before the Byzantium fork failed.
    """
    files = in_reading_order(files)
    names = ("block_number", "block_timestamp", "receipt_status")
    number, seconds = (f"try_cast({name} as bigint)" for name in names[:2])
    is_before = (
        f"coalesce({number} < {BYZANTIUM_BLOCK}, {seconds} < {BYZANTIUM_SECONDS},"
        # Text that does not begin with a year, as 1/15/2024, sorts as no time does.
        f" regexp_matches(block_timestamp, '^[0-9]{{4}}-')"
        f" and replace(block_timestamp, 'T', ' ') < {literal(BYZANTIUM)}, false)"
    )
    null = f"[{', '.join(map(literal, NULLS))}]"
    is_known = f"not list_contains({null}, lower(trim(coalesce(receipt_status, ''))))"
    found = _fetched(
        f"select input_file, count(*), count(*) filter (where {is_known})"
        f" from {relation(files, Table('', names), as_text=True)}"
        f" where not {is_before} group by input_file",
        files,
    )
    counts = {files[file].file.path: (rows, known) for file, rows, known in found}
    return {each.file.path: counts.get(each.file.path, (0, 0)) for each in files}


def _counted(files: list[Recognised], table: Table) -> list[tuple]:
    rows = relation(files, table, as_text=True)
    return _fetched(f"select *, count(*) from {rows} group by all", files)


def _fetched(query: str, files: list[Recognised]) -> list[tuple]:
    try:
        return cursor().execute(query).fetchall()
    except duckdb.Error as error:
        text = str(error)
        paths = [each.file.path for each in files]
        path = next((path for path in paths if str(path) in text), paths[0])
        raise InputError(
            known_problem(text) or f"{path} cannot be read: {text.splitlines()[0]}"
        ) from None


def _shown(values: dict[str, int]) -> str:
    shown = [
        f"`{value}` ({rows:,} row{'s' if rows > 1 else ''})"
        for value, rows in sorted(values.items(), key=lambda each: (-each[1], each[0]))
    ]
    more = len(shown) - SHOWN_VALUES
    return ", ".join(shown[:SHOWN_VALUES]) + (f" and {more} more" if more > 0 else "")
