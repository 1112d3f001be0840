"""Close over the live screen: what holds the patient back, checks, scores, events, aftercare and the end."""

from __future__ import annotations

import pytest
from live_story import Opened, Recorded, Story
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from test_prepare import bodies, whole, words

from monitor import entries as e
from monitor.care.flowsheet import discharge_items, instruments, schedules
from ui.course import close as panels
from ui.course.checks_page import NO_SCHEDULE, ChecksPage
from ui.course.close import ClosePanel
from ui.course.ending_page import AftercarePage, EndingPage
from ui.course.events_page import EventsPage
from ui.course.leaving_page import LeavingPage
from ui.course.scores_page import ScoresPage
from ui.course.steps import Page
from ui.live.screen import LiveScreen

PAGES = (
    *(panels.CHECKS, panels.LEAVING, panels.SCORES, panels.EVENTS),
    *(panels.AFTERCARE, panels.END),
)


@pytest.fixture
def dosed(story: Story) -> Story:
    """A session an hour after its dose."""
    story.cuff(120, 80, 93)
    story.clock.advance(1)
    story.tell(e.DoseGiven(drug="ketamine", amount_mg=60, route="im"))
    story.clock.advance(3600)
    return story


def opened(live: Opened, story: Story, name: str) -> tuple[LiveScreen, Recorded, ClosePanel, Page]:
    screen, commands = live(story)
    screen.course.open_close()
    panel = screen.course.close
    assert panel is not None
    panel.turn(name)
    return screen, commands, panel, panel.page(name)


