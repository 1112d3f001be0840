"""The footer's keys by touch alone: each does what its key does, on the real window."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from whole_window import begin, open_window, until

from ui.app import Window
from ui.live.footer import KEYS
from ui.theme import TOUCH, Scale


@pytest.fixture
def window(tmp_path: Path, qtbot: QtBot) -> Iterator[Window]:
    with open_window(tmp_path / "data", qtbot) as window:
        yield window


def test_by_touch_alone_a_dose_the_devices_the_emergency_and_home_are_reached(
    window: Window, qtbot: QtBot
) -> None:
    screen = begin(window, qtbot, "KAP-1")
    [session] = window.screens

    def touch(key: str) -> None:
        qtbot.mouseClick(screen.footer.buttons[key], Qt.MouseButton.LeftButton)

    touch("F6")
    until(qtbot, screen.tray.isVisible)
    touch("F9")
    until(qtbot, window.panels.pickers[session].isVisible)
    window.panels.pickers[session].hide()
    touch("F12")
    until(qtbot, screen.pad.emergency.isVisible)
    touch("F10")
    assert window.stack.currentWidget() is window.home


@pytest.mark.parametrize("size", [(1280, 800), (1600, 1000)])
def test_each_is_ten_millimetres_high_and_none_covers_another(
    window: Window, qtbot: QtBot, size: tuple[int, int]
) -> None:
    screen = begin(window, qtbot, "KAP-1")
    window.resize(*size)
    until(qtbot, lambda: screen.width() == size[0])
    buttons = list(screen.footer.buttons.values())
    assert len(buttons) == len(KEYS)
    assert all(b.height() >= Scale.of(*size).px(TOUCH) for b in buttons)
    rects = [b.geometry() for b in buttons]
    assert all(left.right() < right.left() for left, right in pairwise(rects))
    assert all(b.sizeHint().width() <= b.width() for b in buttons)
    assert all(text.fits() for text in screen.footer.texts)
