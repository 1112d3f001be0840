"""Who a session is for: picked or entered at home, read aloud at the time-out, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget
from pytestqt.qtbot import QtBot
from whole_window import begin, button, field, named, open_window, said, until

from monitor import codes
from monitor.identity import Identity, Known
from monitor.summary import Summary
from ui.app import Window
from ui.home.new_session import NO_CHECK, NewSessionForm, judged
from ui.home.patient_picker import SHOWN, PatientPicker, row
from ui.home.patients import PatientsPanel

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def window(tmp_path: Path, qtbot: QtBot) -> Iterator[Window]:
    with open_window(tmp_path / "data", qtbot) as window:
        yield window


def panel_of(window: Window) -> PatientsPanel:
    return next(p for p in window.findChildren(PatientsPanel))


def enter_patient(window: Window, qtbot: QtBot, name: str, born: str) -> str:
    """Enter somebody new at home; the code they were given."""
    button(window.home, "Patient …").click()
    panel = panel_of(window)
    until(qtbot, lambda: panel._proposed)
    button(panel, "New patient …").click()
    field(panel, "Name of the patient").setText(name)
    field(panel, "Birth date, year-month-day").setText(born)
    code = field(panel, "Code of the patient").text()
    button(panel, "Keep").click()
    until(qtbot, lambda: panel.isHidden())
    return code


def test_a_new_patient_gets_a_code_and_the_session_knows_the_code_alone(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    code = enter_patient(window, qtbot, "Ana <b>Ruiz</b>", "1984-03-12")
    assert codes.has_check(code)
    form = window.home.form
    assert field(form, "Patient code").text() == code
    assert "Ana <b>Ruiz</b>, 12 March 1984" in said(form)
    button(form, "Start monitoring").click()
    until(qtbot, lambda: window.screens)
    [(session, screen)] = window.screens.items()
    assert window.states[session].opened.code == code  # type: ignore[union-attr]
    window.panels.pickers[session].hide()
    assert "Ana" not in said(window) + window.windowTitle()
    assert "Ana" not in said(form)
    screen.pad.standby.open_time_out()
    until(qtbot, lambda: "Ana <b>Ruiz</b>\n12 March 1984" in said(screen.tray))
    screen.tray.dismiss()
    assert "Ana" not in said(window)
    assert window.runtime is not None
    store = window.runtime.store
    logs = b"".join(s.data for info in store.logs() for s in store.read(info.id))
    window.close()
    # Long enough not to be met by chance among encrypted bytes and hashes.
    for plain in (b"Ana <b>", b"1984-03-12", b"12 March 1984", b"Ruiz</b>"):
        assert plain not in logs
        assert not [f for f in tmp_path.rglob("*") if f.is_file() and plain in f.read_bytes()]


def test_a_known_patient_is_found_and_corrected_as_a_further_version(window: Window, qtbot: QtBot) -> None:
    code = enter_patient(window, qtbot, "Ana Ruiz", "1984-03-12")
    button(window.home, "Patient …").click()
    panel = panel_of(window)
    rows = named(panel, QListWidget, "Patients")
    until(qtbot, rows.count)
    qtbot.keyClicks(field(panel, "Search for a patient"), "ruiz 1984")
    assert rows.count() == 1
    rows.setCurrentRow(0)
    button(panel, "Correct …").click()
    field(panel, "Birth date, year-month-day").setText("1984-03-21")
    assert not field(panel, "Code of the patient").isEnabled()
    button(panel, "Keep").click()
    until(qtbot, panel.isHidden)
    assert "21 March 1984" in said(window.home.form)
    assert window.runtime is not None
    found = window.runtime.identities.versions(code)
    assert [(k.version, k.identity.birth_date) for k in found if k.identity] == [
        (1, "1984-03-12"),
        (2, "1984-03-21"),
    ]


def test_nobody_gets_two_codes_and_no_code_two_people(window: Window, qtbot: QtBot) -> None:
    code = enter_patient(window, qtbot, "Ana Ruiz", "1984-03-12")
    button(window.home, "Patient …").click()
    panel = panel_of(window)
    until(qtbot, lambda: panel._known)
    button(panel, "New patient …").click()
    assert field(panel, "Code of the patient").text() != code
    field(panel, "Name of the patient").setText("Ana Ruiz")
    field(panel, "Birth date, year-month-day").setText("1984-03-12")
    button(panel, "Keep").click()
    assert f"is known as {code}" in said(panel)
    field(panel, "Name of the patient").setText("Bo")
    field(panel, "Code of the patient").setText(code)
    button(panel, "Keep").click()
    assert "another patient's" in said(panel)
    field(panel, "Code of the patient").setText(code[:-1] + ("A" if code[-1] != "A" else "B"))
    button(panel, "Keep").click()
    assert "check letter does not fit" in said(panel)
    field(panel, "Birth date, year-month-day").setText("2984-03-12")
    button(panel, "Keep").click()
    assert "future" in said(panel)


def test_names_are_gone_when_nobody_looks(qtbot: QtBot) -> None:
    panel = PatientsPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.bring([Known("KAP-1", 1, Identity(name="Ana Ruiz", birth_date="1984-03-12"))], "KAP-2")
    panel.picker.search.setText("Ana")
    button(panel, "New patient …").click()
    field(panel, "Name of the patient").setText("Bo")
    panel.hide()
    lists = panel.findChildren(QListWidget)
    assert [w.count() for w in lists] == [0]
    assert panel.form.name.text() == panel.picker.search.text() == ""


def test_a_row_gets_to_no_clipboard(qtbot: QtBot, qapp: object) -> None:
    picker = PatientPicker()
    qtbot.addWidget(picker)
    picker.show()
    qapp.clipboard().setText("before")  # type: ignore[attr-defined]
    picker.bring([Known("KAP-1", 1, Identity(name="Ana Ruiz", birth_date="1984-03-12"))])
    rows = named(picker, QListWidget, "Patients")
    rows.setCurrentRow(0)
    assert picker.chosen is not None
    qtbot.keyClick(rows, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert qapp.clipboard().text() == "before"  # type: ignore[attr-defined]


def test_many_patients_are_found_by_typing(qtbot: QtBot) -> None:
    picker = PatientPicker()
    qtbot.addWidget(picker)
    picker.show()
    picker.bring(
        [Known(f"KAP-{n}", 1, Identity(name=f"Ana {n}", birth_date="1984-03-12")) for n in range(200)]
    )
    rows = named(picker, QListWidget, "Patients")
    assert rows.count() == SHOWN
    assert "150 more" in said(picker)
    picker.search.setText("ana 199")
    assert rows.count() == 1
    picker.search.setText("zzz")
    assert "Nobody fits" in said(picker)


def test_who_cannot_be_read_is_listed_by_code_and_a_demo_is_marked() -> None:
    assert "cannot be read" in row(Known("KAP-1", 1, None))
    made_up = Identity(name="Ana", birth_date="1984-03-12", fields={"rems": "R-7"}, demo=True)
    assert (
        row(Known("KAP-1", 1, made_up)) == "Ana · 12 March 1984\nKAP-1 · REMS patient ID R-7 · demo, made up"
    )


# --- codes at home and on the top line ----------------------------------------------------


def ended(code: str, days_ago: float, state: str = "ended") -> Summary:
    start = (NOW - timedelta(days=days_ago)).isoformat()
    return Summary(code, code, start, state, "im", "im", 3, demo=False)


def test_a_wrong_check_letter_begins_nothing() -> None:
    right = codes.propose([])
    assert judged(right, [], NOW) == (True, "")
    fits, text = judged(right[:-1] + ("A" if right[-1] != "A" else "B"), [], NOW)
    assert not fits
    assert "check letter" in text
    assert judged("KAP-0417", [], NOW) == (True, "")
    assert judged("", [], NOW) == (False, "")


def test_a_code_without_a_check_letter_may_be_used_and_that_is_said(qtbot: QtBot) -> None:
    form = NewSessionForm()
    qtbot.addWidget(form)
    form.show()
    form.show_sessions([])
    field(form, "Patient code").setText("KAP-0417")
    assert NO_CHECK in said(form)
    assert button(form, "Start monitoring").isEnabled()
    field(form, "Patient code").setText(codes.propose([]))
    assert NO_CHECK not in said(form)
    field(form, "Patient code").setText("KAP-0417-Q")
    assert not button(form, "Start monitoring").isEnabled()
    assert "check letter does not fit" in said(form)


def test_look_alikes_of_the_last_days_and_of_now_are_named() -> None:
    sessions = [
        ended("KAP-0471", 2),
        ended("KAP-0416", 30),
        ended("KAP-0418", 0, "open"),
        ended("?", 0, "damaged"),
    ]
    fits, text = judged("KAP-0417", sessions, NOW)
    assert fits
    assert "KAP-0418, whose session has not ended" in text
    assert "KAP-0471 of the last days" in text
    assert "KAP-0416" not in text
    assert "has not ended. Is it the same patient" in judged("KAP-0418", sessions, NOW)[1]


def test_sessions_whose_codes_look_alike_name_each_other_while_both_run(window: Window, qtbot: QtBot) -> None:
    first = begin(window, qtbot, "KAP-0417")
    assert "runs too" not in first.top.accessibleDescription()
    window._go_home()
    until(qtbot, lambda: window.home.form._sessions)
    field(window.home, "Patient code").setText("KAP-0471")
    assert "Looks like KAP-0417" in said(window.home.form)
    second = begin(window, qtbot, "KAP-0471")
    assert "not KAP-0471, which runs too" in first.top.accessibleDescription()
    assert "not KAP-0417, which runs too" in second.top.accessibleDescription()
    assert all(text.fits() for text in second.top.texts)
    second._commands.end_session()
    until(qtbot, lambda: "runs too" not in first.top.accessibleDescription())


def test_a_patient_who_was_never_entered_is_asked_for_at_the_time_out(window: Window, qtbot: QtBot) -> None:
    screen = begin(window, qtbot, "KAP-0417")
    screen.pad.standby.open_time_out()
    until(qtbot, lambda: "was not entered" in said(screen.tray))
