"""What a person is asked for: their name, what they may act as, and a PIN, twice."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from monitor.accounts import weak
from monitor.language import tr
from monitor.people import LONGEST_NAME, ROLES, name_of
from ui.labels import plain
from ui.people.pin_dialog import PinField

LEAST_WIDTH = 150


class PersonForm(QWidget):
    """Shows the parts that are wanted; `wrong` says in words what is still missing."""

    def __init__(self) -> None:
        super().__init__()
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("Name, as the record shows it"))
        self.name.setAccessibleName("Name")
        self.name.setMaxLength(LONGEST_NAME)
        self.roles: dict[str, QPushButton] = {}
        roles = QGridLayout()
        for place, role in enumerate(ROLES):
            button = self.roles[role] = QPushButton(tr(role).capitalize())
            button.setAccessibleName(tr("Acts as {role}", role=tr(role)))
            button.setCheckable(True)
            button.setMinimumWidth(LEAST_WIDTH)
            roles.addWidget(button, 0, place)
        self._about = plain(QLabel(tr("May act as, one or more")))
        self._about.setObjectName("secondary")
        self._who = QWidget()
        who = QVBoxLayout(self._who)
        who.setContentsMargins(0, 0, 0, 0)
        who.addWidget(self.name)
        who.addWidget(self._about)
        who.addLayout(roles)
        self.pin, self.again = PinField(tr("PIN, 4 to 12 digits")), PinField(tr("PIN, again"))
        self._pins = QWidget()
        pins = QHBoxLayout(self._pins)
        pins.setContentsMargins(0, 0, 0, 0)
        pins.addWidget(self.pin)
        pins.addWidget(self.again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._who)
        column.addWidget(self._pins)

    def ask(self, *, name: str | None, roles: Sequence[str] = (), pin: bool) -> None:
        """Ask for a name and roles, beginning with these, unless `name` is None; and for a PIN, where
        wanted. What was typed before is gone."""
        self._who.setVisible(name is not None)
        self._pins.setVisible(pin)
        self.name.setText(name or "")
        for role, button in self.roles.items():
            button.setChecked(role in roles)
        self.forget()
        first = self.pin if name is None else self.name
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def forget(self) -> None:
        """No digits are left behind."""
        for field in (self.pin, self.again):
            field.clear()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The roles that are chosen."""
        return tuple(role for role, button in self.roles.items() if button.isChecked())

    def wrong(self) -> str:
        """What is still to be done before this can be asked for; "" for nothing."""
        if not self._who.isHidden():
            if not name_of(self.name.text()):
                return tr("Type the name: it is no role and has no colon.")
            if not self.chosen:
                return tr("Choose at least one role.")
        if not self._pins.isHidden():
            if (trouble := weak(self.pin.text())) is not None:
                return f"{trouble.happened} {trouble.todo}"
            if self.pin.text() != self.again.text():
                return tr("The two PINs are not the same.")
        return ""
