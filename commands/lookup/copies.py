"""The serving copy on DuckDB: opened once, and again when another copy takes its place."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from commands.lookup.problems import Problem
from commands.lookup.queries import Query, query
from commands.publish.copy import COPY_VERSION

Row = dict[str, Any]

logger = logging.getLogger("lookup")

CHECK_SECONDS = 0.5


class NoCopy(Exception):
    """There is no copy that can be read; the sentence says what to do."""


class Copy:
    """One serving copy, open for reading until nobody uses it.

    A request uses one copy from its start to its end, so no answer mixes two.
    """

    # Whether it holds transactions, which scores on request are made of.
    has_events = True

    def __init__(self, path: Path, memory_limit: str, threads: int) -> None:
        """Open a file. Raises NoCopy."""
        self.identity = _identity(path)
        # What a caller computes once a copy, such as its scorer.
        self.kept: dict[str, Any] = {}
        self.users = 0
        self.is_replaced = False
        self._connections: list[duckdb.DuckDBPyConnection] = []
        # The copy is attached to a database of our own: a connection to the path itself would give
        # the copy that this process already has open under this name.
        self._database = duckdb.connect(config={"threads": threads, "memory_limit": memory_limit})
        try:
            self._database.execute("set TimeZone = 'UTC'")
            quoted = str(path).replace("'", "''")
            self._database.execute(f"attach '{quoted}' as copy (read_only)")
            for setting in ("enable_external_access = false", "lock_configuration = true"):
                self._database.execute(f"set {setting}")
            self.origin: Row = self.rows(query("origin"))[0]
        except (duckdb.Error, IndexError) as error:
            self.close()
            reason = str(error).split("\n")[0]
            raise NoCopy(f"{path} cannot be read: {reason}. Run: make publish") from error
        if self.origin.get("copy_version") != COPY_VERSION:
            self.close()
            raise NoCopy(
                f"{path} was published by another version of this project. Run: make publish"
            )

    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of this thread alone, with the copy as its catalog."""
        local = _local_connections.__dict__.setdefault("by_copy", {})
        found = local.get(id(self))
        if found is None or found[0] is not self:
            # Connections of copies that were replaced are let go of.
            for key in [key for key, (copy, _) in local.items() if copy.is_replaced]:
                del local[key]
            connection = self._database.cursor()
            connection.execute("use copy")
            self._connections.append(connection)
            found = local[id(self)] = (self, connection)
        return found[1]

    def rows(self, statement: Query, **parameters: Any) -> list[Row]:
        """Return the rows of a query as dicts."""
        connection = self.connection()
        with _watch.over(connection):
            connection.execute(statement.text, {name: parameters[name] for name in statement.names})
            names = [column[0] for column in connection.description]
            return [dict(zip(names, row, strict=True)) for row in connection.fetchall()]

    def row(self, statement: Query, **parameters: Any) -> Row | None:
        """Return the first row of a query."""
        found = self.rows(statement, **parameters)
        return found[0] if found else None

    @contextmanager
    def scratch(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection whose temporary tables nobody else sees and that end with it."""
        connection = self._database.cursor()
        try:
            with _watch.over(connection):
                yield connection
        finally:
            connection.close()

    def close(self) -> None:
        """Let go of the file, also for threads that asked it and ask nothing now."""
        self.is_replaced = True
        for connection in self._connections:
            connection.close()
        self._database.close()


class Copies:
    """Gives each request the newest copy, and closes a replaced one after its last request."""

    def __init__(
        self,
        path: Path,
        memory_limit: str = "2GB",
        threads: int = 2,
        on_swap: Callable[[Copy], None] = lambda copy: None,
    ) -> None:
        """Open the copy if there is one. `on_swap` is called with each new copy."""
        self.path = path
        self._memory_limit = memory_limit
        self._threads = threads
        self._on_swap = on_swap
        self._lock = threading.Lock()
        self._current: Copy | None = None
        self.problem = ""
        self._stop = threading.Event()
        self.refresh()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    @contextmanager
    def use(self) -> Iterator[Copy]:
        """Yield the newest copy. Raises Problem 503 if there is none."""
        with self._lock:
            copy = self._current
            if copy is not None:
                copy.users += 1
        if copy is None:
            raise Problem(
                503,
                "no_copy",
                f"There is nothing to answer from. {self.problem}",
                {"retry-after": "5"},
            )
        try:
            yield copy
        finally:
            self._release(copy)

    def refresh(self) -> None:
        """Open the file if it is another one than the one that is open."""
        identity = _identity(self.path)
        if identity is None:
            if self._current is None:
                self.problem = f"There is no serving copy {self.path}. Run: make publish"
            # A file that was taken away still answers.
            return
        if self._current is not None and self._current.identity == identity:
            return
        try:
            copy = Copy(self.path, self._memory_limit, self._threads)
        except NoCopy as error:
            if self.problem != str(error):
                # The copy that is open goes on answering, and only the log tells.
                logger.warning("copy not opened", extra={"fields": {"reason": str(error)}})
            self.problem = str(error)
            if self._current is not None and self._current.identity[:2] == identity[:2]:
                # Overwritten where it is, as by cp: what is open is neither the old nor a new one.
                self._put(None)
            return
        self._put(copy)
        self.problem = ""
        self._on_swap(copy)

    def close(self) -> None:
        """Stop following the file and let go of it."""
        self._stop.set()
        self._thread.join()
        if self._current is not None:
            self._current.close()

    def _put(self, copy: Copy | None) -> None:
        with self._lock:
            replaced, self._current = self._current, copy
            is_unused = replaced is not None and replaced.users == 0
            if replaced is not None:
                replaced.is_replaced = True
        if is_unused:
            replaced.close()

    def _release(self, copy: Copy) -> None:
        with self._lock:
            copy.users -= 1
            is_done = copy.is_replaced and copy.users == 0
        if is_done:
            copy.close()

    def _follow(self) -> None:
        while not self._stop.wait(CHECK_SECONDS):
            try:
                self.refresh()
            except Exception:
                # Whatever is wrong with one copy, the next one has to be opened.
                logger.exception("copy not followed")


class _Watch:
    """Ends queries that run for too long."""

    def __init__(self) -> None:
        self.seconds = 60.0
        self._running: dict[int, tuple[float, duckdb.DuckDBPyConnection]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Interrupt what the connection runs after the limit, as Problem 504."""
        key = id(connection)
        self._running[key] = (time.monotonic() + self.seconds, connection)
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._look, daemon=True)
                    self._thread.start()
        try:
            yield
        except duckdb.InterruptException as error:
            raise Problem(
                504,
                "timeout",
                f"The answer took longer than {self.seconds:g} seconds. Ask for less at a time.",
            ) from error
        finally:
            self._running.pop(key, None)

    def _look(self) -> None:
        while True:
            time.sleep(0.1)
            now = time.monotonic()
            for deadline, connection in list(self._running.values()):
                if deadline < now:
                    connection.interrupt()


def limit_queries(seconds: float) -> None:
    """Set how long one query may run."""
    _watch.seconds = seconds


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns


_local_connections = threading.local()
_watch = _Watch()
