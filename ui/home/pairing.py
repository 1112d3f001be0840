"""The panel on which Bluetooth asks a person while a device is paired."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRegularExpression, Slot
from PySide6.QtGui import QCloseEvent, QRegularExpressionValidator
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from devices.questions import PairingKind, PairingQuestion
from monitor.language import tr
from monitor.trouble import Trouble
from ui.labels import plain

SIZE = (460, 260)

_ASKED = {
    PairingKind.COMPARE: tr("Does {name} show this number too?"),
    PairingKind.ENTER: tr("Which number does {name} show?"),
    PairingKind.SHOW: tr("Type this number on {name}."),
    PairingKind.ALLOW: tr("May {name} be paired with this computer?"),
}
_YES = {
    PairingKind.COMPARE: tr("Yes, the same"),
    PairingKind.ENTER: tr("Pair"),
    PairingKind.SHOW: tr("Done"),
    PairingKind.ALLOW: tr("Pair"),
}


class PairingPanel(QFrame):
    """Shows one question at a time; closing it refuses."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.come: Callable[[], None] = self._come
        """Brings it into view."""
        self.setObjectName("panel")
        self._kind = PairingKind.ALLOW
        self._answer: Callable[[bool | int | None], None] | None = None
        self._asked = plain(QLabel())
        self._asked.setObjectName("heading")
        self._asked.setWordWrap(True)
        self._number = plain(QLabel())
        self._number.setObjectName("title")
        self._field = QLineEdit()
        self._field.setAccessibleName(tr("Number on the device"))
        self._field.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]{1,6}")))
        self._field.textChanged.connect(self._typed)
        self._field.returnPressed.connect(self._accept)
        self._why = plain(QLabel())
        self._why.setObjectName("secondary")
        self._why.setWordWrap(True)
        self._yes, self._no = QPushButton(), QPushButton(tr("No"))
        self._yes.setObjectName("primary")
        self._yes.clicked.connect(self._accept)
        self._no.clicked.connect(self._refuse)
        buttons = QHBoxLayout()
        buttons.addWidget(self._yes)
        buttons.addWidget(self._no)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(12)
        for widget in (self._asked, self._number, self._field, self._why):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.hide()

    def ask(self, question: PairingQuestion, answer: Callable[[bool | int | None], None]) -> None:
        """Show a question; `answer` is called once with what the person says."""
        self._kind, self._answer = question.kind, answer
        self._asked.setText(_ASKED[question.kind].format(name=question.name))
        self._number.setText("" if question.number is None else f"{question.number:06}")
        self._number.setVisible(question.number is not None)
        self._field.clear()
        self._field.setVisible(question.kind is PairingKind.ENTER)
        self._why.setText(
            tr("Only if this is the device in your hand: it will be able to connect by itself.")
        )
        self._yes.setText(_YES[question.kind])
        self._yes.setVisible(True)
        self._no.setText(tr("No"))
        self._typed()
        self.come()
        if question.kind is PairingKind.ENTER:
            self._field.setFocus()

    def take_back(self) -> None:
        """The question does not matter any more."""
        if self._answer is not None:
            self._answer = None
            self.hide()

    def show_trouble(self, trouble: Trouble) -> None:
        """Why a pairing came to nothing."""
        self._answer = None
        self._asked.setText(trouble.happened)
        self._why.setText(f"{trouble.meaning} {trouble.todo}")
        for widget in (self._number, self._field, self._yes):
            widget.hide()
        self._no.setText(tr("Close"))
        self.come()

    def _come(self) -> None:
        over = self._over
        self.setGeometry((over.width() - SIZE[0]) // 2, (over.height() - SIZE[1]) // 2, *SIZE)
        self.show()
        self.raise_()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Escape refuses, too."""
        self._refuse()
        event.accept()

    @Slot()
    def _typed(self) -> None:
        self._yes.setEnabled(self._kind is not PairingKind.ENTER or self._field.hasAcceptableInput())

    @Slot()
    def _accept(self) -> None:
        if self._yes.isEnabled():
            self._say(int(self._field.text()) if self._kind is PairingKind.ENTER else True)

    @Slot()
    def _refuse(self) -> None:
        self._say(False)

    def _say(self, said: bool | int) -> None:
        answer, self._answer = self._answer, None
        self.hide()
        if answer is not None:
            answer(said)
