"""Logs, their entries, and waveform chunks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "log",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('session', 'practice')", name="log_kind"),
    )
    op.create_table(
        "entry",
        sa.Column("log_id", sa.Text(), sa.ForeignKey("log.id"), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("typeof(seq) = 'integer'", name="entry_seq"),
    )
    op.create_table(
        "chunk",
        sa.Column("log_id", sa.Text(), sa.ForeignKey("log.id"), primary_key=True),
        sa.Column("device", sa.Text(), primary_key=True),
        sa.Column("second", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("typeof(second) = 'integer'", name="chunk_second"),
    )
