"""What dbt makes again in each of hundreds of commands, and for each model, is made once.

A build outside the tests has none of this. Less than half of what a small model takes is DuckDB.
"""

import threading
from types import CodeType
from typing import Any

from dbt.cli import requires
from dbt.config.runtime import RuntimeConfig
from dbt.context.providers import generate_runtime_macro_context
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import Macro
from dbt_common.clients import agate_helper
from dbt_common.clients.jinja import MacroFuzzEnvironment
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.tests import enable_test_caching

_compile = MacroFuzzEnvironment.compile
_compiled: dict[tuple[type, str], CodeType] = {}
_fire_event = EventManager.fire_event


def make_dbt_quick() -> None:
    """Let dbt keep what does not change while a process lasts, and leave out what nobody reads."""
    enable_test_caching()  # dbt's own, for what it parses
    MacroFuzzEnvironment.compile = _compile_once
    EventManager.fire_event = _fire_what_is_read
    requires.generate_runtime_macro_context = _MacroContexts()
    nothing = agate_helper.empty_table()
    agate_helper.empty_table = lambda: nothing  # a table cannot be changed


def _compile_once(environment: MacroFuzzEnvironment, source: Any, *options: Any) -> Any:
    """Find the code of a template again; what it renders to is never kept."""
    if options or not isinstance(source, str):
        return _compile(environment, source, *options)
    # Environments of a class differ in what names stand for, which a template asks when it renders.
    key = type(environment), source
    if key not in _compiled:
        _compiled[key] = _compile(environment, source)
    return _compiled[key]


def _fire_what_is_read(
    manager: EventManager, event: BaseEvent, level: EventLevel | None = None, **options: Any
) -> None:
    """Leave out debug messages, forty a model, which take a tenth of the time to be written."""
    if (level or event.level_tag()) not in (EventLevel.DEBUG, EventLevel.TEST):
        _fire_event(manager, event, level, **options)


class _MacroContexts:
    """Names that macros called by the adapter see: the same in a command and a thread of it."""

    def __init__(self) -> None:
        self.command: tuple[RuntimeConfig, Manifest] | None = None
        self.known: dict[tuple[str, str | None, int], dict[str, Any]] = {}

    def __call__(
        self, macro: Macro, config: RuntimeConfig, manifest: Manifest, package: str | None
    ) -> dict[str, Any]:
        command = config, manifest
        if self.command is None or any(
            one is not other for one, other in zip(self.command, command, strict=True)
        ):
            self.command, self.known = command, {}
        key = macro.unique_id, package, threading.get_ident()
        if key not in self.known:
            self.known[key] = generate_runtime_macro_context(macro, config, manifest, package)
        return self.known[key]
