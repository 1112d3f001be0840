"""Private logs, accounts, identities, and secrets that outlive the key of the file."""

import hmac
import secrets

import sqlalchemy as sa
from alembic import context, op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Widen the kinds of logs and add the tables beside them."""
    with op.batch_alter_table("log") as log:
        log.drop_constraint("log_kind", type_="check")
        log.create_check_constraint("log_kind", "kind IN ('session', 'practice', 'private')")
    op.create_table(
        "account",
        sa.Column("person", sa.Text(), primary_key=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "identity",
        sa.Column("code", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
    )
    table = op.create_table(
        "secret",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.LargeBinary(), nullable=False),
    )
    # The anchors that are there were authenticated with this; they must stay readable.
    anchor = hmac.digest(context.config.attributes["key"], b"vigil anchor 1", "sha256")
    op.bulk_insert(
        table,
        [{"name": "anchor", "value": anchor}, {"name": "identity", "value": secrets.token_bytes(32)}],
    )
