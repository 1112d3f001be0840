"""Limits in place: the old ones count until a physician has confirmed; slips are asked about or refused."""

from __future__ import annotations

import pytest
from live_story import Opened, Recorded, Story
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.vitals import Vital
from ui.live.limits_panel import CONFIRM, MEANT, LimitsPanel
from ui.live.screen import LiveScreen

LEFT = Qt.MouseButton.LeftButton
SIZES = [(1600, 1000), (1280, 800)]


@pytest.fixture
def physician(story: Story) -> Story:
    """A physician acts."""
    story.tell(e.ActingAs(role="physician"))
    return story


def opened(screen: LiveScreen, vital: Vital = Vital.SPO2) -> LimitsPanel:
    screen.alarms.limits.open_panel(vital)
    QApplication.processEvents()
    return screen.alarms.limits


def type_in(qtbot: QtBot, panel: LimitsPanel, key: str, text: str) -> None:
    field = panel.editors[key].field
    field.selectAll()
    qtbot.keyClicks(field, text)


def confirm(qtbot: QtBot, panel: LimitsPanel, why: str = "usual for this patient") -> None:
    panel.reason.setCurrentText(why)
    qtbot.mouseClick(panel.confirm, LEFT)


def set_by(commands: Recorded) -> list[e.Body]:
    return [body for body, _ in commands.bodies]


def test_a_physician_confirms_once_and_one_entry_holds_all_that_differs(
    qtbot: QtBot, live: Opened, physician: Story
) -> None:
    screen, commands = live(physician)
    panel = opened(screen)
    type_in(qtbot, panel, "spo2_low", "88")
    type_in(qtbot, panel, "spo2_caution", "90")
    assert commands.bodies == []
    assert physician.state.limits == {}
    confirm(qtbot, panel)
    limits = {"spo2_low": 88.0, "spo2_caution": 90.0}
    assert set_by(commands) == [e.LimitsSet(limits=limits, reason="usual for this patient")]
    assert not panel.isVisible()
    assert screen.spo2.limits == "low ▼ 90"


def test_until_then_the_old_limits_stay_and_dropping_is_dropping(
    qtbot: QtBot, live: Opened, physician: Story
) -> None:
    screen, commands = live(physician)
    panel = opened(screen)
    type_in(qtbot, panel, "spo2_low", "88")
    screen.tick(physician.now_ms + 1_000, 0, 0, "")
    assert screen.spo2.limits == "low ▼ 92"
    qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert opened(screen).editors["spo2_low"].value == 90
    assert commands.bodies == []


