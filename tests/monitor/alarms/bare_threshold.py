"""What a bare threshold would do on the same file, and which low stretches must not go unheard.

Deliberately stands alone: it reads the file with the standard library and knows nothing of Vigil's
alarm engine, only the lines that `vigil replay --json` prints. Alone it counts; with those lines on
its standard input it compares. Exit code 1 if a stretch had no alarm.

    python tests/monitor/alarms/bare_threshold.py FILE
    vigil replay FILE --preset im --json | python tests/monitor/alarms/bare_threshold.py FILE --against -
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

Sample = tuple[float, float]
"""Seconds, SpO2 in %; only good ones."""

Span = tuple[float, float]

NEAR_S = 5.0
"""Samples further apart than this do not belong to one stretch."""


def samples_of(path: Path) -> list[Sample]:
    """The good SpO2 samples of a CSV file; times as the file has them, or since its first row."""
    found: list[Sample] = []
    begins: datetime | None = None
    with path.open(encoding="utf-8-sig", newline="") as file:
        delimiter = max(",;\t", key=file.readline().count)
        file.seek(0)
        for raw in csv.DictReader(file, delimiter=delimiter):
            row = {str(name).strip().lower(): (cell or "").strip() for name, cell in raw.items()}
            try:
                seconds = _number(row["time"])
            except ValueError:
                moment = datetime.fromisoformat(row["time"])
                begins = begins or moment
                seconds = (moment - begins).total_seconds()
            good = row.get("quality", "").lower() in ("", "good", "1")
            if good and row["spo2"].strip("-") and 1 <= _number(row["spo2"]) <= 100:
                found.append((seconds, _number(row["spo2"])))
    return found


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def crossings(samples: Iterable[Sample], limit: float) -> int:
    """Alarms of a bare threshold: each fall below the limit is one, which ends at or above it."""
    alarms, below = 0, False
    for _, value in samples:
        alarms += value < limit and not below
        below = value < limit
    return alarms


def stretches(samples: Sequence[Sample], below: float, least_s: float) -> list[Span]:
    """From and to, where every sample was `below` for at least `least_s`, none missing for long.

    A sample stands until the next one, if that comes soon.
    """
    found: list[Span] = []
    begin: float | None = None
    for at, (seconds, value) in enumerate(samples):
        if value < below and begin is None:
            begin = seconds
        if begin is None:
            continue
        following = samples[at + 1] if at + 1 < len(samples) else None
        gap = following is None or following[0] - seconds > NEAR_S
        if gap or (following is not None and following[1] >= below):
            end = seconds if gap or following is None else following[0]
            if end - begin >= least_s:
                found.append((begin, end))
            begin = None
    return found


def spans_of(lines: Iterable[dict[str, Any]]) -> list[Span]:
    """When an SpO2 alarm of medium or high priority was active, as `vigil replay --json` tells it."""
    began: dict[str, float] = {}
    found: list[Span] = []
    for line in lines:
        if line.get("vital") != "spo2":
            continue
        if line["state"] == "ended":
            if line["condition"] in began:
                found.append((began.pop(line["condition"]), line["t"]))
        elif line["priority"] in ("medium", "high"):
            began.setdefault(line["condition"], line["t"])
    return found + [(since, float("inf")) for since in began.values()]


def unheard(low: Iterable[Span], alarms: Sequence[Span]) -> list[Span]:
    """The stretches in which no alarm was raised and none was still active."""
    return [(a, b) for a, b in low if not any(begin <= b and end >= a for begin, end in alarms)]


def compare(samples: Sequence[Sample], lines: Sequence[dict[str, Any]], limit: float) -> dict[str, Any]:
    """Both side by side. Vigil's are all alarms on low SpO2 at this limit or below, whatever their kind."""
    low = stretches(samples, 85, 10)
    bare = crossings(samples, limit)
    active = [line for line in lines if line.get("state") == "active"]
    at_limit = [x for x in active if x["vital"] == "spo2" and x["direction"] == "low" and x["limit"] <= limit]
    return {
        "bare": bare,
        "vigil": len(at_limit),
        "ratio": round(bare / len(at_limit), 1) if at_limit else None,
        "vigil_all": len(active),
        "stretches": len(low),
        "unheard": unheard(low, spans_of(lines)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--limit", type=float, default=90.0, help="of the bare threshold, %% SpO2")
    parser.add_argument("--against", type=argparse.FileType("r"), help="lines of `vigil replay --json`, or -")
    given = parser.parse_args()
    samples = samples_of(given.file)
    if given.against is None:
        found = stretches(samples, 85, 10)
        print(json.dumps({"bare": crossings(samples, given.limit), "stretches": found}))
        return
    said = compare(samples, [json.loads(line) for line in given.against], given.limit)
    print(json.dumps(said))
    sys.exit(1 if said["unheard"] else 0)


if __name__ == "__main__":
    main()
