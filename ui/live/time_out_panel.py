"""The time-out before the dose: code read aloud, whom to call, go or no go. A panel in the tray."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from monitor.entries import TimeOutTaken
from ui.labels import plain


class TimeOutPanel(QWidget):
    """Calls `taken(body)` with what people have said."""

    def __init__(self, code: str, doctor: str, phone: str, taken: Callable[[TimeOutTaken], None]) -> None:
        super().__init__()
        self._taken = taken
        shown = plain(QLabel(code))
        shown.setObjectName("title")
        aloud = plain(QLabel("Read aloud: the code\nand two identifiers."))
        aloud.setObjectName("secondary")
        self.doctor = _field("Doctor", "Doctor to call", doctor)
        self.phone = _field("Phone", "Phone number of the doctor", phone)
        self.reason = _field("if not: why?", "Reason for a no go", "", longest=120)
        self.reason.textChanged.connect(self._check)
        self.go = _button("Go", self._go, "primary")
        self.no_go = _button("No go", self._no_go)
        self.no_go.setEnabled(False)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        grid.addWidget(shown, 0, 0, 1, 2)
        grid.addWidget(aloud, 1, 0, 1, 2)
        grid.addWidget(self.doctor, 2, 0)
        grid.addWidget(self.phone, 2, 1)
        grid.addWidget(self.go, 3, 0, 1, 2)
        grid.addWidget(self.reason, 4, 0)
        grid.addWidget(self.no_go, 4, 1)

    @Slot()
    def _check(self) -> None:
        self.no_go.setEnabled(bool(self.reason.text().strip()))

    @Slot()
    def _go(self) -> None:
        self._taken(TimeOutTaken(go=True, doctor=self.doctor.text().strip(), phone=self.phone.text().strip()))

    @Slot()
    def _no_go(self) -> None:
        self._taken(
            TimeOutTaken(
                go=False,
                reason=self.reason.text().strip(),
                doctor=self.doctor.text().strip(),
                phone=self.phone.text().strip(),
            )
        )


def _field(placeholder: str, name: str, text: str, longest: int = 40) -> QLineEdit:
    field = QLineEdit(text)
    field.setPlaceholderText(placeholder)
    field.setAccessibleName(name)
    field.setMaxLength(longest)
    return field


def _button(text: str, slot: Callable[[], None], look: str = "") -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(look)
    button.setAccessibleName(f"Time-out: {text.lower()}")
    button.clicked.connect(slot)
    return button
