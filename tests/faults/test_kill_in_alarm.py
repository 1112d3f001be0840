"""Killed while an alarm is present: who takes the session up again finds it present."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from headless_vigil import Bench, Furnish, until

from monitor.alarms.signals import SoundWanted
from monitor.codec import unseal
from monitor.session import fold
from monitor.store import datadir
from monitor.store.verify import verify

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("alarming.py")


def killed_in_alarm(data_dir: Path) -> str:
    """The session of a process that was killed."""
    with subprocess.Popen(
        [sys.executable, str(SCRIPT), str(data_dir)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        session = process.stdout.readline().strip()
        process.kill()
    assert session
    return session


def test_an_alarm_outlives_the_program(tmp_path: Path, bench: Callable[[Furnish], Bench]) -> None:
    session = killed_in_alarm(tmp_path / "data")
    store = datadir.open_store(tmp_path / "data", readonly=True)
    left = fold(unseal(sealed.data)[0] for sealed in store.read(session))
    store.close()
    low = next(alarm for key, alarm in left.alarms.items() if key[1] == "low")

    there = bench(lambda radio: [])
    there.runtime.resume(session, "im").result(10)
    again = there.state(session).alarms[low.key]
    assert (again.change.priority, again.began_ms) == (low.change.priority, low.began_ms)
    assert there.runtime.call(there.runtime._sounding.wanted).result(5) is not SoundWanted.NONE
    until(lambda: there.runtime.store.durable_seq(session) >= there.state(session).seq)
    assert verify(there.runtime.store, session).ok
