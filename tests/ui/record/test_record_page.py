"""The record of an ended session on the screen: read by touch and by key, corrected, claimed and signed."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot
from told_record import ANA, BO, NASTY, Told

from monitor import entries as e
from monitor.identity import Identity
from monitor.people import author
from ui.people.pin_dialog import PinDialog
from ui.record.list_view import RecordList
from ui.record.model import RecordModel
from ui.record.page import RecordPage


@pytest.fixture
def told() -> Told:
    return Told()


def opened(qtbot: QtBot, told: Told, size: tuple[int, int] = (1280, 800)) -> RecordPage:
    page = told.open(size)
    qtbot.addWidget(page)
    page.show()
    return page


def choose(page: RecordPage, entry: int) -> None:
    page.list.setCurrentIndex(page.model.index(page.model.row_of(entry), 0))


def press(qtbot: QtBot, page: QWidget, text: str) -> None:
    (button,) = [
        b
        for b in page.findChildren(QPushButton)
        if b.text().replace("\n", " ").startswith(text) and b.isVisible()
    ]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def field(page: RecordPage, name: str, kind: type[QWidget] = QLineEdit) -> QWidget:
    (found,) = [w for w in page.side.findChildren(kind) if w.accessibleName() == name and w.isVisible()]
    return found


def labels(page: RecordPage) -> list[str]:
    return [label.text() for label in page.side.findChildren(QLabel) if label.isVisible()]


def rows(page: RecordPage) -> list[str]:
    return [page.model.row(n).sentence() for n in range(page.model.rowCount())]


def test_every_line_is_there_in_order_with_both_times(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    late = page.model.row(page.model.row_of(told.nausea))
    assert (late.time, late.entered) == ("00:00", "03:00")
    entries = [page.model.line(n).entry for n in range(page.model.rowCount())]
    assert entries == sorted(entries)
    assert entries[-1] == told.end


def test_a_dose_is_amended_and_the_original_stays_struck_through(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    choose(page, told.dose)
    press(qtbot, page, "Amend …")
    amount = field(page, "Amount, mg")
    assert isinstance(amount, QLineEdit)
    amount.setText("60")
    when = field(page, "When it happened", QComboBox)
    assert isinstance(when, QComboBox)
    when.setCurrentIndex(when.findData(1))
    reason = field(page, "Why it is amended")
    assert isinstance(reason, QLineEdit)
    reason.setText("syringe read wrong")
    press(qtbot, page, "Amend")
    assert told.bodies == [
        e.Amended(entry=told.dose, fields={"amount_mg": 60.0}, ago_ms=-60_000, reason="syringe read wrong")
    ]
    at = page.model.row_of(told.dose)
    now, was = page.model.row(at), page.model.row(at + 1)
    assert (now.text.split(" — ")[0], now.why, now.struck) == ("60 mg ketamine IM", "amended", False)
    assert was.struck
    assert "50 mg" in was.text
    assert "therapist: syringe read wrong" in was.why
    assert page.line is not None
    assert page.line.entry == told.dose, "what was chosen stays chosen"


def test_nothing_is_amended_that_did_not_change(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    choose(page, told.dose)
    press(qtbot, page, "Amend …")
    field(page, "Why it is amended").setText("typed wrong")  # type: ignore[attr-defined]
    press(qtbot, page, "Amend")
    assert told.bodies == []
    assert "nothing was changed" in text(page)


def text(page: QWidget) -> str:
    return "\n".join(x.text() for x in page.findChildren(QLabel) if x.isVisible())


@pytest.mark.parametrize(("typed_in", "why"), [("sixty", "no number"), ("", "cannot say that")])
def test_bad_numbers_are_told_in_words(qtbot: QtBot, told: Told, typed_in: str, why: str) -> None:
    page = opened(qtbot, told)
    choose(page, told.dose)
    press(qtbot, page, "Amend …")
    amount = field(page, "Amount, mg")
    assert isinstance(amount, QLineEdit)
    amount.setText(typed_in)
    field(page, "Why it is amended").setText("typed wrong")  # type: ignore[attr-defined]
    press(qtbot, page, "Amend")
    assert told.bodies == []
    assert why in text(page)


def test_a_typed_pressure_is_amended_and_one_of_a_cuff_is_not(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    choose(page, told.cuff)
    assert not page.side.buttons["Amend …"].isEnabled()
    assert page.side.buttons["Take back …"].isEnabled()
    choose(page, told.dose + 1)
    press(qtbot, page, "Amend …")
    systolic = field(page, "Systolic")
    assert isinstance(systolic, QLineEdit)
    systolic.setText("142")
    field(page, "Why it is amended").setText("typed wrong")  # type: ignore[attr-defined]
    press(qtbot, page, "Amend")
    assert told.state.pressures.all[0].systolic == 142


def test_taken_back_with_a_reason_and_brought_back(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    choose(page, told.nausea)
    press(qtbot, page, "Take back …")
    press(qtbot, page, "Did not happen")
    row = page.model.row(page.model.row_of(told.nausea))
    assert row.struck
    assert "did not happen" in row.why
    press(qtbot, page, "Bring back")
    assert not page.model.row(page.model.row_of(told.nausea)).struck


def test_what_people_wrote_is_shown_literally_and_amended(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    choose(page, told.note)
    assert NASTY in page.side.whole.toPlainText()
    assert any(NASTY in row for row in rows(page))
    press(qtbot, page, "Amend …")
    note = field(page, "Text", QPlainTextEdit)
    assert isinstance(note, QPlainTextEdit)
    assert note.toPlainText() == NASTY
    note.setPlainText("x" * 100_000)
    field(page, "Why it is amended").setText("typed wrong")  # type: ignore[attr-defined]
    press(qtbot, page, "Amend")
    assert told.bodies == [e.Amended(entry=told.note, fields={"text": "x" * 100_000}, reason="typed wrong")]
    page.grab()


def test_the_wrong_patient_is_moved_visibly(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    press(qtbot, page, "Wrong patient …")
    for name, words in (("Patient code", "KAP-0417-M"), ("Why", "picked the neighbour")):
        edit = field(page, name)
        assert isinstance(edit, QLineEdit)
        edit.setText(words)
    press(qtbot, page, "Move the session")
    assert "check letter does not fit" in text(page)
    assert told.bodies == []
    code = field(page, "Patient code")
    assert isinstance(code, QLineEdit)
    code.setText("kap 0417 l")
    press(qtbot, page, "Move the session")
    assert page.title.text().startswith("KAP-0417-L")
    assert page.former.text() == "KAP-0417-K"
    assert page.former.font().strikeOut()


def test_two_signatures_lock_and_an_addendum_follows(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    assert "Still to sign: therapist and physician" in page.signed.text()
    for name, role in (("Ana", "Therapist"), ("Bo", "Physician")):
        press(qtbot, page, "Sign …")
        edit = field(page, "Your name")
        assert isinstance(edit, QLineEdit)
        edit.setText(name)
        press(qtbot, page, f"{role}: “I {'was present and' if role == 'Therapist' else 'supervised'}")
    assert page.signed.text().startswith("Signed and locked. Therapist Ana, ")
    assert {t for t, b in page.side.buttons.items() if b.isEnabled()} == {"Addendum …"}
    press(qtbot, page, "Addendum …")
    words = field(page, "Addendum", QPlainTextEdit)
    assert isinstance(words, QPlainTextEdit)
    words.setPlainText("well the next day")
    press(qtbot, page, "Add it")
    assert isinstance(told.bodies[-1], e.Addendum)


def test_a_refusal_is_shown_and_nothing_is_put_away(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    choose(page, told.dose)
    page.side.confirm(e.Amended(entry=told.dose, ago_ms=600_000, reason="typed wrong"))
    assert "Only a physician moves the time" in page.trouble.text()
    assert told.bodies == []


# --- a practice of known people -----------------------------------------------------------


def test_a_pin_is_asked_for_and_only_of_who_may_sign(qtbot: QtBot) -> None:
    told = Told(identified=True)
    page = opened(qtbot, told)
    press(qtbot, page, "Sign …")
    press(qtbot, page, "Physician: “I supervised")
    (dialog,) = page.findChildren(PinDialog)
    assert any("Sign KAP-0417-K as physician: “I supervised" in text for text in labels(page))
    qtbot.keyClicks(dialog.field, "1234")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    (signature,) = told.state.signatures
    assert (signature.signed.person, signature.signed.name) == (BO, "Dr Bo Lee")
    assert page.side.currentIndex() == 0


@pytest.mark.parametrize(
    ("body", "deed"),
    [
        (
            e.CodeChanged(code="KAP-0500-X", reason="mixed up"),
            "from KAP-0417-K to KAP-0500-X",
        ),
        (e.Addendum(text="slept well", entry=0), "Add to the record: “slept well”"),
        (e.Amended(entry=0, fields={"amount_mg": 60}, reason="typed wrong"), "50 mg"),
        (e.Retracted(entry=0, reason="did not happen"), "did not happen"),
    ],
)
def test_whoever_gives_a_pin_reads_what_for(qtbot: QtBot, body: e.Body, deed: str) -> None:
    told = Told(identified=True)
    page = opened(qtbot, told)
    if isinstance(body, e.Amended | e.Retracted):
        body = replace(body, entry=told.dose)
    page.side.confirm(body)
    assert any(deed in text for text in labels(page))


def test_whose_record_it_is_and_of_which_day_stands_above_it(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    began, ended = told.state.timeline.wall(0), told.state.timeline.wall(told.state.until_ms)
    assert began is not None
    assert ended is not None
    assert page.when.text() == f"{began.strftime('%d %b %Y, %H:%M')} to {ended.strftime('%H:%M')}"
    page.show_identity(Identity(name="Mara Vogel", birth_date="1988-03-02"))
    assert page.who.text() == f"Mara Vogel, born {Identity(name='', birth_date='1988-03-02').born}"
    page.show_identity(None)
    assert page.who.text() == "Who this is was not entered."


def test_what_the_room_entered_is_claimed(qtbot: QtBot) -> None:
    told = Told(identified=True)
    page = opened(qtbot, told)
    choose(page, told.dose)
    assert "room, unconfirmed" in page.model.row(page.model.row_of(told.dose)).text
    press(qtbot, page, "That was me")
    assert any(b.text() == "All 6 in this role" for b in page.findChildren(QPushButton))
    press(qtbot, page, "This entry")
    (dialog,) = page.findChildren(PinDialog)
    dialog.who.itemClicked.emit(dialog.who.item(0))
    qtbot.keyClicks(dialog.field, "1234")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert told.bodies == [e.Claimed(entries=(told.dose,), person=ANA)]
    assert "Ana Ruiz, therapist (claimed later)" in page.model.row(page.model.row_of(told.dose)).text
    assert not page.side.buttons["That was me"].isEnabled()


# --- keys, names, size --------------------------------------------------------------------


def test_by_keyboard_alone(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    page.activateWindow()
    qtbot.waitUntil(page.list.hasFocus)
    for _ in range(page.model.row_of(told.nausea)):
        qtbot.keyClick(page.list, Qt.Key.Key_Down)
    assert page.line is not None
    assert page.line.entry == told.nausea
    for _ in range(20):
        focused = page.focusWidget()
        if focused is page.side.buttons["Take back …"]:
            break
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    qtbot.keyClick(page.side.buttons["Take back …"], Qt.Key.Key_Space)
    first = page.focusWidget()
    assert isinstance(first, QPushButton)
    qtbot.keyClick(first, Qt.Key.Key_Space)
    assert [type(b) for b in told.bodies] == [e.Retracted]
    assert page.list.hasFocus()


@pytest.mark.parametrize("show", ["amend", "take_back", "add", "move_code", "sign"])
def test_every_control_has_a_name_and_nothing_is_cut(qtbot: QtBot, told: Told, show: str) -> None:
    page = opened(qtbot, told)
    choose(page, told.dose)
    getattr(page.side, show)()
    for widget in page.findChildren(QWidget):
        if widget.isVisible() and isinstance(
            widget, QAbstractButton | QLineEdit | QPlainTextEdit | QComboBox
        ):
            assert widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text())
            inside = page.rect().contains(widget.geometry().translated(
                widget.parentWidget().mapTo(page, widget.parentWidget().rect().topLeft())
            ))  # fmt: skip
            assert inside, f"{widget.accessibleName()} is cut"


def test_ten_thousand_lines_scroll_smoothly(qtbot: QtBot) -> None:
    told = Told()
    for entry in range(10_000):
        told.tell(e.ObservationGraded(episode=told.nausea, grade=entry % 3), by=author("therapist"))
    model, view = RecordModel(told.state), RecordList("many")
    qtbot.addWidget(view)
    asked = 0
    row = model.row

    def counted(number: int) -> object:
        nonlocal asked
        asked += 1
        return row(number)

    model.row = counted  # type: ignore[method-assign, assignment]
    view.setModel(model)
    view.resize(900, 600)
    view.show()
    view.grab()
    began = asked
    view.scrollToBottom()
    view.grab()
    # Words are made only for what is seen: two screens of twenty rows, each painted once or twice.
    assert began < 200
    assert asked - began < 200


def test_an_amendment_needs_a_reason(qtbot: QtBot, told: Told) -> None:
    page = opened(qtbot, told)
    choose(page, told.note)
    press(qtbot, page, "Amend …")
    text = field(page, "Text", QPlainTextEdit)
    assert isinstance(text, QPlainTextEdit)
    text.setPlainText("calm")
    press(qtbot, page, "Amend")
    assert "say why it is amended" in labels(page)
    page.side.confirm(e.Amended(entry=told.note, fields={"text": "calm"}, reason=" "))
    assert "a reason is missing" in page.trouble.text()
    assert told.bodies == []
    field(page, "Why it is amended").setText("misheard")  # type: ignore[attr-defined]
    press(qtbot, page, "Amend")
    assert told.bodies == [e.Amended(entry=told.note, fields={"text": "calm"}, reason="misheard")]
