"""The record of an ended session: every line in order, and beside them what can be done about one of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from textwrap import shorten

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFont
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
from monitor.identity import Identity
from monitor.people import CLINICIANS, People, is_machine, may
from monitor.session import Line, SessionState
from monitor.signing import SIGNERS
from monitor.trouble import Trouble
from ui import theme
from ui.labels import wrapped
from ui.people.pin_dialog import PinDialog
from ui.people.reception import Answered
from ui.record.form import AmendForm
from ui.record.list_view import RecordList
from ui.record.model import RecordModel
from ui.record.signing import Add, Claim, Form, Sign, TakeBack
from ui.record.wrong_patient import AskPatients, WrongPatient, nobody

SIDE = 400
DEED = 120
"""Characters of what somebody confirms with a PIN: it stands above the digits."""

Correct = Callable[[e.Body, Proof | None, str, Answered], None]
"""Enters a body for whose proof it is or, where nobody is known by name, in a role; tells what came of it."""


class RecordPage(QWidget):
    """Shows one record. `refresh` after entries were applied to `state`."""

    home = Signal()

    def __init__(
        self,
        state: SessionState,
        people: People,
        wait_s: Callable[[str], float],
        correct: Correct,
        patients: AskPatients = nobody,
    ) -> None:
        super().__init__()
        self.setObjectName("home")
        self.setStyleSheet(theme.touchable(theme.Scale()))
        self._state, self._people, self._wait_s, self._correct = state, people, wait_s, correct
        self._patients = patients
        self._chosen = 0
        """The entry whose row is chosen."""
        self.title, self.signed = wrapped("", "title"), wrapped("")
        self.who, self.when = wrapped(""), wrapped("")
        self.former = wrapped("")
        self.former.setAccessibleDescription("the code before, of the wrong patient")
        struck = QFont(theme.font(18))
        struck.setStrikeOut(True)
        self.former.setFont(struck)
        self.trouble = wrapped("", "trouble")
        self.trouble.hide()
        self.title.setWordWrap(False)
        back = QPushButton("Home")
        back.setMinimumWidth(96)
        back.setToolTip("F10")
        back.clicked.connect(self.home)
        self.model = RecordModel(state)
        self.list = RecordList("Entries of this session")
        self.list.setModel(self.model)
        self.list.selectionModel().currentChanged.connect(self._look)
        self.side = QStackedWidget()
        self.side.setFixedWidth(SIDE)
        self.side.addWidget(self._what_can_be_done())
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(self.former, 1)
        head.addWidget(back)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self.list, 1)
        middle.addWidget(self.side)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.addLayout(head)
        column.addWidget(self.who)
        column.addWidget(self.when)
        column.addWidget(self.signed)
        column.addWidget(self.trouble)
        column.addLayout(middle, 1)
        self.refresh()
        if self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0, 0))
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _what_can_be_done(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.whole = QPlainTextEdit()
        self.whole.setAccessibleName("The chosen entry")
        self.whole.setReadOnly(True)
        self.whole.setTabChangesFocus(True)
        column.addWidget(self.whole, 1)
        self.role = QComboBox()
        self.role.setAccessibleName("Who corrects")
        for role in CLINICIANS:
            self.role.addItem(f"as {role}", role)
        self.role.setVisible(not self._people.identified)
        column.addWidget(self.role)
        self.buttons: dict[str, QPushButton] = {}
        pairs = (
            (("Amend …", self.amend), ("Take back …", self.take_back)),
            (("Addendum …", self.add), ("That was me", self.claim)),
            (("Wrong patient …", self.move_code), ("Sign …", self.sign)),
        )
        for pair in pairs:
            row = QHBoxLayout()
            for label, slot in pair:
                button = self.buttons[label] = QPushButton(label)
                button.clicked.connect(slot)
                row.addWidget(button, 1)
            column.addLayout(row)
        self.buttons["Sign …"].setObjectName("primary")
        return page

    # --- what is shown --------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Entries were added: show them, and what was chosen stays chosen."""
        codes = self._state.codes
        demo = " — demo, no real patient" if self._state.opened and self._state.opened.demo else ""
        self.title.setText(f"{self._state.code}{demo}")
        self.former.setText(", ".join(codes[:-1]))
        self.when.setText(self._lasted())
        self.signed.setText(self._closing())
        self.model.refresh()
        row = self.model.row_of(self._chosen)
        if row >= 0:
            self.list.setCurrentIndex(self.model.index(row, 0))
        self._look()

    def show_identity(self, who: Identity | Trouble | None) -> None:
        """Name and birth date of whose record this is; they are asked for anew when the code changes."""
        if isinstance(who, Identity):
            self.who.setText(f"{who.name}{' (demo, made up)' if who.demo else ''}, born {who.born}")
        else:
            self.who.setText("Who this is was not entered." if who is None else who.two_lines())

    def _lasted(self) -> str:
        began, ended = (self._state.timeline.wall(ms) for ms in (0, self._state.until_ms))
        if began is None or ended is None:
            return ""
        until = ended.strftime("%H:%M" if ended.date() == began.date() else "%d %b %Y, %H:%M")
        return f"{began.strftime('%d %b %Y, %H:%M')} to {until}"

    def _closing(self) -> str:
        state = self._state
        parts = ["Signed and locked." if state.locked else "Not locked yet."]
        for signature in state.signatures:
            signed = signature.signed
            held = ", before a correction" if signature.overtaken else ""
            wall = state.timeline.wall(signature.entered_ms)
            at = wall.strftime("%d %b %Y, %H:%M") if wall is not None else ""
            parts.append(f"{signed.role.capitalize()} {signed.name}, {at}{held}: “{signed.meaning}”")
        missing = [role for role in SIGNERS if role not in {s.signed.role for s in state.closing.valid}]
        if missing:
            parts.append(f"Still to sign: {' and '.join(missing)}.")
        return " ".join(parts)

    def show_trouble(self, trouble: Trouble | None) -> None:
        """Why nothing came of it, or nothing."""
        self.trouble.setVisible(trouble is not None)
        if trouble is not None:
            self.trouble.setText(trouble.two_lines())

    @property
    def line(self) -> Line | None:
        """The line that is chosen."""
        index = self.list.currentIndex()
        return self.model.line(index.row()) if index.isValid() else None

    @Slot()
    def _look(self) -> None:
        line, closing = self.line, self._state.closing
        self._chosen = 0 if line is None else line.entry
        self.whole.setPlainText("" if line is None else self.model.whole(self.list.currentIndex().row()))
        open_ = closing.ended and not closing.locked
        shown = line is not None and not line.refused
        allowed = {
            "Amend …": open_ and line is not None and shown and can_be_amended(line),
            "Take back …": open_ and line is not None and shown and (undone(line.body) or line.retracted),
            "Addendum …": closing.ended,
            "That was me": open_ and bool(self._mine()) and self._people.identified,
            "Wrong patient …": open_,
            "Sign …": open_,
        }
        for label, button in self.buttons.items():
            button.setEnabled(allowed[label])
        back = line is not None and line.struck is not None
        self.buttons["Take back …"].setText("Bring back" if back else "Take back …")

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
            form.given.connect(self._confirm)
            form.left.connect(self._put_away)
            self._show(form)

    @Slot()
    def take_back(self) -> None:
        """The chosen entry was a mistake; of one that was taken back: it was none."""
        line = self.line
        if line is not None and line.struck is not None:
            self._confirm(e.Retracted(entry=line.struck.entry, reason="brought back"))
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
        form.given.connect(self._confirm)
        form.left.connect(self._put_away)
        self._show(form)

    @Slot(object)
    def _confirm(self, body: e.Body) -> None:
        """Where people are known by name, one of them gives a PIN; otherwise a role says who."""
        self.show_trouble(None)
        if not self._people.identified:
            self._correct(body, None, str(self.role.currentData()), self._answered)
            return
        about = decides(self._state, body)
        choices = [p for p in self._people.active if any(may(role, about) for role in p.roles)]
        if isinstance(body, e.Signed):
            choices = [p for p in choices if body.role in p.roles]
        dialog = PinDialog(choices, self._people, self._wait_s)
        dialog.given.connect(partial(self._given, dialog, body))
        page = Form("Confirm", self._deed(body))
        page.column.addWidget(dialog, 1)
        page.closes()
        page.left.connect(self._put_away)
        self._show(page)
        (dialog.field if dialog.pages.currentIndex() else dialog.who).setFocus(
            Qt.FocusReason.OtherFocusReason
        )

    def _deed(self, body: e.Body) -> str:
        """What the PIN is asked for, in words."""
        match body:
            case e.Signed():
                return f"Sign {self._state.code} as {body.role}: “{body.meaning}”"
            case e.CodeChanged():
                return f"Move this session from {self._state.code} to {body.code}: {body.reason}"
            case e.Amended():
                return f"Amend {self._told(body.entry)}: {body.reason}"
            case e.Retracted() if self.line is not None and self.line.struck is not None:
                return f"Bring back {self._told(self.line.entry)}"
            case e.Retracted():
                return f"Take back {self._told(body.entry)}: {body.reason}"
            case e.Addendum():
                return f"Add to the record: “{shorten(body.text, DEED)}”"
            case _:
                return f"Put your name to {self._told(self._chosen)}"

    def _told(self, entry: int) -> str:
        row = self.model.row_of(entry)
        return shorten(self.model.row(row).sentence(), DEED) if row >= 0 else "an entry"

    def _given(self, dialog: PinDialog, body: e.Body, proof: Proof) -> None:
        if isinstance(body, e.Claimed):
            body = e.Claimed(entries=body.entries, person=proof.person)
        self._correct(body, proof, "", partial(self._checked, dialog))

    def _checked(self, dialog: PinDialog, trouble: Trouble | None) -> None:
        if trouble is None:
            self._put_away()
        elif self.isAncestorOf(dialog):
            dialog.refused(trouble)

    def _answered(self, trouble: Trouble | None) -> None:
        self.show_trouble(trouble)
        if trouble is None:
            self._put_away()

    def _show(self, form: QWidget) -> None:
        self._put_away()
        self.side.addWidget(form)
        self.side.setCurrentWidget(form)
        form.setFocus(Qt.FocusReason.OtherFocusReason)
        form.focusNextChild()

    @Slot()
    def _put_away(self) -> None:
        while (form := self.side.widget(1)) is not None:
            self.side.removeWidget(form)
            form.deleteLater()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)


def _nobodys(line: Line) -> bool:
    return claimable(line.by) and not line.claimed_by and not line.refused


def can_be_amended(line: Line) -> bool:
    """Whether there is anything in a line that people may correct."""
    body = line.body
    if isinstance(body, e.CuffTaken) and body.trigger != e.TYPED:
        return False
    return type(body) in AMENDABLE and not is_machine(line.by) and not line.retracted
