"""Vigil's alarms beside a bare threshold, as a table: on the recordings made up here, or on any file.

    python -m tests.monitor.alarms.comparison [FILE...]

For each recording `vigil replay` runs with preset `im`; the independent script bare_threshold judges.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from devices.virtual.script import script_names
from monitor.alarms.presets import load_preset
from monitor.alarms.recording import read_recording
from monitor.alarms.replay import replay_recording
from tests.monitor.alarms.bare_threshold import compare, samples_of
from tests.monitor.alarms.recordings import HOURS, KINDS, made_up, virtual_patient
from ui.cli_replay import line_of

SEEDS = 10
LIMIT = 90.0


def compared(file: Path) -> dict[str, Any]:
    """What the independent script says of a recording and of Vigil's alarms on it."""
    recording = read_recording(file.read_bytes())
    replayed = replay_recording(recording, load_preset("im"), {})
    lines = [line_of(change, recording.starts_s) for change in replayed.changes]
    return compare(samples_of(file), lines, LIMIT)


def compared_text(text: str) -> dict[str, Any]:
    """The same for a recording that is no file yet."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "recording.csv"
        file.write_text(text, encoding="utf-8")
        return compared(file)


def row(name: str, found: list[dict[str, Any]]) -> str:
    """One line of the table, summed over recordings."""
    bare, vigil, everything, low = (
        sum(one[key] for one in found) for key in ("bare", "vigil", "vigil_all", "stretches")
    )
    each = [one["ratio"] for one in found if one["ratio"] is not None]
    ratio = f"{bare / vigil:.1f} ({min(each)} to {max(each)})" if vigil else "–"
    lost = sum(len(one["unheard"]) for one in found)
    return f"| {name} | {bare} | {vigil} | {ratio} | {everything} | {low} | {lost} |"


def main() -> None:
    print("| recording | bare | Vigil | ratio | Vigil, everything | below 85 % | unheard |")
    print("|---|---:|---:|---|---:|---:|---:|")
    if len(sys.argv) > 1:
        for name in sys.argv[1:]:
            print(row(name, [compared(Path(name))]))
        return
    for kind in KINDS:
        found = [compared_text(made_up(kind, seed)) for seed in range(SEEDS)]
        print(row(f"`{kind}`, {SEEDS} × {HOURS} h", found))
    for script in script_names():
        print(row(f"virtual patient, `{script}`, 2 h", [compared_text(virtual_patient(script))]))


if __name__ == "__main__":
    main()
