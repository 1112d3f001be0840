"""Acting as: by name with a PIN once, then with a touch; "not now" never blocks an entry."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot
from reception_desk import PIA, PINS, TOM
from test_pin_dialog import key_in, place, tap

from monitor import entries as e
from ui.live.screen import LiveScreen
from ui.people.acting import NOT_NAMED, ActingPanel

LEFT = Qt.MouseButton.LeftButton


def acting(screen: LiveScreen) -> ActingPanel:
    screen.top.acting.click()
    QApplication.processEvents()
    panel = screen.acting.panel
    assert panel is not None
    return panel


def choose(qtbot: QtBot, panel: ActingPanel, name: str) -> None:
    row = next(row for row in range(panel.who.count()) if panel.who.item(row).text().startswith(name))
    qtbot.mouseClick(panel.who.viewport(), LEFT, pos=panel.who.visualItemRect(panel.who.item(row)).center())
    QApplication.processEvents()


def press(qtbot: QtBot, panel: ActingPanel, text: str) -> None:
    qtbot.mouseClick(next(b for b in panel.buttons if b.text() == text), LEFT)


def test_the_first_time_a_pin_is_asked_and_then_a_touch_is_enough(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    choose(qtbot, acting(there.screen), "Tom Roe")
    dialog = there.screen.pins.dialog
    assert dialog is not None
    tap(qtbot, dialog, PINS[TOM])
    assert there.story.state.author == f"therapist:{TOM}"
    assert there.screen.top.acting.text() == "Acting: Tom Roe, therapist ▾"
    choose(qtbot, acting(there.screen), "Dr Pia")
    key_in(qtbot, there.screen, PINS[PIA])
    assert there.story.state.author == f"physician:{PIA}"
    choose(qtbot, acting(there.screen), "Tom Roe")
    assert there.story.state.author == f"therapist:{TOM}"
    assert not there.screen.tray.isVisible()
    assert [body for body, _ in there.commands.bodies] == [e.ActingAs(role="therapist", person=TOM)]


def test_by_keyboard_alone(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    panel = acting(there.screen)
    assert there.screen.focusWidget() is panel.who
    for _ in range(2):
        qtbot.keyClick(panel.who, Qt.Key.Key_Down)
    qtbot.keyClick(panel.who, Qt.Key.Key_Return)
    key_in(qtbot, there.screen, PINS[TOM])
    assert there.story.state.author == f"therapist:{TOM}"


def test_the_keys_are_the_pads_again_once_the_pin_is_given(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    screen = there.screen
    assert screen.pad.hasFocus()
    screen.acting.open()
    panel = screen.acting.panel
    assert panel is not None
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(panel.who, key)
    key_in(qtbot, screen, PINS[TOM])
    assert not screen.tray.isVisible()
    assert screen.focusWidget() is screen.pad
    qtbot.keyClick(screen.focusWidget(), Qt.Key.Key_D)
    qtbot.waitUntil(lambda: e.ObservationStarted(code="dizzy") in [body for body, _ in there.commands.bodies])


def test_not_now_and_observations_never_wait(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    there.story.tell(e.StaffJoined(person=TOM, name="Tom Roe", role="therapist"), f"therapist:{TOM}")
    there.screen.refresh(there.story.tell(e.ActingAs(role="therapist", person=TOM), f"therapist:{TOM}"))
    choose(qtbot, acting(there.screen), "Dr Pia")
    there.screen.pad.stamps.tap("dizzy")  # the question is open, and is not answered
    assert there.story.state.lines[-1].body == e.ObservationStarted(code="dizzy")
    press(qtbot, acting(there.screen), NOT_NAMED)
    assert there.story.state.author == "therapist"
    assert there.screen.top.acting.text() == "Acting: room, unconfirmed ▾"
    there.screen.pad.stamps.tap("nausea")
    assert there.story.state.called(there.story.state.lines[-1].by) == "room, unconfirmed"


def test_whoever_acts_can_leave(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    choose(qtbot, acting(there.screen), "Tom Roe")
    key_in(qtbot, there.screen, PINS[TOM])
    press(qtbot, acting(there.screen), "Tom Roe leaves")
    assert there.story.state.author == "therapist"
    assert there.story.state.staff[TOM].left_ms is not None
    assert "Tom Roe leaves" not in [b.text() for b in acting(there.screen).buttons]


def test_ending_still_takes_two_touches(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    press(qtbot, acting(there.screen), "End monitoring …")
    assert there.commands.ends == 0
    end = next(b for b in there.screen.tray.findChildren(QPushButton) if b.text() == "End now")
    qtbot.mouseClick(end, LEFT)
    assert there.commands.ends == 1


@pytest.mark.parametrize("size", [(1600, 1000), (1280, 800)])
def test_many_people_scroll_and_cover_nothing(qtbot: QtBot, opened: Callable, size: tuple[int, int]) -> None:
    there = opened(size)
    for n in range(20):
        added = e.PersonAdded(person=f"p000001{n:02}", name=f"Person {n} " + "X" * 40, roles=("nurse",))
        there.desk.people.apply(added)
    panel = acting(there.screen)
    assert not place(there.screen.tray, there.screen).intersects(place(there.screen.banner, there.screen))
    for button in panel.buttons:
        assert there.screen.tray.rect().contains(place(button, there.screen.tray))
    assert panel.who.count() == 23


@pytest.mark.parametrize("size", [(1600, 1000), (1280, 800)])
def test_a_long_name_never_reaches_the_clock(opened: Callable, size: tuple[int, int]) -> None:
    there = opened(size)
    long = "Prof. Dr. Maximiliane Hohenstein-Abercrombie-Featherstonehaugh"[:60]
    there.story.tell(e.StaffJoined(person=TOM, name=long, role="physician"), f"physician:{TOM}")
    there.screen.refresh(there.story.tell(e.ActingAs(role="physician", person=TOM), f"physician:{TOM}"))
    button = there.screen.top.acting
    top = there.screen.top
    for text in (text for text in top.texts if text.text in (top._clock, top._under)):
        x, _, width, _ = text.rect
        half = QFontMetricsF(text.font).horizontalAdvance(text.text) / 2
        assert button.geometry().right() < x + width / 2 - half
    assert button.text().endswith("▾")
