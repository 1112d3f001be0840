"""Sound of an alarm: from the end of its delay, and from its entry, to the first sample for the device.

A headless runtime with one session after the other whose oxygen falls; each ends once it was heard.
The output only pulls samples, as often as a real one would. Floor: how far apart it pulls.

    python -m bench.alarms_sound [--alarms 100]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from bench.report import figure
from devices.scan import Radio
from devices.virtual.radio import VirtualRadio
from monitor import entries as e
from monitor.codec import Entry
from monitor.store import datadir
from monitor.vitals import Quality, Reading
from ui.commands import NewSession
from ui.runtime import Runtime
from ui.sound.player import BUFFER_MS
from ui.sound.voice import Voice

APART_S = 0.73
"""Falls come so far apart, which is no multiple of a tick: alarms meet it at every phase."""

READING = Reading(spo2=88, pulse=70, quality=Quality.GOOD)
"""Under the limit, not so far that its delay is skipped: alarms come between readings."""
PATIENCE_S = 120.0


@asynccontextmanager
async def silence() -> AsyncIterator[Radio]:
    """Bluetooth with nothing in the air: readings are handed to the sessions as links hand them over."""
    radio = VirtualRadio()
    await radio.start()
    yield Radio(radio.scanner_backend, radio.client_backend)
    await radio.close()


def begin(runtime: Runtime) -> str:
    """A session with the oximeter `ox`, which no radio carries: as its instruments would enter it."""
    session = runtime.begin(NewSession(code="BENCH", route="im", demo=True)).result(10)
    assigned = e.DeviceAssigned(device="ox", role="oximeter", driver="mightysat", name="ox", address="AA")
    runtime.call(lambda: runtime.live[session].record(assigned, "")).result(10)
    return session


class Bench:
    """Sessions, and the first alarm of each: when its condition was met and when it was entered, ns."""

    def __init__(self, place: Path) -> None:
        self.record = place / "heard.pcm"
        self.alarms: dict[str, tuple[int, int]] = {}
        self.voice = Voice.start(output="null", record=self.record)
        self.runtime = Runtime(
            datadir.open_or_create_demo(place / "data"),
            silence,
            voice=self.voice,
            demo=True,
            on_entry=self._entry,
        )
        self.runtime.start()

    def _entry(self, session: str, entry: Entry) -> None:
        body = entry.body
        if isinstance(body, e.AlarmChanged) and body.state == "active" and session not in self.alarms:
            late_ms = self.runtime.live[session].state.timeline.at(entry.entered) - body.at_ms
            self.alarms[session] = (entry.entered.mono_ns - late_ms * 1_000_000, entry.entered.mono_ns)

    def read(self, session: str) -> Future[None]:
        """One reading of a patient who is ill."""

        def arrived() -> None:
            if (live := self.runtime.live.get(session)) is not None:
                live.arrived("ox", [READING], b"", self.runtime.clock.now())

        return self.runtime.call(arrived)

    def run(self, alarms: int) -> None:
        """One fall after the other until so many alarms were heard."""
        until(lambda: self.voice.state.playing)
        running: dict[str, float] = {}
        heard, began = 0, 0
        next_s = time.monotonic()
        while heard < alarms:
            now = time.monotonic()
            if began < alarms and now >= next_s:
                running[begin(self.runtime)] = now
                began, next_s = began + 1, next_s + APART_S
            for session, due in list(running.items()):
                if now >= due:
                    self.read(session)
                    running[session] = due + 1.0
            for session in [s for s in running if s in self.alarms]:
                until(lambda: self.voice.state.sounding != "none")
                self.runtime.record(session, e.SessionEnded()).result(10)
                del running[session]
                heard += 1
                if not any(s in self.alarms for s in running):
                    until(lambda: self.voice.state.sounding == "none")
            time.sleep(0.005)

    def report(self) -> None:
        """One line per figure. An alarm that came while another sounded has no first sample of its own."""
        log = self.record.with_name(self.record.name + ".log")
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        starts = np.array([line["at_ns"] for line in lines if line["sound"] != "none"])
        ends = np.array([line["at_ns"] for line in lines if line["sound"] == "none"])
        from_met, from_entry = [], []
        for met_ns, entered_ns in self.alarms.values():
            at = int(np.searchsorted(starts, entered_ns))
            silent = at == 0 or np.any((ends > starts[at - 1]) & (ends < entered_ns))
            if at < len(starts) and silent:
                from_met.append((starts[at] - met_ns) / 1e6)
                from_entry.append((starts[at] - entered_ns) / 1e6)
        floor = [float(BUFFER_MS)]
        figure("sound_after_condition_met", from_met, unit="ms", floor=floor, target_p99=150)
        figure("sound_after_entry", from_entry, unit="ms", floor=floor, target_p99=150)

    def close(self) -> None:
        """End it all."""
        self.runtime.stop()


def until(condition: Callable[[], bool]) -> None:
    """Wait. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.001)


def main() -> None:
    """Let `--alarms` alarms be heard."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alarms", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        bench = Bench(Path(place))
        try:
            bench.run(options.alarms)
        finally:
            bench.close()
        bench.report()


if __name__ == "__main__":
    main()
