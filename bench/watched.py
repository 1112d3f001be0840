"""What a busy session promised, kept outside of it, and whether its record keeps it."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.busy import KEY
from monitor import entries as e
from monitor.codec import Entry, unseal
from monitor.store.store import Store
from monitor.store.verify import verify
from monitor.timeline import Timeline

ROOT = Path(__file__).parents[1]

PATIENCE_S = 30.0
"""How long a busy session may take to say what is waited for."""


class Lines:
    """Whole lines of a pipe as they come; a last one that a kill cut off is none."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""
        self._read: deque[str] = deque()
        self._closed = False

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to come."""
        return self._closed and not self._read

    def until(self, deadline: float) -> Iterator[str]:
        """Lines up to a moment of `time.monotonic`, or to the end of the pipe."""
        while True:
            while self._read:
                yield self._read.popleft()
            left = deadline - time.monotonic()
            if self._closed or left <= 0 or not select.select([self._descriptor], [], [], left)[0]:
                return
            data = os.read(self._descriptor, 1 << 16)
            self._closed = not data
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._read.extend(line.decode() for line in lines)


@dataclass
class Promises:
    """What was acknowledged: log, number → digest. Lines of other kinds are kept by their first word."""

    kept: dict[tuple[str, int], str] = field(default_factory=dict)
    said: dict[str, list[str]] = field(default_factory=dict)

    def hear(self, line: str) -> str:
        """Take in one line; returns its first word."""
        word, _, rest = line.partition(" ")
        if word == "ok":
            log_id, seq, digest = rest.split()
            self.kept[log_id, int(seq)] = digest
        elif word != "in":
            self.said.setdefault(word, []).append(rest)
        return word

    def hear_until(self, lines: Lines, *words: str) -> str:
        """Listen until one of `words` is said; returns it, "" at the end of the pipe."""
        deadline = time.monotonic() + PATIENCE_S
        for line in lines.until(deadline):
            if self.hear(line) in words:
                return line.partition(" ")[0]
        if not lines.ended:
            raise TimeoutError(f"nobody said {' or '.join(words)}")
        return ""

    def hear_all(self, lines: Lines) -> None:
        """Listen to the end of the pipe."""
        self.hear_until(lines, "")


class Child:
    """A busy session in a process started from nothing, with `before` in front of its command."""

    def __init__(self, data_dir: Path, log_id: str, *, seconds: float, before: Sequence[str] = ()) -> None:
        command = [*before, sys.executable, "-m", "bench.busy", str(data_dir), log_id, str(seconds)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert self.process.stdout is not None
        self.lines = Lines(self.process.stdout.fileno())

    def end(self) -> str:
        """Wait for its end, killed or not; returns what it complained of."""
        _, complaint = self.process.communicate(timeout=PATIENCE_S)
        return complaint.decode(errors="replace")


@dataclass
class Findings:
    """What is wrong with records, in words. Empty is good."""

    lost: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unverified: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    """Restarts without their gap, or with another time in it."""

    @property
    def good(self) -> bool:
        return not (self.lost or self.changed or self.unverified or self.untold)


def check(data_dir: Path, promises: Promises, findings: Findings, only: str = "") -> None:
    """Compare a record with what was promised. The record itself is left as it is found: a copy is opened."""
    with tempfile.TemporaryDirectory(dir=data_dir.parent) as beside:
        copy = Path(shutil.copytree(data_dir, Path(beside) / "data"))
        store = Store.open(copy, KEY, readonly=True)
        try:
            for log_id in [only] if only else sorted({log_id for log_id, _ in promises.kept}):
                _check_log(store, log_id, promises, findings)
        finally:
            store.close()


def _check_log(store: Store, log_id: str, promises: Promises, findings: Findings) -> None:
    promised = {seq: digest for (of, seq), digest in promises.kept.items() if of == log_id}
    if not promised and store.kind(log_id) is None:
        return  # it was killed before it had begun
    there = {sealed.seq: sealed for sealed in store.read(log_id)}
    for seq, digest in promised.items():
        if seq not in there:
            findings.lost.append(f"{log_id} {seq}")
        elif there[seq].digest != digest:
            findings.changed.append(f"{log_id} {seq}")
    findings.unverified += [f"{log_id} {p.seq}: {p.what}" for p in verify(store, log_id).problems]
    untold = untold_restarts(unseal(sealed.data)[0] for sealed in there.values())
    findings.untold += [f"{log_id} {seq}" for seq in untold]


def untold_restarts(entries: Iterator[Entry]) -> list[int]:
    """Numbers of entries that a run wrote before it said how long nothing was recorded, or said it wrong."""
    wrong, timeline = [], Timeline()
    begun_ms = 0
    stopped_ms: int | None = None
    for entry in entries:
        latest_ms = timeline.latest_ms
        timeline.follow(entry)
        body = entry.body
        if isinstance(body, e.RunStarted):
            begun_ms = body.offset_ms
            if entry.seq > 1 and stopped_ms is None:
                stopped_ms = latest_ms
        elif stopped_ms is not None and not isinstance(body, e.AlarmChanged):
            if body != e.Gap(cause=e.RESTART, from_ms=stopped_ms, to_ms=begun_ms):
                wrong.append(entry.seq)
            stopped_ms = None
    return wrong
