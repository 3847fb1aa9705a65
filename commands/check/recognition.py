"""In which layout a file is, and from which of its columns ours are made."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import yaml

from commands.check.conversions import CONVERSIONS, Conversion
from commands.check.errors import InputError
from commands.check.layouts import (
    ALIASES,
    FAILURE_REASONS,
    FORBIDDEN,
    INTERNAL,
    LOOKALIKES,
    NESTED_RECEIPTS,
    OWN_LAYOUT,
    STATUS_COLUMNS,
    TOKEN_TRANSFERS,
    TRANSFERS_OF_ASSETS,
    Layout,
    Source,
    Sources,
    layouts_of,
    plain,
)
from commands.check.opening import ABOVE, WIDE_DECIMAL, InputFile, types_in_first_row
from commands.check.replies import is_block, is_reply

LABELS = "labels"

# How many needed columns a file may lack to be called near to a layout of others.
FEW = 2
LABEL_LAYOUT = "label_data"


@dataclass(frozen=True)
class Table:
    """A table of ours: the columns it needs and those it uses if they are there.

    `rare` are columns that one layout only has, so that nobody misses them.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    rare: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them, in order."""
        return self.required + self.optional + self.rare


@dataclass(frozen=True)
class Recognised:
    """A file, its layout, and the source of each column of ours that it has."""

    file: InputFile
    layout: str
    sources: dict[str, Conversion]

    def is_from(self, column: str, source: Source) -> bool:
        """Whether our column is made of this source."""
        if column not in self.sources:
            return False
        wanted = _as_conversion(source, {}).columns
        found = self.sources[column].columns
        return [name.casefold() for name in wanted] == [name.casefold() for name in found]

    def columns_of(self, column: str) -> tuple[str, ...]:
        """The columns of the file of which ours is made."""
        return self.sources[column].columns if column in self.sources else ()

    @property
    def used(self) -> list[str]:
        """Columns of the file that are read, in its order."""
        read = {name for source in self.sources.values() for name in source.columns}
        return [name for name in self.file.names if name in read]

    @property
    def ignored(self) -> list[str]:
        """Columns of the file that are not."""
        read = set(self.used)
        return [name for name in self.file.names if name not in read]


def recognised(views: list[InputFile], table: Table, mapping: dict[str, Source]) -> Recognised:
    """Find the one layout that a file is in. Raises InputError if there is none, or several."""
    found = _recognised(views, table, mapping)
    if found.file.pages_without_rows:
        raise InputError(
            f"{found.file.path}: {found.file.pages_without_rows} of its replies hold no list"
            f" `{found.file.rows_at}`, as where a service refused to answer. Get them again, or"
            " take them out."
        )
    _refuse_wide_decimals(found)
    _refuse_nested_values(found, table)
    return found


def _recognised(views: list[InputFile], table: Table, mapping: dict[str, Source]) -> Recognised:
    own = _own_layout(table)
    complete = _complete(views, own, table, mapping)
    matches = [found for found, forbidden in complete if not forbidden][:1]
    if not matches:
        for layout in layouts_of(table.name):
            complete += _complete(views, layout, table, mapping)
        matches = _fullest_of_alike(
            [found for found, forbidden in complete if not forbidden], table
        )
    if len(matches) > 1:
        raise InputError(
            f"{views[0].path} can be read as {' or '.join(match.layout for match in matches)}."
            f" Say which column is which, like {_example(table, table.required[0])}."
        )
    if matches:
        _refuse_lookalikes(matches[0], table)
        _refuse_receipts_of_nothing(matches[0], table)
        return matches[0]
    if complete:
        raise InputError(_of_another_table(*complete[0], table))
    empty = next((file for file in views if _is_empty(file, table)), None)
    if empty:
        return Recognised(empty, own.name, {})
    layouts = [_with(layout, mapping) for layout in (own, *layouts_of(table.name))]
    raise InputError(_not_recognised(views, table, layouts))


def _fullest_of_alike(matches: list[Recognised], table: Table) -> list[Recognised]:
    """Of layouts that take all needed columns from the same ones, that which reads most."""
    needed = {
        (match.file.rows_at, *(match.sources[column] for column in table.required))
        for match in matches
    }
    return matches if len(needed) != 1 else [max(matches, key=lambda match: len(match.sources))]


def _is_empty(file: InputFile, table: Table) -> bool:
    """Whether there are no rows, rather than rows that hold an empty list."""
    if file.columns or file.rows != 0:
        return False
    *outer, inner = file.beside or ((),)
    if table.name == "transactions" and file.rows_at.endswith("transactions") and is_block(inner):
        return all(is_reply(keys) for keys in outer)
    return is_reply(inner) and all(is_reply(keys) for keys in outer)


def _own_layout(table: Table) -> Layout:
    name = LABEL_LAYOUT if table.name == LABELS else OWN_LAYOUT
    columns = {name: ALIASES.get((table.name, name), name) for name in table.columns}
    return Layout(name, "", table.name, columns)


def _complete(
    views: list[InputFile], layout: Layout, table: Table, mapping: dict[str, Source]
) -> list[tuple[Recognised, dict[str, str]]]:
    """Views with all columns that our table needs, and those that the layout forbids."""
    name = "CHAIN_COLUMNS" if mapping and layout.name == OWN_LAYOUT else layout.name
    layout = _with(_and_own_names(layout, table), mapping)
    found = [Recognised(file, name, _sources(file, layout)) for file in views]
    return [
        (each, _forbidden(each.ignored, layout))
        for each in found
        if all(column in each.sources for column in table.required)
    ]


def _and_own_names(layout: Layout, table: Table) -> Layout:
    """The layout with what it lacks under our own names, as people add a column to a file."""
    columns = {
        column: (*_choices(layout.columns.get(column, ())), column) for column in table.optional
    }
    return replace(layout, columns=layout.columns | columns)


def _with(layout: Layout, mapping: dict[str, Source]) -> Layout:
    """The layout with the user's columns before its own: a file may lack theirs and have it."""
    columns = {
        column: (*_choices(source), *_choices(layout.columns.get(column, ())))
        for column, source in mapping.items()
    }
    return replace(layout, columns=layout.columns | columns)


