"""Devices found in the air, to be given to the session by hand, and the question that follows.

One panel, three pages: what is in range; in whose place it comes, where the patient has such a
device already; and whether the device on the patient shows what the screen shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from monitor.language import tr
from monitor.now import Device
from monitor.trouble import Trouble
from ui.home.confirm import ConfirmDevice
from ui.home.rows import Rows
from ui.labels import plain

if TYPE_CHECKING:
    from devices.scan import Sighting
    from monitor.inventory import Enrolled
    from monitor.session import SessionState

REFRESH_MS = 1000
REASONS = (tr("battery"), tr("poor signal"), tr("broken"), tr("not this patient's"))
"""Why a device takes another one's place; the words go into the record."""


class DevicePicker(QFrame):
    """A panel over the live screen: what is in range, and "use for this patient".

    `sightings` is asked once a second while the panel is visible; `known` tells the practice's own
    devices from any other's. `state` is the session's, for what it has and shows; `now_ms` the
    present on its timeline.
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
        now_ms: Callable[[], int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._sightings = sightings
        self._known = known
        self._state = state
        self._trouble: Trouble | None = None
        """Why no device was taken; told until a person chooses anew."""
        self._waits = False
        """Whether a device was asked for and no answer has come yet."""
        self._later: set[str] = set()
        """Devices that a person wants to confirm another time."""
        self._replace = _Replace()
        self._replace.chosen.connect(self._use_instead)
        self._replace.back.connect(self._show_list)
        self.confirm = ConfirmDevice(state, now_ms)
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
        heading = plain(QLabel(tr("Devices in range")))
        heading.setObjectName("heading")
        self._said = plain(QLabel())
        self._said.setObjectName("secondary")
        self._said.setWordWrap(True)
        self._offers, self._used = Rows(tr("Devices in range")), Rows(tr("Devices of this patient"))
        for rows in (self._offers, self._used):
            rows.itemSelectionChanged.connect(self._selected)
        self._use = QPushButton(tr("Use for this patient"))
        self._use.setObjectName("primary")
        self._use.clicked.connect(self._choose)
        self._let_go = QPushButton(tr("Let go of it"))
        self._let_go.clicked.connect(self._release)
        self._forget = QPushButton(tr("Forget its pairing"))
        self._forget.setToolTip(tr("For a device that was reset or paired elsewhere and is refused since."))
        self._forget.clicked.connect(self._forget_it)
        done = QPushButton(tr("Done"))
        done.clicked.connect(self.hide)
        columns = QHBoxLayout()
        columns.setSpacing(12)
        self._used_column = _column(self._used, self._let_go)
        columns.addWidget(_column(self._offers, self._use), 3)
        columns.addWidget(self._used_column, 2)
        buttons = QHBoxLayout()
        for button in (self._forget, done):
            buttons.addWidget(button)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addWidget(self._said)
        layout.addLayout(columns)
        layout.addLayout(buttons)
        return page

    def showEvent(self, event: object) -> None:
        """Look while somebody is looking; the only device there is needs no choosing."""
        self._later.clear()
        self._show_list()
        self._offers.bring({})
        self.look()
        self._offers.choose_the_only_one()
        self._tell()
        self._timer.start()

    def hideEvent(self, event: object) -> None:
        """Nobody looks: no timer."""
        self._timer.stop()
        self._trouble = None

    @Slot()
    def look(self) -> None:
        """Bring the lists up to date under the finger; ask about a device that is unseen."""
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
        used = [d for d in self._state.devices.values() if d.in_use]
        names = Counter([_name(s) for s, _ in offers] + [d.name for d in used])
        self._offers.bring({s.address: (_offer(s, known, names), s) for s, known in offers})
        self._used.bring({d.device: (_in_use(d, names), d) for d in used})
        self._used_column.setVisible(bool(used))
        self._tell()

    @Slot()
    def _selected(self) -> None:
        """One thing is chosen at a time; what was told about another one is over."""
        other = self._used if self.sender() is self._offers else self._offers
        other.unchoose()
        self._trouble = None
        self._tell()

    def _tell(self) -> None:
        """A device that is new here might be another room's: say so before it is taken."""
        said, use = tr("Switch the device on and put it on the patient."), tr("Use for this patient")
        offer, used = self._offer_here(), self._in_use_here()
        if used is not None:
            said = tr("{name} is this patient's. {reason}", name=used.name, reason=used.reason)
        elif offer is not None and self._known(offer) is None:
            said = tr("This device is new to this practice. Take it only if it is the one in your hand.")
            use = tr("Enrol and use for this patient")
        self._said.setText(said if self._trouble is None else self._trouble.two_lines())
        self._use.setText(use)
        self._use.setEnabled(offer is not None and not self._waits)
        self._let_go.setEnabled(used is not None)
        self._forget.setEnabled(offer is not None or used is not None)

    def _offer_here(self) -> Sighting | None:
        return cast("Sighting | None", self._offers.chosen)

    def _in_use_here(self) -> Device | None:
        return cast("Device | None", self._used.chosen)

    @Slot()
    def _choose(self) -> None:
        offer = self._offer_here()
        if offer is None or offer.driver is None or self._waits:
            return
        role = offer.driver.manifest.role
        used = [d for d in self._state.devices.values() if d.in_use and d.role == role]
        if used:
            self._replace.ask(offer, used[-1])
            self._pages.setCurrentWidget(self._replace)
        else:
            self._ask_for(offer, "", "")

    def _ask_for(self, offer: Sighting, replaces: str, reason: str) -> None:
        self._waits = True
        self._trouble = None
        self._tell()
        self.chosen.emit(offer, replaces, reason)

    def answered(self) -> None:
        """What was asked for is done, or `show_trouble` has said why not: it may be asked again."""
        self._waits = False
        self._tell()

    @Slot()
    def _release(self) -> None:
        used = self._in_use_here()
        if used is not None:
            self.released.emit(used.device, tr("no longer needed"))

    @Slot()
    def _forget_it(self) -> None:
        thing = self._in_use_here() or self._offer_here()
        if thing is not None:
            self.forgotten.emit(thing.address)

    @Slot(object, str, str)
    def _use_instead(self, sighting: Sighting, replaces: str, reason: str) -> None:
        self._show_list()
        self._ask_for(sighting, replaces, reason)

    @Slot(str)
    def _not_now(self, device: str) -> None:
        self._later.add(device)
        self._show_list()

    @Slot()
    def _show_list(self) -> None:
        self._pages.setCurrentIndex(0)

    def show_trouble(self, trouble: Trouble | None) -> None:
        """Why a device was not taken or none can be; None when that is over."""
        if trouble is not None and trouble is not self._trouble:
            self._show_list()
        self._trouble = trouble
        self._tell()


