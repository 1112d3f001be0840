"""Devices found in the air, to be given to the session by hand."""

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
    QVBoxLayout,
    QWidget,
)

from monitor.trouble import Trouble

if TYPE_CHECKING:
    from devices.scan import Sighting

REFRESH_MS = 1000


class DevicePicker(QFrame):
    """A panel over the live screen: what is in range, and "use for this patient".

    `sightings` is asked once a second while the panel is visible.
    """

    chosen = Signal(object)
    """A Sighting."""

    def __init__(self, sightings: Callable[[], Sequence[Sighting]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._sightings = sightings
        self._shown: tuple[str, ...] = ()
        heading = QLabel("Devices in range")
        heading.setObjectName("heading")
        self._said = QLabel("Switch the device on and put it on the patient.")
        self._said.setObjectName("secondary")
        self._said.setWordWrap(True)
        self._list = QListWidget()
        self._list.setAccessibleName("Devices in range")
        self._use = QPushButton("Use for this patient")
        self._use.setObjectName("primary")
        self._use.clicked.connect(self._choose)
        self._list.itemActivated.connect(self._choose)
        done = QPushButton("Done")
        done.clicked.connect(self.hide)
        buttons = QHBoxLayout()
        buttons.addWidget(self._use)
        buttons.addWidget(done)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addWidget(self._said)
        layout.addWidget(self._list)
        layout.addLayout(buttons)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.look)

    def showEvent(self, event: object) -> None:
        """Look while somebody is looking."""
        self.look()
        self._timer.start()

    def hideEvent(self, event: object) -> None:
        """Nobody looks: no timer."""
        self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Bring the list up to date without losing the selection."""
        known = [s for s in self._sightings() if s.driver is not None]
        addresses = tuple(s.address for s in known)
        if addresses == self._shown:
            return
        self._shown = addresses
        self._list.clear()
        for sighting in known:
            assert sighting.driver is not None
            item = QListWidgetItem(f"{sighting.name or sighting.address} · {sighting.driver.manifest.title}")
            item.setData(Qt.ItemDataRole.UserRole, sighting)
            self._list.addItem(item)
        if self._list.count():
            self._list.setCurrentRow(0)

    @Slot()
    def _choose(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))

    def show_trouble(self, trouble: Trouble) -> None:
        """Why the device was not taken."""
        self._said.setText(trouble.two_lines())
