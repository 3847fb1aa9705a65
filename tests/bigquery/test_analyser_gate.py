"""Every query BigQuery would run passes Google's analyser, and the gate itself catches faults."""

import ast
import dataclasses
import re

import pytest
from analyser import analyse_project, declared
from compiled import CompiledProject, Node, compiled

from tools.compiled_project import PROJECT_DIRECTORY

LABEL_TABLE = "my-project.risk.labels"

FORMS = {
    "public tables, first build": ("public", False),
    "public tables, later build": ("public", True),
    "simulated sample, first build": ("sample", False),
    "simulated sample, later build": ("sample", True),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_query_is_valid_and_gives_the_declared_types(form: str):
    analysis = analyse_project(compiled(*FORMS[form]))
    assert not analysis.faults, "\n".join(map(str, analysis.faults))


@pytest.mark.parametrize("form", FORMS)
def test_nothing_that_bigquery_runs_is_left_out(form: str):
    project = compiled(*FORMS[form])
    queries = [node for node in project.nodes.values() if node.is_query]
    assert {node.kind for node in queries} == {"model", "test"}
    assert [node.name for node in queries if not node.sql.strip()] == []
    assert analyse_project(project).analysed == [node.unique_id for node in queries]


def test_python_models_declare_the_columns_they_return():
    python_models = [
        node for node in compiled("public", False).nodes.values() if node.language == "python"
    ]
    assert python_models
    for node in python_models:
        columns, faults = declared(node)
        assert not faults, f"{node.name}: {faults}"
        assert dict(node.columns) == returned_columns(node), node.name
        assert len(columns) == len(node.columns)


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
        "int_window_address_gaps",
        r"max\(gap_seconds\)",
        "median(gap_seconds)",
        "Function not found: median",
    ),
    "a cast only DuckDB has": (
        "int_contracts",
        r"tokens\.symbol as",
        "tokens.symbol::string as",
        'but got ":"',
    ),
    "the sum of a text": (
        "int_address_token_activity",
        r"count\(distinct sides\.transaction_key\)",
        "sum('12')",
        "No matching signature for aggregate function SUM",
    ),
    "a time compared with a number": (
        "int_transactions",
        r"block_timestamp >= cast\('[^']*' as timestamp\)",
        "block_timestamp >= 1438214400",
        "No matching signature for operator >=",
    ),
    "a time compared with a datetime": (
        "int_transactions",
        r"block_timestamp >= cast\('[^']*' as timestamp\)",
        "block_timestamp >= current_datetime()",
        "No matching signature for operator >=",
    ),
    "a float where an integer is declared": (
        "int_window_address_gaps",
        r"count\(\*\) as gaps",
        "count(*) / 1 as gaps",
        "gaps is FLOAT64, declared INT64",
    ),
    "a column that does not exist": (
        "address_features",
        r"features\.recency",
        "features.recentness",
        "Name recentness not found inside features",
    ),
    "a column nobody declared": (
        "int_cutoffs",
        r"from quantiles",
        ", 1 as surplus from quantiles",
        "surplus is made but not declared",
    ),
    "a column twice": (
        "int_cutoffs",
        r"from quantiles",
        ", 1 as CUTOFF_AT from quantiles",
        "cutoff_at is there 2 times",
    ),
    "a keyword as a name": (
        "base_crypto_ethereum__transactions",
        r"`hash`",
        "hash",
        "Unexpected keyword HASH",
    ),
}


@pytest.mark.parametrize("fault", PLANTED_FAULTS)
def test_a_planted_fault_is_reported_with_the_model_it_is_in(fault: str):
    model, text, planted, message = PLANTED_FAULTS[fault]
    found = analyse_project(plant(compiled("public", False), model, text, planted)).faults
    assert [f.node for f in found] == [model]
    assert message in str(found[0])


def test_another_declared_type_is_reported_with_the_model_and_both_types():
    project = compiled("public", False)
    node = project["addresses"]
    column = next(name for name, kind in node.columns.items() if kind == "string")
    changed = dataclasses.replace(node, columns={**node.columns, column: "int64"})
    (found,) = analyse_project(project.with_node(changed)).faults
    assert str(found) == f"addresses ({node.path}): {column} is STRING, declared INT64"


def test_a_fault_in_a_data_test_is_reported_with_its_name():
    found = analyse_project(
        plant(compiled("public", False), "value_is_conserved", "select", "select median(1),")
    ).faults
    assert [f.node for f in found] == ["value_is_conserved"]


def plant(project: CompiledProject, name: str, text: str, planted: str) -> CompiledProject:
    """The project with the first match of the pattern `text` in a compiled query replaced."""
    (node,) = [node for node in project.nodes.values() if node.name == name and node.is_query]
    sql, matches = re.subn(text, planted, node.sql, count=1)
    assert matches, f"{text} does not occur in {name}"
    return project.with_node(dataclasses.replace(node, sql=sql))
