"""A runtime on a clock moved by hand, with two real sound processes and the window of the second place."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from furnished import furnished
from listening import Record, plug
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.clock import HandClock
from monitor.codec import Entry, unseal
from monitor.session import SessionState
from monitor.store import datadir
from ui.bridge import Bridge
from ui.commands import NewSession
from ui.place.place import Place
from ui.place.window import PlaceWindow
from ui.runtime import Runtime
from ui.sound.voice import Voice

B = TypeVar("B", bound=e.Body)

ROOM, OFFICE = "Room speaker", "Office speaker"
PATIENCE_MS = 30_000
STEP_S = 5
"""Shorter than the silence after which a place is gone."""


class TwoPlaces:
    """Close it."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self._qtbot, self._folder = qtbot, folder
        self.outputs = plug(folder / "outputs.json", ROOM, OFFICE, "AirPods Pro")
        self.room, self.office = Record(folder / "room.pcm"), Record(folder / "office.pcm")
        self.clock = HandClock()
        self.open()

    def open(self) -> None:
        self.bridge = Bridge()
        self.states: dict[str, SessionState] = {}
        start = partial(Voice.start, str(self.outputs))
        self.voice = start(self.room.path)
        self.runtime = Runtime(
            datadir.open_or_create_demo(self._folder / "data"),
            partial(furnished, lambda radio: [], []),
            clock=self.clock,
            voice=self.voice,
            second_voice=partial(start, self.office.path),
            on_opened=lambda session, state: self.bridge.post(
                partial(self.states.__setitem__, session, state)
            ),
            on_entry=self._entry,
            demo=True,
        )
        self.runtime.start()
        assert self.runtime.place is not None
        self.place: Place = self.runtime.place
        self.window = PlaceWindow(self.runtime, self.place, self.states, self.bridge)
        self.bridge.setParent(self.window)  # to go with it, on this thread
        self._open = True
        self.until(lambda: self.voice.state.output == ROOM)

    def _entry(self, session: str, entry: Entry) -> None:
        self.bridge.post(lambda: self.states[session].apply(entry))

    def close(self) -> None:
        """May be called twice; the record stays."""
        if self._open:
            self._open = False
            self.window.close()
            self.window.deleteLater()
            self.runtime.stop()

    def stop(self) -> None:
        """Vigil is left while the window of the second place is still there."""
        self._open = False
        self.runtime.stop()
        self.window.close()

    # --- time -----------------------------------------------------------------------------

    def until(self, condition: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def settle(self) -> None:
        """Let the worker tick once, and the window hear of it."""
        before = self.runtime._worker_ns
        self.until(lambda: self.runtime._worker_ns != before)

    def pass_time(self, seconds: int, *, frozen: bool = False) -> None:
        """While the window of the second place lives; or, `frozen`, while it does not."""
        left = seconds
        while left > 0:
            step = min(left, STEP_S)
            left -= step
            self.runtime.call(self.clock.advance, step).result(5)
            if not frozen:
                self.window.tick()
            self.settle()

    # --- what people do -------------------------------------------------------------------

    def begin(self, code: str = "KAP-1") -> str:
        new = NewSession(code=code, route="im", demo=True, doctor="Dr Lee", phone="555-0100")
        session = self.runtime.begin(new).result(5)
        self.until(lambda: session in self.states and self.states[session].opened)
        return session

    def enter(self, session: str, body: e.Body) -> None:
        self.runtime.record(session, body).result(5)
        self.settle()
        self.catch_up()

    def catch_up(self) -> None:
        """The window knows and shows all that was written so far."""
        for session, live in self.runtime.live.items():
            self.until(lambda session=session, live=live: self.states[session].seq >= live.state.seq)
        self.window.look()
        QApplication.processEvents()  # rows that were made are shown

    def choose(self, output: str = OFFICE) -> None:
        """The person at the second place tries an output and hears the test sound on it."""
        self.window.open()
        self.until(self.window.panel.isVisible)
        rows = self.window.panel.findChild(QListWidget)
        assert isinstance(rows, QListWidget)
        rows.setCurrentRow(next(n for n in range(rows.count()) if rows.item(n).text().startswith(output)))
        press(self._qtbot, self.window.panel, "Play the test sound")
        self.until(lambda: self.place.speaker.state.output == output and "high" in self.office.sounds)
        self.window.panel.look()
        press(self._qtbot, self.window.panel, "I heard it")
        self.until(lambda: self.place.speaker.kept == output)

    def come(self, person: str = "Dr Lee") -> None:
        """A person has chosen a loudspeaker, and says that they are here."""
        if not self.place.speaker.kept:
            self.choose()
        self.window.name.setEditText(person)
        self.window.look()
        self.press("I'm here")
        self.until(lambda: self.place.here is not None)

    def press(self, text: str) -> None:
        press(self._qtbot, self.window, text)
        self.settle()
        self.catch_up()

    def said(self) -> str:
        """All that can be read on the window."""
        return "\n".join(x.text() for x in self.window.findChildren(QLabel) if x.isVisibleTo(self.window))

    # --- what comes of it -----------------------------------------------------------------

    def alarms_heard(self, record: Record) -> int:
        """How often a high alarm began to sound; at the second place the test sound was the first."""
        return record.sounds.count("high") - (record is self.office)

    def entries(self, session: str) -> list[Entry]:
        """What is on disk once everything so far is there."""
        store = self.runtime.store
        self.until(lambda: store.durable_seq(session) >= self.runtime.live[session].state.seq)
        return [unseal(sealed.data)[0] for sealed in store.read(session)]

    def bodies(self, session: str, kind: type[B]) -> list[B]:
        return [entry.body for entry in self.entries(session) if isinstance(entry.body, kind)]


def button(inside: QWidget, text: str) -> QPushButton:
    """The one in view."""
    found = [b for b in inside.findChildren(QPushButton) if b.text() == text and b.isVisible()]
    assert found, f"no button {text!r} in view"
    return found[0]


def press(qtbot: QtBot, inside: QWidget, text: str) -> None:
    assert button(inside, text).isEnabled(), f"{text!r} cannot be pressed"
    qtbot.mouseClick(button(inside, text), Qt.MouseButton.LeftButton)
