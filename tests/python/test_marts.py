"""Marts as dbt and a database know them: descriptions, contracts, keys, groups and access."""

import re
from pathlib import Path
from typing import Any

import pytest

from support import PROJECT_DIRECTORY
from support.catalogue import feature_catalogue
from support.dbt_project import DbtProject, Run

# What BigQuery's types, in which YAML is written, are called by DuckDB.
TYPES = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
}


@pytest.fixture(scope="module")
def marts(dbt: DbtProject) -> dict[str, Any]:
    """The nodes of schema marts by name, as dbt parses them for the sample on DuckDB."""
    manifest = dbt.parsed(is_sample=True)
    return {
        node.name: node
        for node in manifest.nodes.values()
        if str(node.resource_type) == "model" and node.schema == "marts"
    }


def declared(node: Any) -> dict[str, tuple[str, str]]:
    """Type and description of the columns of a mart: those in YAML, and the catalogue's."""
    columns = {
        name: (column.data_type, " ".join(column.description.split()))
        for name, column in node.columns.items()
    }
    if node.config.meta.get("has_window_features"):
        columns |= {
            feature["name"]: (feature["data_type"], feature["description"])
            for feature in feature_catalogue()
            if feature["family"] != "proximity"
        }
    return columns


def test_the_database_describes_every_mart_and_column(
    built_chain: Run, marts: dict[str, Any]
) -> None:
    relations = dict(
        built_chain.query(
            "select table_name, comment from duckdb_tables() where schema_name = 'marts'"
            " union all"
            " select view_name, comment from duckdb_views() where schema_name = 'marts'"
        )
    )
    assert set(relations) == set(marts)
    for name, node in marts.items():
        assert " ".join(relations[name].split()) == " ".join(node.description.split()), name
    columns = built_chain.query(
        "select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts'"
    )
    assert len(columns) > 500
    different = [
        f"{mart}.{column}"
        for mart, column, comment in columns
        if not comment or " ".join(comment.split()) != declared(marts[mart])[column][1]
    ]
    assert different == []


def test_every_mart_has_the_columns_it_declares_in_their_types(
    built_chain: Run, marts: dict[str, Any]
) -> None:
    built: dict[str, dict[str, str]] = {name: {} for name in marts}
    for mart, column, data_type in built_chain.query(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where schema_name = 'marts'"
    ):
        built[mart][column] = data_type
    for name, node in marts.items():
        assert built[name] == {
            column: TYPES[data_type] for column, (data_type, _) in declared(node).items()
        }, name


def test_amounts_of_an_address_stand_in_wei_and_in_eth(built_chain: Run) -> None:
    columns = built_chain.query(
        "select column_name from duckdb_columns() where schema_name = 'marts'"
        " and table_name = 'address_features' and regexp_matches(column_name, '_amount_.*_eth$')"
    )
    assert len(columns) == 8
    for (column,) in columns:
        wei = column.removesuffix("_eth")
        [(most, differing)] = built_chain.query(
            f"select max({column}), count(*) filter ({column} <> {wei} / 1e18)"
            " from marts.address_features"
        )
        assert 0 < most < 1e9
        assert differing == 0


def test_a_mart_of_sql_has_a_contract_and_one_of_python_a_test_instead(
    dbt: DbtProject, marts: dict[str, Any]
) -> None:
    tested = {
        test.attached_node.split(".")[-1]
        for test in dbt.parsed(is_sample=True).nodes.values()
        if str(test.resource_type) == "test"
        and getattr(test, "test_metadata", None)
        and test.test_metadata.name == "has_declared_columns"
    }
    contracted = {name for name, node in marts.items() if node.contract.enforced}
    of_python = {name for name, node in marts.items() if node.language == "python"}
    assert contracted == set(marts) - of_python
    assert tested == of_python


def test_a_table_of_sql_has_its_key_in_the_database(
    built_chain: Run, marts: dict[str, Any]
) -> None:
    tables = {
        name
        for name, node in marts.items()
        if node.language == "sql" and node.config.materialized != "view"
    }
    keyed = built_chain.query(
        "select table_name from duckdb_constraints()"
        " where schema_name = 'marts' and constraint_type = 'PRIMARY KEY'"
    )
    assert tables
    assert {name for (name,) in keyed} == tables


def test_only_marts_are_public_and_every_model_has_an_owner(dbt: DbtProject) -> None:
    manifest = dbt.parsed(is_sample=True)
    groups = {group.name: group for group in manifest.groups.values()}
    for group in groups.values():
        assert group.description, group.name
        assert group.owner.email, group.name
    models = [node for node in manifest.nodes.values() if str(node.resource_type) == "model"]
    assert {node.group for node in models} == set(groups)
    for node in models:
        assert (node.access == "public") == (node.schema == "marts"), node.name


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ("alter column score type double", 0),
        ("rename column score to points", 2),
        ("alter column score type varchar", 1),
        ("add column reviewer varchar", 1),
    ],
)
def test_a_mart_of_python_with_other_columns_fails(
    dbt: DbtProject,
    built_chain: Run,
    simulated_chain: Path,
    tmp_path: Path,
    change: str,
    faults: int,
) -> None:
    test = "has_declared_columns_scam_raw_scores_"
    built_chain.copied(tmp_path).execute(f"alter table marts.scam_raw_scores {change}")
    run = dbt.run(tmp_path, chain=simulated_chain, tests=True, select=test)
    assert run.statuses[test] == ("fail" if faults else "pass"), run.errors
    assert not faults or f"Got {faults} result" in run.log


def test_the_picture_of_the_lineage_has_every_mart(marts: dict[str, Any]) -> None:
    picture = (PROJECT_DIRECTORY / "docs/lineage.svg").read_text()
    drawn = re.findall(r'<text class="name" x="(\d+)"[^>]*>(\w+)<', picture)
    assert marts.keys() <= {name for _, name in drawn}
    assert {name for x, name in drawn if x == "864"} <= marts.keys()  # the column of marts
