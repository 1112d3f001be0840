"""Latency: from a notification to the disk and to the painted digit; load and memory while it runs.

Two oximeters at 1 Hz, one with a 31 Hz and one with a 125 Hz waveform, on the virtual radio; everything
else is the app itself, offscreen. Floor: a bare bleak callback on the same virtual link, measured from
the moment the virtual device hands its bytes to its stack.

    python -m bench.latency [--seconds 60] [--note-every 0.5]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from bleak import BleakClient, BleakScanner
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from bench.report import figure
from devices.scan import Radio
from devices.virtual.instruments.mightysat import MightySat
from devices.virtual.instruments.o2ring import O2Ring
from devices.virtual.instruments.sig_oximeter import SigOximeter
from devices.virtual.patient import Patient, PatientClock
from devices.virtual.peripheral import Peripheral
from devices.virtual.radio import VirtualRadio
from devices.virtual.script import load_script
from monitor import entries as e
from monitor.clock import interval_ns
from monitor.codec import Entry
from monitor.session import Changed
from ui import theme
from ui.app import Window
from ui.commands import NewSession
from ui.opening import Opening
from ui.runtime import Runtime

# The first seconds hold connecting, imports and caches; "steady" begins after them.
WARM_UP_S = 8.0
PLX_CONTINUOUS = "00002a5f-0000-1000-8000-00805f9b34fb"


FLOOR_COUNT = 60


class Stamped(SigOximeter):
    """Writes down when it hands its bytes to the stack."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.sent_ns: list[int] = []

    async def notify(self, to: Any, value: bytes) -> None:
        """Send, noting the moment before."""
        self.sent_ns.append(interval_ns())
        await super().notify(to, value)


async def bare_callback(patient: PatientClock) -> list[float]:
    """Milliseconds from handing bytes to the virtual stack until a bare bleak callback runs."""
    radio = VirtualRadio()
    await radio.start()
    device = Stamped(radio, patient, "floor", every=0.05)
    await device.start()
    heard_ns: list[int] = []
    enough = asyncio.Event()

    def heard(_: object, data: bytearray) -> None:
        heard_ns.append(interval_ns())
        if len(heard_ns) >= FLOOR_COUNT:
            enough.set()

    found = await BleakScanner.find_device_by_name("floor", backend=radio.scanner_backend)
    assert found is not None
    async with BleakClient(found, backend=radio.client_backend) as client:
        await client.start_notify(PLX_CONTINUOUS, heard)
        await enough.wait()
    sent_ns = device.sent_ns[:FLOOR_COUNT]
    await device.close()
    await radio.close()
    return [(h - s) / 1e6 for s, h in zip(sent_ns, heard_ns, strict=False)]


