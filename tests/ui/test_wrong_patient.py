"""A session of the wrong patient is moved: from the live screen, and from the record; by list or by code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QListWidget, QWidget
from pytestqt.qtbot import QtBot
from whole_window import begin, button, field, named, open_window, said, until

from monitor import codes
from monitor.identity import Identity, Known, Patients
from ui.app import Window
from ui.live.screen import LiveScreen
from ui.record.wrong_patient import WrongPatient, judged

WAIT = 20
ANA = Identity(name="Ana <b>Ruiz</b>", birth_date="1984-03-12")
SIZES = [(1280, 800), (1600, 1000)]


def coded(number: str) -> str:
    return f"KAP-{number}-{codes.check_character('KAP' + number)}"


WRONG, RIGHT, ALIKE = coded("0003"), coded("0417"), coded("0147")


@pytest.fixture
def window(tmp_path: Path, qtbot: QtBot) -> Iterator[Window]:
    with open_window(tmp_path / "data", qtbot) as window:
        assert window.runtime is not None
        for code in (RIGHT, ALIKE):
            keep = window.runtime.identities.keep
            who = ANA if code == RIGHT else Identity(name="Bo Lee", birth_date="1971-01-02")
            window.runtime.call(keep, code, who, "therapist").result(WAIT).result(WAIT)
        yield window


def press(qtbot: QtBot, place: QWidget, text: str) -> None:
    qtbot.mouseClick(button(place, text), Qt.MouseButton.LeftButton)


def choose(qtbot: QtBot, form: WrongPatient, name: str) -> None:
    rows = named(form, QListWidget, "Patients")
    item = next(rows.item(n) for n in range(rows.count()) if rows.item(n).text().startswith(name))
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualItemRect(item).center())


def top(screen: LiveScreen) -> list[tuple[str, bool]]:
    return [(text.text, text.struck) for text in screen.top.texts]


def asked_live(qtbot: QtBot, screen: LiveScreen) -> WrongPatient:
    screen.corrections.open()
    press(qtbot, screen.tray, "Wrong patient …")
    form = screen.tray.content
    assert isinstance(form, WrongPatient)
    until(qtbot, form.picker.isVisible)
    return form


def test_while_it_runs_a_known_patient_is_chosen_and_the_old_code_stays_in_view(
    window: Window, qtbot: QtBot
) -> None:
    screen = begin(window, qtbot, WRONG)
    [session] = window.screens
    form = asked_live(qtbot, screen)
    choose(qtbot, form, "Ana <b>Ruiz</b>")
    assert form.code.text() == RIGHT
    assert "Ana <b>Ruiz</b>, 12 March 1984" in said(form)
    assert f"Looks like {ALIKE}" in said(form)
    press(qtbot, form, "Move the session")
    assert "Type a reason first." in said(form)
    field(form, "Why").setText("the file of another")
    press(qtbot, form, "Move the session")
    until(qtbot, lambda: window.states[session].code == RIGHT)
    assert (RIGHT, False) in top(screen)
    assert (WRONG, True) in top(screen)
    assert ("was", False) in top(screen)
    assert all(text.fits() for text in screen.top.texts)
    assert not screen.tray.isVisible()
    assert "Ana" not in said(window)
    assert window.runtime is not None
    assert window.runtime.sessions()[0].code == RIGHT


def test_moved_back_it_names_the_other_one(window: Window, qtbot: QtBot) -> None:
    screen = begin(window, qtbot, WRONG)
    [session] = window.screens
    for code in (RIGHT, WRONG):
        form = asked_live(qtbot, screen)
        form.code.setText(code)
        form.reason.setText("a slip")
        press(qtbot, form, "Move the session")
        until(qtbot, lambda code=code: window.states[session].code == code)
    assert [text for text in top(screen) if text[1]] == [(RIGHT, True)]


def test_in_the_record_a_code_is_typed_and_judged(window: Window, qtbot: QtBot) -> None:
    screen = begin(window, qtbot, WRONG)
    screen.acting.ask_end()
    press(qtbot, screen.tray, "End now")
    until(qtbot, lambda: button(window.home, "Read and sign").isEnabled())
    press(qtbot, window.home, "Read and sign")
    until(qtbot, lambda: window._records is not None and window._records.page is not None)
    assert window._records is not None
    page = window._records.page
    assert page is not None
    press(qtbot, page, "Wrong patient …")
    form = page.side.currentWidget()
    assert isinstance(form, WrongPatient)
    until(qtbot, form.picker.isVisible)
    form.reason.setText("the file of another")
    qtbot.keyClicks(form.code, RIGHT[:-1] + ("A" if RIGHT[-1] != "A" else "B"))
    assert "check letter does not fit" in said(form)
    press(qtbot, form, "Move the session")
    assert page.side.currentWidget() is form, "nothing was moved"
    form.code.setText(WRONG)
    assert "stands under this code already" in said(form)
    form.code.setText(RIGHT)
    press(qtbot, form, "Move the session")
    until(qtbot, lambda: page.title.text() == RIGHT)
    assert page.former.text() == WRONG
    assert page.former.font().strikeOut()


def test_by_keyboard_alone(window: Window, qtbot: QtBot) -> None:
    screen = begin(window, qtbot, WRONG)
    [session] = window.screens
    qtbot.keyClick(screen.pad, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    walk(qtbot, window, lambda w: isinstance(w, QAbstractButton) and w.text() == "Wrong patient …")
    qtbot.keyClick(focus(window), Qt.Key.Key_Space)
    form = screen.tray.content
    assert isinstance(form, WrongPatient)
    until(qtbot, lambda: form.picker.search.hasFocus())
    qtbot.keyClicks(focus(window), "ruiz")
    walk(qtbot, window, lambda w: isinstance(w, QListWidget))
    qtbot.keyClick(focus(window), Qt.Key.Key_Down)
    if form.picker.chosen is None:
        qtbot.keyClick(focus(window), Qt.Key.Key_Space)
    assert form.code.text() == RIGHT
    walk(qtbot, window, lambda w: w is form.reason)
    qtbot.keyClicks(focus(window), "a slip")
    walk(qtbot, window, lambda w: isinstance(w, QAbstractButton) and w.text() == "Move the session")
    qtbot.keyClick(focus(window), Qt.Key.Key_Space)
    until(qtbot, lambda: window.states[session].code == RIGHT)


@pytest.mark.parametrize("size", SIZES)
def test_on_the_live_screen_nothing_of_it_is_cut_or_covers_what_is_watched(
    window: Window, qtbot: QtBot, size: tuple[int, int]
) -> None:
    window.resize(*size)
    screen = begin(window, qtbot, WRONG)
    form = asked_live(qtbot, screen)
    form.code.setText(RIGHT)
    until(qtbot, lambda: form.wrong.height() >= form.wrong.heightForWidth(form.wrong.width()))
    assert screen.tray.height() <= screen.pad.height()
    below = -1
    rows, buttons = named(form, QListWidget, "Patients"), ("Move the session", "Back")
    for widget in (form.picker.search, rows, form.code, form.wrong, form.reason,
                   *(button(form, name) for name in buttons)):  # fmt: skip
        rect = QRect(widget.mapTo(screen.tray, QPoint()), widget.size())
        assert screen.tray.rect().contains(rect), widget.accessibleName() or widget
        assert rect.top() > below, f"{widget.accessibleName() or widget} is covered"
        below = rect.bottom()
    for widget in form.findChildren(QWidget):
        if widget.isVisible() and isinstance(widget, QLabel) and widget.wordWrap():
            assert widget.height() >= widget.heightForWidth(widget.width()), widget.text()
    for watched in (screen.banner, screen.spo2, screen.pulse, screen.pressure, screen.pad):
        assert not screen.tray.geometry().intersects(watched.geometry())


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", ""),
        ("KAP-0417-A", "check letter does not fit"),
        (WRONG.lower(), "stands under this code already"),
        (ALIKE, f"Looks like {RIGHT}"),
        (RIGHT, "Ana <b>Ruiz</b>, 12 March 1984"),
        ("Room 7", "Nobody is known"),
    ],
)
def test_what_is_said_of_a_code(typed: str, says: str) -> None:
    there = Patients([Known(RIGHT, 1, ANA)], [RIGHT])
    assert says in judged(typed, WRONG, there)


def focus(window: Window) -> QWidget:
    found = window.focusWidget()
    assert found is not None
    return found


def walk(qtbot: QtBot, window: Window, there) -> None:  # type: ignore[no-untyped-def]
    """Tab until the focus is where it is wanted."""
    for _ in range(60):
        if there(focus(window)):
            return
        qtbot.keyClick(focus(window), Qt.Key.Key_Tab)
    raise AssertionError("not reached")
