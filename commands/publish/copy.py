"""Writing the copies: one for BI tools, one for the look-up."""

import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from commands.atomic import written_whole
from commands.build.problems import known_problem
from commands.lookup.queries import marts_read
from commands.publish.errors import PublishError
from commands.publish.recipe import Node, Recipe
from commands.report.marts import in_schemas

QUERIES = Path(__file__).parent / "queries"

COPY = Path("published/address_intelligence.duckdb")

# Rows of an address lie together, so a read of one address unpacks few groups of this many rows.
ROW_GROUP_SIZE = 8192

# Tables of the look-up, each after those that it reads.
LOOKUP_TABLES = ("addresses", "events", "counterparties", "feature_medians", "origin")

# Read beside the tables that the recipe names.
HELPERS = ("seed_edges", "lookalike_edges")

# lookup.events has the same rows.
NOT_TAKEN = {
    "int_events__transaction_events",
    # Steps name them for builds that add days, or for tables written by ranges.
    "int_events__transaction_sides",
    "int_features__fold_bounds",
    "int_features__key_ranges",
}

# Raise it when the look-up needs other tables or columns than an older copy has, or when the steps
# of an older copy compute wrong numbers.
COPY_VERSION = 5


def lookup_copy(path: Path) -> Path:
    """Return the look-up's copy, which lies beside the one for BI tools at `path`."""
    return path.with_name(f"{path.stem}_lookup{path.suffix}")


def for_lookup(path: Path) -> Path:
    """Return what the look-up opens of `path`, which may name either of the two copies.

    Neither needs to be there yet.
    """
    beside = lookup_copy(path)
    is_named = path.stem.endswith("_lookup")
    return path if is_named or (path.exists() and not beside.exists()) else beside


def write_copies(
    database: Path, schemas: dict[str, str], recipe: Recipe, path: Path, say: Callable[[str], None]
) -> None:
    """Write the copies of a database that `make build` filled, each in one piece.

    The one at `path` holds every mart and nothing else. The one at `lookup_copy(path)` holds all
    that the look-up reads. `schemas` names the schemas marts and intermediate. Readers of the
    copies that were there keep them. If one cannot be written, both stay as they were. They
    take their places one after the other, the look-up's first. Raises PublishError.
    """
    try:
        with written_whole(path) as marts, written_whole(lookup_copy(path)) as lookup:
            scratch = marts.with_name(f"{marts.name}.scratch")
            try:
                with _source(database, scratch) as connection:
                    _write_marts(connection, schemas["marts"], marts, say)
                    _write_lookup(connection, schemas, recipe, lookup, say)
            finally:
                _remove(scratch)
                for partial in (marts, lookup):
                    partial.with_name(f"{partial.name}.wal").unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise PublishError(f"The copy {path} cannot be written: {reason}.") from error
    except duckdb.Error as error:
        reason = known_problem(str(error)) or str(error).split("\n")[0]
        raise PublishError(f"The copy cannot be made of {database}: {reason}") from error


def require_database(database: Path) -> None:
    """Raise PublishError if there is no such file, which DuckDB would make if it opened it."""
    # os.path, unlike Path, takes a folder that may not be read for one without the file.
    if not os.path.isfile(database):
        raise PublishError(
            f"There is no database {database}. Run: make build (DUCKDB_PATH names another file)."
        )


def _source(database: Path, scratch: Path) -> duckdb.DuckDBPyConnection:
    require_database(database)
    connection = duckdb.connect(config={"temp_directory": str(scratch)})
    connection.execute("set TimeZone = 'UTC'")
    # Views name the catalog, which is the name of the file.
    connection.execute(f"attach '{_quoted(database)}' as {_identifier(database.stem)} (read_only)")
    connection.execute(f"use {_identifier(database.stem)}")
    return connection


def _write_marts(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    partial: Path,
    say: Callable[[str], None],
) -> None:
    marts = _relations(connection, schema)
    if "scam_scores" not in marts:
        raise PublishError("The database holds no scam_scores yet. Run: make build")
    with _attached(connection, partial, ("marts",)):
        for name in marts:
            _create_mart(connection, schema, name, marts[name])
        _describe(connection, schema)
    say(f"marts: {len(marts)} tables")


def _write_lookup(
    connection: duckdb.DuckDBPyConnection,
    schemas: dict[str, str],
    recipe: Recipe,
    partial: Path,
    say: Callable[[str], None],
) -> None:
    with _attached(connection, partial, ("marts", "lookup", "scoring")):
        marts = _relations(connection, schemas["marts"])
        for name in marts_read():
            _create_mart(connection, schemas["marts"], name, marts.get(name, set()))
        _write_lookup_tables(connection, schemas)
        _write_scoring(connection, schemas, recipe)
    say(f"look-up: {len(marts_read()) + len(LOOKUP_TABLES)} tables")
    say(f"scoring: {len(recipe.taken)} tables, {len(recipe.computed)} steps")


