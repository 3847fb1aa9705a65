"""Jinja is compiled once a process, and not again in each of hundreds of dbt commands."""

from types import CodeType
from typing import Any

from dbt_common.clients.jinja import MacroFuzzEnvironment
from dbt_common.tests import enable_test_caching

_compile = MacroFuzzEnvironment.compile
_compiled: dict[tuple[type, str], CodeType] = {}


def keep_compiled_templates() -> None:
    """Let dbt find again what it has made of a text; what the text renders to is never kept."""
    enable_test_caching()  # dbt's own, for what it parses
    MacroFuzzEnvironment.compile = _compile_once


def _compile_once(environment: MacroFuzzEnvironment, source: Any, *options: Any) -> Any:
    if options or not isinstance(source, str):
        return _compile(environment, source, *options)
    # Environments of a class differ in what names stand for, which a template asks when it renders.
    key = type(environment), source
    if key not in _compiled:
        _compiled[key] = _compile(environment, source)
    return _compiled[key]
