"""The encrypted SQLite file: how it is opened, created and brought to the newest schema."""

from __future__ import annotations

import hmac
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2
from sqlalchemy import URL, Connection, Engine, create_engine, event, pool, select, text
from sqlalchemy.exc import DatabaseError, MultipleResultsFound, NoResultFound, OperationalError

from monitor.language import tr
from monitor.store.files import DATABASE, private_dir, sync_dir, touch_private
from monitor.store.schema import REVISION, REVISIONS, secret
from monitor.trouble import Trouble

BUSY_S = 5.0
"""How long a connection waits for another one's lock before it reports an error."""

_PRAGMAS = [
    "journal_mode = WAL",  # readers beside the writer
    "synchronous = FULL",  # in WAL mode: the log is synced at every commit, before it returns
    "foreign_keys = ON",
    # KiB per connection. A log is appended to and read from end to end: what was written is hardly
    # read again, and SQLite's own 2 MB would fill up, page by page, over the first half hour.
    "cache_size = -256",
    "temp_store = MEMORY",  # nothing in plain beside the file
    f"busy_timeout = {int(BUSY_S * 1000)}",
]
if sys.platform == "darwin":  # pragma: no cover - fsync there stops at the drive's cache
    _PRAGMAS += ["fullfsync = ON", "checkpoint_fullfsync = ON"]


def engine_for(path: Path, key: bytes, readonly: bool = False, still: bool = False) -> Engine:
    """An engine on the file at `path` with the raw 32-byte `key`. Opens nothing yet.

    `still`: a finished copy that nobody writes to. It is read without locks, and nothing is changed or
    made beside it, so that it may lie where nothing can be written.
    """
    if len(key) != 32:
        raise ValueError("a database key has 32 bytes")
    url = URL.create("sqlite", database=str(path))
    if still:
        parts = {"uri": "true", "mode": "ro", "immutable": "1"}
        url = URL.create("sqlite", database=path.absolute().as_uri(), query=parts)
    engine = create_engine(
        url,
        module=sqlcipher3.dbapi2,
        # isolation_level None: the driver begins no transactions of its own; _begin does.
        connect_args={"timeout": BUSY_S, "check_same_thread": False, "isolation_level": None},
        poolclass=pool.QueuePool,
        pool_size=2,
        hide_parameters=True,  # an exception must not quote what a patient's log says
    )
    unlock = f"""PRAGMA key = "x'{key.hex()}'\""""

    def _connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA cipher_log_level = NONE")  # SQLCipher writes to stderr otherwise
        cursor.execute(unlock)
        for pragma in _PRAGMAS[readonly:]:  # a reader leaves the journal as it is: a backup has none
            cursor.execute(f"PRAGMA {pragma}")
        if readonly:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", _connect)
    event.listen(engine, "begin", _begin)
    return engine


def create(data_dir: Path, key: bytes) -> None:
    """Make an empty database; it has its name only when it is complete.

    Raises Trouble where there is one already.
    """
    path = data_dir / DATABASE
    if path.exists():
        raise Trouble(
            tr("There is already a store in this directory."),
            tr("Nothing was changed."),
            tr("Open it, or name another directory with --data DIR."),
        )
    private_dir(data_dir)
    beside = path.with_name("new.db")
    for left in (beside, Path(f"{beside}-wal"), Path(f"{beside}-shm")):
        left.unlink(missing_ok=True)  # of a creation that was killed; it never held anything
    touch_private(beside)
    engine = engine_for(beside, key)
    try:
        migrate(engine, key)
    finally:
        engine.dispose()
    os.replace(beside, path)
    sync_dir(data_dir)


def open_database(
    data_dir: Path, key: bytes, readonly: bool, before_migration: Callable[[str], None] = lambda wanted: None
) -> Engine:
    """Open the database and see that its schema is today's, migrating an older one.

    `before_migration` is told the revision to come; where it raises, nothing is migrated.
    Raises Trouble where there is none, where it is damaged, or where a newer Vigil made it.
    """
    if not (data_dir / DATABASE).is_file():
        raise no_store()
    engine = engine_for(data_dir / DATABASE, key, readonly)
    try:
        found = known_revision(engine)
        if found != REVISION:
            if readonly:
                raise Trouble(
                    tr("This store was written by an older Vigil and must be updated first."),
                    tr("It was left untouched."),
                    tr("Start Vigil once to update it."),
                )
            before_migration(REVISION)
            _migrate_whole(engine, key)
    except BaseException:
        engine.dispose()
        raise
    return engine


