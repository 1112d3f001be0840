"""What flashes can be switched off, for this user of this computer, and nothing else changes with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from live_story import Opened, Story
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.live import banner, screen
from ui.live.steady import Steady

LOW = {"direction": "low", "vital": "spo2", "value": 84.0, "worst": 84.0, "limit": 90.0}


@pytest.fixture
def choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Steady:
    found = Steady(tmp_path / "config" / "steady")
    monkeypatch.setattr(banner, "steady", lambda: found)
    monkeypatch.setattr(screen, "steady", lambda: found)
    return found


@pytest.mark.parametrize("priority", ["high", "medium"])
def test_an_alarm_stands_still_and_says_the_same(
    qtbot: QtBot, live: Opened, story: Story, choice: Steady, tmp_path: Path, priority: str
) -> None:
    shown, _ = live(story)
    shown.refresh(story.alarm("spo2_low", priority=priority, **LOW))
    assert shown.banner._flash.isActive()
    before = [text.text for text in shown.banner.texts]
    qtbot.keyClick(shown, Qt.Key.Key_F11, Qt.KeyboardModifier.ShiftModifier)
    assert not shown.banner._flash.isActive()
    assert shown.banner._lit
    assert [text.text for text in shown.banner.texts] == before
    assert Steady(tmp_path / "config" / "steady").on
    qtbot.keyClick(shown, Qt.Key.Key_F11, Qt.KeyboardModifier.ShiftModifier)
    assert shown.banner._flash.isActive()
    assert not Steady(tmp_path / "config" / "steady").on


def test_it_holds_for_every_screen_and_where_it_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    choice, told = Steady(tmp_path / "file" / "steady"), []
    choice.changed.connect(lambda: told.append(choice.on))
    choice.turn()
    choice.turn()
    assert told == [True, False]
