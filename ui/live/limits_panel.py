"""Limits of this patient, in place: what is in force, what is proposed, and what a typed one is asked.

What is typed counts only once a physician has confirmed it; until then the old limits stay in force.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from monitor.alarms.conditions import Preset
from monitor.alarms.limits import Verdict, in_force, limits_of, own, propose, verdicts
from monitor.alarms.signals import NAMES
from monitor.entries import LimitsSet
from monitor.language import tr
from monitor.people import refused
from monitor.pressures import PRESSURES
from monitor.session import SessionState
from monitor.vitals import Vital
from monitor.words import length
from ui import theme
from ui.commands import Commands
from ui.labels import plain
from ui.live.alarm_words import last_measured
from ui.live.limit_editor import Editor
from ui.live.present import DASHES, baseline
from ui.people.pins import Pins
from ui.theme import Scale

REASONS = (
    "",
    tr("from the baseline"),
    tr("usual for this patient"),
    tr("too many alarms"),
    tr("known illness"),
    tr("on oxygen"),
)
PAGES: tuple[tuple[str, tuple[Vital, ...]], ...] = (
    ("SpO₂", (Vital.SPO2,)),
    (tr("Pulse"), (Vital.PULSE,)),
    (tr("Pressure"), (Vital.SYSTOLIC, Vital.DIASTOLIC)),
)
MEANT, CONFIRM = tr("Yes, this is meant"), tr("Confirm limits")


class LimitsPanel(QFrame):
    """Every limit of the preset, over the trends; tiles, banner and pad stay free."""

    def __init__(
        self, state: SessionState, preset: Preset, commands: Commands, pins: Pins, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("tray")
        self.setAccessibleName(tr("Limits of this patient"))
        self._state, self._preset, self._commands = state, preset, commands
        self._pins = pins
        self._limits = {limit.key: limit for limit in limits_of(preset)}
        self._back: QWidget | None = None
        self._now_ms = state.timeline.latest_ms
        self._meant: frozenset[str] = frozenset()
        """The questions that confirming again says yes to."""
        self.editors = {key: Editor(limit) for key, limit in self._limits.items()}
        for editor in self.editors.values():
            editor.edited.connect(self._edited)
            editor.looked_at.connect(self._show_source)
        self._abouts: dict[str, QLabel] = {}
        self.pages = QStackedWidget()
        self._tabs = QButtonGroup(self)
        head = QHBoxLayout()
        title = plain(QLabel(tr("Limits")))
        title.setObjectName("heading")
        head.addWidget(title)
        for number, (name, vitals) in enumerate(PAGES):
            tab = self._button(name, tr("Limits of {name}", name=name))
            tab.setCheckable(True)
            self._tabs.addButton(tab, number)
            head.addWidget(tab, 1)
            self.pages.addWidget(self._page(vitals))
        self._tabs.idClicked.connect(self._turn)
        self.close_button = self._button(
            tr("Close"), tr("Close the limits; what is not confirmed is dropped")
        )
        self.close_button.clicked.connect(self.close_panel)
        head.addWidget(self.close_button)
        self.now = plain(QLabel())
        self.source, self.said = plain(QLabel()), plain(QLabel())
        self.source.setObjectName("secondary")
        for label in (self.now, self.source, self.said):
            label.setWordWrap(True)
        self.propose = self._button(tr("From baseline"), tr("Propose limits from the baseline"))
        self.propose.clicked.connect(self._propose)
        self.reason = QComboBox()
        self.reason.setEditable(True)
        self.reason.addItems(REASONS)
        self.reason.setAccessibleName(tr("Why the limits are changed"))
        line = self.reason.lineEdit()
        assert line is not None
        line.setPlaceholderText(tr("Why?"))
        self.confirm = self._button(CONFIRM, CONFIRM)
        self.confirm.setObjectName("primary")
        self.confirm.clicked.connect(self._confirm)
        foot = QHBoxLayout()
        foot.addWidget(self.propose)
        foot.addWidget(self.reason, 1)
        foot.addWidget(self.confirm)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.now)
        column.addWidget(self.pages)
        column.addStretch(1)
        column.addWidget(self.source)
        column.addWidget(self.said)
        column.addLayout(foot)
        self.hide()

    def _button(self, text: str, name: str) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(name)
        button.setMinimumWidth(72)
        return button

    def _page(self, vitals: tuple[Vital, ...]) -> QWidget:
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(0, 1)
        row, rows = 0, dict[str, int]()
        for key, limit in self._limits.items():
            if limit.vital not in vitals:
                continue
            if limit.condition not in rows:
                rows[limit.condition], row = row, row + 1
                label = self._abouts[limit.condition] = plain(QLabel())
                grid.addWidget(label, rows[limit.condition], 0)
            grid.addWidget(self.editors[key], rows[limit.condition], 1 if limit.vital is vitals[0] else 2)
        grid.setRowStretch(row, 1)
        return page

    # --- opening and closing --------------------------------------------------------------

    def open_panel(self, vital: Vital = Vital.SPO2) -> None:
        """Show the limits in force, those of `vital` first; what was typed before and dropped is gone."""
        self._back = self.window().focusWidget()
        self._show_in_force(self._limits)
        self.said.setText("")
        self.source.setText(
            tr("What is typed counts once a physician confirms it; until then nothing changes.")
        )
        self.reason.setCurrentIndex(0)
        self._asks(frozenset())
        self.show()
        self.raise_()
        self._turn(next((n for n, (_, vitals) in enumerate(PAGES) if vital in vitals), 0))

    @Slot()
    def close_panel(self) -> None:
        """Away with it; the focus goes back where it came from."""
        inside = self.isAncestorOf(self.window().focusWidget() or self.window())
        self.hide()
        if inside and self._back is not None:
            self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(int)
    def _turn(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self._tabs.button(page).setChecked(True)
        first = next(e for e in self.editors.values() if e.limit.vital in PAGES[page][1])
        first.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.show_time(self._now_ms)

    def set_scale(self, scale: Scale) -> None:
        """Controls that a finger hits, at every size."""
        self.setStyleSheet(theme.touchable(scale))

    # --- what is shown --------------------------------------------------------------------

    def show_time(self, now_ms: int) -> None:
        """Values, limits in force and the baseline may have changed; what is typed stays."""
        self._now_ms = now_ms
        if not self.isVisible():
            return
        self.now.setText(self._now(PAGES[self.pages.currentIndex()][1]))
        force = in_force(self._preset, self._state.limits)
        for condition, label in self._abouts.items():
            mine = [limit for limit in self._limits.values() if limit.condition == condition]
            preset = "/".join(f"{limit.preset:g}" for limit in mine)
            now = "/".join(f"{force[limit.key]:g}" for limit in mine)
            title = mine[0].name.partition(", ")[0]
            about = (
                tr("preset {preset}", preset=preset)
                if now == preset
                else tr("in force {now} · preset {preset}", now=now, preset=preset)
            )
            label.setText(f"{mine[0].stars} {title}\n{mine[0].direction}, {mine[0].unit} · {about}")

    def _now(self, vitals: tuple[Vital, ...]) -> str:
        """What is measured now, a pressure with its age, and the baseline."""
        state, value = self._state, DASHES
        known = baseline(state)
        base = "/".join(f"{known[v]:.0f}" for v in vitals if v in known)
        if vitals[0] in PRESSURES:
            good = next((c for c in reversed(state.pressures.all) if c.failure is None), None)
            if good is not None:
                value = tr(
                    "{systolic:.0f}/{diastolic:.0f}, {length} ago",
                    systolic=good.systolic,
                    diastolic=good.diastolic,
                    length=length(self._now_ms - good.at_ms),
                )
        else:
            last = last_measured(state, vitals[0].value, self._now_ms)
            if last is not None and last.current:
                value = f"{last.value:.0f}{'?' if last.doubtful else ''}"
        name = tr("Pressure") if vitals[0] in PRESSURES else NAMES[vitals[0]]
        return f"{name} {value}" + (tr(" · baseline {base}", base=base) if base else "")

    def _show_in_force(self, keys: Iterable[str]) -> None:
        force = in_force(self._preset, self._state.limits)
        for key in keys:
            self.editors[key].show_value(force[key])

    @Slot(str)
    def _show_source(self, key: str) -> None:
        limit = self._limits[key]
        self.source.setText(
            tr(
                "{name}: preset {preset:g} {unit}, {source}",
                name=limit.name,
                preset=limit.preset,
                unit=limit.unit,
                source=limit.source,
            )
        )

    @Slot()
    def _edited(self) -> None:
        self._asks(frozenset())

    def _asks(self, meant: frozenset[str]) -> None:
        """The next confirmation says yes to these questions."""
        self._meant = meant
        self.confirm.setText(MEANT if meant else CONFIRM)
        self.confirm.setAccessibleName(self.confirm.text())

    # --- what is done ---------------------------------------------------------------------

    @Slot()
    def _propose(self) -> None:
        """Fill in what the baseline speaks for; nothing counts before it is confirmed."""
        force = in_force(self._preset, self._state.limits)
        found = [p for p in propose(self._preset, baseline(self._state)) if p.value != force[p.key]]
        for proposal in found:
            self.editors[proposal.key].show_value(proposal.value)
        if found:
            words = [f"{self._limits[p.key].name} {p.value:g}: {p.why.partition('; ')[0]}" for p in found]
            self.reason.setCurrentText(REASONS[1])
            self.said.setText(tr("Proposed, not in force: {list}.", list="; ".join(words)))
            self.said.setToolTip("\n".join(f"{self._limits[p.key].name}: {p.why}" for p in found))
        elif baseline(self._state):
            self.said.setText(tr("The baseline speaks for the limits as they are."))
        else:
            self.said.setText(tr("There is no baseline yet: it is measured before the first dose."))

    @Slot()
    def _confirm(self) -> None:
        wanted = {key: editor.value for key, editor in self.editors.items()}
        body = LimitsSet(limits={}, reason=self.reason.currentText().strip())
        trouble = None if self._pins.wanted else refused(self._state.acting, body)
        missing = [self._limits[key].name for key, value in wanted.items() if value is None]
        limits = {key: value for key, value in wanted.items() if value is not None}
        if trouble is not None:
            self.said.setText(trouble.two_lines())
        elif missing:
            self.said.setText(tr("{missing}: type a number.", missing=missing[0]))
        elif limits == in_force(self._preset, self._state.limits):
            self.said.setText(tr("These are the limits in force: nothing was changed."))
        elif self._questioned(verdicts(self._preset, limits)):
            return
        elif not body.reason:
            self.said.setText(tr("Say why, in a few words: it stands in the record."))
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._enter(LimitsSet(limits=own(self._preset, limits), reason=body.reason))

    def _enter(self, body: LimitsSet) -> None:
        if self._pins.wanted:
            self._pins.confirm(tr("Confirm the limits"), body, self._changes(), self.close_panel)
        else:
            self._commands.record(body)
            self.close_panel()

    def _changes(self) -> str:
        """What would be in force instead of what: the question lies over the fields."""
        force = in_force(self._preset, self._state.limits)
        return _few(
            [
                tr(
                    "{name} {value:g}, was {force:g}.",
                    name=self._limits[key].name,
                    value=editor.value,
                    force=force[key],
                )
                for key, editor in self.editors.items()
                if editor.value is not None and editor.value != force[key]
            ],
            most=2,
        )

    def _questioned(self, found: list[Verdict]) -> bool:
        """Say what is refused, or ask what is asked about; False where nothing is left to be said."""
        no = [v.text for v in found if v.refused]
        questions = frozenset(v.text for v in found)
        if no:
            self.said.setText(tr("{few} Nothing was changed.", few=_few(no)))
        elif questions and questions != self._meant:
            self.said.setText(
                tr("{few} Confirm again only if this is meant.", few=_few([v.text for v in found]))
            )
            self._asks(questions)
        else:
            return False
        return True


def _few(texts: list[str], most: int = 3) -> str:
    """The first ones, and how many more there are: the panel has room for some lines."""
    more = tr(" And {count} more.", count=len(texts) - most) if len(texts) > most else ""
    return " ".join(texts[:most]) + more
