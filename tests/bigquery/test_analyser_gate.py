"""Every query BigQuery would run passes Google's analyser, and the gate itself catches faults."""

import ast
import dataclasses
import re

import pytest
from analyser import analyse_build, analyse_project, declaration_faults
from builds import DEVELOPMENT, first_build, later_build

from maintenance.bigquery_sql.columns import declared, with_inferred_columns
from maintenance.bigquery_sql.compiled import CompiledProject, Node, compiled, parse
from maintenance.bigquery_sql.offline_warehouse import Build, Statement, build
from maintenance.bigquery_sql.zetasql_engine import Table, analyse
from support import PROJECT_DIRECTORY

LABEL_COLUMNS = [
    *("address", "category", "source", "reported_at", "url", "confidence", "usage", "valid_to"),
]

BUILDS = {
    "public tables, first build": (first_build, "public"),
    "public tables, later build": (later_build, "public"),
}

STAGING = {"select": "path:models/staging"}  # what differs with the sample


@pytest.mark.parametrize("name", BUILDS)
def test_every_statement_is_valid_and_every_model_has_the_declared_types(name: str):
    make_build, chain_source = BUILDS[name]
    analysis = analyse_build(make_build(chain_source))
    assert not analysis.faults, "\n".join(map(str, analysis.faults))


def test_every_query_on_the_sample_is_valid_too():
    project = compiled("sample")
    assert [node.name for node in project.nodes.values() if node.is_query and not node.sql] == []
    later = later_build("sample", **STAGING)
    assert any("merge into" in statement.sql for statement in later.statements)
    faults = [*analyse_project(project).faults, *analyse_build(later).faults]
    assert not faults, "\n".join(map(str, faults))


@pytest.mark.parametrize("name", BUILDS)
def test_nothing_that_bigquery_runs_is_left_out(name: str):
    make_build, chain_source = BUILDS[name]
    build = make_build(chain_source)
    queries = {node.unique_id for node in build.project.nodes.values() if node.is_query}
    assert queries == {statement.node for statement in build.statements} & queries, "not sent"
    analysed = analyse_build(build).analysed
    assert queries <= analysed
    others = {one.sql for one in build.statements if not str(one.node).startswith("test.")}
    assert others <= analysed


def test_the_graph_is_analysed_and_built_only_where_a_var_asks():
    graph = graph_models(compiled("public").nodes.values())
    assert {"address_graph_features", "int_graph__page_ranks", "int_graph__communities"} <= graph
    sent = {name for name in graph if f"`{name}`" in later_sql()}
    assert sent == graph
    assert not graph_models(parse("bigquery", "public").nodes.values())


def graph_models(nodes) -> set[str]:
    return {
        node.name
        for node in nodes
        if node.name == "address_graph_features" or node.name.startswith("int_graph__")
    }


def later_sql() -> str:
    return "\n".join(statement.sql for statement in later_build("public").statements)


def test_a_later_build_takes_the_incremental_form():
    sent = later_sql()
    for model in later_build("public").project.nodes.values():
        if model.materialized == "incremental":
            assert f"merge into {model.quoted_relation}" in sent, model.name
    assert "create or replace table" in sent  # models that are made anew in every build


@pytest.mark.parametrize("alerts", [2, 40_000])
def test_a_query_with_keys_of_alerts_fits_into_a_million_characters(alerts: int):
    rows = [
        {"address": f"{number}", "event_bucket": number % 2000, "address_key": -(2**62) - number}
        for number in range(alerts)
    ]
    model = "int_scam_serving__alert_transactions"
    made = build("public", {"int_scam_serving__alerts": rows}, select=model)
    [sql] = [each.sql for each in made.statements if "create or replace table" in each.sql]
    assert len(sql) < 1_000_000
    assert "event_bucket in (0, 1" in sql
    assert ("address_key in (" in sql) == (alerts == 2)


def test_labels_of_a_table_of_ones_own_are_read():
    name = DEVELOPMENT["label_table"]
    model = "base_labels__address_labels"
    project = compiled("public", select=model, **DEVELOPMENT)
    labels = Table((name,), tuple((column, "STRING") for column in LABEL_COLUMNS))
    node = project[model]
    assert f"`{name}`" in node.sql
    others = [Table(one.relation, declared(one)) for one in map(project.nodes.get, node.parents)]
    assert analyse(node.sql, (labels, *others)) == declared(node)


def test_python_models_declare_the_columns_they_return():
    python_models = [
        node for node in compiled("public").nodes.values() if node.language == "python"
    ]
    assert python_models
    for node in python_models:
        assert declaration_faults(node) == [], node.name
        assert dict(node.columns) == returned_columns(node), node.name


def returned_columns(node: Node) -> dict[str, str]:
    """The constant COLUMNS of a Python model, by which it types what it returns."""
    module = ast.parse((PROJECT_DIRECTORY / node.path).read_text())
    (value,) = [
        statement.value
        for statement in module.body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "COLUMNS"
    ]
    return ast.literal_eval(value)


