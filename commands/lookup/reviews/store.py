"""Append-only reviews in SQLite or PostgreSQL."""

import errno
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"

DECISIONS = ("confirmed_scam", "not_a_scam", "needs_information", "disputed")
# A decision that ends the review of an alert. The others ask for more.
DECISIVE = ("confirmed_scam", "not_a_scam")

REVIEWS = sa.Table(
    "reviews",
    sa.MetaData(),
    sa.Column("review_id", sa.BigInteger, primary_key=True),
    sa.Column("address", sa.String(42), nullable=False),
    sa.Column("decision", sa.String(20), nullable=False),
    sa.Column("reviewer", sa.String(100), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("run_id", sa.String(64)),
    sa.Column("scam_probability", sa.Float),
    sa.Column("risk_tier", sa.String(10)),
    sa.Column("alert_rank", sa.BigInteger),
    sa.Column("reviewed_at", sa.DateTime, nullable=False),
)

PUBLIC = ("review_id", "address", "decision", "reviewer", "note", "reviewed_at")

_latest_of_one = (
    sa.select(REVIEWS.c.decision, REVIEWS.c.reviewed_at, REVIEWS.c.review_id)
    .where(REVIEWS.c.address == sa.bindparam("address"))
    .order_by(
        sa.case((REVIEWS.c.decision.in_(DECISIVE), 1), else_=0).desc(), REVIEWS.c.review_id.desc()
    )
    .limit(1)
)


class ReviewStore:
    """Reads and adds reviews. Nothing is ever changed or deleted."""

    def __init__(self, url: str, *, must_exist: bool = False) -> None:
        """Connect, and bring the tables to the newest version.

        An SQLite file is made if need be. Raises FileNotFoundError if it is not there and
        `must_exist` is set, another OSError if its folder cannot be made, and SQLAlchemyError if
        the URL is of no file and of no PostgreSQL, or the database does not answer.
        """
        self.url = sa.engine.make_url(url)
        backend = self.url.get_backend_name()
        if backend in ("postgresql", "postgres"):
            # The driver that is installed, whichever is named.
            self.url = self.url.set(drivername="postgresql+psycopg")
        elif backend != "sqlite" or self.url.database in (None, "", ":memory:"):
            raise sa.exc.ArgumentError("neither a file of SQLite nor PostgreSQL")
        is_sqlite = backend == "sqlite"
        if is_sqlite:
            path = Path(self.url.database)
            if must_exist and not path.is_file():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
            path.parent.mkdir(parents=True, exist_ok=True)
        self.engine = sa.create_engine(
            self.url,
            pool_size=20,
            max_overflow=30,
            pool_pre_ping=not is_sqlite,
            connect_args={"timeout": 30} if is_sqlite else {"connect_timeout": 5},
        )
        if is_sqlite:
            sa.event.listen(self.engine, "connect", _careful)
        self._upgrade()

    def add(self, review: dict[str, Any]) -> dict[str, Any]:
        """Store a review (address, decision, reviewer, note, and the score it was made at)."""
        values = {
            "note": "",
            "reviewer": "",
            "reviewed_at": datetime.now(UTC).replace(tzinfo=None, microsecond=0),
            **review,
        }
        with self.engine.begin() as connection:
            result = connection.execute(sa.insert(REVIEWS).values(**values))
            review_id = result.inserted_primary_key[0]
        stored = {**values, "review_id": review_id}
        return {name: stored[name] for name in PUBLIC}

    def latest(self, address: str) -> dict[str, Any] | None:
        """Return decision, reviewed_at and review_id of what holds for an address.

        The latest decisive review holds, else the latest one.
        """
        with self.engine.connect() as connection:
            row = connection.execute(_latest_of_one, {"address": address}).first()
        return _plain(row._mapping) if row else None

    def latest_of(self, addresses: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return the same for many addresses, without those that nobody reviewed."""
        statement = (
            sa.select(
                REVIEWS.c.address, REVIEWS.c.decision, REVIEWS.c.reviewed_at, REVIEWS.c.review_id
            )
            .where(REVIEWS.c.address.in_(list(addresses)))
            .order_by(sa.case((REVIEWS.c.decision.in_(DECISIVE), 1), else_=0), REVIEWS.c.review_id)
        )
        with self.engine.connect() as connection:
            rows = connection.execute(statement).mappings().all()
        return {row["address"]: _plain(row) for row in rows}

    def decided(self) -> list[str]:
        """Return the addresses that have a decisive review."""
        statement = sa.select(REVIEWS.c.address).where(REVIEWS.c.decision.in_(DECISIVE)).distinct()
        with self.engine.connect() as connection:
            return list(connection.execute(statement).scalars())

    def newest(
        self, page_size: int, before: int | None = None, address: str | None = None
    ) -> list[dict[str, Any]]:
        """Return reviews, newest first, older than the review `before`."""
        statement = (
            sa.select(*(REVIEWS.c[name] for name in PUBLIC))
            .order_by(REVIEWS.c.review_id.desc())
            .limit(page_size)
        )
        if before is not None:
            statement = statement.where(REVIEWS.c.review_id < before)
        if address is not None:
            statement = statement.where(REVIEWS.c.address == address)
        with self.engine.connect() as connection:
            return [_plain(row) for row in connection.execute(statement).mappings()]

    def all(self) -> list[dict[str, Any]]:
        """Return every review with all columns, oldest first."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(REVIEWS).order_by(REVIEWS.c.review_id))
            return [_plain(row) for row in rows.mappings()]

    def count(self) -> int:
        """Return how many reviews there are; an error if the database does not answer."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(REVIEWS)).scalar_one()

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def _upgrade(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.begin() as connection:
            if self.url.get_backend_name() == "postgresql":
                # Two services that start together upgrade one after the other.
                connection.execute(sa.text("select pg_advisory_xact_lock(7250114)"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    # Names of columns are a kind of str that JSON does not know.
    return {str(name): value for name, value in row.items()}


def _careful(connection: Any, record: Any) -> None:
    """Let readers read while somebody writes, and keep what was stored when the power fails."""
    cursor = connection.cursor()
    for pragma in ("journal_mode = wal", "synchronous = full", "busy_timeout = 30000"):
        cursor.execute(f"pragma {pragma}")
    cursor.close()
