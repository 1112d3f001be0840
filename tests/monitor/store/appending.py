"""A process of its own that writes a log and says what was acknowledged; tests kill or starve it.

python appending.py busy DATA_DIR             append for ever; print each acknowledged number
python appending.py starved DATA_DIR LIMIT    no file may grow over LIMIT bytes, then it may
python appending.py holding DATA_DIR          open for writing, print "open", wait for stdin
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from monitor.clock import SystemClock
from monitor.codec import GENESIS, Entry, Sealed, seal
from monitor.entries import NoteWritten
from monitor.store.store import Store
from monitor.trouble import Trouble

KEY = bytes(range(32))


def entries(store: Store) -> Iterator[Sealed]:
    """Notes without end, taking up the log of the store where it ended."""
    clock, seq, prev = SystemClock(), 0, GENESIS
    for sealed in store.read("s1"):
        seq, prev = sealed.seq, sealed.digest
    while True:
        seq += 1
        body = NoteWritten(text=f"note {seq} " + "x" * 300)
        sealed = seal(Entry(log="s1", seq=seq, entered=clock.now(), by="nurse", body=body), prev)
        prev = sealed.digest
        yield sealed


def take_up(data_dir: Path) -> Store:
    store = Store.open(data_dir, KEY)
    if not store.logs():
        store.create_log("s1", "session").result(30)
    return store


def busy(data_dir: Path) -> None:
    store = take_up(data_dir)
    for sealed in entries(store):
        saved = store.append("s1", sealed, urgent=sealed.seq % 3 == 0)
        if sealed.seq % 3 == 0:
            saved.result(30)
            print(sealed.seq, flush=True)


def starved(data_dir: Path, limit: int) -> None:
    import resource

    store = take_up(data_dir)
    hungry, fed = threading.Event(), threading.Event()

    def on_trouble(trouble: Trouble | None) -> None:
        (hungry if trouble else fed).set()

    store.listen(on_trouble=on_trouble)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
    source, saved = entries(store), []
    while not hungry.is_set():
        saved.append(store.append("s1", next(source), urgent=True))
        if len(saved) % 50 == 0:
            hungry.wait(0.05)
    before = sum(future.done() for future in saved)
    saved += [store.append("s1", next(source), urgent=False) for _ in range(100)]
    print("acknowledged before", before, "waiting", store.waiting, flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    for future in saved:
        future.result(30)
    assert fed.wait(10)
    store.close()
    print("written", len(saved), flush=True)


def holding(data_dir: Path) -> None:
    store = take_up(data_dir)
    print("open", flush=True)
    sys.stdin.read()
    store.close()


if __name__ == "__main__":
    what, where = sys.argv[1], Path(sys.argv[2])
    if what == "starved":
        starved(where, int(sys.argv[3]))
    else:
        {"busy": busy, "holding": holding}[what](where)
