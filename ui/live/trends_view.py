"""The trends of one session: three plots on one axis of minutes since dose, with looking back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QPushButton, QToolTip, QWidget

from monitor.language import tr
from monitor.session import SessionState
from monitor.vitals import Vital
from ui import theme
from ui.live import trends
from ui.live.cursor import Cursor, words_then
from ui.live.scene import Scene
from ui.live.trend_items import Axis, Bars, Ground, Line
from ui.live.trend_marks import Lanes, Marks
from ui.plots import View
from ui.theme import Scale

CURSOR_MS = 10_000
"""What one step of the reading cursor is."""

# How near to a bar the pointer has to be, in design pixels.
NEAR = 10


class Trends(View):
    """The trends of one session. `tick` moves the live edge; wheel, drag and arrows look back."""

    def __init__(self, state: SessionState, parent: QWidget | None = None) -> None:
        shared = Scene(state)
        self._lines = [Line(shared, Vital.SPO2), Line(shared, Vital.PULSE)]
        self._marks = Marks(shared)
        self._lanes = Lanes(shared)
        self._lines_seen = -1
        bars = Bars(shared, Vital.SYSTOLIC)
        self.cursor_line = Cursor(shared)
        items = [Ground(shared), Axis(shared), *self._lines, bars, self._lanes, self._marks, self.cursor_line]
        super().__init__(items, parent)
        self.shared = shared
        self.window_of_time = trends.Window()
        self.setAccessibleName(tr("Trends"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._spans = [self._button(name, self._choose) for name in trends.SPANS]
        self._live = self._button(tr("Live"), self.to_live)
        self._live.setToolTip("End")
        self._drag: float | None = None
        self._read_ms = 0
        """When the cursor was last moved: it goes by itself, as looking back does."""

    def _button(self, text: str, slot: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(tr("Trends: {text}", text=text))
        button.setCheckable(True)
        button.clicked.connect(slot)
        return button

    # --- what is shown --------------------------------------------------------------------

    def show_levels(self, limits: dict[tuple[Vital, str], float], baseline: dict[Vital, float]) -> None:
        """Limits by vital and direction, and the baseline of each vital."""
        self.shared.limits, self.shared.baseline = limits, baseline

    def tick(self, now_ms: int) -> None:
        """Move to `now_ms`; paints only where something would look different."""
        s, state = self.shared, self.shared.state
        s.now_ms = now_ms
        if now_ms - self._read_ms >= trends.BACK_TO_LIVE_MS:
            self.cursor_line.at_ms = None
        self._show_choice()
        left, right = self.window_of_time.bounds(now_ms, state.dose_ms)
        # Whole pixels, so that a line stands still until the edge has moved by one.
        grain = (right - left) / max(1.0, s.x1 - s.x0)
        s.right_ms = right - left
        s.left_ms = round(left / grain) * grain
        s.right_ms += s.left_ms
        for line in self._lines:
            line.gaps = trends.gaps(state, line.vital, now_ms, s.left_ms)
        self._marks.alarms = trends.alarm_spans(state)
        if len(state.lines) != self._lines_seen:
            # Whatever changes an observation or a finding is a line of the log.
            self._lines_seen = len(state.lines)
            self._lanes.spans = trends.spans(state)
        for item in self.items_painted:
            item.look_again()

    def _show_choice(self) -> None:
        for button in self._spans:
            button.setChecked(button.text() == self.window_of_time.span)
        self._live.setChecked(self.window_of_time.live)

    def set_scale(self, scale: Scale) -> None:
        """Take another scale."""
        self.shared.scale = scale
        self.place()

    @Slot()
    def _choose(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            self.choose(button.text())

    def choose(self, span: str) -> None:
        """Show a span of trends.SPANS, following the live edge."""
        self.window_of_time.choose(span)
        self._again()

    @Slot()
    def to_live(self) -> None:
        """Follow the live edge again, without a cursor."""
        self.cursor_line.at_ms = None
        self.window_of_time.to_live()
        self._again()

    def _move(self, share: float) -> None:
        s = self.shared
        self.window_of_time.move(share * (s.right_ms - s.left_ms), s.now_ms, s.state.dose_ms)
        self._again()

    def _again(self) -> None:
        self.tick(self.shared.now_ms)

    # --- asking what was measured ---------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        """Resting on a pressure, or on a curve, spells it out."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.words_at(event.pos().x(), event.pos().y()), self)
            return True
        return bool(super().viewportEvent(event))

    def words_at(self, x: float, y: float) -> str:
        """The pressure drawn near a pixel, or what was measured at its time, in words; "" for nothing."""
        s = self.shared
        if any(top <= y <= bottom for top, bottom in (s.rows(Vital.SPO2), s.rows(Vital.PULSE))):
            at_ms = round(s.time(x))
            return words_then(s.state, at_ms) if 0 <= at_ms <= s.now_ms else ""
        top, bottom = s.rows(Vital.SYSTOLIC)
        reach = NEAR * s.scale.factor
        drawn = trends.pressures(s.state, s.left_ms, s.right_ms)
        near = min(drawn, key=lambda cuff: abs(s.x(cuff.at_ms) - x), default=None)
        if near is None or not top <= y <= bottom or abs(s.x(near.at_ms) - x) > reach:
            return ""
        return trends.pressure_words(near, s.zero_ms)

    def read_at(self, at_ms: int | None) -> None:
        """Put the cursor at session time `at_ms`, brought into view; None takes it away."""
        s = self.shared
        if at_ms is not None:
            at_ms, self._read_ms = min(max(at_ms, 0), s.now_ms), s.now_ms
            self.setAccessibleDescription(words_then(s.state, at_ms))
            if not s.left_ms <= at_ms <= s.right_ms:
                by_ms = at_ms - (s.left_ms + s.right_ms) / 2
                self.window_of_time.move(by_ms, s.now_ms, s.state.dose_ms)
        self.cursor_line.at_ms = at_ms
        self._again()

    # --- looking back ---------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Wheel: back and forward in time."""
        notches = (event.angleDelta().y() or -event.angleDelta().x()) / 120
        self._move(-0.1 * notches)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._drag = event.position().x()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            x = event.position().x()
            self._move((self._drag - x) / max(1.0, self.shared.x1 - self.shared.x0))
            self._drag = x
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right look back and forward, with Shift they move a cursor that reads; End returns."""
        step = {Qt.Key.Key_Left: -CURSOR_MS, Qt.Key.Key_Right: CURSOR_MS}.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_End:
            self.to_live()
        elif step is not None and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            before = self.cursor_line.at_ms
            self.read_at((self.shared.now_ms if before is None else before) + step)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._move(-0.1 if event.key() == Qt.Key.Key_Left else 0.1)
        else:
            event.ignore()

    # --- size -----------------------------------------------------------------------------

    def place(self) -> None:
        """Items and buttons take their places in the new size."""
        s = self.shared
        for item in self.items_painted:
            item.prepareGeometryChange()
        s.width, s.height = float(self.width()), float(self.height())
        px = s.scale.px
        x = self.width() - px(14)
        for button, wide in zip((self._live, *reversed(self._spans)), (64, 56, 72, 72), strict=True):
            x -= px(wide)
            button.setGeometry(x, self.height() - px(8 + theme.TOUCH), px(wide), px(theme.TOUCH))
            x -= px(6)
        self._again()
