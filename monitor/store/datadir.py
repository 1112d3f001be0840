"""The user's data directory: which one, whether it holds a store or a demo's, and how it is unlocked."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import platformdirs
from keyring.backend import KeyringBackend

from monitor.language import tr
from monitor.store import keys as key_ring
from monitor.store import swap
from monitor.store.database import no_store
from monitor.store.files import DATABASE, DEMO_KEY, KEYS, cannot_read, cannot_write, private_dir, write_whole
from monitor.store.keys import Keys, Locked
from monitor.store.store import Store
from monitor.store.system_keyring import get_secret, put_secret, system_keyring
from monitor.trouble import Trouble

__all__ = [
    "Locked",
    "create_demo",
    "create_store",
    "default_dir",
    "exists",
    "is_demo",
    "make_key_file",
    "open_or_create_demo",
    "open_store",
    "read_key_file",
    "unlock",
]

KEY_FILE_VARIABLE = "VIGIL_KEY_FILE"

ACCEPTS_S = 1.0
"""How long, on opening, the disk may take to accept entries before what was interrupted is left for later."""


def default_dir() -> Path:
    """Where a person's store lies when no --data DIR says otherwise."""
    return platformdirs.user_data_path("vigil", appauthor=False)


def exists(data_dir: Path) -> bool:
    """Whether there is a store, or what is left of one. Raises Trouble where nobody may look."""
    try:
        here = (data_dir / DATABASE).exists() or (data_dir / KEYS).exists()
        return here or swap.unfinished(data_dir) or any(data_dir.glob(f"{swap.REPLACED}*"))
    except PermissionError as error:
        raise cannot_read() from error


def is_demo(data_dir: Path) -> bool:
    """Whether the store is a demo's, to be shown as such everywhere. Raises Trouble without a store.

    The mark cannot be changed by hand: the keys no longer open the store then.
    """
    return _keys(data_dir).demo


def open_store(
    data_dir: Path,
    key_file: Path | None = None,
    passphrase: str | None = None,
    *,
    recovery_code: str | None = None,
    readonly: bool = False,
) -> Store:
    """Unlock and open the store in `data_dir`.

    The way to unlock is the one given, else VIGIL_KEY_FILE, a demo's own key file, the system
    keyring. Raises Locked where a passphrase is needed or what was given does not fit, and Trouble
    for everything else (no store, damaged, newer, a second writer).
    """
    key = unlock(data_dir, key_file, passphrase, recovery_code=recovery_code, readonly=readonly)
    store = Store.open(data_dir, key, readonly)
    if not readonly:
        take_up(store)
    return store


def take_up(store: Store) -> None:
    """Finish what was interrupted in the store before: notes of backups, erasures. Never in the way:
    what cannot be done now is done the next time, and no disk that refuses is waited for."""
    from monitor.store.deletion import finish
    from monitor.store.notes import take_notes

    shutil.rmtree(store.data_dir / swap.FETCHING, ignore_errors=True)
    with suppress(Trouble):
        take_notes(store)
        if store.wait(ACCEPTS_S):
            finish(store)


def unlock(
    data_dir: Path,
    key_file: Path | None = None,
    passphrase: str | None = None,
    *,
    recovery_code: str | None = None,
    readonly: bool = False,
) -> bytes:
    """The key of the store in `data_dir`, as `open_store` finds it; raises the same.

    A change of the key that was interrupted is finished, unless `readonly`.
    """
    keys = _keys(data_dir)
    if not (data_dir / DATABASE).exists():
        raise Trouble(
            tr(
                "{database} is missing in the data directory; the keys of its store are there.",
                database=DATABASE,
            ),
            tr("Nothing can be shown or recorded; nothing was changed."),
            tr(
                "Put {database} back, or restore a backup; till then name another directory with --data DIR.",
                database=DATABASE,
            ),
        )
    key = _unlock(keys, data_dir, key_file, passphrase, recovery_code)
    if keys.previous is None:
        return key
    from monitor.store.rotation import taken_up

    return taken_up(data_dir, keys, key, readonly)


