"""Macros without arguments that return a value, as dbt renders them, without dbt."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import jinja2

MACRO = re.compile(r"\{%-?\s*macro (\w+)\(\)\s*-?%\}(.*?)\{%-?\s*endmacro\s*-?%\}", re.S)


class Returned(Exception):
    """What a macro hands to return()."""


def macros_of(paths: Iterable[Path]) -> dict[str, Callable[[], Any]]:
    """Return the macros of these files, which may call each other, by name."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    macros: dict[str, Any] = {}

    def give(value: Any) -> None:
        raise Returned(value)

    def function(body: str) -> Callable[[], Any]:
        def call() -> Any:
            try:
                environment.from_string(body).render(macros | {"return": give})
            except Returned as returned:
                return returned.args[0]

        return call

    for path in paths:
        macros |= {name: function(body) for name, body in MACRO.findall(path.read_text())}
    return macros
