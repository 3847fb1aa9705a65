"""Which columns and partitions of which tables a statement reads.

The tree is walked from what a statement returns down to its tables: a column is read if what is
returned, kept, joined or grouped depends on it. BigQuery reads no other, through views, common
table expressions and `select *` too.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from maintenance.bigquery_cost.conditions import ANY, Values, both, left_by
from maintenance.bigquery_cost.resolved import Catalog, Tree

Wanted = frozenset[int]
"""Numbers of the columns that matter to what is above a scan."""

Left = Mapping[int, Values]
"""Values that what is above a scan keeps, by column number."""


@dataclass(frozen=True)
class Read:
    """Columns of a table, in the partitions that have these values of the partition column."""

    table: str
    columns: frozenset[str]
    partitions: Values = ANY


@dataclass(frozen=True)
class Database:
    """What a statement can read: relations, the SQL of views, and partition columns by table."""

    catalog: Catalog
    views: Mapping[str, str] = field(default_factory=dict)
    partition_columns: Mapping[str, str] = field(default_factory=dict)

    def reads(self, sql: str) -> list[Read]:
        """Reads of a statement, one for every place where a table is named.

        DML counts as BigQuery's price list says: an update, and a delete that is not of whole
        partitions, also reads every column of its table. Raises NotImplementedError for a kind of
        statement or query that is not known here.
        """
        statement = self.catalog.analyse(sql)
        return list(self._handler(statement)(statement))

    def _handler(self, node: Tree) -> Callable[..., Iterator[Read]]:
        """The method for a kind of node; nothing is skipped silently."""
        method = getattr(self, f"_{node.kind}", None)
        if method is None:
            raise NotImplementedError(f"{node.kind} is not known here")
        return method

    # Statements

    def _QueryStmt(self, statement: Tree) -> Iterator[Read]:
        wanted = frozenset(output.column.column_id for output in statement.output_column_list)
        yield from self._walk(statement.query, wanted, {}, {})

    _CreateTableAsSelectStmt = _QueryStmt

    def _CreateViewStmt(self, statement: Tree) -> Iterator[Read]:
        yield from ()

    def _AlterTableSetOptionsStmt(self, statement: Tree) -> Iterator[Read]:
        yield from ()

    def _DeleteStmt(self, statement: Tree) -> Iterator[Read]:
        condition, table = statement.where_expr, statement.table_scan.table.name
        columns = {column.column_id: column.name for column in statement.table_scan.column_list}
        compared = {columns[ref.column.column_id] for ref in condition.find("ColumnRef")}
        if compared != {self.partition_columns.get(table)} or not left_by(condition):
            yield from self._every_column(statement.table_scan)

    def _InsertStmt(self, statement: Tree) -> Iterator[Read]:
        wanted = frozenset(column.column_id for column in statement.query_output_column_list)
        yield from self._walk(statement.query, wanted, {}, {})

    def _MergeStmt(self, statement: Tree) -> Iterator[Read]:
        wanted = frozenset(
            ref.column.column_id
            for part in [statement.merge_expr, *statement.when_clause_list]
            for ref in part.find("ColumnRef")
        )
        yield from self._walk(statement.from_scan, wanted, {}, {})
        if left_by(statement.merge_expr) is None and len(statement.when_clause_list) == 1:
            return  # an insert that compares nothing
        yield from self._every_column(statement.table_scan)

    def _every_column(self, scan: Tree) -> Iterator[Read]:
        yield from self._walk(scan, frozenset(scan.column_ids), {}, {})

    # Queries: each passes on to its inputs what is wanted and left of their columns.

    def _walk(
        self, scan: Tree, wanted: Wanted, left: Left, tables: Mapping[str, Tree]
    ) -> Iterator[Read]:
        """Reads of a scan. `tables` are the common table expressions in sight."""
        yield from self._handler(scan)(scan, wanted, left, tables)

    def _TableScan(self, scan: Tree, wanted: Wanted, left: Left, tables: Mapping) -> Iterator[Read]:
        name = scan.table.name
        if name in self.views:
            view = self.catalog.analyse(self.views[name])
            outputs = {output.name: output.column.column_id for output in view.output_column_list}
            columns = [outputs[column.name] for column in scan.column_list]
            yield from self._renamed(view.query, columns, scan.column_ids, wanted, left, {})
            return
        columns = {column.name: column.column_id for column in scan.column_list}
        partition = columns.get(self.partition_columns.get(name))
        yield Read(
            name,
            frozenset(column for column, number in columns.items() if number in wanted),
            left.get(partition, ANY),
        )

    def _renamed(
        self,
        scan: Tree,
        columns: list[int],
        outer: list[int],
        wanted: Wanted,
        left: Left,
        tables: Mapping[str, Tree],
    ) -> Iterator[Read]:
        """Reads of a scan whose `columns` go by the numbers `outer` above it."""
        pairs = list(zip(columns, outer, strict=True))
        inner_left: dict[int, Values] = {}
        for inner, number in pairs:
            inner_left[inner] = both(inner_left.get(inner, ANY), left.get(number, ANY))
        inner_wanted = frozenset(inner for inner, number in pairs if number in wanted)
        yield from self._walk(scan, inner_wanted, inner_left, tables)

    def _SingleRowScan(self, *_: object) -> Iterator[Read]:
        yield from ()

    def _WithScan(self, scan: Tree, wanted: Wanted, left: Left, tables: Mapping) -> Iterator[Read]:
        entries = {entry.with_query_name: entry.with_subquery for entry in scan.with_entry_list}
        yield from self._walk(scan.query, wanted, left, {**tables, **entries})

    def _WithRefScan(
        self, scan: Tree, wanted: Wanted, left: Left, tables: Mapping
    ) -> Iterator[Read]:
        query = tables[scan.with_query_name]
        yield from self._renamed(query, query.column_ids, scan.column_ids, wanted, left, tables)

    def _ProjectScan(
        self, scan: Tree, wanted: Wanted, left: Left, tables: Mapping
    ) -> Iterator[Read]:
        computed = [each.expr for each in scan.expr_list if each.column.column_id in wanted]
        yield from self._expressions(computed, tables)
        left = {**left, **_renamed_values(scan.expr_list, left)}
        yield from self._walk(scan.input_scan, wanted | _columns(computed), left, tables)

    def _FilterScan(
        self, scan: Tree, wanted: Wanted, left: Left, tables: Mapping
    ) -> Iterator[Read]:
        kept = left_by(scan.filter_expr)
        if kept is None:
            return  # no row can pass: BigQuery reads nothing
        yield from self._expressions([scan.filter_expr], tables)
        wanted |= _columns([scan.filter_expr])
        yield from self._walk(scan.input_scan, wanted, _narrowed(left, kept), tables)

    def _JoinScan(self, scan: Tree, wanted: Wanted, left: Left, tables: Mapping) -> Iterator[Read]:
        conditions = [scan.join_expr] if scan.join_expr else []
        yield from self._expressions(conditions, tables)
        wanted |= _columns(conditions)
        for side in (scan.left_scan, scan.right_scan):
            yield from self._walk(side, wanted, left, tables)

    def _ArrayScan(self, scan: Tree, wanted: Wanted, left: Left, tables: Mapping) -> Iterator[Read]:
        """Rows of an array, beside each row of the input if there is one: it reads no table."""
        conditions = [scan.join_expr] if scan.join_expr else []
        computed = [*scan.array_expr_list, *conditions]
        yield from self._expressions(computed, tables)
        if scan.input_scan:
            yield from self._walk(scan.input_scan, wanted | _columns(computed), left, tables)

    def _AggregateScan(
        self, scan: Tree, wanted: Wanted, left: Left, tables: Mapping
    ) -> Iterator[Read]:
        computed = [each.expr for each in scan.group_by_list]
        computed += [each.expr for each in scan.aggregate_list if each.column.column_id in wanted]
        yield from self._expressions(computed, tables)
        # What is kept of a group is known before grouping only where it is grouped by.
        kept = _renamed_values(scan.group_by_list, left)
        yield from self._walk(scan.input_scan, _columns(computed), kept, tables)

    def _AnalyticScan(
        self, scan: Tree, wanted: Wanted, left: Left, tables: Mapping
    ) -> Iterator[Read]:
        computed = []
        for group in scan.function_group_list:
            functions = [
                each for each in group.analytic_function_list if each.column.column_id in wanted
            ]
            if functions:
                computed += [*functions, *filter(None, [group.partition_by, group.order_by])]
        yield from self._expressions(computed, tables)
        # A row that is not kept still counts in the windows of those that are.
        yield from self._walk(scan.input_scan, wanted | _columns(computed), {}, tables)

    def _UnpivotScan(
        self, scan: Tree, wanted: Wanted, left: Left, tables: Mapping
    ) -> Iterator[Read]:
        kept = scan.projected_input_column_list
        computed = [each.expr for each in kept if each.column.column_id in wanted]
        is_value_wanted = any(column.column_id in wanted for column in scan.value_column_list)
        if is_value_wanted or not scan.include_nulls:  # a NULL is not a row
            computed += scan.unpivot_arg_list
        yield from self._walk(
            scan.input_scan, _columns(computed), _renamed_values(kept, left), tables
        )

    def _SetOperationScan(
        self, scan: Tree, wanted: Wanted, left: Left, tables: Mapping
    ) -> Iterator[Read]:
        if scan.op_type != 0:  # all but union all compare whole rows
            wanted = frozenset(scan.column_ids)
        for item in scan.input_item_list:
            columns = [column.column_id for column in item.output_column_list]
            yield from self._renamed(item.scan, columns, scan.column_ids, wanted, left, tables)

    def _OrderByScan(
        self, scan: Tree, wanted: Wanted, left: Left, tables: Mapping
    ) -> Iterator[Read]:
        wanted |= _columns(scan.order_by_item_list)
        yield from self._walk(scan.input_scan, wanted, left, tables)

    def _LimitOffsetScan(
        self, scan: Tree, wanted: Wanted, left: Left, tables: Mapping
    ) -> Iterator[Read]:
        yield from self._walk(scan.input_scan, wanted, {}, tables)

    def _expressions(self, expressions: list[Tree], tables: Mapping[str, Tree]) -> Iterator[Read]:
        """Reads of the subqueries in expressions."""
        for expression in expressions:
            for subquery in expression.find("SubqueryExpr"):
                is_exists = subquery.subquery_type == _EXISTS
                wanted = frozenset(() if is_exists else subquery.subquery.column_ids)
                yield from self._walk(subquery.subquery, wanted, {}, tables)
                yield from self._expressions([subquery.in_expr] if subquery.in_expr else [], tables)


_EXISTS = 2  # zetasql.SubqueryType.EXISTS


def _columns(parts: list[Tree]) -> Wanted:
    """Columns that expressions name, outside of their subqueries and as inputs to them."""
    found = set()
    for part in parts:
        for node in part.find("ColumnRef", "SubqueryExpr"):
            if node.kind == "ColumnRef":
                found.add(node.column.column_id)
            else:
                inputs = [*node.parameter_list, *([node.in_expr] if node.in_expr else [])]
                found |= _columns(inputs)
    return frozenset(found)


def _narrowed(left: Left, kept: Left) -> Left:
    return {column: both(left.get(column, ANY), kept.get(column, ANY)) for column in {*left, *kept}}


def _renamed_values(computed: list[Tree], left: Left) -> Left:
    """What is left of columns that computed ones only repeat."""
    return {
        each.expr.column.column_id: left[each.column.column_id]
        for each in computed
        if each.expr.kind == "ColumnRef" and each.column.column_id in left
    }
