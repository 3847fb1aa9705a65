"""Measures of the text of models and YAML files: lines, copied blocks, style of column entries."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from statistics import median

import yaml

PROPERTY_FOLDERS = ("models/", "python_models/", "seeds/")

SHARED_BLOCK = re.compile(r"^# --- shared: (.+?) ---\n.*?^# --- end shared ---$", re.M | re.S)


def line_count(text: str) -> int:
    """Lines of a text, the last one also if it does not end in a line break."""
    return len(text.splitlines())


def median_and_maximum(texts: Iterable[str]) -> tuple[int, int]:
    """Median and maximum number of lines."""
    counts = [line_count(text) for text in texts]
    return round(median(counts)), max(counts)


def copied_lines(texts: Iterable[str]) -> int:
    """Lines of copies of blocks marked `# --- shared: name ---`, beyond the first of each.

    The two lines that mark a block are part of it.
    """
    copies = defaultdict(list)
    for text in texts:
        for block in SHARED_BLOCK.finditer(text):
            copies[block[1]].append(line_count(block[0]))
    return sum(sum(counts) - max(counts) for counts in copies.values())


def property_files(files: dict[str, str]) -> dict[str, str]:
    """YAML files beside models, Python models and seeds."""
    return {
        path: text
        for path, text in files.items()
        if path.startswith(PROPERTY_FOLDERS) and path.endswith(".yml")
    }


def longest_file(files: dict[str, str]) -> tuple[int, str]:
    """Lines and path of the longest file."""
    return max((line_count(text), path) for path, text in files.items())


def column_styles(files: dict[str, str]) -> tuple[int, int]:
    """Number of columns described in flow style `- {name: …}`, and of all columns described.

    A column is a mapping in a list named `columns`, outside unit tests.
    """
    styles = [
        column.flow_style
        for text in files.values()
        if (document := yaml.compose(text, Loader=yaml.SafeLoader))
        for column in _columns(document)
    ]
    return sum(styles), len(styles)


def _columns(node: yaml.Node) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            yield from _columns(entry)
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        if key.value == "unit_tests":
            continue
        if key.value == "columns" and isinstance(value, yaml.SequenceNode):
            yield from (entry for entry in value.value if isinstance(entry, yaml.MappingNode))
        yield from _columns(value)
