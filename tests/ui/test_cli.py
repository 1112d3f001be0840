"""The command line as a person and a script meet it: answers, exit codes, two lines for every error."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.clock import HandClock
from monitor.codec import GENESIS
from monitor.live import LiveSession
from monitor.store import datadir
from monitor.store.database import engine_for
from monitor.store.files import DEMO_KEY
from monitor.vitals import Reading

ROOT = Path(__file__).parents[2]
FIRST, SECOND = "aa" + "1" * 30, "aa" + "2" * 30

Done = subprocess.CompletedProcess[str]


def vigil(*words: object, **environment: str) -> Done:
    """One run of the real command."""
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *map(str, words)],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=50,
    )


def fails(done: Done, says: str) -> None:
    """Exit code 2, nothing on stdout, two lines on stderr."""
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 2, done.stderr
    assert says in done.stderr


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A closed demo record with two sessions."""
    data_dir = tmp_path / "demo"
    store = datadir.create_demo(data_dir)
    for log_id in (FIRST, SECOND):
        store.create_log(log_id, "session")
        live = LiveSession(log_id, store, HandClock(), load_preset("im"), lambda entry: None)
        live.open(e.SessionOpened(code="KAP-1", route="im", preset="im", demo=True), by="therapist")
        live.arrived("ox", [Reading(spo2=96, pulse=70)], b"\x77\x01", HandClock().now())
        live.record(e.NoteWritten(text="größer — weit weg"), by="therapist")
    store.close()
    return data_dir


@pytest.fixture
def damage(demo: Path) -> Callable[[str, int, int], None]:
    """Changes one byte of an entry, in the database opened with its key."""

    def change(log_id: str, seq: int, at: int) -> None:
        store = datadir.open_store(demo)
        store.close()
        key = datadir._unlock(datadir._keys(demo), demo, demo / DEMO_KEY, None, None)
        engine = engine_for(demo / "vigil.db", key)
        where = "where log_id = ? and seq = ?"
        with engine.begin() as connection:
            found = connection.exec_driver_sql(f"select data from entry {where}", (log_id, seq)).scalar_one()
            data = bytearray(found)
            data[at] ^= 0x80
            connection.exec_driver_sql(f"update entry set data = ? {where}", (bytes(data), log_id, seq))
        engine.dispose()

    return change


@pytest.mark.parametrize("command", ["", "demo", "decode", "drivers", "replay", "sessions", "show", "verify"])
def test_every_command_has_help(command: str) -> None:
    done = vigil(*command.split(), "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["bogus"], "bogus"),
        (["show"], "Missing"),
        (["decode", "sfloat"], "packets are needed"),
        (["decode", "nonsense", "00"], "no driver called nonsense"),
        (["sessions", "--data", "/dev/null"], "no Vigil store"),
        (["demo", "--size", "nonsense", "--headless"], "--size"),
        (["demo", "--size", "0x0", "--headless"], "--size"),
        (["demo", "--size", "-800x600", "--headless"], "--size"),
        (["demo", "--script", "nonsense", "--headless"], "hypertensive"),
        (["demo", "--screenshot", "/no/where/live.png", "--headless"], "--screenshot"),
        (["demo", "--minutes", "nan", "--headless"], "--minutes"),
    ],
)
def test_what_cannot_be_understood_is_said_in_two_lines(words: list[str], says: str) -> None:
    fails(vigil(*words), says)


@pytest.mark.parametrize("hexadecimal", ["0", "zz", "é"])
def test_what_is_not_hexadecimal_is_said_as_json(hexadecimal: str) -> None:
    done = vigil("decode", "sfloat", hexadecimal)
    assert (done.returncode, done.stderr) == (2, "")
    assert "error" in json.loads(done.stdout)


def test_wrong_key_files_leave_the_store_locked(demo: Path, tmp_path: Path) -> None:
    another, noise = tmp_path / "another.key", tmp_path / "noise.key"
    another.write_text("00" * 32)
    noise.write_bytes(b"\xff\x00")
    fails(vigil("sessions", "--data", demo, "--key-file", another), "does not fit")
    fails(vigil("sessions", "--data", demo, "--key-file", noise), "no key file")
    fails(vigil("sessions", "--data", demo, "--key-file", tmp_path), "no key file")


def test_a_real_record_opens_with_its_key_file_and_takes_no_demo(tmp_path: Path) -> None:
    data_dir, key_file = tmp_path / "real", tmp_path / "real.key"
    datadir.create_store(data_dir, key_file=key_file)[0].close()
    fails(vigil("sessions", "--data", data_dir), "locked")
    assert vigil("sessions", "--data", data_dir, VIGIL_KEY_FILE=str(key_file)).returncode == 0
    fails(vigil("demo", "--headless", "--minutes", "0.2", "--data", data_dir), "real record")


