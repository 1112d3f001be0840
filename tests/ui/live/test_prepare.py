"""Prepare over the live screen: each step, and a go only when nothing speaks against it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from live_story import Opened, Recorded, Story
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from reception_desk import PIA, PINS

from monitor import entries as e
from monitor.accounts import Proof
from monitor.care.flowsheet import screening_items
from monitor.entries.care import NO, YES
from monitor.preparing import Step, holds_up
from monitor.session import Changed
from ui.course.before_dose import BaselinePage, LimitsPage
from ui.course.plan import PlanPage
from ui.course.prepare import PreparePanel
from ui.course.screening import ScreeningPage
from ui.course.words import Words
from ui.live.screen import LiveScreen

LEFT = Qt.MouseButton.LeftButton
SIZES = [(1600, 1000), (1280, 800)]


def prepare(screen: LiveScreen) -> PreparePanel:
    screen.course.open_prepare()
    panel = screen.course.prepare
    assert panel is not None
    return panel


def bodies(commands: Recorded) -> list[e.Body]:
    return [body for body, _ in commands.bodies]


def answer_all(story: Story) -> None:
    for item in screening_items():
        story.tell(e.ScreeningAnswered(item=item.code, answer=NO if item.against == YES else YES))


def words(screen: LiveScreen) -> Words:
    found = screen.tray.content
    assert isinstance(found, Words)
    return found


def test_it_opens_at_what_is_not_done_and_says_what_that_is(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, _ = live(story)
    qtbot.mouseClick(screen.strip.prepare, LEFT)
    panel = screen.course.prepare
    assert panel is not None
    assert (panel.isVisible(), panel.step) == (True, Step.SCREENING)
    assert "Aneurysm" in panel.said.text()
    qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    answer_all(story)
    qtbot.keyClick(screen, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert (panel.isVisible(), panel.step) == (True, Step.PLAN)


def test_an_answer_is_entered_and_shown_as_the_record_has_it(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    panel = prepare(screen)
    page = panel.page(Step.SCREENING)
    assert isinstance(page, ScreeningPage)
    row = page.rows["aneurysm"]
    qtbot.mouseClick(row.buttons[NO], LEFT)
    assert bodies(commands) == [e.ScreeningAnswered(item="aneurysm", answer=NO)]
    assert (row.buttons[NO].isChecked(), row.buttons[YES].isChecked()) == (True, False)
    story.tell(e.Retracted(entry=story.state.seq))
    screen.refresh(~Changed.NOTHING)
    panel.show_time(story.now_ms)
    assert not row.buttons[NO].isChecked()
    assert page.count.text().startswith(f"{len(page.rows)} of {len(page.rows)} not answered")


def test_what_only_informs_is_asked_for_in_words(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    page = prepare(screen).page(Step.SCREENING)
    assert isinstance(page, ScreeningPage)
    page.rows["allergies"].buttons[YES].click()
    qtbot.keyClicks(words(screen).field, "penicillin")
    qtbot.keyClick(words(screen).field, Qt.Key.Key_Return)
    assert bodies(commands) == [e.ScreeningAnswered(item="allergies", answer=YES, text="penicillin")]
    assert page.rows["allergies"].note.text() == "penicillin"


def test_only_a_physician_goes_on_in_spite_of_an_answer(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    page = prepare(screen).page(Step.SCREENING)
    assert isinstance(page, ScreeningPage)
    row = page.rows["liver"]
    row.buttons[YES].click()
    answered = story.state.seq
    assert row.note.text() == "speaks against going on"
    row.decision.click()
    assert not words(screen).enter.isEnabled()
    qtbot.keyClicks(words(screen).field, "mild, known")
    words(screen).enter.click()
    assert "Only a physician" in page.trouble.text()
    story.tell(e.ActingAs(role="physician"))
    row.decision.click()
    qtbot.keyClicks(words(screen).field, "mild, known")
    words(screen).enter.click()
    assert bodies(commands)[-1] == e.ScreeningAccepted(item="liver", answer=answered, reason="mild, known")
    assert row.note.text() == "accepted by physician: mild, known"
    assert not row.decision.isVisible()


def test_where_people_are_known_it_takes_the_physicians_pin(
    qtbot: QtBot, opened: Callable[..., object]
) -> None:
    staffed = opened()
    screen, story = staffed.screen, staffed.story  # type: ignore[attr-defined]
    page = prepare(screen).page(Step.SCREENING)
    assert isinstance(page, ScreeningPage)
    page.rows["liver"].buttons[YES].click()
    page.rows["liver"].decision.click()
    qtbot.keyClicks(words(screen).field, "mild")
    words(screen).enter.click()
    dialog = screen.pins.dialog
    assert dialog is not None
    dialog.given.emit(Proof(PIA, PINS[PIA]))
    assert story.state.care.objections == []
    assert story.state.lines[-1].by == f"physician:{PIA}"


def test_no_go_while_something_speaks_against_it(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    screen.pad.standby.open_time_out()
    panel = screen.pad.standby.time_out
    assert panel is not None
    assert not panel.go.isEnabled()
    assert panel.held.text().startswith("A go waits. Aneurysm or arteriovenous malformation: not answered.")
    answer_all(story)
    panel.look()
    assert panel.go.isEnabled()
    story.tell(e.ScreeningAnswered(item="pregnant", answer=YES))  # meanwhile, in Prepare
    panel.go.click()
    assert bodies(commands) == []
    assert "Pregnant or breastfeeding: yes" in panel.held.text()


def test_a_plan_brings_its_checks_and_an_unusual_dose_is_asked_about(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    panel = prepare(screen)
    panel.turn(Step.PLAN)
    page = panel.page(Step.PLAN)
    assert isinstance(page, PlanPage)
    qtbot.keyClicks(page.dose, "6000")
    page.set.click()
    assert "at most" in page.said.text()
    page.dose.setText("abc")
    page.set.click()
    assert "no number" in page.said.text()
    page.dose.setText("600")
    page.set.click()
    assert "600 mg? Usual here are" in page.said.text()
    assert bodies(commands) == []
    qtbot.keyClicks(page.intention, "to meet my grief")
    page.set.click()
    plan, checks = bodies(commands)
    assert isinstance(plan, e.PlanSet)
    assert (plan.dose_mg, plan.intention, plan.protocol, plan.route) == (600, "to meet my grief", "im", "im")
    assert isinstance(checks, e.CheckScheduleSet)
    page.set.click()
    page.set.click()
    assert [type(body) for body in bodies(commands)[2:]] == [e.PlanSet]  # the checks are in force already


def test_a_baseline_is_what_was_measured_and_a_person_took(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    panel = prepare(screen)
    panel.turn(Step.BASELINE)
    page = panel.page(Step.BASELINE)
    assert isinstance(page, BaselinePage)
    assert not page.take.isEnabled()
    story.cuff(150, 92, 110)
    for _ in range(60):
        story.clock.advance(1)
        story.read(97, 84)
    panel.show_time(story.now_ms)
    assert "150/92 is above 140/90" in page.said.text()
    assert "SpO₂ 97 %, pulse 84 /min, 150/92 mmHg" in page.said.text()
    page.take.click()
    (body,) = bodies(commands)
    assert isinstance(body, e.BaselineSet)
    assert body.values == {"spo2": 97, "pulse": 84, "systolic": 150, "diastolic": 92, "map": 110}
    assert body.text.startswith("taken early: 1:59 left of 3 quiet minutes; 1 of 2 pressures")
    assert "These are the baseline." in page.said.text()


def test_the_limits_are_confirmed_as_they_are_or_changed(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    panel = prepare(screen)
    panel.turn(Step.LIMITS)
    page = panel.page(Step.LIMITS)
    assert isinstance(page, LimitsPage)
    page.confirm.click()
    assert "Only a physician" in page.trouble.text()
    story.tell(e.ActingAs(role="physician"))
    page.confirm.click()
    assert bodies(commands) == [e.LimitsSet(limits={}, reason="confirmed as they are")]
    page.change.click()
    assert screen.alarms.limits.isVisible()


def test_the_devices_and_the_cuff_are_the_screens_own(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, _ = live(story)
    panel = prepare(screen)
    panel.turn(Step.DEVICES)
    wanted: list[str] = []
    screen.key_touched.connect(wanted.append)
    (devices,) = [b for b in panel.findChildren(QPushButton) if b.text().startswith("Devices …")]
    devices.click()
    assert wanted == ["F9"]
    assert "Oximeter: MightySat" in panel.page(Step.DEVICES).said.text()  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", list(Step))
def test_nothing_is_cut_and_everything_has_a_name(
    live: Opened, story: Story, step: Step, size: tuple[int, int]
) -> None:
    story.cuff(150, 92, 110)
    screen, _ = live(story, size)
    panel = prepare(screen)
    panel.turn(step)
    QApplication.processEvents()
    whole(panel)
    assert not panel.geometry().intersects(screen.pad.geometry())


def whole(panel: QWidget) -> None:
    for widget in panel.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, QAbstractButton | QLineEdit | QComboBox):
            continue
        assert widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text())
        assert widget.width() >= widget.minimumSizeHint().width(), widget.accessibleName()
        right = widget.mapTo(panel, widget.rect().topRight()).x()
        assert right <= panel.width(), widget.accessibleName()


def test_what_holds_up_a_go_is_the_same_everywhere(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    panel = prepare(screen)
    panel.turn(Step.TIME_OUT)
    said = panel.page(Step.TIME_OUT).said.text()  # type: ignore[attr-defined]
    held = holds_up(story.state)
    assert held[0] in said
    assert f"and {len(held) - 8} more" in said
