"""A process of its own that erases a session; tests kill it.

python erasing.py DATA_DIR SESSION
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from monitor.clock import SystemClock
from monitor.practice import PracticeLog
from monitor.store import datadir
from monitor.store.erasure import erase

if __name__ == "__main__":
    store = datadir.open_store(Path(sys.argv[1]))
    practice = PracticeLog(store, SystemClock())
    print("open", flush=True)
    erase(
        store,
        practice,
        lambda body: practice.record(body).result(),
        sys.argv[2],
        "asked by the patient",
        ("p1", "p2"),
        lambda person: None,
        date.today(),
    )
    print("erased", flush=True)