def _choices(source: Source) -> Sources:
    return source if isinstance(source, tuple) else (source,)


def _forbidden(names: Sequence[str], layout: Layout) -> dict[str, str]:
    """Which of these columns say that the file holds something else, and what."""
    of_table = FORBIDDEN.get(layout.table, {})
    forbidden = {plain(name): what for name, what in (of_table | layout.forbidden).items()}
    return {name: forbidden[plain(name)] for name in names if plain(name) in forbidden}


def _of_another_table(found: Recognised, forbidden: dict[str, str], table: Table) -> str:
    # A list of all assets has columns of tokens too, and one of tokens may have those of traces.
    each = (TRANSFERS_OF_ASSETS, TOKEN_TRANSFERS, INTERNAL)
    what = next(what for what in each if what in forbidden.values())
    names = _quoted([name for name, said in forbidden.items() if said == what])
    return (
        f"{found.file.path} has {names}, which no list of {table.name} has. It seems to hold"
        f" {what}. If it does hold {table.name}, rename {names}."
    )


def _refuse_wide_decimals(found: Recognised) -> None:
    """They would lose the last digits of an amount without a word."""
    types = dict(zip(found.file.columns, found.file.types, strict=False))
    wide = [name for name in found.used if types.get(name) == WIDE_DECIMAL]
    if wide:
        raise InputError(
            f"{found.file.path} has {_quoted(wide)} as {WIDE_DECIMAL}, which cannot be read"
            " exactly. Write it as text, or as decimal(38, 0) if every value fits."
        )


def _refuse_nested_values(found: Recognised, table: Table) -> None:
    """A table that was written by columns would be one bad row, however many it holds."""
    file = found.file
    needed = {name for each in table.required for name in found.columns_of(each)}
    names = [name for name in file.columns if name in needed and not name.startswith(ABOVE)]
    if file.format != "json" or not names:
        return
    kinds = zip(names, types_in_first_row(file, names), strict=True)
    nested = [name for name, kind in kinds if kind in ("OBJECT", "ARRAY")]
    if nested:
        raise InputError(
            f"{file.path} holds objects or lists in {_quoted(nested)}, where each row needs one"
            " value. If it is written by columns, write it by rows (pandas:"
            " to_json(orient='records', lines=True)). If not, make columns of what is in them."
        )


