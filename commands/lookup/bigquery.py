"""The marts on BigQuery in place of a serving copy: bound parameters, a cap on bytes, a cache."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from google.cloud import bigquery

from commands.lookup.problems import Problem
from commands.lookup.queries import Query, bigquery_text

Row = dict[str, Any]

TYPES = {
    str: "STRING",
    bool: "BOOL",
    int: "INT64",
    float: "FLOAT64",
    datetime: "TIMESTAMP",
    # The run, model and feature set before the first training.
    type(None): "STRING",
}

# A query of these would read the events or addresses of everybody.
TOO_LARGE = frozenset({"transactions", "counterparties", "evidence", "activity", "examples"})

# Seconds until the service looks whether a build has ended.
CHECK_SECONDS = 60
MAX_CACHED = 5_000


class BigQueryCopy:
    """Answers from the datasets of a dbt target as one build left them, and keeps the answers.

    Tables change one by one while a build runs, so what a request read then is kept only until the
    build ends: then another copy takes the place of this one. It does so too when data_through or
    the champion moves before.
    """

    has_events = False

    def __init__(self, client: Any, schemas: dict[str, str], maximum_bytes: int | None) -> None:
        """Use this client; no query bills more than `maximum_bytes`, without a limit if None."""
        self._client = client
        self._schemas = schemas
        self._maximum_bytes = maximum_bytes
        self._cache: dict[Any, list[Row]] = {}
        self.kept: dict[str, Any] = {}
        self.origin: Row = {}

    def newest(self) -> "BigQueryCopy":
        """Return this copy, or one that has kept nothing if the datasets are of another build.

        Requests that still use this copy keep their late answers in it, where nobody looks again.
        """
        [origin] = self._run("origin", {}) or [{}]
        if origin == self.origin:
            return self
        copy = BigQueryCopy(self._client, self._schemas, self._maximum_bytes)
        copy.origin = origin
        return copy

    def rows(self, statement: Query, **parameters: Any) -> list[Row]:
        """Return the rows of a query. Raises Problem."""
        if statement.name in TOO_LARGE:
            raise Problem(
                501,
                "not_on_bigquery",
                "Transactions and counterparties are answered from a serving copy on DuckDB only.",
            )
        used = {name: parameters[name] for name in statement.names}
        key = (statement.name, repr(sorted(used.items())))
        found = self._cache.get(key)
        if found is None:
            found = self._run(statement.name, used)
            if len(self._cache) < MAX_CACHED:
                self._cache[key] = found
        return [dict(row) for row in found]

    def row(self, statement: Query, **parameters: Any) -> Row | None:
        """Return the first row of a query."""
        found = self.rows(statement, **parameters)
        return found[0] if found else None

    def _run(self, name: str, parameters: dict[str, Any]) -> list[Row]:
        configuration = bigquery.QueryJobConfig(
            maximum_bytes_billed=self._maximum_bytes,
            query_parameters=[_bound(key, value) for key, value in parameters.items()],
        )
        text = bigquery_text(name, self._schemas, parameters)
        try:
            result = self._client.query(text, job_config=configuration).result()
            return [{key: _plain(value) for key, value in dict(row).items()} for row in result]
        except (GoogleAPIError, GoogleAuthError) as error:
            raise Problem(
                503, "no_warehouse", "BigQuery does not answer, or the query is over its limit."
            ) from error


class BigQueryCopies:
    """Gives each request the datasets; see Copies."""

    def __init__(self, copy: BigQueryCopy) -> None:
        """Answer from these datasets."""
        self._current = copy
        self._checked_at: float | None = None
        self._lock = threading.Lock()

    @contextmanager
    def use(self) -> Iterator[BigQueryCopy]:
        """Yield the datasets. Raises Problem 503 if they cannot be read."""
        yield self._newest()

    def close(self) -> None:
        """Nothing is held open."""

    def _newest(self) -> BigQueryCopy:
        """Look for another build at most once in CHECK_SECONDS."""
        with self._lock:
            now = time.monotonic()
            if self._checked_at is None or now - self._checked_at >= CHECK_SECONDS:
                self._current = self._current.newest()
                self._checked_at = time.monotonic()
            return self._current


def _bound(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return bigquery.ArrayQueryParameter(name, "STRING", value)
    return bigquery.ScalarQueryParameter(name, TYPES[type(value)], value)


def _plain(value: Any) -> Any:
    """Return times as UTC without a zone, as DuckDB gives them."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
