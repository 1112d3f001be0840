"""The ways to unlock a store: adding, taking away, a new recovery code; each stands in the practice log.

All of these block (argon2, the disk, a keyring that asks the person): never on a thread that ticks.
They change keys.json only; the key of the file is changed by `rotation`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from keyring.backend import KeyringBackend

from monitor.entries import Body, KeyChanged
from monitor.language import noted, tr
from monitor.store import keys as key_ring
from monitor.store.datadir import make_key_file
from monitor.store.files import cannot_write
from monitor.store.keys import NAMES, Keys
from monitor.store.store import Store
from monitor.store.system_keyring import drop_secret, put_secret
from monitor.trouble import Trouble

ENTERED_S = 10.0
"""How long an entry of the practice log may take to reach the disk."""

NOT_LOGGED = Trouble(
    tr("The way to unlock the record was changed, but the practice log does not say so on the disk yet."),
    tr("It holds from now on. The entry waits in memory, and is written as soon as the disk takes it."),
    tr("Free space on the disk of the record."),
)

Record = Callable[[Body], None]
"""Enters a body into the practice log."""


def add_passphrase(store: Store, record: Record, passphrase: str) -> None:
    """Set the passphrase, or another one. Raises Trouble."""
    keys = _real(store)
    _save(store, record, key_ring.with_passphrase(keys, store.key, passphrase), noted("a passphrase was set"))


def add_key_file(store: Store, record: Record, path: Path) -> None:
    """Let a key file open the store; it is made where there is none. Raises Trouble."""
    keys = _real(store)
    changed = key_ring.with_secret(keys, "key_file", store.key, make_key_file(path))
    _save(store, record, changed, noted("a key file was set"))


def add_keyring(store: Store, record: Record, keyring: KeyringBackend) -> None:
    """Let the system keyring open the store. Raises Trouble, Locked where it refuses."""
    keys = _real(store)
    changed = key_ring.renamed(keys)  # the secret before opens the store until keys.json knows the new one
    secret = put_secret(keyring, changed.in_keyring)
    try:
        _keep(store, key_ring.with_secret(changed, "keyring", store.key, secret))
    except Trouble:
        drop_secret(keyring, changed.in_keyring)
        raise
    if "keyring" in keys.ways:
        drop_secret(keyring, keys.in_keyring)
    record(KeyChanged(what=noted("the system keyring was set")))


TAKEN_AWAY = {
    "key_file": noted("the key file was taken away"),
    "passphrase": noted("the passphrase was taken away"),
    "keyring": noted("the system keyring was taken away"),
    "recovery": noted("the recovery code was taken away"),
}


def remove(store: Store, record: Record, way: str) -> None:
    """Take a way to unlock away. Raises Trouble for the last one, and for one that is not there."""
    if way not in NAMES:
        raise Trouble(
            tr("There is no such way to unlock a store."),
            tr("Nothing was changed."),
            tr("Name one of {list}.", list=", ".join(NAMES)),
        )
    changed = key_ring.without(_real(store), way)
    _save(store, record, changed, TAKEN_AWAY[way])


def new_recovery_code(
    store: Store, record: Record, not_logged: Callable[[Trouble], None] = lambda trouble: None
) -> str:
    """Make the recovery code anew, for printing; the old one opens nothing any more. Raises Trouble.

    `not_logged` hears that it holds but is not in the practice log yet: whoever asked gets the code.
    """
    changed, code = key_ring.with_recovery(key_ring.load(store.data_dir), store.key)
    _keep(store, changed)
    try:
        record(KeyChanged(what=noted("a new recovery code was made")))
    except Exception:  # whatever it is: nobody else knows this code, and it is the only one
        not_logged(NOT_LOGGED)
    return code


def entered(saved: Future[None], patience_s: float | None = None) -> None:
    """Return when an entry of the practice log is on disk. Raises Trouble where that takes too long."""
    try:
        saved.result(ENTERED_S if patience_s is None else patience_s)
    except TimeoutError as error:
        raise NOT_LOGGED from error


def _real(store: Store) -> Keys:
    keys = key_ring.load(store.data_dir)
    if keys.demo:
        raise Trouble(
            tr("This is a demo's record, which opens without asking."),
            tr("Nothing was changed."),
            tr("Use a real record; Vigil makes one when it is started without `demo`."),
        )
    return keys


def _save(store: Store, record: Record, keys: Keys, what: str) -> None:
    _keep(store, keys)
    record(KeyChanged(what=what))


def _keep(store: Store, keys: Keys) -> None:
    try:
        key_ring.save(store.data_dir, keys)
    except OSError as error:
        raise cannot_write() from error
