"""A patient who is new here, or corrected: name, birth date, programme fields, and a proposed code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from monitor import codes
from monitor.care.content import programme_fields
from monitor.identity import LONGEST_FIELD, LONGEST_NAME, Identity, Known, entered
from monitor.language import tr
from monitor.trouble import Trouble
from ui.labels import plain

NEW = tr("The code stands for the patient everywhere; name and birth date are kept apart, and encrypted.")
CORRECTED = tr("What was entered before is kept as an earlier version.")


class PatientForm(QWidget):
    """Asks for an identity to be kept through `kept(code, Identity)`."""

    kept = Signal(str, object)

    def __init__(self, today: Callable[[], date] = date.today, *, demo: bool = False) -> None:
        super().__init__()
        self._today, self._demo = today, demo
        self._others: list[Known] = []
        self.name = _field(tr("Name, as in their papers"), tr("Name of the patient"), LONGEST_NAME)
        self.birth_date = _field(tr("Birth date: 1984-03-12"), tr("Birth date, year-month-day"), 10)
        self.fields = {
            field.id: _field(tr("{label}, if there is one", label=field.label), field.label, LONGEST_FIELD)
            for field in programme_fields()
        }
        self.code = _field(tr("Patient code"), tr("Code of the patient"), 24)
        self.said = plain(QLabel(NEW))
        self.said.setObjectName("secondary")
        self.said.setWordWrap(True)
        self.keep = QPushButton(tr("Keep"))
        self.keep.setObjectName("primary")
        self.keep.setAccessibleName(tr("Keep the patient"))
        self.keep.clicked.connect(self._keep)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self.name, self.birth_date, *self.fields.values(), self.code, self.said):
            layout.addWidget(widget)
        layout.addStretch(1)

    def begin(self, known: list[Known], proposed: str) -> None:
        """For somebody new, whose code may be `proposed`."""
        self.forget()
        self._others = known
        self.code.setText(proposed)
        self.code.setEnabled(True)
        self.said.setText(NEW)
        self.name.setFocus()

    def correct(self, one: Known, known: list[Known]) -> None:
        """For somebody known, whose code stays."""
        self.forget()
        self._others = [other for other in known if other.code != one.code]
        self.code.setText(one.code)
        self.code.setEnabled(False)
        self.said.setText(CORRECTED)
        if one.identity is not None:
            self.name.setText(one.identity.name)
            self.birth_date.setText(one.identity.birth_date)
            for key, field in self.fields.items():
                field.setText(one.identity.fields.get(key, ""))
        self.name.setFocus()

    def forget(self) -> None:
        """Nobody looks any more: no name stays."""
        self._others = []
        self.keep.setEnabled(True)
        for field in (self.name, self.birth_date, *self.fields.values(), self.code):
            field.setText("")

    def show_trouble(self, trouble: Trouble) -> None:
        """Why it was not kept."""
        self.said.setText(trouble.two_lines())
        self.keep.setEnabled(True)

    @Slot()
    def _keep(self) -> None:
        try:
            code, identity = self._entered()
        except Trouble as trouble:
            self.show_trouble(trouble)
        else:
            self.keep.setEnabled(False)
            self.kept.emit(code, identity)

    def _entered(self) -> tuple[str, Identity]:
        fields = {key: field.text() for key, field in self.fields.items()}
        identity = entered(self.name.text(), self.birth_date.text(), fields, self._today(), demo=self._demo)
        # A code that stays is kept as it is, whatever its form.
        code = codes.read(self.code.text()) if self.code.isEnabled() else self.code.text()
        if not code:
            raise Trouble(
                tr("The code is missing."), tr("Nothing was kept."), tr("Close this, and begin it again.")
            )
        for other in self._others:
            if other.code == code:
                raise Trouble(
                    tr("This code is another patient's."),
                    tr("Nothing was kept: two patients under one code would share a record."),
                    tr("Choose the patient from the list, or take another code."),
                )
            theirs = other.identity
            if theirs and (theirs.name, theirs.birth_date) == (identity.name, identity.birth_date):
                raise Trouble(
                    tr("A patient of this name and birth date is known as {code}.", code=other.code),
                    tr("Nothing was kept: one patient would have two records."),
                    tr("Close this, and choose them from the list."),
                )
        return code, identity


def _field(placeholder: str, name: str, longest: int) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(placeholder)
    field.setAccessibleName(name)
    field.setMaxLength(longest)
    return field
