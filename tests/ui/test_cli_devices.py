"""The commands about devices, on the demo's virtual ones: scan, capture, decode a capture, check a driver."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devices.registry import all_drivers
from devices.tape import Tape

ROOT = Path(__file__).parents[2]


def vigil(*words: object) -> subprocess.CompletedProcess[str]:
    """One run of the real command, on a computer without Bluetooth."""
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *map(str, words)],
        cwd=ROOT,
        env=os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=50,
    )


def two_lines(done: subprocess.CompletedProcess[str], says: str) -> None:
    assert done.returncode == 2, done
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 2, done.stderr


def test_scan_lists_who_is_in_the_air_and_which_driver_knows_them() -> None:
    done = vigil("scan", "--demo", "--seconds", 2, "--json")
    found = {line["name"]: line["driver"] for line in map(json.loads, done.stdout.splitlines())}
    assert found["MightySat 0417"] == "mightysat"
    assert found["boso medicus"] in {driver.manifest.id for driver in all_drivers()}


def test_a_capture_is_taken_with_consent_and_then_decoded(tmp_path: Path) -> None:
    file = tmp_path / "device.jsonl"
    done = vigil("capture", "MightySat 0417", file, "--seconds", 3, "--demo", "--yes")
    assert done.returncode == 0, done
    assert "Capture yourself, or somebody who agrees to it." in done.stderr
    decoded = vigil("decode", "--tape", file)
    assert decoded.returncode == 0, decoded
    assert any("spo2" in line for line in map(json.loads, decoded.stdout.splitlines()))
    named = vigil("decode", "sig_oximeter", "--tape", file)
    assert named.returncode == 2, "another driver finds errors in it"
    two_lines(vigil("capture", "MightySat 0417", file, "--demo", "--yes"), "such a file already")


@contextmanager
def ctrl_c_after(says: str, *words: object) -> Iterator[subprocess.Popen[str]]:
    """A run of the real command that somebody ends, impatiently, once it has said this."""
    command = [sys.executable, "-m", "ui.cli", *map(str, words)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as run:
        assert run.stderr is not None
        assert any(says in line for line in run.stderr)
        run.send_signal(signal.SIGINT)
        run.send_signal(signal.SIGINT)
        yield run


def test_ctrl_c_ends_a_capture_and_keeps_what_has_come(tmp_path: Path) -> None:
    file = tmp_path / "device.jsonl"
    words = ("capture", "MightySat 0417", file, "--seconds", 3600, "--demo", "--yes")
    with ctrl_c_after("Recording", *words) as run:
        said, _ = run.communicate(timeout=30)
    assert run.returncode == 0
    lines = Tape.parse(file.read_text("utf-8")).lines
    assert lines
    assert said == f"Stopped by the keyboard: {len(lines)} notifications in {file}\n"


def test_ctrl_c_before_anything_has_come_leaves_no_capture(tmp_path: Path) -> None:
    file = tmp_path / "device.jsonl"
    with ctrl_c_after("Looking for", "capture", "nobody", file, "--demo", "--yes") as run:
        _, said = run.communicate(timeout=30)
    assert (run.returncode, said) == (2, "Stopped by the keyboard.\nNothing was changed.\n")
    assert list(tmp_path.iterdir()) == []


def test_without_consent_nothing_is_recorded(tmp_path: Path) -> None:
    file = tmp_path / "device.jsonl"
    assert vigil("capture", "MightySat 0417", file, "--demo").returncode != 0
    assert not file.exists()


def test_without_bluetooth_scan_says_so() -> None:
    two_lines(vigil("scan", "--seconds", 0.5), "no Bluetooth that works")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["decode"], "A driver and packets are needed"),
        (["decode", "mightysat"], "A driver and packets are needed"),
        (["decode", "--tape", "nowhere.jsonl"], "cannot be read"),
        (["decode", "--tape", "README.md"], "not a capture"),
        (["scan", "--demo", "--seconds", "inf"], "--seconds"),
        (["capture", "MightySat", "/no/where/x.jsonl", "--demo", "--yes"], "no such directory"),
        (["drivers", "check", "nobody"], "no driver called nobody"),
    ],
)
def test_what_cannot_be_done_is_said_in_two_lines(words: list[str], says: str) -> None:
    two_lines(vigil(*words), says)


def test_a_damaged_capture_is_said_in_two_lines(tmp_path: Path) -> None:
    file = tmp_path / "damaged.jsonl"
    file.write_text(
        '{"name": "MightySat", "services": {}, "source": "test"}\n'
        '{"t": 1, "characteristic": "2A37", "hex": "zz"}\n'
    )
    two_lines(vigil("decode", "--tape", file), "not a capture")


def test_a_capture_of_an_unknown_device_asks_for_a_driver(tmp_path: Path) -> None:
    file = tmp_path / "strange.jsonl"
    file.write_text('{"name": "Strange", "services": {}, "source": "test"}\n')
    two_lines(vigil("decode", "--tape", file), "No driver knows the device")


def test_a_driver_is_checked() -> None:
    done = vigil("drivers", "check", "mightysat", "--json")
    assert done.returncode == 0, done
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"check": "silence", "ok": True, "faults": []} in checks


def test_every_driver_is_listed_with_how_it_is_paired() -> None:
    listed = [json.loads(line) for line in vigil("drivers", "--json").stdout.splitlines()]
    assert [line["id"] for line in listed] == [driver.manifest.id for driver in all_drivers()]
    assert all("pairing" in line for line in listed)
