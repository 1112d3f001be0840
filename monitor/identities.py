"""Where it is kept who a patient code is: sealed apart from every log, in versions.

Each correction is a further version; earlier ones stay until all are erased (monitor.store.erasure). A
version is sealed with the database's secret "identity" (AES-256-GCM) for its code and number. The
practice log says that one was kept, never what.
"""

from __future__ import annotations

import secrets
from concurrent.futures import Future

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from monitor.entries import IdentityKept
from monitor.identity import Identity, Known, folded, text_of
from monitor.language import tr
from monitor.practice import PracticeLog
from monitor.store.store import Store
from monitor.trouble import Trouble

_NONCE = 12

UNREADABLE = Trouble(
    tr("Who this patient is cannot be read: the entry is damaged, or of another record."),
    tr("Sessions and monitoring are not touched by this; they know the code alone."),
    tr("Enter name and birth date anew, or restore a backup."),
)


class Identities:
    """Of one store. Reading asks the disk: not on the GUI thread."""

    def __init__(self, store: Store, practice: PracticeLog) -> None:
        self._store, self._practice = store, practice

    @property
    def codes(self) -> list[str]:
        """Codes that ever had an identity, oldest first: none is given twice. Any thread."""
        return list(self._practice.codes)

    def all(self) -> list[Known]:
        """The newest version of every patient, by name; those that cannot be read come last."""
        newest = {code: (version, data) for code, version, data in self._store.identities()}
        known = [self._open(code, version, data) for code, (version, data) in newest.items()]
        return sorted(known, key=lambda one: (one.identity is None, folded(text_of(one))))

    def versions(self, code: str) -> list[Known]:
        """All that was ever kept of one code, oldest first."""
        return [self._open(*row) for row in self._store.identities(code)]

    def of(self, code: str) -> Identity | None:
        """Who this code is now; None where that was never entered. Raises Trouble where it cannot be read."""
        versions = self.versions(code)
        if not versions:
            return None
        if versions[-1].identity is None:
            raise UNREADABLE
        return versions[-1].identity

    def keep(self, code: str, identity: Identity, by: str) -> Future[None]:
        """Keep a first or corrected version, and say in the practice log that it was done.

        On the thread of the practice log. The future is done when it is on disk. Raises Trouble while
        something is erased.
        """
        self._practice.erasing.refuse()
        known = [version for _, version, _ in self._store.identities(code)]
        version = max(self._practice.codes.get(code, 0), *known, 0) + 1
        kept = self._store.keep_identity(code, version, self._seal(code, version, identity))
        self._practice.record(IdentityKept(code=code, number=version), by)
        return kept

    def _seal(self, code: str, version: int, identity: Identity) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        plain = msgspec.json.encode(identity)
        return nonce + self._cipher().encrypt(nonce, plain, _context(code, version))

    def _cipher(self) -> AESGCM:
        # Read when it is wanted: a record that has lost it is still monitored with.
        return AESGCM(self._store.secret("identity"))

    def _open(self, code: str, version: int, data: bytes) -> Known:
        try:
            plain = self._cipher().decrypt(data[:_NONCE], data[_NONCE:], _context(code, version))
            return Known(code, version, msgspec.json.decode(plain, type=Identity))
        except (InvalidTag, ValueError, msgspec.DecodeError):  # ValueError: too short to be sealed
            return Known(code, version, None)


def _context(code: str, version: int) -> bytes:
    # Authenticated beside it: a version fits only its own code and number.
    return f"vigil identity 1 {version} {code}".encode()
