"""From home to the record of an ended session and back, through the whole window."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from devices.scan import Radio
from devices.virtual.radio import VirtualRadio
from monitor import entries as e
from monitor.store import datadir
from ui.app import Window
from ui.commands import NewSession
from ui.opening import Opening
from ui.record.page import RecordPage

PATIENCE_MS = 30_000


@asynccontextmanager
async def silence() -> AsyncIterator[Radio]:
    """Bluetooth that works, with nothing in the air."""
    radio = VirtualRadio()
    await radio.start()
    try:
        yield Radio(radio.scanner_backend, radio.client_backend)
    finally:
        await radio.close()


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    datadir.create_demo(tmp_path / "data").close()
    made = Window(Opening(tmp_path / "data", radio=silence, sound="null", demo=True))
    made.show()
    made.entrance.open()
    yield made
    made.close()


def test_an_ended_session_is_read_corrected_and_left(qtbot: QtBot, window: Window) -> None:
    def until(condition: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    until(lambda: window.runtime is not None)
    runtime = window.runtime
    assert runtime is not None
    session = runtime.begin(NewSession(code="KAP-1", route="im", demo=True)).result(10)
    until(lambda: session in window.screens)
    runtime.record(session, e.NoteWritten(text="calm")).result(10)
    runtime.record(session, e.SessionEnded()).result(10)
    (shown,) = window.home.findChildren(QListWidget)
    (read,) = [b for b in window.home.findChildren(QPushButton) if b.text() == "Read and sign"]
    until(lambda: window.stack.currentWidget() is window.home and shown.count() and read.isEnabled())
    qtbot.mouseClick(read, Qt.MouseButton.LeftButton)
    until(lambda: isinstance(window.stack.currentWidget(), RecordPage))
    page = window.stack.currentWidget()
    assert isinstance(page, RecordPage)
    note = next(x for x in page._state.lines if isinstance(x.body, e.NoteWritten))
    page.side.confirm(e.Amended(entry=note.entry, fields={"text": "<b>calm</b>"}, reason="typed wrong"))
    until(lambda: any("“<b>calm</b>”" in page.model.row(n).text for n in range(page.model.rowCount())))
    page.side.confirm(e.CodeChanged(code="KAP-2", reason="picked the wrong one"))
    until(lambda: page.title.text().startswith("KAP-2"))
    runtime.store.run(lambda engine: None).result(10)  # the list is read from the disk
    (home,) = [b for b in page.findChildren(QPushButton) if b.text() == "Home"]
    qtbot.mouseClick(home, Qt.MouseButton.LeftButton)
    until(lambda: window.stack.currentWidget() is window.home)
    until(lambda: shown.count() and shown.item(0).text().startswith("KAP-2"))
