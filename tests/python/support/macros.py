"""Macros of the project, called from Python in dbt's Jinja, without the seconds of a command."""

import datetime
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import jinja2
from dbt_common.clients.jinja import get_template
from dbt_common.exceptions.macros import MacroReturn

MACRO = re.compile(r"\{%-?\s*macro (\w+)\(")


class CompilerError(Exception):
    """What a macro hands to raise_compiler_error()."""


def macros_of(*files: Path, **context: Any) -> dict[str, Callable[..., Any]]:
    """Return the macros of files by name. `context` is what else they see of dbt."""
    seen: dict[str, Any] = {
        "exceptions": SimpleNamespace(raise_compiler_error=_stop),
        "modules": SimpleNamespace(datetime=datetime, re=re),
        "return": _give,
        "tojson": json.dumps,
        **context,
    }
    text = "".join(file.read_text() for file in files)
    module = _template(text).make_module(seen)
    names = MACRO.findall(text)
    macros = {name: _returning(getattr(module, f"dbt_macro__{name}")) for name in names}
    # Macros see each other too.
    seen |= macros
    return macros


@cache
def _template(text: str) -> jinja2.Template:
    return get_template(text, {})


def _returning(macro: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        try:
            return macro(*arguments)
        except MacroReturn as returned:
            return returned.value

    return call


def _give(value: Any) -> NoReturn:
    raise MacroReturn(value)


def _stop(message: str) -> NoReturn:
    raise CompilerError(message)
