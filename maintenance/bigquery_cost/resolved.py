"""ZetaSQL's resolved tree of a statement: what every name in it means.

The tree is read as the protobuf messages that ZetaSQL answers with. The package's own classes take
as long to make as the analysis itself and lose timestamps.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from google.protobuf.message import Message
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as messages

from maintenance.bigquery_sql.zetasql_engine import Table, analyzer_options, call, catalog


class Tree:
    """A node of the tree: its fields, those of the node types it extends included."""

    def __init__(self, message: Message) -> None:
        """Wrap a message, past the wrappers that say which of many types it has."""
        while message.DESCRIPTOR.name.startswith("Any"):
            message = getattr(message, message.WhichOneof("node"))
        self.message = message

    @cached_property
    def kind(self) -> str:
        """Type of the node, such as FilterScan or ColumnRef."""
        return self.message.DESCRIPTOR.name.removeprefix("Resolved").removesuffix("Proto")

    def __getattr__(self, name: str) -> Any:
        """A field: a node, a list, a plain value, or None where a node is absent."""
        level = self.message
        while name not in level.DESCRIPTOR.fields_by_name:
            if "parent" not in level.DESCRIPTOR.fields_by_name:
                raise AttributeError(f"{self.kind} has no {name}")
            level = level.parent
        value = getattr(level, name)
        if isinstance(value, Message):
            return Tree(value) if level.HasField(name) else None
        if level.DESCRIPTOR.fields_by_name[name].is_repeated:
            return [Tree(item) if isinstance(item, Message) else item for item in value]
        return value

    @property
    def column_ids(self) -> list[int]:
        """Numbers of the columns a scan gives; a number is one column of the whole statement."""
        return [column.column_id for column in self.column_list]

    def find(self, *kinds: str) -> Iterator["Tree"]:
        """Nodes of these kinds in the node, outermost first, none inside another."""
        for message in _find(self.message, {f"Resolved{kind}Proto" for kind in kinds}):
            yield Tree(message)


def _find(message: Message, names: set[str]) -> Iterator[Message]:
    if message.DESCRIPTOR.name in names:
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is not None and field.message_type.name not in _LEAVES:
            for item in value if field.is_repeated else [value]:
                yield from _find(item, names)


_LEAVES = {"TypeProto", "FunctionSignatureProto", "ValueWithTypeProto", "FunctionRefProto"}


class Catalog:
    """The relations that statements can name."""

    def __init__(self, relations: tuple[Table, ...]) -> None:
        """Tell ZetaSQL of the relations, once for all statements."""
        request = messages.RegisterCatalogRequest(simple_catalog=catalog(relations).to_proto())
        registered = call("RegisterCatalog", request, messages.RegisterResponse)
        self._id = registered.registered_id
        self._trees: dict[str, Tree] = {}

    def analyse(self, sql: str) -> Tree:
        """The resolved tree of a statement. Raises InvalidQuery if it is not valid."""
        if sql not in self._trees:
            request = messages.AnalyzeRequest(
                sql_statement=sql,
                options=analyzer_options().to_proto(),
                registered_catalog_id=self._id,
            )
            answer = call("Analyze", request, messages.AnalyzeResponse)
            self._trees[sql] = Tree(answer.resolved_statement)
        return self._trees[sql]
