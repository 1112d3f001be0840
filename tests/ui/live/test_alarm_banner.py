"""The banner over the life of an alarm: present, acknowledged, not measured, over and not seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from live_story import Opened, Recorded, Story
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.vitals import Quality
from ui import theme
from ui.live.screen import LiveScreen
from ui.live.sheet import Sheet

LEFT = Qt.MouseButton.LeftButton
SIZES = [(1600, 1000), (1280, 800)]
LOW = {"direction": "low", "vital": "spo2", "value": 84.0, "worst": 84.0, "limit": 90.0}


def said(sheet: Sheet) -> str:
    return " | ".join(text.text for text in sheet.texts if text.text)


def low(story: Story, state: str = "active", **more: object) -> None:
    story.alarm("spo2_low", **{"state": state, **LOW, **more})


def was_low(story: Story) -> None:
    """27 s of low oxygen that nobody has seen, from 02:14 on."""
    story.clock.advance(134 - story.now_ms / 1000)
    low(story)
    story.clock.advance(27)
    story.read(97, 84)
    low(story, "ended", value=92.0)


def show(screen: LiveScreen, story: Story) -> None:
    screen.refresh(story.changed)
    screen.tick(story.now_ms, story.state.seq, 200, "room speaker")


def pressed(screen: LiveScreen, name: str) -> None:
    found = [b for b in screen.banner.findChildren(QPushButton) if b.accessibleName() == name]
    [button] = [b for b in found if b.isVisible()]
    button.click()


def last(commands: Recorded) -> e.Body:
    return commands.bodies[-1][0]


# --- over, and nobody has seen it -----------------------------------------------------------


def test_what_is_over_stays_until_somebody_has_seen_it(live: Opened, story: Story) -> None:
    screen, commands = live(story)
    was_low(story)
    show(screen, story)
    assert said(screen.banner) == "was SpO2 84 · limit 90 · 02:14–02:41 · over"
    assert not screen.banner._flash.isActive()
    assert {text.colour for text in screen.banner.texts} == {theme.TEXT}
    pressed(screen, "Seen: this alarm is over")
    seen = story.called("spo2_low")
    assert last(commands) == e.AlarmAcknowledged(condition="spo2_low", direction="low", seen=seen)
    assert "was" not in said(screen.banner)


def test_the_chord_sees_it_too_and_asks_no_reason(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    was_low(story)
    show(screen, story)
    qtbot.keyClick(screen, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [body for body, _ in commands.bodies] == [
        e.AlarmAcknowledged(condition="spo2_low", direction="low", seen=story.called("spo2_low"))
    ]
    assert not any(button.isVisible() for button in screen.banner.reasons)


def test_it_never_hides_a_present_one_however_low_that_is(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    was_low(story)
    story.alarm("pressure_due", priority="low", device="cuff")
    show(screen, story)
    assert said(screen.banner).startswith("* ")
    assert screen.banner.more.text() == "+1"
    qtbot.mouseClick(screen.banner.more, LEFT)
    assert said(screen.banner).startswith("was SpO2 84")
    story.clock.advance(1)
    low(story)
    show(screen, story)
    assert said(screen.banner).startswith("*** SpO2")
    assert commands.bodies == []


def test_a_present_alarm_is_not_acknowledged_where_a_finger_was_about_to_see_an_old_one(
    live: Opened, story: Story
) -> None:
    screen, _ = live(story)
    was_low(story)
    show(screen, story)
    where = screen.banner.seen.geometry()
    low(story)
    show(screen, story)
    assert screen.banner.acknowledge_button.isVisible()
    assert not screen.banner.acknowledge_button.geometry().intersects(where)
    assert not screen.banner.pause.geometry().intersects(where)


def test_the_chord_takes_the_present_one_and_leaves_what_is_over(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    was_low(story)
    story.alarm("pulse_high", priority="medium", direction="high", vital="pulse", value=130.0, limit=120.0)
    show(screen, story)
    qtbot.keyClick(screen, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    seen = story.called("pulse_high")
    assert last(commands) == e.AlarmAcknowledged(condition="pulse_high", direction="high", seen=seen)
    story.alarm("pulse_high", state="acknowledged", priority="medium", direction="high", vital="pulse")
    show(screen, story)
    qtbot.keyClick(screen, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert len(commands.bodies) == 1
    assert story.state.ledger.latched


def test_of_two_devices_only_the_one_in_the_banner_is_acknowledged(live: Opened, story: Story) -> None:
    screen, commands = live(story)
    story.alarm("link_lost", priority="medium", device="cuff")
    story.clock.advance(1)
    story.alarm("link_lost", priority="medium", device="ox")
    show(screen, story)
    screen.banner.acknowledge()
    seen = story.called("link_lost")
    assert last(commands) == e.AlarmAcknowledged(condition="link_lost", device="ox", seen=seen)


# --- doubt ----------------------------------------------------------------------------------


def test_a_value_that_is_not_measured_any_more_is_the_last_one_with_its_time(
    live: Opened, story: Story
) -> None:
    screen, _ = live(story)
    story.clock.advance(134)
    story.read(84, 100)
    low(story)
    story.clock.advance(12)
    show(screen, story)
    assert said(screen.banner).startswith("*** SpO2 last 84 at 02:14, not measured · limit 90 · 0:12 | look:")


def test_the_last_valid_value_counts_not_the_flag_that_came_after(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    story.clock.advance(134)
    story.read(84, 100)
    low(story)
    story.clock.advance(2)
    story.read(None, None, flags=("sensor off",))
    show(screen, story)
    assert said(screen.banner).startswith("*** SpO2 last 84 at 02:14, not measured")


def test_a_doubtful_value_carries_its_mark_in_every_alarm(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    low(story)
    story.read(84, 100, quality=Quality.DOUBTFUL)
    show(screen, story)
    assert said(screen.banner).startswith("*** SpO2 84? · limit 90")


def test_no_reading_is_no_value(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    story.alarm("spo2_missing", vital="spo2")
    story.clock.advance(70)
    show(screen, story)
    assert said(screen.banner).startswith("*** No oxygen reading · 1:10")


# --- over, because a person says so ---------------------------------------------------------


def test_a_finding_is_over_when_somebody_says_so_and_why(live: Opened, story: Story) -> None:
    screen, commands = live(story)
    story.alarm("chest_pain")
    show(screen, story)
    assert not screen.banner.over.isVisible()
    screen.banner.acknowledge()
    story.alarm("chest_pain", state="acknowledged")
    screen.banner._no_reasons()
    show(screen, story)
    pressed(screen, "This is over: say why")
    assert not [b for b, _ in commands.bodies if isinstance(b, e.AlarmResolved)]
    pressed(screen, "treated")
    seen = story.called("chest_pain")
    assert last(commands) == e.AlarmResolved(condition="chest_pain", reason="treated", seen=seen)


# --- worse than it was when somebody looked -------------------------------------------------


def lifted_after(button: QPushButton, happens: Callable[[], None]) -> None:
    """A finger goes down on the button, something happens, and the finger is lifted."""
    QTest.mousePress(button, LEFT)
    happens()
    QTest.mouseRelease(button, LEFT)


def test_a_finger_on_the_button_acknowledges_what_was_there_when_it_went_down(
    live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    low(story, priority="medium")
    show(screen, story)
    seen = story.called("spo2_low")

    def gets_worse() -> None:
        low(story, "worse")
        show(screen, story)

    lifted_after(screen.banner.acknowledge_button, gets_worse)
    assert last(commands) == e.AlarmAcknowledged(condition="spo2_low", direction="low", seen=seen)
    assert story.state.lines[-1].outdated
    assert not any(button.isVisible() for button in screen.banner.reasons)
    assert screen.banner.acknowledge_button.isVisible()


def test_a_finger_on_the_button_acknowledges_no_other_alarm_that_comes_meanwhile(
    live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    story.alarm("pulse_high", priority="medium", direction="high", vital="pulse", value=130.0, limit=120.0)
    show(screen, story)

    def another_comes() -> None:
        low(story)
        show(screen, story)

    lifted_after(screen.banner.acknowledge_button, another_comes)
    seen = story.called("pulse_high")
    assert last(commands) == e.AlarmAcknowledged(condition="pulse_high", direction="high", seen=seen)


def test_a_reason_is_asked_for_no_more_when_it_gets_worse_before_it_was_acknowledged(
    live: Opened, story: Story
) -> None:
    screen, _ = live(story)
    low(story, priority="medium")
    show(screen, story)
    screen.banner.acknowledge()
    assert screen.banner.reasons[0].isVisible()
    low(story, "worse")
    show(screen, story)
    assert not screen.banner.reasons[0].isVisible()
    assert screen.banner.acknowledge_button.isVisible()


def test_why_it_is_over_is_never_asked_of_another_alarm_than_the_finger_went_down_for(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, commands = live(story)
    for finding in ("chest_pain", "short_of_breath"):
        story.alarm(finding)
        story.alarm(finding, state="acknowledged")
    show(screen, story)
    qtbot.mouseClick(screen.banner.more, LEFT)
    lifted_after(screen.banner.over, screen.banner._worst)
    assert not any(button.isVisible() for button in screen.banner.over_reasons)
    assert commands.bodies == []


@pytest.mark.parametrize(
    ("seconds", "offered"), [(1, False), (11, True)], ids=["live data decide", "nothing decides"]
)
def test_only_what_no_data_can_end_is_over_by_touch(
    live: Opened, story: Story, seconds: int, offered: bool
) -> None:
    screen, _ = live(story)
    story.read(84, 100)
    low(story)
    low(story, "acknowledged")
    story.clock.advance(seconds)
    show(screen, story)
    assert screen.banner.over.isVisible() is offered


def test_a_pressure_is_over_by_touch_and_a_lost_link_is_not(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    high = {"direction": "high", "vital": "systolic", "value": 168.0, "limit": 160.0, "priority": "low"}
    story.alarm("pressure_high", state="acknowledged", **high)
    show(screen, story)
    assert screen.banner.over.isVisible()
    story.alarm("link_lost", state="acknowledged", device="ox", priority="medium")
    show(screen, story)
    assert not screen.banner.over.isVisible()


@pytest.mark.parametrize("anew", ["again", "worse"])
def test_a_reason_for_the_old_alarm_never_acknowledges_one_that_calls_anew(
    live: Opened, story: Story, anew: str
) -> None:
    screen, commands = live(story)
    low(story)
    show(screen, story)
    screen.banner.acknowledge()
    low(story, "acknowledged")
    show(screen, story)
    assert screen.banner.reasons[0].isVisible()
    story.clock.advance(5)
    if anew == "again":
        low(story, "ended")
        story.clock.advance(1)
    low(story, "active" if anew == "again" else "worse", at_ms=story.now_ms)
    show(screen, story)
    assert not any(button.isVisible() for button in screen.banner.reasons)
    assert screen.banner.acknowledge_button.isVisible()
    screen.banner.reasons[0].click()
    assert len(commands.bodies) == 1


# --- whom to call, and what they said -------------------------------------------------------


def test_where_nobody_is_it_shows_whom_to_call_and_never_says_sent(live: Opened, story: Story) -> None:
    story.tell(e.TimeOutTaken(go=True, doctor="Dr Lee", phone="555-0100"))
    screen, _ = live(story)
    low(story)
    for step in ("again", "station", "everywhere"):
        story.tell(e.AlarmPaged(condition="spo2_low", direction="low", step=step), by="vigil")
    show(screen, story)
    assert "call Dr Lee" not in said(screen.banner)
    story.tell(e.AlarmPaged(condition="spo2_low", direction="low", step="call"), by="vigil")
    show(screen, story)
    assert "call Dr Lee 555-0100 · look:" in said(screen.banner)
    assert "sent" not in said(screen.banner)
    assert "seen" not in said(screen.banner)


def test_seen_and_coming_are_said_only_after_a_person_did(live: Opened, story: Story) -> None:
    story.tell(e.PageAnswered(answer="coming"))
    story.clock.advance(60)
    screen, _ = live(story)
    low(story)
    story.tell(e.AlarmPaged(condition="spo2_low", direction="low", step="call"), by="vigil")
    show(screen, story)
    assert "coming" not in said(screen.banner)
    story.tell(e.PageAnswered(answer="coming", condition="spo2_low", minutes=5))
    story.clock.advance(30)
    show(screen, story)
    assert "coming in 5 min, said 30 s ago" in said(screen.banner)


# --- room and touch -------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_nothing_in_the_banner_is_cut_or_covered(live: Opened, story: Story, size: tuple[int, int]) -> None:
    screen, _ = live(story, size)
    story.alarm("chest_pain", state="acknowledged")
    story.tell(e.AudioPaused(seconds=120))
    was_low(story)
    story.tell(e.AudioPaused(seconds=120))
    show(screen, story)
    for look in (lambda: None, screen.banner._ask_over, screen.banner._no_reasons, screen.banner._next):
        look()
        shown = [b for b in screen.banner.findChildren(QPushButton) if b.isVisible()]
        assert shown
        for n, button in enumerate(shown):
            assert button.height() >= 10 * size[1] / 179.0 - 1
            assert button.fontMetrics().horizontalAdvance(button.text()) <= button.width() - 4, button.text()
            assert screen.banner.rect().contains(button.geometry())
            assert not any(button.geometry().intersects(other.geometry()) for other in shown[n + 1 :])
        assert all(text.fits() for text in screen.banner.texts)


def test_touching_the_words_opens_all_alarms(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, _ = live(story)
    qtbot.mouseClick(screen.banner, LEFT, pos=QPoint(60, 20))
    assert screen.alarms.list.isVisible()
    qtbot.keyClick(screen, Qt.Key.Key_Escape)
    assert not screen.alarms.list.isVisible()
    assert QApplication.focusWidget() is screen.pad
