"""Shows by system calls that the write-ahead log was synced before an entry was acknowledged.

The file is encrypted, so no call shows which entry it carries. But one thread writes, commits and
acknowledges, in order: an entry is somewhere in what was written to the log between its being handed in
and its acknowledgement. So at each acknowledgement we ask that (1) the log was written and synced since
the entry was handed in, and (2) no byte of the log was waiting for a sync. That the entry was indeed part
of it is what the kills show.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench.busy import KEY
from bench.watched import Child, Promises
from monitor.store.store import Store

CALLS = "fsync,fdatasync,write,pwrite64,writev,pwritev,sendto"

_CALL = re.compile(r"^(?P<thread>\d+) +(?P<name>\w+)\((?P<file>\d+<[^>]*>)?(?P<rest>.*)$")
_RESUMED = re.compile(r"^(?P<thread>\d+) +<\.\.\. (?P<name>\w+) resumed>.*= (?P<result>-?\d+)")
_LINE = re.compile(r'"(in|ok) \S+ (\d+)')
_RESULT = re.compile(r"= (-?\d+)(?: \S+ \(.*\))?$")


@dataclass
class Traced:
    """What the system calls of one session show."""

    promised: int = 0
    syncs: int = 0
    too_early: list[int] = field(default_factory=list)
    """Numbers of entries that were acknowledged before the log that holds them was synced."""


class _Order:
    """Follows calls in the order of their trace: each by its beginning and its end."""

    def __init__(self, traced: Traced) -> None:
        self._traced = traced
        self._writes = 0
        """Writes to the log that were begun."""
        self._synced = 0
        """So many of them are known to be on disk."""
        self._syncing: dict[str, int] = {}
        """By thread: how many writes had ended when its sync began."""
        self._handed: dict[int, int] = {}
        """By entry: how many writes to the log had begun when it was handed in."""

    def begins(self, thread: str, name: str, file: str, rest: str) -> None:
        log = file.endswith("-wal>")
        if log and "sync" in name:
            self._syncing[thread] = self._writes
        elif log:
            self._writes += 1
        elif said := _LINE.search(rest):
            self._said(said[1], int(said[2]))

    def ends(self, thread: str, name: str, result: int) -> None:
        begun_at = self._syncing.pop(thread, None) if "sync" in name else None
        if begun_at is not None and result == 0:
            self._synced = max(self._synced, begun_at)
            self._traced.syncs += 1

    def _said(self, word: str, seq: int) -> None:
        if word == "in":
            self._handed[seq] = self._writes
            return
        self._traced.promised += 1
        if not self._handed[seq] < self._synced == self._writes:
            self._traced.too_early.append(seq)


def follow(trace: Iterable[str]) -> Traced:
    """What a trace by `strace -f -y` of `bench.busy` shows."""
    traced = Traced()
    order = _Order(traced)
    for line in trace:
        if resumed := _RESUMED.match(line):
            order.ends(resumed["thread"], resumed["name"], int(resumed["result"]))
        elif call := _CALL.match(line):
            order.begins(call["thread"], call["name"], call["file"] or "", call["rest"])
            if result := _RESULT.search(line):
                order.ends(call["thread"], call["name"], int(result[1]))
    return traced


def trace(seconds: float) -> tuple[Traced, Promises]:
    """A busy session under strace for so long, and what it promised meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir, output = Path(folder) / "data", Path(folder) / "trace"
        Store.create(data_dir, KEY).close()
        strace = ["strace", "-f", "-y", "-qq", "-s", "120", "-o", str(output), "-e", f"trace={CALLS}"]
        child, promises = Child(data_dir, "s1", seconds=seconds, before=strace), Promises()
        promises.hear_all(child.lines)
        complaint = child.end()
        if complaint:
            raise RuntimeError(complaint)
        with open(output, errors="replace") as lines:
            return follow(lines), promises
