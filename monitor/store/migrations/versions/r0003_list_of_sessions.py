"""An index that holds the beginnings and ends of all sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the index."""
    op.create_index(
        "entry_mark",
        "entry",
        ["kind", "log_id", "seq", "data"],
        sqlite_where=sa.text("kind IN ('session_opened', 'session_ended', 'code_changed')"),
    )
