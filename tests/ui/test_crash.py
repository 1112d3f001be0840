"""What a crash leaves: one report a fault, told once, and nothing of who was on the screen."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ui.crash import FATAL, KEPT, MOST_A_RUN, Reports

ROOT = Path(__file__).parents[2]
SECRET = "Zitronenfalter"

BEGIN = """
import asyncio, os, sys, threading
from pathlib import Path
from ui import crash, logs
directory = Path(sys.argv[1])
SECRET = "Zitronen" + "falter"
crash.no_core_dumps()
crash.install(directory, logs.configure(directory))
def fails():
    raise ValueError(SECRET)
"""

WAYS = {
    "the main thread": "fails()",
    "a thread": "t = threading.Thread(target=fails, name='reader'); t.start(); t.join()",
    "a loop": """
async def main():
    asyncio.get_running_loop().set_exception_handler(crash.in_loop)
    asyncio.get_running_loop().call_soon(fails)
    await asyncio.sleep(0)
asyncio.run(main())
""",
    "a finalizer": """
class Gone:
    def __del__(self): fails()
Gone()
""",
    "a slot": """
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtCore import QCoreApplication, QTimer
app = QCoreApplication([])
QTimer.singleShot(0, fails)
QTimer.singleShot(0, app.quit)
app.exec()
""",
}


def crashes(directory: Path, code: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code, str(directory)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=50,
    )
    assert SECRET not in done.stdout + done.stderr
    assert not [file for file in directory.iterdir() if SECRET in file.read_text("utf-8")]
    return done


def reports(directory: Path) -> list[Path]:
    return sorted(directory.glob("crash-*.txt"))


@pytest.mark.parametrize("way", WAYS)
def test_whatever_nothing_caught_leaves_a_report(tmp_path: Path, way: str) -> None:
    done = crashes(tmp_path, WAYS[way])
    assert done.returncode == (1 if way == "the main thread" else 0)
    (report,) = reports(tmp_path)
    text = report.read_text("utf-8")
    assert re.search(r" fails\n  ValueError\n", text)
    assert "Thread MainThread" in text
    assert "Last events" in text
    assert "begins" in text.partition("Last events")[2]
    assert report.stat().st_mode & 0o777 == 0o600
    assert "an error that nothing caught" in done.stderr
    assert not list(tmp_path.glob(f"{FATAL}*")), "it ended in its own way"


def test_a_fault_that_comes_again_is_reported_once_and_many_are_bounded(tmp_path: Path) -> None:
    crashes(
        tmp_path,
        """
def again(fails):
    t = threading.Thread(target=fails); t.start(); t.join()
for _ in range(5): again(fails)
for kind in (KeyError, TypeError, OSError, LookupError, RuntimeError, IndexError, EOFError):
    def other(): raise kind(SECRET)
    again(other)
""",
    )
    assert len(reports(tmp_path)) == MOST_A_RUN


def test_only_the_newest_reports_are_kept(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"crash-20200101T0000{number:02}Z-1-1.txt").touch()
    crashes(tmp_path, "")
    assert [file.name for file in reports(tmp_path)] == [
        f"crash-20200101T0000{number:02}Z-1-1.txt" for number in range(30 - KEPT, 30)
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_death_below_python_is_a_report_at_the_next_start(tmp_path: Path) -> None:
    died = crashes(tmp_path, "os.kill(os.getpid(), __import__('signal').SIGSEGV)")
    assert died.returncode == -signal.SIGSEGV
    assert reports(tmp_path) == []
    done = crashes(tmp_path, "print(crash.untold().happened)")
    assert done.stdout == "Something inside Vigil failed and left a crash report.\n"
    (report,) = reports(tmp_path)
    assert "Segmentation fault" in report.read_text()
    assert str(Path.home()) not in report.read_text()
    assert not list(tmp_path.glob(f"{FATAL}*"))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_one_that_was_only_killed_leaves_nothing_to_tell(tmp_path: Path) -> None:
    crashes(tmp_path, "os.kill(os.getpid(), __import__('signal').SIGKILL)")
    assert list(tmp_path.glob(f"{FATAL}*"))
    assert crashes(tmp_path, "print(crash.untold())").stdout == "None\n"
    assert not list(tmp_path.glob(f"{FATAL}*"))


def test_what_another_vigil_that_runs_has_open_is_left_alone(tmp_path: Path) -> None:
    others = tmp_path / f"{FATAL}{os.getppid()}.txt"
    others.write_text("head\n\nFatal Python error: not yet\n")
    Reports(tmp_path, ()).take_up_fatal()
    assert others.exists()


def test_a_person_is_told_once_of_each_report(tmp_path: Path) -> None:
    assert Reports(tmp_path, ()).untold() is None
    run = Reports(tmp_path, ())
    run.write("a thread", ValueError(SECRET))
    told = Reports(tmp_path, ()).untold()
    assert told is not None
    assert str(tmp_path) in told.meaning
    assert Reports(tmp_path, ()).untold() is None
    run.write("a thread", KeyError(SECRET))
    assert len(reports(tmp_path)) == 2
    assert Reports(tmp_path, ()).untold() is not None


def test_commands_that_keep_no_log_print_where_and_not_what(tmp_path: Path) -> None:
    code = f"from ui import crash\ncrash.say_only_where()\nraise ValueError({SECRET!r})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=50
    )
    assert done.returncode == 1
    assert done.stderr == "Something inside Vigil failed:\n  __main__:3 <module>\n  ValueError\n"


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_no_core_is_dumped_not_even_into_a_collector() -> None:
    code = "from ui.crash import no_core_dumps as no\nno()\nno()\nprint(open('/proc/self/limits').read())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=50
    )
    assert re.search(r"Max core file size +[01] +[01] ", done.stdout), done.stdout + done.stderr
