"""The reader of input files without dbt: plans, and the rows they give."""

from pathlib import Path
from typing import Any

import duckdb

from commands.check.plan import Plan, chain_plan, label_plan
from commands.check.plugin import tables_of
from support import PROJECT_DIRECTORY
from support.returned_values import macros_of

TABLES = tables_of(
    macros_of([PROJECT_DIRECTORY / "macros/inputs/chain_tables.sql"])["file_tables"]()
)


def planned(chain: Path, columns: str = "") -> Plan:
    """The plan for CHAIN_DATA. `columns` is CHAIN_COLUMNS."""
    return chain_plan(str(chain), TABLES, columns)


def rows(plan: Plan, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Rows of a table as text, sorted."""
    wanted = ", ".join(f'cast("{column}" as varchar) as "{column}"' for column in columns)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(
            f"select {wanted} from {plan.relations[table]} as read order by all"
        ).fetchall()


def labels(pattern: str, *columns: str) -> list[tuple[Any, ...]]:
    """Rows of LABEL_DATA as text, sorted."""
    return rows(label_plan(pattern), "labels", *columns)
