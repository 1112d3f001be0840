"""After a session, a crash and its end, no file but the encrypted one holds a word of the patient's."""

from __future__ import annotations

import base64
import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from at_terminal import typed
from private_people import folder_of_backups
from private_words import (
    AMENDED,
    CODE,
    NOTES,
    NOTES_PASSPHRASE,
    PASSPHRASE,
    PATIENT,
    PINS,
    PRIVATE,
    SECRETS,
    forms,
    held,
    leaks,
)

from monitor import entries as e
from monitor import private_keys
from monitor.clock import HandClock
from monitor.codec import unseal
from monitor.identities import Identities
from monitor.practice import PracticeLog
from monitor.private_notes import PrivateNotes, logs_of
from monitor.store import datadir, keys
from monitor.store.recovery import read_code

ROOT = Path(__file__).parents[2]
STRACE = shutil.which("strace")
CREATING = (
    "open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mknod,mknodat"
)
WRITING = "write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg"
NOT_FILES = ("/dev/null", "/dev/tty", "/proc/self/", "/dev/shm/sem.")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc"),
]


class Run:
    """One run of tests/end_to_end/private_session.py with everything it may write to below `folder`."""

    def __init__(self, folder: Path, which: str) -> None:
        self.folder = folder
        self.trace = folder.with_name(f"{which}.strace")
        played = str(Path(__file__).with_name("private_session.py"))
        with open(folder / f"stderr-{which}", "wb") as stderr:
            self.process = subprocess.Popen(
                traced(self.trace, sys.executable, played, which, str(folder / "data")),
                cwd=folder,
                env=environment(folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                # As on a machine where dumps are wanted.
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2),
            )
        self.pids: list[int] = []

    def shows(self, what: str) -> Any:
        """The next thing of this name."""
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            with suppress(ValueError):
                shown = json.loads(line)
                self.pids += shown.get("pids", [])
                if what in shown:
                    return shown[what] if what != "pids" else shown
        pytest.fail(f"no {what}: " + "".join(said))

    def say(self, line: str = "") -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ended(self) -> None:
        """After a crash the sound process sounds for two minutes more; this test does not listen."""
        app, *sound = self.pids
        with suppress(psutil.NoSuchProcess):
            psutil.Process(app).wait(30)
        for pid in sound:
            with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
                psutil.Process(pid).wait(3)
            with suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        self.process.wait(30)


def traced(trace: Path, *command: str) -> list[str]:
    """The command, with all that it and its children write noted in `trace`, where that can be."""
    if STRACE is None:
        return list(command)
    how = ["-f", "-y", "--seccomp-bpf", "-qq", "-xx", "-s", "100000", "-e", "signal=none"]
    return [STRACE, *how, "-o", str(trace), "-e", f"trace={CREATING},{WRITING}", *command]


def went_elsewhere(
    trace: Path, folder: Path, secrets: Iterable[str | bytes], sure: bytes = b" begins"
) -> list[str | bytes]:
    """Files created, or opened to write, outside the folder; secrets written to anything but a terminal.

    So a file that was there for a moment only, a pipe or a socket counts too. `sure` is written for certain.
    """
    if STRACE is None:
        return []
    names: list[str | bytes] = []
    written = shown = b""
    for line in trace.read_text().splitlines():
        texts = [bytes.fromhex(said.replace("\\x", "")) for said in _QUOTED.findall(line)]
        if _WRITES.search(line) and _TERMINAL in line.partition(",")[0]:
            shown += b"".join(texts)
        elif _WRITES.search(line):
            meant = _TO_PIPES if _PIPE in line.partition(",")[0] else ()
            written += b"".join(text for text in texts if not text.startswith(meant))
        elif " = -1 " not in line and ("open" not in line or _TO_WRITE.search(line)):
            absolute = [text.decode() for text in texts if text.startswith(b"/")]
            names += [name for name in absolute if not name.startswith((str(folder), *NOT_FILES))]
    assert sure in written + shown, "what is written for certain was not traced"
    return names + held(written, {form for secret in secrets for form in forms(secret)})


_QUOTED = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_PIPE, _TERMINAL = ("<" + "".join(f"\\x{byte:02x}" for byte in name) for name in (b"pipe:", b"/dev/pts/"))
_TO_PIPES = (b'{"recovery"', b'{"data_dir"')
"""What the play shows to this test; and the key, for the process that checks a backup."""
_WRITES = re.compile(r"^\d+ +(p?write|send)")
_TO_WRITE = re.compile(r"O_(WRONLY|RDWR|CREAT|TMPFILE)|creat\(")


