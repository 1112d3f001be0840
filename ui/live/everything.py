"""Everything that can be done on the live screen, with its key: typed for, or looked through.

Here the keys of a foot switch or a page-turner are bound: choose what one is for, and press it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QListWidgetItem, QVBoxLayout, QWidget

from monitor.care.content import emergency_steps, observations
from monitor.language import tr
from ui.home.rows import Rows
from ui.labels import wrapped
from ui.live.fields import line
from ui.live.switch import KEYS, Switch

TITLES: Mapping[str, str] = {
    "F2": tr("Patient up, and back"),
    "F3": tr("Therapist out of the room, and back"),
    "F4": tr("I need you"),
    "F5": tr("Cuff now, or cancel"),
    "F6": tr("Dose, infusion, lozenge, waste"),
    "F7": tr("Time-out"),
    "F8": tr("Pause sound for two minutes"),
    "Ctrl+F8": tr("Sound: pause, or off for good"),
    "F9": tr("Devices"),
    "F10": tr("Home"),
    "F11": tr("Room view, and back"),
    "Shift+F11": tr("Nothing flashes, and back"),
    "F12": tr("Emergency"),
    "Ctrl+Return": tr("Acknowledge the alarm"),
    "Ctrl+A": tr("All alarms"),
    "Ctrl+D": tr("Close: checks, leaving, scores, events, aftercare"),
    "Ctrl+E": tr("Correct an entry"),
    "Ctrl+L": tr("Limits of this patient"),
    "Ctrl+P": tr("Prepare: screening, plan, baseline, time-out"),
    "Ctrl+Z": tr("Undo the last entry"),
    "End": tr("Trends: back to the live edge"),
    **{
        f"Ctrl+{k}": tr("In an emergency: {label}", label=deed.label)
        for k, deed in enumerate(emergency_steps(), 1)
    },
}
"""What each key does. Escape closes, Ctrl+K opens this; Ctrl+Enter is Ctrl+Return on another key."""
UNNAMED = frozenset({"Escape", "Ctrl+K", "Ctrl+Enter"})


class Deed(NamedTuple):
    """One thing that can be done."""

    title: str
    key: str
    do: Callable[[], None]


def deeds(
    chords: Mapping[str, Callable[[], None]], window: Mapping[str, Callable[[], None]],
    stamp: Callable[[str], None],
) -> list[Deed]:  # fmt: skip
    """Those of the screen's and the window's keys that have a title, then what the pad stamps."""
    acts = {**chords, **window}
    found = [Deed(title, key, acts[key]) for key, title in TITLES.items() if key in acts]
    for o in observations():
        found.append(Deed(tr("{label}: begins, or is over", label=o.label), o.key, partial(stamp, o.code)))
    return found


def without_steps(chords: Mapping[str, Callable[[], None]]) -> dict[str, Callable[[], None]]:
    """What can be done while there is no emergency."""
    steps = {f"Ctrl+{k}" for k in range(1, len(emergency_steps()) + 1)}
    return {key: act for key, act in chords.items() if key not in steps}


class Everything(QWidget):
    """In the tray. Letters narrow the list; Enter or a touch does what is chosen, and closes it first."""

    def __init__(self, offered: list[Deed], close: Callable[[], None], switch: Switch) -> None:
        super().__init__()
        self._deeds, self._close, self._switch = offered, close, switch
        self.field = line(tr("What is to be done?"), tr("What is to be done"), longest=40)
        self.list = Rows(tr("Everything that can be done here"))
        self.list.itemActivated.connect(self._activated)
        self.list.itemClicked.connect(self._activated)
        self.list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        self.said = wrapped(
            tr("A foot switch or page-turner: choose what it is for, then press it here."), "hint"
        )
        column.addWidget(self.said)
        self.field.textChanged.connect(self._narrow)
        self.field.returnPressed.connect(self._do_chosen)
        self._narrow()

    @Slot()
    def _narrow(self) -> None:
        wanted = self.field.text().casefold().split()
        self.list.clear()
        for deed in self._deeds:
            if all(word in f"{deed.title} {deed.key}".casefold() for word in wanted):
                pressed = [key for key, bound in self._switch.bound.items() if bound == deed.key]
                item = QListWidgetItem(f"{deed.title}\n{', '.join([deed.key, *pressed])}", self.list)
                item.setData(Qt.ItemDataRole.UserRole, deed)
        self.list.setCurrentRow(0)

    @Slot(QListWidgetItem)
    def _activated(self, item: QListWidgetItem) -> None:
        deed: Deed = item.data(Qt.ItemDataRole.UserRole)
        self._close()
        deed.do()

    @Slot()
    def _do_chosen(self) -> None:
        if (item := self.list.currentItem()) is not None:
            self._activated(item)

    def press(self, key: str) -> None:
        """A key of a foot switch was pressed here: it is for what is chosen, or no more."""
        item = self.list.currentItem()
        if item is None:
            return
        deed: Deed = item.data(Qt.ItemDataRole.UserRole)
        row = self.list.currentRow()
        try:
            bound = self._switch.bind(key, deed.key)
        except OSError as error:
            self.said.setText(tr("{key} was not bound: {why}.", key=key, why=error.strerror))
            return
        self._narrow()
        self.list.setCurrentRow(row)
        self.said.setText(
            tr("{key}: {deed}. Pressed once more, it is let go of.", key=key, deed=deed.title)
            if bound
            else tr("{key} does nothing any more.", key=key)
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the choice while one types; a key of a foot switch is bound to it."""
        named = QKeySequence(event.key()).toString()
        if named in KEYS:
            self.press(named)
            return
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            row = self.list.currentRow() + step
            self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
