"""The trends of a finished session with a scrubber: any instant of it as it was known then."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from monitor.alarms.conditions import Condition, Preset
from monitor.language import tr
from monitor.session import SessionState
from monitor.then import limits_then
from ui.live import present
from ui.live.trends_view import Trends
from ui.record.then_row import ThenRow
from ui.theme import Scale

STEP_MS, PAGE_MS = 1_000, 60_000


class PastTrends(Trends):
    """Trends of a session that is over: a press chooses an instant, the wheel looks around."""

    touched = Signal(int)
    """Session ms of the pixel that was pressed."""

    def __init__(self, state: SessionState) -> None:
        super().__init__(state)
        self.cursor_line.worded = False  # what was known then stands above, in full
        self._live.setText("End")
        self._live.setAccessibleName(tr("Trends: end"))

    def to_live(self) -> None:
        """The end of the session."""
        super().to_live()
        self.touched.emit(self.shared.now_ms)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose an instant."""
        self._touch(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the instant along."""
        self._touch(event)

    def _touch(self, event: QMouseEvent) -> None:
        self.touched.emit(round(self.shared.time(event.position().x())))
        event.accept()


class Curves(QWidget):
    """`show_then` chooses an instant; `chosen` tells of each that a person has chosen here."""

    chosen = Signal(int)

    def __init__(self, state: SessionState, preset: Preset | None) -> None:
        super().__init__()
        self._state, self._preset = state, preset
        conditions: Mapping[str, Condition] = preset.by_id() if preset is not None else {}
        self.row = ThenRow(state, conditions)
        self.trends = PastTrends(state)
        self.trends.window_of_time.choose(tr("all"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("Instant of the session"))
        self.slider.setSingleStep(STEP_MS)
        self.slider.setPageStep(PAGE_MS)
        self.slider.valueChanged.connect(self._moved)
        self.trends.touched.connect(self.slider.setValue)
        foot = QHBoxLayout()
        self.before = self._button(tr("Alarm before"), self._to_alarm_before)
        self.after = self._button(tr("Alarm after"), self._to_alarm_after)
        foot.addWidget(self.before)
        foot.addWidget(self.slider, 1)
        foot.addWidget(self.after)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.row)
        column.addWidget(self.trends, 1)
        column.addLayout(foot)
        scale = Scale()
        self.row.set_scale(scale)
        self.trends.set_scale(scale)
        self.refresh()
        self.show_then(state.dose_ms or 0)

    def _button(self, text: str, slot: object) -> QPushButton:
        button = QPushButton(text)
        button.setMinimumWidth(132)
        button.clicked.connect(slot)
        return button

    @property
    def at_ms(self) -> int:
        """The instant that is shown, session ms."""
        return self.slider.value()

    def refresh(self) -> None:
        """Something was corrected: read everything again."""
        state = self._state
        self.slider.setRange(0, max(1, state.until_ms))
        self.trends.tick(state.until_ms)
        self._show(self.at_ms)

    def show_then(self, at_ms: int) -> None:
        """Show the instant `at_ms`, session ms, without telling of it."""
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(at_ms)
        self.slider.blockSignals(blocked)
        self._show(self.at_ms)

    @Slot(int)
    def _moved(self, at_ms: int) -> None:
        self._show(at_ms)
        self.chosen.emit(at_ms)

    def _show(self, at_ms: int) -> None:
        if self._preset is not None:
            found = present.limits(self._preset, limits_then(self._state, at_ms))
            self.trends.show_levels(found, present.baseline(self._state))
        self.row.show_then(at_ms)
        self.trends.read_at(at_ms)

    # --- from alarm to alarm ----------------------------------------------------------------

    def _begins(self) -> list[int]:
        ledger = self._state.ledger
        return sorted(alarm.began_ms for alarm in (*ledger.past, *ledger.present.values()))

    @Slot()
    def _to_alarm_before(self) -> None:
        before = [ms for ms in self._begins() if ms < self.at_ms]
        self.slider.setValue(before[-1] if before else self.at_ms)

    @Slot()
    def _to_alarm_after(self) -> None:
        after = [ms for ms in self._begins() if ms > self.at_ms]
        self.slider.setValue(after[0] if after else self.at_ms)

    def close(self) -> bool:
        """The page goes: a canvas must go while Python still knows its items."""
        self.trends.close()
        return super().close()
