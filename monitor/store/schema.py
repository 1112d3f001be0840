"""The tables. The bytes in `entry.data` are the record; every other column is derived from them.

The time a log began is therefore no column: it stands in the bytes of its first entry.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

REVISION = "0001"
"""The newest revision of the schema, as in migrations/versions."""

REVISIONS = (REVISION,)
"""Every revision that ever was, oldest first; a database of another one comes from a newer Vigil."""

metadata = MetaData()

log = Table(
    "log",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, CheckConstraint("kind IN ('session', 'practice')", name="log_kind"), nullable=False),
)

entry = Table(
    "entry",
    metadata,
    Column("log_id", ForeignKey("log.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of data, 32 bytes
    CheckConstraint("typeof(seq) = 'integer'", name="entry_seq"),
)

chunk = Table(
    "chunk",
    metadata,
    Column("log_id", ForeignKey("log.id"), primary_key=True),
    Column("device", Text, primary_key=True),
    Column("second", Integer, primary_key=True, autoincrement=False),  # of session time
    Column("data", LargeBinary, nullable=False),
    Column("sha256", LargeBinary, nullable=False),  # of data, 32 bytes
    CheckConstraint("typeof(second) = 'integer'", name="chunk_second"),
)
