"""A process of its own whose disk stays full for longer than waveform may wait in memory.

python waveform_waits.py FOLDER mounted|limited    prints one JSON object with what happened
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

from bench.busy import KEY
from bench.refusing import SmallDisk, SmallFiles
from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.clock import HandClock
from monitor.codec import unseal
from monitor.live import LiveSession
from monitor.store.store import Store
from monitor.store.verify import verify
from monitor.store.writer import WAVEFORM_WAITS
from monitor.trouble import Trouble
from monitor.vitals import Reading, Waveform

PATIENCE_S = 30.0


class Session:
    """One oximeter at 125 Hz, a second at a time as fast as it goes."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.most = store, HandClock(), 0
        store.create_log("s1", "session")
        self.live = LiveSession("s1", store, self.clock, load_preset("im"), lambda entry: None)
        self.live.open(e.SessionOpened(code="KAP-1", route="im", preset="im"), by="therapist")

    def go_on(self, seconds: int) -> None:
        for _ in range(seconds):
            events = [Reading(spo2=97.0), Waveform(samples=tuple(range(125)), rate_hz=125.0)]
            self.live.arrived("o", events, b"", self.clock.advance(1))
            self.live.tick()
            self.most = max(self.most, store_waits(self.store))

    def note(self) -> None:
        self.live.record(e.NoteWritten(text="x"), by="therapist").result(PATIENCE_S)


def store_waits(store: Store) -> int:
    """How many seconds of waveform wait in memory."""
    assert store._writer is not None
    return store._writer._chunks


def main(folder: Path, how: str) -> None:
    disk = SmallDisk(folder) if how == "mounted" else SmallFiles()
    store = Store.create(folder / "data", KEY)
    hungry, fed = threading.Event(), threading.Event()

    def heard(trouble: Trouble | None) -> None:
        (hungry if trouble is not None else fed).set()

    store.listen(on_trouble=heard)
    session = Session(store)
    session.go_on(20)
    session.note()
    disk.fill(os.getpid())
    session.live.record(e.NoteWritten(text="while the disk is full"), by="therapist")
    assert hungry.wait(PATIENCE_S)
    session.go_on(WAVEFORM_WAITS + 300)
    reason = store.no_room
    disk.free(os.getpid())
    assert fed.wait(PATIENCE_S)
    session.note()
    session.go_on(20)
    session.live.close()
    session.note()
    bodies = [unseal(sealed.data)[0].body for sealed in store.read("s1")]
    report = verify(store, "s1")
    chunks = [(device, second) for device, second, _, _ in store.chunks("s1")]
    store.close()
    told = {
        "most": session.most,
        "reason": reason,
        "readings": sum(isinstance(body, e.ReadingTaken) for body in bodies),
        "gaps": [[b.cause, b.device, b.from_ms, b.to_ms] for b in bodies if isinstance(b, e.Gap) and b.what],
        "vouched": [[b.device, b.second] for b in bodies if isinstance(b, e.WaveformStored)],
        "chunks": chunks,
        "problems": [p.what for p in report.problems],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
