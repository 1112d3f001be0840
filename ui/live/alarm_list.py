"""All alarms of the session, over the trends: present, over and not seen, and past ones to be judged."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from monitor.alarms.conditions import Preset
from monitor.language import tr
from monitor.session import Alarm, SessionState
from ui import theme
from ui.commands import Commands
from ui.labels import plain
from ui.live import alarm_rows as rows
from ui.live.alarm_table import Alarms, AlarmTable
from ui.live.banner import OVER_REASONS
from ui.theme import Scale


class AlarmList(QFrame):
    """Each present one can be acknowledged, each one over seen, past ones judged; by keys, touch or mouse."""

    sound_wanted = Signal()
    limits_wanted = Signal()

    def __init__(self, state: SessionState, preset: Preset, commands: Commands, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("tray")
        self.setAccessibleName(tr("All alarms"))
        self._commands = commands
        self._back: QWidget | None = None
        self._chosen = 0
        """The entry of the alarm that is chosen: it stays so while others come and go."""
        self.model = Alarms(state, preset.by_id(), self)
        self.table = AlarmTable(self.model, tr("Alarms, the worst present one first"))
        self.table.selectionModel().selectionChanged.connect(self._choose)
        self.title = plain(QLabel())
        self.title.setObjectName("heading")
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        for text, name, slot in (
            (tr("Limits …"), tr("Limits of this patient"), self.limits_wanted.emit),
            (tr("Sound …"), tr("Pause sound, or turn it off"), self.sound_wanted.emit),
            (tr("Close"), tr("Close the list of alarms"), self.close_panel),
        ):
            head.addWidget(self._button(text, name, slot))
        self.buttons = {deed: self._button(deed, deed, self._do) for deed in rows.DEEDS}
        for button in self.buttons.values():
            button.pressed.connect(self._aim)
        self._what = plain(QLabel())
        self._what.setObjectName("secondary")
        self.reasons = [self._button(r, tr("It is over: {r}", r=r), self._resolve) for r in OVER_REASONS]
        foot = QHBoxLayout()
        foot.addWidget(self._what, 1)
        for button in (*self.buttons.values(), *self.reasons):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addLayout(foot)
        self._aimed: Alarm | None = None
        """The alarm as it was when a finger went down: by the time it is lifted it may be worse."""
        self._asking: Alarm | None = None
        """The alarm that is to be over, until somebody has said why."""
        self._offer()
        self.hide()

    def _button(self, text: str, name: str, slot: object) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(name)
        button.setMinimumWidth(72)
        button.clicked.connect(slot)
        return button

    # --- opening and closing --------------------------------------------------------------

    def open_list(self, now_ms: int) -> None:
        """Show them; the worst one is chosen."""
        self._back = self.window().focusWidget()
        self.show()
        self.raise_()
        self.show_time(now_ms)
        if self.model.alarms:
            self.table.selectRow(0)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def close_panel(self) -> None:
        """Away with it; the focus goes back where it came from."""
        inside = self.isAncestorOf(self.window().focusWidget() or self.window())
        self.hide()
        if inside and self._back is not None:
            self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_time(self, now_ms: int) -> None:
        """What there is now; nothing is done while nobody looks."""
        if not self.isVisible():
            return
        chosen = self._chosen
        self.model.show_alarms(now_ms)
        row = next((n for n, a in enumerate(self.model.alarms) if a.entry == chosen), None)
        if row is not None and row != self.table.currentIndex().row():
            self.table.selectRow(row)
        self._offer()

    def set_scale(self, scale: Scale) -> None:
        """Controls that a finger hits, at every size."""
        self.setStyleSheet(theme.touchable(scale))
        self.table.set_scale(scale)

    # --- what is done ---------------------------------------------------------------------

    @property
    def chosen(self) -> Alarm | None:
        """The alarm of the chosen row."""
        row = self.table.currentIndex().row()
        return self.model.alarms[row] if 0 <= row < len(self.model.alarms) else None

    @Slot()
    def _choose(self) -> None:
        alarm = self.chosen
        if alarm is not None and alarm.entry != self._chosen:
            self._chosen, self._asking = alarm.entry, None
        self._offer()

    @Slot()
    def _aim(self) -> None:
        self._aimed = self.chosen

    @Slot()
    def _do(self) -> None:
        alarm, deed = self._aimed, next((d for d, b in self.buttons.items() if b is self.sender()), None)
        if alarm is None or deed is None or deed not in self.model.deeds(alarm):
            return
        if deed == rows.IS_OVER:
            self._asking = alarm
        else:
            self._commands.record(rows.body_of(deed, alarm))
        self._offer()

    @Slot()
    def _resolve(self) -> None:
        alarm, button = self._asking, self.sender()
        if alarm is not None and isinstance(button, QPushButton):
            self._commands.record(rows.body_of(rows.IS_OVER, alarm, button.text()))
        self._asking = None
        self._offer()

    def _offer(self) -> None:
        alarm = self.chosen
        can = self.model.deeds(alarm) if alarm is not None else frozenset()
        asked = self._asking
        if alarm is None or asked is None or alarm.calls != asked.calls or rows.IS_OVER not in can:
            self._asking = None
        for deed, button in self.buttons.items():
            button.setVisible(deed in can and self._asking is None)
        for button in self.reasons:
            button.setVisible(self._asking is not None)
        present = sum(a.ended_ms is None for a in self.model.alarms)
        self.title.setText(
            tr(
                "Alarms: {present} present, {count} over",
                present=present,
                count=len(self.model.alarms) - present,
            )
        )
        self._what.setText("" if can or not self.model.alarms else tr("its data are current: they decide"))
        if self._asking is not None:
            self._what.setText(tr("Why is it over?"))
