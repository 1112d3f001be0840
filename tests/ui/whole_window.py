"""A window on a new record, with working Bluetooth and nothing in the air: for tests through the screens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from devices.scan import Radio
from devices.virtual.radio import VirtualRadio
from monitor.store import datadir
from ui.app import Window
from ui.live.screen import LiveScreen
from ui.opening import Opening

PATIENCE_MS = 30_000

W = TypeVar("W", bound=QWidget)


@asynccontextmanager
async def silence() -> AsyncIterator[Radio]:
    radio = VirtualRadio()
    await radio.start()
    try:
        yield Radio(radio.scanner_backend, radio.client_backend)
    finally:
        await radio.close()


@contextmanager
def open_window(data_dir: Path, qtbot: QtBot, *, demo: bool = False) -> Iterator[Window]:
    """The window, once home shows the record's sessions."""
    key_file = data_dir.with_name("the.key")
    if not demo and not datadir.exists(data_dir):
        datadir.create_store(data_dir, key_file=key_file)[0].close()
    opening = Opening(data_dir, radio=silence, sound="null", demo=demo, key_file=None if demo else key_file)
    window = Window(opening)
    window.resize(1600, 1000)
    window.show()
    window.entrance.open()
    until(qtbot, lambda: window.runtime is not None)
    try:
        yield window
    finally:
        window.close()


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)


def named(place: QWidget, kind: type[W], name: str) -> W:
    """The visible widget with this accessible name."""
    found = [w for w in place.findChildren(kind) if w.accessibleName() == name and w.isVisible()]
    assert len(found) == 1, (
        name,
        sorted(w.accessibleName() for w in place.findChildren(kind) if w.isVisible()),
    )
    return found[0]


def button(place: QWidget, name: str) -> QPushButton:
    found = [
        b for b in place.findChildren(QPushButton) if name in (b.accessibleName(), b.text()) and b.isVisible()
    ]
    assert found, (name, sorted(b.text() for b in place.findChildren(QPushButton) if b.isVisible()))
    return found[0]


def field(place: QWidget, name: str) -> QLineEdit:
    return named(place, QLineEdit, name)


def paper(place: QWidget, name: str) -> QPlainTextEdit:
    return named(place, QPlainTextEdit, name)


def said(place: QWidget) -> str:
    """Every text in view there."""
    return "\n".join(label.text() for label in place.findChildren(QLabel) if label.isVisible())


def begin(window: Window, qtbot: QtBot, code: str) -> LiveScreen:
    """Begin a session at home; its screen, with the list of devices closed."""
    before = set(window.screens)
    window.stack.setCurrentWidget(window.home)
    field(window.home, "Patient code").setText(code)
    button(window.home, "Start monitoring").click()
    until(qtbot, lambda: set(window.screens) - before)
    [session] = set(window.screens) - before
    until(qtbot, lambda: session in window.panels.pickers)
    window.panels.pickers[session].hide()
    return window.screens[session]
