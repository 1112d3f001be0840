"""The log: durable appends, a person's entry under load, opening and verifying a 2 h session.

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

from bench.report import figure
from monitor.clock import HandClock
from monitor.codec import GENESIS, Entry, Sealed, seal, unseal
from monitor.entries import Body, NoteWritten, ReadingTaken, RunStarted
from monitor.session import SessionState
from monitor.store.store import Store
from monitor.store.verify import verify
from monitor.vitals import Reading

KEY = bytes(range(32))
SINGLE = 1000
GROUPS, GROUP = 20, 500
SESSION_S = 2 * 3600
LOAD_S = 10
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
            store.add_chunk("load", "oximeter0", tick // 100, bytes(250))
        if tick % 5 == 0:
            began = time.perf_counter()
            store.append("load", chain.seal(NoteWritten(text="dizzy")), urgent=True).result()
            times.append(ms_since(began))
        due += 0.01
        pause.wait(max(0.0, due - time.perf_counter()))
    figure("log.person_under_load", times, unit="ms", target_p99=25)


def two_hours(data_dir: Path, store: Store, bare: Bare) -> None:
    """Two devices at 1 Hz for 2 h: opened, read and unsealed; folded as well; verified."""
    chain = Chain("long")
    store.create_log("long", "session")
    rows = [chain.seal(RunStarted(app="bench", offset_ms=0))]
    rows += [chain.reading() for _ in range(2 * SESSION_S)]
    for sealed in rows:
        saved = store.append("long", sealed, urgent=False)
    saved.result()
    bare.insert("long", rows)
    read, folded, verified, floor = [], [], [], []
    for _ in range(REPEATS):
        began = time.perf_counter()
        bare.db.execute("SELECT * FROM entry WHERE log_id = 'long' ORDER BY seq").fetchall()
        floor.append(ms_since(began))
        began = time.perf_counter()
        reader = Store.open(data_dir, KEY, readonly=True)
        entries = [unseal(sealed.data)[0] for sealed in reader.read("long")]
        read.append(ms_since(began))
        state = SessionState()
        for entry in entries:
            state.apply(entry)
        folded.append(ms_since(began))
        began = time.perf_counter()
        report = verify(reader, "long")
        assert (report.ok, report.entries) == (True, len(rows))
        verified.append(ms_since(began))
        reader.close()
    figure("log.read_2h", read, unit="ms", floor=floor, entries=len(entries))
    figure("log.open_2h", folded, unit="ms", floor=floor, entries=len(entries), target=300)
    figure("log.verify_2h", verified, unit="ms", floor=floor, entries=len(entries), target=1000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="on which disk to measure; default: the temporary one")
    with tempfile.TemporaryDirectory(dir=parser.parse_args().data) as folder:
        data_dir = Path(folder) / "data"
        store, bare = Store.create(data_dir, KEY), Bare(Path(folder) / "bare.db")
        one_by_one(store, bare)
        grouped(store, bare)
        under_load(store)
        two_hours(data_dir, store, bare)
        store.close()
        bare.db.close()


if __name__ == "__main__":
    main()
