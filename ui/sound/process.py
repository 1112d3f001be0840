"""The sound process: sounds what it is told, and the failure tone by itself when the app falls silent.

    python -m ui.sound.process [--output default|null] [--record FILE]

One JSON object per line on stdin: {"sound": "high"}, {"beat": 7}, {"test": true},
{"goodbye": true}. On stdout it says {"playing": "default"}, {"unavailable": "why"} and
{"sounding": "high"}. No Qt here, nothing heavy: it must start fast and outlive the app.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from ui.sound.player import OutputError, Player
from ui.sound.watchdog import Watchdog

TICK_S = 0.05
"""How often it looks at the time when nothing arrives."""

RETRY_NS = 3_000_000_000
"""How often a device that cannot be opened is tried again."""

STALLED_NS = 2_000_000_000
"""A device that asked for nothing for so long was unplugged or hangs."""


def main(arguments: list[str] | None = None) -> int:
    """Run until a goodbye, or until the failure tone has sounded long enough after the app died."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", choices=["default", "null"], default="default")
    parser.add_argument("--record", type=Path)
    options = parser.parse_args(arguments)
    return _Process(Player(options.output, options.record, started=_sounding)).run()


class _Process:
    def __init__(self, player: Player) -> None:
        self._player = player
        # Not the clock that counts suspend: while the machine sleeps the app cannot beat either.
        self._dog = Watchdog(time.monotonic_ns())
        self._tests = 0
        self._retry_at = 0
        self._unavailable = ""
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def run(self) -> int:
        _outlive_terminal(self._terminated)
        threading.Thread(target=self._read, name="stdin", daemon=True).start()
        while not self._dog.finished(time.monotonic_ns()):
            self._keep_playing()
            self._player.mixer.wanted = self._dog.sound(time.monotonic_ns())
            if self._dog.tests > self._tests:
                self._tests = self._dog.tests
                self._player.mixer.once = "high"
            self._take_lines()
        self._player.close()
        return 0

    def _take_lines(self) -> None:
        try:
            line = self._lines.get(timeout=TICK_S)
        except queue.Empty:
            return
        now = time.monotonic_ns()
        if line is None:
            self._dog.closed(now)
        else:
            self._dog.heard(line, now)

    def _keep_playing(self) -> None:
        """Open the device, again where it went away, and say so each time that changes."""
        now = time.monotonic_ns()
        if self._player.running and now - self._player.pulled_ns < STALLED_NS:
            return
        if now < self._retry_at:
            return
        self._retry_at = now + RETRY_NS
        try:
            self._player.open()
        except OutputError as error:
            if self._unavailable != str(error):
                self._unavailable = str(error)
                _say({"unavailable": self._unavailable})
        else:
            self._unavailable = ""
            _say({"playing": self._player.output})

    def _read(self) -> None:
        # Straight from the descriptor: a thread inside sys.stdin would hold its lock at exit.
        kept = b""
        while data := os.read(0, 65_536):
            *lines, kept = (kept + data).split(b"\n")
            for line in lines:
                self._lines.put(line)
        self._lines.put(None)

    def _terminated(self, number: int, frame: FrameType | None) -> None:
        # While the app lives it decides (it says goodbye); after its death a person may stop the tone.
        if self._dog.orphaned:
            os._exit(0)


def _outlive_terminal(terminated: signal._HANDLER) -> None:
    """Ctrl-C and a closing terminal reach the whole group; the sound must not go with them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, terminated)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _sounding(sound: str) -> None:
    _say({"sounding": sound})


def _say(what: dict[str, str]) -> None:
    # From both threads; one write of a short line to a pipe is never torn.
    # Nobody may listen any more, or the pipe be full: sounding matters more.
    with contextlib.suppress(OSError):
        os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    if os.name == "posix":
        os.set_blocking(1, False)  # a frozen app must not freeze us through a full pipe
    sys.exit(main())
