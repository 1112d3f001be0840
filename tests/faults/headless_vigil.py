"""A Vigil without a window on a virtual radio, for tests that feed it what no device should send."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec

from devices.scan import Radio
from devices.virtual.peripheral import Peripheral
from devices.virtual.radio import VirtualRadio
from devices.virtual.tape import Header, Line, Tape, TapePlayer, load_tape
from monitor import entries as e
from monitor.codec import unseal
from monitor.session import SessionState
from monitor.store import datadir
from monitor.trouble import Trouble
from ui.commands import NewSession
from ui.runtime import Runtime

PATIENCE_S = 30.0

Furnish = Callable[[VirtualRadio], list[Peripheral]]


class Bench:
    """One runtime with the peripherals that `furnish` makes. Close it."""

    def __init__(self, data_dir: Path, furnish: Furnish) -> None:
        self.peripherals: list[Peripheral] = []
        self.troubles: list[Trouble | None] = []
        self._furnish = furnish
        self.runtime = Runtime(
            datadir.open_or_create_demo(data_dir), self._radio, demo=True, on_trouble=self.troubles.append
        )
        self.runtime.start()
        self._open = True

    @asynccontextmanager
    async def _radio(self) -> AsyncIterator[Radio]:
        radio = VirtualRadio()
        await radio.start()
        self.peripherals = self._furnish(radio)
        for peripheral in self.peripherals:
            await peripheral.start()
        try:
            yield Radio(radio.scanner_backend, radio.client_backend)
        finally:
            for peripheral in self.peripherals:
                await peripheral.close()
            await radio.close()

    def close(self) -> None:
        """May be called twice."""
        if self._open:
            self._open = False
            self.runtime.stop()

    def begin(self, *names: str) -> str:
        """A new session with the devices of these names."""
        session = self.runtime.begin(NewSession(code="KAP-1", route="im", demo=True)).result(5)
        for name in names:
            until(partial(self._hears, name))
            self.assign(session, name)
        return session

    def _hears(self, name: str) -> bool:
        return any(s.name == name for s in self.runtime.sightings())

    def assign(self, session: str, name: str) -> None:
        found = next(s for s in self.runtime.sightings() if s.name == name)
        self.runtime.assign(session, found).result(5)

    def state(self, session: str) -> SessionState:
        return self.runtime.live[session].state

    def written(self, session: str) -> list[e.Body]:
        """Every entry on disk once everything so far is there."""
        until(lambda: self.runtime.store.durable_seq(session) >= self.state(session).seq)
        return [unseal(sealed.data)[0].body for sealed in self.runtime.store.read(session)]


def until(condition: Callable[[], object], within: float = PATIENCE_S) -> None:
    """Go on as soon as `condition` holds; the worker has a thread of its own."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.005)


def says(header: Header, characteristic: str, lines: Iterable[bytes], every: float = 0.02) -> Tape:
    """A tape of a device that presents itself as `header` and sends `lines`."""
    return Tape(header, tuple(Line(n * every, characteristic, data.hex()) for n, data in enumerate(lines)))


def header(tape: str, **changes: object) -> Header:
    """How the device of a captured tape presents itself, changed in some respects."""
    return msgspec.structs.replace(load_tape(tape).header, **changes)


def plays(*tapes: Tape, loop: bool = False) -> Furnish:
    return lambda radio: [TapePlayer(radio, tape, loop=loop) for tape in tapes]