def test_a_record_that_another_vigil_writes_can_be_read_and_takes_no_second_writer(demo: Path) -> None:
    writer = datadir.open_store(demo)
    fails(vigil("demo", "--headless", "--minutes", "0.2", "--data", demo), "Another Vigil")
    for words in (["sessions"], ["show", FIRST], ["verify"]):
        assert vigil(*words, "--data", demo).returncode == 0
    writer.close()


def test_a_session_is_named_by_its_beginning_and_only_when_that_is_one(demo: Path) -> None:
    fails(vigil("show", "aa", "--data", demo), "Several")
    fails(vigil("show", "bb", "--data", demo), "No session")
    fails(vigil("verify", "", "--data", demo), "No session")
    done = vigil("show", "aa1", "--data", demo)
    assert done.returncode == 0
    assert "größer — weit weg" in done.stdout


def test_the_directory_may_be_named_before_the_command(demo: Path) -> None:
    before, after = vigil("--data", demo, "sessions"), vigil("sessions", "--data", demo)
    assert before.returncode == 0
    assert before.stdout == after.stdout != ""


def test_lists_are_one_json_object_a_line(demo: Path) -> None:
    for words in (["sessions", "--data", demo], ["verify", "--data", demo], ["drivers"]):
        done = vigil(*words, "--json")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert done.returncode == 0
        assert lines
        assert all(isinstance(line, dict) and "id" in line for line in lines)


@pytest.mark.parametrize("locale", [{}, {"PYTHONIOENCODING": "latin-1"}, {"PYTHONIOENCODING": "ascii"}])
def test_show_json_is_the_recorded_bytes_and_any_sha256_follows_the_chain(
    demo: Path, locale: dict[str, str]
) -> None:
    lines = vigil("show", FIRST, "--json", "--data", demo, **locale).stdout.encode().splitlines()
    head = GENESIS
    for line in lines:
        assert json.loads(line)["prev"] == head
        head = hashlib.sha256(line).hexdigest()
    assert len(lines) == 5
    assert vigil("show", FIRST, "--data", demo, **locale).returncode == 0


@pytest.mark.parametrize(("seq", "at"), [(1, 30), (2, 0), (5, 40)])
def test_one_altered_byte_is_named_and_the_rest_can_still_be_read(
    demo: Path, damage: Callable[[str, int, int], None], seq: int, at: int
) -> None:
    damage(FIRST, seq, at)
    done = vigil("verify", FIRST, "--data", demo)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"entry {seq}: its bytes were altered" in done.stdout
    everything = vigil("verify", "--data", demo)
    assert everything.returncode == 1
    assert f"{SECOND}  ok" in everything.stdout
    listed = vigil("sessions", "--data", demo)
    assert listed.returncode == 0
    assert FIRST in listed.stdout
    shown = vigil("show", FIRST, "--data", demo)
    assert (shown.returncode, shown.stderr) == (1, "")
    assert f"{seq:6} --:--  damaged" in shown.stdout
    assert len(shown.stdout.splitlines()) == 5


def test_damaged_files_are_told_in_two_lines(demo: Path) -> None:
    (demo / "vigil.db").write_bytes(os.urandom(8192))
    for command in (["sessions"], ["verify"], ["show", "last"]):
        fails(vigil(*command, "--data", demo), "damaged")
    fails(vigil("demo", "--headless", "--minutes", "0.2", "--data", demo), "damaged")
    (demo / "keys.json").write_text("{}")
    fails(vigil("sessions", "--data", demo), "keys.json")


@pytest.mark.parametrize("words", [["sessions"], ["show", "last"], ["handover", "last"], ["verify"]])
def test_reading_the_record_loads_neither_windows_nor_bluetooth(demo: Path, words: list[str]) -> None:
    loaded = imported(*words, "--data", str(demo))
    assert not loaded & {"PySide6", "pyqtgraph", "bleak", "bumble", "alembic"}


def test_a_backup_loads_neither_windows_nor_bluetooth(demo: Path, tmp_path: Path) -> None:
    loaded = imported("backup", str(tmp_path), "--data", str(demo))
    assert not loaded & {"PySide6", "pyqtgraph", "bleak", "bumble", "alembic"}


def test_decoding_loads_nothing_of_the_record(demo: Path) -> None:
    loaded = imported("decode", "sfloat", "ff07")
    assert not loaded & {"PySide6", "bleak", "bumble", "sqlalchemy", "keyring", "numpy"}


def imported(*words: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ui.cli", *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=50,
    )
    assert done.returncode == 0, done.stdout
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
