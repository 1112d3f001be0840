"""The whole app in a process of its own, on the system's Bluetooth: takes what is in the air, then leaves.

python headless_app.py DATA_DIR DEVICES SECONDS

Begins a session with the first DEVICES in range, tells each entry written as a line on stdout (kind and,
for links, state), and ends the session once it is SECONDS old.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from monitor import entries as e
from monitor.codec import Entry
from ui.app import Window
from ui.commands import NewSession
from ui.opening import Opening
from ui.start import run

PATIENCE_S = 60.0


def main(data_dir: Path, devices: int, seconds: float) -> int:
    """The app's exit code."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    opening = Opening(data_dir, demo=True, sound="null", on_entry=_tell)
    return run(
        opening,
        prepared=lambda window: Thread(target=_play, args=(window, devices, seconds)).start(),
    )


def _tell(_session: str, entry: Entry) -> None:
    print(entry.body.kind, getattr(entry.body, "state", ""), flush=True)


def _until(condition: Callable[[], bool], within: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.05)


def _play(window: Window, devices: int, seconds: float) -> None:
    """A person's part. Leaves in any case: a process that hangs tells nothing."""
    try:
        _until(lambda: window.runtime is not None)
        runtime = window.runtime
        assert runtime is not None
        session = runtime.begin(NewSession(code="KAP-1", route="im", demo=True)).result(PATIENCE_S)
        _until(lambda: len(runtime.sightings()) >= devices)
        for sighting in runtime.sightings():
            runtime.assign(session, sighting).result(PATIENCE_S)
        live = runtime.live[session]
        begun = live.now_ms
        _until(lambda: live.now_ms - begun >= seconds * 1000, seconds + PATIENCE_S)
        runtime.record(session, e.SessionEnded()).result(PATIENCE_S)
    finally:
        window.bridge.post(window.close)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
