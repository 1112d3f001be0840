"""A new key for the database, so that whoever held the old one is shut out of what comes.

Steps, each synced before the next; after a kill at any moment the store opens, and the change is
finished the next time it is opened for writing:

1. keys.json gets the new key, wrapped for each way to unlock, and the old key sealed with the new one
   (`previous`). Until here only the old secrets open the store, from here on only the new ones.
2. SQLCipher encrypts every page anew in one transaction (`PRAGMA rekey`). In WAL mode its pages stand in
   the log until it is committed: after a kill the file is wholly under the one key or the other.
3. The practice log says that the key was changed, with a mark of the new key, so that it says it once.
4. keys.json forgets `previous`.

Secrets in the database (anchors, identities) stay: what they authenticate stays valid. Backups made
before keep their own keys.json: they still open with the secrets of then.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import sqlcipher3.dbapi2
from sqlalchemy.exc import DatabaseError

from monitor.clock import SystemClock
from monitor.entries import KeyChanged
from monitor.language import noted, tr
from monitor.practice import PracticeLog
from monitor.store import database
from monitor.store import keys as key_ring
from monitor.store.datadir import ACCEPTS_S
from monitor.store.files import DATABASE, WriterLock, cannot_write
from monitor.store.keys import Keys
from monitor.store.store import Store
from monitor.store.ways import ENTERED_S, entered
from monitor.trouble import Trouble

_REFUSED = (DatabaseError, sqlcipher3.dbapi2.Error)


def dropped(keys: Keys, passphrase: bool, key_file: bool, keyring: bool) -> list[str]:
    """Which ways to unlock will be gone, because nothing is given to wrap the new key with."""
    given = {"passphrase": passphrase, "key_file": key_file, "keyring": keyring}
    return [way for way, there in given.items() if way in keys.ways and not there]


def rotate(
    data_dir: Path,
    key: bytes,
    *,
    passphrase: str | None = None,
    key_file: bytes | None = None,
    keyring: bytes | None = None,
    by: str = "vigil",
) -> str:
    """Change the key of a store that nobody has open, and return the new recovery code.

    `key` is the present key, as unlocked; `key_file` and `keyring` are the secrets kept there, which stay
    the same. Ways for which nothing is given are gone, and so is the old recovery code.
    Raises Trouble: nothing given, open elsewhere, disk full. The old key or the new one then opens it.
    """
    keys = key_ring.load(data_dir)
    keys, new = key_ring.with_new_key(keys, key)
    if passphrase is not None:
        keys = key_ring.with_passphrase(keys, new, passphrase)
    for way, secret in (("key_file", key_file), ("keyring", keyring)):
        if secret is not None:
            keys = key_ring.with_secret(keys, way, new, secret)
    if not keys.ways:
        raise Trouble(
            tr("Nothing was given that the new key could be unlocked with."),
            tr("The key was not changed."),
            tr("Give a passphrase or the key file."),
        )
    keys, code = key_ring.with_recovery(keys, new)
    Store.open(data_dir, key).close()  # it is whole, of today's schema, and nobody else writes
    lock = WriterLock(data_dir)
    try:
        key_ring.save(data_dir, keys)
        _encrypt_anew(data_dir, key, new)
    except OSError as error:
        raise cannot_write() from error
    except _REFUSED as error:
        raise _not_finished() from error
    finally:
        lock.release()
    with suppress(Trouble):  # the file is under the new key: the rest is finished by whoever opens it next
        conclude(data_dir, new, by)
    return code


def taken_up(data_dir: Path, keys: Keys, key: bytes, readonly: bool) -> bytes:
    """The key with which a store opens whose key is being changed; `key` is what was unlocked, the new one.

    A writer finishes the change. Where it cannot (disk full), the store still opens with the old key.
    """
    old = key_ring.previous_key(keys, key)
    if not database.fits(data_dir / DATABASE, old):
        if not readonly:
            _conclude_soon(data_dir, key)
        return key  # where neither fits, the file is damaged: that is said on opening
    if readonly:
        return old
    lock = WriterLock(data_dir)
    try:
        _encrypt_anew(data_dir, old, key)
    except _REFUSED:
        return old
    finally:
        lock.release()
    _conclude_soon(data_dir, key)
    return key


def _conclude_soon(data_dir: Path, key: bytes) -> None:
    with suppress(Trouble):  # opening never waits for the disk to accept: it is finished another time
        conclude(data_dir, key, patience_s=ACCEPTS_S)


def conclude(data_dir: Path, key: bytes, by: str = "vigil", patience_s: float | None = None) -> None:
    """Steps 3 and 4, for a file that is under the new `key` already. Raises Trouble where the disk does not
    take it in time."""
    store = Store.open(data_dir, key)
    try:
        practice = PracticeLog(store, SystemClock())
        mark = key_ring.mark_of(key)
        if practice.keeping.key != mark:
            said = KeyChanged(what=noted("a new key for the whole database"), key=mark)
            entered(practice.record(said, by), patience_s)
        key_ring.save(data_dir, key_ring.finished(key_ring.load(data_dir)))
    except OSError as error:
        raise cannot_write() from error
    finally:
        store.close(ENTERED_S if patience_s is None else patience_s)


def _encrypt_anew(data_dir: Path, old: bytes, new: bytes) -> None:
    engine = database.engine_for(data_dir / DATABASE, old)
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(f"""PRAGMA rekey = "x'{new.hex()}'\"""")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()
        engine.dispose()


def _not_finished() -> Trouble:
    return Trouble(
        tr("The key could not be changed on the disk yet."),
        tr("The record is whole and opens with the new secrets only; Vigil finishes when it is opened next."),
        tr(
            "Free space on the disk, then open Vigil. The old recovery code no longer works: print a new one."
        ),
    )
