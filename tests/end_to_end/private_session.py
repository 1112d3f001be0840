"""The real command with a virtual radio and hands: a session full of private words in which much goes wrong.

python private_session.py first|crash|last DATA_DIR

What it has to show goes to stdout, one JSON object a line; it goes on when it gets a line itself.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import private_people
import psutil
import structlog
from furnished import furnished
from private_people import show
from private_words import CODE, DOCTOR, NOTES, PASSPHRASE, PHONE, ROOM
from PySide6.QtCore import QObject, QTimer, Slot, qWarning
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget
from sqlalchemy import text

import ui.cli
import ui.opening
import ui.start
from devices.virtual.instruments.mightysat import MightySat
from devices.virtual.patient import Physiology, steady
from monitor import entries as e
from monitor.cuff import typed
from ui.app import Window
from ui.commands import SessionCommands

NOTE = "; ".join(NOTES)
PATIENCE_S = 100

Steps = Iterator[Callable[[], object]]


class Hands(QObject):
    """Does one step after the other, each as soon as what the one before waits for has come."""

    def __init__(self, window: Window, steps: Callable[[Window], Steps]) -> None:
        super().__init__(window)
        self._steps = steps(window)
        self._waits: Callable[[], object] = lambda: True
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(20)

    @Slot()
    def _look(self) -> None:
        try:
            if self._waits():
                self._waits = next(self._steps)
        except StopIteration:
            self._timer.stop()
        except BaseException:  # a fault of the play itself, not of what is played
            traceback.print_exc(file=sys.stdout)
            sys.stdout.flush()
            os._exit(9)


def field(place: QWidget, name: str) -> QLineEdit:
    return next(f for f in place.findChildren(QLineEdit) if f.accessibleName() == name)


def press(place: QWidget, name: str) -> None:
    button = next(b for b in place.findChildren(QPushButton) if b.text() == name)
    assert button.isEnabled(), name
    button.click()


def a_word_from_outside() -> Callable[[], object]:
    came = threading.Event()

    def wait() -> None:
        sys.stdin.readline()
        came.set()

    threading.Thread(target=wait, name="outside", daemon=True).start()
    return came.is_set


# --- the three runs ---------------------------------------------------------------------------


def first(window: Window) -> Steps:
    """A new record, a session with everything in it, and all that can go wrong goes wrong."""
    yield lambda: window.entrance.unlock is not None
    unlock = window.entrance.unlock
    assert unlock is not None
    field(unlock, "Passphrase").setText(PASSPHRASE)
    field(unlock, "Passphrase, again").setText(PASSPHRASE)
    press(unlock, "Create the record")
    yield lambda: not unlock._code.isHidden()
    show(recovery=unlock._code.text())
    press(unlock, "I have written it down")
    yield lambda: window.stack.currentWidget() is window.home and window.runtime is not None
    assert window.entrance.unlock is None, "what was typed and shown there is gone"
    yield from private_people.practice(window)
    yield from session(window)
    (id,) = window.screens
    yield from private_people.acting(window, id)
    yield from provoke(window, id)
    processes(window)
    yield a_word_from_outside()
    yield saved(window, id)
    window.close()


def session(window: Window) -> Steps:
    home, runtime = window.home, window.runtime
    assert runtime is not None
    for name, said in (
        ("Patient code", CODE),
        ("Room", ROOM),
        ("Doctor to call", DOCTOR),
        ("Phone number of the doctor", PHONE),
    ):
        field(home, name).setText(said)
    press(home, "Start monitoring")
    yield lambda: window.screens and runtime.sightings()
    ((id, screen),) = window.screens.items()
    window.report(runtime.assign(id, runtime.sightings()[0]), id)
    yield lambda: any(key[1] == "low" for key in window.states[id].alarms)
    for note in NOTES:
        screen.pad.note.setText(note)
        screen.pad.note.selectAll()
        press(screen.pad, "Record")
    enter = SessionCommands(runtime, id, partial(window.report, place=id))
    enter.record(typed(182, 101, 99), 0)
    enter.record(e.ObservationStarted(code="dizzy"), 0)
    yield lambda: sum(isinstance(line.body, e.NoteWritten) for line in window.states[id].lines) == len(NOTES)


def crash(window: Window) -> Steps:
    """The session is taken up, and the process dies below Python."""
    yield from unlocked(window, PASSPHRASE)
    assert window.runtime is not None
    window.home.take_up.emit(window.runtime.sessions()[0])
    yield lambda: window.screens
    processes(window)
    yield a_word_from_outside()
    os.abort()


def last(window: Window) -> Steps:
    """The code from paper opens it too; the session ends."""
    yield from unlocked(window, sys.stdin.readline().strip())
    assert window.runtime is not None
    window.home.end.emit(window.runtime.sessions()[0])
    yield lambda: any(state.ended_ms is not None for state in window.states.values())
    yield from private_people.signing(window, next(iter(window.states)))
    processes(window)
    yield a_word_from_outside()
    yield saved(window, next(iter(window.states)))
    window.close()


def unlocked(window: Window, secret: str) -> Steps:
    yield lambda: window.entrance.unlock is not None
    assert window.entrance.unlock is not None
    field(window.entrance.unlock, "Passphrase").setText("not " + secret)
    press(window.entrance.unlock, "Unlock")
    yield lambda: window.entrance.unlock is not None and window.entrance.unlock._go.isEnabled()
    field(window.entrance.unlock, "Passphrase").setText(secret)
    press(window.entrance.unlock, "Unlock")
    yield lambda: window.stack.currentWidget() is window.home and window.runtime is not None
    yield window.home._trouble.isVisible
    show(told=window.home._trouble.text())


def processes(window: Window) -> None:
    sound = [child.pid for child in psutil.Process().children() if "ui.sound.process" in child.cmdline()]
    titles = [top.windowTitle() for top in QApplication.topLevelWidgets() if top.isVisible()]
    show(pids=[os.getpid(), *sound], titles=titles, clipboard=QApplication.clipboard().text())


def saved(window: Window, id: str) -> Callable[[], object]:
    runtime = window.runtime
    assert runtime is not None
    return lambda: runtime.store.durable_seq(id) >= window.states[id].seq


# --- what goes wrong --------------------------------------------------------------------------


def fails() -> Any:
    """An error that quotes all it can, also in what it came from and in what was added to it."""
    quoted = f"{NOTE} {CODE} {DOCTOR} {PHONE} {PASSPHRASE}"
    try:
        {}[quoted]
    except KeyError as missing:
        error = ValueError(f"{missing}, {quoted}")
        error.add_note(quoted)
        raise error from ExceptionGroup(quoted, [OSError(2, "no such file", quoted), TypeError(quoted)])


class FailsWhenGone:
    def __del__(self) -> None:
        fails()


class Named(msgspec.Struct):
    number: int


async def fails_in_loop() -> None:
    fails()


def provoke(window: Window, id: str) -> Steps:
    runtime = window.runtime
    assert runtime is not None

    def in_sql() -> None:
        with runtime.store._engine.connect() as connection:
            connection.execute(text("select nonsense(:said)"), {"said": NOTE})

    def refused_by_msgspec() -> None:
        msgspec.json.decode(json.dumps({"number": NOTE}), type=Named)

    live = runtime.live[id]
    live.tick = fails  # type: ignore[method-assign]
    yield lambda: id not in runtime.live and runtime.store.durable_seq(id) >= live.state.seq
    runtime.resume(id, "im").result(5)
    for wrong in (fails, in_sql, refused_by_msgspec):
        window.report(runtime.call(wrong), id)
    threading.Thread(target=fails, name="failing").start()
    QTimer.singleShot(0, fails)
    runtime.spawn(fails_in_loop())
    FailsWhenGone()
    try:
        fails()
    except ValueError:
        logging.getLogger(f"bleak.{CODE}").exception(f"it said {NOTE}")
        logging.getLogger("ui.outside").exception("it said %s", NOTE)
    logging.getLogger("sqlalchemy.engine").error("it said %s to %d", NOTE, 7)
    structlog.get_logger("devices.outside").error("it said", note=NOTE, code=CODE, many=[NOTE])
    warnings.warn(NOTE, stacklevel=1)
    qWarning(f"QLabel::setText: {NOTE}")
    yield lambda: len(list(Path(window.opening.data_dir).glob("logs/crash-*.txt"))) >= 4


def main() -> None:
    which, data_dir = sys.argv[1:]
    steps = {"first": first, "crash": crash, "last": last}[which]
    low = steady(Physiology(spo2=79, pulse=70))
    radio = partial(furnished, lambda air: [MightySat(air, low, "MightySat 0417")], [])
    ui.opening.real_radio = lambda *_: radio()  # type: ignore[assignment]
    run = ui.start.run

    def with_hands(opening: ui.opening.Opening) -> int:
        opening._sound = "null"
        return run(opening, prepared=lambda window: hands.append(Hands(window, steps)))

    hands: list[Hands] = []
    ui.start.run = with_hands  # type: ignore[assignment]
    too_long = threading.Timer(PATIENCE_S, os._exit, [8])
    too_long.daemon = True
    too_long.start()
    sys.argv = ["vigil", "--data", data_dir]
    ui.cli.main()


if __name__ == "__main__":
    main()
