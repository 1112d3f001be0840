"""The packages and the commands that need no window work where no window toolkit can be imported."""

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
from monitor.store.datadir import create_demo

WINDOWS = ("PySide6", "shiboken6", "pyqtgraph")
RADIOS = ("bleak", "bumble")

WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing}:
            raise ImportError(name + " is not installed here")

sys.meta_path.insert(0, Missing())
"""

IMPORT_ALL = """
import importlib, pkgutil

for root in ("monitor", "devices"):
    package = importlib.import_module(root)
    for module in pkgutil.walk_packages(package.__path__, root + "."):
        if ".migrations." not in module.name:  # those run inside Alembic only
            importlib.import_module(module.name)
            print(module.name)
"""

VIGIL = """
from ui.cli import main

sys.argv[0] = "vigil"
main()
"""


def python(
    code: str, *arguments: str, missing: tuple[str, ...] = WINDOWS
) -> subprocess.CompletedProcess[str]:
    """Run `code` in an interpreter of its own that cannot import `missing`."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT.format(missing=missing) + code, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        timeout=50,
        check=False,
    )


def vigil(*arguments: str, missing: tuple[str, ...] = WINDOWS) -> str:
    """What `vigil ARGUMENTS` prints where `missing` cannot be imported."""
    done = python(VIGIL, *arguments, missing=missing)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's data directory that holds one short session."""
    place = tmp_path_factory.mktemp("record")
    store = create_demo(place)
    store.create_log("first", "session")
    session = LiveSession("first", store, HandClock(), load_preset("im"), lambda entry: None)
    session.open(e.SessionOpened(code="KAP-1", route="im", preset="im", demo=True), by="vigil")
    session.record(e.SessionEnded(), by="vigil").result(10)
    session.close()
    store.close()
    return place


def test_monitor_and_devices_import_without_windows() -> None:
    done = python(IMPORT_ALL)
    assert done.returncode == 0, done.stderr
    assert {"monitor.live", "devices.hub", "devices.virtual.radio"} <= set(done.stdout.split())


def test_help_needs_neither_windows_nor_bluetooth() -> None:
    assert "verify" in vigil("--help", missing=WINDOWS + RADIOS)


def test_drivers_are_listed_without_windows_or_bluetooth() -> None:
    listed = [json.loads(line) for line in vigil("drivers", "--json", missing=WINDOWS + RADIOS).splitlines()]
    assert len({driver["id"] for driver in listed}) >= 5


def test_decode_needs_neither_windows_nor_bluetooth() -> None:
    # Heart Rate Measurement: one byte of flags (none set), 72 beats a minute.
    printed = vigil("decode", "sig_heart_rate", "0048", missing=WINDOWS + RADIOS)
    assert json.loads(printed.splitlines()[0])["hr"] == 72


def test_replay_of_a_file_needs_neither_windows_nor_bluetooth(tmp_path: Path) -> None:
    file = tmp_path / "recorded.csv"
    file.write_text("time,spo2\n0,97\n")
    printed = vigil("replay", str(file), "--preset", "im", "--json", missing=WINDOWS + RADIOS)
    assert json.loads(printed)["summary"]["alarms"] == 0


@pytest.mark.parametrize(
    "command",
    [("sessions", "--json"), ("show", "first", "--json"), ("verify", "first"), ("replay", "first", "--json")],
)
def test_the_record_is_read_without_windows(record: Path, command: tuple[str, ...]) -> None:
    assert vigil(*command, "--data", str(record)).strip()


def test_the_record_is_kept_without_windows_or_bluetooth(record: Path, tmp_path: Path) -> None:
    missing = WINDOWS + RADIOS
    made = vigil("backup", str(tmp_path), "--data", str(record), missing=missing).splitlines()[0]
    restored = tmp_path / "restored"
    assert "verified" in vigil("restore", made, "--data", str(restored), missing=missing)
    assert "recovery" in vigil("keys", "show", "--data", str(restored), missing=missing)


def test_opening_the_app_starts_without_the_virtual_radio() -> None:
    code = "import ui.app\nprint([name for name in sys.modules if name.startswith('bumble')])"
    done = python(code, missing=("bumble",))
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
