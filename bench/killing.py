"""Kills busy sessions with kill -9, again and again, and looks what is left of what they promised."""

from __future__ import annotations

import multiprocessing
import random
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from bench import busy
from bench.busy import KEY
from bench.watched import Findings, Lines, Promises, check
from monitor.store.store import Store

RUNS = 10
"""How often one session is killed and taken up again, before the next one begins."""

SESSIONS = 5
"""How many sessions one store sees."""

BUSY_S = 0.4
"""The longest that a session is busy before it is killed."""

EARLY = 0.25
"""The part of kills that come anywhere in the start of the process, not after its first promise."""


@dataclass
class Killed:
    """What a series of kills showed."""

    kills: int = 0
    at_work: int = 0
    """Kills after something had been promised in that run."""
    promised: int = 0
    fell: list[str] = field(default_factory=list)
    """Runs that ended by themselves, where they should have been busy until they were killed."""
    findings: Findings = field(default_factory=Findings)

    @property
    def good(self) -> bool:
        return not self.fell and self.findings.good


def _child(data_dir: Path, log_id: str, pipe: Connection) -> None:
    busy.go_on(data_dir, log_id, busy.telling(pipe.fileno()))


def kills(count: int, seed: int, where: Path | None = None) -> Killed:
    """Kill `count` times at moments drawn from `seed`; `where` is on which disk."""
    draw, outcome = random.Random(seed), Killed()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bench.busy"])  # imports once, then each child is there in milliseconds
    while outcome.kills < count:
        with tempfile.TemporaryDirectory(dir=where) as folder:
            data_dir = Path(folder) / "data"
            Store.create(data_dir, KEY).close()
            promises = Promises()
            for run in range(min(RUNS * SESSIONS, count - outcome.kills)):
                log_id = f"session-{run // RUNS + 1}"
                ours, theirs = context.Pipe(duplex=False)
                process = context.Process(target=_child, args=(data_dir, log_id, theirs))
                process.start()
                theirs.close()
                before = len(promises.kept)
                _let_it_work(Lines(ours.fileno()), promises, draw, process.kill)
                process.join()
                ours.close()
                outcome.kills += 1
                if process.exitcode != -signal.SIGKILL:
                    outcome.fell.append(f"{log_id}, run {run}: exit {process.exitcode}")
                outcome.at_work += len(promises.kept) > before
                check(data_dir, promises, outcome.findings, only=log_id)
            check(data_dir, promises, outcome.findings)
            outcome.promised += len(promises.kept)
    return outcome


def _let_it_work(lines: Lines, promises: Promises, draw: random.Random, kill: Callable[[], None]) -> None:
    if draw.random() >= EARLY:
        promises.hear_until(lines, "ok")
    for line in lines.until(time.monotonic() + draw.uniform(0.0, BUSY_S)):
        promises.hear(line)
    kill()
    promises.hear_all(lines)
