"""A secret in the operating system's keyring, asked for with a time limit.

Only keyrings of the operating system are used: a backend that keeps secrets in a plain file, or
nowhere, is as good as none.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

from monitor.language import tr
from monitor.store.keys import Locked

SERVICE = "Vigil"

PATIENCE_S = 30.0
"""The system may ask the person for the login password; longer than this, something hangs."""

_REAL = ("macOS", "SecretService", "libsecret", "kwallet", "Windows")

_T = TypeVar("_T")


def system_keyring() -> KeyringBackend | None:
    """The operating system's keyring, None where there is none that can be trusted."""
    import keyring

    chosen = keyring.get_keyring()
    # A chainer stands in front of several backends, best first.
    candidates = list(getattr(chosen, "backends", [chosen]))
    return next((backend for backend in candidates if is_real(backend)), None)


def is_real(backend: KeyringBackend) -> bool:
    """Whether a backend belongs to the operating system."""
    return type(backend).__module__ in {f"keyring.backends.{name}" for name in _REAL}


def put_secret(backend: KeyringBackend, store: str, patience_s: float = PATIENCE_S) -> bytes:
    """Put a new random secret for `store` into the keyring and return it. Raises Locked."""
    secret = secrets.token_bytes(32)
    _ask(lambda: backend.set_password(SERVICE, store, secret.hex()), patience_s)
    return secret


def get_secret(backend: KeyringBackend, store: str, patience_s: float = PATIENCE_S) -> bytes:
    """The secret for `store`. Raises Locked where the keyring refuses, hangs or has none."""
    answer = _ask(lambda: backend.get_password(SERVICE, store), patience_s)
    try:
        return bytes.fromhex(answer or "none")
    except ValueError as error:
        raise _refused() from error


def drop_secret(backend: KeyringBackend, store: str, patience_s: float = PATIENCE_S) -> None:
    """Take a secret that nothing needs any more out of the keyring. One that stays opens nothing."""
    with suppress(Locked):
        _ask(lambda: backend.delete_password(SERVICE, store), patience_s)


def _ask(question: Callable[[], _T], patience_s: float) -> _T:
    answers: list[_T] = []
    errors: list[KeyringError] = []

    def run() -> None:
        try:
            answers.append(question())
        except KeyringError as error:
            errors.append(error)

    asking = threading.Thread(target=run, name="keyring", daemon=True)
    asking.start()
    asking.join(patience_s)
    if not answers:
        raise _refused() from (errors[0] if errors else None)
    return answers[0]


def _refused() -> Locked:
    return Locked(
        tr("The system keyring did not give the key of this store."),
        tr("The store stays locked; nothing was changed."),
        tr("Unlock the keyring and try again, or use the passphrase or the recovery code."),
    )
