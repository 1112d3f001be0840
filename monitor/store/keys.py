"""The database key and how it is wrapped: key file, passphrase, system keyring, recovery code.

The key is 32 random bytes and never lies on disk. `keys.json` holds it encrypted (AES-256-GCM)
once per way to unlock. A demo's store is marked there, and the mark is authenticated with the key.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from pathlib import Path

import argon2.exceptions
import argon2.low_level
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from monitor.language import listed, tr
from monitor.store.files import KEYS, cannot_read, write_whole
from monitor.store.recovery import SECRET_BYTES, BadCode, read_code, write_code
from monitor.trouble import Trouble

# RFC 9106, second recommended option: for memory-constrained environments.
TIME_COST = 3
MEMORY_KIB = 64 * 1024
LANES = 4


class Locked(Trouble):
    """The store cannot be unlocked with what was given; a person may give something else."""


class Wrapped(msgspec.Struct, frozen=True):
    """The database key, encrypted for one way to unlock."""

    nonce: bytes
    sealed: bytes
    salt: bytes = b""
    """For passphrases: argon2id with this salt and the costs below."""
    time_cost: int = 0
    memory_kib: int = 0
    lanes: int = 0


class Keys(msgspec.Struct, frozen=True):
    """What stands in keys.json."""

    store: str
    """A random name of this store, e.g. for the system keyring."""
    demo: bool = False
    ways: dict[str, Wrapped] = {}
    """By way: key_file, passphrase, keyring, recovery."""
    previous: Wrapped | None = None
    """While the key is being changed: the old one, sealed with the new one."""
    keyring: str = ""
    """Under which name the system keyring has its secret; "" for `store`."""
    version: int = 1

    @property
    def in_keyring(self) -> str:
        """The name by which to ask the system keyring."""
        return self.keyring or self.store


def new_keys(demo: bool = False) -> tuple[Keys, bytes]:
    """A new database key, and its keys.json without any way to unlock yet."""
    return Keys(secrets.token_hex(8), demo), secrets.token_bytes(32)


def with_secret(keys: Keys, way: str, key: bytes, secret: bytes) -> Keys:
    """Add a way that unlocks with a random secret of at least 160 bits."""
    return _with(keys, way, _seal(_stretch(secret, way), key, _context(keys, way)))


def renamed(keys: Keys) -> Keys:
    """With a new name for the secret in the system keyring: the one under the old name stays until these
    keys are kept."""
    return msgspec.structs.replace(keys, keyring=f"{keys.store}-{secrets.token_hex(4)}")


def with_passphrase(keys: Keys, key: bytes, passphrase: str) -> Keys:
    """Add, or replace, the passphrase. Raises Trouble for an empty one."""
    if not passphrase:
        raise Trouble(
            tr("The passphrase is empty."),
            tr("The record would not be protected, so nothing was created."),
            tr("Choose a passphrase of several words."),
        )
    costs = Wrapped(b"", b"", secrets.token_bytes(16), TIME_COST, MEMORY_KIB, LANES)
    sealed = _seal(_slow(passphrase, costs), key, _context(keys, "passphrase"))
    return _with(keys, "passphrase", msgspec.structs.replace(costs, nonce=sealed.nonce, sealed=sealed.sealed))


def with_recovery(keys: Keys, key: bytes) -> tuple[Keys, str]:
    """Add, or replace, the recovery code; returns it for printing. It is kept nowhere else."""
    secret = secrets.token_bytes(SECRET_BYTES)
    return with_secret(keys, "recovery", key, secret), write_code(secret)


def without(keys: Keys, way: str) -> Keys:
    """Take a way to unlock away. Raises Trouble for one that is not there, and for the last one."""
    _way(keys, way)
    left = {other: wrapped for other, wrapped in keys.ways.items() if other != way}
    if not left.keys() - {"recovery"}:
        raise Trouble(
            tr(
                "The {names} is the last way to unlock this store, the recovery code apart.", names=NAMES[way]
            ),
            tr("Nothing was changed."),
            tr("Add another way first."),
        )
    return msgspec.structs.replace(keys, ways=left)


def with_new_key(keys: Keys, old: bytes) -> tuple[Keys, bytes]:
    """A new database key, still without any way to unlock it; the old one is sealed with it."""
    bare = msgspec.structs.replace(keys, ways={}, previous=None)
    key = secrets.token_bytes(32)
    sealed = _seal(_stretch(key, "previous"), old, _context(bare, "previous"))
    return msgspec.structs.replace(bare, previous=sealed), key


def previous_key(keys: Keys, key: bytes) -> bytes:
    """The key before `key`, while the change is not finished. Raises Locked."""
    assert keys.previous is not None
    try:
        sealed = keys.previous
        return AESGCM(_stretch(key, "previous")).decrypt(
            sealed.nonce, sealed.sealed, _context(keys, "previous")
        )
    except (InvalidTag, ValueError) as error:
        raise _damaged() from error


def finished(keys: Keys) -> Keys:
    """The keys after a change of the key: the old one is forgotten."""
    return msgspec.structs.replace(keys, previous=None)


def mark_of(key: bytes) -> str:
    """A short mark by which two keys are told apart and from which neither can be found."""
    return hmac.digest(key, b"vigil key mark 1", "sha256").hex()[:16]


def unlock_with_secret(keys: Keys, way: str, secret: bytes) -> bytes:
    """The database key. Raises Locked where the secret is another store's or the way was not set up."""
    return _open(_stretch(secret, way), keys, way)


