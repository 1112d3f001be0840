"""The real sound process on the null output: what it plays when it is told, abandoned, or orphaned."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from listening import ROOT, Child, Record, eventually, plug

from monitor.clock import interval_ns
from ui.sound.synth import RATE, render
from ui.sound.voice import Voice

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

HEARD_WITHIN_NS = 3_500_000_000
"""The requirement: a dead or frozen app is heard within 3.5 s."""


def test_a_wanted_high_burst_is_handed_to_the_device(child: Child, record: Record) -> None:
    child.say(sound="high")
    assert child.hear("sounding") == "high"
    ((_, _, frame),) = record.log
    burst = render("high").samples
    eventually(lambda: (child.say(beat=1), len(record.samples) >= frame + len(burst))[1])
    assert np.array_equal(record.samples[frame : frame + len(burst)], burst)
    assert not record.samples[:frame].any()


def test_a_test_sounds_once_and_says_so(child: Child) -> None:
    child.say(test=True)
    assert child.hear("sounding") == "high"


def test_silence_is_heard_and_the_app_may_come_back(child: Child, record: Record) -> None:
    fell_silent = interval_ns()
    child.say(beat=1)
    assert child.hear("sounding") == "failure"
    assert 2_900_000_000 <= record.log[-1][1] - fell_silent <= HEARD_WITHIN_NS
    child.say(beat=2)
    assert child.hear("sounding") == "none"


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
    assert child.hear("sounding") == "medium"


def test_an_orphan_sounds_until_somebody_ends_it(child: Child, record: Record) -> None:
    child.stdin.close()
    assert child.hear("sounding") == "failure"
    child.process.send_signal(signal.SIGTERM)
    assert child.process.wait(10) == 0


def test_without_any_sound_system_it_says_why_and_goes_on(deaf_child: Child) -> None:
    assert "audio output" in deaf_child.hear("unavailable")
    deaf_child.say(sound="high")
    deaf_child.say(goodbye=True)
    assert deaf_child.process.wait(10) == 0


def test_it_imports_no_windows_and_no_radio() -> None:
    heavy = "{'PySide6', 'pyqtgraph', 'bleak', 'sqlalchemy'} & set(sys.modules)"
    code = f"import sys, ui.sound.process; sys.exit(bool({heavy}))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_what_is_said_again_begins_anew_at_once(child: Child, record: Record) -> None:
    child.say(sound="high")
    assert child.hear("sounding") == "high"
    child.say(again=True)
    assert child.hear("sounding") == "high"
    (_, _, first), (_, _, again) = record.log
    assert again - first < render("high").period
    eventually(lambda: (child.say(beat=1), len(record.samples) >= again + 4800)[1])
    assert np.array_equal(record.samples[again : again + 4800], render("high").samples[:4800])


def test_the_reminder_is_one_soft_tone_and_gives_way_to_an_alarm(child: Child, record: Record) -> None:
    child.say(reminder=True)
    assert child.hear("sounding") == "reminder"
    child.say(sound="high")
    assert child.hear("sounding") == "high"
    assert record.sounds == ["reminder", "high"]


# --- outputs that come and go -------------------------------------------------------------


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """A file that lists the outputs of a computer."""
    return plug(tmp_path / "outputs.json", "Built-in", "USB Audio", "AirPods Pro")


@pytest.fixture
def travelling(record: Record, outputs: Path) -> Iterator[Child]:
    started = Child(record, str(outputs))
    yield started
    started.end()


def test_it_tells_what_outputs_there_are_and_why_some_are_refused(travelling: Child) -> None:
    told = travelling.hear("outputs")
    assert [(o["name"], o["default"]) for o in told] == [
        ("Built-in", True),
        ("USB Audio", False),
        ("AirPods Pro", False),
    ]
    assert [bool(o["refused"]) for o in told] == [False, False, True]
    assert travelling.hear("playing") == "Built-in"


def test_an_output_pulled_while_it_sounds_is_replaced_at_once_and_used_again_when_back(
    travelling: Child, record: Record, outputs: Path
) -> None:
    travelling.say(output="USB Audio", sound="failure")
    eventually(lambda: travelling.hear("playing") == "USB Audio")
    plug(outputs, "Built-in")
    assert travelling.hear("playing") == "Built-in"
    moved = len(record.samples)
    eventually(lambda: (travelling.say(beat=1), len(record.samples) > moved + RATE)[1])
    assert np.abs(record.samples[moved : moved + RATE]).max() > 3000, "and goes on sounding"
    plug(outputs, "Built-in", "USB Audio")
    assert travelling.hear("playing") == "USB Audio"
    assert record.sounds == ["failure"], "the same burst all the time"


def test_with_nothing_but_headphones_left_it_says_so_and_waits(travelling: Child, outputs: Path) -> None:
    plug(outputs, "AirPods Pro")
    assert "headphones" in travelling.hear("unavailable")
    travelling.say(sound="high")
    plug(outputs, "AirPods Pro", "HDMI 1")
    assert travelling.hear("playing") == "HDMI 1"


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


def test_a_voice_tells_where_sound_goes_and_that_it_moved(record: Record, outputs: Path) -> None:
    voice = Voice.start(output=str(outputs), record=record.path)
    try:
        assert voice.unheard == "", "it has only just been started"
        eventually(lambda: voice.state.output == "Built-in")
        assert voice.state.moved == ""
        plug(outputs, "USB Audio", "Built-in")
        eventually(lambda: voice.state.output == "USB Audio")
        assert voice.state.moved == "Built-in is not in use: alarms sound on USB Audio"
        voice.choose("USB Audio")
        assert voice.state.moved == ""
        plug(outputs, "HDMI 1")
        eventually(lambda: voice.state.output == "HDMI 1")
        assert voice.state.moved == "USB Audio is not there: alarms sound on HDMI 1"
        plug(outputs)
        eventually(lambda: not voice.state.playing)
        assert voice.unheard == "this computer has no audio output"
        assert voice.state.moved == "", "one fault, not two"
        plug(outputs, "HDMI 1", "USB Audio")
        eventually(lambda: voice.state.output == "USB Audio")
        assert (voice.unheard, voice.state.moved) == ("", "")
    finally:
        voice.close()


def test_a_voice_repeats_the_choice_to_a_new_process(record: Record, outputs: Path) -> None:
    voice = Voice.start(output=str(outputs), record=record.path)
    try:
        voice.choose("USB Audio")
        eventually(lambda: voice.state.output == "USB Audio")
        (process,) = [p for p in psutil.Process().children() if str(record.path) in p.cmdline()]
        process.kill()
        eventually(lambda: not voice.state.playing)
        assert voice.unheard
        eventually(lambda: voice.state.output == "USB Audio")
    finally:
        voice.close()


@pytest.mark.slow
def test_a_sound_process_that_hangs_is_told_and_replaced(record: Record) -> None:
    voice = Voice.start(output="null", record=record.path)
    try:
        voice.want("high")
        eventually(lambda: record.sounds == ["high"])
        (process,) = [p for p in psutil.Process().children() if str(record.path) in p.cmdline()]
        process.suspend()
        eventually(lambda: voice.unheard == "the sound process does not answer")
        eventually(lambda: record.sounds == ["high", "high"])
        eventually(lambda: not voice.unheard)
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
