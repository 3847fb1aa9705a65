"""The serving copy holds the marts as tables and is swapped in at once."""

import shutil
from pathlib import Path

import duckdb
import pytest

from commands.publish import copy
from commands.publish.errors import PublishError
from commands.publish.recipe import Node, Recipe, recipe

NO_STEPS = Recipe((), (), ())


def rows(path: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_every_mart_is_a_table_under_any_file_name(serving_copy: Path, tmp_path: Path) -> None:
    renamed = shutil.copy(serving_copy, tmp_path / "renamed.duckdb")
    kinds = rows(
        renamed,
        "select table_name, table_type from information_schema.tables where table_schema = 'marts'",
    )
    assert {kind for _, kind in kinds} == {"BASE TABLE"}
    expected = {"scam_alert_queue", "address_features", "scam_scores"}
    expected |= {"scam_explanations", "scam_lead_times"}
    assert expected <= {name for name, _ in kinds}
    for name, _ in kinds:
        rows(renamed, f"select * from marts.{name} limit 1")


def test_every_mart_and_column_keeps_its_description(serving_copy: Path) -> None:
    comments = rows(
        serving_copy,
        "select table_name, comment from duckdb_tables() where schema_name = 'marts'"
        " union all select table_name || '.' || column_name, comment from duckdb_columns()"
        " where schema_name = 'marts'",
    )
    assert len(comments) > 500
    assert [name for name, comment in comments if not comment] == []


def test_events_lie_by_address_with_hash_and_nobody_is_lost(serving_copy: Path) -> None:
    [(events, hashes, addresses)] = rows(
        serving_copy,
        "select count(*), count(transaction_hash), count(distinct address) from lookup.events",
    )
    assert events == hashes > 0
    assert rows(serving_copy, "select sum(in_degree + out_degree) from marts.address_features") == [
        (events,)
    ]
    [(runs,)] = rows(
        serving_copy,
        "select count(*) from (select address, lag(address) over (order by rowid) as before"
        " from lookup.events) where address is distinct from before",
    )
    assert runs == addresses


def test_a_failed_publication_leaves_the_last_copy(tmp_path: Path) -> None:
    path = tmp_path / "copy.duckdb"
    path.write_bytes(b"the last one")
    database = tmp_path / "half.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts; create table marts.scam_scores (address varchar)")
    schemas = {"marts": "marts", "intermediate": "intermediate"}
    with pytest.raises(PublishError, match="cannot be made of"):
        copy.write_copy(database, schemas, NO_STEPS, path, print)
    assert path.read_bytes() == b"the last one"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["copy.duckdb", "half.duckdb"]


def test_a_database_without_a_build_says_what_to_run(tmp_path: Path) -> None:
    schemas = {"marts": "marts", "intermediate": "intermediate"}
    with pytest.raises(PublishError, match="Run: make build"):
        copy.write_copy(tmp_path / "none.duckdb", schemas, NO_STEPS, tmp_path / "copy", print)


def node(name: str, *parents: str, python: bool = False, training: bool = False) -> Node:
    return Node(name, f'"d"."s"."{name}"', "select 1", parents, python, training)


def test_a_recipe_computes_what_an_address_does_and_takes_what_a_population_does() -> None:
    models = {
        model.name: model
        for model in (
            node("int_events__transaction_events", "stg_chain__transactions"),
            node("int_features__windows"),
            node("fit", "int_events__transaction_events", training=True),
            node("activity", "int_events__transaction_events", "int_features__windows"),
            node("scam_raw_scores", "activity", python=True),
            node("int_scam_serving__scores", "scam_raw_scores", "fit"),
            node("int_scam_serving__explanation_inputs", "int_scam_serving__scores"),
            node("scam_explanations", "int_scam_serving__explanation_inputs", python=True),
            node("int_scam_serving__reasons", "scam_explanations"),
        )
    }
    found = recipe(models)
    assert [model.name for model in found.computed] == [
        *("activity", "int_scam_serving__scores", "int_scam_serving__reasons")
    ]
    assert [model.name for model in found.scored] == ["scam_raw_scores", "scam_explanations"]
    assert {model.name for model in found.taken} == {
        *("fit", "int_events__transaction_events", "int_features__windows")
    }
