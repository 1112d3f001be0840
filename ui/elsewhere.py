"""An alarm of a patient whose screen is not in view: one line above whatever is, and the way there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QStackedWidget, QWidget

from monitor.alarms.conditions import RANK, Priority
from monitor.language import tr
from ui import theme
from ui.theme import Scale

if TYPE_CHECKING:
    from ui.live.shown import Shown

KEY = "Ctrl+F10"
THIN = 22
"""Height over a live screen, in design pixels: what it leaves free above its own top line."""


class Calling(NamedTuple):
    """The worst alarm of one session that nobody has seen."""

    session: str
    code: str
    alarm: Shown


def worst(calling: Iterable[Calling]) -> list[Calling]:
    """In the order of need: present before over, then by priority, then as they came."""
    return sorted(calling, key=lambda c: (c.alarm.over, -RANK[Priority(c.alarm.priority)]))


class Elsewhere(QAbstractButton):
    """Hidden while nothing calls. It flashes as the banner does, and never takes the focus by a touch."""

    wanted = Signal(str)
    """The session whose screen is wanted."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(tr("Go there: {key}", key=KEY))
        self._first: Calling | None = None
        self._aimed: Calling | None = None
        """What a finger went down for: by the time it is lifted another one may be there."""
        self._lit = True
        self._flash = QTimer(self)
        self._flash.timeout.connect(self._blink)
        self.pressed.connect(self._aim)
        self.clicked.connect(self._go_aimed)
        self.hide()

    def show_calling(self, calling: Iterable[Calling]) -> None:
        """The worst of these in words, and how many sessions more call."""
        order = worst(calling)
        self._first = order[0] if order else None
        self.setVisible(bool(order))
        if self._first is not None:
            more = tr(" · and {count} more", count=len(order) - 1) if len(order) > 1 else ""
            self.setText(f"{self._first.code} · {self._first.alarm.message}{more}")
            self.setAccessibleName(tr("Another patient: {text}. Go there", text=self.text()))
        self._set_flash()
        self.update()

    @Slot()
    def go(self) -> None:
        """To the session that is named."""
        self._aim()
        self._go_aimed()

    @Slot()
    def _aim(self) -> None:
        self._aimed = self._first

    @Slot()
    def _go_aimed(self) -> None:
        if self._aimed is not None:
            self.wanted.emit(self._aimed.session)

    # --- how it looks ---------------------------------------------------------------------

    def _set_flash(self) -> None:
        alarm = self._first.alarm if self._first is not None else None
        hertz = theme.ALARMS[alarm.priority].flash_hz if alarm is not None and not alarm.over else 0.0
        if not hertz:
            self._flash.stop()
            self._lit = True
            return
        if self._flash.interval() != round(500 / hertz) or not self._flash.isActive():
            self._flash.start(round(500 / hertz))

    @Slot()
    def _blink(self) -> None:
        self._lit = not self._lit
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The banner's colours; one that is over only has the frame."""
        if self._first is None:
            return
        look, over = theme.ALARMS[self._first.alarm.priority], self._first.alarm.over
        rect, scale = QRectF(self.rect()), Scale.of(self.window().width(), self.window().height())
        painter = QPainter(self)
        ground = theme.PANEL if over else look.ground if self._lit else look.calm
        painter.fillRect(rect, QColor(ground))
        ink = theme.TEXT if over else look.text
        if over or self.hasFocus():
            painter.setPen(QPen(QColor(ink if self.hasFocus() else look.ground), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        font = scale.font(min(20, self.height() / scale.factor - 4), theme.BOLD)
        painter.setFont(font)
        painter.setPen(QColor(ink))
        side = scale.px(24)
        words, there = rect.adjusted(side, 0, -side, 0), tr("go there  {key}", key=KEY)
        metrics = QFontMetricsF(font)
        room = words.width() - metrics.horizontalAdvance(there) - side
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, there)
        painter.end()


class Centre(QWidget):
    """The strip above the page in view: room is made for it, but a live screen never moves for it."""

    def __init__(self, stack: QStackedWidget) -> None:
        super().__init__()
        self.stack = stack
        stack.setParent(self)
        self.strip = Elsewhere(self)
        self._thin = False

    def show_calling(self, calling: Iterable[Calling], *, thin: bool) -> None:
        """`thin` over a live screen, which keeps that line free."""
        self.strip.show_calling(calling)
        self._thin = thin
        self._place()

    def sizeHint(self) -> QSize:
        """As large as the page wants to be."""
        return self.stack.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """As small as the page can be."""
        return self.stack.minimumSizeHint()

    def resizeEvent(self, event: object) -> None:
        """Both fill the window."""
        self._place()

    def _place(self) -> None:
        px = Scale.of(self.width(), self.height()).px
        shown = not self.strip.isHidden()
        tall = px(THIN) if self._thin else px(theme.TOUCH)
        above = tall if shown and not self._thin else 0
        self.strip.setGeometry(0, 0, self.width(), tall)
        self.stack.setGeometry(0, above, self.width(), self.height() - above)
        if shown:
            self.strip.raise_()
