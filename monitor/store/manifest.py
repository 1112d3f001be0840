"""What a backup says of itself, authenticated: which files, which logs, how far each, when it may go."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

import msgspec

from monitor.language import tr
from monitor.store.files import write_whole

MANIFEST = "manifest.json"


class Head(msgspec.Struct, frozen=True):
    """How far a log goes in the backup; `digest` is the hex SHA-256 of entry `seq`."""

    log: str
    kind: str
    seq: int
    digest: str


class File(msgspec.Struct, frozen=True):
    """A file of the backup: its size in bytes and its hex SHA-256."""

    size: int
    sha256: str


class Fault(msgspec.Struct, frozen=True, order=True):
    """What was already wrong with the record when the backup was made: entry `seq`, 0 for the log."""

    log: str
    seq: int


class Manifest(msgspec.Struct, frozen=True):
    """What stands in manifest.json. No patient is named in it."""

    name: str
    store: str
    """The random name of the store, as in keys.json."""
    app: str
    schema: str
    made_utc: str
    expires: str
    """The day from which the backup may be deleted."""
    logs: list[Head]
    files: dict[str, File]
    """By path inside the backup, with forward slashes."""
    faults: list[Fault] = []
    demo: bool = False
    version: int = 1


class Altered(ValueError):
    """The file is not what Vigil wrote with this secret, or is missing."""


class _Sealed(msgspec.Struct):
    says: msgspec.Raw
    mac: str


def write(path: Path, says: msgspec.Struct, secret: bytes) -> str:
    """Write `says` with its authentication; the hex SHA-256 of the file. Raises OSError."""
    plain = msgspec.json.encode(says, order="sorted")
    data = msgspec.json.encode(_Sealed(msgspec.Raw(plain), _mac(plain, secret))) + b"\n"
    write_whole(path, data)
    return hashlib.sha256(data).hexdigest()


def read(path: Path, secret: bytes) -> Manifest:
    """An authentic manifest. Raises Altered, OSError."""
    return _manifest(authentic(path, secret))


def authentic(path: Path, secret: bytes) -> bytes:
    """What `write` put into a file, as JSON. Raises Altered, OSError."""
    says, mac = _parts(path)
    if not hmac.compare_digest(mac.encode(), _mac(says, secret).encode()):
        raise Altered(tr("not written with this secret"))
    return says


def glance(path: Path) -> Manifest:
    """A manifest as it says, not yet authenticated. Raises Altered, OSError."""
    return _manifest(_parts(path)[0])


def measure(path: Path) -> File:
    """The size and digest of a file as it lies on the disk. Raises OSError."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
        return File(os.fstat(file.fileno()).st_size, digest.hexdigest())


def _parts(path: Path) -> tuple[bytes, str]:
    try:
        sealed = msgspec.json.decode(path.read_bytes(), type=_Sealed)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Altered(tr("no manifest")) from error
    return bytes(sealed.says), sealed.mac


def _manifest(says: bytes) -> Manifest:
    try:
        found = msgspec.json.decode(says, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Altered(tr("no manifest")) from error
    if found.version != 1:
        raise Altered(tr("a manifest of a newer Vigil"))
    return found


def _mac(plain: bytes, secret: bytes) -> str:
    key = hmac.digest(secret, b"vigil backup 1", "sha256")
    return hmac.digest(key, plain, "sha256").hex()
