"""What the program says of itself while it runs: to files and, warnings and worse, to stderr.

One JSON object a line, never a patient's data (`ui.unquoted`). What libraries say is kept as who said
it and on which line of theirs: their words may quote what they were given.
"""

from __future__ import annotations

import atexit
import logging
import sys
import warnings
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType

import platformdirs
import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict

from monitor import __version__
from monitor.store.files import private_dir
from monitor.trouble import Trouble
from ui.unquoted import LEFT_OUT, Ours, traced, written

OURS = ("monitor", "devices", "ui")
"""The packages whose messages are written: each is a literal of theirs, which a test sees to."""

FILE = "vigil.log"
LARGEST = 1_000_000
"""Bytes of a file, of which there are `KEPT` older ones."""
KEPT = 4

RECENT = 100
"""So many of the last lines go into a crash report."""

FAREWELL_S = 2.0
"""How long leaving waits for lines that are not written yet."""

_log = logging.getLogger(__name__)


def place(data: Path | None) -> Path:
    """Where the log lies: in a data directory that was named, else where this user's logs are."""
    return data / "logs" if data is not None else platformdirs.user_log_path("vigil", appauthor=False)


def configure(directory: Path | None = None) -> deque[str]:
    """Send our own log and that of the libraries to `directory` and stderr; stdout belongs to answers.

    Returns the last lines, which go on changing. Where the directory cannot be written, stderr is left.
    """
    structlog.configure(
        processors=[ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    logging.raiseExceptions = False  # a full disk must not print the message it could not write
    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setLevel(logging.WARNING)
    lines: SimpleQueue[logging.LogRecord] = SimpleQueue()
    listener = _Writing(lines, to_stderr, *_files(directory), respect_handler_level=True)
    listener.start()
    atexit.register(listener.stop)
    handing = _Handing(lines)
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    root.addHandler(handing)
    for package in OURS:
        logging.getLogger(package).setLevel(logging.INFO)
    warnings.showwarning = _warned
    _log.info("Vigil %s begins", Ours(__version__))
    return handing.recent


def line_of() -> logging.Formatter:
    """Makes the JSON of an event."""
    return ProcessorFormatter(
        processors=[facts, structlog.processors.JSONRenderer(ensure_ascii=False)],
        pass_foreign_args=True,
        use_get_message=False,
    )


def facts(logger: object, method: str, event: EventDict) -> EventDict:
    """The processor that decides what of an event is written."""
    record: logging.LogRecord = event.pop("_record")
    del event["_from_structlog"]
    message = event.pop("event")
    error = _error(event.pop("exc_info", None))
    event.pop("stack_info", None)
    ours = record.name.partition(".")[0] in OURS
    line: EventDict = {
        "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": _module(record.name),
        "at": f"{record.filename}:{record.lineno}",
    }
    if ours:
        values = event.pop("positional_args", None) or ()
        line["event"] = _filled(message, values)
        line.update({key: written(value) for key, value in event.items()})
    if error is not None:
        line["error"] = traced(error)
    return line


def _module(logger: str) -> str:
    """The module that a logger is named after; below it may stand the name of a device, or anything."""
    while logger and logger not in sys.modules:
        logger = logger.rpartition(".")[0]
    return logger or LEFT_OUT


def _filled(message: str, values: Iterable[object]) -> str:
    kept = tuple(map(written, values))
    try:
        return message % kept if kept else message
    except TypeError:  # what was left out would have been a number
        return message


def _error(
    given: bool | BaseException | tuple[type, BaseException, TracebackType] | None,
) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    return given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given else None


def _warned(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object, **__: object
) -> None:
    _log.warning("%s of %s:%d", category, Ours(Path(filename).name), lineno)


class _Handing(QueueHandler):
    """Makes the line where something is logged; writing it is left to another thread.

    A disk or a terminal that hangs must not hold up who decides the alarms.
    """

    def __init__(self, lines: SimpleQueue[logging.LogRecord]) -> None:
        super().__init__(lines)
        self.recent: deque[str] = deque(maxlen=RECENT)
        self.setFormatter(line_of())

    def enqueue(self, record: logging.LogRecord) -> None:
        self.recent.append(record.getMessage())
        super().enqueue(record)


class _Writing(QueueListener):
    """The thread that writes; leaving does not wait for it endlessly."""

    def stop(self) -> None:
        self.enqueue_sentinel()
        if self._thread is not None:
            self._thread.join(FAREWELL_S)
            self._thread = None


class _Files(RotatingFileHandler):
    """Files that nobody else may read, also those begun later."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).touch(mode=0o600)
        return super()._open()


def _files(directory: Path | None) -> list[logging.Handler]:
    if directory is None:
        return []
    try:
        private_dir(directory)
    except Trouble:
        return []  # the same disk keeps the record from being opened, and that is told
    files = _Files(directory / FILE, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", delay=True)
    return [files]
