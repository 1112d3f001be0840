"""The log: durable appends, a person's entry under load, a 2 h session with waveform, the list of sessions.

`python -m bench.log [--data DIR]` prints one JSON line per figure. The floor of an append is the same
row in bare sqlite3 (not encrypted, not anchored) with the same pragmas on the same disk; the floor of
opening is reading the same rows with bare sqlite3.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import threading
import time
from pathlib import Path
from uuid import uuid4

import numpy as np
from sqlalchemy import insert

from bench.report import figure
from monitor.clock import HandClock
from monitor.codec import GENESIS, Entry, Sealed, seal, unseal
from monitor.entries import Body, NoteWritten, ReadingTaken, RunStarted, SessionEnded, SessionOpened
from monitor.session import SessionState
from monitor.store import schema
from monitor.store.database import engine_for
from monitor.store.files import DATABASE
from monitor.store.store import Store
from monitor.store.verify import verify
from monitor.summary import summaries
from monitor.vitals import Reading
from monitor.waveform import Chunk

KEY = bytes(range(32))
SINGLE = 1000
GROUPS, GROUP = 20, 500
SESSION_S = 2 * 3600
LOAD_S = 10
PACE = 600  # entries per second
WAVES_HZ = (31, 125)  # the slowest and the fastest of the devices we know
SESSIONS, SHORT = 10_000, 20
REPEATS = 7


class Chain:
    """Sealed entries one after the other, one second apart."""

    def __init__(self, log_id: str) -> None:
        self.log_id, self.seq, self.prev = log_id, 0, GENESIS
        self._clock = HandClock()

    def seal(self, body: Body, after_s: float = 0.5) -> Sealed:
        self.seq += 1
        entered = self._clock.advance(after_s)
        sealed = seal(
            Entry(log=self.log_id, seq=self.seq, entered=entered, by="device:1", body=body), self.prev
        )
        self.prev = sealed.digest
        return sealed

    def reading(self) -> Sealed:
        reading = Reading(spo2=97.0, pulse=60.0 + self.seq % 9, pi=4.5)
        return self.seal(ReadingTaken(device=f"oximeter{self.seq % 2}", reading=reading, raw=bytes(20)))


class Bare:
    """What the store is compared to: sqlite3 of the standard library, the same table and pragmas."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.execute("CREATE TABLE entry (log_id, seq, kind, data, digest, PRIMARY KEY (log_id, seq))")

    def insert(self, log_id: str, rows: list[Sealed]) -> None:
        values = [(log_id, s.seq, s.kind, s.data, bytes.fromhex(s.digest)) for s in rows]
        self.db.execute("BEGIN IMMEDIATE")
        self.db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", values)
        self.db.execute("COMMIT")


def ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def one_by_one(store: Store, bare: Bare) -> None:
    """Each entry acknowledged before the next is handed in, as a hurried person would."""
    chain, ours, floor = Chain("single"), [], []
    store.create_log("single", "session").result()
    for _ in range(SINGLE):
        sealed = chain.reading()
        began = time.perf_counter()
        store.append("single", sealed, urgent=True).result()
        ours.append(ms_since(began))
        began = time.perf_counter()
        bare.insert("single", [sealed])
        floor.append(ms_since(began))
    figure("log.append_urgent", ours, unit="ms", floor=floor, per_second=round(1000 * len(ours) / sum(ours)))


def grouped(store: Store, bare: Bare) -> None:
    """Entries handed in faster than the disk syncs: time per entry until all of a group are safe."""
    chain, ours, floor = Chain("grouped"), [], []
    store.create_log("grouped", "session").result()
    for _ in range(GROUPS):
        rows = [chain.reading() for _ in range(GROUP)]
        began = time.perf_counter()
        for sealed in rows:
            saved = store.append("grouped", sealed, urgent=sealed is rows[-1])
        saved.result()
        ours.append(ms_since(began) / GROUP)
        began = time.perf_counter()
        bare.insert("grouped", rows)
        floor.append(ms_since(began) / GROUP)
    per_second = round(1000 * len(ours) / sum(ours))
    figure("log.append_grouped", ours, unit="ms per entry", floor=floor, per_second=per_second)


