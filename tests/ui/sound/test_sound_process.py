"""The real sound process on the null output: what it plays when it is told, abandoned, or orphaned."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from listening import ROOT, Child, Record, eventually

from monitor.clock import interval_ns
from ui.sound.synth import render
from ui.sound.voice import Voice

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

HEARD_WITHIN_NS = 3_500_000_000
"""The requirement: a dead or frozen app is heard within 3.5 s."""


def test_a_wanted_high_burst_is_handed_to_the_device(child: Child, record: Record) -> None:
    child.say(sound="high")
    assert child.hear() == {"sounding": "high"}
    ((_, _, frame),) = record.log
    burst = render("high").samples
    eventually(lambda: (child.say(beat=1), len(record.samples) >= frame + len(burst))[1])
    assert np.array_equal(record.samples[frame : frame + len(burst)], burst)
    assert not record.samples[:frame].any()


def test_a_test_sounds_once_and_says_so(child: Child) -> None:
    child.say(test=True)
    assert child.hear() == {"sounding": "high"}


def test_silence_is_heard_and_the_app_may_come_back(child: Child, record: Record) -> None:
    fell_silent = interval_ns()
    child.say(beat=1)
    assert child.hear() == {"sounding": "failure"}
    assert 2_900_000_000 <= record.log[-1][1] - fell_silent <= HEARD_WITHIN_NS
    child.say(beat=2)
    assert child.hear() == {"sounding": "none"}


def test_a_goodbye_is_silent_and_in_order(child: Child, record: Record) -> None:
    child.say(beat=1)
    child.say(goodbye=True)
    assert child.process.wait(10) == 0
    assert "failure" not in record.sounds
    assert not record.samples.any()


def test_it_outlives_ctrl_c_and_terminate_while_the_app_lives(child: Child) -> None:
    child.process.send_signal(signal.SIGINT)
    child.process.send_signal(signal.SIGTERM)
    child.say(sound="medium")
    assert child.hear() == {"sounding": "medium"}


def test_an_orphan_sounds_until_somebody_ends_it(child: Child, record: Record) -> None:
    child.stdin.close()
    assert child.hear() == {"sounding": "failure"}
    child.process.send_signal(signal.SIGTERM)
    assert child.process.wait(10) == 0


def test_without_any_sound_system_it_says_why_and_goes_on(deaf_child: Child) -> None:
    assert "audio output" in deaf_child.hear()["unavailable"]
    deaf_child.say(sound="high")
    deaf_child.say(goodbye=True)
    assert deaf_child.process.wait(10) == 0


def test_it_imports_no_windows_and_no_radio() -> None:
    heavy = "{'PySide6', 'pyqtgraph', 'bleak', 'sqlalchemy'} & set(sys.modules)"
    code = f"import sys, ui.sound.process; sys.exit(bool({heavy}))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


# --- the app's handle ---------------------------------------------------------------------


def test_a_voice_plays_what_is_wanted_and_leaves_in_peace(record: Record) -> None:
    voice = Voice.start(output="null", record=record.path)
    try:
        eventually(lambda: voice.state.playing)
        voice.want("high")
        eventually(lambda: voice.state.sounding == "high")
        assert voice.state.reason == ""
    finally:
        voice.close()
    assert record.sounds == ["high"]
    assert not [p for p in psutil.Process().children() if "ui.sound.process" in p.cmdline()]


def test_a_voice_whose_process_dies_gets_another_and_repeats_the_wish(record: Record) -> None:
    voice = Voice.start(output="null", record=record.path)
    try:
        voice.want("high")
        eventually(lambda: record.sounds == ["high"])
        (process,) = [p for p in psutil.Process().children() if str(record.path) in p.cmdline()]
        process.kill()
        eventually(lambda: not voice.state.playing)
        eventually(lambda: record.sounds == ["high", "high"])
    finally:
        voice.close()


APP = """
import sys, threading
from pathlib import Path
from ui.sound.voice import Voice
voice = Voice.start(output="null", record=Path(sys.argv[1]))
while True:
    voice.beat()
    threading.Event().wait(0.2)
"""


def start_app(record: Record, left_behind: list[psutil.Process]) -> psutil.Process:
    """A small app that owns a voice and beats; returns once samples flow."""
    app = psutil.Popen([sys.executable, "-c", APP, str(record.path)], cwd=ROOT)
    left_behind.append(app)
    eventually(lambda: len(record.samples))
    left_behind += app.children()
    assert record.sounds == []
    return app


def test_an_app_that_is_killed_is_heard(record: Record, left_behind: list[psutil.Process]) -> None:
    app = start_app(record, left_behind)
    killed = interval_ns()
    app.kill()
    app.wait()
    eventually(lambda: record.sounds == ["failure"])
    ((_, at_ns, frame),) = record.log
    assert at_ns - killed <= HEARD_WITHIN_NS
    tone = render("failure").samples
    eventually(lambda: len(record.samples) >= frame + len(tone))
    assert np.array_equal(record.samples[frame : frame + len(tone)], tone)


def test_an_app_that_freezes_is_heard_until_it_thaws(
    record: Record, left_behind: list[psutil.Process]
) -> None:
    app = start_app(record, left_behind)
    frozen = interval_ns()
    app.suspend()
    eventually(lambda: record.sounds == ["failure"])
    assert record.log[0][1] - frozen <= HEARD_WITHIN_NS
    app.resume()
    eventually(lambda: record.sounds == ["failure", "none"])


def test_ctrl_c_in_the_terminal_does_not_reach_the_voice(
    record: Record, left_behind: list[psutil.Process]
) -> None:
    app = start_app(record, left_behind)
    (voice,) = app.children()
    assert voice.pid != app.pid
    assert group(voice) != group(app)


def group(process: psutil.Process) -> int:
    return int(Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[2])
