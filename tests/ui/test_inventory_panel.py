"""The practice's devices in a list: what is known of each, and retiring one with two touches."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from monitor.inventory import Enrolled
from ui import theme
from ui.home.inventory import IN_USE, NONE_YET, REASONS, InventoryPanel
from ui.instruments import Owned

OXIMETER = Enrolled(
    id="a1", role="oximeter", driver="mightysat", name="MightySat 1", platform=sys.platform, address="AA",
    serial="0417", enrolled_utc="2026-02-03T10:00:00+00:00", proven=True,
    proven_utc="2026-02-04T10:00:00+00:00",
)  # fmt: skip
CUFF = Enrolled(
    id="b2", role="cuff", driver="boso", name="boso medicus", platform=sys.platform, address="BB",
    enrolled_utc="2026-03-01T10:00:00+00:00",
)  # fmt: skip
FREE, TAKEN = Owned(OXIMETER, "Rx", False, True), Owned(CUFF, "boso medicus", True, False)


class Cupboard:
    """The panel, and what the practice has."""

    def __init__(self, qtbot: QtBot, *owned: Owned) -> None:
        self.qtbot, self.owned = qtbot, list(owned)
        self.panel = InventoryPanel(lambda: self.owned)
        self.retired: list[tuple[str, str]] = []
        self.panel.retired.connect(lambda device, reason: self.retired.append((device, reason)))
        qtbot.addWidget(self.panel)
        self.panel.show()

    @property
    def list(self) -> QListWidget:
        found = self.panel.findChild(QListWidget)
        assert isinstance(found, QListWidget)
        return found

    def rows(self) -> list[str]:
        return [self.list.item(n).text() for n in range(self.list.count())]

    def choose(self, name: str) -> None:
        (item,) = self.list.findItems(name, Qt.MatchFlag.MatchStartsWith)
        spot = self.list.visualItemRect(item).center()
        self.qtbot.mouseClick(self.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)

    def button(self, text: str) -> QPushButton:
        return next(b for b in self.panel.findChildren(QPushButton) if b.text() == text and b.isVisible())

    def press(self, text: str) -> None:
        self.qtbot.mouseClick(self.button(text), Qt.MouseButton.LeftButton)

    def texts(self) -> str:
        return "\n".join(label.text() for label in self.panel.findChildren(QLabel) if label.isVisible())


@pytest.fixture
def cupboard(qtbot: QtBot) -> Iterator[Cupboard]:
    opened = Cupboard(qtbot, FREE, TAKEN)
    yield opened
    opened.panel.hide()


def test_each_device_says_what_it_is_and_where(cupboard: Cupboard) -> None:
    assert cupboard.rows() == [
        "boso medicus · a patient's now\n"
        "boso medicus · number not known yet · enrolled 01 Mar 2026, not yet paired",
        "MightySat 1 · in range\nRx · no. 0417 · paired 04 Feb 2026",
    ]


def test_a_device_is_retired_with_two_touches_and_a_reason(cupboard: Cupboard) -> None:
    cupboard.choose("MightySat 1")
    cupboard.press("Retire …")
    assert "MightySat 1 (no. 0417) is used no more. Why?" in cupboard.texts()
    assert cupboard.retired == []
    cupboard.press("Broken")
    assert cupboard.retired == [("a1", "broken")]
    cupboard.owned.remove(FREE)
    cupboard.panel.look()
    assert [text.split(" · ")[0] for text in cupboard.rows()] == ["boso medicus"]
    assert not cupboard.button("Retire …").isEnabled()


def test_a_device_can_be_kept_after_all(cupboard: Cupboard) -> None:
    cupboard.choose("MightySat 1")
    cupboard.press("Retire …")
    cupboard.press("Keep it")
    assert "This practice's devices" in cupboard.texts()
    assert cupboard.retired == []


def test_a_patients_device_is_not_retired(cupboard: Cupboard) -> None:
    cupboard.choose("boso medicus")
    assert IN_USE in cupboard.texts()
    assert not cupboard.button("Retire …").isEnabled()


def test_nothing_can_be_retired_before_it_is_chosen(cupboard: Cupboard) -> None:
    assert cupboard.list.selectedItems() == []
    assert not cupboard.button("Retire …").isEnabled()


def test_the_one_that_was_asked_about_is_retired_whatever_the_list_does_meanwhile(cupboard: Cupboard) -> None:
    cupboard.choose("MightySat 1")
    cupboard.press("Retire …")
    cupboard.owned.insert(0, Owned(CUFF, "A new one", False, True))
    cupboard.panel.look()
    cupboard.press("Lost")
    assert cupboard.retired == [("a1", "lost")]


def test_an_empty_practice_says_how_devices_come_to_it(qtbot: QtBot) -> None:
    cupboard = Cupboard(qtbot)
    assert NONE_YET in cupboard.texts()
    cupboard.panel.hide()


def test_by_keyboard_alone_and_a_key_pressed_twice_keeps_the_device(cupboard: Cupboard) -> None:
    cupboard.qtbot.waitUntil(cupboard.list.hasFocus, timeout=5000)
    cupboard.qtbot.keyClick(cupboard.list, Qt.Key.Key_End)
    assert cupboard.list.selectedItems()[0].text().startswith("MightySat 1")
    cupboard.qtbot.keyClick(cupboard.list, Qt.Key.Key_Tab)
    for _ in range(2):
        cupboard.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert cupboard.retired == []
    assert cupboard.list.hasFocus()


def test_every_control_has_a_name_and_the_size_of_a_finger(cupboard: Cupboard) -> None:
    assert cupboard.list.accessibleName()
    assert cupboard.list.visualItemRect(cupboard.list.item(0)).height() >= theme.TOUCH
    cupboard.choose("MightySat 1")
    for page in (["Retire …", "Done"], [reason.capitalize() for reason in REASONS] + ["Keep it"]):
        assert all(cupboard.button(text).height() >= theme.TOUCH for text in page)
        cupboard.press(page[0])
