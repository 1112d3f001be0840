"""Confirm on the patient: is this the device that sits there, and does it show the same?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from monitor.entries import DeviceConfirmed
from monitor.language import noted, tr
from monitor.vitals import Vital
from ui.labels import plain

if TYPE_CHECKING:
    from monitor.now import Device
    from monitor.session import SessionState

REFRESH_MS = 250
ARMS = (noted("left"), noted("right"))
FRESH_MS = 5_000
"""A value older than this dims on the tiles (design, "Time") and is nothing to compare with."""
_OTHER = {"oximeter": "cuff", "cuff": "oximeter"}


class ConfirmDevice(QWidget):
    """Shows what the device sends now; a person compares it with the device's own display."""

    entered = Signal(object)
    """A DeviceConfirmed."""
    released = Signal(str, str)
    later = Signal(str)

    def __init__(self, state: SessionState, now_ms: Callable[[], int]) -> None:
        """`now_ms` is the present on the session's timeline."""
        super().__init__()
        self._state = state
        self._now_ms = now_ms
        self._device: Device | None = None
        self._asked = plain(QLabel())
        self._asked.setObjectName("heading")
        self._asked.setWordWrap(True)
        self._value = plain(QLabel())
        self._value.setObjectName("title")
        self._hint = plain(QLabel())
        self._hint.setObjectName("secondary")
        self._hint.setWordWrap(True)
        self._arms = {arm: QPushButton(tr("Yes, {arm} arm", arm=tr(arm))) for arm in ARMS}
        yes = QHBoxLayout()
        for arm, button in self._arms.items():
            button.setObjectName("primary")
            button.setProperty("arm", arm)
            button.clicked.connect(self._confirm)
            yes.addWidget(button)
        no, later = QPushButton(tr("No, let go of it")), QPushButton(tr("Later"))
        self._later = later
        no.clicked.connect(self._release)
        later.clicked.connect(self._not_now)
        rest = QHBoxLayout()
        rest.addWidget(no)
        rest.addWidget(later)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(12)
        for widget in (self._asked, self._value, self._hint):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addLayout(yes)
        layout.addLayout(rest)
        # Where a disabled button gives its focus on, "Later" is the next.
        self.setTabOrder(self._arms["right"], later)
        self.setTabOrder(later, no)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._refresh)

    def showEvent(self, event: object) -> None:
        """The value is compared with a display that moves."""
        self._timer.start()
        self._later.setFocus()

    def hideEvent(self, event: object) -> None:
        """Nobody compares."""
        self._timer.stop()

    def ask(self, device: Device) -> None:
        """Ask about this one; asking again changes nothing."""
        another = self._device is None or self._device.device != device.device
        self._device = device
        self._refresh()
        if another:
            self._later.setFocus()  # a key that was meant for something else decides nothing

    @Slot()
    def _refresh(self) -> None:
        device = self._device
        if device is None:
            return
        value = self._shown(device)
        if device.doubt:
            self._asked.setText(
                tr("{name} tells another serial number than before. Is it the same one?", name=device.name)
            )
        elif device.role == "cuff":
            self._asked.setText(tr("Is {name} on this patient, and on which arm?", name=device.name))
        else:
            self._asked.setText(tr("Is {name} on this patient, and does it show the same?", name=device.name))
        self._value.setText(value or ("" if device.role == "cuff" else tr("no value yet")))
        self._hint.setText(self._advice(device))
        for button in self._arms.values():
            button.setEnabled(_comparable(device, value))

    def _advice(self, device: Device) -> str:
        other = next(
            (d for d in self._state.devices.values() if d.in_use and d.role == _OTHER.get(device.role)), None
        )
        if other is None or not other.arm:
            return tr(
                "Best with probe and cuff on opposite arms: a cuff that inflates stops the pulse below it."
            )
        return tr(
            "The {role} is on the {arm} arm; the other one is better.", role=tr(other.role), arm=tr(other.arm)
        )

    def _shown(self, device: Device) -> str:
        """What stands on the screen from this device now; "" if nothing does."""
        texts = {Vital.SPO2: tr("SpO₂ {:.0f}"), Vital.PULSE: tr("pulse {:.0f}")}
        now = [(text, self._state.now.get(vital)) for vital, text in texts.items()]
        fresh = [
            text.format(current.value)
            for text, current in now
            if current is not None
            and current.value is not None
            and current.device == device.device
            and self._now_ms() - current.at_ms < FRESH_MS
        ]
        return " · ".join(fresh)

    @Slot()
    def _confirm(self) -> None:
        device = self._device
        if device is None:
            return
        value = self._shown(device)
        if _comparable(device, value):  # it may have gone since the button was last brought up to date
            arm = str(self.sender().property("arm"))
            self.entered.emit(DeviceConfirmed(device=device.device, arm=arm, value=value))

    @Slot()
    def _release(self) -> None:
        if self._device is not None:
            self.released.emit(self._device.device, tr("not this patient's"))

    @Slot()
    def _not_now(self) -> None:
        if self._device is not None:
            self.later.emit(self._device.device)


def _comparable(device: Device, value: str) -> bool:
    """A cuff shows nothing before its first measurement; anything else is compared by what it shows."""
    return bool(value) or device.role == "cuff"