class Bench(QObject):
    """Runs the app for a while and writes down when what happened."""

    def __init__(self, seconds: float, note_every: float, place: Path) -> None:
        super().__init__()
        self.seconds = seconds
        self.note_every = note_every
        self.floor_ms: list[float] = []
        self.disk_ms: list[float] = []
        self.person_ms: list[float] = []
        self.painted_ms: list[float] = []
        self.cpu: list[float] = []
        self.memory_mb: list[float] = []
        # Number of a reading's entry -> interval ns at which bleak's callback ran.
        self._to_disk: dict[int, int] = {}
        self._to_paint: dict[int, int] = {}
        self._session = ""
        self._process = psutil.Process()
        self.opening = Opening(place, demo=True, radio=self._radio, sound="null", on_entry=self._entry)
        self.window = Window(self.opening)
        self.window.resize(1600, 1000)
        self._notes = QTimer(self)
        self._notes.timeout.connect(self._note)
        self._load = QTimer(self)
        self._load.timeout.connect(self._measure_load)

    @asynccontextmanager
    async def _radio(self) -> AsyncIterator[Radio]:
        patient = PatientClock(Patient(load_script("quiet"), 1), 20.0, lambda: interval_ns() / 1e9)
        self.floor_ms = await bare_callback(patient)
        radio = VirtualRadio()
        await radio.start()
        devices: list[Peripheral] = [
            MightySat(radio, patient, "MightySat 1"),
            O2Ring(radio, patient, "O2Ring 2"),
        ]
        for device in devices:
            await device.start()
        try:
            yield Radio(radio.scanner_backend, radio.client_backend)
        finally:
            for device in devices:
                await device.close()
            await radio.close()

    @property
    def runtime(self) -> Runtime:
        """The running app."""
        assert self.opening.runtime is not None
        return self.opening.runtime

    def start(self) -> None:
        """Open the record, then a session as soon as both devices are in the air."""
        self.window.show()
        self.window.entrance.open()
        QTimer.singleShot(200, self._begin)

    def _begin(self) -> None:
        if self.opening.runtime is None or len(self.runtime.sightings()) < 2:
            QTimer.singleShot(200, self._begin)
            return
        self._session = self.runtime.begin(NewSession(code="BENCH", route="im", demo=True)).result(10)
        self.runtime.store.listen(on_durable=self._durable)
        for sighting in self.runtime.sightings():
            self.runtime.assign(self._session, sighting).result(10)
        QTimer.singleShot(int(WARM_UP_S * 1000), self._steady)

    def _steady(self) -> None:
        self._tile = self.window.screens[self._session].spo2
        self._tile.installEventFilter(self)
        self._refresh = self.window.screens[self._session].refresh
        self.window.screens[self._session].refresh = self._refreshed  # type: ignore[method-assign]
        for kept in (self.disk_ms, self.person_ms, self.painted_ms, self._to_disk, self._to_paint):
            kept.clear()
        self._process.cpu_percent()
        self._notes.start(int(self.note_every * 1000))
        self._load.start(1000)
        QTimer.singleShot(int(self.seconds * 1000), self._end)

    def _entry(self, session: str, entry: Entry) -> None:
        if isinstance(entry.body, e.ReadingTaken) and entry.body.reading.spo2 is not None:
            self._to_disk[entry.seq] = self._to_paint[entry.seq] = entry.entered.mono_ns

    def _durable(self, session: str, seq: int) -> None:
        self._done(self._to_disk, seq, self.disk_ms)

    def _done(self, waiting: dict[int, int], seq: int, into: list[float]) -> None:
        now = interval_ns()
        for number in [n for n in list(waiting) if n <= seq]:
            into.append((now - waiting.pop(number)) / 1e6)

    def _refreshed(self, changed: Changed) -> None:
        # Digits that stay the same are on the screen already: nothing will be painted for them.
        before = self._tile.shown
        self._refresh(changed)
        if self._tile.shown == before:
            self._done(self._to_paint, self.window.states[self._session].seq, self.painted_ms)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The digits are painted when the tile has handled its paint event."""
        if event.type() != QEvent.Type.Paint:
            return False
        watched.event(event)
        self._done(self._to_paint, self.window.states[self._session].seq, self.painted_ms)
        return True

    def _note(self) -> None:
        began = time.perf_counter()

        def saved(_: object) -> None:
            self.person_ms.append((time.perf_counter() - began) * 1000)

        def enter() -> None:
            session = self.runtime.live[self._session]
            session.record(e.NoteWritten(text="bench"), "therapist").add_done_callback(saved)

        self.runtime.call(enter)

    def _measure_load(self) -> None:
        self.cpu.append(self._process.cpu_percent())
        self.memory_mb.append(self._process.memory_info().rss / 1e6)

    def _end(self) -> None:
        self._notes.stop()
        self._load.stop()
        self.window.close()

    def report(self) -> None:
        """One line per figure."""
        figure("painted", self.painted_ms, unit="ms after the callback", floor=self.floor_ms)
        figure("on_disk_reading", self.disk_ms, unit="ms after the callback", floor=self.floor_ms)
        figure("on_disk_person", self.person_ms, unit="ms after the request", floor=self.floor_ms)
        figure("busy", self.cpu, unit="% of one core, virtual devices and radio included")
        quarters = [round(float(np.median(part)), 1) for part in np.array_split(self.memory_mb, 4)]
        figure("memory", self.memory_mb, unit="MB", quarters=quarters)


def main() -> None:
    """Run the app offscreen for `--seconds` after a warm-up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--note-every", type=float, default=0.5, help="seconds between a person's entries")
    options = parser.parse_args()
    app = QApplication([])
    theme.apply(app)
    with tempfile.TemporaryDirectory() as place:
        bench = Bench(options.seconds, options.note_every, Path(place) / "data")
        bench.start()
        app.exec()
        bench.report()


if __name__ == "__main__":
    main()
