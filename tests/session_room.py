"""A running session in memory, with a clock moved by hand: for tests of what a LiveSession writes."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TypeVar

from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.clock import HandClock
from monitor.codec import Entry, Sealed
from monitor.live import LiveSession
from monitor.vitals import Reading

B = TypeVar("B", bound=e.Body)


class MemoryLog:
    """A store that keeps everything and is always done at once."""

    def __init__(self) -> None:
        self.sealed: list[Sealed] = []
        self.urgent: list[bool] = []
        self.chunks: list[tuple[str, int, bytes]] = []
        self.no_room = ""

    def append(self, log_id: str, sealed: Sealed, urgent: bool) -> Future[None]:
        self.sealed.append(sealed)
        self.urgent.append(urgent)
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def add_chunk(self, log_id: str, device: str, second: int, data: bytes) -> None:
        self.chunks.append((device, second, data))


class Room:
    """A running session with a clock moved by hand."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.log = MemoryLog()
        self.published: list[Entry] = []
        self.session = self.new_session()
        self.session.open(e.SessionOpened(code="KAP-1", route="im", preset="im"), by="therapist")
        self.session.record(
            e.DeviceAssigned(device="o", role="oximeter", driver="mightysat", name="MightySat", address="1"),
            by="therapist",
        )
        self.link("live")

    def new_session(self) -> LiveSession:
        return LiveSession("log", self.log, self.clock, load_preset("im"), self.published.append)

    def link(self, state: str, reason: str = "") -> None:
        self.session.link_changed("o", state, reason, self.clock.now())

    def breathe(self, seconds: int, spo2: float | None = 97.0, pulse: float | None = 70.0) -> None:
        """One reading a second, with the ticks a worker would make."""
        for _ in range(seconds):
            now = self.clock.advance(1)
            self.session.arrived("o", [Reading(spo2=spo2, pulse=pulse)], b"\x01", now)
            self.session.tick()

    def wait(self, seconds: int) -> None:
        """Nothing comes; the worker goes on ticking."""
        for _ in range(seconds):
            self.clock.advance(1)
            self.session.tick()

    def bodies(self, kind: type[B]) -> list[B]:
        return [entry.body for entry in self.published if isinstance(entry.body, kind)]

    def conditions(self, state: str) -> list[str]:
        return [b.condition for b in self.bodies(e.AlarmChanged) if b.state == state]

    def die_and_resume(self, after_s: float) -> None:
        """What kill -9 leaves is the bytes; a new process begins with those."""
        self.clock.restart(f"{self.clock.run}+", after_s)
        self.session = self.new_session()
        for _ in self.session.restore(list(self.log.sealed)):
            pass
        self.session.take_up()
