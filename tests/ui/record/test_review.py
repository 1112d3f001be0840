"""A finished session looked at again: any instant of its curves, its alarms judged, other limits tried."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QSlider, QTableView, QWidget
from pytestqt.qtbot import QtBot
from told_record import ANA, Told

from monitor import entries as e
from monitor.accounts import Proof
from monitor.vitals import Reading
from ui.live import alarm_rows
from ui.people.pin_dialog import PinDialog
from ui.record.page import ALARMS, CURVES, RecordPage
from ui.record.trial_form import TrialForm

CONTROLS = (QAbstractButton, QLineEdit, QSlider, QTableView)


def alarming(told: Told, state: str, priority: str = "high") -> int:
    """A change of the alarm about low oxygen."""
    at_ms = told.state.timeline.latest_ms
    change = e.AlarmChanged(
        condition="spo2_low", priority=priority, state=state, vital="spo2", direction="low", at_ms=at_ms,
        since_ms=at_ms, value=84.0, worst=84.0, limit=90.0,
    )  # fmt: skip
    return told.tell(change, "vigil")


@pytest.fixture
def told() -> Told:
    """With two minutes of 84 %, and the alarm about it."""
    told = Told(ended=False)
    told.tell(e.DeviceAssigned(device="o", role="oximeter", driver="x", name="Ox", address="1"))
    told.tell(e.ReadingTaken(device="o", reading=Reading(spo2=97.0, pulse=80.0)), "device:o")
    told.tell(e.ReadingTaken(device="o", reading=Reading(spo2=84.0, pulse=90.0)), "device:o")
    told.low = alarming(told, "active")
    told.tell(e.ReadingTaken(device="o", reading=Reading(spo2=96.0, pulse=85.0)), "device:o")
    alarming(told, "ended")
    told.finish()
    return told


def opened(qtbot: QtBot, told: Told, size: tuple[int, int] = (1280, 800)) -> RecordPage:
    page = told.open(size)
    qtbot.addWidget(page, before_close_func=lambda page: page.close())
    page.show()
    return page


def texts(page: RecordPage) -> list[str]:
    return [text.text for text in page.curves.row.texts]


def test_an_instant_says_what_was_known_then(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    page.turn(CURVES)
    slider = page.curves.slider
    began = next(x for x in told.state.ledger.past if x.entry == told.low).began_ms
    slider.setValue(began + 1_000)
    assert "*** SpO2 low, for 1 s" in texts(page)
    assert "146/90" in texts(page)
    assert page.line is not None
    assert page.line.at_ms <= began + 1_000
    slider.setValue(began - 1_000)
    assert "no alarms then" in texts(page)
    page.curves.after.click()
    assert slider.value() == began
    page.curves.before.click()
    assert slider.value() == began  # there is none before it


def test_old_values_do_not_look_current_in_retrospect_either(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    page.turn(CURVES)
    page.curves.slider.setValue(told.state.until_ms)
    shown = texts(page)
    assert shown.count("––") == 2
    assert any("no data" in text for text in shown)


def test_a_press_on_the_curves_chooses_its_instant(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    page.turn(CURVES)
    trends = page.curves.trends
    for at_ms in (60_000, 240_000):
        where = QPoint(round(trends.shared.x(at_ms)), 100)
        qtbot.mouseClick(trends.viewport(), Qt.MouseButton.LeftButton, pos=where)
        assert abs(page.curves.at_ms - at_ms) < 4_000


def test_keys_scrub_and_a_chosen_entry_is_where_the_curves_open(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    page.list.setCurrentIndex(page.model.index(page.model.row_of(told.note), 0))
    page.turn(CURVES)
    assert page.line is not None
    before = page.curves.at_ms
    assert before == page.line.at_ms
    for key, step in ((Qt.Key.Key_Right, 1_000), (Qt.Key.Key_PageUp, 60_000), (Qt.Key.Key_Home, None)):
        before = page.curves.at_ms
        qtbot.keyClick(page.curves.slider, key)
        assert page.curves.at_ms == (0 if step is None else before + step)


def test_an_alarm_is_judged_after_the_end(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    page.turn(ALARMS)
    assert not page.alarms.buttons[alarm_rows.USEFUL].isEnabled()
    page.alarms.table.selectRow(0)
    assert page.curves.at_ms == next(x for x in told.state.ledger.past).began_ms
    qtbot.mouseClick(page.alarms.buttons[alarm_rows.NUISANCE], Qt.MouseButton.LeftButton)
    assert told.bodies == [e.AlarmLabelled(alarm=told.low, useful=False)]
    assert "1 nuisance, 0 not yet" in page.alarms.said.text()
    assert page.alarms.table.currentIndex().row() == 0


def test_where_people_are_known_a_judgement_bears_a_name(qtbot: QtBot) -> None:
    told = Told(identified=True, ended=False)
    told.low = alarming(told, "active")
    told.finish()
    page = opened(qtbot, told)
    page.turn(ALARMS)
    page.alarms.table.selectRow(0)
    page.alarms.buttons[alarm_rows.USEFUL].click()
    (dialog,) = page.side.findChildren(PinDialog)
    dialog.given.emit(Proof(ANA, "1234"))
    assert told.bodies == [e.AlarmLabelled(alarm=told.low, useful=True)]
    assert told.state.lines[-1].by == f"therapist:{ANA}"


def test_other_limits_are_tried_and_nothing_is_entered(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    page.turn(ALARMS)
    page.alarms.try_limits.click()
    form = page.side.currentWidget()
    assert isinstance(form, TrialForm)
    form.editors["spo2_low"].show_value(88)
    form.editors["pulse_low"].show_value(500)
    form.attempt.click()
    assert "500 is impossible" in form.said.text()
    form.editors["pulse_low"].show_value(50)
    form.attempt.click()
    qtbot.waitUntil(lambda: "By its own limits" in form.said.text(), timeout=20_000)
    assert told.bodies == []


def test_a_trial_that_was_put_away_is_answered_to_nobody(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    page.turn(ALARMS)
    page.alarms.try_limits.click()
    form = page.side.currentWidget()
    assert isinstance(form, TrialForm)
    heard: list[object] = []
    form.attempt.click()
    page.side.put_away()
    told.bridge.post(lambda: heard.append("later"))
    qtbot.waitUntil(lambda: bool(heard))
    assert page.side.count() == 1


@pytest.mark.parametrize("size", [(1280, 800), (1600, 1000)])
@pytest.mark.parametrize("tab", [CURVES, ALARMS])
def test_every_control_has_a_name_and_nothing_is_cut_here(
    qtbot: QtBot, told: Told, tab: int, size: tuple[int, int]
) -> None:
    page = opened(qtbot, told, size)
    page.turn(tab)
    for widget in page.findChildren(QWidget):
        if not (widget.isVisible() and isinstance(widget, CONTROLS)):
            continue
        assert widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text())
        corner = widget.mapTo(page, QPoint(0, 0))
        assert page.rect().contains(corner)
        assert page.rect().contains(corner + widget.rect().bottomRight())
        if isinstance(widget, QAbstractButton):
            assert widget.fontMetrics().horizontalAdvance(widget.text()) <= widget.width() - 8
    assert all(text.fits() for text in page.curves.row.texts)
    labels = [label for label in page.alarms.findChildren(QLabel) if label.isVisible()]
    assert all(label.height() >= label.heightForWidth(label.width()) for label in labels)
