"""The builds that are priced: the statements BigQuery gets, and what its tables hold meanwhile."""

import random
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import yaml

from maintenance import PROJECT_DIRECTORY
from maintenance.bigquery_cost.python_queries import PYTHON_QUERIES
from maintenance.bigquery_cost.resolved import Catalog
from maintenance.bigquery_cost.scans import Database
from maintenance.bigquery_cost.volumes import SETTLED_EVENTS, Assumptions, Chain, Partitions
from maintenance.bigquery_sql.columns import declared, with_inferred_columns
from maintenance.bigquery_sql.compiled import CompiledProject, Node
from maintenance.bigquery_sql.offline_warehouse import Build, build
from maintenance.bigquery_sql.zetasql_engine import Table

DEFAULTS = yaml.safe_load((PROJECT_DIRECTORY / "dbt_project.yml").read_text())["vars"]

LATE = timedelta(days=DEFAULTS["late_block_days"])

# What days_per_load is on BigQuery unless set (macros/inputs/loads.sql).
DAYS_PER_LOAD = 3000

# What `make daily` leaves out.
NOT_DAILY = {"train", "graph", "whole_history"}

# What BigQuery builds only with the var graph_on_bigquery. It is priced apart.
ONLY_IF_ASKED = {"graph"}

# What remembers the alerts of the run before: a first build has none.
REMEMBERING = ("int_scam_serving__alert_transactions", "int_scam_serving__alert_hashes")

# What the loads of a first build ask for (docs/bigquery.md).
LOADED = ("int_events__chain_state", "int_events__transaction_events")

PUBLIC_PARTITIONS = {
    "blocks": Partitions("timestamp"),
    "contracts": Partitions("block_timestamp"),
    "token_transfers": Partitions("block_timestamp"),
    "transactions": Partitions("block_timestamp"),
}


# What adds to parts where a run does not train, but for the rows that say from which day on.
FEATURES = "models/intermediate/features/"
REMEMBERED_BOUNDS = ("int_features__fold_bounds", "int_features__fold_state")
# What counts by itself where a run does not train, instead of reading what training has stored.
COUNTED_DAILY = "int_scam_serving__proximities"


@dataclass(frozen=True)
class Days:
    """What a run loads, from `start` to before `end`, and what was settled when it began."""

    start: date
    end: date
    settled_before: date


Sent = list[tuple[Node | None, str]]
"""Statements, each with the node it is for."""


@dataclass(frozen=True)
class Step:
    """A run of dbt: its statements, each with the node it is for, and what the tables hold.

    `found` gives the tables as the run before left them, which is what a node reads of itself. The
    summary at the end of a run has no node.
    """

    name: str
    statements: list[tuple[Node | None, str]]
    database: Database
    tables: Chain
    found: Callable[[Node], Chain]


