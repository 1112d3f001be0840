"""The sound process: sounds what it is told, and the failure tone by itself when the app falls silent.

    python -m ui.sound.process [--output default|null|FILE] [--record FILE]

One JSON object per line on stdin: {"sound": "high"}, {"output": name}, {"beat": 7}, {"test": true},
{"again": true}, {"reminder": true}, {"goodbye": true}. On stdout it says {"outputs": [...]} when those
that there are change, {"playing": name}, {"unavailable": "why"}, {"sounding": "high"}, and {"beat": 7}
every second. For tests, --output null is a device that only pulls samples, FILE a list of such devices.
No Qt here, nothing heavy: it must start fast and outlive the app.
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
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

from ui.sound.outputs import Look, of_system, of_tests
from ui.sound.player import Player
from ui.sound.speaker import Speaker
from ui.sound.watchdog import Watchdog

TICK_S = 0.05
"""How often it looks at the time when nothing arrives."""

BEAT_NS = 1_000_000_000
"""How often it gives a sign of life itself: one that hangs must not pass for one that would sound."""


def main(arguments: list[str] | None = None) -> int:
    """Run until a goodbye, or until the failure tone has sounded long enough after the app died."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", default="default")
    parser.add_argument("--record", type=Path)
    options = parser.parse_args(arguments)
    look = of_system if options.output == "default" else of_tests(options.output)
    return _Process(Player(options.record, started=_sounding), look).run()


class _Process:
    def __init__(self, player: Player, look: Look) -> None:
        self._mixer = player.mixer
        self._speaker = Speaker(player, look, _say)
        # Not the clock that counts suspend: while the machine sleeps the app cannot beat either.
        self._dog = Watchdog(time.monotonic_ns())
        self._done = Counter[str]()
        self._beaten_ns = 0
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def run(self) -> int:
        _outlive_terminal(self._terminated)
        threading.Thread(target=self._read, name="stdin", daemon=True).start()
        self._speaker.start()
        while not self._dog.finished(time.monotonic_ns()):
            self._speaker.chosen = self._dog.output
            self._speaker.keep(time.monotonic_ns())
            self._mixer.wanted = self._dog.sound(time.monotonic_ns())
            self._do_once()
            self._beat(time.monotonic_ns())
            self._take_lines()
        self._speaker.close()
        return 0

    def _beat(self, now_ns: int) -> None:
        if now_ns - self._beaten_ns >= BEAT_NS:
            self._beaten_ns = now_ns
            _say({"beat": now_ns // BEAT_NS})

    def _do_once(self) -> None:
        """What was asked for since the last time."""
        due = self._dog.asked - self._done
        self._done = self._dog.asked.copy()
        if due["reminder"]:
            self._mixer.once = "reminder"
        if due["test"]:
            self._mixer.once = "high"
        if due["again"]:
            self._mixer.again = True

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


def _say(what: dict[str, Any]) -> None:
    # From both threads; one write of a short line to a pipe is never torn.
    # Nobody may listen any more, or the pipe be full: sounding matters more.
    with contextlib.suppress(OSError):
        os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    if os.name == "posix":
        os.set_blocking(1, False)  # a frozen app must not freeze us through a full pipe
    sys.exit(main())
