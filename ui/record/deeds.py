"""What can be done about the record of an ended session: beside its entries, one form at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from textwrap import shorten

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from monitor import entries as e
from monitor.accounts import Proof
from monitor.amending import AMENDABLE
from monitor.correcting import claimable, decides, undone
from monitor.language import tr
from monitor.people import CLINICIANS, People, is_machine, may
from monitor.session import Line, SessionState
from monitor.signing import SIGNERS
from monitor.trouble import Trouble
from ui.people.pin_dialog import PinDialog
from ui.people.reception import Answered
from ui.record.form import AmendForm
from ui.record.model import RecordModel
from ui.record.signing import Add, Claim, Form, Sign, TakeBack
from ui.record.wrong_patient import AskPatients, WrongPatient, nobody

SIDE = 400
DEED = 120
"""Characters of what somebody confirms with a PIN: it stands above the digits."""

Correct = Callable[[e.Body, Proof | None, str, Answered], None]
"""Enters a body for whose proof it is or, where nobody is known by name, in a role; tells what came of it."""


class Deeds(QStackedWidget):
    """The chosen entry in full with what can be done about it, and over them the form that is filled in."""

    refused = Signal(object)
    """The Trouble why nothing came of it; None where all is well."""
    left = Signal()
    """No form is open any more."""

    def __init__(
        self,
        state: SessionState,
        model: RecordModel,
        people: People,
        wait_s: Callable[[str], float],
        correct: Correct,
        patients: AskPatients = nobody,
    ) -> None:
        super().__init__()
        self._state, self._model, self._people = state, model, people
        self._wait_s, self._correct, self._patients = wait_s, correct, patients
        self._row = -1
        self.setFixedWidth(SIDE)
        self.addWidget(self._what_can_be_done())

    def _what_can_be_done(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.whole = QPlainTextEdit()
        self.whole.setAccessibleName(tr("The chosen entry"))
        self.whole.setReadOnly(True)
        self.whole.setTabChangesFocus(True)
        column.addWidget(self.whole, 1)
        self.role = QComboBox()
        self.role.setAccessibleName(tr("Who corrects"))
        for role in CLINICIANS:
            self.role.addItem(tr("as {role}", role=tr(role)), role)
        if self._people.identified:
            self.role.hide()  # never shown here: without a parent it would be a window of its own
        column.addWidget(self.role)
        self.buttons: dict[str, QPushButton] = {}
        pairs = (
            ((tr("Amend …"), self.amend), (tr("Take back …"), self.take_back)),
            ((tr("Addendum …"), self.add), (tr("That was me"), self.claim)),
            ((tr("Wrong patient …"), self.move_code), (tr("Sign …"), self.sign)),
        )
        for pair in pairs:
            row = QHBoxLayout()
            for label, slot in pair:
                button = self.buttons[label] = QPushButton(label)
                button.clicked.connect(slot)
                row.addWidget(button, 1)
            column.addLayout(row)
        self.buttons[tr("Sign …")].setObjectName("primary")
        return page

    # --- which entry it is about ------------------------------------------------------------

    @property
    def line(self) -> Line | None:
        """The line that is chosen."""
        return self._model.line(self._row) if self._row >= 0 else None

    def look(self, row: int) -> None:
        """The row `row` is chosen; none where it is -1."""
        self._row = row
        line, closing = self.line, self._state.closing
        self.whole.setPlainText("" if line is None else self._model.whole(row))
        open_ = closing.ended and not closing.locked
        shown = line is not None and not line.refused
        allowed = {
            tr("Amend …"): open_ and line is not None and shown and can_be_amended(line),
            tr("Take back …"): open_ and line is not None and shown and (undone(line.body) or line.retracted),
            tr("Addendum …"): closing.ended,
            tr("That was me"): open_ and bool(self._mine()) and self._people.identified,
            tr("Wrong patient …"): open_,
            tr("Sign …"): open_,
        }
        for label, button in self.buttons.items():
            button.setEnabled(allowed[label])
        back = line is not None and line.struck is not None
        self.buttons[tr("Take back …")].setText(tr("Bring back") if back else tr("Take back …"))

    def _mine(self) -> tuple[int, ...]:
        """The chosen entry, where nobody has put their name to it."""
        line = self.line
        return (line.entry,) if line is not None and _nobodys(line) else ()

    def _like_it(self) -> tuple[int, ...]:
        """All entries that the room made in the same role, and nobody has put their name to."""
        line = self.line
        alike = (x for x in self._state.lines if line is not None and x.by == line.by and _nobodys(x))
        return tuple(x.entry for x in alike)

    # --- what is done ---------------------------------------------------------------------

    @Slot()
    def amend(self) -> None:
        """How the chosen entry should read."""
        if self.line is not None:
            form = AmendForm(self.line, self._state)
            form.given.connect(self.confirm)
            form.left.connect(self.put_away)
            self.show_form(form)

    @Slot()
    def take_back(self) -> None:
        """The chosen entry was a mistake; of one that was taken back: it was none."""
        line = self.line
        if line is not None and line.struck is not None:
            self.confirm(e.Retracted(entry=line.struck.entry, reason=tr("brought back")))
        elif line is not None:
            self._fill(TakeBack(line))

    @Slot()
    def add(self) -> None:
        """Something to be added to the chosen entry."""
        self._fill(Add(self.line))

    @Slot()
    def claim(self) -> None:
        """The chosen entry is somebody's own, or all that are like it."""
        one, alike = self._mine(), self._like_it()
        if one:
            self._fill(Claim(one, alike))

    @Slot()
    def move_code(self) -> None:
        """The session is another patient's."""
        self._fill(WrongPatient(self._state.code, self._patients))

    @Slot()
    def sign(self) -> None:
        """Somebody stands behind all of it."""
        missing = [role for role in SIGNERS if role not in {s.signed.role for s in self._state.closing.valid}]
        self._fill(Sign(missing, named=self._people.identified))

    def _fill(self, form: Form) -> None:
        form.given.connect(self.confirm)
        form.left.connect(self.put_away)
        self.show_form(form)

    @Slot(object)
    def confirm(self, body: e.Body) -> None:
        """Where people are known by name, one of them gives a PIN; otherwise a role says who."""
        self.refused.emit(None)
        if not self._people.identified:
            self._correct(body, None, str(self.role.currentData()), self._answered)
            return
        about = decides(self._state, body)
        choices = [p for p in self._people.active if any(may(role, about) for role in p.roles)]
        if isinstance(body, e.Signed):
            choices = [p for p in choices if body.role in p.roles]
        dialog = PinDialog(choices, self._people, self._wait_s)
        dialog.given.connect(partial(self._given, dialog, body))
        page = Form(tr("Confirm"), self._deed(body))
        page.column.addWidget(dialog, 1)
        page.closes()
        page.left.connect(self.put_away)
        self.show_form(page)
        (dialog.field if dialog.pages.currentIndex() else dialog.who).setFocus(
            Qt.FocusReason.OtherFocusReason
        )

    def _deed(self, body: e.Body) -> str:
        """What the PIN is asked for, in words."""
        match body:
            case e.Signed():
                return tr(
                    "Sign {code} as {role}: “{meaning}”",
                    code=self._state.code,
                    role=body.role,
                    meaning=body.meaning,
                )
            case e.CodeChanged():
                return tr(
                    "Move this session from {code} to {code2}: {reason}",
                    code=self._state.code,
                    code2=body.code,
                    reason=body.reason,
                )
            case e.Amended():
                return tr("Amend {told}: {reason}", told=self._told(body.entry), reason=body.reason)
            case e.Retracted() if self.line is not None and self.line.struck is not None:
                return tr("Bring back {told}", told=self._told(self.line.entry))
            case e.Retracted():
                return tr("Take back {told}: {reason}", told=self._told(body.entry), reason=body.reason)
            case e.AlarmLabelled():
                return tr("Judge an alarm: {useful}", useful="useful" if body.useful else "nuisance")
            case e.Addendum():
                return tr("Add to the record: “{shorten}”", shorten=shorten(body.text, DEED))
            case _:
                return tr(
                    "Put your name to {told}", told=self._told(0 if self.line is None else self.line.entry)
                )

    def _told(self, entry: int) -> str:
        row = self._model.row_of(entry)
        return shorten(self._model.row(row).sentence(), DEED) if row >= 0 else tr("an entry")

    def _given(self, dialog: PinDialog, body: e.Body, proof: Proof) -> None:
        if isinstance(body, e.Claimed):
            body = e.Claimed(entries=body.entries, person=proof.person)
        self._correct(body, proof, "", partial(self._checked, dialog))

    def _checked(self, dialog: PinDialog, trouble: Trouble | None) -> None:
        if trouble is None:
            self.put_away()
        elif self.isAncestorOf(dialog):
            dialog.refused(trouble)

    def _answered(self, trouble: Trouble | None) -> None:
        self.refused.emit(trouble)
        if trouble is None:
            self.put_away()

    def show_form(self, form: QWidget) -> None:
        """Lay a form over the chosen entry; what was open is put away."""
        self.put_away()
        self.addWidget(form)
        self.setCurrentWidget(form)
        form.setFocus(Qt.FocusReason.OtherFocusReason)
        form.focusNextChild()

    @Slot()
    def put_away(self) -> None:
        """The chosen entry again."""
        while (form := self.widget(1)) is not None:
            self.removeWidget(form)
            form.deleteLater()
        self.left.emit()


def _nobodys(line: Line) -> bool:
    return claimable(line.by) and not line.claimed_by and not line.refused


def can_be_amended(line: Line) -> bool:
    """Whether there is anything in a line that people may correct."""
    body = line.body
    if isinstance(body, e.CuffTaken) and body.trigger != e.TYPED:
        return False
    return type(body) in AMENDABLE and not is_machine(line.by) and not line.retracted
