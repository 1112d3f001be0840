"""What lies over a live screen: it locks nothing, covers nothing that never locks, and Escape closes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from whole_window import begin, button, named, open_window, said, until

from devices.questions import PairingKind, PairingQuestion
from monitor import entries as e
from ui.app import Window
from ui.live.screen import LiveScreen
from ui.private.pages import SET_UP

ANA = "p3f2a9c1d"
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(tmp_path: Path, qtbot: QtBot) -> Iterator[Window]:
    with open_window(tmp_path / "data", qtbot) as window:
        window.activateWindow()
        yield window


@pytest.fixture
def screen(window: Window, qtbot: QtBot) -> LiveScreen:
    return begin(window, qtbot, "KAP-0417")


def session_of(window: Window) -> str:
    [session] = window.screens
    return session


def people(window: Window) -> QWidget:
    window.panels.show_people()
    assert window.panels.people is not None
    return window.panels.people


def inventory(window: Window) -> QWidget:
    window.panels.show_inventory()
    assert window.panels._inventory is not None
    return window.panels._inventory


def sound(window: Window) -> QWidget:
    window.panels.show_sound()
    assert window.panels._sound is not None
    return window.panels._sound


def notes(window: Window) -> QWidget:
    window.panels.show_notes(session_of(window), ANA)
    assert window.panels._notes is not None
    return window.panels._notes.panel


def picker(window: Window) -> QWidget:
    window.panels.show_picker()
    return window.panels.pickers[session_of(window)]


OPENS = [people, inventory, sound, notes, picker]


def focus_in(window: Window, panel: QWidget) -> QWidget:
    """What in the panel has the focus; its first where none has."""
    focus = window.focusWidget()
    if focus is None or not panel.isAncestorOf(focus):
        panel.setFocus()
        panel.focusNextChild()
        focus = window.focusWidget()
    assert focus is not None
    assert panel.isAncestorOf(focus)
    return focus


@pytest.mark.parametrize("opens", OPENS)
def test_nothing_that_never_locks_is_locked_by_a_panel(
    window: Window, screen: LiveScreen, qtbot: QtBot, opens: Callable[[Window], QWidget]
) -> None:
    panel = opens(window)
    focus = focus_in(window, panel)
    qtbot.keyClick(focus, Qt.Key.Key_F12)
    lines = window.states[session_of(window)].lines
    until(qtbot, lambda: any(isinstance(line.body, e.EmergencyStarted) for line in lines))
    qtbot.keyClick(focus, Qt.Key.Key_F4)
    assert screen.tray.isVisible()
    qtbot.keyClick(focus, Qt.Key.Key_Escape)
    assert not screen.tray.isVisible()
    assert panel.isVisible()
    qtbot.keyClick(focus, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert screen.pad.hasFocus()


def test_ctrl_enter_in_private_notes_acknowledges_and_does_not_submit(
    window: Window, screen: LiveScreen, qtbot: QtBot
) -> None:
    panel = notes(window)
    field = named(panel, QLineEdit, "Passphrase for private notes, again")
    field.setFocus()
    asked: list[str] = []
    panel.set_up.connect(asked.append)  # type: ignore[attr-defined]
    pressed = [s for s in screen._shortcuts if s.key().toString() == "Ctrl+Return"]
    with qtbot.waitSignal(pressed[0].activated):
        qtbot.keyClick(field, Qt.Key.Key_Return, CONTROL)
    assert not asked
    assert panel._set_up._said.text() == SET_UP  # type: ignore[attr-defined]


@pytest.mark.parametrize("home", [True, False])
def test_escape_does_not_throw_away_the_recovery_code_of_private_notes(
    window: Window, screen: LiveScreen, qtbot: QtBot, home: bool
) -> None:
    if home:
        window._go_home()
    panel = notes(window)
    panel.show_code("ABCD-EFGH")  # type: ignore[attr-defined]
    qtbot.keyClick(focus_in(window, panel), Qt.Key.Key_Escape)
    assert panel.isVisible()
    assert "ABCD-EFGH" in said(panel)
    button(panel, "I have written it down").click()
    assert not panel.isVisible()


@pytest.mark.parametrize("size", [(1600, 1000), (1280, 800)])
@pytest.mark.parametrize("opens", OPENS)
def test_a_panel_over_a_live_screen_covers_neither_tiles_nor_pad(
    window: Window,
    screen: LiveScreen,
    qtbot: QtBot,
    opens: Callable[[Window], QWidget],
    size: tuple[int, int],
) -> None:
    panel = opens(window)
    window.resize(*size)
    until(qtbot, lambda: screen.size().toTuple() == size)
    assert panel.isVisible()
    for free in (screen.spo2, screen.pulse, screen.pressure, screen.cuff, screen.pad, screen.banner):
        assert not panel.geometry().intersects(free.geometry())
    for child in panel.findChildren(QWidget):
        if child.isVisible():
            inside = child.rect().translated(child.mapTo(panel, child.rect().topLeft()))
            assert panel.rect().contains(inside) or child.parentWidget().objectName().startswith("qt_"), (
                child.accessibleName()
            )


@pytest.mark.parametrize("opens", [people, inventory, sound])
def test_escape_closes_a_panel_over_home(
    window: Window, qtbot: QtBot, opens: Callable[[Window], QWidget]
) -> None:
    panel = opens(window)
    qtbot.keyClick(focus_in(window, panel), Qt.Key.Key_Escape)
    assert not panel.isVisible()
    opens(window)
    assert panel.parentWidget() is window
    window.setFocus()
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_a_question_of_bluetooth_locks_nothing_comes_along_and_escape_refuses(
    window: Window, screen: LiveScreen, qtbot: QtBot
) -> None:
    panel = window.panels._pairing()
    answers: list[object] = []
    panel.ask(
        PairingQuestion(kind=PairingKind.ENTER, name="BM54", address="AA:BB", number=None), answers.append
    )
    qtbot.keyClick(focus_in(window, panel), Qt.Key.Key_F12)
    lines = window.states[session_of(window)].lines
    until(qtbot, lambda: any(isinstance(line.body, e.EmergencyStarted) for line in lines))
    assert not panel.geometry().intersects(screen.pad.geometry())
    qtbot.keyClick(panel, Qt.Key.Key_F10)
    until(qtbot, lambda: window.stack.currentWidget() is window.home)
    assert panel.isVisible()
    window.stack.setCurrentWidget(screen)
    assert panel.isVisible()
    assert answers == []
    qtbot.keyClick(focus_in(window, panel), Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert answers == [False]


def test_escape_does_not_throw_away_a_new_recovery_code(window: Window, qtbot: QtBot) -> None:
    window.panels.show_keeping()
    panel = window.panels.keeping
    assert panel is not None
    panel._show_code("ABCD-EFGH")
    qtbot.keyClick(focus_in(window, panel), Qt.Key.Key_Escape)
    window.panels.leave()
    assert "ABCD-EFGH" in said(panel)
    button(panel, "I have written it down").click()
    qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()
