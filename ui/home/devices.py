"""Devices found in the air, to be given to the session by hand, and the question that follows.

One panel, three pages: what is in range; in whose place it comes, where the patient has such a
device already; and whether the device on the patient shows what the screen shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from monitor.now import Device
from monitor.trouble import Trouble
from ui.home.confirm import ConfirmDevice

if TYPE_CHECKING:
    from devices.scan import Sighting
    from monitor.inventory import Enrolled
    from monitor.session import SessionState

REFRESH_MS = 1000
REASONS = ("battery", "poor signal", "broken", "not this patient's")
"""Why a device takes another one's place; the words go into the record."""


class DevicePicker(QFrame):
    """A panel over the live screen: what is in range, and "use for this patient".

    `sightings` is asked once a second while the panel is visible; `known` tells the practice's own
    devices from any other's. `state` is the session's, for what it has and shows.
    """

    chosen = Signal(object, str, str)
    """A Sighting, the device it replaces or "", and why."""
    entered = Signal(object)
    """A DeviceConfirmed for the session's record."""
    released = Signal(str, str)
    """A device that is not this patient's, and why."""
    forgotten = Signal(str)
    """The address of a device that the computer shall pair with anew."""

    def __init__(
        self,
        sightings: Callable[[], Sequence[Sighting]],
        known: Callable[[Sighting], Enrolled | None],
        state: SessionState,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._sightings = sightings
        self._known = known
        self._state = state
        self._shown: tuple[str, ...] = ()
        self._later: set[str] = set()
        """Devices that a person wants to confirm another time."""
        self._replace = _Replace()
        self._replace.chosen.connect(self._use_instead)
        self._replace.back.connect(self._show_list)
        self.confirm = ConfirmDevice(state)
        self.confirm.entered.connect(self.entered)
        self.confirm.released.connect(self.released)
        self.confirm.later.connect(self._not_now)
        self._pages = QStackedLayout(self)
        for page in (self._list_page(), self._replace, self.confirm):
            self._pages.addWidget(page)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.look)

    def _list_page(self) -> QWidget:
        page = QWidget()
        heading = QLabel("Devices in range")
        heading.setObjectName("heading")
        self._said = QLabel("Switch the device on and put it on the patient.")
        self._said.setObjectName("secondary")
        self._said.setWordWrap(True)
        self._list = QListWidget()
        self._list.setAccessibleName("Devices in range")
        self._list.setSpacing(6)  # rows that a finger can hit
        self._list.itemActivated.connect(self._choose)
        self._list.currentItemChanged.connect(self._selected)
        self._use = QPushButton("Use for this patient")
        self._use.setObjectName("primary")
        self._use.clicked.connect(self._choose)
        self._forget = QPushButton("Forget its pairing")
        self._forget.setToolTip("For a device that was reset or paired elsewhere and is refused since.")
        self._forget.clicked.connect(self._forget_it)
        done = QPushButton("Done")
        done.clicked.connect(self.hide)
        buttons = QHBoxLayout()
        for button in (self._use, self._forget, done):
            buttons.addWidget(button)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(12)
        for widget in (heading, self._said, self._list):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        return page

    def showEvent(self, event: object) -> None:
        """Look while somebody is looking."""
        self._later.clear()
        self.look()
        self._timer.start()

    def hideEvent(self, event: object) -> None:
        """Nobody looks: no timer."""
        self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Bring the list up to date without losing the selection; ask about a device that is unseen."""
        unseen = [d for d in unconfirmed(self._state) if d.device not in self._later]
        if unseen:
            self.confirm.ask(unseen[0])
            self._pages.setCurrentWidget(self.confirm)
        elif self._pages.currentWidget() is self.confirm:
            self._show_list()
        offers = sorted(
            ((s, self._known(s)) for s in self._sightings() if s.driver is not None),
            key=lambda offer: offer[1] is None,
        )
        rows: list[tuple[str, object]] = [(_offer(s, known), s) for s, known in offers]
        rows += [(_in_use(d), d) for d in self._state.devices.values() if d.in_use]
        shown = tuple(text for text, _ in rows)
        if shown == self._shown:
            return
        chosen = self._list.currentRow() if len(shown) == len(self._shown) else 0
        self._shown = shown
        self._list.clear()
        for text, thing in rows:
            item = QListWidgetItem(text)
            item.setData(Qt.ItemDataRole.UserRole, thing)
            self._list.addItem(item)
        if self._list.count():
            self._list.setCurrentRow(max(0, chosen))

    @Slot()
    def _selected(self) -> None:
        """A device that is new here might be another room's: say so before it is taken."""
        thing, said, use = (
            self._current(),
            "Switch the device on and put it on the patient.",
            "Use for this patient",
        )
        if isinstance(thing, Device):
            said = f"{thing.name} is this patient's. {thing.reason}"
            use = "Let go of it"
        elif thing is not None and self._known(thing) is None:
            said = "This device is new to this practice. Take it only if it is the one in your hand."
            use = "Enrol and use for this patient"
        self._said.setText(said)
        self._use.setText(use)

    def _current(self) -> Sighting | Device | None:
        item = self._list.currentItem()
        thing: Sighting | Device | None = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return thing

    @Slot()
    def _choose(self) -> None:
        thing = self._current()
        if isinstance(thing, Device):
            self.released.emit(thing.device, "no longer needed")
        elif thing is not None and thing.driver is not None:
            role = thing.driver.manifest.role
            used = [d for d in self._state.devices.values() if d.in_use and d.role == role]
            if used:
                self._replace.ask(thing, used[-1])
                self._pages.setCurrentWidget(self._replace)
            else:
                self.chosen.emit(thing, "", "")

    @Slot()
    def _forget_it(self) -> None:
        thing = self._current()
        if thing is not None:
            self.forgotten.emit(thing.address)

    @Slot(object, str, str)
    def _use_instead(self, sighting: Sighting, replaces: str, reason: str) -> None:
        self._show_list()
        self.chosen.emit(sighting, replaces, reason)

    @Slot(str)
    def _not_now(self, device: str) -> None:
        self._later.add(device)
        self._show_list()

    @Slot()
    def _show_list(self) -> None:
        self._pages.setCurrentIndex(0)

    def show_trouble(self, trouble: Trouble) -> None:
        """Why the device was not taken."""
        self._show_list()
        self._said.setText(trouble.two_lines())


