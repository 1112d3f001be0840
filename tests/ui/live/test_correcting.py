"""Correcting while the session runs: from the log strip into the tray, and how the strip marks it."""

from __future__ import annotations

from live_story import Opened, Recorded, Story
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from monitor import entries as e
from ui.live.correction_desk import Chooser
from ui.live.screen import LiveScreen
from ui.record.form import AmendForm


def press(qtbot: QtBot, screen: LiveScreen, text: str) -> None:
    (button,) = [b for b in screen.tray.findChildren(QPushButton) if b.text() == text and b.isVisible()]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def fill(screen: LiveScreen, name: str, text: str) -> None:
    (edit,) = [w for w in screen.tray.findChildren(QWidget) if w.accessibleName() == name and w.isVisible()]
    if isinstance(edit, QLineEdit):
        edit.setText(text)
    elif isinstance(edit, QPlainTextEdit):
        edit.setPlainText(text)
    else:
        assert isinstance(edit, QComboBox)
        edit.setCurrentText(text)


def said(screen: LiveScreen) -> list[tuple[str, bool]]:
    return [(text.text, text.struck) for text in screen.log.texts]


def test_a_touch_on_a_line_chooses_it(qtbot: QtBot, live: Opened, story: Story) -> None:
    story.tell(e.NoteWritten(text="one"))
    note = story.state.seq
    story.tell(e.ObservationStarted(code="dizzy"))
    screen, _ = live(story)
    second = QPoint(300, round(8 + 1.5 * (screen.log.height() - 16) / 4))
    qtbot.mouseClick(screen.log, Qt.MouseButton.LeftButton, pos=second)
    chooser = screen.tray.content
    assert isinstance(chooser, Chooser)
    assert chooser.line is not None
    assert chooser.line.entry == note


def test_a_note_is_amended_and_the_strip_shows_both(qtbot: QtBot, live: Opened, story: Story) -> None:
    story.tell(e.NoteWritten(text="<b>far</b>"))
    note = story.state.seq
    screen, commands = live(story)
    screen.corrections.open(note)
    press(qtbot, screen, "Amend …")
    assert isinstance(screen.tray.content, AmendForm)
    fill(screen, "Text", "<i>near</i>")
    fill(screen, "Why it is amended", "misheard")
    press(qtbot, screen, "Amend")
    assert commands.bodies == [(e.Amended(entry=note, fields={"text": "<i>near</i>"}, reason="misheard"), 0)]
    assert not screen.tray.isVisible()
    assert ("“<i>near</i>” — therapist", False) in said(screen)
    assert ("“<b>far</b>”", True) in said(screen)
    assert any("by therapist: misheard" in text for text, _ in said(screen))


def test_a_grade_and_a_time_are_amended(qtbot: QtBot, live: Opened, story: Story) -> None:
    story.tell(e.ObservationStarted(code="nausea", grade=1))
    nausea = story.state.seq
    screen, commands = live(story)
    screen.corrections.open(nausea)
    press(qtbot, screen, "Amend …")
    fill(screen, "Grade", "3 severe")
    fill(screen, "When it happened", "5 min earlier")
    fill(screen, "Why it is amended", "typed wrong")
    press(qtbot, screen, "Amend")
    assert commands.bodies == [
        (e.Amended(entry=nausea, fields={"grade": 3}, ago_ms=300_000, reason="typed wrong"), 0)
    ]
    assert story.state.episodes[nausea].grade == 3


def test_taken_back_with_a_reason_is_struck_through_with_it(qtbot: QtBot, live: Opened, story: Story) -> None:
    story.tell(e.ObservationStarted(code="nausea"))
    nausea = story.state.seq
    screen, commands = live(story)
    screen.corrections.open(nausea)
    press(qtbot, screen, "Take back …")
    press(qtbot, screen, "Did not happen")
    assert commands.bodies == [(e.Retracted(entry=nausea, reason="did not happen"), 0)]
    assert ("began — therapist", True) in said(screen)
    assert any("did not happen" in text and not struck for text, struck in said(screen))
    screen.corrections.open(nausea)
    press(qtbot, screen, "Bring back")
    assert [x.retracted for x in story.state.episodes.values()] == [False]


def test_undo_is_the_same_thing(live: Opened, story: Story) -> None:
    story.tell(e.ObservationStarted(code="nausea"))
    screen, commands = live(story)
    screen.pad.undo()
    assert commands.bodies == [(e.Retracted(entry=story.state.seq - 1), 0)]
    assert ("began — therapist", True) in said(screen)


def test_by_key_and_closed_by_escape(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, _ = live(story)
    qtbot.keyClick(screen, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(screen.tray.content, Chooser)
    qtbot.keyClick(screen.tray.content.list, Qt.Key.Key_Escape)
    assert not screen.tray.isVisible()
    screen.log.setFocus()
    qtbot.keyClick(screen.log, Qt.Key.Key_Return)
    assert isinstance(screen.tray.content, Chooser)


def test_what_machines_say_is_not_offered(live: Opened, story: Story) -> None:
    story.cuff(120, 80, 93)
    screen, _ = live(story)
    screen.corrections.open(story.state.seq)
    chooser = screen.tray.content
    assert isinstance(chooser, Chooser)
    shown = [chooser._model.line(n).by for n in range(chooser._model.rowCount())]
    assert shown
    assert set(shown) == {"therapist"}


def test_oxygen_amended_changes_the_tile(live: Opened, story: Story) -> None:
    story.tell(e.FindingNoted(code="oxygen", value=2.0))
    entry = story.state.seq
    screen, commands = live(story)
    assert isinstance(commands, Recorded)
    screen.refresh(story.tell(e.Amended(entry=entry, fields={"value": 4.0}, reason="typed wrong")))
    assert any("4 L" in text.text for text in screen.spo2.texts)
