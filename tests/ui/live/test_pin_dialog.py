"""A PIN at the live screen: who may confirm what, by touch and by key, and nothing waits for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from reception_desk import ADA, MAX, PIA, PINS, TOM

from monitor import entries as e
from monitor.accounts import TooSoon
from monitor.people import ADMINISTRATOR
from ui import theme
from ui.live.screen import LiveScreen
from ui.people.pin_dialog import AGAIN, PinDialog

LEFT = Qt.MouseButton.LeftButton
SIZES = [(1600, 1000), (1280, 800)]
WRONG = "999000"


def tap(qtbot: QtBot, dialog: PinDialog, pin: str) -> None:
    """By touch alone."""
    for digit in pin:
        qtbot.mouseClick(dialog.digits[digit], LEFT)
    qtbot.mouseClick(dialog.digits["OK"], LEFT)


def key_in(qtbot: QtBot, screen: LiveScreen, pin: str) -> None:
    """By keyboard alone: where the focus is."""
    focus = screen.window().focusWidget()
    assert focus is not None
    qtbot.keyClicks(focus, pin)
    qtbot.keyClick(focus, Qt.Key.Key_Return)


def ask_limits(qtbot: QtBot, screen: LiveScreen) -> PinDialog:
    panel = screen.alarms.limits
    panel.open_panel()
    panel.editors["spo2_low"].field.setText("88")
    panel.reason.setCurrentText("usual for this patient")
    qtbot.mouseClick(panel.confirm, LEFT)
    QApplication.processEvents()
    assert screen.pins.dialog is not None
    return screen.pins.dialog


def ask_sound_off(qtbot: QtBot, screen: LiveScreen) -> PinDialog:
    screen.alarms.sound.open()
    panel = screen.alarms.sound.panel
    assert panel is not None
    qtbot.mouseClick(panel.reasons.buttons[0], LEFT)
    QApplication.processEvents()
    assert screen.pins.dialog is not None
    return screen.pins.dialog


ASKS = [ask_limits, ask_sound_off]


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("by_touch", [True, False])
def test_a_physicians_pin_confirms_while_the_therapist_acts(
    qtbot: QtBot, opened: Callable, ask: Callable, by_touch: bool
) -> None:
    there = opened()
    there.story.tell(e.StaffJoined(person=TOM, name="Tom Roe", role="therapist"), f"therapist:{TOM}")
    there.story.tell(e.ActingAs(role="therapist", person=TOM), f"therapist:{TOM}")
    dialog = ask(qtbot, there.screen)
    assert "Dr Pia Lindqvist-Oyelaran, physician" in texts(dialog)
    if by_touch:
        tap(qtbot, dialog, PINS[PIA])
    else:
        key_in(qtbot, there.screen, PINS[PIA])
    state = there.story.state
    assert state.lines[-1].by == f"physician:{PIA}"
    assert isinstance(state.lines[-1].body, e.LimitsSet | e.AudioOff)
    assert state.author == f"therapist:{TOM}"
    assert not there.screen.tray.isVisible()
    assert not there.screen.alarms.limits.isVisible()


@pytest.mark.parametrize("ask", ASKS)
def test_only_those_who_may_are_asked(qtbot: QtBot, opened: Callable, ask: Callable) -> None:
    there = opened()
    there.desk.people.apply(e.PersonAdded(person=MAX, name="Max", roles=("nurse", "physician")))
    dialog = ask(qtbot, there.screen)
    offered = [dialog.who.item(row).text() for row in range(dialog.who.count())]
    assert offered == ["Dr Pia Lindqvist-Oyelaran, physician", "Max, nurse and physician"]
    there.desk.people.apply(e.PersonRetired(person=MAX))
    there.desk.people.apply(e.PersonRetired(person=PIA))
    dialog = ask(qtbot, there.screen)
    assert "Nobody who works here may do this" in texts(dialog)


@pytest.mark.parametrize("ask", ASKS)
def test_another_pin_than_theirs_changes_nothing_and_says_so(
    qtbot: QtBot, opened: Callable, ask: Callable
) -> None:
    there = opened()
    dialog = ask(qtbot, there.screen)
    seq = there.story.state.seq
    tap(qtbot, dialog, PINS[TOM])
    assert "The PIN is wrong." in dialog.said.text()
    assert (there.story.state.seq, there.story.state.limits) == (seq, {})
    assert dialog.field.text() == ""
    assert there.screen.focusWidget() is dialog.field
    tap(qtbot, dialog, PINS[PIA])
    assert there.story.state.lines[-1].by == f"physician:{PIA}"


def test_what_is_confirmed_is_said(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    assert "SpO2 low 88, was 90." in ask_limits(qtbot, there.screen).said.text()
    assert "doctor with patient" in ask_sound_off(qtbot, there.screen).said.text()


def test_it_counts_down_after_wrong_ones(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    dialog = ask_limits(qtbot, there.screen)
    there.desk.waits[PIA] = 14.2
    dialog._count()
    assert "wait 15 s" in dialog.said.text()
    assert not dialog.digits["5"].isEnabled()
    key_in(qtbot, there.screen, PINS[PIA])
    assert there.story.state.limits == {}
    there.desk.waits[PIA] = 0.0
    qtbot.waitUntil(dialog.digits["5"].isEnabled)
    tap(qtbot, dialog, PINS[PIA])
    assert there.story.state.limits == {"spo2_low": 88.0}


def test_the_focus_waits_in_the_field_and_the_wait_is_not_told_once_it_is_over(
    qtbot: QtBot, opened: Callable
) -> None:
    there = opened()
    there.desk.people.apply(e.PinSet(person=PIA), f"physician:{PIA}", "2026-01-02T12:00:00+00:00")
    dialog = ask_limits(qtbot, there.screen)
    there.desk.waits[PIA] = 4.2
    dialog.refused(TooSoon(4.2))
    assert "ait 5 s" in dialog.said.text()
    assert there.screen.focusWidget() is dialog.field
    there.desk.waits[PIA] = 0.0
    qtbot.waitUntil(dialog.digits["5"].isEnabled)
    assert "ait 5 s" not in dialog.said.text()
    assert AGAIN in dialog.said.text()
    key_in(qtbot, there.screen, PINS[PIA])
    assert there.story.state.limits == {"spo2_low": 88.0}


def test_one_answer_at_a_time_and_the_digits_are_gone(qtbot: QtBot, opened: Callable) -> None:
    there = opened(later=True)
    dialog = ask_limits(qtbot, there.screen)
    tap(qtbot, dialog, PINS[PIA])
    assert dialog.field.text() == ""
    tap(qtbot, dialog, PINS[PIA])
    assert len(there.desk.waiting) == 1
    there.desk.answer()
    assert there.story.state.limits == {"spo2_low": 88.0}


def test_an_answer_that_comes_when_the_tray_shows_something_else_disturbs_nothing(
    qtbot: QtBot, opened: Callable
) -> None:
    there = opened(later=True)
    tap(qtbot, ask_limits(qtbot, there.screen), WRONG)
    there.screen.acting.open()
    content = there.screen.tray.content
    there.desk.answer()
    assert there.screen.tray.content is content
    assert there.screen.tray.isVisible()


def test_everything_urgent_goes_on_beside_it(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    there.story.alarm("spo2_low", direction="low", vital="spo2", value=84.0, limit=90.0)
    dialog = ask_limits(qtbot, there.screen)
    there.screen.refresh(there.story.changed)
    there.screen.tick(there.story.now_ms, 0, 0, "")
    assert dialog.field.hasFocus()
    for key, modifier in ((Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier), (Qt.Key.Key_F8, None)):
        qtbot.keyClick(dialog.field, key, modifier or Qt.KeyboardModifier.NoModifier)
    assert there.commands.pauses == 1
    assert any(isinstance(body, e.AlarmAcknowledged) for body, _ in there.commands.bodies)
    assert dialog.isVisible()


@pytest.mark.parametrize("size", SIZES)
def test_it_never_covers_banner_tiles_or_pad_and_nothing_is_cut(
    qtbot: QtBot, opened: Callable, size: tuple[int, int]
) -> None:
    there = opened(size)
    screen = there.screen
    there.desk.people.apply(
        e.PersonAdded(person=MAX, name="Dr Max " + "Long Name " * 4, roles=("therapist", "physician"))
    )
    there.desk.people.apply(e.PinSet(person=MAX), f"administrator:{ADA}", "2026-01-01T12:00:00+00:00")
    panel = screen.alarms.limits
    panel.open_panel()
    for key in ("spo2_low", "spo2_caution"):
        panel.editors[key].field.setText("88")
    panel.reason.setCurrentText("usual for this patient")
    panel._confirm()
    dialog = screen.pins.dialog
    assert dialog is not None
    dialog._ask(there.desk.people.all[MAX])
    screen.tray.moved()
    QApplication.processEvents()
    tap(qtbot, dialog, WRONG)
    QApplication.processEvents()
    for part in (screen.banner, screen.spo2, screen.pulse, screen.pressure, screen.pad):
        assert not place(screen.tray, screen).intersects(place(part, screen))
    tray = screen.tray.rect()
    for widget in (*dialog.digits.values(), dialog.field, dialog.other, dialog.said):
        assert tray.contains(place(widget, screen.tray))
    least = round(theme.TOUCH_PRIMARY * theme.Scale.of(*size).factor)
    assert min(min(b.width(), b.height()) for b in dialog.digits.values()) >= least - 1
    wanted = dialog.said.heightForWidth(dialog.said.width())
    assert dialog.said.height() >= wanted


def test_a_pin_is_never_shown_copied_or_pasted(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    field = ask_limits(qtbot, there.screen).field
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("nothing")
    qtbot.keyClicks(field, PINS[PIA])
    field.selectAll()
    assert field.text() == PINS[PIA]
    assert field.displayText() == field.displayText()[0] * len(PINS[PIA])
    assert field.echoMode() is QLineEdit.EchoMode.Password
    for key in (Qt.Key.Key_C, Qt.Key.Key_X):
        qtbot.keyClick(field, key, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == "nothing"
    clipboard.setText("31x")
    field.clear()
    qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == ""
    clipboard.clear()


def test_what_was_typed_is_gone_when_it_closes(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    dialog = ask_limits(qtbot, there.screen)
    qtbot.keyClicks(dialog.field, "2718")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Escape)
    assert not there.screen.tray.isVisible()
    assert dialog.field.text() == ""
    assert there.desk.waiting == []


def test_no_window_of_its_own_ever_shows(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    before = QApplication.topLevelWidgets()
    ask_limits(qtbot, there.screen)
    there.screen.acting.open()
    assert [w for w in QApplication.topLevelWidgets() if w not in before and w.isVisible()] == []
    assert QApplication.activeWindow() is there.screen


def test_somebody_else_may_be_asked(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    there.desk.people.apply(e.PersonAdded(person=MAX, name="Max", roles=("physician",)))
    dialog = ask_limits(qtbot, there.screen)
    qtbot.mouseClick(dialog.who.viewport(), LEFT, pos=dialog.who.visualItemRect(dialog.who.item(1)).center())
    assert "Max, physician" in texts(dialog)
    qtbot.mouseClick(dialog.other, LEFT)
    dialog.who.setCurrentRow(0)
    qtbot.keyClick(dialog.who, Qt.Key.Key_Return)
    tap(qtbot, dialog, PINS[PIA])
    assert there.story.state.lines[-1].by == f"physician:{PIA}"


def test_whoever_has_a_pin_of_somebody_elses_choice_is_told(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    dialog = ask_limits(qtbot, there.screen)
    assert "PIN set by Ada Doe, 01 Jan 2026" in dialog.said.text()
    there.desk.people.apply(e.PinSet(person=PIA), f"physician:{PIA}", "2026-01-02T12:00:00+00:00")
    assert "set by" not in ask_limits(qtbot, there.screen).said.text()


def test_every_control_has_a_name(qtbot: QtBot, opened: Callable) -> None:
    there = opened()
    dialog = ask_limits(qtbot, there.screen)
    nameless = [b.text() for b in dialog.findChildren(QPushButton) if not b.accessibleName()]
    assert nameless == []
    assert dialog.field.accessibleName() == "PIN of Dr Pia Lindqvist-Oyelaran"
    assert ADMINISTRATOR not in texts(dialog)


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if not label.isHidden())


def place(widget: QWidget, over: QWidget) -> QRect:
    """Where a widget lies in another."""
    return QRect(widget.mapTo(over, QPoint(0, 0)), widget.size())
