"""What dbt makes again in each of hundreds of commands, and for each model, is made once.

A build outside the tests has none of this. Less than half of what a small model takes is DuckDB.
"""

import functools
import threading
from collections.abc import Callable, Iterable, Iterator
from types import CodeType
from typing import Any

from dbt.cli import requires
from dbt.clients.jinja import MacroGenerator
from dbt.compilation import Compiler
from dbt.config.runtime import RuntimeConfig
from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder
from dbt.context.providers import generate_runtime_macro_context
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import CompiledNode, Macro
from dbt.graph import Graph
from dbt_common.behavior_flags import BehaviorFlagRendered
from dbt_common.clients import agate_helper
from dbt_common.clients.jinja import BaseMacroGenerator, MacroFuzzEnvironment
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.tests import enable_test_caching

_compile = MacroFuzzEnvironment.compile
_compiled: dict[tuple[type, str], CodeType] = {}
_fire_event = EventManager.fire_event
_make_event = BaseEvent.__init__
_get_macro = BaseMacroGenerator.get_macro
_build_namespace = MacroNamespaceBuilder.build_namespace
_link = Compiler.compile
_build_type_tester = agate_helper.build_type_tester


def make_dbt_quick() -> None:
    """Let dbt keep what does not change while a process lasts, and leave out what nobody reads."""
    enable_test_caching()  # dbt's own, for what it parses
    # Each flag of an adapter looks through the stack for the module it is from, which nobody reads.
    BehaviorFlagRendered._default_source = staticmethod(lambda: "")
    MacroFuzzEnvironment.compile = _compile_once
    EventManager.fire_event = _fire_what_is_read
    BaseEvent.__init__ = _remember
    BaseEvent.__getattr__ = _attribute_of_event
    BaseEvent.__setattr__ = _set_attribute_of_event
    BaseMacroGenerator.get_macro = _get_macro_once
    CompiledNode.write_node = lambda *_: None  # the SQL of each node, which its result holds too
    namespaces = _Namespaces()
    MacroNamespaceBuilder.build_namespace = lambda *inputs: namespaces.build(*inputs)
    requires.generate_runtime_macro_context = _MacroContexts()
    graphs = _Graphs()
    Compiler.compile = lambda *inputs, **options: graphs.link(*inputs, **options)
    agate_helper.build_type_tester = _find_type_tester
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


# Most events are debug messages. Their content, a protobuf message, is made for those one reads.
def _remember(event: BaseEvent, *arguments: Any, **content: Any) -> None:
    object.__setattr__(event, "_given", (arguments, content))


def _attribute_of_event(event: BaseEvent, name: str) -> Any:
    if name != "pb_msg":
        return getattr(event.pb_msg, name)
    arguments, content = object.__getattribute__(event, "_given")
    _make_event(event, *arguments, **content)
    return object.__getattribute__(event, "pb_msg")


def _set_attribute_of_event(event: BaseEvent, name: str, value: Any) -> None:
    if name == "pb_msg":
        object.__setattr__(event, name, value)
    else:
        setattr(event.pb_msg, name, value)


def _get_macro_once(generator: BaseMacroGenerator) -> Callable[..., Any]:
    """Bind a macro to its context once, not at each call."""
    if "_macro" not in generator.__dict__:
        generator._macro = _get_macro(generator)
    return generator._macro


def _find_type_tester(text_columns: Iterable[str], **options: Any) -> Any:
    """Find what guesses the types of a result's columns, which no result changes."""
    return _type_tester(tuple(text_columns), **options)


@functools.cache
def _type_tester(text_columns: tuple[str, ...], **options: Any) -> Any:
    return _build_type_tester(text_columns, **options)


class _Graphs:
    """Which node needs which, of the projects that were parsed: dbt looks for cycles each time."""

    def __init__(self) -> None:
        self.known: list[tuple[Manifest, set[str], bool, Graph]] = []

    def link(self, compiler: Compiler, manifest: Manifest, add_test_edges: bool = False) -> Graph:
        nodes = {*manifest.nodes}  # `dbt compile --inline` adds one
        for known, *of, graph in self.known:
            if known is manifest and of == [nodes, add_test_edges]:
                compiler.initialize()
                return graph
        graph = _link(compiler, manifest, add_test_edges=add_test_edges)
        self.known.append((manifest, nodes, add_test_edges, graph))
        return graph


class _Namespaces:
    """The macros that a model can call: which they are, is the same for all models of a command."""

    def __init__(self) -> None:
        self.macros: dict[str, dict[str, Macro]] = {}
        self.known: dict[Any, _Layout] = {}

    def build(
        self, builder: MacroNamespaceBuilder, macros: dict[str, dict[str, Macro]], context: Any
    ) -> MacroNamespace:
        if self.macros is not macros:
            self.macros, self.known = macros, {}
        # While dbt parses there are more and more macros.
        key = builder.root_package, builder.search_package, *map(len, macros.values())
        if key not in self.known:
            self.known[key] = _Layout(_build_namespace(builder, macros, {}))
        return self.known[key].bound(context, builder.node, builder.thread_ctx)


class _Layout:
    """A namespace without the model it is for."""

    def __init__(self, namespace: MacroNamespace) -> None:
        parts = [
            namespace.global_namespace,
            namespace.local_namespace,
            namespace.global_project_namespace,
            *namespace.packages.values(),
        ]
        generators = {id(each): each for part in parts for each in part.values()}
        self.macros = [each.macro for each in generators.values()]
        places = {key: place for place, key in enumerate(generators)}
        self.parts = [(list(part), [places[id(each)] for each in part.values()]) for part in parts]
        self.packages = list(namespace.packages)

    def bound(self, context: Any, node: Any, stack: Any) -> MacroNamespace:
        shared = {"context": context, "node": node, "stack": stack}
        kind = type("BoundMacro", (MacroGenerator,), shared)
        new, copies = kind.__new__, []
        for macro in self.macros:
            copy = new(kind)
            copy.macro = macro
            copies.append(copy)
        first, second, third, *others = [
            dict(zip(names, map(copies.__getitem__, places), strict=True))
            for names, places in self.parts
        ]
        packages = dict(zip(self.packages, others, strict=True))
        return _FlatNamespace(first, second, third, packages)


class _FlatNamespace(MacroNamespace):
    """The same members, looked up once."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.members: dict[str, Any] = {}
        for members in reversed([*self._search_order()]):
            self.members |= members

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def __getitem__(self, name: str) -> Any:
        return self.members[name]


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
