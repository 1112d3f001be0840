"""An alarm of a session that is not in view is told wherever one is, and a touch or a key goes there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from whole_window import begin, open_window, until

from monitor import entries as e
from ui.app import Window
from ui.elsewhere import Calling, worst
from ui.live.shown import Shown

FIRST, SECOND = "KAP-1", "KAP-2"


@pytest.fixture
def window(tmp_path: Path, qtbot: QtBot) -> Iterator[Window]:
    with open_window(tmp_path / "data", qtbot) as window:
        yield window


def chest_pain(window: Window, session: str) -> None:
    assert window.runtime is not None
    window.runtime.record(session, e.FindingNoted(code="chest_pain")).result(20)


def test_a_high_alarm_is_told_at_home_and_a_touch_goes_there(window: Window, qtbot: QtBot) -> None:
    screen, strip = begin(window, qtbot, FIRST), window.centre.strip
    [session] = window.screens
    window._go_home()
    assert strip.isHidden()
    assert window.stack.y() == 0
    chest_pain(window, session)
    until(qtbot, strip.isVisible)
    assert strip.text().startswith(f"{FIRST} · *** ")
    assert FIRST in strip.accessibleName()
    assert window.stack.y() >= strip.height(), "home is below it"
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton)
    assert window.stack.currentWidget() is screen
    assert strip.isHidden(), "the banner tells it now"


def test_over_another_patients_screen_nothing_moves_or_is_covered(window: Window, qtbot: QtBot) -> None:
    first, strip = begin(window, qtbot, FIRST), window.centre.strip
    [session] = window.screens
    second = begin(window, qtbot, SECOND)
    parts: list[QWidget] = [second.top, second.banner, second.spo2, second.pad, second.log]
    before = [part.geometry() for part in parts]
    chest_pain(window, session)
    until(qtbot, strip.isVisible)
    assert [part.geometry() for part in parts] == before
    below = strip.mapTo(window, strip.rect().bottomLeft()).y()
    assert all(part.mapTo(window, part.rect().topLeft()).y() > below for part in parts)
    qtbot.keyClick(window, Qt.Key.Key_F10, Qt.KeyboardModifier.ControlModifier)
    assert window.stack.currentWidget() is first


def test_one_that_somebody_has_seen_is_told_no_more(window: Window, qtbot: QtBot) -> None:
    screen, strip = begin(window, qtbot, FIRST), window.centre.strip
    [session] = window.screens
    window._go_home()
    chest_pain(window, session)
    until(qtbot, strip.isVisible)
    screen.banner.acknowledge()
    until(qtbot, strip.isHidden)


def test_the_worst_comes_first_and_what_is_over_last() -> None:
    def calling(session: str, priority: str, *, over: bool = False) -> Calling:
        return Calling(session, session, Shown("spo2", "low", "", priority, False, "…", over=over))

    order = worst([calling("a", "high", over=True), calling("b", "low"), calling("c", "high")])
    assert [c.session for c in order] == ["c", "b", "a"]


def test_where_another_session_ends_nobody_is_thrown_out(window: Window, qtbot: QtBot) -> None:
    begin(window, qtbot, FIRST)
    [session] = window.screens
    second = begin(window, qtbot, SECOND)
    assert window.runtime is not None
    window.runtime.record(session, e.SessionEnded()).result(20)
    until(qtbot, lambda: window.states[session].ended_ms is not None)
    assert window.stack.currentWidget() is second
    [other] = set(window.screens) - {session}
    window.runtime.record(other, e.SessionEnded()).result(20)
    until(qtbot, lambda: window.stack.currentWidget() is window.home)
