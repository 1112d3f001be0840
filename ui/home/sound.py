"""Where alarms sound: the outputs of this computer, the test sound, and "I heard it"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor
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

from monitor.language import tr
from ui import theme
from ui.labels import plain

if TYPE_CHECKING:
    from ui.sound.outputs import Output
    from ui.sound.voice import VoiceState

REFRESH_MS = 500
ROW_PADDING = 16  # around a line of text: rows that a finger can hit

TRIAL_MS = 60_000
"""An output that nobody confirms within this time is left again: it may be one that nobody hears."""


class Chooses(Protocol):
    """What an output is chosen for: the room, or the second place."""

    @property
    def state(self) -> VoiceState: ...

    def try_out(self, output: str) -> None: ...

    def give_up(self) -> None: ...

    def standing(self, tried: str) -> str: ...


class SoundPanel(QFrame):
    """A panel over whatever is in view. An output is used for good once the test was heard on it."""

    heard = Signal(str)
    """The output on which a person has heard the test sound."""
    elsewhere = Signal()
    """The second place is wanted."""

    def __init__(
        self, choosing: Chooses, parent: QWidget | None = None, heading: str = tr("Where alarms sound")
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._choosing = choosing
        self._shown: tuple[tuple[str, Output], ...] = ()
        self._tried = ""
        """The output that the test sound was asked for on, until somebody says more of it."""
        head = plain(QLabel(heading))
        head.setObjectName("heading")
        self._said = plain(QLabel())
        self._said.setObjectName("secondary")
        self._said.setWordWrap(True)
        self._list = QListWidget()
        self._list.setAccessibleName(tr("Outputs of this computer"))
        self._list.setWordWrap(True)
        self._list.setStyleSheet(f"QListWidget::item {{ padding: {ROW_PADDING}px 4px; }}")
        self._list.itemActivated.connect(self._try)
        self._list.currentItemChanged.connect(self._offer)
        self._test = QPushButton(tr("Play the test sound"))
        self._test.setObjectName("primary")
        self._test.clicked.connect(self._try)
        self._heard = QPushButton(tr("I heard it"))
        self._heard.clicked.connect(self._keep)
        done = QPushButton(tr("Done"))
        done.clicked.connect(self.hide)
        self.second = QPushButton(tr("A second place …"))
        self.second.setToolTip("Ctrl+Shift+F8: a window for another desk, with a loudspeaker of its own")
        self.second.clicked.connect(self._elsewhere)
        buttons = QHBoxLayout()
        for button in (self._test, self._heard, done):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(12)
        for widget in (head, self._said, self._list):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        layout.addWidget(self.second)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.look)
        self._trial = QTimer(self)
        self._trial.setInterval(TRIAL_MS)
        self._trial.setSingleShot(True)
        self._trial.timeout.connect(self._give_up)

    def showEvent(self, event: object) -> None:
        """Look while somebody is looking."""
        self.look()
        self._timer.start()
        self._list.setFocus()

    def hideEvent(self, event: object) -> None:
        """What was tried and not heard is not used."""
        self._timer.stop()
        self._give_up()

    @Slot()
    def look(self) -> None:
        """Bring the list up to date without losing the selection."""
        state = self._choosing.state
        offered = sorted(state.outputs, key=lambda output: bool(output.refused))
        rows = tuple((_row(output, state.output), output) for output in offered)
        if rows != self._shown:
            chosen = self._current()
            at = next((n for n, (_, output) in enumerate(rows) if chosen and output.name == chosen.name), 0)
            self._shown = rows
            self._list.clear()
            for text, output in rows:
                item = QListWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, output)
                if output.refused:
                    item.setForeground(QColor(theme.SECONDARY))
                self._list.addItem(item)
            self._list.setCurrentRow(at)
        self._offer()

    def _current(self) -> Output | None:
        item = self._list.currentItem()
        output: Output | None = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return output

    @Slot()
    def _offer(self) -> None:
        """What can be pressed now, and where sound stands."""
        output = self._current()
        self._test.setEnabled(output is not None and not output.refused)
        self._heard.setEnabled(bool(self._tried) and self._choosing.state.output == self._tried)
        self._said.setText(self._choosing.standing(self._tried))

    @Slot()
    def _try(self) -> None:
        output = self._current()
        if output is None or output.refused:
            return
        self._tried = output.name
        self._choosing.try_out(output.name)
        self._trial.start()
        self.look()

    @Slot()
    def _keep(self) -> None:
        self._trial.stop()
        tried, self._tried = self._tried, ""
        self.heard.emit(tried)
        self._offer()

    @Slot()
    def _elsewhere(self) -> None:
        self.hide()
        self.elsewhere.emit()

    @Slot()
    def _give_up(self) -> None:
        self._trial.stop()
        if self._tried:
            self._tried = ""
            self._choosing.give_up()
            self._offer()


def _row(output: Output, used: str) -> str:
    if output.refused:
        return tr("{name} — refused, {refused}", name=output.name, refused=output.refused)
    return tr("{name} — in use", name=output.name) if output.name == used else output.name