def create_store(
    data_dir: Path,
    *,
    key_file: Path | None = None,
    passphrase: str | None = None,
    keyring: KeyringBackend | None = None,
) -> tuple[Store, str]:
    """A new store with every way to unlock that is given, and its printed recovery code.

    A `key_file` that does not exist is made. `keyring` is what `system_keyring()` returned.
    Raises Trouble, and ValueError where no way is given.
    """
    if key_file is None and passphrase is None and keyring is None:
        raise ValueError("a store needs a way to unlock it")

    def ways(keys: Keys, key: bytes) -> Keys:
        if passphrase is not None:
            keys = key_ring.with_passphrase(keys, key, passphrase)
        if key_file is not None:
            keys = key_ring.with_secret(keys, "key_file", key, make_key_file(key_file))
        if keyring is not None:
            keys = key_ring.with_secret(keys, "keyring", key, put_secret(keyring, keys.in_keyring))
        return keys

    return _create(data_dir, ways)


def create_demo(data_dir: Path) -> Store:
    """A new store that opens without asking, with its own key file, and is marked as a demo."""

    def ways(keys: Keys, key: bytes) -> Keys:
        return key_ring.with_secret(keys, "key_file", key, make_key_file(data_dir / DEMO_KEY))

    return _create(data_dir, ways, demo=True)[0]


def open_or_create_demo(data_dir: Path) -> Store:
    """The demo's store in `data_dir`, made if there is none. Raises Trouble where a real one is."""
    if not exists(data_dir):
        return create_demo(data_dir)
    if not is_demo(data_dir):
        raise Trouble(
            tr("This directory holds a real record."),
            tr("A demo is never written into it; nothing was changed."),
            tr("Name another directory with --data DIR."),
        )
    return open_store(data_dir)


def _create(data_dir: Path, ways: Callable[[Keys, bytes], Keys], demo: bool = False) -> tuple[Store, str]:
    if exists(data_dir):
        raise Trouble(
            tr("There is already a store in this directory, or a part of one."),
            tr("Nothing was changed."),
            tr("Open it, restore what is missing from a backup, or name another directory with --data DIR."),
        )
    private_dir(data_dir)
    keys, key = key_ring.new_keys(demo)
    keys, code = key_ring.with_recovery(ways(keys, key), key)
    try:
        # The keys first: keys without a database are nothing lost, the reverse would be.
        key_ring.save(data_dir, keys)
    except OSError as error:
        raise cannot_write() from error
    try:
        return Store.create(data_dir, key), code
    except BaseException:
        if not (data_dir / DATABASE).exists():
            (data_dir / KEYS).unlink(missing_ok=True)
        raise


def _keys(data_dir: Path) -> Keys:
    if not exists(data_dir):
        raise no_store()
    swap.take_up(data_dir)
    return key_ring.load(data_dir)


def _unlock(
    keys: Keys, data_dir: Path, key_file: Path | None, passphrase: str | None, recovery_code: str | None
) -> bytes:
    if recovery_code is not None:
        return key_ring.unlock_with_recovery(keys, recovery_code)
    if passphrase is not None:
        return key_ring.unlock_with_passphrase(keys, passphrase)
    if key_file is None and keys.demo:
        key_file = data_dir / DEMO_KEY
    if key_file is None and os.environ.get(KEY_FILE_VARIABLE):
        key_file = Path(os.environ[KEY_FILE_VARIABLE])
    if key_file is not None:
        return key_ring.unlock_with_secret(keys, "key_file", read_key_file(key_file))
    if "keyring" in keys.ways and (backend := system_keyring()) is not None:
        return key_ring.unlock_with_secret(keys, "keyring", get_secret(backend, keys.in_keyring))
    raise Locked(
        tr("The store is locked."),
        tr("Nothing can be read or recorded until it is unlocked."),
        tr("Give the passphrase, or a key file with --key-file FILE or VIGIL_KEY_FILE."),
    )


def make_key_file(path: Path) -> bytes:
    """The secret in a key file, which is made where there is none. Raises Trouble."""
    if path.exists():
        return read_key_file(path)
    secret = secrets.token_bytes(32)
    try:
        write_whole(path, secret.hex().encode() + b"\n")
    except OSError as error:
        raise Trouble(
            tr("The key file cannot be written."),
            tr("Nothing was created."),
            tr("Name a file in a directory that exists and belongs to you."),
        ) from error
    return secret


def read_key_file(path: Path) -> bytes:
    """The secret in a key file. Raises Locked."""
    try:
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise _no_key_file() from error
    if len(secret) != 32:
        raise _no_key_file()
    return secret


def _no_key_file() -> Locked:
    return Locked(
        tr("The key file is missing or is no key file."),
        tr("The store stays locked; nothing was changed."),
        tr("A key file holds 64 hexadecimal digits; name the one this store was created with."),
    )
