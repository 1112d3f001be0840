"""The top line uses what the clock leaves free on its left."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from ui.live.top import Top
from ui.theme import Scale


@pytest.mark.parametrize("size", [(1280, 800), (1600, 1000)])
def test_space_left_of_the_clock_is_used(qtbot: QtBot, size: tuple[int, int]) -> None:
    top, scale = Top(), Scale.of(*size)
    qtbot.addWidget(top)
    top._code, top._about, top._acting = "KAP-0001-W", "IM 60 mg · Room 2", "room, unconfirmed"
    top._clock, top._under = "00:00:56", "not armed: time-out not taken"
    top.resize(size[0] - 2 * scale.px(24), scale.px(62))
    top.set_scale(scale)
    [about] = [text for text in top.texts if text.text == top._about]
    [clock] = [text for text in top.texts if text.text == top._clock]
    assert not about.elide
    end = clock.rect[0] + clock.rect[2] / 2 - QFontMetricsF(clock.font).horizontalAdvance(clock.text) / 2
    assert top.acting.geometry().right() < end