def unconfirmed(state: SessionState) -> list[Device]:
    """Devices in use that nobody has compared with the screen yet, or that may be another one by now."""
    return [d for d in state.devices.values() if d.in_use and (d.confirmed_ms is None or d.doubt)]


def _offer(sighting: Sighting, known: Enrolled | None) -> str:
    assert sighting.driver is not None
    return f"{sighting.name or sighting.address} · {sighting.driver.manifest.title} · {_standing(known)}"


def _in_use(device: Device) -> str:
    return f"{device.name} · in use · {device.state}"


def _standing(known: Enrolled | None) -> str:
    if known is None:
        return "new here"
    return "this practice's" if known.proven else "this practice's, not yet come back by itself"


class _Replace(QWidget):
    """In whose place, and why."""

    chosen = Signal(object, str, str)
    back = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sighting: Sighting | None = None
        self._old = ""
        self._asked = QLabel()
        self._asked.setObjectName("heading")
        self._asked.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(12)
        layout.addWidget(self._asked)
        for reason in REASONS:
            button = QPushButton(reason.capitalize())
            button.setProperty("reason", reason)
            button.clicked.connect(self._chosen)
            layout.addWidget(button)
        keep = QPushButton("Keep the old one")
        keep.clicked.connect(self.back)
        layout.addStretch(1)
        layout.addWidget(keep)

    def ask(self, sighting: Sighting, old: Device) -> None:
        """Ask about this one."""
        self._sighting, self._old = sighting, old.device
        self._asked.setText(f"{sighting.name or sighting.address} takes the place of {old.name}. Why?")

    @Slot()
    def _chosen(self) -> None:
        self.chosen.emit(self._sighting, self._old, str(self.sender().property("reason")))
