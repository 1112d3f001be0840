"""Outputs pulled while an alarm sounds, a voice killed, a worker that hangs: heard, shown, in the log."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from headless_vigil import Bench, until
from listening import Record, plug

from devices.virtual.instruments.sig_oximeter import SigOximeter
from devices.virtual.patient import Physiology, steady
from devices.virtual.peripheral import Peripheral
from devices.virtual.radio import VirtualRadio
from monitor import entries as e
from monitor.clock import interval_ns
from monitor.store.verify import verify
from ui.sound.voice import Voice

pytestmark = pytest.mark.slow

HEARD_WITHIN_NS = 3_500_000_000


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """A file that lists the outputs of this computer."""
    return plug(tmp_path / "outputs.json", "Built-in", "USB Audio", "AirPods Pro")


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record(tmp_path / "heard.pcm")


@pytest.fixture
def there(bench: Callable[..., Bench], outputs: Path, record: Record) -> Bench:
    """A Vigil whose oximeter says 79 %."""
    return bench(low, Voice.start(output=str(outputs), record=record.path))


def low(radio: VirtualRadio) -> list[Peripheral]:
    return [SigOximeter(radio, steady(Physiology(spo2=79, pulse=70)), "PLX-1", every=0.1)]


def faults(there: Bench, session: str) -> list[tuple[str, bool]]:
    """What the log says of sound: each fault, and whether it is over."""
    told = [body for body in there.written(session) if isinstance(body, e.SystemFault)]
    return [(body.fault, body.over) for body in told]


def sounding(there: Bench, record: Record) -> str:
    """A session whose alarm sounds by now."""
    session = there.begin("PLX-1")
    until(lambda: "high" in record.sounds)
    return session


def goes_on_sounding(record: Record) -> None:
    """Waits until something is heard; bursts come every 8 s."""
    now = len(record.samples)
    until(lambda: np.abs(record.samples[now:].astype(int)).max(initial=0) > 3000)


def test_the_output_is_pulled_while_an_alarm_sounds(there: Bench, outputs: Path, record: Record) -> None:
    there.runtime.keep_output("USB Audio").result(5)
    until(lambda: there.runtime.sound_line == "USB Audio")
    session = sounding(there, record)
    plug(outputs, "Built-in", "AirPods Pro")
    until(lambda: there.runtime.sound_line == "Built-in")
    goes_on_sounding(record)
    until(lambda: faults(there, session) == [("output", False)])
    assert there.state(session).ledger.faults["output"].reason == (
        "USB Audio is not there: alarms sound on Built-in"
    )
    plug(outputs, "Built-in", "USB Audio")
    until(lambda: there.runtime.sound_line == "USB Audio")
    until(lambda: faults(there, session) == [("output", False), ("output", True)])
    assert "failure" not in record.sounds
    assert verify(there.runtime.store, session).ok


def test_the_last_output_is_pulled_while_an_alarm_sounds(there: Bench, outputs: Path, record: Record) -> None:
    session = sounding(there, record)
    plug(outputs, "AirPods Pro")
    until(lambda: there.runtime.sound_line.startswith("none, "))
    until(lambda: ("sound_unavailable", "") in present(there, session))
    assert there.state(session).ledger.faults["sound"].reason.endswith("but Bluetooth or headphones")
    plug(outputs, "HDMI 1")
    until(lambda: there.runtime.sound_line == "HDMI 1")
    goes_on_sounding(record)
    until(lambda: ("sound", True) in faults(there, session))
    until(lambda: ("sound_unavailable", "") not in present(there, session))


def present(there: Bench, session: str) -> set[tuple[str, str]]:
    """Conditions that are present, with their direction."""
    return {(key[0], key[1]) for key in there.state(session).alarms}


def test_a_session_that_begins_without_sound_is_told_at_its_start(there: Bench, outputs: Path) -> None:
    plug(outputs)
    until(lambda: there.runtime.sound_line == "none, this computer has no audio output")
    first, second = there.begin("PLX-1"), there.begin()
    for session in (first, second):
        until(lambda session=session: faults(there, session)[:1] == [("sound", False)])
        until(lambda session=session: ("sound_unavailable", "") in present(there, session))


def test_one_taken_up_again_with_sound_is_told_that_it_is_over(
    bench: Callable[..., Bench], outputs: Path, record: Record
) -> None:
    plug(outputs)
    before = bench(low, Voice.start(output=str(outputs)))
    session = before.begin()
    until(lambda: faults(before, session) == [("sound", False)])
    before.close()
    plug(outputs, "Built-in")
    after = bench(low, Voice.start(output=str(outputs), record=record.path))
    after.runtime.resume(session, "im").result(5)
    until(lambda: faults(after, session) == [("sound", False), ("sound", True)])


def test_a_sound_process_that_is_killed_comes_back_and_sounds_the_alarm_again(
    there: Bench, record: Record
) -> None:
    sounding(there, record)
    (process,) = [p for p in psutil.Process().children() if str(record.path) in p.cmdline()]
    process.kill()
    until(lambda: record.sounds == ["high", "high"])


def test_a_worker_that_hangs_is_heard_and_is_in_the_log_once_it_goes_on(there: Bench, record: Record) -> None:
    session = there.begin("PLX-1")
    until(lambda: record.samples.size)
    go_on = threading.Event()
    try:
        hangs_ns = interval_ns()
        there.runtime.call(go_on.wait, 20.0)
        until(lambda: "failure" in record.sounds)
        heard_ns = next(at_ns for sound, at_ns, _ in record.log if sound == "failure")
        assert heard_ns - hangs_ns <= HEARD_WITHIN_NS
        until(lambda: there.runtime.stands_still)
    finally:
        go_on.set()
    until(lambda: record.sounds[-1] != "failure")
    until(lambda: ("worker", False) in faults(there, session))