def environment(folder: Path) -> dict[str, str]:
    """Little, and every place that the system has for files is below `folder`."""
    for name in ("home", "tmp", "run"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests"))),
    }


@contextmanager
def run(folder: Path, which: str) -> Iterator[Run]:
    going = Run(folder, which)
    try:
        yield going
        going.ended()
    finally:
        for pid in (*going.pids, going.process.pid):
            with suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        going.process.wait(10)
        for pipe in (going.process.stdin, going.process.stdout):
            assert pipe is not None
            pipe.close()


def look(going: Run, shown: dict[str, Any], secrets: list[str | bytes]) -> None:
    """While it runs: command lines, environments, titles, limits, files that will be gone at the end."""
    needles = {form for secret in secrets for form in forms(secret)}
    assert len(shown["pids"]) == 2
    for pid in shown["pids"]:
        for name in ("cmdline", "environ"):
            assert held(Path(f"/proc/{pid}/{name}").read_bytes(), needles) == []
        (core,) = re.findall(r"Max core file size +(\S+) +(\S+)", Path(f"/proc/{pid}/limits").read_text())
        assert core == ("1", "1")
    assert (set(shown["titles"]), shown["clipboard"]) == ({"Vigil"}, "")
    assert leaks(going.folder, secrets) == []


def test_a_session_and_its_crashes_leave_no_word_of_the_patient(tmp_path: Path) -> None:
    folder = tmp_path / "everything"
    folder.mkdir()
    data, logs = folder / "data", folder / "data" / "logs"
    with run(folder, "first") as going:
        secrets: list[str | bytes] = [*SECRETS, *both(going.shows("recovery"))]
        secrets += both(going.shows("recovery"))  # the therapist's, of private notes
        secrets += map(bytes.fromhex, going.shows("recovery"))
        shown = going.shows("pids")
        secrets.append(keys.unlock_with_passphrase(keys.load(data), PASSPHRASE))
        look(going, shown, secrets)
        going.say()
    assert went_elsewhere(going.trace, folder, secrets) == []
    log = [json.loads(line) for line in (logs / "vigil.log").read_text().splitlines()]
    assert {"a session cannot go on", "a request failed", "an error that nothing caught"} <= {
        line.get("event") for line in log
    }
    assert {"bleak", "sqlalchemy.engine"} <= {line["logger"] for line in log}
    reports = sorted(logs.glob("crash-*.txt"))
    assert len(reports) >= 4
    assert all(" fails\n  ValueError\n" in file.read_text() for file in reports)

    with run(folder, "crash") as going:
        assert str(logs) in going.shows("told")
        look(going, going.shows("pids"), secrets)
        going.say()
    assert went_elsewhere(going.trace, folder, secrets) == []
    assert not [path for path in folder.rglob("core*") if path.is_file()]

    with run(folder, "last") as going:
        going.say(str(secrets[len(SECRETS)]))
        assert str(logs) in going.shows("told")
        look(going, going.shows("pids"), secrets)
        going.say()
    assert went_elsewhere(going.trace, folder, secrets) == []
    (fatal,) = logs.glob("crash-*-fatal.txt")
    assert "Fatal Python error: Aborted" in fatal.read_text()

    assert leaks(folder, secrets) == []
    assert not [path for path in (logs, *logs.iterdir()) if path.stat().st_mode & 0o077]
    is_read_only_with_its_key(data, PASSPHRASE)
    _, after = sorted(folder_of_backups(data).iterdir())  # made at the end, and when both had signed
    is_read_only_with_its_key(after, PASSPHRASE)
    keeping_by_hand(folder, data, secrets)


