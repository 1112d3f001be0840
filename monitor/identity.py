"""Who a patient code is: name, birth date and programme fields, sealed apart from every log.

A session knows the code alone. Each correction is a further version; earlier ones stay until all are
erased. A version is sealed with the database's secret "identity" (AES-256-GCM) for its code and number.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from datetime import date

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from monitor.entries import IdentityErased, IdentityKept
from monitor.practice import PracticeLog
from monitor.store.store import Store
from monitor.trouble import Trouble

LONGEST_NAME = 200
LONGEST_FIELD = 80
OLDEST_YEARS = 130
"""Nobody has been older (the longest documented life was 122 years): the year is a slip."""

_NONCE = 12

UNREADABLE = Trouble(
    "Who this patient is cannot be read: the entry is damaged, or of another record.",
    "Sessions and monitoring are not touched by this; they know the code alone.",
    "Enter name and birth date anew, or restore a backup.",
)


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Two identifiers, and what programmes ask for. It shows nothing of itself in texts."""

    name: str
    birth_date: str
    """ISO 8601: 1984-03-12."""
    fields: dict[str, str] = {}
    """By id of care/programme.toml; only those that are known."""
    demo: bool = False
    """Made up, for a demo."""

    def __repr__(self) -> str:
        return "Identity(…)"

    @property
    def born(self) -> str:
        """The birth date as it is read aloud: 12 March 1984."""
        day = date.fromisoformat(self.birth_date)
        return f"{day.day} {day:%B %Y}"


class Known(msgspec.Struct, frozen=True):
    """One version of who a code is; `identity` is None where it cannot be read."""

    code: str
    version: int
    identity: Identity | None


def entered(
    name: str, birth_date: str, fields: Mapping[str, str], today: date, *, demo: bool = False
) -> Identity:
    """What a person has typed. Raises Trouble, never quoting it, for what can be nobody's."""
    name = _plain(name)
    if not any(c.isalpha() for c in name):
        raise _wrong("The name is missing.", "Type the patient's name as it stands in their papers.")
    if len(name) > LONGEST_NAME:
        raise _wrong("The name is too long.", f"Shorten it to {LONGEST_NAME} characters.")
    try:
        born = date.fromisoformat(birth_date.strip())
    except ValueError:
        raise _wrong("The birth date was not understood.", "Type year-month-day: 1984-03-12.") from None
    if born > today:
        raise _wrong("The birth date lies in the future.", "Compare it with the patient's papers.")
    if born.year < today.year - OLDEST_YEARS:
        raise _wrong("The birth date is too long ago.", "Compare the year with the patient's papers.")
    kept = {key: text for key, value in fields.items() if (text := _plain(value)[:LONGEST_FIELD])}
    return Identity(name=name, birth_date=born.isoformat(), fields=kept, demo=demo)


def find(known: Iterable[Known], typed: str) -> list[Known]:
    """Those whose name, birth date or code holds every word typed; accents and case do not matter."""
    words = _folded(typed).split()
    return [one for one in known if all(word in _folded(_text_of(one)) for word in words)]


class Identities:
    """Of one store. Reading asks the disk: not on the GUI thread."""

    def __init__(self, store: Store, practice: PracticeLog) -> None:
        self._store, self._practice = store, practice
        self._cipher = AESGCM(store.secret("identity"))

    def all(self) -> list[Known]:
        """The newest version of every patient, by name; those that cannot be read come last."""
        newest = {code: (version, data) for code, version, data in self._store.identities()}
        known = [self._open(code, version, data) for code, (version, data) in newest.items()]
        return sorted(known, key=lambda one: (one.identity is None, _folded(_text_of(one))))

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

        On the thread of the practice log. The future is done when it is on disk.
        """
        known = [version for _, version, _ in self._store.identities(code)]
        version = max(self._practice.codes.get(code, 0), *known, 0) + 1
        kept = self._store.keep_identity(code, version, self._seal(code, version, identity))
        self._practice.record(IdentityKept(code=code, number=version), by)
        return kept

    def erase(self, code: str, by: str, reason: str) -> Future[None]:
        """Delete all versions; the practice log keeps that it was done. On the practice log's thread.

        Where a crash comes between the two, the word of it stands and the patient is still listed.
        """
        self._practice.record(IdentityErased(code=code, reason=reason), by)
        return self._store.erase_identity(code)

    def _seal(self, code: str, version: int, identity: Identity) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        plain = msgspec.json.encode(identity)
        return nonce + self._cipher.encrypt(nonce, plain, _context(code, version))

    def _open(self, code: str, version: int, data: bytes) -> Known:
        try:
            plain = self._cipher.decrypt(data[:_NONCE], data[_NONCE:], _context(code, version))
            return Known(code, version, msgspec.json.decode(plain, type=Identity))
        except (InvalidTag, ValueError, msgspec.DecodeError):  # ValueError: too short to be sealed
            return Known(code, version, None)


def _context(code: str, version: int) -> bytes:
    # Authenticated beside it: a version fits only its own code and number.
    return f"vigil identity 1 {version} {code}".encode()


def _plain(typed: str) -> str:
    """Composed, without control characters, with single spaces."""
    composed = unicodedata.normalize("NFC", typed)
    # Cc, Cs: control characters and halves of a character, which no file can hold.
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in composed)
    return " ".join(kept.split())


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def _text_of(one: Known) -> str:
    if one.identity is None:
        return one.code
    return f"{one.identity.name} {one.code} {one.identity.birth_date} {one.identity.born}"


def _wrong(happened: str, todo: str) -> Trouble:
    return Trouble(happened, "Nothing was kept.", todo)
