"""Choosing where alarms sound: refused outputs with their reason, a trial, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from listening import Record, plug
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.clock import HandClock
from monitor.codec import unseal
from monitor.practice import PRACTICE_LOG, PracticeLog
from monitor.store import datadir
from monitor.store.store import Store
from ui.home.sound import SoundPanel
from ui.sound.choosing import Choosing
from ui.sound.voice import Voice


class Desk:
    """The panel, on a real voice whose outputs are those of a file, and a real practice log."""

    def __init__(self, qtbot: QtBot, store: Store, voice: Voice, outputs: Path) -> None:
        self.qtbot, self.store, self.voice, self.outputs = qtbot, store, voice, outputs
        self.practice = PracticeLog(store, HandClock(), demo=True)
        self.choosing = Choosing(voice, self.practice)
        self.panel = SoundPanel(self.choosing)
        qtbot.addWidget(self.panel)
        self.panel.heard.connect(self.choosing.keep)
        self.panel.show()
        self.until(lambda: voice.state.playing)
        self.panel.look()

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=20_000)

    @property
    def list(self) -> QListWidget:
        found = self.panel.findChild(QListWidget)
        assert isinstance(found, QListWidget)
        return found

    def rows(self) -> list[str]:
        return [self.list.item(n).text() for n in range(self.list.count())]

    def select(self, name: str) -> None:
        row = next(n for n, text in enumerate(self.rows()) if text.startswith(name))
        self.list.setCurrentRow(row)

    def button(self, text: str) -> QPushButton:
        return next(b for b in self.panel.findChildren(QPushButton) if b.text() == text)

    def press(self, text: str) -> None:
        assert self.button(text).isEnabled()
        self.qtbot.mouseClick(self.button(text), Qt.MouseButton.LeftButton)

    def said(self) -> str:
        return "\n".join(label.text() for label in self.panel.findChildren(QLabel))

    def try_out(self, name: str) -> None:
        self.select(name)
        self.press("Play the test sound")
        self.until(lambda: self.voice.state.output == name)
        self.panel.look()

    def entered(self) -> list[e.Body]:
        bodies = [unseal(sealed.data)[0].body for sealed in self.store.read(PRACTICE_LOG)]
        return [body for body in bodies if isinstance(body, e.OutputChosen | e.OutputHeard)]


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, record: Record) -> Iterator[Desk]:
    outputs = plug(tmp_path / "outputs.json", "Built-in", "USB Audio", "AirPods Pro")
    store = datadir.open_or_create_demo(tmp_path / "data")
    voice = Voice.start(output=str(outputs), record=record.path)
    opened = Desk(qtbot, store, voice, outputs)
    yield opened
    opened.panel.close()
    voice.close()
    store.close()


def test_every_output_is_listed_and_a_refused_one_says_why(desk: Desk) -> None:
    assert desk.rows() == [
        "Built-in — in use",
        "USB Audio",
        "AirPods Pro — refused, headphones: heard by nobody but whoever wears them",
    ]
    assert "Nobody has chosen yet" in desk.said()
    desk.select("AirPods Pro")
    assert not desk.button("Play the test sound").isEnabled()
    assert not desk.button("I heard it").isEnabled()


def test_an_output_is_kept_when_the_test_was_heard_on_it(desk: Desk, record: Record) -> None:
    desk.try_out("USB Audio")
    desk.until(lambda: "high" in record.sounds)
    assert "Was the test sound heard on USB Audio" in desk.said()
    desk.press("I heard it")
    assert desk.choosing.kept == "USB Audio"
    desk.panel.hide()
    assert desk.voice.state.expected == "USB Audio"
    desk.until(lambda: desk.entered())
    assert desk.entered() == [e.OutputChosen(output="USB Audio"), e.OutputHeard(output="USB Audio")]


def test_the_choice_is_remembered(desk: Desk) -> None:
    desk.try_out("USB Audio")
    desk.press("I heard it")
    desk.until(lambda: desk.entered())
    desk.voice.choose("")
    again = PracticeLog(desk.store, HandClock(), demo=True)
    assert Choosing(desk.voice, again).kept == "USB Audio"
    desk.until(lambda: desk.voice.state.output == "USB Audio")


@pytest.mark.parametrize("how", ["leaving", "waiting"])
def test_an_output_that_nobody_heard_is_not_kept(
    desk: Desk, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "waiting":
        desk.panel._trial.setInterval(1)
        desk.select("USB Audio")
        desk.press("Play the test sound")
    else:
        desk.try_out("USB Audio")
        desk.press("Done")
    desk.until(lambda: desk.voice.state.output == "Built-in")
    assert desk.choosing.kept == ""
    assert desk.entered() == []


def test_it_follows_outputs_that_come_and_go_and_says_where_sound_is(desk: Desk) -> None:
    plug(desk.outputs, "HDMI 1")
    desk.until(lambda: desk.rows() == ["HDMI 1 — in use"])
    assert "Built-in is not there: alarms sound on HDMI 1" in desk.said()
    plug(desk.outputs, "AirPods Pro")
    desk.until(lambda: "No alarm can be heard" in desk.said())
    assert not desk.button("Play the test sound").isEnabled()


def test_by_keyboard_alone(desk: Desk) -> None:
    desk.qtbot.waitUntil(lambda: desk.list.hasFocus(), timeout=5000)
    desk.qtbot.keyClick(desk.list, Qt.Key.Key_Down)
    desk.qtbot.keyClick(desk.list, Qt.Key.Key_Return)
    desk.until(lambda: desk.voice.state.output == "USB Audio")
    desk.until(lambda: desk.button("I heard it").isEnabled())
    desk.qtbot.keyClick(desk.button("I heard it"), Qt.Key.Key_Space)
    assert desk.choosing.kept == "USB Audio"


def test_every_control_has_a_name(desk: Desk) -> None:
    assert desk.list.accessibleName()
    assert all(button.text() for button in desk.panel.findChildren(QPushButton))
