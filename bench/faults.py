"""Durability: kills, full disks and failing writes by the hundred, and what became of what was promised.

`python -m bench.faults [--kills 500] [--full 30] [--errors 30] [--seed N] [--data DIR]` prints one JSON
line per figure and ends with 1 where anything was lost, changed or untold. A busy session is two oximeters
with their waveforms, people's entries and alarms, at twenty times the speed of life.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.killing import kills
from bench.refusing import Refused, full_disks, may_trace, write_errors
from bench.tracing import trace
from bench.watched import Findings

TRACE_S = 5.0
"""For how long a session is traced."""


def figure(name: str, began: float, **what: object) -> None:
    """Print one figure."""
    print(json.dumps({"figure": name, **what, "seconds": round(time.monotonic() - began)}), flush=True)


def found(findings: Findings) -> dict[str, object]:
    """How much is wrong, and the first of it in words."""
    wrong = [*findings.lost, *findings.changed, *findings.unverified, *findings.untold]
    return {
        "lost": len(findings.lost),
        "changed": len(findings.changed),
        "unverified": len(findings.unverified),
        "untold_restarts": len(findings.untold),
        "first": wrong[:3],
    }


def killed(count: int, seed: int, where: Path | None) -> bool:
    """Figure faults.kills."""
    began, outcome = time.monotonic(), kills(count, seed, where)
    told = {"kills": outcome.kills, "at_work": outcome.at_work, "promised": outcome.promised}
    figure("faults.kills", began, **told, failed=outcome.fell, **found(outcome.findings))
    return outcome.good


def refused(name: str, run: Callable[[int, int], Refused], count: int, seed: int) -> bool:
    """A figure of disks that refuse."""
    began, outcome = time.monotonic(), run(count, seed)
    told = {"how": outcome.how, "runs": outcome.runs, "refusals": outcome.refusals, "killed": outcome.killed}
    more = {"promised": outcome.promised, "failed": outcome.failed}
    figure(name, began, **told, **more, **found(outcome.findings))
    return outcome.good


def traced() -> bool:
    """Figure faults.synced_first."""
    began = time.monotonic()
    if not may_trace():
        figure("faults.synced_first", began, how="NOT SHOWN: strace may not trace here")
        return True
    calls, _ = trace(TRACE_S)
    told = {"promised": calls.promised, "syncs": calls.syncs, "too_early": len(calls.too_early)}
    figure("faults.synced_first", began, how="strace", **told)
    return calls.promised > 0 and not calls.too_early


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--full", type=int, default=30)
    parser.add_argument("--errors", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="on which disk to kill; default: the temporary one")
    given = parser.parse_args()
    good = [
        killed(given.kills, given.seed, given.data),
        refused("faults.full_disk", full_disks, given.full, given.seed),
        refused("faults.write_errors", write_errors, given.errors, given.seed),
        traced(),
    ]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
