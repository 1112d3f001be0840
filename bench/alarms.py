"""The alarm engine: steps per second with every condition of a preset watched, and replay of 2 h.

`python -m bench.alarms` prints one JSON line per figure. A step is one reading fed, at 1 Hz, or one
`advance`; the recordings are those of tests/monitor/alarms/recordings, "flicker" crosses limits with
every second reading. The floor of a step is the same bodies handed to an engine without conditions;
that of a replay is the bare threshold of the tests' independent script on the same file.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from bench.report import figure
from monitor import entries as e
from monitor.alarms.conditions import Preset
from monitor.alarms.engine import Engine
from monitor.alarms.preset_schema import FAULTS
from monitor.alarms.presets import load_preset, preset_names
from monitor.alarms.recording import OXIMETER, read_recording
from monitor.alarms.replay import Moment, replay_recording
from monitor.clock import HandClock
from monitor.entries import Body
from monitor.live import LiveSession
from monitor.store.datadir import create_demo
from monitor.vitals import Battery, Waveform
from tests.monitor.alarms.bare_threshold import crossings, samples_of
from tests.monitor.alarms.recordings import made_up, virtual_patient

REPEATS = 7
LEAST = 20_000
"""Steps per second that an engine should reach on one core."""

SESSION = "1" * 32

TICKS = 4
"""A session looks at the clock so many times a second."""


def main() -> None:
    recordings = {
        "all": made_up("all", 0, hours=2),
        "falls": made_up("falls", 0, hours=2),
        "hypertensive": virtual_patient("hypertensive"),
        "flicker": "time,spo2,pulse\n" + "".join(f"{t},{97 - 13 * (t % 2)},70\n" for t in range(7200)),
    }
    for name in preset_names():
        steps(f"alarms.steps.{name}", load_preset(name), story_of(recordings["all"]))
    for kind in ("falls", "hypertensive", "flicker"):
        steps(f"alarms.steps.im.{kind}", load_preset("im"), story_of(recordings[kind]))
    ticks(load_preset("im"))
    for kind in ("all", "hypertensive"):
        replays(kind, recordings[kind])
    with tempfile.TemporaryDirectory() as folder:
        replays_session(Path(folder) / "demo", recordings["all"])


def story_of(text: str) -> list[Moment]:
    """A recording as a session tells it, after enough has been said for every condition to be watched."""
    before: list[Body] = [
        e.SessionOpened(code="", route="im", preset="im"),
        e.BaselineSet(values={"spo2": 97, "pulse": 70, "systolic": 125, "diastolic": 80}),
        e.LinkChanged(device=OXIMETER, state="live"),
        e.BatteryRead(device=OXIMETER, battery=Battery(percent=90)),
        e.ClockStepped(seconds=0),
        e.Gap(cause=e.SLEEP, from_ms=0, to_ms=0),
        e.Gap(cause=e.RESTART, from_ms=0, to_ms=0),
        *(e.SystemFault(fault=fault, over=True) for fault in sorted(FAULTS)),
    ]
    bodies = [*((body, 0) for body in before), *read_recording(text.encode()).moments]
    return [(body, at, at, number) for number, (body, at) in enumerate(bodies, 1)]


def steps(name: str, preset: Preset, story: list[Moment]) -> None:
    """Microseconds of each step."""
    times = [t for _ in range(REPEATS) for t in _timed(Engine(preset), story)]
    floor = [t for _ in range(REPEATS) for t in _timed(Engine(replace(preset, conditions=())), story)]
    engine = Engine(preset)
    for moment in story:
        engine.feed(*moment)
    watched = {watch.condition.id for watch in engine.watches}
    assert watched == preset.by_id().keys(), preset.by_id().keys() - watched
    per_s = round(1e6 * len(times) / sum(times))
    more = {"steps_per_s": per_s, "least_per_s": LEAST, "conditions": len(watched)}
    figure(name, times, unit="µs", floor=floor, **more)


def _timed(engine: Engine, story: list[Moment]) -> list[float]:
    clock = time.perf_counter_ns
    times = []
    for moment in story:
        began = clock()
        engine.feed(*moment)
        times.append((clock() - began) / 1000)
    return times


def ticks(preset: Preset) -> None:
    """The same, with a look at the clock between the readings as a running session has it."""
    story = story_of(made_up("all", 0, hours=2))

    def feed() -> None:
        engine = Engine(preset)
        for moment in story:
            engine.feed(*moment)
            for tick in range(1, TICKS):
                engine.advance(moment[1] + 1000 * tick // TICKS)

    count = len(story) * TICKS
    times = [_seconds(feed) * 1e6 / count for _ in range(REPEATS)]
    per_s = round(1e6 * len(times) / sum(times))
    figure("alarms.steps_and_ticks", times, unit="µs", steps_per_s=per_s, least_per_s=LEAST)


def replays(kind: str, text: str) -> None:
    """Two hours from the file's bytes to the summary, and the whole command in a process of its own."""
    preset, data, rows = load_preset("im"), text.encode(), text.count("\n") - 1
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "recorded.csv"
        file.write_bytes(data)
        times = [_seconds(lambda: replay_recording(read_recording(data), preset, {})) for _ in range(REPEATS)]
        floor = [_seconds(lambda: crossings(samples_of(file), 90)) for _ in range(REPEATS)]
        figure(f"alarms.replay_2h.{kind}", times, unit="s", floor=floor, rows=rows, target=1)
        command = [sys.executable, "-m", "ui.cli", "replay", str(file), "--preset", "im", "--json"]
        whole = [_seconds(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(5)]
        figure(f"alarms.replay_2h_command.{kind}", whole, unit="s", rows=rows, target=1)


def replays_session(data_dir: Path, text: str) -> None:
    """The same two hours from an encrypted record, with bytes and a second of waveform for each reading."""
    store, clock = create_demo(data_dir), HandClock()
    store.create_log(SESSION, "session")
    session = LiveSession(SESSION, store, clock, load_preset("im"), lambda entry: None)
    session.open(e.SessionOpened(code="KAP-1", route="im", preset="im", demo=True), by="therapist")
    wave = Waveform(samples=tuple(range(30)), rate_hz=30)
    said_ms = 0
    for body, at_ms in read_recording(text.encode()).moments:
        clock.advance((at_ms - said_ms) / 1000)
        said_ms = at_ms
        if isinstance(body, e.ReadingTaken):
            session.arrived(body.device, [body.reading, wave], bytes(20), clock.now())
        else:
            session.record(body, by="therapist")
    session.record(e.SessionEnded(), by="therapist").result(60)
    session.close()
    store.close()
    command = [sys.executable, "-m", "ui.cli", "replay", "last", "--data", str(data_dir), "--json"]
    whole = [_seconds(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(5)]
    figure("alarms.replay_2h_session_command", whole, unit="s", target=1)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
