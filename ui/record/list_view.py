"""The list of a record's lines: painted row by row, whatever people have written shown literally."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ui import theme
from ui.record.model import ROW, Row

TALL, EDGE = 30, 12
TIME, ENTERED, WHAT = 104, 104, 112
NARROW_TIME = 72
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class _Painted(QStyledItemDelegate):
    """Paints a Row: in one line, or `narrow` in two, as high as a finger. Nothing is read as HTML."""

    def __init__(self, narrow: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._narrow = narrow
        self._plain, self._bold = theme.font(15), theme.font(15, theme.SEMIBOLD)
        self._struck = QFont(theme.font(15))
        self._struck.setStrikeOut(True)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Every row is as high as every other."""
        return QSize(100, theme.TOUCH if self._narrow else TALL)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Time, time of entry, what, and what it says; what was corrected struck through, with its reason."""
        row: Row = index.data(ROW)
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        lit = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if lit:
            painter.fillRect(area, QColor(theme.LIT))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(theme.TEXT), 2))
            painter.drawRect(area.adjusted(1, 1, -1, -1))
        quiet = theme.ON_LIT if lit else theme.SECONDARY
        inside = area.adjusted(EDGE, 0, -EDGE, 0)
        if self._narrow:
            half = inside.height() // 2
            upper = QRect(inside.left(), inside.top() + 4, inside.width(), half - 4)
            self._put(painter, upper, row.time, self._plain, quiet)
            self._put(painter, upper.adjusted(NARROW_TIME, 0, 0, 0), *self._what(row, quiet))
            self._say(
                painter, QRect(inside.left(), inside.top() + half, inside.width(), half - 4), row, quiet
            )
        else:
            self._put(painter, _column(inside, 0, TIME), row.time, self._plain, quiet)
            self._put(painter, _column(inside, TIME, ENTERED), row.entered, self._plain, quiet)
            self._put(painter, _column(inside, TIME + ENTERED, WHAT), *self._what(row, quiet))
            self._say(painter, inside.adjusted(TIME + ENTERED + WHAT, 0, 0, 0), row, quiet)
        painter.restore()

    def _what(self, row: Row, quiet: str) -> tuple[str, QFont, str]:
        return row.what, self._bold, quiet if row.struck else theme.TEXT

    def _say(self, painter: QPainter, area: QRect, row: Row, quiet: str) -> None:
        """What it says, and at the right what became of it: the reason takes half of the place at most."""
        wanted = QFontMetrics(self._plain).horizontalAdvance(row.why) + 20 if row.why else 0
        taken = min(wanted, area.width() // 2)
        font, colour = (self._struck, quiet) if row.struck else (self._plain, theme.TEXT)
        self._put(painter, area.adjusted(0, 0, -taken, 0), row.text, font, colour)
        if taken:
            self._put(painter, area.adjusted(area.width() - taken, 0, 0, 0), row.why, self._plain, quiet)

    def _put(self, painter: QPainter, area: QRect, text: str, font: QFont, colour: str) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        # Whatever is longer than a row is cut before it is measured: a note may have 100 kB.
        line = " ".join(text[:LONGEST].split())
        shown = QFontMetrics(font).elidedText(line, Qt.TextElideMode.ElideRight, area.width() - 8)
        painter.drawText(area, LEFT | Qt.TextFlag.TextSingleLine, shown)


LONGEST = 400
"""Characters that no row is wide enough for."""


def _column(area: QRect, from_x: int, wide: int) -> QRect:
    return QRect(area.left() + from_x, area.top(), wide, area.height())


class RecordList(QListView):
    """Shows a RecordModel; one row can be chosen. `narrow` leaves out the time of entry, for a finger."""

    def __init__(self, name: str, *, narrow: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setItemDelegate(_Painted(narrow, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet(
            f"QListView {{ background: {theme.PANEL}; border: 1px solid {theme.HAIRLINE}; }}"
            f"QListView:focus {{ border: 2px solid {theme.TEXT}; }}"
        )
