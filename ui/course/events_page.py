"""Adverse events: what happened, how bad, whether it is serious, and what became of it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QPushButton, QVBoxLayout

from monitor.care.flowsheet import event_words, serious_criteria
from monitor.care_now import Event
from monitor.entries import AdverseEventFollowed, AdverseEventNoted
from monitor.language import tr
from monitor.session import SessionState
from monitor.words import label_of
from ui.commands import Commands
from ui.course.scrolled import Scrolled
from ui.course.steps import Page
from ui.labels import wrapped
from ui.live.fields import choice, line

NEW = tr("A new one")


class EventsPage(Page):
    """A form for a new event, or for what has become of one that was noted."""

    def __init__(self, state: SessionState, commands: Commands) -> None:
        super().__init__()
        self._state, self._commands = state, commands
        self._known: list[int] = []
        self._reactions: list[int] = []
        self.which = choice(tr("Adverse event"), [(NEW, 0)])
        self.which.currentIndexChanged.connect(self._choose)
        self.what = line(tr("What happened?"), tr("What happened"))
        self.reaction = choice(tr("Grew out of the reaction"), [(tr("no reaction of this session"), 0)])
        grades: list[tuple[str, object]] = [(tr("grade not given"), None)]
        grades += [(f"{n}  {word}", n) for n, word in enumerate(event_words("grades")) if word]
        self.grade = choice(tr("Grade"), grades)
        self.action = choice(
            tr("What was done"), [(tr("what was done?"), ""), *_same(event_words("actions"))]
        )
        self.outcome = choice(tr("Outcome"), [(tr("outcome?"), ""), *_same(event_words("outcomes"))])
        self.serious: dict[str, QCheckBox] = {}
        self.text = line(tr("more, in words"), tr("More about it"), longest=500)
        self.said = wrapped("", "")
        self.enter = QPushButton(tr("Enter"))
        self.enter.setObjectName("primary")
        self.enter.setMinimumWidth(112)
        self.enter.clicked.connect(self._enter)
        rows = Scrolled()
        for widget in (self.what, self.reaction, self.grade, self.action, self.outcome, self.text):
            rows.column.addWidget(widget)
        rows.column.addWidget(wrapped(tr("Serious, if one of these holds:"), ""))
        for item in serious_criteria():
            box = self.serious[item.code] = QCheckBox(item.label)
            rows.column.addWidget(box)
        rows.column.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        foot.addWidget(self.enter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.which)
        column.addWidget(rows, 1)
        column.addLayout(foot)

    def refresh(self, now_ms: int) -> None:
        """Events and reactions of this session to choose from; what is chosen stays chosen."""
        events = self._state.care.events
        if [event.noted.entry for event in events] != self._known:
            self._known = [event.noted.entry for event in events]
            _fill(self.which, [(NEW, 0), *((_called(event), event.noted.entry) for event in events)])
        episodes = [x for x in self._state.episodes.values() if not x.retracted]
        if [x.entry for x in episodes] != self._reactions:
            self._reactions = [x.entry for x in episodes]
            none = (self.reaction.itemText(0), 0)
            _fill(self.reaction, [none, *((label_of(x.code), x.entry) for x in episodes)])

    @Slot()
    def _choose(self) -> None:
        new = not self.which.currentData()
        for widget in (self.what, self.reaction, self.grade):
            widget.setVisible(new)
        self.said.setText("")

    @Slot()
    def _enter(self) -> None:
        serious = tuple(code for code, box in self.serious.items() if box.isChecked())
        known = int(self.which.currentData() or 0)
        action, outcome = str(self.action.currentData()), str(self.outcome.currentData())
        text = self.text.text().strip()
        if known:
            body: AdverseEventFollowed | AdverseEventNoted = AdverseEventFollowed(
                adverse_event=known, outcome=outcome, action=action, serious=serious, text=text
            )
        else:
            reaction = int(self.reaction.currentData() or 0)
            what = self.what.text().strip() or (self.reaction.currentText() if reaction else "")
            if not what:
                self.said.setText(tr("Say what happened, or choose the reaction it grew out of."))
                return
            body = AdverseEventNoted(
                event=what,
                grade=self.grade.currentData(),
                serious=serious,
                action=action,
                outcome=outcome,
                episode=reaction,
                text=text,
            )
        self._commands.record(body)
        self._clear()
        self.said.setText(tr("It is noted."))

    def _clear(self) -> None:
        for edit in (self.what, self.text):
            edit.clear()
        for combo in (self.which, self.reaction, self.grade, self.action, self.outcome):
            combo.setCurrentIndex(0)
        for box in self.serious.values():
            box.setChecked(False)


def _same(words: tuple[str, ...]) -> list[tuple[str, object]]:
    return [(tr(word), word) for word in words]


def _called(event: Event) -> str:
    """ "fell, serious: goes on"."""
    serious = tr(", serious") if event.serious else ""
    return f"{event.noted.body.event}{serious}" + (f": {event.outcome}" if event.outcome else "")


def _fill(combo: QComboBox, items: list[tuple[str, int]]) -> None:
    chosen = combo.currentData()
    blocked = combo.blockSignals(True)
    combo.clear()
    for text, value in items:
        combo.addItem(text, value)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))
    combo.blockSignals(blocked)
