"""The session belongs to another patient: one who is known and chosen, or a code that is typed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from shiboken6 import isValid

from monitor import codes
from monitor import entries as e
from monitor.identity import Patients
from monitor.language import tr
from monitor.trouble import Trouble
from ui.home.patient_picker import PatientPicker
from ui.record.signing import Form, needed

LEAST_TALL, MOST_TALL = 140, 216
"""Pixels: a search, and one to three patients under a finger."""


AskPatients = Callable[[Callable[[Patients | Trouble], object]], None]
"""Asks who is known; the answer comes later, on the window's thread."""


def nobody(told: Callable[[Patients | Trouble], object]) -> None:
    """Where there is no record to ask: a code can still be typed."""


class WrongPatient(Form):
    """Asks whose session it is. Names are in it only as long as it is open."""

    grew = Signal()
    """It needs another height than before."""

    def __init__(self, code: str, ask: AskPatients = nobody) -> None:
        super().__init__(tr("Whose session is it?\nIt stands under {code}.", code=code))
        self._code, self._there = code, Patients()
        self.picker = PatientPicker()
        self.picker.setMinimumHeight(LEAST_TALL)
        self.picker.setMaximumHeight(MOST_TALL)
        self.picker.changed.connect(self._chosen)
        self.picker.hide()
        self.column.addWidget(self.picker)
        self.code = self.field(tr("Patient code"))
        self.code.setMaxLength(24)
        self.code.textChanged.connect(self._look)
        self.reason = self.field(tr("Why"), tr("how it came to the wrong code"))
        self.ends(tr("Move the session"), self._made)
        self.column.insertWidget(self.column.indexOf(self.code) + 1, self.wrong)
        self.wrong.setObjectName("hint")
        ask(self._told)

    def _told(self, there: Patients | Trouble) -> None:
        if not isValid(self):
            return  # closed meanwhile
        if isinstance(there, Trouble):
            self.wrong.setText(there.two_lines())
            return
        self._there = there
        self.picker.bring([one for one in there.known if one.code != self._code])
        self.picker.setVisible(bool(there.known))
        if there.known and self.code.hasFocus() and not self.code.text():
            self.picker.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self._look()

    @Slot()
    def _chosen(self) -> None:
        if (one := self.picker.chosen) is not None:
            self.code.setText(one.code)

    @Slot()
    def _look(self) -> None:
        self.wrong.setText(judged(self.code.text(), self._code, self._there))
        self.grew.emit()

    def _made(self) -> e.Body:
        typed, reason = needed(self.code, tr("a code")), needed(self.reason, tr("a reason"))
        try:
            code = codes.read(typed)
        except Trouble as slip:
            raise ValueError(f"{slip.happened} {slip.todo}") from slip
        if code == self._code:
            raise ValueError(tr("The session stands under this code already."))
        return e.CodeChanged(code=code, reason=reason)


def judged(typed: str, present: str, there: Patients) -> str:
    """What to say of a code before the session is moved there; "" for nothing."""
    if not typed.strip():
        return ""
    try:
        code = codes.read(typed)
    except Trouble as slip:
        return f"{slip.happened} {slip.todo}"
    if code == present:
        return tr("The session stands under this code already.")
    known = {one.code: one for one in there.known}
    said = []
    if code not in known:
        said.append(tr("Nobody is known under this code."))
    elif (who := known[code].identity) is not None:
        said.append(f"{who.name}, {who.born}")
    if like := codes.alike(code, dict.fromkeys([present, *known, *there.codes])):
        said.append(tr("Looks like {list}: compare it with the patient's papers.", list=", ".join(like)))
    return "\n".join(said)
