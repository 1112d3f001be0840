"""Unlocking the record: a passphrase at start, or a new record with its recovery code."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from monitor.language import tr
from monitor.trouble import Trouble
from ui.labels import plain

# A record without a practice's own rule should at least not fall to a list of common words.
MIN_PASSPHRASE = 10


class Unlock(QWidget):
    """Asks for the passphrase; for a new record asks twice and shows the recovery code once."""

    entered = Signal(str)
    noted = Signal()
    """The recovery code was written down."""

    def __init__(self, *, new: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._new = new
        panel = QFrame()
        panel.setObjectName("panel")
        panel.setMinimumWidth(460)
        self._heading = plain(
            QLabel(tr("Choose a passphrase for the record") if new else tr("Unlock the record"))
        )
        self._heading.setObjectName("heading")
        self._said = plain(
            QLabel(
                tr("Everything recorded is encrypted with it. At least 10 characters; a sentence is best.")
                if new
                else tr("The passphrase, or the recovery code from paper.")
            )
        )
        self._said.setWordWrap(True)
        self._said.setObjectName("secondary")
        self._first = self._field(tr("Passphrase"))
        self._again = self._field(tr("Passphrase, again"))
        self._again.setVisible(new)
        self._go = QPushButton(tr("Create the record") if new else tr("Unlock"))
        self._go.setObjectName("primary")
        self._go.clicked.connect(self._enter)
        self._code = plain(QLabel())
        self._code.setObjectName("title")
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._code.setWordWrap(True)
        self._code.hide()
        inside = QVBoxLayout(panel)
        inside.setContentsMargins(24, 24, 24, 24)
        inside.setSpacing(12)
        for widget in (self._heading, self._said, self._first, self._again, self._code, self._go):
            inside.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.addWidget(panel, 0, Qt.AlignmentFlag.AlignCenter)
        self._first.setFocus()

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setPlaceholderText(name)
        field.setAccessibleName(name)
        field.returnPressed.connect(self._enter)
        return field

    @Slot()
    def _enter(self) -> None:
        if not self._go.isEnabled():  # asked already
            return
        if not self._code.isHidden():
            self.noted.emit()
            return
        passphrase = self._first.text()
        if self._new and len(passphrase) < MIN_PASSPHRASE:
            self._said.setText(
                tr("Too short: at least {min_passphrase} characters.", min_passphrase=MIN_PASSPHRASE)
            )
        elif self._new and passphrase != self._again.text():
            self._said.setText(tr("The two are not the same."))
        else:
            self._go.setEnabled(False)
            self.entered.emit(passphrase)

    def show_trouble(self, trouble: Trouble) -> None:
        """Why it did not open."""
        self._said.setText(trouble.two_lines())
        self._first.selectAll()
        self._go.setEnabled(True)

    def show_recovery_code(self, code: str) -> None:
        """The only time the recovery code is shown: no key that was pressed before puts it away."""
        self._heading.setText(tr("Recovery code"))
        self._said.setText(
            tr(
                "Write this recovery code on paper and lock it away: without it and without the "
                "passphrase nobody can read the record, not even its makers."
            )
        )
        for field in (self._first, self._again):
            field.clear()
            field.setEnabled(False)
            field.hide()
        self._code.setText(code)
        self._code.show()
        self._code.setFocus(Qt.FocusReason.OtherFocusReason)  # not the button: Enter would press it
        self._go.setText(tr("I have written it down"))
        self._go.setEnabled(True)
