"""Alarms as a table: the rows of alarm_rows.py, as high as a finger."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from monitor.alarms.conditions import Condition
from monitor.session import Alarm, SessionState
from ui import theme
from ui.live import alarm_rows as rows
from ui.theme import Scale

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class Alarms(QAbstractTableModel):
    """Rows of alarms; their words are made only for what is in view, so that thousands cost nothing."""

    def __init__(self, state: SessionState, conditions: Mapping[str, Condition], parent: QWidget) -> None:
        super().__init__(parent)
        self._state, self._conditions = state, conditions
        self._seen = rows.Acknowledgements(state)
        self._now_ms = 0
        self.alarms: list[Alarm] = []

    def show_alarms(self, now_ms: int) -> None:
        """Take the alarms there are now. Rows that stay are told to say themselves again."""
        self._now_ms = now_ms
        self._seen.follow()
        alarms = rows.in_order(self._state)
        if [a.entry for a in alarms] != [a.entry for a in self.alarms]:
            self.beginResetModel()
            self.alarms = alarms
            self.endResetModel()
        elif alarms:
            self.alarms = alarms
            self.dataChanged.emit(self.index(0, 0), self.index(len(alarms) - 1, len(rows.HEADS) - 1))

    def deeds(self, alarm: Alarm) -> frozenset[str]:
        """What can be done to it."""
        return rows.deeds(self._state, alarm, self._conditions.get(alarm.change.condition), self._now_ms)

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.alarms)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(rows.HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        wanted = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        return rows.HEADS[section] if wanted else None

    def data(self, index: _Index, role: int = 0) -> object:
        alarm = self.alarms[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            texts = rows.cells(self._state, alarm, self._conditions, self._seen, self._now_ms)
            return texts[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{rows.HEADS[index.column()]}: {self.data(index, Qt.ItemDataRole.DisplayRole)}"
        if role == Qt.ItemDataRole.ForegroundRole:
            quiet = rows.standing(self._state, alarm) == rows.OVER
            return QBrush(QColor(theme.SECONDARY if quiet else theme.TEXT))
        return None


class AlarmTable(QTableView):
    """Shows a model of alarms; one row is chosen at a time."""

    def __init__(self, model: Alarms, name: str) -> None:
        super().__init__()
        self.setModel(model)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def set_scale(self, scale: Scale) -> None:
        """Rows that a finger hits, at every size."""
        px = scale.px
        self.verticalHeader().setDefaultSectionSize(px(theme.TOUCH))
        self.setFont(scale.font(15))
        header = self.horizontalHeader()
        header.setFont(scale.font(14, theme.SEMIBOLD))
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, wide in enumerate((112, 122, 190, 80), 1):
            self.setColumnWidth(column, px(wide))