@contextmanager
def _attached(
    connection: duckdb.DuckDBPyConnection, partial: Path, schemas: tuple[str, ...]
) -> Iterator[None]:
    """Call a file `copy` while it is written."""
    connection.execute(f"attach '{_quoted(partial)}' as copy (row_group_size {ROW_GROUP_SIZE})")
    for schema in schemas:
        connection.execute(f"create schema copy.{schema}")
    yield
    connection.execute("checkpoint copy")
    connection.execute("detach copy")


def _create_mart(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, columns: set[str]
) -> None:
    order = " order by address" if "address" in columns else ""
    _create(connection, f"marts.{name}", f"select * from {schema}.{name}{order}")


def _write_lookup_tables(connection: duckdb.DuckDBPyConnection, schemas: dict[str, str]) -> None:
    published: dict[str, str | int] = {
        "copy_version": COPY_VERSION,
        "copy_id": uuid.uuid4().hex,
        "published_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
    }
    for name in LOOKUP_TABLES:
        parameters = published if name == "origin" else None
        _create(connection, f"lookup.{name}", _query(f"lookup_{name}", schemas), parameters)
    connection.execute("create unique index address_index on copy.lookup.addresses (address)")


def _write_scoring(
    connection: duckdb.DuckDBPyConnection, schemas: dict[str, str], recipe: Recipe
) -> None:
    for node in recipe.taken:
        if node.name in NOT_TAKEN:
            continue
        query = QUERIES / f"scoring_{node.name}.sql"
        sql = _query(query.stem, schemas) if query.exists() else f"select * from {node.relation}"
        _create(connection, f"scoring.{node.name}", sql)
    for name in HELPERS:
        _create(connection, f"scoring.{name}", _query(f"scoring_{name}", schemas))
    for node in recipe.scored:
        _create(connection, f"scoring.{node.name}", f"from {node.relation} limit 0")
    _write_steps(connection, recipe)


def _describe(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
    """Give the tables and columns of the copy the descriptions they have in the database."""
    where = f"where database_name = current_database() and schema_name = '{schema}'"
    described = connection.execute(
        f"select table_name, null, comment from duckdb_tables() {where}"
        f" union all select view_name, null, comment from duckdb_views() {where}"
        f" union all select table_name, column_name, comment from duckdb_columns() {where}"
    ).fetchall()
    for table, column, comment in described:
        if comment:
            place = f"copy.marts.{_identifier(table)}"
            target = f"column {place}.{_identifier(column)}" if column else f"table {place}"
            connection.execute(f"comment on {target} is '{_quoted(comment)}'")


def _write_steps(connection: duckdb.DuckDBPyConnection, recipe: Recipe) -> None:
    """Keep the SQL of the steps, with relations named {name} instead of by their database."""
    names = {node.relation: node.name for node in (*recipe.computed, *recipe.taken, *recipe.scored)}
    connection.execute(
        "create table copy.scoring.steps (position integer, name varchar, sql varchar,"
        " parents varchar)"
    )
    for position, node in enumerate(recipe.computed):
        connection.execute(
            "insert into copy.scoring.steps values (?, ?, ?, ?)",
            [position, node.name, _with_names(node, names), json.dumps(sorted(node.parents))],
        )


def _with_names(node: Node, names: dict[str, str]) -> str:
    sql = node.sql
    # Longer names first: one may begin like another.
    for relation in sorted(names, key=len, reverse=True):
        sql = sql.replace(relation, f"request.{names[relation]}")
    return sql


def _create(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    sql: str,
    parameters: dict[str, str | int] | None = None,
) -> None:
    connection.execute(f"create table copy.{table} as {sql}", parameters)


def _relations(connection: duckdb.DuckDBPyConnection, schema: str) -> dict[str, set[str]]:
    rows: Iterable[tuple[str, str]] = connection.execute(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = $schema and table_catalog = current_database()"
        " order by table_name",
        {"schema": schema},
    ).fetchall()
    relations: dict[str, set[str]] = {}
    for table, column in rows:
        relations.setdefault(table, set()).add(column)
    return relations


def _query(name: str, schemas: dict[str, str]) -> str:
    text = (QUERIES / f"{name}.sql").read_text(encoding="utf-8")
    return in_schemas(text, schemas).replace("{{", "{").replace("}}", "}")


def _quoted(text: Path | str) -> str:
    return str(text).replace("'", "''")


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _remove(folder: Path) -> None:
    if folder.is_dir():
        for file in folder.iterdir():
            file.unlink(missing_ok=True)
        folder.rmdir()