def look_into(path: Path, key: bytes, still: bool) -> Engine:
    """Open a database of any known revision for reading. Raises Trouble as `open_database` does."""
    engine = engine_for(path, key, readonly=True, still=still)
    try:
        known_revision(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def known_revision(engine: Engine) -> str:
    """Of which revision the schema is. Raises Trouble where the file is damaged, or of a newer Vigil."""
    found = _revision(engine)
    if found not in REVISIONS:
        raise Trouble(
            tr("This store was written by a newer Vigil."),
            tr("It was left untouched; nothing can be read or recorded with this version."),
            tr("Update Vigil on this computer."),
        )
    return found


def revision(path: Path, key: bytes) -> str:
    """Of which revision a copy is that nobody writes to. Raises Trouble as `known_revision` does."""
    engine = look_into(path, key, still=True)
    try:
        return known_revision(engine)
    finally:
        engine.dispose()


def _migrate_whole(engine: Engine, key: bytes) -> None:
    try:
        migrate(engine, key)
    except DatabaseError as error:
        raise Trouble(
            tr("The store could not be updated for this Vigil."),
            tr(
                "It is as it was before, and a backup of it lies beside it; nothing can be recorded "
                "meanwhile."
            ),
            tr("Free space on the disk and start Vigil again, or go on with the earlier Vigil."),
        ) from error


def _revision(engine: Engine) -> str:
    # Alembic takes a quarter of a second to import, so its table is read without it.
    try:
        with engine.connect() as connection:
            return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    except OperationalError as error:
        if "no such table" in str(error.orig):
            raise damaged() from error
        raise _cannot_open() from error
    except (DatabaseError, NoResultFound, MultipleResultsFound) as error:
        raise damaged() from error


def migrate(engine: Engine, key: bytes) -> None:
    """Bring the schema to REVISION in one transaction; `key` is the one the file is encrypted with."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["key"] = key
    with engine.connect() as connection:
        # A table that others point at can be rebuilt only so, and only before the transaction begins.
        raw(connection).execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
                raise damaged()
        connection.invalidate()


def raw(connection: Connection) -> Any:
    """The driver's own connection, for what must happen outside a transaction."""
    return connection.connection.dbapi_connection


def anchor_secret(engine: Engine, key: bytes) -> bytes:
    """What anchors and backups are authenticated with. Raises Trouble where it is missing."""
    if _revision(engine) == "0001":  # its tables had no place for secrets
        return hmac.digest(key, b"vigil anchor 1", "sha256")
    return read_secret(engine, "anchor")


def read_secret(engine: Engine, name: str) -> bytes:
    """A secret that lies in the database. Raises Trouble where it is missing."""
    try:
        with engine.connect() as connection:
            found = connection.execute(select(secret.c.value).where(secret.c.name == name)).scalar_one()
    except (DatabaseError, NoResultFound) as error:
        raise damaged() from error
    return bytes(found)


def damaged() -> Trouble:
    """The key is right, and the file still cannot be read."""
    return Trouble(
        tr("The store is damaged: its file cannot be read although the key fits."),
        tr("Nothing was changed; nothing can be recorded into it."),
        tr("Copy the data directory away, then restore a backup or name another with --data DIR."),
    )


def fits(path: Path, key: bytes) -> bool:
    """Whether `key` opens the file: a wrong one, and a damaged first page, do not."""
    engine = engine_for(path, key, readonly=True)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
        return True
    except OperationalError as error:
        raise _cannot_open() from error
    except DatabaseError:
        return False
    finally:
        engine.dispose()


def _cannot_open() -> Trouble:
    return Trouble(
        tr("The store cannot be opened."),
        tr("Nothing can be read or recorded."),
        tr("Check who owns the data directory, whether the disk is there, and that it has room."),
    )


def no_store() -> Trouble:
    """The directory holds no store."""
    return Trouble(
        tr("There is no Vigil store in this directory."),
        tr("Nothing was opened."),
        tr("Check --data DIR, or start Vigil to create a store."),
    )
