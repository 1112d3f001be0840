"""A busy session in a process of its own, to be killed or starved; it says what was acknowledged.

`python -m bench.busy DATA_DIR LOG [SECONDS]` runs it by itself, for so long. Every line that it writes is
one `write` to a pipe, in the moment it became true:

    in LOG SEQ              an entry was handed to the store
    ok LOG SEQ DIGEST       its future is done: it is promised to be on disk
    refused WAITING         the disk refuses; so many rows wait in memory
    alive READINGS ALARMS   while it refuses: readings since then, and the conditions of high alarms present
    written                 what waited is on disk again
    whole SEQ               the session was left, everything written

Session time runs SPEED times as fast as the clock on the wall: seconds hold alarms, chunks and gaps.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from uuid import uuid4

from sqlalchemy import event

from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.clock import Instant, interval_ns
from monitor.codec import Sealed
from monitor.live import LiveSession
from monitor.store.store import Store
from monitor.trouble import Trouble
from monitor.vitals import Reading, Vital, Waveform
from ui.faults import Faults

KEY = bytes(range(32))
SPEED = 20
STEP_S = 0.002  # of the wall: 0.04 s of session time
SAMPLES = 5  # of the waveform in a step: 125 Hz
LOW_S, EVERY_S = 20.0, 60.0  # of session time: so long, so often is the SpO2 low
DEVICES = ("oximeter-1", "oximeter-2")


FAILING = "VIGIL_BENCH_FAILING_COMMITS"
"""In the environment, FIRST,LAST: these commits of the process fail with EIO."""


class QuickClock:
    """Both clocks run SPEED times too fast, and agree between processes."""

    def __init__(self) -> None:
        self.run = uuid4().hex[:12]

    def now(self) -> Instant:
        utc = datetime.fromtimestamp(time.time() * SPEED, UTC)
        return Instant(self.run, interval_ns() * SPEED, utc.isoformat(timespec="microseconds"))


class Telling:
    """A store that says what it was given and what it acknowledged."""

    def __init__(self, store: Store, tell: Callable[[str], None]) -> None:
        self._store, self._tell = store, tell
        self.add_chunk = store.add_chunk

    @property
    def no_room(self) -> str:
        return self._store.no_room

    def append(self, log_id: str, sealed: Sealed, urgent: bool) -> Future[None]:
        self._tell(f"in {log_id} {sealed.seq}")
        saved = self._store.append(log_id, sealed, urgent)
        saved.add_done_callback(partial(self._done, f"ok {log_id} {sealed.seq} {sealed.digest}"))
        return saved

    def _done(self, line: str, saved: Future[None]) -> None:
        if saved.exception() is None:
            self._tell(line)


class BusySession:
    """Two oximeters with their waveforms, people who write, alarms that come and go, faults of the disk."""

    def __init__(self, store: Store, log_id: str, tell: Callable[[str], None]) -> None:
        self.store = store
        self.trouble: Trouble | None = None
        store.listen(on_trouble=self._heard)
        self._clock = QuickClock()
        self._steps = 0
        self.session = LiveSession(
            log_id, Telling(store, tell), self._clock, load_preset("im"), lambda entry: None
        )
        self._faults = Faults(
            {"disk": lambda: self.trouble.happened if self.trouble is not None else ""},
            lambda: interval_ns() * SPEED / 1e9,
        )
        for _ in self.session.restore(store.read(log_id)):
            pass
        if self.session.state.seq:
            self.session.take_up()
        else:
            self._begin()

    def _heard(self, trouble: Trouble | None) -> None:
        self.trouble = trouble

    def _begin(self) -> None:
        self.store.create_log(self.session.id, "session")
        self.session.open(e.SessionOpened(code="KAP-1", route="im", preset="im"), by="therapist")
        for device in DEVICES:
            assigned = e.DeviceAssigned(
                device=device, role="oximeter", driver="mightysat", name=device, address=device
            )
            self.session.record(assigned, by="therapist")
            self.session.link_changed(device, "live", "", self._clock.now())

    @property
    def readings(self) -> int:
        return len(self.session.state.series[Vital.SPO2])

    @property
    def high_alarms(self) -> set[str]:
        present = self.session.state.alarms.values()
        return {a.change.condition for a in present if a.change.priority == "high"}

    def step(self) -> None:
        """One packet of each device, and now and then a note."""
        self._steps += 1
        for device in DEVICES:
            now = self._clock.now()
            low = (now.mono_ns / 1e9) % EVERY_S < LOW_S
            reading = Reading(spo2=79.0 if low else 97.0, pulse=60.0 + self._steps % 9, pi=4.5)
            wave = Waveform(samples=tuple((self._steps * k) % 97 for k in range(SAMPLES)), rate_hz=125.0)
            self.session.arrived(device, [reading, wave], os.urandom(20), now)
        if self._steps % 5 == 0:
            self.session.record(e.NoteWritten(text=f"note {self._steps}"), by="therapist")
        self.session.tick()
        self._faults.look([self.session])
        time.sleep(STEP_S)


def go_on(data_dir: Path, log_id: str, tell: Callable[[str], None], seconds: float = 3600.0) -> None:
    """Begin or take up a session and be busy until killed, or for so long; then leave."""
    store = Store.open(data_dir, KEY)
    if FAILING in os.environ:
        _let_commits_fail(store, *map(int, os.environ[FAILING].split(",")))
    busy = BusySession(store, log_id, tell)
    until = time.monotonic() + seconds
    refused_at: int | None = None
    while time.monotonic() < until or refused_at is not None:
        busy.step()
        if busy.trouble is not None:
            if refused_at is None:
                refused_at = busy.readings
                tell(f"refused {store.waiting}")
            tell(f"alive {busy.readings - refused_at} {','.join(sorted(busy.high_alarms))}")
        elif refused_at is not None:
            refused_at = None
            tell("written")
    busy.session.close()
    store.close()
    tell(f"whole {busy.session.state.seq}")


def _let_commits_fail(store: Store, first: int, last: int) -> None:
    commits = count(1)

    @event.listens_for(store._engine, "commit")
    def about_to(connection: object) -> None:
        if first <= next(commits) <= last:
            raise OSError(errno.EIO, os.strerror(errno.EIO))


def telling(descriptor: int) -> Callable[[str], None]:
    """Writes lines to a pipe, each in one piece."""

    def tell(line: str) -> None:
        os.write(descriptor, line.encode() + b"\n")

    return tell


if __name__ == "__main__":
    how_long = float(sys.argv[3]) if len(sys.argv) > 3 else 3600.0
    go_on(Path(sys.argv[1]), sys.argv[2], telling(1), how_long)