def test_it_opens_by_key_and_says_what_holds_back(qtbot: QtBot, live: Opened, dosed: Story) -> None:
    screen, _ = live(dosed)
    qtbot.keyClick(screen, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    panel = screen.course.close
    assert panel is not None
    assert panel.isVisible()
    assert panel.said.text() == "Holds back: 60 min left of 2 h 00; Clinically stable: not looked at yet"


def test_items_are_looked_at_and_contradicted_ones_wait_for_a_physician(
    qtbot: QtBot, live: Opened, dosed: Story
) -> None:
    screen, commands, _, page = opened(live, dosed, panels.LEAVING)
    assert isinstance(page, LeavingPage)
    observed, gait = page.rows["observed"], page.rows["gait"]
    assert observed.note.text() == "60 min left of 2 h 00"
    assert not observed.buttons[True].isEnabled()
    qtbot.mouseClick(gait.buttons[True], Qt.MouseButton.LeftButton)
    assert bodies(commands) == [e.DischargeChecked(item="gait", met=True)]
    assert gait.buttons[True].isChecked()
    gait.buttons[False].click()
    assert (gait.buttons[True].isChecked(), gait.decision.isVisible()) == (False, True)
    observed.decision.click()
    qtbot.keyClicks(words(screen).field, "lives next door")
    words(screen).enter.click()
    assert "Only a physician" in page.trouble.text()
    dosed.tell(e.ActingAs(role="physician"))
    observed.decision.click()
    qtbot.keyClicks(words(screen).field, "lives next door")
    words(screen).enter.click()
    assert bodies(commands)[-1] == e.DischargeOverridden(item="observed", reason="lives next door")
    assert observed.note.text() == "overridden by physician: lives next door"
    assert not observed.decision.isVisible()


def test_scores_add_up_and_say_whether_they_pass(live: Opened, dosed: Story) -> None:
    _, commands, _, page = opened(live, dosed, panels.SCORES)
    assert isinstance(page, ScoresPage)
    page.instrument.setCurrentIndex(page.instrument.findData("aldrete"))
    assert not page.enter.isEnabled()
    for combo in page.answers.values():
        combo.setCurrentIndex(combo.count() - 1)
    assert page.said.text() == "Total 10, passed"
    page.answers["oxygen"].setCurrentIndex(1)
    assert page.said.text() == "Total 8, passed from 9"
    page.enter.click()
    answers = {"activity": 2, "respiration": 2, "circulation": 2, "consciousness": 2, "oxygen": 0}
    assert bodies(commands) == [e.ScoreTaken(instrument="aldrete", answers=answers, total=8)]
    assert page.taken.text().startswith("Taken: Aldrete, modified 8 at")


@pytest.mark.parametrize("code", list(instruments()))
def test_every_instrument_can_be_scored(live: Opened, dosed: Story, code: str) -> None:
    _, commands, _, page = opened(live, dosed, panels.SCORES)
    assert isinstance(page, ScoresPage)
    page.instrument.setCurrentIndex(page.instrument.findData(code))
    for combo in page.answers.values():
        combo.setCurrentIndex(1)
    page.enter.click()
    (body,) = bodies(commands)
    assert isinstance(body, e.ScoreTaken)
    assert body.answers == {item.code: item.least for item in instruments()[code].items}


def test_an_event_is_noted_and_followed(qtbot: QtBot, live: Opened, dosed: Story) -> None:
    dosed.tell(e.ObservationStarted(code="vomited"))
    episode = dosed.state.seq
    _, commands, panel, page = opened(live, dosed, panels.EVENTS)
    assert isinstance(page, EventsPage)
    page.enter.click()
    assert "Say what happened" in page.said.text()
    assert bodies(commands) == []
    page.reaction.setCurrentIndex(page.reaction.findData(episode))
    page.grade.setCurrentIndex(2)
    page.serious["hospital"].setChecked(True)
    page.enter.click()
    noted = e.AdverseEventNoted(event="Vomited", grade=2, serious=("hospital",), episode=episode)
    assert bodies(commands) == [noted]
    assert not page.serious["hospital"].isChecked()
    entry = dosed.state.seq
    panel.show_time(dosed.now_ms)
    page.which.setCurrentIndex(page.which.findData(entry))
    assert not page.what.isVisible()
    page.outcome.setCurrentIndex(page.outcome.findData("over"))
    page.enter.click()
    assert bodies(commands)[-1] == e.AdverseEventFollowed(adverse_event=entry, outcome="over")


def test_aftercare_is_given_once(live: Opened, dosed: Story) -> None:
    _, commands, _, page = opened(live, dosed, panels.AFTERCARE)
    assert isinstance(page, AftercarePage)
    page.given.click()
    assert bodies(commands) == [e.DischargeChecked(item="instructions", met=True)]
    assert not page.given.isEnabled()


def test_nobody_leaves_while_something_holds_back_but_early_with_a_reason(
    qtbot: QtBot, live: Opened, dosed: Story
) -> None:
    _, commands, panel, page = opened(live, dosed, panels.END)
    assert isinstance(page, EndingPage)
    assert "60 min left" in page.said.text()
    assert (page.leave.isEnabled(), page.end.isEnabled()) == (False, False)
    page.against.setChecked(True)
    assert not page.leave.isEnabled()
    qtbot.keyClicks(page.reason, "wants to go")
    qtbot.keyClicks(page.whom, "brother")
    page.leave.click()
    left = e.PatientLeft(with_whom="brother", against_advice=True, reason="wants to go")
    assert bodies(commands) == [left]
    panel.show_time(dosed.now_ms)
    assert (
        page.said.text()
        == "The patient left at 1:00:00 with brother, against advice. Monitoring can be ended."
    )
    page.end.click()
    assert (commands.ends, page.end.text()) == (0, "End monitoring now?")
    page.end.click()
    assert commands.ends == 1


def test_who_is_ready_leaves_without_a_reason(live: Opened, dosed: Story) -> None:
    dosed.clock.advance(3700)
    dosed.cuff(122, 80, 94)
    for item in discharge_items():
        dosed.tell(e.DischargeChecked(item=item.code, met=True))
    _, commands, panel, page = opened(live, dosed, panels.END)
    assert isinstance(page, EndingPage)
    assert page.said.text() == "Ready to leave."
    assert panel.said.text() == "Nothing holds the patient back."
    page.leave.click()
    assert bodies(commands) == [e.PatientLeft()]


def test_a_session_without_a_dose_may_end_at_once(live: Opened, story: Story) -> None:
    _, commands, _, page = opened(live, story, panels.END)
    assert isinstance(page, EndingPage)
    page.end.click()
    page.end.click()
    assert commands.ends == 1


def test_the_checks_are_told_and_the_next_one_done(live: Opened, dosed: Story) -> None:
    _, commands, panel, page = opened(live, dosed, panels.CHECKS)
    assert isinstance(page, ChecksPage)
    assert page.lines.text() == NO_SCHEDULE
    dosed.tell(schedules()["lozenge"].entry())
    panel.show_time(dosed.now_ms)
    assert "60 min · look at the patient · due" in page.lines.text()
    assert page.next.text() == "look at the patient is due"
    page.done.click()
    assert bodies(commands) == [e.CheckDone(check="presence", due_min=60)]
    assert "60 min · look at the patient · done at 1:00:00 by therapist" in page.lines.text()
    assert page.next.text() == "look at the patient in 15:00"


@pytest.mark.parametrize("size", [(1600, 1000), (1280, 800)])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_and_everything_has_a_name_here(
    live: Opened, dosed: Story, name: str, size: tuple[int, int]
) -> None:
    screen, _ = live(dosed, size)
    screen.course.open_close()
    panel = screen.course.close
    assert panel is not None
    panel.turn(name)
    QApplication.processEvents()
    whole(panel)
    assert not panel.geometry().intersects(screen.pad.geometry())
