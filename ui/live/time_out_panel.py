"""The time-out before the dose: code and identifiers read aloud, whom to call, go or no go. In the tray."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from monitor.entries import TimeOutTaken
from monitor.identity import Identity
from monitor.language import tr, within
from monitor.trouble import Trouble
from ui.labels import plain


class TimeOutPanel(QWidget):
    """Calls `taken(body)` with what people have said; a go only where nothing is `against` it, in words."""

    def __init__(
        self,
        code: str,
        doctor: str,
        phone: str,
        against: Callable[[], list[str]],
        taken: Callable[[TimeOutTaken], None],
    ) -> None:
        super().__init__()
        self._against, self._taken = against, taken
        shown = plain(QLabel(code))
        shown.setObjectName("title")
        self.who = plain(QLabel())
        self.who.setObjectName("heading")
        self.who.setWordWrap(True)
        self.who.hide()
        self.aloud = plain(QLabel(tr("Read aloud: the code\nand two identifiers.")))
        self.aloud.setObjectName("secondary")
        self.aloud.setWordWrap(True)
        self.doctor = _field(tr("Doctor"), tr("Doctor to call"), doctor)
        self.phone = _field(tr("Phone"), tr("Phone number of the doctor"), phone)
        self.reason = _field(tr("if not: why?"), tr("Reason for a no go"), "", longest=120)
        self.reason.textChanged.connect(self._check)
        self.go = _button(tr("Go"), self._go, "primary")
        self.no_go = _button(tr("No go"), self._no_go)
        self.no_go.setEnabled(False)
        self.held = plain(QLabel())
        self.held.setWordWrap(True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        grid.addWidget(shown, 0, 0, 1, 2)
        grid.addWidget(self.who, 1, 0, 1, 2)
        grid.addWidget(self.aloud, 2, 0, 1, 2)
        grid.addWidget(self.doctor, 3, 0)
        grid.addWidget(self.phone, 3, 1)
        grid.addWidget(self.go, 4, 0, 1, 2)
        grid.addWidget(self.held, 5, 0, 1, 2)
        grid.addWidget(self.reason, 6, 0)
        grid.addWidget(self.no_go, 6, 1)
        self.look()

    def show_identity(self, who: Identity | Trouble | None) -> None:
        """Name and birth date of the patient, or that they are to be asked for."""
        if isinstance(who, Identity):
            made_up = tr(" (demo, made up)") if who.demo else ""
            self.who.setText(f"{who.name}{made_up}\n{who.born}")
            self.who.show()
            self.aloud.setText(tr("Read code, name and birth date aloud; the patient confirms them."))
        elif isinstance(who, Trouble):
            self.aloud.setText(
                tr("{happened} Ask the patient for name and birth date.", happened=who.happened)
            )
        else:
            self.aloud.setText(
                tr("Who this is was not entered. Read the code aloud; ask for two identifiers.")
            )

    @Slot()
    def _check(self) -> None:
        self.no_go.setEnabled(bool(self.reason.text().strip()))

    def look(self) -> None:
        """Whether a go is possible by now, and what holds it up."""
        against = self._against()
        self.go.setEnabled(not against)
        more = tr(" And {count} more: Prepare, Ctrl+P.", count=len(against) - 1) if len(against) > 1 else ""
        self.held.setText(
            tr("A go waits. {against}.{more}", against=against[0], more=more) if against else ""
        )
        self.held.setVisible(bool(against))

    @Slot()
    def _go(self) -> None:
        self.look()
        if not self.go.isEnabled():
            return
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
    button.setAccessibleName(tr("Time-out: {text}", text=within(text)))
    button.clicked.connect(slot)
    return button