def keeping_by_hand(folder: Path, data: Path, secrets: list[str | bytes]) -> None:
    """Backup, restore, another key, an erasure, typed at a terminal: no word in a file, nor shown there."""
    administrator, physician = PINS["administrator"], PINS["physician"]
    opens = ("Passphrase", PASSPHRASE)

    def command(sure: str, *words: str, answers: Sequence[tuple[str, str]]) -> str:
        trace = folder.with_name(f"typed-{words[0]}.strace")
        vigil = traced(trace, sys.executable, "-m", "ui.cli", *words)
        shown = typed(vigil, answers, folder, environment(folder))
        hidden = {form for secret in (PASSPHRASE, *PINS.values()) for form in forms(secret)}
        assert held(shown.encode(), hidden) == []
        assert went_elsewhere(trace, folder, secrets, sure.encode()) == []
        assert leaks(folder, secrets) == []
        return shown

    by_hand, again = folder / "by-hand", folder / "again"
    by_hand.mkdir()
    command("verified", "backup", str(by_hand), "--data", str(data), answers=[opens])
    (backup,) = by_hand.iterdir()
    is_read_only_with_its_key(backup, PASSPHRASE)
    command("verified", "restore", str(backup), "--data", str(again), answers=[opens])
    is_read_only_with_its_key(again, PASSPHRASE)
    who = [("Your name", "Administrator Doe"), ("PIN of", administrator)]
    anew = [("The passphrase", PASSPHRASE), ("Repeat", PASSPHRASE)]
    shown = command("new key", "keys", "rotate", "--yes", "--data", str(again), answers=[opens, *anew, *who])
    secrets += both(shown.split()[-1])
    secrets.append(keys.unlock_with_passphrase(keys.load(again), PASSPHRASE))
    is_read_only_with_its_key(again, PASSPHRASE)
    session = session_of(again, PASSPHRASE)
    two = ["--by", "Administrator Doe", "--by", "Physician Doe"]
    pins = [("PIN of Admin", administrator), ("PIN of Phys", physician)]
    command(
        "was erased",
        "erase",
        session,
        *two,
        "--why",
        "moved away",
        "--data",
        str(again),
        answers=[opens, *pins],
    )
    assert session_of(again, PASSPHRASE) == ""
    assert leaks(folder, secrets) == []


def both(recovery: str) -> tuple[str | bytes, ...]:
    """A recovery code as it is written, as it may be typed, and as the bytes that it stands for."""
    return recovery, recovery.replace("-", ""), read_code(recovery)


def session_of(data: Path, passphrase: str) -> str:
    """The id of the one session; "" where there is none."""
    store = datadir.open_store(data, passphrase=passphrase, readonly=True)
    ids = [info.id for info in store.logs() if info.kind == "session"]
    store.close()
    return "".join(ids)


def is_read_only_with_its_key(data: Path, passphrase: str) -> None:
    """All of it is there for who has the passphrase, so the search had something to find; private notes are
    there only for who has theirs, too."""
    plain = sqlite3.connect(data / "vigil.db")
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        plain.execute("select count(*) from sqlite_master")
    plain.close()
    session = session_of(data, passphrase)
    store = datadir.open_store(data, passphrase=passphrase, readonly=True)
    practice = PracticeLog(store, HandClock())
    bodies = [unseal(sealed.data)[0].body for sealed in store.read(session)]
    (person,) = logs_of(store, session)
    notes = PrivateNotes(store, HandClock(), practice)
    private = private_keys.unlock(notes.pair(person), NOTES_PASSPHRASE)
    (note,) = notes.read(session, person, private)
    identity = Identities(store, practice).of(CODE)
    store.close()
    assert [body.text for body in bodies if isinstance(body, e.NoteWritten)] == list(NOTES)
    assert [body.fields for body in bodies if isinstance(body, e.Amended)] == [{"text": AMENDED}]
    assert [body.role for body in bodies if isinstance(body, e.Signed)] == ["therapist", "physician"]
    assert [body.code for body in bodies if isinstance(body, e.SessionOpened)] == [CODE]
    assert (note.text, identity is not None and identity.name) == (PRIVATE, PATIENT)


@pytest.mark.parametrize(
    "hidden",
    [
        NOTES[2].upper().encode(),
        NOTES[0].encode("utf-16"),
        json.dumps({"text": NOTES[1]}).encode(),
        repr({"text": NOTES[3]}).encode("utf-8"),
        base64.b64encode(b"xy" + NOTES[2].encode() + b"z"),
        base64.urlsafe_b64encode(b"x" + bytes(range(250, 256)) + NOTES[3].encode()),
        NOTES[0].encode().hex().encode(),
        b"only " + "蝴蝶在天花".encode() + b" of it",
        b"a key " + bytes(range(32)).hex().upper().encode(),
        b"a key " + base64.b64encode(bytes(range(32))),
    ],
)
def test_the_search_finds_what_is_hidden(tmp_path: Path, hidden: bytes) -> None:
    (tmp_path / "file").write_bytes(b"\x00before " + hidden + b" after")
    assert leaks(tmp_path, [*NOTES, "蝴蝶在天花", bytes(range(32))])


def test_the_search_finds_a_name_of_a_file(tmp_path: Path) -> None:
    (tmp_path / f"{CODE.lower()}.html").touch()
    assert leaks(tmp_path, [CODE])
