"""Rows of a request that a build refuses as a file, and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from commands.check.conversions import NULLS
from commands.check.layouts import (
    FAILURE_REASONS,
    FORBIDDEN,
    KIND_COLUMNS,
    KINDS,
    LOOKALIKES,
    NESTED_RECEIPTS,
    STATUS_COLUMNS,
    Source,
    layouts_of,
    plain,
)
from commands.check.values import NO_CHAIN
from commands.labels.networks import ETHEREUM, NETWORK_COLUMNS

Row = dict[str, Any]

_NETWORKS = frozenset(map(plain, NETWORK_COLUMNS))
_OURS = {*ETHEREUM, *NULLS, *NO_CHAIN}
STATUS = "receipt_status"


def what_is_other(
    table: str, rows: Sequence[Row], read: Mapping[str, Iterable[str]]
) -> Iterator[tuple[int, str]]:
    """Yield the number of each row that is of something else, or says it elsewhere, and what.

    `read` has the names that are read for each of our columns.
    """
    names_read = {name for names in read.values() for name in names}
    others = _names_of_others(table)
    forbidden = {plain(name): what for name, what in _forbidden(table).items()}
    kinds = {plain(name) for name in KIND_COLUMNS.get(table, ())}
    noted = forbidden.keys() | others.keys() | kinds | _NETWORKS
    # Rows of a list have the same names.
    by_names: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for number, row in enumerate(rows):
        names = tuple(row)
        if names not in by_names:
            unread = [(name, plain(name)) for name in names if name not in names_read]
            by_names[names] = [pair for pair in unread if pair[1] in noted]
        for name, same in by_names[names]:
            value = "" if row[name] is None else str(row[name]).strip().lower()
            if same in forbidden:
                yield number, f"has `{name}`. {_of_another_table(forbidden[same])}"
            elif same in kinds and value in KINDS[table]:
                yield number, f"has {value} in `{name}`. {_of_another_table(KINDS[table][value])}"
            elif same in _NETWORKS and value not in _OURS:
                yield number, f"has `{name}`, which says another network than Ethereum"
            elif same in others and value not in NULLS:
                column = others[same]
                if column in read and not any(_says(row.get(ours)) for ours in read[column]):
                    yield number, _elsewhere(name, column)


def _forbidden(table: str) -> dict[str, str]:
    explorers = [each.forbidden for each in layouts_of(table) if each.name == "explorer_api"]
    return FORBIDDEN.get(table, {}) | {
        name: what for each in explorers for name, what in each.items()
    }


def _names_of_others(table: str) -> dict[str, str]:
    """Return our column by each name that others have for it, as `plain` gives it."""
    columns = [*(layout.columns for layout in layouts_of(table)), LOOKALIKES.get(table, {})]
    pairs = [pair for each in columns for pair in each.items()]
    found = {plain(name): ours for ours, source in pairs for name in _names(source)}
    found |= {plain(ours): ours for ours, _ in pairs}
    if status := STATUS_COLUMNS.get(table):
        found |= {plain(name): status for name in (*FAILURE_REASONS, *NESTED_RECEIPTS)}
    return found


def _names(source: Source) -> Iterator[str]:
    for each in source if isinstance(source, tuple) else (source,):
        yield from [each] if isinstance(each, str) else each.columns


def _says(value: Any) -> bool:
    return value is not None and str(value).strip().lower() not in NULLS


def _of_another_table(what: str) -> str:
    return (
        f"It seems to be of {what.partition('. ')[0]}. Give the transactions themselves, and"
        " transfers of tokens in token_transfers"
    )


def _elsewhere(name: str, column: str) -> str:
    if column == STATUS:
        remedy = f"Add `{STATUS}`, 1 for success and 0 for failure"
    else:
        remedy = f"If they are the same, call it `{column}`. If not, leave it out"
    return f"has no `{column}` but `{name}`, which is not read. {remedy}"
