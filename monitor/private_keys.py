"""A therapist's own key: notes are sealed with its public half, and only the therapist opens the other.

The private half is wrapped by a passphrase of real strength, by a recovery code for paper and, where
wanted, by a PIN together with a random secret in the system's keyring. The key of the database opens
none of these (docs/adr/010-private-notes.md).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

import argon2.low_level
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from monitor.accounts import weak
from monitor.language import tr
from monitor.store import keys
from monitor.store.keys import LANES, MEMORY_KIB, TIME_COST, Keys, Locked
from monitor.store.recovery import BadCode, read_code
from monitor.trouble import Trouble

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
"""HPKE, RFC 9180, in base mode."""

SHORTEST = 12
"""Characters of a passphrase."""

LEAST_GUESSES_LOG10 = 14.0
"""As zxcvbn counts them. Argon2id at our costs takes some 50 ms of a processor and 64 MiB a guess: of
10^14 guesses half are made in 80,000 years of processors, which nobody rents for one therapist's notes."""

_LONGEST_JUDGED = 72  # zxcvbn judges no more; what follows only adds

FORGOTTEN = (
    tr("Private notes stay closed; nothing was changed."),
    tr("Try again, or use the recovery code from paper. Nobody else can open them."),
)


NO_PIN = (
    tr("No PIN opens these private notes now."),
    tr("They stay closed; with a new PIN the old one opens them no more."),
    tr("Use the passphrase, or the recovery code from paper; then the PIN can be chosen there again."),
)


class BadBox(ValueError):
    """A box that this key does not open: altered, another's, or of another session."""


class KeyPair(msgspec.Struct, frozen=True):
    """The public key, and the private one wrapped, once per way to open it."""

    public: bytes
    keys: Keys

    @property
    def name(self) -> str:
        """By which it is kept: the person, and the beginning of the public key's SHA-256."""
        return self.keys.store

    @property
    def in_keyring(self) -> str:
        """The name by which to ask the system keyring."""
        return self.keys.in_keyring

    @property
    def has_pin(self) -> bool:
        """Whether a PIN opens it on the computer whose keyring has the secret."""
        return "keyring" in self.keys.ways


def row_name(person: str, public: bytes) -> str:
    """Where a key pair lies in the table `account`, beside the person's PIN."""
    return f"{person}/private-key/{hashlib.sha256(public).hexdigest()[:16]}"


# --- making and opening -------------------------------------------------------------------


def make(person: str, passphrase: str) -> tuple[KeyPair, str]:
    """A new key for `person`, and its recovery code, which is kept nowhere. Raises Trouble where the
    passphrase is weak. Takes a tenth of a second."""
    refuse_weak(passphrase)
    private = X25519PrivateKey.generate()
    public, secret = private.public_key().public_bytes_raw(), private.private_bytes_raw()
    wrapped = keys.with_passphrase(Keys(row_name(person, public)), secret, passphrase)
    wrapped, code = keys.with_recovery(wrapped, secret)
    return KeyPair(public, wrapped), code


def with_passphrase(pair: KeyPair, private: bytes, passphrase: str) -> KeyPair:
    """Another passphrase in place of the old one. Raises Trouble where it is weak."""
    refuse_weak(passphrase)
    return KeyPair(pair.public, keys.with_passphrase(pair.keys, private, passphrase))


def renamed(pair: KeyPair) -> KeyPair:
    """With a new name for the secret in the keyring: the one before holds until this pair is kept."""
    return KeyPair(pair.public, keys.renamed(pair.keys))


def with_pin(pair: KeyPair, private: bytes, pin: str, secret: bytes) -> KeyPair:
    """Open with this PIN, too, wherever the keyring gives `secret` (32 random bytes). Raises Trouble for
    what is no PIN or easily guessed."""
    if (why := weak(pin)) is not None:
        raise why
    return KeyPair(pair.public, keys.with_secret(pair.keys, "keyring", private, _both(pair, pin, secret)))


def unlock(pair: KeyPair, typed: str, keyring: Callable[[], bytes] | None = None) -> bytes:
    """The private key, by whichever was typed: recovery code, PIN, passphrase. `keyring` gives the secret
    that belongs to the PIN. Raises Locked. Takes a tenth of a second or two."""
    private = _unlock(pair, typed, keyring)
    if X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw() != pair.public:
        raise Trouble(
            tr("The public key of these private notes is not the one that belongs to them."),
            tr("Somebody has changed it: what was written since could be read by others."),
            tr("Write no more private notes, and let `vigil verify` look at the practice log."),
        )
    return private


def _unlock(pair: KeyPair, typed: str, keyring: Callable[[], bytes] | None) -> bytes:
    try:
        return keys.unlock_with_secret(pair.keys, "recovery", read_code(typed))
    except (BadCode, Locked):
        pass
    if keyring is not None and pair.has_pin and typed.isdecimal():
        try:
            return keys.unlock_with_secret(pair.keys, "keyring", _both(pair, typed, keyring()))
        except Locked as error:
            raise Locked(
                tr("This PIN does not open the private notes on this computer."), *FORGOTTEN
            ) from error
    try:
        return keys.unlock_with_passphrase(pair.keys, typed)
    except Locked as error:
        if typed.isdecimal() and not pair.has_pin:
            raise Locked(*NO_PIN) from error
        raise Locked(tr("This does not open the private notes."), *FORGOTTEN) from error


def _both(pair: KeyPair, pin: str, secret: bytes) -> bytes:
    # The secret alone is beyond guessing. The PIN is stretched for the case that the keyring is read, too;
    # that buys hours, no more.
    salt = hashlib.sha256(b"vigil private notes pin 1" + pair.public).digest()[:16]
    slow = argon2.low_level.hash_secret_raw(
        pin.encode(), salt, TIME_COST, MEMORY_KIB, LANES, 32, argon2.low_level.Type.ID
    )
    return hmac.digest(secret, slow, "sha256")


# --- strength -----------------------------------------------------------------------------


def refuse_weak(passphrase: str) -> None:
    """Raises Trouble where a passphrase could be guessed by somebody who has the whole database."""
    # Half a second of word lists, which nobody else needs.
    from zxcvbn import zxcvbn

    if len(passphrase) < SHORTEST:
        raise _weak(tr("The passphrase is too short: at least {shortest} characters.", shortest=SHORTEST))
    if zxcvbn(passphrase[:_LONGEST_JUDGED])["guesses_log10"] < LEAST_GUESSES_LOG10:
        raise _weak(tr("The passphrase could be guessed."))


def _weak(happened: str) -> Trouble:
    return Trouble(
        happened,
        tr("Whoever copies the record could try passphrases for years; nothing was kept."),
        tr("Take four or more words that do not belong together."),
    )


# --- boxes --------------------------------------------------------------------------------


def seal(public: bytes, person: str, session: str, text: str) -> bytes:
    """A note, sealed for this public key, person and session."""
    key = X25519PublicKey.from_public_bytes(public)
    return SUITE.encrypt(text.encode("utf-8", "surrogatepass"), key, _info(person, session))


def open_box(private: bytes, person: str, session: str, box: bytes) -> str:
    """The note in a box. Raises BadBox, which quotes nothing."""
    key = X25519PrivateKey.from_private_bytes(private)
    try:
        return SUITE.decrypt(box, key, _info(person, session)).decode("utf-8", "surrogatepass")
    except (InvalidTag, ValueError) as error:
        raise BadBox(tr("this box is not opened by this key")) from error


def _info(person: str, session: str) -> bytes:
    # Authenticated: a box fits only its own person and session.
    return f"vigil private note 1 {person} {session}".encode()