def under_load(store: Store) -> None:
    """A person's entry every 50 ms among 100 readings a second and one second of waveform a second."""
    chain, times = Chain("load"), []
    store.create_log("load", "session").result()
    pause = threading.Event()
    due = time.perf_counter()
    for tick in range(LOAD_S * 100):
        store.append("load", chain.reading(), urgent=False)
        if tick % 100 == 0:
            wave = Chunk("oximeter0", tick // 100, 125, pulse_wave(tick // 100, 125))
            store.add_chunk("load", wave.device, wave.second, wave.data)
            store.append("load", chain.seal(wave.entry()), urgent=False)
        if tick % 5 == 0:
            began = time.perf_counter()
            store.append("load", chain.seal(NoteWritten(text="dizzy")), urgent=True).result()
            times.append(ms_since(began))
        due += 0.01
        pause.wait(max(0.0, due - time.perf_counter()))
    figure("log.person_under_load", times, unit="ms", target_p99=25)


def sustained(store: Store) -> None:
    """Entries at a steady pace well above the goal: how long each takes, and how many wait at the end."""
    chain, begun, times = Chain("sustained"), [], []
    store.create_log("sustained", "session").result()
    pause, due = threading.Event(), time.perf_counter()
    began = due
    for _ in range(LOAD_S * PACE):
        begun.append(time.perf_counter())
        saved = store.append("sustained", chain.reading(), urgent=False)
        saved.add_done_callback(lambda _: times.append(time.perf_counter()))
        due += 1 / PACE
        pause.wait(max(0.0, due - time.perf_counter()))
    behind = len(begun) - len(times)
    saved.result()
    took = [1000 * (done - at) for at, done in zip(begun, times, strict=True)]
    per_second = round(len(took) / (times[-1] - began))
    figure(
        "log.sustained", took, unit="ms", per_second=per_second, waiting_at_the_end=behind, target_rate=500
    )


def two_hours(folder: Path, bare: Bare, rate_hz: int) -> None:
    """Two devices at 1 Hz for 2 h, one with a waveform: read and unsealed; folded; verified; its size."""
    data_dir, name = folder / f"two-hours-{rate_hz}", f"long-{rate_hz}"
    store, chain = Store.create(data_dir, KEY), Chain(name)
    store.create_log(name, "session")
    rows = [chain.seal(RunStarted(app="bench", offset_ms=0))]
    for second in range(SESSION_S):
        rows += [chain.reading(), chain.reading()]
        wave = Chunk("oximeter0", second, rate_hz, pulse_wave(second, rate_hz))
        store.add_chunk(name, wave.device, wave.second, wave.data)
        rows.append(chain.seal(wave.entry(), after_s=0.0))
    for sealed in rows:
        saved = store.append(name, sealed, urgent=False)
    saved.result()
    store.close()
    bare.insert(name, rows)
    read, folded, verified, floor, worked = [], [], [], [], []
    for _ in range(REPEATS):
        began = time.perf_counter()
        bare.db.execute("SELECT * FROM entry WHERE log_id = ? ORDER BY seq", (name,)).fetchall()
        floor.append(ms_since(began))
        began, at_work = time.perf_counter(), time.thread_time()
        reader = Store.open(data_dir, KEY, readonly=True)
        entries = [unseal(sealed.data)[0] for sealed in reader.read(name)]
        read.append(ms_since(began))
        state = SessionState()
        for entry in entries:
            state.apply(entry)
        folded.append(ms_since(began))
        worked.append(1000 * (time.thread_time() - at_work))
        began = time.perf_counter()
        report = verify(reader, name)
        assert (report.ok, report.entries) == (True, len(rows))
        verified.append(ms_since(began))
        reader.close()
    what = {"entries": len(entries), "waveform_hz": rate_hz}
    figure("log.read_2h", read, unit="ms", floor=floor, **what)
    processor = round(float(np.median(worked)))  # what a busy machine does not lengthen as much
    figure("log.open_2h", folded, unit="ms", floor=floor, target=300, processor_ms=processor, **what)
    figure("log.verify_2h", verified, unit="ms", floor=floor, target=1000, **what)
    size = [path.stat().st_size / 1e6 for path in data_dir.glob("vigil.db*")]
    figure("log.size_2h", [sum(size)], unit="MB", target=25, **what)


def pulse_wave(second: int, rate_hz: int) -> bytes:
    """One second of a pulse at 66 a minute with noise in it, which no compression could take out."""
    draw = np.random.default_rng(second)
    at = second + np.arange(rate_hz) / rate_hz
    wave = 127 + 80 * np.sin(2 * np.pi * 1.1 * at) + draw.normal(0, 20, rate_hz)
    return np.rint(wave).astype("<i2").tobytes()


def many_sessions(folder: Path) -> None:
    """The list of ten thousand short sessions, half of them ended. Floor: reading the ids alone."""
    data_dir = folder / "many"
    Store.create(data_dir, KEY).close()
    engine = engine_for(data_dir / DATABASE, KEY)
    with engine.begin() as connection:
        for number in range(SESSIONS):
            log_id = uuid4().hex
            chain = Chain(log_id)
            opened = SessionOpened(code=f"KAP-{number}", route="im", preset="im")
            rows = [chain.seal(RunStarted(app="bench", offset_ms=0)), chain.seal(opened)]
            rows += [chain.reading() for _ in range(SHORT)]
            rows += [chain.seal(SessionEnded())] if number % 2 else []
            connection.execute(insert(schema.log), [{"id": log_id, "kind": "session"}])
            connection.execute(insert(schema.entry), [as_row(log_id, sealed) for sealed in rows])
    took, floor = [], []
    for _ in range(REPEATS):
        reader = Store.open(data_dir, KEY, readonly=True)
        began = time.perf_counter()
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT id FROM log").fetchall()
        floor.append(ms_since(began))
        began = time.perf_counter()
        assert len(summaries(reader)) == SESSIONS
        took.append(ms_since(began))
        reader.close()
    engine.dispose()
    figure("log.list", took, unit="ms", floor=floor, sessions=SESSIONS, target=200)


def as_row(log_id: str, sealed: Sealed) -> dict[str, object]:
    """An entry as the store's writer puts it into its table."""
    digest = bytes.fromhex(sealed.digest)
    return {"log_id": log_id, "seq": sealed.seq, "kind": sealed.kind, "data": sealed.data, "digest": digest}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="on which disk to measure; default: the temporary one")
    with tempfile.TemporaryDirectory(dir=parser.parse_args().data) as name:
        folder = Path(name)
        store, bare = Store.create(folder / "data", KEY), Bare(folder / "bare.db")
        one_by_one(store, bare)
        grouped(store, bare)
        sustained(store)
        under_load(store)
        store.close()
        for rate_hz in WAVES_HZ:
            two_hours(folder, bare, rate_hz)
        many_sessions(folder)
        bare.db.close()


if __name__ == "__main__":
    main()
