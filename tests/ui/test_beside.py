"""The second window: the full view beside the first one, both live, each with its own view and panels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from whole_window import begin, open_window, until

from monitor import entries as e
from monitor.trouble import Trouble
from ui.app import Window
from ui.beside import BesideWindow

CODE = "KAP-1"
WRONG = Trouble("The disk is full.", "Nothing is saved.", "Make room.")


@pytest.fixture
def window(tmp_path: Path, qtbot: QtBot) -> Iterator[Window]:
    with open_window(tmp_path / "data", qtbot) as window:
        yield window


def beside(window: Window) -> BesideWindow:
    window._open_beside()
    assert window.beside.window is not None
    return window.beside.window


def test_both_show_the_same_session_and_each_keeps_its_view(window: Window, qtbot: QtBot) -> None:
    screen = begin(window, qtbot, CODE)
    second = beside(window)
    [other] = second.live.screens.values()
    screen.room.turn()
    assert (screen.room.on, other.room.on) == (True, False)
    assert other.trends.isVisible()
    assert second.screen() is not window.screen()
    other.pad.tiles["nausea"].pressed.emit()
    until(qtbot, lambda: screen.pad.tiles["nausea"].lit and other.pad.tiles["nausea"].lit)
    [session] = window.screens
    assert window.runtime is not None
    window.runtime.record(session, e.FindingNoted(code="chest_pain")).result(20)
    until(qtbot, lambda: screen.banner.needed and other.banner.needed)
    other.banner.acknowledge()
    until(qtbot, lambda: screen.banner.current is not None and screen.banner.current.seen)
    window._tick()
    assert "saved" in second.live.screens[session].top._saved


def test_a_session_that_begins_later_is_there_too_and_panels_are_its_own(
    window: Window, qtbot: QtBot
) -> None:
    second = beside(window)
    assert second.empty.isVisible()
    begin(window, qtbot, CODE)
    until(qtbot, lambda: second.live.where in window.screens)
    second.panels.show_picker()
    session = second.live.where
    assert second.panels.pickers[session] is not window.panels.pickers.get(session)
    assert second.panels.pickers[session].isVisible()


def test_what_is_wrong_is_said_in_both_also_to_who_opens_it_later(window: Window, qtbot: QtBot) -> None:
    window._stand("runtime", WRONG)
    second = beside(window)
    assert second.empty.trouble.text() == WRONG.two_lines()
    window._stand("runtime", None)
    assert not second.empty.trouble.isVisible()


def test_private_notes_do_not_stay_in_view_of_somebody_else_there_either(
    window: Window, qtbot: QtBot
) -> None:
    begin(window, qtbot, CODE)
    second = beside(window)
    [session] = window.screens
    second.panels.show_notes(session, "p00000001")
    notes = second.panels._notes
    assert notes is not None
    assert notes.panel.isVisible()
    assert window.runtime is not None
    window.runtime.record(session, e.ActingAs(role="physician")).result(20)
    until(qtbot, lambda: not notes.panel.isVisible())


def test_why_a_request_failed_is_said_where_it_was_made_and_goes(window: Window, qtbot: QtBot) -> None:
    screen = begin(window, qtbot, CODE)
    second = beside(window)
    [other] = second.live.screens.values()
    second.troubles.refuse(second.live.where, WRONG)
    assert other.trouble.text() == WRONG.two_lines()
    assert not screen.trouble.isVisible()
    for _ in range(200):
        window._tick()
    assert not other.trouble.isVisible()


def test_closing_it_ends_nothing_and_it_opens_again_by_key(window: Window, qtbot: QtBot) -> None:
    screen = begin(window, qtbot, CODE)
    beside(window).close()
    assert window.beside.window is None
    window._tick()
    window.activateWindow()
    qtbot.keyClick(screen, Qt.Key.Key_F11, Qt.KeyboardModifier.ControlModifier)
    assert window.beside.window is not None
    QApplication.processEvents()
    assert [s.isVisible() for s in window.beside.window.live.screens.values()] == [True]


def test_leaving_vigil_closes_both(tmp_path: Path, qtbot: QtBot) -> None:
    with open_window(tmp_path / "data", qtbot) as window:
        begin(window, qtbot, CODE)
        second = beside(window)
        gone: list[bool] = []
        second.left.connect(lambda: gone.append(True))
    assert gone == [True]
