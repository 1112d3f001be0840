"""The record of an ended session: entries, curves and alarms, and beside them what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from monitor.identity import Identity
from monitor.language import day_and_time, listed, tr
from monitor.people import People
from monitor.session import Line, SessionState
from monitor.signing import SIGNERS
from monitor.then import line_then
from monitor.trouble import Trouble
from ui import theme
from ui.labels import wrapped
from ui.record.alarms_page import AlarmsPage
from ui.record.curves import Curves
from ui.record.deeds import Correct, Deeds
from ui.record.list_view import RecordList
from ui.record.model import RecordModel
from ui.record.trial_form import Rules, TrialForm
from ui.record.wrong_patient import AskPatients, nobody

ENTRIES, CURVES, ALARMS = range(3)
TABS = (tr("Entries"), tr("Curves"), tr("Alarms"))


class RecordPage(QWidget):
    """Shows one record. `refresh` after entries were applied to `state`; `close` before it goes."""

    home = Signal()

    def __init__(
        self,
        state: SessionState,
        people: People,
        wait_s: Callable[[str], float],
        correct: Correct,
        rules: Rules,
        patients: AskPatients = nobody,
    ) -> None:
        super().__init__()
        self.setObjectName("home")
        self.setStyleSheet(theme.touchable(theme.Scale()))
        self._state, self._rules = state, rules
        self._chosen = 0
        """The entry whose row is chosen."""
        self.title, self.signed = wrapped("", "title"), wrapped("")
        self.who, self.when = wrapped(""), wrapped("")
        self.former = wrapped("")
        self.former.setAccessibleDescription(tr("the code before, of the wrong patient"))
        struck = QFont(theme.font(18))
        struck.setStrikeOut(True)
        self.former.setFont(struck)
        self.trouble = wrapped("", "trouble")
        self.trouble.hide()
        self.title.setWordWrap(False)
        back = QPushButton(tr("Home"))
        back.setMinimumWidth(96)
        back.setToolTip("F10")
        back.clicked.connect(self.home)
        self.model = RecordModel(state)
        self.list = RecordList(tr("Entries of this session"))
        self.list.setModel(self.model)
        self.list.selectionModel().currentChanged.connect(self._look)
        self.side = Deeds(state, self.model, people, wait_s, correct, patients)
        self.side.refused.connect(self.show_trouble)
        self.side.left.connect(self._focus_page)
        self.curves = Curves(state, rules.own)
        self.curves.chosen.connect(self._go_to)
        self.alarms = AlarmsPage(state, rules.own.by_id() if rules.own is not None else {})
        self.alarms.chosen.connect(self._go_to)
        self.alarms.judged.connect(self.side.confirm)
        self.alarms.limits_wanted.connect(self._try_limits)
        self.pages = QStackedWidget()
        # No QButtonGroup: of its buttons Tab reaches one only.
        self._tabs: list[QPushButton] = []
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(self.former, 1)
        for number, (name, page) in enumerate(zip(TABS, (self.list, self.curves, self.alarms), strict=True)):
            tab = QPushButton(name)
            tab.setCheckable(True)
            tab.setMinimumWidth(96)
            tab.clicked.connect(partial(self.turn, number))
            self._tabs.append(tab)
            self.pages.addWidget(page)
            head.addWidget(tab)
        head.addSpacing(24)
        head.addWidget(back)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self.pages, 1)
        middle.addWidget(self.side)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.addLayout(head)
        column.addWidget(self.who)
        column.addWidget(self.when)
        column.addWidget(self.signed)
        column.addWidget(self.trouble)
        column.addLayout(middle, 1)
        self.refresh()
        if self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0, 0))
        self.turn(ENTRIES)
        self._focus_page()

    # --- what is shown --------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Entries were added: show them, and what was chosen stays chosen."""
        codes = self._state.codes
        demo = tr(" — demo, no real patient") if self._state.opened and self._state.opened.demo else ""
        self.title.setText(f"{self._state.code}{demo}")
        self.former.setText(", ".join(codes[:-1]))
        self.when.setText(self._lasted())
        self.signed.setText(self._closing())
        self.model.refresh()
        self.curves.refresh()
        self.alarms.refresh()
        row = self.model.row_of(self._chosen)
        if row >= 0:
            self.list.setCurrentIndex(self.model.index(row, 0))
        self._look()

    def show_identity(self, who: Identity | Trouble | None) -> None:
        """Name and birth date of whose record this is; they are asked for anew when the code changes."""
        if isinstance(who, Identity):
            self.who.setText(
                tr(
                    "{name}{demo}, born {born}",
                    name=who.name,
                    demo=tr(" (demo, made up)") if who.demo else "",
                    born=who.born,
                )
            )
        else:
            self.who.setText(tr("Who this is was not entered.") if who is None else who.two_lines())

    def _lasted(self) -> str:
        began, ended = (self._state.timeline.wall(ms) for ms in (0, self._state.until_ms))
        if began is None or ended is None:
            return ""
        until = f"{ended:%H:%M}" if ended.date() == began.date() else day_and_time(ended)
        return tr("{when} to {until}", when=day_and_time(began), until=until)

    def _closing(self) -> str:
        state = self._state
        parts = [tr("Signed and locked.") if state.locked else tr("Not locked yet.")]
        for signature in state.signatures:
            signed = signature.signed
            held = tr(", before a correction") if signature.overtaken else ""
            wall = state.timeline.wall(signature.entered_ms)
            at = day_and_time(wall) if wall is not None else ""
            parts.append(f"{tr(signed.role).capitalize()} {signed.name}, {at}{held}: “{signed.meaning}”")
        missing = [role for role in SIGNERS if role not in {s.signed.role for s in state.closing.valid}]
        if missing:
            parts.append(tr("Still to sign: {list}.", list=listed([tr(role) for role in missing])))
        return " ".join(parts)

    @Slot(object)
    def show_trouble(self, trouble: Trouble | None) -> None:
        """Why nothing came of it, or nothing."""
        self.trouble.setVisible(trouble is not None)
        if trouble is not None:
            self.trouble.setText(trouble.two_lines())

    @property
    def line(self) -> Line | None:
        """The line that is chosen."""
        index = self.list.currentIndex()
        return self.model.line(index.row()) if index.isValid() else None

    # --- the pages ------------------------------------------------------------------------

    def turn(self, page: int, *_: object) -> None:
        """Show the entries, the curves or the alarms."""
        self.pages.setCurrentIndex(page)
        for other, tab in enumerate(self._tabs):
            tab.setChecked(other == page)
        if page == CURVES and self.line is not None:
            self.curves.show_then(self.line.at_ms)

    @Slot()
    def _look(self) -> None:
        line = self.line
        self._chosen = 0 if line is None else line.entry
        self.side.look(self.list.currentIndex().row())

    @Slot(int)
    def _go_to(self, at_ms: int) -> None:
        """An instant was chosen: the entry that was the newest then is looked at."""
        row = self.model.row_of(line_then(self._state, at_ms))
        if row >= 0:
            self.list.setCurrentIndex(self.model.index(row, 0))
        if self.pages.currentIndex() != CURVES:
            self.curves.show_then(at_ms)

    @Slot()
    def _try_limits(self) -> None:
        form = TrialForm(self._rules, self._state)
        form.left.connect(self.side.put_away)
        self.side.show_form(form)

    @Slot()
    def _focus_page(self) -> None:
        page = (self.list, self.curves.slider, self.alarms.table)[self.pages.currentIndex()]
        page.setFocus(Qt.FocusReason.OtherFocusReason)

    def close(self) -> bool:
        """The page goes, its canvas while Python still knows what is painted on it."""
        self.curves.close()
        return super().close()
