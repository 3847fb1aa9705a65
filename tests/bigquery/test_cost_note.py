"""docs/bigquery_cost.md is what the tool says of the project as it is."""

import importlib.util
import re
from types import ModuleType, SimpleNamespace

import pandas as pd
import pytest
import yaml
from cost_report import cost_report

from maintenance.bigquery_cost.__main__ import PAGE
from maintenance.bigquery_cost.builds import NOT_DAILY
from maintenance.bigquery_cost.page import Report
from maintenance.bigquery_cost.python_queries import PYTHON_QUERIES
from maintenance.bigquery_sql.compiled import Node
from support import PROJECT_DIRECTORY


@pytest.fixture(scope="module")
def report() -> Report:
    return cost_report()


def test_the_page_is_up_to_date(report: Report):
    if PAGE.read_text() != report.page():
        pytest.fail("Run: python -m maintenance.bigquery_cost --write", pytrace=False)


def test_every_table_has_assumed_rows_and_no_other(report: Report):
    assumptions = report.builds.assumptions
    listed = [*assumptions.tables, *assumptions.small_tables]
    made = [
        name
        for name in report.builds.columns
        if name not in report.builds.daily()[0].database.views
    ]
    # The temporary tables of Python models that write a few rows a run.
    assert sorted(listed) == sorted(made)


def test_no_statement_is_stopped_by_the_cost_guard(report: Report):
    profiles = yaml.safe_load((PROJECT_DIRECTORY / "profiles.yml.example").read_text())
    setting = profiles["ethereum_address_intelligence"]["outputs"]["bigquery"]
    guard = int(setting["maximum_bytes_billed"].split("'")[3])
    statements: dict[tuple[str, int], float] = {}
    for steps in report.scenarios.values():
        for step, reads in steps:
            for read in reads:
                key = step.name, read.statement
                statements[key] = statements.get(key, 0) + read.bytes
    assert len(statements) > 500
    assert max(statements.values()) < guard


def test_every_model_that_is_made_reads_something(report: Report):
    for steps in report.scenarios.values():
        for step, reads in steps:
            made = {
                node.name
                for node, _ in step.statements
                if node and node.kind == "model" and node.materialized != "view"
            }
            # Made of constants, and empty because the public transactions hold their receipts.
            made -= {"int_features__catalogue", "time_spine_daily", "stg_chain__receipts"}
            # Empty where nobody reviews, and filled when a build ends with what dbt knows of it.
            made -= {"int_scam_serving__alert_reviews", "build_runs"}
            assert made <= {read.node.name for read in reads if read.node}


def test_training_is_in_the_first_and_the_monthly_build_only(report: Report):
    names = {
        scenario: {read.node.name for read in report.reads(scenario) if read.node}
        for scenario in report.scenarios
    }
    training = names["monthly run"] - names["daily run"]
    assert {"scam_models", "int_scam_training__examples", "int_features__cutoffs"} <= training
    assert training <= names["first build"]


def test_the_graph_is_priced_apart(report: Report):
    (step,) = report.builds.graph()
    models = {node.name for node, _ in step.statements if node.kind == "model"}
    assert {"int_graph__links", "int_graph__page_ranks", "address_graph_features"} <= models
    assert models == report.builds.graph_tables
    for steps in report.scenarios.values():
        named = {node.name for each, _ in steps for node, _ in each.statements if node}
        assert not named & models
        tested = {read.table for _, reads in steps for read in reads}
        assert not tested & models


def test_daily_runs_leave_out_what_make_daily_does():
    makefile = (PROJECT_DIRECTORY / "Makefile").read_text()
    (excluded,) = re.findall(r"^daily: LEFT_OUT = (.*)$", makefile, flags=re.MULTILINE)
    assert set(re.findall(r"tag:(\w+)", excluded)) == NOT_DAILY


def test_statements_name_no_day_that_is_not_moved(report: Report):
    """A step of a first build has the statements of a later one with its own days in them."""
    builds = report.builds
    load = builds.first()[1]
    named = {
        day
        for node, sql in load.statements
        if node and node.kind == "model"
        for day in re.findall(r"\d{4}-\d\d-\d\d", sql)
    }
    # The first block, where rows without a time are kept, the last day a label may end, and what
    # the load has and found.
    fixed, load_end = {"2015-07-30", "1970-01-01", "2100-01-01"}, {"2026-11-22"}
    assert named == fixed | {"2023-10-12", "2023-10-09", "2023-10-06"} | load_end


# What the recipe that reads most reads.
ACTIVITY_FEATURES = [
    "ether_balance",
    "unique_tokens",
    "unique_transfers",
    "active_days",
    "incoming_share",
]


class Recorder:
    """Stands where BigQuery DataFrames would be: notes each query and gives one or no row."""

    def __init__(self, nodes: dict[str, Node], this: str) -> None:
        self.nodes, self.this, self.queries = nodes, this, []
        self.is_incremental = True

    def config(self, **settings: object) -> None:
        """Settings matter to dbt only."""

    config.meta_get = lambda name, default=None: default

    def ref(self, name: str) -> SimpleNamespace:
        sql = f"select * from {{{name}}}"
        return SimpleNamespace(sql=sql, to_pandas=lambda: self._answer(sql, name))

    def read_gbq_query(self, sql: str) -> SimpleNamespace:
        return SimpleNamespace(to_pandas=lambda: self._answer(sql, self.this))

    def read_pandas(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame

    def _answer(self, sql: str, name: str) -> pd.DataFrame:
        self.queries.append(sql)
        # One run of everything but what is stored already.
        row = dict.fromkeys(self.nodes[name].columns) | {"run_id": "run_1", "trained_at": "2026"}
        is_stored = sql.startswith("select distinct run_id") and sql.endswith("from {this}")
        rows = [] if is_stored else [row]
        return pd.DataFrame(rows, columns=list(row))


def load(model: str) -> ModuleType:
    path = PROJECT_DIRECTORY / "python_models" / f"{model}.py"
    spec = importlib.util.spec_from_file_location(model, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("model", PYTHON_QUERIES)
def test_python_models_ask_for_what_is_priced(model: str, report: Report, monkeypatch):
    module = load(model)
    work = [
        "train",
        "score_run",
        "score_batches",
        "assign_batches",
        "load_model",
        "place",
        "explain",
    ]
    for name in work:
        if hasattr(module, name):
            monkeypatch.setattr(module, name, lambda *_: module.typed([], module.COLUMNS))
    if hasattr(module, "load_parameters"):
        space = {"features": ACTIVITY_FEATURES}
        monkeypatch.setattr(module, "load_parameters", lambda *_: {"space": space})
    nodes = {node.name: node for node in report.builds.project.nodes.values()}
    recorder = Recorder(nodes, model)
    dbt = SimpleNamespace(
        ref=recorder.ref, config=recorder.config, is_incremental=True, this="{this}"
    )
    module.model(dbt, recorder)
    assert recorder.queries == PYTHON_QUERIES[model]


def test_every_python_model_has_its_queries(report: Report):
    python_models = [
        node.name for node in report.builds.project.nodes.values() if node.language == "python"
    ]
    assert sorted(PYTHON_QUERIES) == sorted(python_models)
