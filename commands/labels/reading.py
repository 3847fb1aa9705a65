"""A file of a list as rows, or what it is instead."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from commands.check.layouts import plain
from commands.labels import json_lists, table_lists, tag_packs, yaml_lists, yaml_texts
from commands.labels.entry import LabelList
from commands.labels.errors import LabelListError
from commands.labels.layouts import LAYOUTS, Format, Layout


def _read_table(text: str) -> LabelList | None:
    """The rows of a table in one of the formats that LABEL_DATA has."""
    return json_lists.read_objects(text) or table_lists.read_csv(text)


_READERS: dict[Format, Callable[[str], LabelList | None]] = {
    Format.CSV: table_lists.read_csv,
    Format.TABLE: _read_table,
    Format.JSON: json_lists.read_objects,
    Format.JSON_TEXTS: json_lists.read_texts,
    Format.JSON_ADDRESSES: json_lists.read_addresses,
    Format.LINES: table_lists.read_lines,
    Format.TAG_PACK: tag_packs.read_tag_pack,
    Format.YAML_SITES: yaml_lists.read_sites,
    Format.SDN: table_lists.read_sdn,
}
# Of these any file of the format fits, whatever it holds.
_SHAPELESS = (Format.LINES, Format.JSON_TEXTS)


def read_list(path: Path, layout: Layout) -> LabelList:
    """Read a file in a layout, or a folder of TagPacks.

    Raises LabelListError if it is missing, not text, empty or in another layout; the message names
    the columns that were found.
    """
    if path.is_dir() and layout.format is Format.TAG_PACK:
        return _read_folder(path, layout)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LabelListError(f"{path} cannot be read: {error.strerror}.") from None
    return read_text(str(path), as_text(str(path), data), layout)


def read_text(name: str, text: str, layout: Layout) -> LabelList:
    """Rows of a text in a layout; raises LabelListError as read_list does."""
    try:
        found = _read(text, layout)
    except LabelListError as error:
        raise LabelListError(f"{name}: {error}") from None
    if found and text.strip() and not found.columns and not found.entries:
        raise LabelListError(f"{name} is empty.")
    if found is None or not set(layout.required_columns) <= set(found.columns):
        raise LabelListError(_wrong_layout(name, text, layout))
    if not found.entries:
        raise LabelListError(f"{name} is empty.")
    return found


def _read(text: str, layout: Layout) -> LabelList | None:
    """Rows with the layout's names for its columns, which a list may write in other ways."""
    found = _READERS[layout.format](text)
    if found is None:
        return None
    alike = {plain(name): name for name in layout.known_columns}
    exact = {name.casefold(): name for name in layout.known_columns}
    known = {
        name: exact.get(name.casefold(), alike.get(plain(name), name)) for name in found.columns
    }
    # Two columns of one name in a table; in other formats a row has a name once.
    names = Counter(known[name] for name in found.columns if name)
    twice = sorted(name for name, number in names.items() if number > 1)
    if twice and set(layout.required_columns) <= set(names):
        raise LabelListError(f"the column {twice[0]} stands there twice. Which of them holds?")
    renamed = {name: ours for name, ours in known.items() if ours != name}
    if not renamed:
        return found
    entries = [
        replace(entry, row={renamed.get(name, name): value for name, value in entry.row.items()})
        for entry in found.entries
    ]
    return LabelList([renamed.get(name, name) for name in found.columns], entries)


def as_text(name: str, data: bytes) -> str:
    """UTF-8, with or without a byte order mark, and with line feeds only."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        hints = {
            (b"\xff\xfe", b"\xfe\xff"): " It looks like UTF-16: save it as UTF-8.",
            (b"PAR1",): " It is Parquet: write it as CSV.",
            (b"\x1f\x8b", b"\x28\xb5\x2f\xfd"): " It is compressed: unpack it.",
        }
        hint = next((hint for starts, hint in hints.items() if data.startswith(starts)), "")
        raise LabelListError(f"{name} is not UTF-8 text (byte {error.start}).{hint}") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read_folder(folder: Path, layout: Layout) -> LabelList:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".yaml", ".yml"})
    if not paths:
        raise LabelListError(f"{folder} has no TagPacks (*.yaml).")
    lists = {str(path.relative_to(folder)): read_list(path, layout) for path in paths}
    entries = [
        replace(entry, place=f"{name} {entry.place}")
        for name, found in lists.items()
        for entry in found.entries
    ]
    return LabelList(next(iter(lists.values())).columns, entries)


def _wrong_layout(name: str, text: str, layout: Layout) -> str:
    fitting = [other.name for other in LAYOUTS.values() if _fits(text, other, layout)]
    return (
        f"{name} is not in the layout {layout.name}, which is {layout.format.value} with"
        f" {', '.join(layout.required_columns)}. Found: {_found(text)}."
        + (f" Fits: --layout {' or '.join(fitting)}." if fitting else "")
    )


def _fits(text: str, other: Layout, asked: Layout) -> bool:
    try:
        found = _read(text, other)
    except LabelListError:
        return False
    if not found or not set(other.required_columns) <= set(found.columns):
        return False
    if other.format in (*_SHAPELESS, Format.JSON_ADDRESSES):
        return other.format is not asked.format and _looks_like_addresses(found)
    return True


def _looks_like_addresses(found: LabelList) -> bool:
    first = found.entries[0].row.get("address", "") if found.entries else ""
    return first.strip().lower().startswith("0x")


def _found(text: str) -> str:
    """What a text is, in a few words."""
    if not text.strip():
        return "nothing"
    if where := json_lists.broken(text):
        return f"broken JSON, {where}"
    if yaml := _without_json(text):
        return yaml
    for format in (Format.SDN, Format.JSON, Format.JSON_TEXTS, Format.JSON_ADDRESSES, Format.CSV):
        try:
            found = _READERS[format](text)
        except LabelListError:
            continue
        if not found:
            continue
        if format in (Format.JSON_TEXTS, Format.JSON_ADDRESSES):
            kind = "JSON object" if format is Format.JSON_ADDRESSES else format.value
            return f"{kind}: {_first_texts(found)}"
        if found.columns:
            return f"{format.value}: {', '.join(found.columns)[:300]}"
    return "nothing"


def _without_json(text: str) -> str:
    """What YAML it is. JSON is YAML too, and is described as JSON."""
    return "" if text.lstrip().startswith(("[", "{")) else yaml_texts.described(text)


def _first_texts(found: LabelList) -> str:
    return ", ".join(entry.row.get("address", "") for entry in found.entries[:3]) or "empty"
