"""A Vigil without a window on a virtual radio, for tests that feed it what no device should send."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import msgspec
from furnished import Furnish, furnished

from devices.tape import Header, Line, Tape
from devices.virtual.peripheral import Peripheral
from devices.virtual.tape import TapePlayer, load_tape
from monitor import entries as e
from monitor.codec import unseal
from monitor.session import SessionState
from monitor.store import datadir
from monitor.trouble import Trouble
from ui.commands import NewSession
from ui.runtime import Runtime
from ui.sound.voice import Voice

PATIENCE_S = 30.0


class Bench:
    """One runtime with the peripherals that `furnish` makes. Close it."""

    def __init__(self, data_dir: Path, furnish: Furnish, voice: Voice | None = None) -> None:
        self.peripherals: list[Peripheral] = []
        self.troubles: list[Trouble | None] = []
        self.runtime = Runtime(
            datadir.open_or_create_demo(data_dir),
            partial(furnished, furnish, self.peripherals),
            voice=voice,
            demo=True,
            on_trouble=self.troubles.append,
        )
        self.runtime.start()
        self._open = True

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
