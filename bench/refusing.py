"""Disks that refuse a busy session: really full ones, and ones whose every write or sync may fail.

Where mounting or tracing is forbidden a fallback runs, and the outcome carries its name.
"""

from __future__ import annotations

import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.busy import FAILING, KEY
from bench.watched import Child, Findings, Promises, check
from monitor.store.store import Store

DISK_MB = 8

STARTED = 40
"""So many promises come before the disk fills up, at the least."""

STANDS = 8
"""Readings that must come while the disk refuses, before it is freed or the session killed."""

BUSY_S = 2.5
"""How long a session whose writes fail now and then is busy."""

MOUNTED = f"a real {DISK_MB} MB file system"
LIMITED = "FALLBACK: RLIMIT_FSIZE on the writing process, as nothing may be mounted here"
INJECTED = "EIO injected into fsync, fdatasync and pwrite64 by strace"
RAISED = "FALLBACK: EIO raised inside the process at a commit, as strace may not trace here"


@dataclass
class Refused:
    """What a series of refusals showed."""

    how: str
    runs: int = 0
    refusals: int = 0
    """Runs in which the session was told that the disk refuses."""
    killed: int = 0
    """Runs that were killed while it refused."""
    promised: int = 0
    failed: list[str] = field(default_factory=list)
    """Runs in which monitoring did not go on, no high alarm stood, or it did not end well."""
    findings: Findings = field(default_factory=Findings)

    @property
    def good(self) -> bool:
        return not self.failed and self.findings.good


# --- full ---------------------------------------------------------------------------------


class Disk(Protocol):
    """Where a store lies that is about to have no room."""

    def fill(self, process: int) -> None: ...

    def free(self, process: int) -> None: ...


class SmallDisk:
    """A file system of its own, filled up by a file beside the store."""

    def __init__(self, mounted: Path) -> None:
        self._filler = mounted / "filler"

    def fill(self, process: int) -> None:
        """Take all the room there is."""
        with open(self._filler, "ab", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1):
                with suppress(OSError):
                    while file.write(bytes(size)):
                        pass

    def free(self, process: int) -> None:
        """Give it back."""
        self._filler.unlink()


class SmallFiles:
    """No file of the process may grow any more."""

    def fill(self, process: int) -> None:
        """From now on no write beyond a file's first page."""
        resource.prlimit(process, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

    def free(self, process: int) -> None:
        """As before; a process that was killed needs nothing."""
        with suppress(ProcessLookupError):
            resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)


