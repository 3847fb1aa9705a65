"""Lists in JSON: an array of objects, an array of texts, an object with an address a key."""

import json

from commands.labels.entry import Entry, LabelList
from commands.labels.errors import LabelListError

NO_OBJECT = "not an object"


class _Object(dict):
    """An object that remembers a key that stands twice in it."""

    twice: str = ""


def read_objects(text: str) -> LabelList | None:
    """A row per object of an array, or of lines with one each; None if it is something else."""
    items = parsed(text)
    if items is None:
        items = _lines(text)
    if not isinstance(items, list) or (items and all(isinstance(item, str) for item in items)):
        return None
    entries = [_entry(f"item {number}", item) for number, item in enumerate(items, start=1)]
    columns = {
        column: None for entry in entries if entry.problem != NO_OBJECT for column in entry.row
    }
    return LabelList(list(columns), entries)


def read_texts(text: str) -> LabelList | None:
    """A row per text of an array; None if it is something else."""
    items = parsed(text)
    if not isinstance(items, list) or (items and not any(isinstance(x, str) for x in items)):
        return None
    return LabelList(["address"], [_text_entry(number, item) for number, item in _numbered(items)])


def read_addresses(text: str) -> LabelList | None:
    """A row per key of an object: address, name, labels; None if it is something else."""
    found = parsed(text)
    if not isinstance(found, _Object):
        return None
    if found.twice:
        raise LabelListError(f"{found.twice} stands twice in the object. Which of them holds?")
    entries = [_address_entry(number, *item) for number, item in _numbered(list(found.items()))]
    return LabelList(["address", "name", "labels"], entries)


def parsed(text: str) -> object:
    """What the JSON says, None if it is none."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return None


def _lines(text: str) -> list[object] | None:
    """The objects of a text with one a line, None if it is something else."""
    items = [parsed(line) for line in text.split("\n") if line.strip()]
    return items if len(items) > 1 and all(isinstance(item, _Object) for item in items) else None


def broken(text: str) -> str:
    """Where a text that starts as JSON stops being JSON, '' if it is none or whole."""
    if not text.lstrip().startswith(("[", "{")):
        return ""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"line {error.lineno}, column {error.colno}: {error.msg}"
    except RecursionError:
        return "nested too deeply"
    except ValueError as error:
        return str(error)
    return ""


def _object(pairs: list[tuple[str, object]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        found.twice = next(key for key in keys if keys.count(key) > 1)
    return found


def _numbered(items: list) -> enumerate:
    return enumerate(items, start=1)


def _entry(place: str, item: object) -> Entry:
    if not isinstance(item, _Object):
        return Entry(place, {"row": json.dumps(item)}, NO_OBJECT)
    row = {name: _text(value) for name, value in item.items()}
    return Entry(place, row, f"{item.twice} stands twice in it" if item.twice else "")


def _text(value: object) -> str:
    """A value as text; the items of a list are separated by commas."""
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return "" if value is None else str(value)


def _text_entry(number: int, item: object) -> Entry:
    if not isinstance(item, str):
        return Entry(f"item {number}", {"row": json.dumps(item)}, "not a text")
    return Entry(f"item {number}", {"address": item})


def _address_entry(number: int, address: str, about: object) -> Entry:
    """What explorers' scrapes say: a name, a list of labels, or an object with both."""
    place = f"item {number}"
    if isinstance(about, str):
        return Entry(place, {"address": address, "name": about, "labels": about})
    if isinstance(about, list):
        about = {"labels": about}
    if not isinstance(about, dict):
        return Entry(place, {"address": address, "row": json.dumps(about)}, "no name or labels")
    about, said = {key.casefold(): value for key, value in about.items()}, json.dumps(about)
    labels = about.pop("labels" if "labels" in about else "label", None) or []
    labels = [labels] if isinstance(labels, str) else labels
    name = about.pop("name" if "name" in about else "nametag", None) or ""
    if not isinstance(labels, list) or not all(isinstance(x, str) for x in [name, *labels]):
        return Entry(place, {"address": address, "row": said}, "labels are not texts")
    # What else it says may be the network, and is named if it is not read.
    others = {key: _text(value) for key, value in about.items()}
    return Entry(place, {**others, "address": address, "name": name, "labels": ", ".join(labels)})
