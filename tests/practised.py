"""A runtime in a practice whose people are known by name: for tests of who may do what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import argon2

from devices.scan import Radio
from devices.virtual.radio import VirtualRadio
from monitor import entries as e
from monitor.accounts import Accounts, Proof
from monitor.clock import HandClock
from monitor.codec import Entry, unseal
from monitor.practice import PRACTICE_LOG
from monitor.store import datadir
from monitor.store.store import Store
from ui.commands import NewSession
from ui.runtime import Runtime

B = TypeVar("B", bound=e.Body)

PINS = {"ada": "271828", "tom": "314159", "pia": "141421", "nia": "173205"}
ROLES = {
    "ada": ("administrator",),
    "tom": ("therapist",),
    "pia": ("physician",),
    "nia": ("nurse", "therapist"),
}
WRONG = "999000"


@asynccontextmanager
async def silence() -> AsyncIterator[Radio]:
    """Bluetooth that works, with nothing in the air."""
    radio = VirtualRadio()
    await radio.start()
    try:
        yield Radio(radio.scanner_backend, radio.client_backend)
    finally:
        await radio.close()


def quick(accounts: Accounts) -> None:
    """PINs of no worth are checked in no time."""
    accounts._hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Practised:
    """The practice: `ids` by the short names of PINS; and one session, in which nobody has said who they
    are."""

    def __init__(self, data_dir: Path, *, people: bool = True) -> None:
        self.clock = HandClock()
        self.store: Store = datadir.create_demo(data_dir)
        self.runtime = Runtime(self.store, silence, clock=self.clock, demo=True)
        quick(self.runtime.accounts)
        self.runtime.start()
        self.ids: dict[str, str] = {}
        if people:
            for short in PINS:
                self.add(short)
        self.session = self.begin()

    def add(self, short: str) -> str:
        """Somebody of PINS, added by Ada, the first."""
        proof = self.proof("ada") if self.ids else None
        name = f"{short.title()} Doe"
        added = self.runtime.add_person(name, ROLES[short], PINS[short], proof).result(5)
        self.ids[short] = added
        return added

    def begin(self) -> str:
        return self.runtime.begin(NewSession(code="KAP-1", route="im", demo=True)).result(5)

    def proof(self, short: str, pin: str | None = None) -> Proof:
        return Proof(self.ids[short], PINS[short] if pin is None else pin)

    def act(self, short: str, role: str) -> None:
        """Somebody says with their PIN that they act from here on."""
        body = e.ActingAs(role=role, person=self.ids[short])
        self.runtime.record(self.session, body, proof=self.proof(short)).result(5)

    @property
    def state(self):  # type: ignore[no-untyped-def]
        return self.runtime.live[self.session].state

    def practice_log(self) -> list[Entry]:
        """What stands in the practice log on disk."""
        self.store.run(lambda engine: None).result(5)
        return [unseal(sealed.data)[0] for sealed in self.store.read(PRACTICE_LOG)]

    def practice(self, kind: type[B]) -> list[B]:
        return [entry.body for entry in self.practice_log() if isinstance(entry.body, kind)]

    def close(self) -> None:
        self.runtime.stop()