def unlock_with_passphrase(keys: Keys, passphrase: str) -> bytes:
    """The database key. Raises Locked for a wrong passphrase."""
    return _open(_slow(passphrase, _way(keys, "passphrase")), keys, "passphrase")


def unlock_with_recovery(keys: Keys, code: str) -> bytes:
    """The database key. Raises Locked, naming the group where the code was copied wrongly."""
    try:
        secret = read_code(code)
    except BadCode as error:
        raise Locked(
            tr("The recovery code is not right: {error}.", error=error),
            tr("The store stays locked; nothing was changed."),
            tr("Compare it with the printed one, group by group."),
        ) from error
    return unlock_with_secret(keys, "recovery", secret)


def save(data_dir: Path, keys: Keys) -> None:
    """Write keys.json. Raises OSError; the old file is then still there."""
    write_whole(data_dir / KEYS, msgspec.json.format(msgspec.json.encode(keys)) + b"\n")


def load(data_dir: Path) -> Keys:
    """Read keys.json. Raises Trouble where it is missing or damaged."""
    try:
        keys = msgspec.json.decode((data_dir / KEYS).read_bytes(), type=Keys)
    except PermissionError as error:
        raise cannot_read() from error
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _damaged() from error
    if keys.version != 1:
        raise Trouble(
            tr("The keys of this store were written by a newer Vigil."),
            tr("They were left untouched; nothing can be read or recorded with this version."),
            tr("Update Vigil on this computer."),
        )
    return keys


def _damaged() -> Trouble:
    return Trouble(
        tr("{keys} in the data directory is missing or damaged.", keys=KEYS),
        tr("Without it nothing can unlock the store; the record itself was not touched."),
        tr("Put {keys} back from a backup of this store.", keys=KEYS),
    )


def _with(keys: Keys, way: str, wrapped: Wrapped) -> Keys:
    return msgspec.structs.replace(keys, ways={**keys.ways, way: wrapped})


def _way(keys: Keys, way: str) -> Wrapped:
    wrapped = keys.ways.get(way)
    if wrapped is None:
        others = [tr("the {names}", names=NAMES[other]) for other in sorted(keys.ways) if other in NAMES]
        raise Locked(
            tr("This store is not set up to be unlocked with a {names}.", names=NAMES[way]),
            tr("The store stays locked; nothing was changed."),
            tr("Use {list}.", list=listed(others, "or") if others else tr("a backup")),
        )
    return wrapped


NAMES = {
    "key_file": tr("key file"),
    "passphrase": tr("passphrase"),
    "keyring": tr("system keyring"),
    "recovery": tr("recovery code"),
}
"""What each way to unlock is called."""


def _seal(wrapping: bytes, key: bytes, context: bytes) -> Wrapped:
    nonce = secrets.token_bytes(12)
    return Wrapped(nonce, AESGCM(wrapping).encrypt(nonce, key, context))


def _open(wrapping: bytes, keys: Keys, way: str) -> bytes:
    wrapped = _way(keys, way)
    try:
        return AESGCM(wrapping).decrypt(wrapped.nonce, wrapped.sealed, _context(keys, way))
    except (InvalidTag, ValueError) as error:  # ValueError: a nonce of no possible length
        raise Locked(
            tr("The {names} does not fit this store.", names=NAMES[way]),
            tr("The store stays locked; nothing was changed, and the record is not damaged by this."),
            tr("Try again, or use the printed recovery code."),
        ) from error


def _context(keys: Keys, way: str) -> bytes:
    # Authenticated beside the key: a wrap fits only its own store, way and demo mark.
    return f"vigil keys 1 {keys.store} {way} {'demo' if keys.demo else 'real'}".encode()


def _stretch(secret: bytes, way: str) -> bytes:
    return hmac.digest(secret, b"vigil wrap 1 " + way.encode(), "sha256")


def _slow(passphrase: str, costs: Wrapped) -> bytes:
    try:
        return argon2.low_level.hash_secret_raw(
            # Keyboards of different systems compose the same letter differently.
            unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass"),
            costs.salt,
            costs.time_cost,
            costs.memory_kib,
            costs.lanes,
            32,
            argon2.low_level.Type.ID,
        )
    except argon2.exceptions.HashingError as error:
        raise Trouble(
            tr("{keys} in the data directory is damaged.", keys=KEYS),
            tr("The passphrase cannot be checked; the record itself was not touched."),
            tr("Put {keys} back from a backup, or use the recovery code.", keys=KEYS),
        ) from error
