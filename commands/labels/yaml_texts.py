"""YAML of which every value is a text.

YAML would read an address that is not quoted as a number, `NO` as false and a date as a date. Here
values stay as they are written. Nesting is limited, so no file can exhaust memory or the stack.
"""

from collections.abc import Iterator

import yaml

MOST_NESTED = 10
NULLS = {"~", "null", "Null", "NULL"}

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Mapping(dict):
    """A mapping that remembers a key that stands twice in it."""

    twice: str = ""


class YamlError(Exception):
    """Where a text stops being YAML that is read here, and why."""


def documents(text: str) -> list[object]:
    """The documents of a text: texts, lists and mappings.

    Raises YamlError if it is not YAML, or nested too deeply.
    """
    try:
        return list(_Builder(yaml.parse(text, Loader=_LOADER)).documents())
    except yaml.MarkedYAMLError as error:
        raise YamlError(f"{_place(error.problem_mark)}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise YamlError(" ".join(str(error).split())) from None


def described(text: str) -> str:
    """What YAML a text is, '' if it is none."""
    try:
        first = next(iter(documents(text)), None)
    except YamlError as error:
        starts_as_yaml = text.lstrip().startswith(("---", "title:", "tags:"))
        return f"YAML that breaks off at {error}" if starts_as_yaml else ""
    if isinstance(first, Mapping):
        return f"{'YAML TagPack' if 'tags' in first else 'YAML'}: {', '.join(first)[:300]}"
    items = first if isinstance(first, list) else []
    mapping = next((item for item in items if isinstance(item, Mapping)), None)
    return f"YAML list: {', '.join(mapping)[:300]}" if mapping else ""


class _Builder:
    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self.events = events
        self.anchors: dict[str, object] = {}

    def documents(self) -> Iterator[object]:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors = {}
                yield self._value(next(self.events), 0)

    def _value(self, event: yaml.Event, depth: int) -> object:
        if depth > MOST_NESTED:
            raise YamlError(f"{_place(event.start_mark)}: nested too deeply")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise YamlError(f"{_place(event.start_mark)}: unknown alias {event.anchor}")
            return self.anchors[event.anchor]
        if isinstance(event, yaml.ScalarEvent):
            is_null = not event.style and event.value in NULLS
            value: object = "" if is_null else event.value
        elif isinstance(event, yaml.SequenceStartEvent):
            value = [self._value(inner, depth + 1) for inner in self._until(yaml.SequenceEndEvent)]
        else:
            value = self._mapping(depth)
        if event.anchor:
            self.anchors[event.anchor] = value
        return value

    def _mapping(self, depth: int) -> Mapping:
        found, inherited = Mapping(), {}
        for event in self._until(yaml.MappingEndEvent):
            key = self._value(event, depth + 1)
            value = self._value(next(self.events), depth + 1)
            if not isinstance(key, str):
                raise YamlError(f"{_place(event.start_mark)}: a key that is not text")
            bases = value if isinstance(value, list) else [value]
            if key == "<<" and all(isinstance(base, Mapping) for base in bases):
                # As YAML's merge key says, what comes first holds.
                for base in bases:
                    inherited = {**base, **inherited}
                continue
            if key in found:
                found.twice = key
            found[key] = value
        for key, value in inherited.items():
            found.setdefault(key, value)
        return found

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        while not isinstance(event := next(self.events), end):
            yield event


def _place(mark: yaml.Mark) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}"
