"""The copy for BI tools holds the marts as tables, and the look-up's what it reads."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from commands.lookup.queries import marts_read
from commands.publish import copy
from commands.publish.__main__ import main as publish
from commands.publish.errors import PublishError
from commands.publish.recipe import Node, Recipe, recipe
from commands.report.connection import open_marts
from commands.report.origin import read_origin
from support import PROJECT_DIRECTORY
from support.dbt_project import Run
from support.serving import bi_copy

NO_STEPS = Recipe((), (), ())


def rows(path: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def origin_of(run: Run) -> dict[str, object]:
    """The row of lookup.origin that a copy of this database would have."""
    schemas = {"marts": "marts", "intermediate": "intermediate"}
    published = {"copy_version": 1, "copy_id": "", "published_at": "2024-01-01"}
    with duckdb.connect(str(run.database), read_only=True) as connection:
        result = connection.execute(copy._query("lookup_origin", schemas), published)
        [row] = result.fetchall()
        return dict(zip([column[0] for column in result.description], row, strict=True))


@pytest.mark.parametrize(
    ("change", "is_simulated"),
    [
        ("update intermediate.int_addresses__labels set source = source", True),
        # As labels of reviews, or LABEL_DATA beside the sample.
        (
            "update intermediate.int_addresses__labels set source = 'reviews'"
            " where address = (select min(address) from intermediate.int_addresses__labels)",
            True,
        ),
        ("update intermediate.int_addresses__labels set source = 'simulatedX'", False),
        ("delete from intermediate.int_addresses__labels", False),
        (
            "delete from intermediate.int_addresses__labels; update"
            " intermediate.int_events__input_files set file_name = 'seeds/sample/' || file_name",
            True,
        ),
    ],
)
def test_the_look_up_and_the_report_call_the_same_data_simulated(
    built_chain: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    is_simulated: bool,
) -> None:
    changed = built_chain.copied(tmp_path)
    changed.execute(change)
    assert origin_of(changed)["is_simulated"] == is_simulated
    monkeypatch.setenv("DUCKDB_PATH", str(changed.database))
    shutil.copy(PROJECT_DIRECTORY / "profiles.yml.example", tmp_path / "profiles.yml")
    assert read_origin(open_marts(tmp_path, "duckdb")).is_simulated == is_simulated


def test_both_engines_ask_in_the_same_words_whether_data_are_simulated() -> None:
    texts = [
        (PROJECT_DIRECTORY / "commands" / folder / "lookup_origin.sql").read_text()
        for folder in ("publish/queries", "lookup/queries/bigquery")
    ]
    duckdb_rule, bigquery_rule = (
        text.split(" as addresses,")[1].split(" as is_simulated")[0].split() for text in texts
    )
    assert duckdb_rule == bigquery_rule


def test_a_bi_tool_finds_the_marts_and_nothing_else(serving_copy: Path, built_chain: Run) -> None:
    found = rows(
        bi_copy(serving_copy),
        "select table_schema, table_name, table_type from information_schema.tables order by all",
    )
    marts = built_chain.query(
        "select table_name from information_schema.tables where table_schema = 'marts' order by all"
    )
    assert found == [("marts", name, "BASE TABLE") for (name,) in marts]
    assert len(found) > 30


@pytest.mark.parametrize("way", ["renamed", "attached"])
def test_every_mart_answers_as_in_the_build(
    serving_copy: Path, built_chain: Run, tmp_path: Path, way: str
) -> None:
    path = shutil.copy(bi_copy(serving_copy), tmp_path / "2026 renamed.duckdb")
    names = rows(path, "select table_name from duckdb_tables() order by 1")
    connection = duckdb.connect(str(path) if way == "renamed" else ":memory:")
    marts = "marts"
    if way == "attached":
        connection.execute(f"attach '{path}' as anything (read_only)")
        marts = "anything.marts"
    for (name,) in names:
        columns = [row[0] for row in connection.execute(f"describe {marts}.{name}").fetchall()]
        [(count,)] = connection.execute(f"select count(*) from {marts}.{name}").fetchall()
        sample = connection.execute(f"select * from {marts}.{name} limit 1").fetchall()
        [(expected,)] = built_chain.query(f"select count(*) from marts.{name}")
        assert (count, len(sample)) == (expected, min(expected, 1)), name
        assert not sample or len(sample[0]) == len(columns), name
    connection.close()


def test_the_look_up_opens_its_own_copy_whichever_is_named(
    serving_copy: Path, tmp_path: Path
) -> None:
    bi = bi_copy(serving_copy)
    assert copy.for_lookup(bi) == copy.for_lookup(serving_copy) == serving_copy
    alone = tmp_path / "alone.duckdb"
    alone.touch()
    assert copy.for_lookup(alone) == alone
    # Before the first publish neither is there.
    first = tmp_path / "first.duckdb"
    assert copy.for_lookup(first) == copy.for_lookup(copy.lookup_copy(first))


def test_the_look_up_has_the_marts_that_its_queries_name(serving_copy: Path) -> None:
    found = rows(serving_copy, "select schema_name, table_name from duckdb_tables()")
    assert {name for schema, name in found if schema == "marts"} == set(marts_read())
    assert {schema for schema, _ in found} == {"marts", "lookup", "scoring"}


def test_every_mart_and_column_keeps_its_description(serving_copy: Path) -> None:
    comments = rows(
        bi_copy(serving_copy),
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
    for last in (path, copy.lookup_copy(path)):
        last.write_bytes(b"the last one")
    database = tmp_path / "half.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts; create table marts.scam_scores (address varchar)")
    schemas = {"marts": "marts", "intermediate": "intermediate"}
    with pytest.raises(PublishError, match="cannot be made of"):
        copy.write_copies(database, schemas, NO_STEPS, path, print)
    for last in (path, copy.lookup_copy(path)):
        assert last.read_bytes() == b"the last one"
    assert {file.name for file in tmp_path.iterdir()} == {
        *("copy.duckdb", "copy_lookup.duckdb", "half.duckdb")
    }


def test_a_renamed_database_says_what_it_was_called(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "june.duckdb")) as connection:
        connection.execute("create schema marts; create table marts.scam_scores (address varchar)")
        connection.execute("create view marts.alerts as from june.marts.scam_scores")
    database = (tmp_path / "june.duckdb").rename(tmp_path / "july.duckdb")
    schemas = {"marts": "marts", "intermediate": "intermediate"}
    with pytest.raises(PublishError, match=r"was called june, .* run make build once"):
        copy.write_copies(database, schemas, NO_STEPS, tmp_path / "copy", print)


def published(database: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Publish a database with a profile beside it; returns the exit code."""
    directory = database.parent
    monkeypatch.setenv("DUCKDB_PATH", str(database))
    shutil.copy(PROJECT_DIRECTORY / "profiles.yml.example", directory / "profiles.yml")
    return publish(
        [
            *("--out", str(directory / "copy.duckdb"), "--profiles-dir", str(directory)),
            *("--target", "duckdb", "--target-path", str(directory / "target")),
        ]
    )


def test_a_database_that_is_open_elsewhere_is_said_as_a_build_says_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = tmp_path / "open.duckdb"
    opened = f"import duckdb; it = duckdb.connect({str(database)!r}); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", opened], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        ended = published(database, monkeypatch)
        other.communicate(b"\n")
    assert ended == 1
    said = capsys.readouterr().err
    assert said.startswith(f"Error: {database} is open in another program")
    assert len(said.splitlines()) == 1


def test_a_mistyped_database_is_told_and_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mistyped = tmp_path / "mistyped.duckdb"
    assert published(mistyped, monkeypatch) == 1
    said = capsys.readouterr().err
    assert said == (
        f"Error: There is no database {mistyped}. Run: make build"
        " (DUCKDB_PATH names another file).\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["profiles.yml"]


def test_a_database_without_a_build_says_what_to_run(tmp_path: Path) -> None:
    schemas = {"marts": "marts", "intermediate": "intermediate"}
    with pytest.raises(PublishError, match="Run: make build"):
        copy.write_copies(tmp_path / "none.duckdb", schemas, NO_STEPS, tmp_path / "copy", print)


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
