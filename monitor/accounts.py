"""Accounts of this computer: a person proves with their PIN who they are; wrong PINs slow down.

What waits after wrong PINs is an interval, not a time of day: setting the clock opens nothing, and
where Vigil is started again the wait begins anew. Nobody is ever locked out for good.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from itertools import pairwise
from math import ceil

import argon2
import msgspec

from monitor.clock import Clock
from monitor.language import tr
from monitor.people import RETIRED, People
from monitor.store.keys import LANES, MEMORY_KIB, TIME_COST
from monitor.store.store import Store
from monitor.trouble import Trouble

SHORTEST, LONGEST = 4, 12
"""Digits of a PIN."""

DELAYS_S = (0, 0, 0, 0, 5, 15, 60, 300)
"""How long to wait after so many wrong PINs, the last for all beyond: of 10,000 PINs half are tried
in 17 days, and each try stands in the practice log."""

_ON_THE_KEYS = ("2580", "0852", "1379", "1397")


class Proof:
    """Who somebody says they are, and their PIN. It says nothing of the PIN anywhere."""

    __slots__ = ("person", "pin")

    def __init__(self, person: str, pin: str) -> None:
        self.person = person
        self.pin = pin

    def __repr__(self) -> str:
        return f"Proof({self.person!r}, …)"


class WrongPin(Trouble):
    """The PIN is not this person's; `count` wrong ones since the last right one."""

    def __init__(self, person: str, count: int) -> None:
        wait = delay_s(count)
        then = tr("Wait {wait} s, then try again", wait=wait) if wait else tr("Try again")
        super().__init__(
            tr("The PIN is wrong."),
            tr("Nothing was changed; the practice log notes it."),
            tr("{then}; an administrator can set a new one.", then=then),
        )
        self.person, self.count = person, count


class TooSoon(Trouble):
    """Wrong PINs came before: nothing is checked for another `wait_s` seconds."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(
            tr("Too many wrong PINs: wait {wait_s} s.", wait_s=ceil(wait_s)),
            tr("Nothing was changed; observations, alarms and everything urgent go on without a PIN."),
            tr("Try again after that; an administrator can set a new PIN."),
        )
        self.wait_s = wait_s


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a row of the table `account`."""

    pin: str = ""
    """argon2id, as argon2 writes it; "" where no PIN was set."""
    failures: int = 0
    """Wrong PINs since the last right one."""


class Accounts:
    """Every method may be called from any thread. `check` and `set_pin` take 50–100 ms of a processor:
    never on a thread that ticks."""

    def __init__(
        self, store: Store, people: People, clock: Clock, hasher: argon2.PasswordHasher | None = None
    ) -> None:
        self._store, self._people, self._clock = store, people, clock
        self._hasher = hasher or argon2.PasswordHasher(TIME_COST, MEMORY_KIB, LANES)
        self._checking = threading.Lock()
        """One PIN at a time: tries side by side would outrun the count."""
        self._guard = threading.Lock()
        self._known = {person: _read(data) for person, data in store.accounts().items()}
        begun = clock.now().mono_ns
        self._failed_ns = dict.fromkeys(self._known, begun)

    def has_pin(self, person: str) -> bool:
        """Whether this person can prove who they are."""
        return bool(self.of(person).pin)

    def of(self, person: str) -> Account:
        """What is kept of this person; an empty account where nothing is."""
        return self._known.get(person, Account())

    def wait_s(self, person: str) -> float:
        """How many seconds no PIN of this person is checked; 0 where one may be tried now."""
        wait = delay_s(self.of(person).failures)
        if not wait:
            return 0.0
        passed = (self._clock.now().mono_ns - self._failed_ns.get(person, 0)) / 1e9
        return max(0.0, wait - max(0.0, passed))

    def check(self, proof: Proof) -> None:
        """Return where the PIN is this person's. Raises WrongPin, TooSoon, or Trouble: unknown, retired,
        no PIN yet."""
        person = self._people.all.get(proof.person)
        if person is None:
            raise _UNKNOWN
        if not person.active:
            raise RETIRED
        with self._checking:
            account = self.of(proof.person)
            if not account.pin:
                raise _NO_PIN
            if (wait_s := self.wait_s(proof.person)) > 0:
                raise TooSoon(wait_s)
            # Counted before it is tried: whoever ends Vigil at the right moment gains nothing.
            count = account.failures + 1
            self.keep(proof.person, failures=count)
            try:
                self._hasher.verify(account.pin, proof.pin)
            except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
                self._failed_ns[proof.person] = self._clock.now().mono_ns
                raise WrongPin(proof.person, count) from None
            self.keep(proof.person, failures=0)

    def set_pin(self, person: str, pin: str) -> Future[None]:
        """Give a person a new PIN; the future is done when it is kept. Raises Trouble for one that is no
        PIN or easily guessed."""
        if (why := weak(pin)) is not None:
            raise why
        return self.keep(person, pin=self._hasher.hash(pin), failures=0)

    def keep(self, person: str, **fields: object) -> Future[None]:
        """Change these fields of an account and keep it; the future is done when they are on disk."""
        with self._guard:
            changed = msgspec.structs.replace(self.of(person), **fields)
            self._known[person] = changed
            return self._store.keep_account(person, msgspec.json.encode(changed))


def delay_s(failures: int) -> int:
    """Seconds to wait after so many wrong PINs."""
    return DELAYS_S[min(failures, len(DELAYS_S) - 1)]


def weak(pin: str) -> Trouble | None:
    """Why this cannot be a PIN, in words; None where it can."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        return _refused(tr("A PIN has {shortest} to {longest} digits.", shortest=SHORTEST, longest=LONGEST))
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    pairs = pin == (pin[:2] * LONGEST)[: len(pin)]
    if steps in ({0}, {1}, {9}) or pairs or pin in _ON_THE_KEYS:
        return _refused(tr("This PIN is easily guessed."))
    return None


def _refused(why: str) -> Trouble:
    return Trouble(
        why, tr("It was not set."), tr("Choose another: no row of digits, none repeated throughout.")
    )


def _read(data: bytes) -> Account:
    try:
        return msgspec.json.decode(data, type=Account)
    except msgspec.DecodeError:
        return Account()  # no PIN opens it; an administrator sets a new one


_UNKNOWN = Trouble(
    tr("Nobody of this practice is known by this name."),
    tr("Nothing was changed."),
    tr("Choose who you are in the list."),
)
_NO_PIN = Trouble(
    tr("This person has no PIN yet."),
    tr("Nothing was changed."),
    tr("An administrator sets one on the home screen."),
)