def _sources(file: InputFile, layout: Layout) -> dict[str, Conversion]:
    """Our columns that the file has in this layout. Raises InputError for a name it has twice."""
    names: dict[str, list[str]] = {}
    for name in file.names:
        names.setdefault(name.casefold(), []).append(name)
    sources = {}
    for column, source in layout.columns.items():
        wanted = _as_conversion(source, names)
        found = [names.get(name.casefold(), []) for name in wanted.columns]
        if not all(found):
            continue
        for same in found:
            if len(same) > 1:
                raise InputError(
                    f"{file.path} has the column {same[0]} {len(same)} times ({', '.join(same)})."
                    " Keep one."
                )
        sources[column] = Conversion(wanted.sql, tuple(same[0] for same in found))
    return sources


def _as_conversion(source: Source, names: dict[str, list[str]]) -> Conversion:
    made = [
        each if isinstance(each, Conversion) else Conversion("{0}", (each,))
        for each in _choices(source)
    ]
    present = [each for each in made if all(name.casefold() in names for name in each.columns)]
    return (present or made)[0]


def _refuse_lookalikes(found: Recognised, table: Table) -> None:
    """Stop where a column that we would ignore is what others call one that is absent."""
    file = found.file
    ignored = {plain(name): name for name in found.ignored if name in file.columns}
    for column, name, unit in _names_of_others(table):
        if column not in found.sources and plain(name) in ignored:
            theirs = ignored[plain(name)]
            answer = _as_yaml(theirs)
            answer = f"{{{unit}: {answer}}}" if unit else answer
            remedy = f"set {_example(table, column, answer)}"
            if table.name == LABELS:
                remedy = f"rename it to `{column}`"
            raise InputError(
                f"{file.path} has no column `{column}` but a column `{theirs}`. If they are the"
                f" same, {remedy}. If not, rename `{theirs}`."
            )
    column = STATUS_COLUMNS.get(table.name)
    reason = next((ignored[plain(name)] for name in FAILURE_REASONS if plain(name) in ignored), "")
    if column and column not in found.sources and reason:
        raise InputError(
            f"{file.path} has no column `{column}` but a column `{reason}`, which not every failed"
            f" transaction has. Add the column `{column}`, 1 for success and 0 for failure. If you"
            f" do not know it, or `{reason}` says something else, rename `{reason}`."
        )
    nested = next((ignored[plain(name)] for name in NESTED_RECEIPTS if plain(name) in ignored), "")
    if column and column not in found.sources and nested:
        raise InputError(
            f"{file.path} has no column `{column}` but a column `{nested}`, in which nothing is"
            " looked for. If it holds the receipt, make columns of what is in it, or put it into a"
            f" table receipts. After that, or if it says something else, rename `{nested}`."
        )


def _refuse_receipts_of_nothing(found: Recognised, table: Table) -> None:
    """A receipt without any of its values would leave the transaction's unknown without a word."""
    if table.name == "receipts" and not any(name in found.sources for name in table.optional):
        raise InputError(
            f"{found.file.path} has none of the columns {_quoted(table.optional)}, so its receipts"
            f" say nothing. It has {_quoted(found.file.names)}. Rename a column, or say which is"
            f" which, like {_example(table, table.optional[0])}."
        )


def _names_of_others(table: Table) -> Iterator[tuple[str, str, str]]:
    """Our column, what others call it, and what theirs holds if that is not the same."""
    columns: list[dict[str, Source]] = [{name: name for name in table.columns}]
    columns += [layout.columns for layout in layouts_of(table.name)]
    columns.append(LOOKALIKES.get(table.name, {}))
    for column, sources in (pair for each in columns for pair in each.items()):
        for source in _choices(sources):
            if isinstance(source, str):
                yield column, source, ""
            elif len(source.columns) == 1:
                yield from (
                    (column, source.columns[0], unit)
                    for unit, conversion in CONVERSIONS.items()
                    if conversion(*source.columns) == source
                )


