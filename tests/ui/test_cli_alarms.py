"""`vigil alarms` as a person and a script meet it, without a window toolkit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.clock import HandClock
from monitor.live import LiveSession
from monitor.store import datadir
from monitor.vitals import Reading

ROOT = Path(__file__).parents[2]
SESSION = "cd" + "5" * 30
WITHOUT_QT = "import sys; sys.modules['PySide6'] = None; import ui.cli; ui.cli.main()"


def vigil(*words: object) -> subprocess.CompletedProcess[str]:
    """One run of the real command where PySide6 cannot be imported."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_QT, *map(str, words)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=50,
    )


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A demo's record with one session: a fall that somebody acknowledged after 10 s and judged."""
    data_dir = tmp_path / "demo"
    store = datadir.create_demo(data_dir)
    store.create_log(SESSION, "session")
    clock = HandClock()
    live = LiveSession(SESSION, store, clock, load_preset("im"), lambda entry: None)
    live.open(e.SessionOpened(code="KAP-1", route="im", preset="im", demo=True), by="therapist")
    live.record(e.TimeOutTaken(go=True), by="therapist")
    ox = e.DeviceAssigned(device="ox", role="oximeter", driver="d", name="n", address="a")
    live.record(ox, by="therapist")
    for second, spo2 in enumerate([97] * 20 + [83] * 30 + [97] * 20):
        live.arrived("ox", [Reading(spo2=spo2, pulse=70)], b"", clock.now())
        live.tick()
        if second == 32:
            live.record(e.AlarmAcknowledged(condition="spo2_very_low", direction="low"), by="therapist")
        clock.advance(1)
    [alarm] = live.state.past_alarms
    live.record(e.AlarmLabelled(alarm=alarm.entry, useful=True), by="physician")
    live.record(e.SessionEnded(), by="therapist")
    live.close()
    store.close()
    return data_dir


def test_each_alarm_and_what_they_come_to(record: Path) -> None:
    done = vigil("alarms", "last", "--data", record, "--json")
    assert done.returncode == 0, done.stderr
    alarm, summary = [json.loads(line) for line in done.stdout.splitlines()]
    assert (alarm["condition"], alarm["began"], alarm["ended"], alarm["seen"]) == (
        "spo2_very_low", 22.0, 50.0, 32.0,
    )  # fmt: skip
    assert (alarm["worst"], alarm["limit"], alarm["useful"]) == (83.0, 85.0, True)
    said = summary["summary"]
    assert (said["alarms"], said["prompt_share"], said["seconds_in_alarm"]) == (1, 1.0, 28.0)
    assert (said["useful"], said["nuisance"]) == (1, 0)
    assert said["by_condition"]["spo2_very_low"]["alarms"] == 1


def test_for_people_it_is_a_table(record: Path) -> None:
    done = vigil("alarms", SESSION[:4], "--data", record)
    assert done.returncode == 0, done.stderr
    assert "00:22–00:50" in done.stdout
    assert "acknowledged after 10 s  useful" in done.stdout
    assert "acknowledged within 30 s: 1 of 1 (100%)" in done.stdout


def test_an_unknown_session_is_two_lines(record: Path) -> None:
    done = vigil("alarms", "zz", "--data", record)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 2
