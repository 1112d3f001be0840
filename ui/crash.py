"""What is left behind when something in Vigil fails that nothing caught: a report without a patient in it.

A report says where in the program it was and what was logged before, by the rule of `ui.unquoted`; it
lies beside the log. What a person is told of it, they are told once.
"""

from __future__ import annotations

import atexit
import faulthandler
import logging
import os
import platform
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from traceback import walk_stack
from types import TracebackType
from typing import TYPE_CHECKING, Any

from monitor import __version__
from monitor.language import tr
from monitor.store.files import private_dir, touch_private, write_whole
from monitor.trouble import Trouble
from ui.unquoted import places, traced

if TYPE_CHECKING:
    import asyncio

MOST_A_RUN = 5
"""A fault that comes back with every tick must not fill the disk."""
PATIENCE_S = 1.0
"""So long the disk is waited for: whoever failed may be about to end."""
KEPT = 20
"""Older reports are removed."""

REPORT, FATAL, TOLD = "crash-", "fatal-", "crash-reports-told"

_log = logging.getLogger(__name__)


def no_core_dumps() -> None:
    """Keep the system from writing this process's memory, and its children's, to a file when it crashes.

    By the limit alone: a process that cannot be traced (PR_SET_DUMPABLE) hides its files under /proc
    from this user's own tools too, and whoever runs as this user can read the keyboard anyway.
    """
    if sys.platform == "win32":  # pragma: no cover - has no such limit
        return
    import resource

    # Linux pipes a dump into a collector whatever the limit is, except when it is exactly 1 byte.
    least = 1 if sys.platform == "linux" else 0
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard == resource.RLIM_INFINITY or hard >= least:
        resource.setrlimit(resource.RLIMIT_CORE, (least, least))


def say_only_where() -> None:
    """From here on an error that nothing catches is told on stderr without its text."""
    sys.excepthook = _on_stderr


def _on_stderr(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    print("Something inside Vigil failed:", *traced(error), sep="\n  ", file=sys.stderr)


class Reports:
    """Writes reports into `directory`, each with the lines that `recent` holds then."""

    def __init__(self, directory: Path, recent: Iterable[str]) -> None:
        self.directory = directory
        self._recent = recent
        self._written: set[str] = set()
        self._numbering = threading.Lock()

    def write(self, thread: str, error: BaseException) -> None:
        """Leave a report, unless this very error was reported before. Never raises."""
        trace = traced(error)
        with self._numbering:
            if "\n".join(trace) in self._written or len(self._written) >= MOST_A_RUN:
                return
            self._written.add("\n".join(trace))
            number = len(self._written)
        with suppress(Exception):
            parts = {f"In thread {thread}": trace, **_threads(), "Last events": tuple(self._recent)}
            text = _head() + "".join(_part(title, lines) for title, lines in parts.items())
            name = f"{REPORT}{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}-{number}.txt"
            # A thread of its own: a disk that hangs must not hold up who decides the alarms.
            writing = threading.Thread(
                target=self._put, args=(name, text), name="vigil-crash-report", daemon=True
            )
            writing.start()
            writing.join(PATIENCE_S)

    def _put(self, name: str, text: str) -> None:
        with suppress(OSError):
            write_whole(self.directory / name, text.encode())

    def watch_for_fatal(self) -> None:
        """A crash below Python, of a library in C, leaves the place of every thread behind."""
        path = self.directory / f"{FATAL}{os.getpid()}.txt"
        touch_private(path)
        file = path.open("a", encoding="utf-8")
        file.write(_head() + "\n")
        file.flush()
        faulthandler.enable(file)

        def left_in_peace() -> None:
            faulthandler.disable()
            file.close()
            path.unlink(missing_ok=True)

        atexit.register(left_in_peace)

    def take_up_fatal(self) -> None:
        """Turn what earlier runs left into reports, or remove it where they were just killed."""
        for path in self.directory.glob(f"{FATAL}*.txt"):
            number = path.stem.removeprefix(FATAL)
            if number.isdigit() and _another_lives(int(number)):
                continue
            text = path.read_text("utf-8", errors="replace")
            if "\nFatal " in text or "\nCurrent thread " in text:
                ended = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                name = f"{REPORT}{ended:%Y%m%dT%H%M%SZ}-{number}-fatal.txt"
                # The paths in it may lie below the home of somebody with a name.
                write_whole(self.directory / name, text.replace(str(Path.home()), "~").encode())
            path.unlink()

    def forget_oldest(self) -> None:
        for path in sorted(self.directory.glob(f"{REPORT}*.txt"))[:-KEPT]:
            path.unlink()

    def untold(self) -> Trouble | None:
        """What a person should hear of reports, once for each."""
        with suppress(OSError):
            names = {path.name for path in self.directory.glob(f"{REPORT}*.txt")}
            told = self.directory / TOLD
            known = set(told.read_text("utf-8").split()) if told.exists() else set()
            if names - known:
                write_whole(told, "\n".join(sorted(names)).encode())
                return Trouble(
                    tr("Something inside Vigil failed and left a crash report."),
                    tr("It holds nothing of any patient and lies in {directory}.", directory=self.directory),
                    tr("Pass it on to whoever looks after Vigil."),
                )
        return None


_reports: Reports | None = None
"""Those of this process: the hooks below are the process's, too."""


def install(directory: Path, recent: Iterable[str]) -> None:
    """From here on every error that nothing catches, in any thread, is logged and leaves a report."""
    global _reports
    sys.excepthook = _in_main_thread
    threading.excepthook = _in_thread
    sys.unraisablehook = _unraisable
    with suppress(OSError, Trouble):  # where nothing can be written, the log on stderr is left
        private_dir(directory)
        _reports = Reports(directory, recent)
        _reports.take_up_fatal()
        _reports.watch_for_fatal()
        _reports.forget_oldest()


def untold() -> Trouble | None:
    """What a person should hear of reports, once for each; None where there is nothing new."""
    return _reports.untold() if _reports is not None else None


def in_loop(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The exception handler of an asyncio loop."""
    error = context.get("exception")
    if _reports is None:
        loop.default_exception_handler(context)
    elif isinstance(error, BaseException):
        _uncaught(threading.current_thread().name, error)
    else:
        _log.error("the worker's loop complains")


def _in_main_thread(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not isinstance(error, KeyboardInterrupt):
        _uncaught(threading.current_thread().name, error)


def _in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        _uncaught(args.thread.name if args.thread is not None else "?", args.exc_value)


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    if args.exc_value is not None:
        _uncaught(threading.current_thread().name, args.exc_value)


def _uncaught(thread: str, error: BaseException) -> None:
    _log.critical("an error that nothing caught", exc_info=error)
    if _reports is not None:
        _reports.write(thread, error)


def _head() -> str:
    lines = (
        f"Vigil {__version__} · Python {platform.python_version()} · {platform.platform()}",
        f"written {datetime.now(UTC).isoformat(timespec='seconds')}",
        "This report holds places in the program, types of errors and what the program logged of itself.",
    )
    return "".join(f"{line}\n" for line in lines)


def _threads() -> dict[str, list[str]]:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    return {
        f"Thread {names.get(ident, '?')}": places(walk_stack(frame))[::-1]
        for ident, frame in sys._current_frames().items()
    }


def _part(title: str, lines: Iterable[str]) -> str:
    return "\n".join(("", title, *(f"  {line}" for line in lines), ""))


def _another_lives(pid: int) -> bool:
    import psutil

    return pid != os.getpid() and bool(psutil.pid_exists(pid))
