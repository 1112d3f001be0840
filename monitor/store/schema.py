"""The tables. The bytes in `entry.data` are the record; every other column is derived from them.

The time a log began is therefore no column: it stands in the bytes of its first entry.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

REVISIONS = ("0001", "0002", "0003")
"""Every revision that ever was, oldest first; a database of another one comes from a newer Vigil."""

REVISION = REVISIONS[-1]
"""The newest revision of the schema, as in migrations/versions."""

KINDS = ("session", "practice", "private")
"""What a log may be: one session, the practice's own, or one therapist's process notes of one session."""

metadata = MetaData()

log = Table(
    "log",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, CheckConstraint(f"kind IN {KINDS}", name="log_kind"), nullable=False),
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

MARKS = "kind IN ('session_opened', 'session_ended', 'code_changed')"
"""Which entries the list of sessions needs. A query must say it in these words to use their index."""

# With their bytes: the list of ten thousand sessions reads this alone, not a page of each log.
Index("entry_mark", entry.c.kind, entry.c.log_id, entry.c.seq, entry.c.data, sqlite_where=text(MARKS))

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

# What follows is no record: it may change, and nothing in a log depends on it.

account = Table(
    "account",
    metadata,
    Column("person", Text, primary_key=True),  # the id by which logs know them
    Column("data", LargeBinary, nullable=False),  # JSON: hash of the PIN, failures, keys of private notes
)

identity = Table(
    "identity",
    metadata,
    Column("code", Text, primary_key=True),  # the patient's, with its check letter
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),  # sealed with the secret "identity"
)

secret = Table(
    "secret",
    metadata,
    Column("name", Text, primary_key=True),  # anchor, identity
    Column("value", LargeBinary, nullable=False),  # 32 bytes; stay when the key of the file changes
)