def _fullest(views: list[InputFile], layouts: list[Layout]) -> InputFile:
    """The view with the most columns that any layout knows, of several the innermost."""
    return max(
        (view for view in views if view.columns or view == views[0]),
        key=lambda view: (max(len(_sources(view, layout)) for layout in layouts), view.depth),
    )


def _not_recognised(views: list[InputFile], table: Table, layouts: list[Layout]) -> str:
    """Why a file is in none of these layouts, ours first."""
    own = layouts[0]
    file = _fullest(views, layouts)
    if forbidden := _forbidden(file.names, own):
        return _of_another_table(Recognised(file, own.name, {}), forbidden, table)
    if file.format == "csv" and any(name.startswith("0x") for name in file.columns):
        return (
            f"{file.path} has no column name in its first line, which holds values. Add a line of"
            f" names first. The table {table.name} needs {', '.join(table.required)}."
        )
    nearest = min(layouts, key=lambda layout: len(_missing(file, layout, table)))
    if nearest != own and len(_missing(file, nearest, table)) <= FEW:
        return _nearly_in(file, nearest, table)
    sources = _sources(file, own)
    missing = _missing(file, own, table)
    known = {name for source in sources.values() for name in source.columns}
    unknown = [name for name in file.names if name not in known and not name.startswith(ABOVE)]
    message = f"{file.path} has no column {_quoted(missing)}, which {_what(table)} needs."
    if known:
        message += f" It has {_quoted(sorted(known))}"
        message += f" and, unknown to the project, {_quoted(unknown)}." if unknown else "."
    else:
        message += f" It has {_quoted(unknown) or 'none'}."
    if table.name == LABELS:
        return message + f" Expected: {', '.join(table.columns)}."
    if file.format == "json" and not known and not file.rows_at:
        message += " If its rows are inside one of these, write them as lines of their own (jq -c)."
    example = _example(table, missing[0], _as_yaml((unknown or ["their_name"])[0]))
    return message + (
        " It is in no known layout either (make check OPTIONS=--list-layouts). Rename the column,"
        f" or say which is which, like {example}."
    )


def _missing(file: InputFile, layout: Layout, table: Table) -> list[str]:
    sources = _sources(file, layout)
    return [column for column in table.required if column not in sources]


def _nearly_in(file: InputFile, layout: Layout, table: Table) -> str:
    missing = _missing(file, layout, table)
    theirs = [_as_conversion(layout.columns[column], {}).columns for column in missing]
    needs = " and ".join(
        _quoted(names) + ("" if names == (column,) else f" for `{column}`")
        for column, names in zip(missing, theirs, strict=True)
    )
    used = Recognised(file, layout.name, _sources(file, layout)).used
    others = [name for name in file.names if name not in used and not name.startswith(ABOVE)]
    return (
        f"{file.path} is in no known layout (make check OPTIONS=--list-layouts). It is nearest to"
        f" {layout.name}, which also needs {needs}. It has {_quoted(used)} and {_quoted(others)}."
        f" Add what is missing, or say which column it is, like {_example(table, missing[0])}."
    )


def _quoted(names: Sequence[str]) -> str:
    shown = [f"`{name}`" for name in names[:40]]
    return ", ".join(shown) + (f" and {len(names) - 40} more" if len(names) > 40 else "")


def _what(table: Table) -> str:
    return "a label" if table.name == LABELS else f"the table {table.name}"


def _as_yaml(name: str) -> str:
    """A name as it stands in a mapping: quoted if it would be something else there."""
    try:
        is_plain = yaml.safe_load(f"{{name: {name}}}") == {"name": name}
    except yaml.YAMLError:
        is_plain = False
    return name if is_plain else json.dumps(name, ensure_ascii=False)


def _example(table: Table, column: str, theirs: str = "their_name") -> str:
    return f"CHAIN_COLUMNS='{{{table.name}: {{{column}: {theirs}}}}}'"
