"""The second place's window: what it takes to be here, what it shows, and what can be answered there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QListWidget, QPushButton
from pytestqt.qtbot import QtBot
from two_places import OFFICE, ROOM, TwoPlaces, button, press

from monitor import entries as e
from monitor.cuff import typed
from monitor.trouble import Trouble
from ui import theme

ALARM = e.FindingNoted(code="chest_pain")


@pytest.fixture
def there(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[TwoPlaces]:
    theme.apply(qapp)
    opened = TwoPlaces(qtbot, tmp_path)
    opened.window.resize(900, 600)
    yield opened
    opened.close()


def test_the_rooms_own_loudspeaker_and_refused_ones_cannot_be_chosen(there: TwoPlaces, qtbot: QtBot) -> None:
    there.window.open()
    rows = there.window.panel.findChild(QListWidget)
    assert isinstance(rows, QListWidget)
    assert [rows.item(n).text() for n in range(rows.count())] == [
        OFFICE,
        f"{ROOM} — refused, the room's own loudspeaker",
        "AirPods Pro — refused, headphones: heard by nobody but whoever wears them",
    ]
    rows.setCurrentRow(1)
    assert not button(there.window.panel, "Play the test sound").isEnabled()
    assert there.place.speaker.voice is None, "nothing is opened before somebody tries it"


def test_nobody_is_here_without_a_loudspeaker_that_was_heard_and_a_name(there: TwoPlaces) -> None:
    there.window.open()
    there.window.name.setEditText("Dr Lee")
    assert not there.window.here.isEnabled()
    with pytest.raises(Trouble, match="no loudspeaker that plays"):
        there.place.press_here("Dr Lee").result(5)
    there.choose()
    for nobody in ("", "  ", "physician", "vigil", "device:ox", "123"):
        there.window.name.setEditText(nobody)
        assert not there.window.here.isEnabled()
        with pytest.raises(Trouble, match="Nobody has said who"):
            there.place.press_here(nobody).result(5)
    there.window.name.setEditText("  Dr   Lee ")
    there.press("I'm here")
    assert there.place.here is not None
    assert there.place.here.person == "Dr Lee"


def test_an_output_that_was_tried_and_not_heard_is_not_the_places(there: TwoPlaces, qtbot: QtBot) -> None:
    there.window.open()
    press(qtbot, there.window.panel, "Play the test sound")
    press(qtbot, there.window.panel, "Done")
    there.window.name.setEditText("Dr Lee")
    assert there.place.speaker.kept == ""
    assert not there.window.here.isEnabled()


def test_another_loudspeaker_has_to_be_confirmed_by_being_here_again(there: TwoPlaces) -> None:
    there.come()
    there.place.keep("Desk speaker").result(5)
    assert there.place.here is None


def test_the_doctors_of_the_patients_are_offered_and_nobody_is_chosen(there: TwoPlaces) -> None:
    there.begin()
    there.window.open()
    assert [there.window.name.itemText(n) for n in range(there.window.name.count())] == ["Dr Lee"]
    assert there.window.name.currentText() == ""


def test_every_running_patient_is_shown_with_what_calls(there: TwoPlaces) -> None:
    first = there.begin("KAP-1")
    there.begin("KAP-2")
    there.window.open()
    there.enter(first, ALARM)
    there.enter(first, e.FindingNoted(code="breaths", value=26.0))
    said = there.said()
    assert "KAP-1" in said
    assert "KAP-2" in said
    assert "*** Chest pain · " in said
    assert "** Breathing fast · limit 24" in said
    assert "No oxygen reading" in said, "the other one's status line"
    there.runtime.record(first, e.SessionEnded()).result(5)
    there.until(lambda: there.states[first].ended_ms is not None)
    there.window.look()
    assert "KAP-1" not in there.said()


def test_an_alarm_has_the_banners_colours_and_i_need_you_has_none(there: TwoPlaces) -> None:
    session = there.begin()
    there.window.open()
    there.enter(session, ALARM)
    there.enter(session, e.NeedYou(urgency="soon"))
    need, alarm = (there.window.patients[session].rows[key] for key in _keys(there, session))
    assert theme.ALARMS["high"].ground in alarm.styleSheet()
    assert not any(look.ground in need.styleSheet() for look in theme.ALARMS.values())


def _keys(there: TwoPlaces, session: str) -> list[tuple[int, int]]:
    """Of the rows, from above to below."""
    rows = there.window.patients[session].rows
    return sorted(rows, key=lambda key: rows[key].y())


def test_i_need_you_is_shown_and_answered_by_whoever_is_here(there: TwoPlaces) -> None:
    session = there.begin()
    there.come("Dr Lee")
    there.enter(session, e.NeedYou(urgency="now"))
    assert "I need you, NOW" in there.said()
    assert "nobody has answered yet" in there.said()
    there.press("Seen")
    assert "Dr Lee: seen, said" in there.said()
    there.press("Coming")
    assert "Dr Lee: coming, said" in there.said()
    answers = [x for x in there.entries(session) if isinstance(x.body, e.PageAnswered)]
    assert [(x.by, x.body) for x in answers] == [
        ("Dr Lee", e.PageAnswered(answer="seen")),
        ("Dr Lee", e.PageAnswered(answer="coming")),
    ]
    there.pass_time(301)
    assert "I need you" not in there.said()


def test_nothing_is_called_seen_before_a_person_says_so(there: TwoPlaces) -> None:
    session = there.begin()
    there.come()
    there.enter(session, e.NeedYou(urgency="now"))
    there.enter(session, ALARM)
    there.pass_time(100)
    assert there.bodies(session, e.PageAnswered) == []
    assert there.bodies(session, e.AlarmAcknowledged) == []


def test_i_need_you_that_was_taken_back_is_gone(there: TwoPlaces) -> None:
    session = there.begin()
    there.window.open()
    there.enter(session, e.NeedYou(urgency="soon"))
    asked = next(x.seq for x in there.entries(session) if isinstance(x.body, e.NeedYou))
    there.enter(session, e.Retracted(entry=asked))
    assert "I need you" not in there.said()


def test_a_page_says_how_far_it_went_and_is_answered_for_its_alarm(there: TwoPlaces) -> None:
    session = there.begin()
    there.come("Dr Lee")
    there.enter(session, ALARM)
    there.pass_time(46)
    there.catch_up()
    assert "signalled where somebody is signed in" in there.said()
    there.pass_time(45)
    there.catch_up()
    assert "signalled everywhere" in there.said()
    there.press("Coming")
    assert there.bodies(session, e.PageAnswered) == [e.PageAnswered(answer="coming", condition="chest_pain")]


def test_nothing_can_be_answered_where_nobody_has_said_who_they_are(there: TwoPlaces) -> None:
    session = there.begin()
    there.choose()
    there.enter(session, ALARM)
    (row,) = there.window.patients[session].rows.values()
    assert not any(b.isEnabled() for b in row.buttons.values())
    with pytest.raises(Trouble, match="Nobody is said to be"):
        there.place.answer(session, e.PageAnswered(answer="seen")).result(5)


def test_a_refused_press_says_why(there: TwoPlaces) -> None:
    there.come()
    there.place.speaker.kept = "gone"
    there.window._press_here()
    there.until(lambda: there.window.trouble.isVisible())
    assert "no loudspeaker that plays" in there.window.trouble.text()


def test_the_panel_closes_with_its_window_and_the_window_opens_anew(there: TwoPlaces) -> None:
    there.come()
    there.window.close()
    there.until(lambda: there.place.here is None)
    there.window.open()
    assert there.window.panel.isVisible(), "a loudspeaker has to be heard again"


def test_by_keyboard_alone(there: TwoPlaces, qtbot: QtBot) -> None:
    session = there.begin()
    there.choose()
    qtbot.waitUntil(there.window.name.hasFocus)
    field = there.window.name.lineEdit()
    assert field is not None
    qtbot.keyClicks(field, "Dr Lee")
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert there.window.here.hasFocus()
    qtbot.keyClick(there.window.here, Qt.Key.Key_Space)
    there.until(lambda: there.place.here is not None)
    there.enter(session, ALARM)
    (row,) = there.window.patients[session].rows.values()
    row.buttons["Acknowledge"].setFocus()
    qtbot.keyClick(row.buttons["Acknowledge"], Qt.Key.Key_Space)
    there.until(lambda: there.bodies(session, e.AlarmAcknowledged))


def test_every_control_has_a_name_and_the_size_of_a_finger_and_nothing_is_cut(there: TwoPlaces) -> None:
    session = there.begin()
    there.come()
    there.window.resize(900, 600)
    there.enter(session, ALARM)
    there.enter(session, e.NeedYou(urgency="now"))
    there.pass_time(1)
    shown = [b for b in there.window.findChildren(QPushButton) if b.isVisible()]
    assert len(shown) >= 8
    for control in shown:
        assert control.accessibleName()
        assert control.height() >= theme.TOUCH
        assert control.sizeHint().width() <= control.width()
    assert there.window.here.height() >= theme.TOUCH_PRIMARY
    name = there.window.findChild(QComboBox)
    assert name is not None
    assert name.height() >= theme.TOUCH
    assert there.window.size().width() == 900
    assert there.window.size().height() == 600


def test_a_row_that_stays_keeps_its_focus(there: TwoPlaces) -> None:
    session = there.begin()
    there.come()
    there.enter(session, ALARM)
    (row,) = there.window.patients[session].rows.values()
    row.buttons["Coming"].setFocus()
    there.enter(session, e.NeedYou(urgency="now"))
    there.pass_time(2)
    assert row.buttons["Coming"].hasFocus()


def test_a_finger_on_its_way_does_not_acknowledge_what_got_worse_meanwhile(
    there: TwoPlaces, qtbot: QtBot
) -> None:
    session = there.begin()
    there.come("Dr Lee")
    there.enter(session, typed(185, 100))
    finger = button(there.window, "Acknowledge")
    qtbot.mousePress(finger, Qt.MouseButton.LeftButton)
    there.enter(session, typed(186, 100))
    assert "*** Systolic 186" in there.said()
    if shiboken6.isValid(finger) and finger.isVisible():
        qtbot.mouseRelease(finger, Qt.MouseButton.LeftButton)
    there.settle()
    assert not [x for x in there.entries(session) if isinstance(x.body, e.AlarmAcknowledged)]
    there.press("Acknowledge")
    assert [x.by for x in there.entries(session) if isinstance(x.body, e.AlarmAcknowledged)] == ["Dr Lee"]
