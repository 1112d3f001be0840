"""`vigil replay` as a person and a script meet it: a file, a session, limits to try, what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.alarms.replay import read_log
from monitor.clock import HandClock
from monitor.codec import unseal
from monitor.live import LiveSession
from monitor.store import datadir
from monitor.vitals import Reading

ROOT = Path(__file__).parents[2]
SESSION = "ab" + "7" * 30
JUDGE = ROOT / "tests" / "monitor" / "alarms" / "bare_threshold.py"


def vigil(*words: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """One run of the real command."""
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *map(str, words)],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=50,
    )


def replayed(*words: object, cwd: Path = ROOT) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The changes and the summary that `vigil replay --json` prints."""
    done = vigil("replay", *words, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    *changes, last = [json.loads(line) for line in done.stdout.splitlines()]
    return changes, last["summary"]


def fails(*words: object, says: str) -> None:
    done = vigil("replay", *words)
    assert (done.returncode, done.stdout) == (2, ""), done
    assert len(done.stderr.splitlines()) == 2, done.stderr
    assert says in done.stderr


def brief(changes: list[dict[str, Any]]) -> list[tuple[str, str, float]]:
    return [(c["condition"], c["state"], c["t"]) for c in changes]


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """A recording from second 100 on: half a minute at 97 %, 12 s at 83 %, half a minute at 97 %."""
    spo2 = [97] * 30 + [83] * 12 + [97] * 30
    file = tmp_path / "night.csv"
    rows = [f"{100 + t},{value},70" for t, value in enumerate(spo2)]
    file.write_text("\n".join(["time,spo2,pulse", *rows]) + "\n")
    return file


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A demo's record with one session: a dose, a fall that somebody acknowledged, the end."""
    data_dir = tmp_path / "demo"
    store = datadir.create_demo(data_dir)
    store.create_log(SESSION, "session")
    clock = HandClock()
    live = LiveSession(SESSION, store, clock, load_preset("im"), lambda entry: None)
    live.open(e.SessionOpened(code="KAP-1", route="im", preset="im", demo=True), by="therapist")
    live.record(e.TimeOutTaken(go=True), by="therapist")
    live.record(
        e.DeviceAssigned(device="ox", role="oximeter", driver="d", name="n", address="a"), by="therapist"
    )
    live.record(e.DoseGiven(drug="ketamine", amount_mg=50, route="im"), by="physician")
    live.record(e.LimitsSet(limits={"spo2_low": 92.0}), by="physician")
    for second, spo2 in enumerate([97] * 20 + [91] * 60 + [97] * 20):
        live.arrived("ox", [Reading(spo2=spo2, pulse=70)], b"", clock.now())
        if second == 50:
            live.record(e.AlarmAcknowledged(condition="spo2_low", direction="low"), by="therapist")
        clock.advance(1)
    live.record(e.SessionEnded(), by="therapist")
    live.close()
    store.close()
    return data_dir


def test_a_file_gives_one_line_for_each_change_and_then_the_summary(night: Path) -> None:
    changes, summary = replayed(night, "--preset", "im")
    assert brief(changes) == [("spo2_very_low", "active", 132), ("spo2_very_low", "ended", 142)]
    assert changes[0] == {
        "t": 132.0,
        "condition": "spo2_very_low",
        "priority": "high",
        "state": "active",
        "value": 83.0,
        "limit": 85.0,
        "direction": "low",
        "vital": "spo2",
        "since": 130.0,
        "worst": 83.0,
    }
    assert summary == {
        "hours": 0.0197,
        "alarms": 1,
        "alarms_per_hour": pytest.approx(50.7),
        "seconds_in_alarm": 10.0,
        "by_condition": {"spo2_very_low": {"alarms": 1, "seconds": 10.0}},
        "active_at_end": [],
    }


def test_times_with_a_date_count_from_the_first_row(tmp_path: Path) -> None:
    file = tmp_path / "dated.csv"
    rows = [f"2026-03-01T14:{t // 60:02}:{t % 60:02},{84 if t >= 30 else 97}" for t in range(60)]
    file.write_text("\n".join(["time,spo2", *rows]))
    changes, summary = replayed(file, "--preset", "im")
    assert brief(changes) == [("spo2_very_low", "active", 32)]
    assert summary["active_at_end"] == ["spo2_very_low"]


def test_people_get_a_table(night: Path) -> None:
    done = vigil("replay", night, "--preset", "im")
    assert done.returncode == 0
    assert "0:00:32  high    active        SpO2 very low              spo2 83 < 85" in done.stdout
    assert "0:00:42  high    ended         SpO2 very low              spo2 was 83" in done.stdout
    assert "0.02 h: 1 alarms" in done.stdout


def test_limits_are_tried(night: Path) -> None:
    assert replayed(night, "--preset", "im", "--limits", "spo2_very_low=82")[0] == []


def test_a_preset_of_the_practice_is_tried_and_refused_by_its_line(night: Path, tmp_path: Path) -> None:
    own = tmp_path / "presets" / "ours.toml"
    own.parent.mkdir()
    limit = 'limit = { value = 82, unit = "%", source = "the medical director", confidence = "V" }'
    text = f'title = "Ours"\nbase = "_base"\n[[condition]]\nid = "spo2_very_low"\n{limit}\n'
    own.write_text(text)
    assert replayed(night, "--preset", "ours", "--data", tmp_path)[0] == []
    own.write_text(text.replace("82", "820"))
    fails(night, "--preset", "ours", "--data", tmp_path, says="ours.toml")


def test_what_is_not_read_is_said_on_the_side(tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text("time,spo2,temperature\n0,97,36.6\n")
    done = vigil("replay", file, "--preset", "im", "--json")
    assert done.stderr == "Columns not read: temperature.\n"
    assert len(done.stdout.splitlines()) == 1


def test_a_session_is_replayed_without_what_people_did_to_its_alarms(record: Path) -> None:
    changes, summary = replayed("last", "--data", record)
    assert brief(changes) == [("spo2_low", "active", 35), ("spo2_low", "ended", 80)]
    assert {c["limit"] for c in changes} == {92.0}
    assert summary["hours"] == pytest.approx(100 / 3600, abs=1e-4)
    assert replayed("ab7", "--data", record) == (changes, summary)


def test_the_replay_of_a_session_finds_what_was_found_live(record: Path) -> None:
    store = datadir.open_store(record, readonly=True)
    bodies = [unseal(sealed.data)[0].body for sealed in store.read(SESSION)]
    store.close()
    live = [
        (body.condition, body.state, body.at_ms / 1000)
        for body in bodies
        if isinstance(body, e.AlarmChanged) and body.state != "acknowledged"
    ]
    assert live
    assert brief(replayed(SESSION, "--data", record)[0]) == live


def test_limits_that_are_given_replace_those_of_the_session(record: Path) -> None:
    assert replayed("last", "--data", record, "--limits", "spo2_low=90,spo2_caution=90")[0] == []


def test_a_file_goes_before_a_session_of_the_same_name(record: Path, night: Path) -> None:
    night.rename(night.parent / "ab7")
    changes, _ = replayed("ab7", "--preset", "im", "--data", record, cwd=night.parent)
    assert changes[0]["t"] == 132


def test_entries_that_cannot_be_read_are_left_out_and_counted(record: Path) -> None:
    store = datadir.open_store(record, readonly=True)
    sealed = list(store.read(SESSION))
    store.close()
    broken = [replace(s, data=b"{") if s.seq == 9 else s for s in sealed]
    whole, rest = read_log(sealed, keep_limits=True), read_log(broken, keep_limits=True)
    assert (whole.damaged, rest.damaged) == (0, 1)
    assert len(rest.moments) == len(whole.moments) - 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "--preset"),
        (["--preset", "nonsense"], "no alarm preset"),
        (["--preset", "im", "--limits", "spo2_low=9"], "far from the preset's 90"),
        (["--preset", "im", "--limits", "spo2=90"], "no such limit"),
    ],
)
def test_what_cannot_be_tried_is_said_in_two_lines(night: Path, words: list[str], says: str) -> None:
    fails(night, *words, says=says)


def test_what_is_no_recording_is_said_in_two_lines(tmp_path: Path, record: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"time,spo2\n0,97\n1,\xff\n")
    fails(bad, "--preset", "im", says="Line 3: not UTF-8 text")
    fails(tmp_path, "--preset", "im", says="cannot be read")
    fails("/dev/zero", "--preset", "im", says="too long")
    fails("nowhere.csv", "--preset", "im", says="no such file")
    fails("z" * 5000, "--preset", "im", "--data", record, says="No session has this id")
    fails("zz", "--preset", "im", "--data", record, says="No session has this id")


def test_the_judge_reads_what_the_command_prints(night: Path) -> None:
    printed = vigil("replay", night, "--preset", "im", "--json").stdout
    judged = subprocess.run(
        [sys.executable, JUDGE, night, "--against", "-"],
        input=printed,
        capture_output=True,
        encoding="utf-8",
        timeout=50,
    )
    assert judged.returncode == 0, judged.stderr
    assert json.loads(judged.stdout) == {
        "bare": 1,
        "vigil": 1,
        "ratio": 1.0,
        "vigil_all": 1,
        "stretches": 1,
        "unheard": [],
    }
