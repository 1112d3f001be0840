"""What keeping the record takes: a backup beside a writer, restoring it, a new key, erasing a session.

`python -m bench.keeping [--sessions N]` prints one JSON line per figure. A session is two hours of readings
with one waveform. The floor of a backup is copying the file as it is, synced.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from bench.log import Chain
from bench.report import figure
from monitor.clock import SystemClock
from monitor.entries import Body, NoteWritten
from monitor.practice import PracticeLog
from monitor.store import datadir, rotation
from monitor.store.backup import back_up
from monitor.store.erasure import erase
from monitor.store.files import sync_file
from monitor.store.restore import restore
from monitor.store.store import Store

READINGS = 2 * 7200
WAVEFORM_S = 7200
ALONE_S = 3


def fill(store: Store, sessions: int) -> list[str]:
    """That many finished sessions."""
    names = [f"{n:032x}" for n in range(1, sessions + 1)]
    for name in names:
        store.create_log(name, "session")
        chain = Chain(name)
        for _ in range(READINGS):
            store.append(name, chain.reading(), urgent=False)
        for second in range(WAVEFORM_S):
            store.add_chunk(name, "oximeter0", second, os.urandom(150))
        store.wait()
    return names


@contextmanager
def writing(store: Store, log_id: str) -> Iterator[list[float]]:
    """A person enters something all the time; how long each entry took, in ms."""
    store.create_log(log_id, "session")
    chain, took, stop = Chain(log_id), list[float](), threading.Event()

    def write() -> None:
        while not stop.wait(0.01):
            sealed = chain.seal(NoteWritten(text="x" * 100))
            began = time.perf_counter()
            store.append(log_id, sealed, urgent=True).result()
            took.append(1000 * (time.perf_counter() - began))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield took
    finally:
        stop.set()
        thread.join()


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def copied(source: Path, to: Path) -> None:
    """The floor: the bytes of the file as they are, synced."""
    shutil.copyfile(source, to)
    sync_file(to)
    to.unlink()


def measure(place: Path, sessions: int) -> None:
    """Everything, once, in `place`."""
    data_dir = place / "data"
    store = datadir.create_demo(data_dir)
    names = fill(store, sessions)
    megabytes = round((data_dir / "vigil.db").stat().st_size / 1e6, 1)
    with writing(store, "alone") as alone:
        time.sleep(ALONE_S)
    floor = timed(lambda: copied(data_dir / "vigil.db", place / "floor"))
    with writing(store, "beside") as beside:
        took = timed(lambda: back_up(store, place, datetime.now(UTC), 90))
    figure("keeping.backup", [took], unit="s", floor=[floor], megabytes=megabytes, sessions=sessions)
    figure("keeping.entry_beside_backup", beside, unit="ms", floor=alone)
    practice = PracticeLog(store, SystemClock())

    def record(body: Body) -> None:
        practice.record(body).result()

    people = ("p1", "p2")
    erasing = partial(
        erase, store, practice, record, names[0], "measured", people, lambda p: None, date.today()
    )
    figure("keeping.erase", [timed(erasing)], unit="s")
    key = store.key
    store.close()
    secret = datadir.read_key_file(data_dir / "demo.key")
    figure("keeping.new_key", [timed(lambda: rotation.rotate(data_dir, key, key_file=secret))], unit="s")
    (backup,) = place.glob("vigil-backup-*")
    restoring = partial(
        restore, backup, place / "restored", partial(datadir.unlock, readonly=True), SystemClock()
    )
    figure("keeping.restore", [timed(restoring)], unit="s")


def main() -> None:
    """Measure in a directory that is deleted afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        measure(Path(place), given.sessions)


if __name__ == "__main__":
    main()