def may_mount() -> bool:
    """Whether this user may mount a file system here."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            mount = _run("mount", "-t", "tmpfs", "-o", "size=1m", "vigil", folder)
        except OSError:
            return False
        return mount == 0 and _run("umount", folder) == 0


def _run(*command: str) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode


@contextmanager
def small_disk(mounting: bool) -> Iterator[tuple[Path, Disk]]:
    """A folder with little room, and what fills and frees it."""
    with tempfile.TemporaryDirectory() as folder:
        if not mounting:
            yield Path(folder), SmallFiles()
            return
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "vigil", folder], check=True)
        try:
            yield Path(folder), SmallDisk(Path(folder))
        finally:
            subprocess.run(["umount", folder], check=True)


def full_disks(count: int, seed: int, mounting: bool | None = None) -> Refused:
    """Fill the disk of `count` busy sessions; every second one is killed while it is full."""
    mounting = may_mount() if mounting is None else mounting
    draw, outcome = random.Random(seed), Refused(MOUNTED if mounting else LIMITED)
    for run in range(count):
        with small_disk(mounting) as (folder, disk):
            _fill_up(folder / "data", disk, draw, outcome, kill=run % 2 == 1)
        outcome.runs += 1
    return outcome


def _fill_up(data_dir: Path, disk: Disk, draw: random.Random, outcome: Refused, kill: bool) -> None:
    Store.create(data_dir, KEY).close()
    promises = Promises()
    child = Child(data_dir, "s1", seconds=3.0)
    process = child.process
    begin = STARTED + draw.randrange(400)
    while len(promises.kept) < begin:
        promises.hear_until(child.lines, "ok")
    disk.fill(process.pid)
    promises.hear_until(child.lines, "refused")
    outcome.refusals += 1
    while not _stands(promises) and promises.hear_until(child.lines, "alive"):
        pass
    if kill:
        process.kill()
        outcome.killed += 1
    else:
        disk.free(process.pid)
    promises.hear_all(child.lines)
    _judge(child.end(), promises, outcome, killed=kill)
    if kill:
        _reopen(data_dir, promises, outcome)
        disk.free(process.pid)
    with tempfile.TemporaryDirectory() as elsewhere:
        check(Path(shutil.copytree(data_dir, Path(elsewhere) / "data")), promises, outcome.findings)
    outcome.promised += len(promises.kept)


def _reopen(data_dir: Path, promises: Promises, outcome: Refused) -> None:
    """Vigil is started again before anybody has made room."""
    try:
        store = Store.open(data_dir, KEY)
    except Exception as error:  # whatever it is, it is what is looked for
        outcome.failed.append(f"run {outcome.runs}: it did not open while the disk was full: {error}")
        return
    if store.harm is not None or store.durable_seq("s1") < max(seq for _, seq in promises.kept):
        outcome.failed.append(f"run {outcome.runs}: something was missing while the disk was full")
    store.close()


def _stands(promises: Promises) -> bool:
    """Whether vitals went on while the disk refused, and the high technical alarm stood."""
    for line in reversed(promises.said.get("alive", [])):
        readings, _, alarms = line.partition(" ")
        if int(readings) >= STANDS and "record_not_saved" in alarms.split(","):
            return True
    return False


def _judge(complaint: str, promises: Promises, outcome: Refused, killed: bool) -> None:
    if complaint.strip():
        outcome.failed.append(f"run {outcome.runs}: {complaint.strip().splitlines()[-1]}")
    if not _stands(promises):
        outcome.failed.append(f"run {outcome.runs}: vitals or the high alarm did not stand")
    if not killed:
        _whole(promises, outcome)


def _whole(promises: Promises, outcome: Refused) -> None:
    """The session was left with everything promised, from the first entry to the last."""
    last = int(promises.said.get("whole", ["-1"])[0])
    if sorted(seq for _, seq in promises.kept) != list(range(1, last + 1)):
        outcome.failed.append(f"run {outcome.runs}: not everything was written when there was room again")


# --- failing writes -----------------------------------------------------------------------


def may_trace() -> bool:
    """Whether strace is here and may trace."""
    try:
        return _run("strace", "-qq", "-e", "trace=none", sys.executable, "-c", "pass") == 0
    except OSError:
        return False


def write_errors(count: int, seed: int, tracing: bool | None = None) -> Refused:
    """Let some writes and syncs of `count` busy sessions fail, at a moment drawn from `seed`."""
    tracing = may_trace() if tracing is None else tracing
    draw, outcome = random.Random(seed), Refused(INJECTED if tracing else RAISED)
    for _ in range(count):
        with tempfile.TemporaryDirectory() as folder:
            _fail(Path(folder) / "data", draw, outcome, tracing)
        outcome.runs += 1
    return outcome


def _fail(data_dir: Path, draw: random.Random, outcome: Refused, tracing: bool) -> None:
    Store.create(data_dir, KEY).close()
    promises = Promises()
    child = Child(data_dir, "s1", seconds=BUSY_S, before=_failing(draw) if tracing else _raising(draw))
    promises.hear_all(child.lines)
    complaint = child.end()
    if complaint.strip():
        outcome.failed.append(f"run {outcome.runs}: {complaint.strip().splitlines()[-1]}")
    outcome.refusals += bool(promises.said.get("refused"))
    _whole(promises, outcome)
    check(data_dir, promises, outcome.findings)
    outcome.promised += len(promises.kept)


def _failing(draw: random.Random) -> list[str]:
    calls = draw.choice(["fsync,fdatasync", "pwrite64", "fsync,fdatasync,pwrite64"])
    first = draw.randrange(25, 150)
    failing = f"error=EIO:when={first}..{first + draw.randrange(4)}"
    return [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        f"trace={calls}",
        "-e",
        f"inject={calls}:{failing}",
    ]


def _raising(draw: random.Random) -> list[str]:
    first = draw.randrange(5, 60)
    return ["env", f"{FAILING}={first},{first + draw.randrange(4)}"]