def unconfirmed(state: SessionState) -> list[Device]:
    """Devices in use that nobody has compared with the screen yet, or that may be another one by now."""
    return [d for d in state.devices.values() if d.in_use and (d.confirmed_ms is None or d.doubt)]


def _column(rows: QWidget, button: QWidget) -> QWidget:
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(rows)
    layout.addWidget(button)
    return column


def _name(sighting: Sighting) -> str:
    return sighting.name or sighting.address


def _told_apart(name: str, address: str, names: Counter[str]) -> str:
    """The name, with the end of the address where another device has the same name."""
    return name if names[name] < 2 else f"{name} ({address.replace(':', '')[-4:]})"


def _offer(sighting: Sighting, known: Enrolled | None, names: Counter[str]) -> str:
    assert sighting.driver is not None
    name = _told_apart(_name(sighting), sighting.address, names)
    return f"{name} · {sighting.driver.manifest.title} · {_standing(known)}"


def _in_use(device: Device, names: Counter[str]) -> str:
    return tr(
        "{told_apart} · in use · {state}",
        told_apart=_told_apart(device.name, device.address, names),
        state=device.state,
    )


def _standing(known: Enrolled | None) -> str:
    if known is None:
        return tr("new here")
    return tr("this practice's") if known.proven else tr("this practice's, not yet come back by itself")


class _Replace(QWidget):
    """In whose place, and why."""

    chosen = Signal(object, str, str)
    back = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sighting: Sighting | None = None
        self._old = ""
        self._asked = plain(QLabel())
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
        keep = QPushButton(tr("Keep the old one"))
        keep.clicked.connect(self.back)
        layout.addStretch(1)
        layout.addWidget(keep)

    def ask(self, sighting: Sighting, old: Device) -> None:
        """Ask about this one."""
        self._sighting, self._old = sighting, old.device
        self._asked.setText(
            tr(
                "{name} takes the place of {name2}. Why?",
                name=sighting.name or sighting.address,
                name2=old.name,
            )
        )

    @Slot()
    def _chosen(self) -> None:
        self.chosen.emit(self._sighting, self._old, str(self.sender().property("reason")))