# One fault each: the model, the text it replaces, what it plants there, what the gate says.
PLANTED_FAULTS = {
    "a function only DuckDB has": (
        "int_addresses__transfer_parts",
        r"max\(block_timestamp\)",
        "median(block_timestamp)",
        "Function not found: median",
    ),
    "a cast only DuckDB has": (
        "int_addresses__contracts",
        r"tokens\.symbol as",
        "tokens.symbol::string as",
        'but got ":"',
    ),
    "the sum of a text": (
        "int_addresses__transfer_parts",
        r"count\(distinct transaction_key\)",
        "sum('12')",
        "No matching signature for aggregate function SUM",
    ),
    "a time compared with a number": (
        "int_events__transactions",
        r"block_timestamp >= cast\('[^']*' as timestamp\)",
        "block_timestamp >= 1438214400",
        "No matching signature for operator >=",
    ),
    "a time compared with a datetime": (
        "int_events__transactions",
        r"block_timestamp >= cast\('[^']*' as timestamp\)",
        "block_timestamp >= current_datetime()",
        "No matching signature for operator >=",
    ),
    "a float where an integer is declared": (
        "int_features__address_flows",
        r"    gaps_within_hour,",
        "    gaps_within_hour / 1 as gaps_within_hour,",
        "gaps_within_hour is FLOAT64, declared INT64",
    ),
    "a column that does not exist": (
        "address_features",
        r"features\.recency",
        "features.recentness",
        "Name recentness not found inside features",
    ),
    "a column that a mart does not declare": (
        "address_features",
        r"features\.first_event_at,",
        "1 as surplus, features.first_event_at,",
        "surplus is made but not declared",
    ),
    "a feature of another type than in the catalogue": (
        "address_features",
        r"features\.tx_count,",
        "features.tx_count / 1 as tx_count,",
        "tx_count is FLOAT64, declared INT64",
    ),
    "a column twice": (
        "int_features__cutoffs",
        r"from distinct_cutoffs",
        ", 1 as CUTOFF_AT from distinct_cutoffs",
        "cutoff_at is there 2 times",
    ),
    "a keyword as a name": (
        "base_chain__transactions",
        r"`hash`",
        "hash",
        "Unexpected keyword HASH",
    ),
}


@pytest.mark.parametrize("fault", PLANTED_FAULTS)
def test_a_planted_fault_is_reported_with_the_model_it_is_in(fault: str):
    model, text, planted, message = PLANTED_FAULTS[fault]
    found = analyse_project(plant(compiled("public"), model, text, planted)).faults
    assert [f.node for f in found] == [model]
    assert message in str(found[0])


def test_an_intermediate_model_may_leave_columns_out():
    project = compiled("public")
    node = project["int_scam_evaluation__trials"]
    assert "average_precision" not in node.columns
    assert "average_precision" in with_inferred_columns(project)[node.name].columns


def test_a_declared_column_that_is_not_made_is_reported():
    project = compiled("public")
    node = project["int_features__catalogue"]
    changed = dataclasses.replace(node, columns={**node.columns, "nobody": "int64"})
    (found,) = analyse_project(project.with_node(changed)).faults
    assert str(found) == f"{node.name} ({node.path}): nobody is declared but not made"


def test_another_declared_type_is_reported_with_the_model_and_both_types():
    project = compiled("public")
    node = project["addresses"]
    column = next(name for name, kind in node.columns.items() if kind == "string")
    changed = dataclasses.replace(node, columns={**node.columns, column: "int64"})
    (found,) = analyse_project(project.with_node(changed)).faults
    assert str(found) == f"addresses ({node.path}): {column} is STRING, declared INT64"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"cluster_by": "hour_mean"}, "is clustered by hour_mean, which is FLOAT64"),
        ({"cluster_by": list("abcde")}, "is clustered by 5 columns"),
        ({"partition_by": {"field": "window_id", "data_type": "date"}}, "which is INT64"),
    ],
)
def test_a_layout_that_bigquery_does_not_have_is_reported(config: dict, message: str):
    project = compiled("public")
    node = project["int_features__address_hours"]
    changed = dataclasses.replace(node, config={**node.config, **config})
    found = analyse_project(project.with_node(changed)).faults
    assert {fault.node for fault in found} == {"int_features__address_hours"}
    assert message in str(found[0])


def test_a_fault_in_a_data_test_is_reported_with_its_name():
    found = analyse_project(
        plant(compiled("public"), "value_is_conserved", "select", "select median(1),")
    ).faults
    assert [f.node for f in found] == ["value_is_conserved"]


@pytest.mark.parametrize(
    ("text", "planted", "message"),
    [
        ("cluster by address_key", "cluster by nobody", "nobody"),
        ("event_bucket,\n", "gas_price_wei / 2,\n", "RANGE_BUCKET"),
        ("OPTIONS()", "with options", "Syntax error"),
    ],
)
def test_a_fault_in_what_dbt_makes_of_a_model_is_reported(text: str, planted: str, message: str):
    build = first_build("public")
    number, statement = next(
        (number, statement)
        for number, statement in enumerate(build.statements)
        if "create or replace table" in statement.sql
        and "int_events__settled_events" in statement.sql
    )
    assert text in statement.sql
    statements = [*build.statements]
    statements[number] = Statement(statement.node, statement.sql.replace(text, planted, 1))
    (found,) = analyse_build(Build(build.project, statements)).faults
    assert found.node == "int_events__settled_events"
    assert message in found.message


def plant(project: CompiledProject, name: str, text: str, planted: str) -> CompiledProject:
    """The project with the first match of the pattern `text` in a compiled query replaced."""
    (node,) = [node for node in project.nodes.values() if node.name == name and node.is_query]
    sql, matches = re.subn(text, planted, node.sql, count=1)
    assert matches, f"{text} does not occur in {name}"
    return project.with_node(dataclasses.replace(node, sql=sql))
