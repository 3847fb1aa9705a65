"""What one more feature or evaluation costs: the places that name one that exists.

A place is a line. Where a YAML file names it again within three lines, as an entry's name and its
description do, that is the same place. Counted are code, YAML, docs blocks, seeds and tests of
Python and SQL. Pages for readers and unit tests may name it, but the build does not ask for that:
they come into a second count of everything. Generated pages, the sample's rows and this package
are in neither.

The count knows nothing of why a line names something: a test that takes the feature as an example
counts like one that must list it. It is an upper bound.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath

GENERATED = ("docs/bigquery_cost.md",)

THIS_PACKAGE = ("maintenance/structure/", "tests/python/maintenance/test_structure.py")

ENTRY_LINES = 3

CATALOGUE = "feature_catalogue"

CATALOGUE_NAME = re.compile(r"""['"]name['"]\s*:\s*['"](\w+)['"]""")

Names = Callable[[str, str], bool]


@dataclass(frozen=True)
class Places:
    """Number of files and of places in them."""

    files: int
    places: int


def word(name: str) -> Names:
    """Whether a line has the name as a whole word."""
    pattern = re.compile(rf"\b{name}\b")
    return lambda path, line: bool(pattern.search(line))


def value(name: str) -> Names:
    """Whether a line has the name as a value: in quotes, in a YAML list or a cell of a CSV file.

    For names that are words elsewhere too.
    """
    quoted = re.compile(rf"(['\"`]){name}\1")
    listed = re.compile(rf"(?:^|[\[,]|^\s*-)\s*{name}\s*(?:[,\]]|$)")
    return lambda path, line: bool(
        quoted.search(line) or (path.endswith((".yml", ".csv")) and listed.search(line))
    )


def is_counted(path: str) -> bool:
    """Whether a file is written by hand and no part of these measures."""
    return not path.startswith((*GENERATED, *THIS_PACKAGE))


def is_optional(path: str) -> bool:
    """Whether a file is a page for readers or holds unit tests."""
    is_page = path.endswith(".md") and not path.startswith("models/")
    return is_page or PurePosixPath(path).name.endswith("__unit_tests.yml")


def required_places(files: dict[str, str], names: Names) -> Places:
    """Files and places in code, YAML, docs blocks, seeds and tests."""
    required = {path: text for path, text in files.items() if not is_optional(path)}
    return all_places(required, names)


def all_places(files: dict[str, str], names: Names) -> Places:
    """The same, with pages for readers and unit tests."""
    counts = [_places(path, text, names) for path, text in files.items() if is_counted(path)]
    return Places(sum(count > 0 for count in counts), sum(counts))


def catalogue_features(manifest: dict) -> list[str]:
    """Features the macro feature_catalogue lists, itself or in macros it calls.

    Empty if there is no such macro.
    """
    macros = manifest["macros"]
    waiting = [key for key, macro in macros.items() if macro["name"] == CATALOGUE]
    reached: list[str] = []
    while waiting:
        key = waiting.pop(0)
        if key not in reached and key in macros:
            reached.append(key)
            waiting += macros[key]["depends_on"]["macros"]
    return [name for key in reached for name in CATALOGUE_NAME.findall(macros[key]["macro_sql"])]


def new_features(features: list[str], earlier: dict[str, str]) -> list[str]:
    """Features of the catalogue that no earlier file names."""
    return [feature for feature in features if not all_places(earlier, word(feature)).places]


def _places(path: str, text: str, names: Names) -> int:
    lines = [number for number, line in enumerate(text.splitlines()) if names(path, line)]
    if not path.endswith(".yml"):
        return len(lines)
    return len(lines) - sum(following - line <= ENTRY_LINES for line, following in pairwise(lines))
