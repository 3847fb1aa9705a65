"""The table of reviews, whose rows can neither be changed nor deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SQLITE = """
create trigger reviews_no_{event} before {event} on reviews
begin select raise(abort, 'reviews are append-only'); end
"""

_POSTGRESQL = """
create function reviews_are_append_only() returns trigger language plpgsql as
$$ begin raise exception 'reviews are append-only'; end $$
"""


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "reviews",
        # SQLite numbers rows by itself only where the type is INTEGER.
        sa.Column(
            "review_id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column("address", sa.String(42), nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("reviewer", sa.String(100), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        # The score that the reviewer saw, so that the queue can be judged by its reviews.
        sa.Column("run_id", sa.String(64)),
        sa.Column("scam_probability", sa.Float),
        sa.Column("risk_tier", sa.String(10)),
        sa.Column("alert_rank", sa.BigInteger),
        sa.Column("reviewed_at", sa.DateTime, nullable=False),
        sa.CheckConstraint(
            "decision in ('confirmed_scam', 'not_a_scam', 'needs_information', 'disputed')",
            name="decision_is_known",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("reviews_by_address", "reviews", ["address", "review_id"])
    if op.get_bind().dialect.name == "sqlite":
        for event in ("update", "delete"):
            op.execute(_SQLITE.format(event=event))
    else:
        op.execute(_POSTGRESQL)
        op.execute(
            "create trigger reviews_no_change before update or delete or truncate on reviews"
            " for each statement execute function reviews_are_append_only()"
        )


def downgrade() -> None:
    """Reviews are never lost."""
    raise NotImplementedError("Reviews are append-only: there is no way back.")
