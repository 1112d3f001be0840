"""Ctrl+K: everything that can be done on the live screen, with its key, and by typing a part of its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from live_story import Opened, Story
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.session import Changed
from ui.live import everything_desk
from ui.live.everything import TITLES, UNNAMED, Everything
from ui.live.screen import LiveScreen
from ui.live.switch import Switch

CTRL = Qt.KeyboardModifier.ControlModifier


def opened(qtbot: QtBot, screen: LiveScreen) -> Everything:
    qtbot.keyClick(screen, Qt.Key.Key_K, CTRL)
    found = screen.tray.content
    assert isinstance(found, Everything)
    return found


def listed(everything: Everything) -> list[str]:
    return [everything.list.item(n).text() for n in range(everything.list.count())]


def test_every_key_of_the_screen_is_named_there(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, _ = live(story)
    assert set(screen._chords) <= set(TITLES) | UNNAMED
    shown = listed(opened(qtbot, screen))
    keys = {text.splitlines()[1] for text in shown}
    assert {"F5", "F9", "F12", "Ctrl+P", "N"} <= keys
    assert "Ctrl+1" not in keys  # a step of an emergency
    assert len(shown) == len(set(shown))


def test_a_part_of_the_name_and_enter_do_it(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    everything = opened(qtbot, screen)
    qtbot.keyClicks(everything.field, "naus")
    assert listed(everything) == ["Nausea: begins, or is over\nN"]
    qtbot.keyClick(everything.field, Qt.Key.Key_Return)
    assert [type(body) for body, _ in commands.bodies] == [e.ObservationStarted]
    assert not isinstance(screen.tray.content, Everything)


def test_arrows_choose_while_one_types_and_what_is_not_there_does_nothing(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    everything = opened(qtbot, screen)
    qtbot.keyClicks(everything.field, "sound")
    qtbot.keyClick(everything.field, Qt.Key.Key_Down)
    qtbot.keyClick(everything.field, Qt.Key.Key_Up)
    qtbot.keyClick(everything.field, Qt.Key.Key_Return)
    assert commands.pauses == 1
    everything = opened(qtbot, screen)
    qtbot.keyClicks(everything.field, "xyzzy")
    qtbot.keyClick(everything.field, Qt.Key.Key_Return)
    assert (commands.bodies, listed(everything)) == ([], [])
    qtbot.keyClick(everything.field, Qt.Key.Key_Escape)
    assert not screen.tray.isVisible()


def test_a_touch_does_it_and_the_windows_keys_are_there_too(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, _ = live(story)
    asked: list[str] = []
    screen.key_touched.connect(asked.append)
    everything = opened(qtbot, screen)
    qtbot.keyClicks(everything.field, "devices")
    item = everything.list.item(0)
    where = everything.list.visualItemRect(item).center()
    qtbot.mouseClick(everything.list.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert asked == ["F9"]


def test_steps_of_an_emergency_are_offered_in_one_only(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    commands.record(e.EmergencyStarted())
    screen.refresh(~Changed.NOTHING)
    everything = opened(qtbot, screen)
    qtbot.keyClicks(everything.field, "emergency: ")
    assert listed(everything)
    qtbot.keyClick(everything.field, Qt.Key.Key_Return)
    assert isinstance(commands.bodies[-1][0], e.EmergencyStep)


@pytest.fixture
def pedal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Switch:
    found = Switch(tmp_path / "config" / "switch.json")
    monkeypatch.setattr(everything_desk, "switch", lambda: found)
    return found


def test_a_foot_switch_is_bound_by_choosing_and_pressing_it_and_lasts(
    qtbot: QtBot, live: Opened, story: Story, pedal: Switch, tmp_path: Path
) -> None:
    screen, commands = live(story)
    everything = opened(qtbot, screen)
    qtbot.keyClicks(everything.field, "naus")
    qtbot.keyClick(everything.field, Qt.Key.Key_PageDown)
    assert listed(everything) == ["Nausea: begins, or is over\nN, PgDown"]
    assert everything.said.text() == "PgDown: Nausea: begins, or is over. Pressed once more, it is let go of."
    qtbot.keyClick(everything.field, Qt.Key.Key_Escape)
    assert commands.bodies == []
    screen.trends.setFocus()
    qtbot.keyClick(screen.trends, Qt.Key.Key_PageDown)
    qtbot.keyClick(screen.pad.note, Qt.Key.Key_PageDown)
    assert [type(body) for body, _ in commands.bodies] == [e.ObservationStarted, e.ObservationEnded]
    assert Switch(tmp_path / "config" / "switch.json").bound == {"PgDown": "N"}


def test_a_foot_switch_is_let_go_of_and_bound_to_something_else(
    qtbot: QtBot, live: Opened, story: Story, pedal: Switch
) -> None:
    _, more = live(story)
    screen, commands = live(story)
    pedal.bind("F13", "N")
    everything = opened(qtbot, screen)
    qtbot.keyClicks(everything.field, "F12")
    qtbot.keyClick(everything.field, Qt.Key.Key_F13)
    assert pedal.bound == {"F13": "F12"}
    qtbot.keyClick(everything.field, Qt.Key.Key_F13)
    assert pedal.bound == {}
    assert everything.said.text() == "F13 does nothing any more."
    assert commands.bodies == more.bodies == []


def test_what_a_key_is_bound_to_that_is_not_there_now_does_nothing(
    qtbot: QtBot, live: Opened, story: Story, pedal: Switch
) -> None:
    pedal.bind("PgUp", "Ctrl+1")  # a step of an emergency
    screen, commands = live(story)
    qtbot.keyClick(screen, Qt.Key.Key_PageUp)
    assert commands.bodies == []


@pytest.mark.parametrize("kept", [b"", b"not json", b"[1]", b'{"PgDown": 3}', b'{"A": "N"}'])
def test_a_file_that_cannot_be_read_binds_nothing(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "switch.json").write_bytes(kept)
    assert Switch(tmp_path / "switch.json").bound == {}


def test_a_binding_that_cannot_be_kept_is_told(
    qtbot: QtBot, live: Opened, story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(everything_desk, "switch", lambda: Switch(tmp_path / "file" / "switch.json"))
    screen, _ = live(story)
    everything = opened(qtbot, screen)
    qtbot.keyClick(everything.field, Qt.Key.Key_PageDown)
    assert everything.said.text().startswith("PgDown was not bound: ")