@dataclass(frozen=True)
class Builds:
    """The builds of the project over the public tables, as assumed."""

    assumptions: Assumptions

    @property
    def project(self) -> CompiledProject:
        """The project as dbt compiles it for the public tables, with all columns."""
        return with_inferred_columns(self._later.project)

    def daily(self) -> list[Step]:
        """The daily run."""
        return [self._step("daily run", self._daily_days, self._is_daily, is_daily=True)]

    def monthly(self) -> list[Step]:
        """The daily run with training."""
        return [self._step("monthly run", self._daily_days, lambda node: not self._is_graph(node))]

    def graph(self) -> list[Step]:
        """A run of the graph models alone, on tables that are there."""
        return [self._step("graph run", self._daily_days, self._is_graph)]

    def first(self) -> list[Step]:
        """The loads of a first build, and the build of the rest with the first training."""
        run_day = self.assumptions.run_day
        start = date.fromisoformat(DEFAULTS["history_start"][:10])
        steps, found = [], None
        settled = start
        while found != run_day:
            end = min(start + timedelta(days=DAYS_PER_LOAD), run_day)
            name = f"load {len(steps) + 1}, {start} to {end}"
            days = Days(start, end, settled)
            steps.append(self._step(name, days, self._is_loaded, found=lambda _, at=found: at))
            settled, found = start, end
            start = end - timedelta(days=1) - LATE
        rest = self._step(
            "everything else",
            Days(start, run_day, settled),
            lambda node: not self._is_graph(node),
            found=lambda node: run_day if self._is_loaded(node) else None,
            is_first_build=True,
        )
        return [*steps, rest]

    def chain(
        self, end: date | None, settled: date | None = None, is_first_build: bool = False
    ) -> Chain:
        """The tables when they hold the days before `end`; settled events those before `settled`,
        or all."""
        return Chain(self.assumptions, self.partitions, end, settled or end, is_first_build)

    @cached_property
    def partitions(self) -> dict[str, Partitions]:
        """Partitions by table."""
        own = {
            node.relation[-1]: Partitions(
                node.config["partition_by"]["field"],
                node.config["partition_by"].get("range", {}).get("end"),
            )
            for node in self.project.nodes.values()
            if node.config.get("partition_by")
        }
        return PUBLIC_PARTITIONS | own

    @cached_property
    def columns(self) -> dict[str, dict[str, str]]:
        """Columns with their types by table; those that dbt makes for a moment included."""
        return {table.path[-1]: dict(table.columns) for table in self._relations}

    def _step(
        self,
        name: str,
        days: Days,
        selects: Callable[[Node | None], bool],
        found: Callable[[Node], date | None] | None = None,
        is_first_build: bool = False,
        is_daily: bool = False,
    ) -> Step:
        sent = self._sent_first if is_first_build else self._sent
        statements = list(self._moved(days, self._sent_daily if is_daily else sent))

        def found_by(node: Node) -> Chain:
            end = found(node) if found else days.end - timedelta(days=1)
            return self.chain(end, end and days.settled_before, is_first_build)

        return Step(
            name,
            [(node, sql) for node, sql in statements if selects(node)],
            Database(
                self._catalog,
                views={
                    node.relation[-1]: sql
                    for node, sql in statements
                    if node and "create or replace view" in sql
                },
                partition_columns={
                    table: partitions.column for table, partitions in self.partitions.items()
                },
            ),
            self.chain(days.end, days.start, is_first_build),
            found_by,
        )

    def _moved(self, days: Days, sent: Sent) -> Iterator[tuple[Node | None, str]]:
        """Statements of the later build as if it loaded these days.

        The statements of builds differ only in these days, in that a first one creates the tables
        into which later ones insert, which costs the same, in what is remembered of alerts, and in
        that a daily run adds to the parts of features.
        """
        later = self._daily_days
        for node, sql in sent:
            # Settling moves the mark that everything after it reads.
            is_settling = node is not None and node.name == SETTLED_EVENTS
            moved = {
                str(later.settled_before): str(days.settled_before if is_settling else days.start),
                str(later.start): str(days.start),
                str(later.start - LATE): str(days.start - LATE),
                str(later.start - 2 * LATE): str(days.start - 2 * LATE),
                self._load_end: str(days.end),
            }
            yield node, re.sub("|".join(moved), lambda found, to=moved: to[found[0]], sql)

    @cached_property
    def _sent_first(self) -> Sent:
        """Statements of the later build, but of one that remembers no alerts."""
        return self._sent_with(REMEMBERING, self._contents(remembers_alerts=False))

    @cached_property
    def _sent_daily(self) -> Sent:
        """Statements of the later build, but of one that does not train: it adds to the parts of
        features."""
        adding = [
            node.name
            for node in self.project.nodes.values()
            if node.kind == "model" and FEATURES in node.path and self._is_daily(node)
            if node.name not in REMEMBERED_BOUNDS
        ] + [COUNTED_DAILY]
        return self._sent_with(adding, self._contents(adds_to_parts=True))

    def _sent_with(self, names: Collection[str], contents: dict[str, list[dict]]) -> Sent:
        """Statements of the later build, those of some models as of a build of these alone."""
        apart = build("public", contents, select=" ".join(names), **self.assumptions.variables)
        others = [(node, sql) for node, sql in self._sent if not (node and node.name in names)]
        return others + [
            (node, re.sub(r"__dbt_tmp\w*", "__dbt_tmp", statement.sql))
            for statement in apart.statements
            if (node := self.project.nodes.get(statement.node)) and node.name in names
        ]

    @cached_property
    def _sent(self) -> Sent:
        """Statements of the later build, with those that Python models send from notebooks."""
        sent = []
        for statement in self._later.statements:
            node = self.project.nodes.get(statement.node)
            sql = re.sub(r"__dbt_tmp\w*", "__dbt_tmp", statement.sql)
            if node is not None and node.language == "python" and "merge into" in sql:
                sent += [(node, query) for query in self._python_queries(node)]
            # Rows that a test keeps, which it then counts, are none where it passes.
            counts_failures = "_test_failures" in sql and "create or replace" not in sql
            if not sql.startswith("create schema") and not counts_failures:
                sent.append((node, sql))
        return sent

    def _python_queries(self, node: Node) -> list[str]:
        relations = {
            other.name: other.quoted_relation
            for other in self.project.nodes.values()
            if other.kind == "model"
        }
        this = node.quoted_relation
        return [query.format(this=this, **relations) for query in PYTHON_QUERIES[node.name]]

    @cached_property
    def _later(self) -> Build:
        return build("public", self._contents(), **self.assumptions.variables)

    @property
    def _daily_days(self) -> Days:
        """The run before this one loaded what was there a day ago, from four days before on."""
        run_day = self.assumptions.run_day
        start = run_day - timedelta(days=2) - LATE
        return Days(start, run_day, start - timedelta(days=1))

    def _contents(
        self, remembers_alerts: bool = True, adds_to_parts: bool = False
    ) -> dict[str, list[dict[str, Any]]]:
        """What macros ask the tables of earlier runs for."""
        days = self._daily_days
        new_alerts = self.assumptions.new_alerts
        draw = random.Random(0)

        def key() -> int:
            return draw.randrange(-(2**63), 2**63)

        alerts = [
            {"address": f"0x{number}", "address_key": key()}
            for number in range(DEFAULTS["alerts_with_evidence"])
        ]
        transactions = [
            {
                "address": alert["address"],
                "transaction_key": key(),
                "block_date": days.start
                - timedelta(days=draw.randint(30, self.assumptions.evidence_days)),
            }
            for alert in alerts
            for _ in range(3)
        ]
        # The mark of the run before.
        known = {
            "settled_before": days.settled_before - timedelta(days=1),
            "history_start": DEFAULTS["history_start"],
        }
        if remembers_alerts:
            # One of three says that the alert is known: ZetaSQL's evaluator is slow with many rows.
            remembered = [{**each, **known} for each in transactions[3 * new_alerts :: 3]]
            # Three hashes a new alert are asked for.
            hashes = remembered[3 * new_alerts :]
        else:
            remembered, hashes = transactions, []
        return {
            "int_events__chain_state": [
                {
                    "chain_source": "bigquery-public-data.crypto_ethereum",
                    "history_start": DEFAULTS["history_start"],
                    "loaded_through": days.start + LATE,
                }
            ],
            SETTLED_EVENTS: [{"event_bucket": 2000, "block_date": days.settled_before}],
            "int_features__fold_state": [
                {
                    "history_start": f"{DEFAULTS['history_start']}",
                    "counted_before": days.settled_before,
                }
            ],
            "int_features__fold_bounds": [
                {
                    "counted_before": days.settled_before if adds_to_parts else None,
                    "settles_before": days.start,
                }
            ],
            "int_scam_serving__alerts": [
                {**alert, "event_bucket": alert["address_key"] % 2000} for alert in alerts
            ],
            "int_scam_serving__alert_transactions": remembered,
            "int_scam_serving__alert_hashes": [
                {"transaction_key": each["transaction_key"]} for each in hashes
            ],
        }

    @cached_property
    def _load_end(self) -> str:
        """Day before which the later build stops reading, as its statements have it."""
        (sql,) = [
            sql
            for node, sql in self._sent
            if node is not None and node.name == "base_chain__load_bounds"
            if "as load_end" in sql
        ]
        return re.search(r"'(\S+) 00:00:00' as timestamp\) as load_end", sql)[1]

    @cached_property
    def _relations(self) -> tuple[Table, ...]:
        tables = []
        for node in self.project.nodes.values():
            if node.kind == "test":
                continue
            columns = declared(node)
            tables.append(Table(node.relation, columns))
            if node.language == "python":
                *schema, name = node.relation
                tables.append(Table((*schema, f"{name}__dbt_tmp"), columns))
        return tuple(tables)

    @cached_property
    def _catalog(self) -> Catalog:
        return Catalog(self._relations)

    def _is_daily(self, node: Node | None) -> bool:
        """Whether `make daily` runs the node; a test is left out with what it tests."""
        return not self._has_tag(node, NOT_DAILY)

    def _is_graph(self, node: Node | None) -> bool:
        return self._has_tag(node, ONLY_IF_ASKED)

    def _has_tag(self, node: Node | None, tags: set[str]) -> bool:
        """Whether a node or what it tests has one of the tags. The summary at the end has none."""
        if node is None:
            return False
        nodes = self.project.nodes
        tested = [nodes[parent] for parent in node.parents] if node.kind == "test" else []
        return any(tags & set(each.config.get("tags", ())) for each in [node, *tested])

    @cached_property
    def graph_tables(self) -> set[str]:
        """Tables that only a run of the graph models makes."""
        return {
            node.relation[-1]
            for node in self.project.nodes.values()
            if node.kind == "model" and self._is_graph(node)
        }

    def _is_loaded(self, node: Node | None) -> bool:
        """Whether the loads of a first build run the node; a test if they make all it reads."""
        if node is None or not self._is_daily(node):
            return False
        made = node.parents if node.kind == "test" else [node.unique_id]
        return self._loaded.issuperset(made)

    @cached_property
    def _loaded(self) -> set[str]:
        project = self.project
        loaded: set[str] = set()
        waiting = [project[name].unique_id for name in LOADED]
        while waiting:
            unique_id = waiting.pop()
            if unique_id not in loaded:
                loaded.add(unique_id)
                waiting += project.nodes[unique_id].parents
        return loaded
