"""Marts in a DuckDB database file, opened for reading only."""

import os
import re
from pathlib import Path
from typing import Any

import duckdb

from commands.report.errors import NothingToShow, ReportError
from commands.report.marts import Row, in_schemas
from commands.report.profile import Target


class DuckDBMarts:
    """Reads the database file of a dbt target."""

    engine = "DuckDB"

    def __init__(self, target: Target) -> None:
        """Open the file. Raises ReportError if it is missing, locked or without marts."""
        path = target.credentials.path
        # os.path, unlike Path, takes a folder that may not be read for one without the file.
        if not os.path.isfile(path):
            raise ReportError(
                f"There is no database {path}. Run: make build (DUCKDB_PATH names another file)."
            )
        self.place = f"DuckDB file {Path(path).name}"
        self._schemas = {
            name: f"{target.schema_prefix}{name}" for name in ("marts", "intermediate")
        }
        try:
            self._connection = duckdb.connect(path, read_only=True)
        except duckdb.Error as error:
            reason = str(error).split("\n")[0].removeprefix("IO Error: ")
            advice = " A build is writing to it: wait or read a copy." if "lock" in reason else ""
            raise ReportError(f"{path} cannot be read: {reason}{advice}") from error
        # As in the profile: months and days are those of UTC.
        self._connection.execute("set TimeZone = 'UTC'")
        found = self._connection.execute(
            "select count(*) from information_schema.tables where table_schema = $schema",
            {"schema": self._schemas["marts"]},
        ).fetchone()
        if found == (0,):
            raise ReportError(f"The database {path} holds no marts yet. Run: make build")

    def rows(self, sql: str, **parameters: Any) -> list[Row]:
        """Return the rows of a query; see Marts."""
        text = re.sub(r"@(\w+)", r"$\1", in_schemas(sql, self._schemas))
        try:
            cursor = self._connection.execute(text, parameters)
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            # The engine's further lines guess at other tables.
            reason = str(error).split("\n")[0]
            renamed = re.search(r'Catalog "(.+)" does not exist', reason)
            if renamed:
                raise ReportError(
                    f"{self.place} is a copy under another name: its views look for tables in"
                    f" {renamed[1]}.duckdb. Name the copy so."
                ) from error
            raise NothingToShow(f"{reason} To make it, run: make build") from error
        except duckdb.Error as error:
            raise ReportError(f"{self.place}: {error}") from error
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
