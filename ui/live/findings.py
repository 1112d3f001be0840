"""The red-flag row's second taps: breaths counted by tapping, oxygen in L/min, medicine in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from monitor.clock import interval_ms
from monitor.entries import FindingNoted
from monitor.language import tr
from ui.live.tray import Choices, Tray

Note = Callable[[FindingNoted], None]

# Flows that are printed on a low-flow meter's scale.
LITRES = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15)

# A pause this long between two taps begins a new count: the slowest breathing worth a rate by tapping.
NEW_COUNT_MS = 20_000
LEAST_TAPS = 3


@dataclass
class Breaths:
    """Breaths per minute from taps, one with each breath. Times in ms."""

    _taps: list[int] = field(default_factory=list)

    def tap(self, at_ms: int) -> float | None:
        """The rate so far, or None before there are two whole breaths."""
        if self._taps and at_ms - self._taps[-1] > NEW_COUNT_MS:
            self._taps.clear()
        self._taps.append(at_ms)
        if len(self._taps) < LEAST_TAPS or at_ms == self._taps[0]:
            return None
        return 60_000 * (len(self._taps) - 1) / (at_ms - self._taps[0])


def open_finding(code: str, tray: Tray, note: Note) -> None:
    """Note `code` at once, or open the tray for the value it needs."""
    if code == "breaths":
        counter = _Counter(note)
        tray.offer(tr("Breaths per minute"), counter, focus=counter.beat)
    elif code == "oxygen":
        labels = [tr("off"), *(f"{litres} L" for litres in LITRES[1:])]
        choices = Choices(
            labels, lambda index: note(FindingNoted(code="oxygen", value=float(LITRES[index]))), columns=4
        )
        tray.offer(tr("Oxygen, L/min"), choices)
    elif code == "medicine":
        line = _Medicine(note)
        tray.offer(tr("Medicine given"), line, focus=line.text)
    else:
        note(FindingNoted(code=code))


class _Counter(QWidget):
    def __init__(self, note: Note) -> None:
        super().__init__()
        self._note = note
        self._breaths = Breaths()
        self._rate: float | None = None
        self.beat = QPushButton(tr("Tap with each breath"))
        self.beat.setAccessibleName(tr("Tap with each breath"))
        self.beat.setMinimumHeight(84)
        self.beat.pressed.connect(self._tapped)
        self.enter = QPushButton(tr("Record"))
        self.enter.setAccessibleName(tr("Record the rate"))
        self.enter.setEnabled(False)
        self.enter.clicked.connect(self._entered)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.beat)
        column.addWidget(self.enter)

    @Slot()
    def _tapped(self) -> None:
        self._rate = self._breaths.tap(interval_ms())
        known = self._rate is not None
        self.enter.setEnabled(known)
        self.enter.setText(
            tr("Record {rate:.0f} per minute", rate=self._rate) if self._rate is not None else tr("Record")
        )

    @Slot()
    def _entered(self) -> None:
        if self._rate is not None:
            self._note(FindingNoted(code="breaths", value=float(round(self._rate))))


class _Medicine(QWidget):
    def __init__(self, note: Note) -> None:
        super().__init__()
        self._note = note
        self.text = QLineEdit()
        self.text.setPlaceholderText(tr("name, dose, route"))
        self.text.setAccessibleName(tr("Medicine, dose and route"))
        self.text.setMaxLength(120)
        self.text.returnPressed.connect(self._entered)
        enter = QPushButton(tr("Record"))
        enter.setAccessibleName(tr("Record the medicine"))
        enter.clicked.connect(self._entered)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.text, 1)
        row.addWidget(enter)

    @Slot()
    def _entered(self) -> None:
        text = self.text.text().strip()
        if text:
            self._note(FindingNoted(code="medicine", text=text))
