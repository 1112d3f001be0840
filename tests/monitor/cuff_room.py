"""A running session with a cuff and a clock moved by hand, for tests of pressure measuring."""

from __future__ import annotations

from concurrent.futures import Future

from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.clock import HandClock
from monitor.codec import Entry, Sealed
from monitor.cuff import Measurement, typed
from monitor.live import LiveSession
from monitor.session import SessionState
from monitor.vitals import CuffPressure, CuffReading, Event

CUFF = "c"


class MemoryLog:
    """Keeps everything and is always done at once."""

    def __init__(self) -> None:
        self.sealed: list[Sealed] = []
        self.no_room = ""

    def append(self, log_id: str, sealed: Sealed, urgent: bool) -> Future[None]:
        self.sealed.append(sealed)
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def add_chunk(self, log_id: str, device: str, second: int, data: bytes) -> None:
        """No waveform here."""


class CuffRoom:
    """`remote`: whether Vigil can inflate the cuff."""

    def __init__(self, remote: bool = True) -> None:
        self.clock = HandClock()
        self.log = MemoryLog()
        self.published: list[Entry] = []
        self.session = self._new_session()
        self.session.open(e.SessionOpened(code="KAP-1", route="im", preset="im"), by="therapist")
        self.session.record(
            e.DeviceAssigned(
                device=CUFF, role="cuff", driver="x", name="Cuff", address="1", remote_start=remote
            ),
            by="therapist",
        )
        self.session.record(e.DeviceConfirmed(device=CUFF, arm="left"), by="therapist")

    def _new_session(self) -> LiveSession:
        return LiveSession("log", self.log, self.clock, load_preset("im"), self.published.append)

    # --- what happens ---------------------------------------------------------------------

    def wait(self, seconds: float, tick_s: float = 0.5) -> None:
        """Nothing comes; the worker ticks."""
        left_ns = round(seconds * 1e9)
        step_ns = round(tick_s * 1e9)
        while left_ns > 0:
            passed = min(step_ns, left_ns)
            self.clock.advance(passed / 1e9)
            self.session.tick()
            left_ns -= passed

    def says(self, event: Event, device: str = CUFF) -> None:
        self.session.arrived(device, [event], b"", self.clock.now())

    def ask(self) -> None:
        self.session.record(e.CuffAsked(device=CUFF), by="therapist")

    def cancel(self) -> None:
        self.session.record(e.CuffCancelled(device=CUFF), by="therapist")

    def schedule(self, every_min: float | None) -> None:
        self.session.record(e.CuffScheduleSet(every_min=every_min), by="therapist")

    def type_in(self, systolic: float = 131) -> int:
        """Somebody types a reading; returns its entry."""
        self.session.record(typed(systolic, 79), by="therapist")
        return max(cuff.entry for cuff in self.state.pressures.all)

    def take_back(self, entry: int) -> None:
        self.session.record(e.Retracted(entry=entry), by="therapist")

    def away(self) -> None:
        """The cuff could not even be told to inflate."""
        self.session.cuff_not_reached(CUFF, "the cuff is not connected")

    def sleep(self, seconds: float) -> None:
        """The computer sleeps: nothing ticks. What comes next wakes it."""
        self.clock.advance(seconds)

    def fail_twice(self) -> None:
        """A request, its failure, the retry, and its failure."""
        for _ in range(2):
            if self.running is None:
                self.ask()
            self.says(CuffReading(failure="the arm moved"))
            self.wait(181)

    def die_and_resume(self, after_s: float) -> None:
        """What kill -9 leaves is the bytes; a new process begins with those."""
        self.clock.restart("run-1", after_s)
        self.session = self._new_session()
        for _ in self.session.restore(list(self.log.sealed)):
            pass
        self.session.take_up()

    def step(self, what: str, seconds: int, tick_s: float) -> None:
        """One step of a made-up story."""
        match what:
            case "wait":
                self.wait(seconds, tick_s)
            case "ask":
                self.ask()
            case "cancel":
                self.cancel()
            case "pressure":
                self.says(CuffPressure(mmhg=90.0))
            case "good":
                self.says(CuffReading(systolic=128, diastolic=82))
            case "bad":
                self.says(CuffReading(failure="the arm moved"))
            case "hold":
                self.session.record(e.CuffHeld(minutes=5), by="therapist")
            case "free":
                self.session.record(e.CuffHeld(minutes=0), by="therapist")
            case "typed":
                self.session.record(typed(120, 80), by="therapist")
            case "schedule":
                self.schedule(3)
            case "unschedule":
                self.schedule(None)
            case "moved":
                self.session.record(e.CuffMoved(device=CUFF), by="therapist")
            case "away":
                self.away()
            case "sleep":
                self.sleep(seconds)
                self.session.tick()
            case "take back":
                self.take_back(max((c.entry for c in self.state.pressures.all if c.typed), default=0))

    # --- what came of it ------------------------------------------------------------------

    @property
    def state(self) -> SessionState:
        return self.session.state

    @property
    def running(self) -> Measurement | None:
        return self.state.control.running

    @property
    def now_ms(self) -> int:
        return self.session.now_ms

    def kinds(self) -> list[str]:
        return [entry.body.kind for entry in self.published]

    def taken(self) -> list[e.CuffTaken]:
        return [entry.body for entry in self.published if isinstance(entry.body, e.CuffTaken)]

    def asked(self, trigger: str) -> int:
        """How often a measurement was asked for so."""
        bodies = [entry.body for entry in self.published]
        return sum(isinstance(body, e.CuffAsked) and body.trigger == trigger for body in bodies)

    def first(self, kind: type[e.Body]) -> Entry:
        return next(entry for entry in self.published if isinstance(entry.body, kind))
