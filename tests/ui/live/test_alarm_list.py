"""All alarms of a session in one list: in order, with who saw what, and what can be done to each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from live_story import Opened, Recorded, Story
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.alarms.presets import load_preset
from ui.live import alarm_rows as rows
from ui.live.screen import LiveScreen

LEFT = Qt.MouseButton.LeftButton
SIZES = [(1600, 1000), (1280, 800)]
CONDITIONS = load_preset("im").by_id()


def low(story: Story, state: str = "active", **more: object) -> int:
    fields = {"direction": "low", "vital": "spo2", "value": 84.0, "worst": 83.0, "limit": 90.0, **more}
    story.alarm("spo2_low", state=state, **fields)
    return story.state.seq


@pytest.fixture
def evening(story: Story) -> Story:
    """One that was seen after 12 s, one over and not seen, one finding present, one low one present."""
    story.clock.advance(100)
    low(story)
    story.clock.advance(12)
    story.tell(e.AlarmAcknowledged(condition="spo2_low", direction="low"))
    low(story, "acknowledged")
    story.tell(e.AlarmAcknowledged(condition="spo2_low", direction="low", reason="probe or cuff"))
    story.clock.advance(20)
    low(story, "ended")
    story.clock.advance(60)
    story.alarm("pulse_high", priority="medium", direction="high", vital="pulse", value=130.0, limit=120.0)
    story.clock.advance(60)
    story.alarm("pulse_high", state="ended", priority="medium", direction="high", vital="pulse", worst=134.0)
    story.clock.advance(5)
    story.alarm("pressure_due", priority="low", device="cuff")
    story.alarm("chest_pain")
    return story


def told(story: Story) -> list[tuple[str, ...]]:
    seen = rows.Acknowledgements(story.state)
    seen.follow()
    state = story.state
    return [rows.cells(state, a, CONDITIONS, seen, story.now_ms) for a in rows.in_order(state)]


def open_list(screen: LiveScreen, story: Story) -> None:
    screen.refresh(story.changed)
    screen.tick(story.now_ms, 0, 0, "")
    screen.alarms.open_list()
    QApplication.processEvents()


def press(screen: LiveScreen, name: str) -> None:
    [button] = [
        b
        for b in screen.alarms.list.findChildren(QPushButton)
        if b.isVisible() and b.accessibleName() == name
    ]
    button.click()


def last(commands: Recorded) -> e.Body:
    return commands.bodies[-1][0]


def test_present_ones_come_first_then_those_not_seen_then_the_past(evening: Story) -> None:
    assert [row[0] for row in told(evening)] == [
        "*** Chest pain", "* Pressure not measured: UA-651", "was Pulse 134", "was SpO2 83",
    ]  # fmt: skip


def test_a_row_says_since_when_how_bad_which_limit_who_saw_it_and_why(evening: Story) -> None:
    assert told(evening)[3] == (
        "was SpO2 83", "83 / 90", "01:40–02:12", "therapist, after 12 s: probe or cuff", "",
    )  # fmt: skip
    assert told(evening)[0][2:4] == ("04:17–now", "not seen yet")
    assert told(evening)[2][3] == "not seen yet"


def test_what_is_seen_later_is_of_that_alarm_and_not_of_the_next(evening: Story) -> None:
    evening.tell(e.AlarmAcknowledged(condition="pulse_high", direction="high"), by="physician")
    low(evening)
    first, *_, pulse, spo2 = told(evening)
    assert pulse[3].startswith("physician, after")
    assert first[3] == "not seen yet"
    assert spo2[3].startswith("therapist, after 12 s")


# --- what can be done -----------------------------------------------------------------------


def by_touch(qtbot: QtBot, screen: LiveScreen, row: int) -> None:
    table = screen.alarms.list.table
    place = table.visualRect(screen.alarms.list.model.index(row, 0)).center()
    qtbot.mouseClick(table.viewport(), LEFT, pos=place)


def by_key(qtbot: QtBot, screen: LiveScreen, row: int) -> None:
    table = screen.alarms.list.table
    assert table.hasFocus()
    qtbot.keyClick(table, Qt.Key.Key_Home)
    for _ in range(row):
        qtbot.keyClick(table, Qt.Key.Key_Down)


@pytest.mark.parametrize("choose", [by_touch, by_key])
@pytest.mark.parametrize(
    ("row", "deed", "body"),
    [
        (0, "Acknowledge", e.AlarmAcknowledged(condition="chest_pain")),
        (1, "Acknowledge", e.AlarmAcknowledged(condition="pressure_due", device="cuff")),
        (2, "Seen", e.AlarmAcknowledged(condition="pulse_high", direction="high")),
    ],
)
def test_each_is_acknowledged_or_seen_by_itself(
    qtbot: QtBot,
    live: Opened,
    evening: Story,
    choose: Callable[[QtBot, LiveScreen, int], None],
    row: int,
    deed: str,
    body: e.AlarmAcknowledged,
) -> None:
    screen, commands = live(evening)
    open_list(screen, evening)
    choose(qtbot, screen, row)
    press(screen, deed)
    assert last(commands) == replace(body, seen=evening.called(body.condition))


def test_past_ones_are_judged(qtbot: QtBot, live: Opened, evening: Story) -> None:
    screen, commands = live(evening)
    open_list(screen, evening)
    by_touch(qtbot, screen, 3)
    entry = evening.state.past_alarms[0].entry
    press(screen, "Nuisance")
    assert last(commands) == e.AlarmLabelled(alarm=entry, useful=False)
    assert told(evening)[3][4] == "nuisance"
    press(screen, "Useful")
    assert told(evening)[3][4] == "useful"


def test_a_finding_is_over_only_with_a_reason(qtbot: QtBot, live: Opened, evening: Story) -> None:
    screen, commands = live(evening)
    open_list(screen, evening)
    by_key(qtbot, screen, 0)
    press(screen, "Is over")
    assert commands.bodies == []
    press(screen, "It is over: by mistake")
    seen = evening.called("chest_pain")
    assert last(commands) == e.AlarmResolved(condition="chest_pain", reason="by mistake", seen=seen)


def show(screen: LiveScreen, story: Story) -> None:
    screen.refresh(story.changed)
    screen.tick(story.now_ms, 0, 0, "")


def test_a_finger_in_the_list_acknowledges_what_was_there_when_it_went_down(
    live: Opened, evening: Story
) -> None:
    screen, commands = live(evening)
    open_list(screen, evening)
    seen = evening.called("chest_pain")
    button = screen.alarms.list.buttons["Acknowledge"]
    QTest.mousePress(button, LEFT)
    evening.alarm("chest_pain", state="worse")
    show(screen, evening)
    QTest.mouseRelease(button, LEFT)
    assert last(commands) == e.AlarmAcknowledged(condition="chest_pain", seen=seen)
    assert evening.state.lines[-1].outdated


def test_why_it_is_over_is_asked_anew_when_it_calls_anew(live: Opened, evening: Story) -> None:
    screen, commands = live(evening)
    open_list(screen, evening)
    press(screen, "Is over")
    evening.alarm("chest_pain")
    show(screen, evening)
    assert not any(button.isVisible() for button in screen.alarms.list.reasons)
    assert screen.alarms.list.buttons["Is over"].isVisible()
    assert commands.bodies == []


def test_what_was_seen_of_an_earlier_alarm_is_told_of_that_one_however_late_it_arrives(
    evening: Story,
) -> None:
    seen = evening.called("spo2_low")
    evening.clock.advance(10)
    low(evening)
    answer = e.AlarmAcknowledged(condition="spo2_low", direction="low", seen=seen, reason="too late")
    evening.tell(answer, by="physician")
    anew, *_, before = told(evening)
    assert anew[3] == "not seen yet"
    assert before[3] == "therapist, after 12 s: too late"


def test_what_was_said_on_the_phone_about_a_page_is_recorded_by_a_tap(live: Opened, evening: Story) -> None:
    evening.tell(e.AlarmPaged(condition="chest_pain", step="call"), by="vigil")
    screen, commands = live(evening)
    open_list(screen, evening)
    press(screen, "They are coming")
    assert last(commands) == e.PageAnswered(answer="coming", condition="chest_pain")


def test_the_chosen_one_stays_chosen_while_worse_ones_come(
    qtbot: QtBot, live: Opened, evening: Story
) -> None:
    screen, _ = live(evening)
    open_list(screen, evening)
    by_key(qtbot, screen, 2)
    low(evening)
    screen.refresh(evening.changed)
    chosen = screen.alarms.list.chosen
    assert chosen is not None
    assert chosen.change.condition == "pulse_high"


def test_the_key_opens_it_and_escape_gives_the_focus_back(qtbot: QtBot, live: Opened, evening: Story) -> None:
    screen, _ = live(evening)
    qtbot.keyClick(screen, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert screen.alarms.list.table.hasFocus()
    qtbot.keyClick(screen.alarms.list.table, Qt.Key.Key_Escape)
    assert not screen.alarms.list.isVisible()
    assert QApplication.focusWidget() is screen.pad


@pytest.mark.parametrize("size", SIZES)
def test_tiles_banner_and_pad_stay_free_and_nothing_is_cut(
    live: Opened, evening: Story, size: tuple[int, int]
) -> None:
    evening.tell(e.AlarmPaged(condition="chest_pain", step="call"), by="vigil")
    screen, _ = live(evening, size)
    open_list(screen, evening)
    for part in (screen.banner, screen.spo2, screen.pulse, screen.pressure, screen.pad, screen.log):
        assert not part.geometry().intersects(screen.alarms.list.geometry())
    buttons = [b for b in screen.alarms.list.findChildren(QPushButton) if b.isVisible()]
    for button in buttons:
        assert button.accessibleName()
        assert button.height() >= 10 * size[1] / 179.0 - 1
        assert button.fontMetrics().horizontalAdvance(button.text()) <= button.width() - 4, button.text()
        assert screen.alarms.list.rect().contains(button.geometry())
    assert screen.alarms.list.table.rowHeight(0) >= 10 * size[1] / 179.0 - 1


# --- very many ------------------------------------------------------------------------------


def test_two_thousand_changes_in_a_minute_leave_the_last_state_on_the_screen_and_all_in_the_log(
    live: Opened, story: Story
) -> None:
    screen, _ = live(story)
    screen.alarms.open_list()
    before = story.state.seq
    states = ("active", "acknowledged", "worse", "ended")
    for number in range(2_000):
        story.clock.advance(0.03)
        device = f"device {number // 4 % 10}"
        screen.refresh(story.alarm("link_lost", state=states[number % 4], priority="medium", device=device))
    low(story)
    story.read(84, 100)
    screen.refresh(story.changed)
    assert story.state.seq == before + 2_002
    assert len(story.state.past_alarms) == 500
    assert sum(isinstance(line.body, e.AlarmChanged) for line in story.state.lines) == 2_001
    assert screen.banner.texts[0].text.startswith("*** SpO2 84 · limit 90")
    assert screen.banner.more.text() == f"+{len(story.state.ledger.latched)}"
    assert screen.alarms.list.model.rowCount() == 501
    assert screen.alarms.list.model.alarms[0].change.condition == "spo2_low"
