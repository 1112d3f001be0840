"""Who enters from here on: somebody of this practice, or only a role where none is known by name.

Whoever takes part gives their PIN once in each run of a session; after that a touch switches. Without it
entries go on, by "room, unconfirmed", to be claimed later: a question of names delays nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QLabel, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from monitor import entries as e
from monitor.language import tr
from monitor.people import CLINICIANS
from monitor.session import SessionState
from ui.commands import Commands
from ui.home.rows import Rows
from ui.labels import plain
from ui.live.tray import Choices, Tray
from ui.people.pins import Pins
from ui.people.reception import Reception

NOT_NAMED = tr("Not now: room, unconfirmed")


class Act(NamedTuple):
    """Somebody in one of their roles."""

    person: str
    name: str
    role: str


class ActingDesk(QObject):
    """Opens the panel in the tray and does what is chosen there."""

    def __init__(
        self,
        state: SessionState,
        commands: Commands,
        reception: Reception,
        pins: Pins,
        tray: Tray,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._state, self._commands, self._reception = state, commands, reception
        self._pins, self._tray = pins, tray
        self.panel: ActingPanel | None = None

    @Slot()
    def open(self) -> None:
        """Who enters from here on?"""
        title = tr("Who enters from here on?")
        if self._pins.wanted:
            self.panel = ActingPanel(self._acts(), self)
            self._tray.offer(title, self.panel, focus=self.panel.who)
        else:
            labels = (*(tr(role) for role in CLINICIANS), tr("End monitoring …"))
            self._tray.offer(title, Choices(labels, self._act_as_role))

    def _acts(self) -> dict[str, tuple[str, object]]:
        """First who is present already, then everybody else; each in each of their roles."""
        present, people = self._reception.present(), self._reception.people.active
        people.sort(key=lambda p: p.id not in present)  # by name within both
        return {
            f"{p.id} {role}": (
                f"{p.name}, {tr(role)}" + ("" if p.id in present else tr(" · PIN")),
                Act(p.id, p.name, role),
            )
            for p in people
            for role in p.roles
        }

    def act_as(self, act: Act) -> None:
        """With a touch where they are present, else with their PIN."""
        body = e.ActingAs(role=act.role, person=act.person)
        if act.person in self._reception.present():
            self._tray.dismiss()
            self._commands.record(body)
        else:
            self._pins.confirm(tr("Enters from here on"), body)

    @Slot()
    def not_now(self) -> None:
        """The role goes on, and is nobody in particular."""
        self._tray.dismiss()
        if self._state.acting_person:
            self._commands.record(e.ActingAs(role=self._state.acting))

    @Slot()
    def leaves(self) -> None:
        """Whoever acts takes part no more."""
        self._tray.dismiss()
        if self._state.acting_person:
            self._commands.record(e.StaffLeft(person=self._state.acting_person))

    def _act_as_role(self, index: int) -> None:
        self._tray.dismiss()
        if index < len(CLINICIANS):
            self._commands.record(e.ActingAs(role=CLINICIANS[index]))
        else:
            self.ask_end()

    @Slot()
    def ask_end(self) -> None:
        """The second touch that ending takes."""
        self._tray.offer(tr("End monitoring?"), Choices((tr("End now"), tr("Go on")), self._end))

    def _end(self, index: int) -> None:
        self._tray.dismiss()
        if index == 0:
            self._commands.end_session()

    @property
    def acting_name(self) -> str:
        """Who acts, by name; "" where nobody has said who they are."""
        staff = self._state.staff.get(self._state.acting_person)
        return staff.name if staff is not None else ""


class ActingPanel(QWidget):
    """People by name and role; "not now"; leaving; the end."""

    def __init__(self, acts: dict[str, tuple[str, object]], desk: ActingDesk) -> None:
        super().__init__()
        self._desk, self._asked = desk, False
        self.who = Rows(tr("Who enters from here on"))
        self.who.bring(acts)
        self.who.itemClicked.connect(self._chosen)
        self.who.itemActivated.connect(self._chosen)
        hint = plain(QLabel(tr("A PIN is asked once in a session. Entries go on meanwhile.")))
        hint.setObjectName("hint")
        hint.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.who, 1)
        column.addWidget(hint)
        self.buttons: list[QPushButton] = []
        name = desk.acting_name
        self._add(column, NOT_NAMED, desk.not_now)
        if name:
            self._add(column, tr("{name} leaves", name=name), desk.leaves)
        self._add(column, tr("End monitoring …"), desk.ask_end)

    def _add(self, column: QVBoxLayout, text: str, slot: Callable[[], None]) -> None:
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.clicked.connect(slot)
        column.addWidget(button)
        self.buttons.append(button)

    @Slot(QListWidgetItem)
    def _chosen(self, item: QListWidgetItem) -> None:
        if not self._asked:  # a touch may come as a click and as an activation
            self._asked = True
            self._desk.act_as(cast(Act, self.who.thing(item)))