def test_a_therapist_is_told_in_words_who_may(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, commands = live(story)
    panel = opened(screen)
    type_in(qtbot, panel, "spo2_low", "88")
    confirm(qtbot, panel)
    assert commands.bodies == []
    assert panel.said.text().startswith("Only a physician changes limits.\nNothing was changed")
    assert panel.editors["spo2_low"].value == 88


def test_nine_for_ninety_is_asked_about_and_counts_only_when_confirmed_again(
    qtbot: QtBot, live: Opened, physician: Story
) -> None:
    screen, commands = live(physician)
    panel = opened(screen)
    type_in(qtbot, panel, "spo2_low", "9")
    confirm(qtbot, panel)
    assert commands.bodies == []
    assert panel.said.text().startswith("SpO2 low: 9? The preset has 90.")
    assert panel.confirm.text() == MEANT
    type_in(qtbot, panel, "spo2_low", "8")
    assert panel.confirm.text() == CONFIRM
    confirm(qtbot, panel)
    assert commands.bodies == []
    confirm(qtbot, panel)
    assert set_by(commands) == [e.LimitsSet(limits={"spo2_low": 8.0}, reason="usual for this patient")]


@pytest.mark.parametrize(
    ("key", "typed", "words"),
    [
        ("spo2_low", "900", "900 is impossible"),
        ("pulse_low", "130", "is not below"),
        ("spo2_low", "", "type a number"),
    ],
)
def test_what_cannot_be_is_refused_however_often(
    qtbot: QtBot, live: Opened, physician: Story, key: str, typed: str, words: str
) -> None:
    screen, commands = live(physician)
    panel = opened(screen)
    panel.editors[key].field.setText(typed)
    for _ in range(3):
        confirm(qtbot, panel)
        assert words in panel.said.text()
    assert commands.bodies == []
    assert panel.isVisible()


def test_a_reason_is_needed_and_no_change_is_no_entry(qtbot: QtBot, live: Opened, physician: Story) -> None:
    screen, commands = live(physician)
    panel = opened(screen)
    confirm(qtbot, panel)
    assert "nothing was changed" in panel.said.text()
    type_in(qtbot, panel, "spo2_low", "88")
    confirm(qtbot, panel, " ")
    assert "Say why" in panel.said.text()
    assert commands.bodies == []


def test_limits_are_stepped_by_touch_and_by_arrow(qtbot: QtBot, live: Opened, physician: Story) -> None:
    screen, _ = live(physician)
    panel = opened(screen)
    editor = panel.editors["spo2_low"]
    qtbot.mouseClick(editor.minus, LEFT)
    qtbot.mouseClick(editor.minus, LEFT)
    qtbot.mouseClick(editor.plus, LEFT)
    assert editor.value == 89
    qtbot.keyClick(editor.field, Qt.Key.Key_Down)
    assert editor.value == 88


def test_what_the_baseline_speaks_for_is_shown_with_its_why_and_counts_when_confirmed(
    qtbot: QtBot, live: Opened, physician: Story
) -> None:
    screen, commands = live(physician)
    panel = opened(screen)
    qtbot.mouseClick(panel.propose, LEFT)
    assert "no baseline yet" in panel.said.text()
    screen.refresh(physician.tell(e.BaselineSet(values={"pulse": 54.0, "spo2": 97.0})))
    qtbot.mouseClick(panel.propose, LEFT)
    assert panel.editors["pulse_low"].value == 45
    assert "Pulse low 45: baseline 54 −20 = 34, kept between 45 and 50" in panel.said.text()
    assert "(PROPOSAL)" in panel.said.toolTip()
    assert physician.state.limits == {}
    qtbot.mouseClick(panel.confirm, LEFT)
    limits = {"pulse_low": 45.0, "pulse_very_low": 40.0}
    assert set_by(commands) == [e.LimitsSet(limits=limits, reason="from the baseline")]


def test_a_tile_opens_its_own_limits_and_a_key_opens_them_too(
    qtbot: QtBot, live: Opened, story: Story
) -> None:
    screen, _ = live(story)
    qtbot.mouseClick(screen.pressure, LEFT, pos=QPoint(30, 30))
    assert screen.alarms.limits.pages.currentIndex() == 2
    qtbot.keyClick(screen, Qt.Key.Key_Escape)
    assert not screen.alarms.limits.isVisible()
    qtbot.keyClick(screen, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert screen.alarms.limits.pages.currentIndex() == 0
    assert screen.alarms.limits.isVisible()


def test_the_present_value_is_shown_and_an_old_one_is_not(live: Opened, story: Story) -> None:
    screen, _ = live(story)
    story.cuff(132, 80, 98)
    panel = opened(screen)
    assert panel.now.text() == "SpO2 97"
    story.clock.advance(720)
    screen.tick(story.now_ms, 0, 0, "")
    assert panel.now.text() == "SpO2 ––"
    panel._turn(2)
    assert panel.now.text() == "Pressure 132/80, 12 min ago"


def test_the_source_of_what_is_looked_at_is_told(qtbot: QtBot, live: Opened, story: Story) -> None:
    screen, _ = live(story)
    panel = opened(screen)
    panel.editors["spo2_low"].field.setFocus()
    assert panel.source.text().startswith("SpO2 low: preset 90 %, Welch and Rheineck studies")
    assert panel.editors["spo2_low"].toolTip().endswith("at a limit of 90")


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_and_everything_can_be_touched(
    live: Opened, story: Story, size: tuple[int, int]
) -> None:
    screen, _ = live(story, size)
    story.tell(e.LimitsSet(limits={"pressure_high": 150.0, "spo2_low": 88.0}))
    for vital in (Vital.SPO2, Vital.PULSE, Vital.SYSTOLIC):
        panel = opened(screen, vital)
        panel._confirm()
        QApplication.processEvents()
        for part in (screen.banner, screen.spo2, screen.pressure, screen.pad, screen.log):
            assert not part.geometry().intersects(panel.geometry())
        for child in panel.findChildren(QWidget):
            if child.isVisible() and child.parentWidget() is not panel.reason:
                if isinstance(child, QLabel):
                    wanted = child.heightForWidth(child.width()) if child.wordWrap() else 0
                    assert child.height() >= max(wanted, child.minimumSizeHint().height()), child.text()
                corner = child.mapTo(panel, child.rect().bottomRight())
                assert panel.rect().contains(corner), child.accessibleName()
        for editor in panel.editors.values():
            if editor.isVisible():
                assert all(w.accessibleName() for w in (editor.field, editor.minus, editor.plus))
                assert min(editor.minus.height(), editor.field.height()) >= 10 * size[1] / 179.0 - 2
                wide = editor.field.fontMetrics().horizontalAdvance("900") + 24
                assert editor.field.width() >= wide
