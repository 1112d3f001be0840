"""One limit to be typed or stepped, with where the preset's number comes from."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QIntValidator, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from monitor.alarms.limits import Limit
from monitor.language import tr


class Editor(QWidget):
    """One limit: typed, or stepped by touch or by the arrow keys."""

    edited = Signal()
    looked_at = Signal(str)
    """Its key, when it gets the focus or the pointer."""

    def __init__(self, limit: Limit) -> None:
        super().__init__()
        self.limit = limit
        self.setToolTip(
            tr(
                "Preset {preset:g} {unit}: {source}",
                preset=limit.preset,
                unit=limit.unit,
                source=limit.source,
            )
        )
        self.field = QLineEdit()
        self.field.setValidator(QIntValidator(0, 9999, self.field))
        self.field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.field.setAccessibleName(
            tr(
                "{name}, {direction} limit in {unit}",
                name=limit.name,
                direction=limit.direction,
                unit=limit.unit,
            )
        )
        self.field.setAccessibleDescription(self.toolTip())
        self.field.textChanged.connect(self.edited)
        self.field.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.minus = self._step("−", tr("{name}: lower", name=limit.name), self._down)
        self.plus = self._step("+", tr("{name}: higher", name=limit.name), self._up)
        for widget in (self.minus, self.field, self.plus):
            row.addWidget(widget)

    def _step(self, text: str, name: str, slot: object) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(name)
        button.setAutoRepeat(True)
        button.setMinimumWidth(44)
        button.clicked.connect(slot)
        return button

    @property
    def value(self) -> float | None:
        """What is typed, or None while it is no number."""
        return float(self.field.text()) if self.field.text().isdigit() else None

    def show_value(self, value: float) -> None:
        """Show a limit, as it is in force or proposed."""
        self.field.setText(f"{value:g}")

    @Slot()
    def _down(self) -> None:
        self._by(-1)

    @Slot()
    def _up(self) -> None:
        self._by(1)

    def _by(self, step: int) -> None:
        value = self.value
        self.show_value(max(0.0, (self.limit.preset if value is None else value) + step))
        self.looked_at.emit(self.limit.key)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys step; what is looked at says where it comes from."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.Enter):
            self.looked_at.emit(self.limit.key)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
            if step is not None:
                self._by(step)
                return True
        return super().eventFilter(watched, event)
