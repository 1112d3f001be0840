"""Standby on the live screen: patient up, therapist out, the time-out, and whom to call."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from live_story import Opened, Recorded, Story
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.care.flowsheet import schedules, screening_items
from monitor.care_now import all_checks
from monitor.checks import Outcome
from monitor.entries.care import NO, YES
from ui.live.need_you import whom_to_call
from ui.live.screen import LiveScreen

LEFT = Qt.MouseButton.LeftButton
SIZES = [(1600, 1000), (1280, 800)]
UP = e.PatientUp(why="toilet", with_whom="nurse", minutes=10)


@pytest.fixture
def dosed(story: Story) -> Story:
    """A session after its first dose: armed."""
    story.tell(e.DoseGiven(drug="ketamine", amount_mg=60, route="im"))
    return story


def said(screen: LiveScreen) -> str:
    return " | ".join(text.text for text in screen.strip.texts if text.text)


def choose(screen: LiveScreen, name: str) -> None:
    found = [b for b in screen.tray.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible()]
    assert len(found) == 1, name
    found[0].click()


def pass_time(screen: LiveScreen, story: Story, seconds: float) -> None:
    story.clock.advance(seconds)
    screen.tick(story.now_ms, story.state.seq, 200, "")


def bodies(commands: Recorded) -> list[e.Body]:
    return [body for body, _ in commands.bodies]


# --- the patient is up ----------------------------------------------------------------------


def by_touch(qtbot: QtBot, screen: LiveScreen) -> None:
    qtbot.mouseClick(screen.pad.row.up, LEFT)


def by_key(qtbot: QtBot, screen: LiveScreen) -> None:
    qtbot.keyClick(screen, Qt.Key.Key_F2)


@pytest.mark.parametrize("press", [by_touch, by_key])
def test_patient_up_says_why_and_who_and_is_back_with_one_tap(
    qtbot: QtBot, live: Opened, dosed: Story, press: Callable[[QtBot, LiveScreen], None]
) -> None:
    screen, commands = live(dosed)
    press(qtbot, screen)
    choose(screen, "Toilet")
    assert commands.bodies == []
    choose(screen, "Nurse")
    assert bodies(commands) == [UP]
    press(qtbot, screen)
    assert bodies(commands) == [UP, e.PatientBack()]
    assert not screen.tray.isVisible()


def test_the_time_left_counts_down_on_the_pad_and_in_the_strip_and_then_says_over(
    live: Opened, dosed: Story
) -> None:
    screen, commands = live(dosed)
    commands.record(UP)
    pass_time(screen, dosed, 48)
    assert screen.pad.row.up.text() == "Patient\nup 9:12\nBack"
    assert "Patient up, with nurse" in said(screen)
    assert "toilet · for 0:48" in said(screen)
    assert "9:12 left" in said(screen)
    pass_time(screen, dosed, 572)
    assert "over by 0:20" in said(screen)
    assert screen.pad.row.up.text() == "Patient\nup +0:20\nBack"


def test_more_minutes_are_a_new_entry(qtbot: QtBot, live: Opened, dosed: Story) -> None:
    screen, commands = live(dosed)
    commands.record(UP)
    pass_time(screen, dosed, 540)
    qtbot.mouseClick(screen.strip.more, LEFT)
    pass_time(screen, dosed, 0)
    assert bodies(commands) == [UP, UP]
    assert "10:00 left" in said(screen)
    assert "for 9:00" in said(screen)


def test_the_when_chip_holds_for_it_too(qtbot: QtBot, live: Opened, dosed: Story) -> None:
    screen, commands = live(dosed)
    chip = next(b for b in screen.pad.findChildren(QPushButton) if b.accessibleName() == "When: −3 min")
    qtbot.mouseClick(chip, LEFT)
    by_touch(qtbot, screen)
    choose(screen, "Sitting up")
    choose(screen, "Nobody")
    assert commands.bodies[-1][1] == 180_000
    pass_time(screen, dosed, 0)
    assert "Patient up, nobody with them" in said(screen)
    assert "7:00 left" in said(screen)


# --- nobody is there ------------------------------------------------------------------------


@pytest.mark.parametrize(("choice", "why"), [("Just out", ""), ("Fetching help", "fetching help")])
def test_therapist_out_counts_until_somebody_is_back(
    qtbot: QtBot, live: Opened, dosed: Story, choice: str, why: str
) -> None:
    screen, commands = live(dosed)
    qtbot.keyClick(screen, Qt.Key.Key_F3)
    choose(screen, choice)
    pass_time(screen, dosed, 190)
    assert bodies(commands) == [e.TherapistOut(why=why)]
    assert "Nobody with the patient" in said(screen)
    assert "3:10" in said(screen)
    assert screen.pad.row.out.text() == "Therapist\nout 3:10\nBack"
    qtbot.mouseClick(screen.strip.here, LEFT)
    assert bodies(commands)[-1] == e.TherapistBack()
    assert said(screen) == ""


def test_undo_takes_back_being_up_and_being_back(qtbot: QtBot, live: Opened, dosed: Story) -> None:
    screen, commands = live(dosed)
    commands.record(UP)
    commands.record(e.PatientBack())
    qtbot.keyClick(screen, "z", Qt.KeyboardModifier.ControlModifier)
    assert dosed.state.situation.up is not None
    assert screen.strip.back.isVisible()
    qtbot.keyClick(screen, "z", Qt.KeyboardModifier.ControlModifier)
    assert dosed.state.situation.up is None
    assert not screen.strip.back.isVisible()


# --- its place ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_the_strip_takes_its_room_from_the_trends_and_from_nothing_else(
    live: Opened, dosed: Story, size: tuple[int, int]
) -> None:
    screen, commands = live(dosed, size)
    still = [screen.banner, screen.spo2, screen.pulse, screen.pressure, screen.cuff, screen.pad, screen.log]
    before, trends = [part.geometry() for part in still], screen.trends.geometry()
    commands.record(UP)
    commands.record(e.TherapistOut())
    QApplication.processEvents()
    assert [part.geometry() for part in still] == before
    assert trends.contains(screen.strip.geometry())
    assert trends.contains(screen.trends.geometry())
    assert not screen.strip.geometry().intersects(screen.trends.geometry())
    commands.record(e.PatientBack())
    commands.record(e.TherapistBack())
    assert screen.trends.geometry() == trends


@pytest.mark.parametrize("size", SIZES)
def test_what_is_touched_on_the_strip_is_large_enough_and_nothing_is_cut(
    live: Opened, story: Story, size: tuple[int, int]
) -> None:
    screen, commands = live(story, size)
    commands.record(e.PatientUp(why="probe moved", with_whom="therapist"))
    commands.record(e.TherapistOut(why="fetching something"))
    pass_time(screen, story, 3_700)
    assert all(text.fits() for text in screen.strip.texts)
    for button in (screen.strip.time_out, screen.strip.more, screen.strip.back, screen.strip.here):
        assert button.isVisible()
        assert button.accessibleName()
        assert button.height() >= 10 * size[1] / 179.0 - 1
        assert screen.strip.rect().contains(button.geometry())


# --- the time-out ---------------------------------------------------------------------------


def test_until_the_go_the_screen_says_that_nothing_is_armed(qtbot: QtBot, live: Opened, story: Story) -> None:
    for item in screening_items():
        story.tell(e.ScreeningAnswered(item=item.code, answer=NO if item.against == YES else YES))
    screen, commands = live(story)
    assert any("not armed" in text.text for text in screen.top.texts)
    qtbot.mouseClick(screen.strip.time_out, LEFT)
    assert any(label.text() == "KAP-0417-K" for label in screen.tray.findChildren(QLabel))
    choose(screen, "Time-out: go")
    assert bodies(commands) == [e.TimeOutTaken(go=True)]
    pass_time(screen, story, 1)
    assert not any("not armed" in text.text for text in screen.top.texts)
    assert said(screen) == ""


def test_a_no_go_needs_its_reason_and_arms_nothing(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    qtbot.keyClick(screen, Qt.Key.Key_F7)
    panel = screen.pad.standby.time_out
    assert panel is not None
    assert not panel.no_go.isEnabled()
    qtbot.keyClicks(panel.reason, "pressure 170/105")
    qtbot.keyClicks(panel.doctor, "Dr Lee")
    qtbot.keyClicks(panel.phone, "555-0100")
    qtbot.mouseClick(panel.no_go, LEFT)
    said_no = e.TimeOutTaken(go=False, reason="pressure 170/105", doctor="Dr Lee", phone="555-0100")
    assert bodies(commands) == [said_no]
    assert story.state.situation.armed_ms is None
    assert "Time-out not taken" in said(screen)
    assert "no go: pressure 170/105" in said(screen)


@pytest.mark.parametrize("size", SIZES)
def test_the_time_out_and_the_number_are_not_cut(live: Opened, story: Story, size: tuple[int, int]) -> None:
    screen, commands = live(story, size)
    commands.record(
        e.TimeOutTaken(go=False, reason="wait", doctor="Dr Maximiliane Oberhuber-Lee", phone="555")
    )
    for open_panel in (screen.pad.standby.open_time_out, lambda: choose_now(screen)):
        open_panel()
        QApplication.processEvents()
        for child in screen.tray.findChildren(QWidget):
            if child.isVisible():
                assert child.height() >= child.minimumSizeHint().height(), child.accessibleName()
                assert screen.tray.rect().contains(child.mapTo(screen.tray, child.rect().bottomRight()))


def choose_now(screen: LiveScreen) -> None:
    screen.pad.row.need.click()
    choose(screen, "Now")


def test_whom_to_call_is_there_already_when_it_was_typed_at_the_beginning(live: Opened) -> None:
    story = Story()
    story.tell(e.TimeOutTaken(go=False, reason="wait", doctor="Dr Lee", phone="555-0100"))
    screen, _ = live(story)
    screen.pad.standby.open_time_out()
    panel = screen.pad.standby.time_out
    assert panel is not None
    assert (panel.doctor.text(), panel.phone.text()) == ("Dr Lee", "555-0100")


# --- I need you -----------------------------------------------------------------------------


def test_need_you_shows_the_number_and_never_says_sent(qtbot: QtBot, live: Opened, dosed: Story) -> None:
    dosed.tell(e.TimeOutTaken(go=True, doctor="Dr Lee", phone="555-0100"))
    screen, commands = live(dosed)
    qtbot.keyClick(screen, Qt.Key.Key_F4)
    choose(screen, "Now")
    assert bodies(commands) == [e.NeedYou(urgency="now")]
    shown = " ".join(label.text() for label in screen.tray.findChildren(QLabel) if label.isVisible())
    assert "Call Dr Lee" in shown
    assert "555-0100" in shown
    assert "sent" not in shown.lower()
    assert any("call Dr Lee 555-0100" in text.text for text in screen.pad.texts)


@pytest.mark.parametrize(("said", "answer"), [("They know", "seen"), ("They are coming", "coming")])
def test_what_was_said_on_the_phone_is_recorded_by_a_tap_and_by_nothing_else(
    live: Opened, dosed: Story, said: str, answer: str
) -> None:
    screen, commands = live(dosed)
    choose_now(screen)
    assert bodies(commands) == [e.NeedYou(urgency="now")]
    choose(screen, said)
    assert bodies(commands)[-1] == e.PageAnswered(answer=answer)
    assert not screen.tray.isVisible()


HERE = e.ListenerHere(place="second place", output="Office speaker", person="Dr Lee")
GONE = e.ListenerGone(place="second place", reason="it does not answer")


def in_tray(screen: LiveScreen) -> str:
    return " ".join(label.text() for label in screen.tray.findChildren(QLabel) if label.isVisible())


def test_need_you_is_shown_where_somebody_listens_and_shows_what_they_answer(
    live: Opened, dosed: Story
) -> None:
    dosed.tell(e.TimeOutTaken(go=True, doctor="Dr Lee", phone="555-0100"))
    dosed.tell(HERE, by="Dr Lee")
    screen, commands = live(dosed)
    choose_now(screen)
    assert bodies(commands) == [e.NeedYou(urgency="now")]
    assert "Shown where Dr Lee is" in in_tray(screen)
    assert "Nobody has answered yet" in in_tray(screen)
    assert "call Dr Lee 555-0100" in in_tray(screen)
    assert any("shown where Dr Lee is" in text.text for text in screen.pad.texts)
    for answer in ("seen", "coming"):
        screen.refresh(dosed.tell(e.PageAnswered(answer=answer), by="Dr Lee"))
        assert f"Dr Lee: {answer}, said 0 s ago" in in_tray(screen)
        assert screen.pad.row.need.accessibleName() == f"I need you {answer}"


def test_need_you_says_whom_to_call_as_soon_as_nobody_listens_any_more(live: Opened, dosed: Story) -> None:
    dosed.tell(e.TimeOutTaken(go=True, doctor="Dr Lee", phone="555-0100"))
    dosed.tell(HERE, by="Dr Lee")
    screen, _ = live(dosed)
    choose_now(screen)
    screen.refresh(dosed.tell(GONE, by="vigil"))
    assert "Shown where" not in in_tray(screen)
    assert "Call Dr Lee 555-0100" in in_tray(screen)
    screen.refresh(dosed.tell(HERE, by="Dr Lee"))
    assert "Shown where Dr Lee is" in in_tray(screen)


def test_the_button_forgets_an_answer_after_some_minutes_and_with_the_next_call(
    live: Opened, dosed: Story
) -> None:
    dosed.tell(e.NeedYou(urgency="soon"))
    dosed.tell(e.PageAnswered(answer="seen"), by="Dr Lee")
    screen, _ = live(dosed)
    assert screen.pad.row.need.accessibleName() == "I need you seen"
    dosed.clock.advance(301)
    screen.tick(dosed.now_ms, 0, 0, "")
    assert screen.pad.row.need.accessibleName() == "I need you"
    dosed.tell(e.PageAnswered(answer="coming"), by="Dr Lee")
    screen.refresh(dosed.tell(e.NeedYou(urgency="now")))
    assert screen.pad.row.need.accessibleName() == "I need you"


def test_undo_in_the_room_leaves_the_word_of_somebody_elsewhere(
    qtbot: QtBot, live: Opened, dosed: Story
) -> None:
    dosed.tell(e.NeedYou(urgency="now"))
    asked = dosed.state.seq
    dosed.tell(e.PageAnswered(answer="coming"), by="Dr Lee")
    screen, commands = live(dosed)
    screen.pad.undo()
    assert bodies(commands) == [e.Retracted(entry=asked)]


def test_without_a_number_that_is_said(story: Story) -> None:
    assert whom_to_call(story.state.situation) == "call: no number was entered"
    story.tell(e.TimeOutTaken(go=True, doctor="Dr Lee"))
    assert whom_to_call(story.state.situation) == "call Dr Lee: no number was entered"


# --- checks of the protocol -----------------------------------------------------------------


def test_a_check_that_is_due_is_said_done_or_skipped_with_a_reason(
    qtbot: QtBot, live: Opened, dosed: Story
) -> None:
    dosed.tell(schedules()["lozenge"].entry())  # somebody looks at the patient every 15 min
    screen, commands = live(dosed)
    pass_time(screen, dosed, 12 * 60 + 55)
    assert "Look at the patient" not in said(screen)
    tall = screen.trends.height()
    pass_time(screen, dosed, 6)
    assert "Look at the patient: due" in said(screen)
    assert screen.trends.height() < tall  # the strip takes its place from the trends
    pass_time(screen, dosed, 5 * 60)
    assert "3:01" in said(screen)
    qtbot.mouseClick(screen.strip.done, LEFT)
    assert bodies(commands) == [e.CheckDone(check="presence", due_min=15)]
    assert "Look at the patient" not in said(screen)
    assert screen.trends.height() == tall
    pass_time(screen, dosed, 11 * 60)
    qtbot.mouseClick(screen.strip.skip, LEFT)
    qtbot.keyClicks(screen.tray.content.field, "asleep")  # type: ignore[union-attr]
    qtbot.keyClick(screen.tray.content.field, Qt.Key.Key_Return)  # type: ignore[union-attr]
    assert bodies(commands)[-1] == e.CheckSkipped(check="presence", due_min=30, reason="asleep")


def test_a_pressure_that_is_due_is_measured_and_not_said_to_be_done(live: Opened, dosed: Story) -> None:
    dosed.tell(schedules()["im"].entry())
    screen, _ = live(dosed)
    pass_time(screen, dosed, 15 * 60)
    assert "Blood pressure: due" in said(screen)
    assert (screen.strip.done.isVisible(), screen.strip.skip.isVisible()) == (False, True)
    screen.refresh(dosed.cuff(128, 82, 97))
    assert "Blood pressure" not in said(screen)


def test_what_was_not_done_is_never_filled_in_by_a_later_one(live: Opened, dosed: Story) -> None:
    dosed.tell(schedules()["lozenge"].entry())
    screen, _ = live(dosed)
    pass_time(screen, dosed, 30 * 60)
    screen.strip.done.click()
    outcomes = {c.due_min: c.outcome for c in all_checks(dosed.state, dosed.now_ms) if c.due_min}
    assert outcomes == {15: Outcome.MISSED, 30: Outcome.DONE, 45: Outcome.COMING}
