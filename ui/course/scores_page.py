"""Scores: an instrument is chosen, its items are answered, and what they add up to is entered."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout

from monitor.care.flowsheet import Instrument, ScoreItem, instruments
from monitor.entering import scored
from monitor.language import tr
from monitor.session import SessionState
from monitor.words import clock_time
from ui.commands import Commands
from ui.course.scrolled import Scrolled
from ui.course.steps import Page
from ui.labels import wrapped
from ui.live.fields import choice


class ScoresPage(Page):
    """Each item is a list of its values with their words."""

    def __init__(self, state: SessionState, commands: Commands) -> None:
        super().__init__()
        self._state, self._commands = state, commands
        self.instrument = choice(tr("Score"), [(x.label, x.code) for x in instruments().values()])
        self.instrument.currentIndexChanged.connect(self._choose)
        self.answers: dict[str, QComboBox] = {}
        self.items, self.taken, self.said = Scrolled(), wrapped(""), wrapped("", "")
        self.enter = QPushButton(tr("Enter the score"))
        self.enter.setObjectName("primary")
        self.enter.setMinimumWidth(140)
        self.enter.clicked.connect(self._enter)
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        foot.addWidget(self.enter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.instrument)
        column.addWidget(self.items, 1)
        column.addWidget(self.taken)
        column.addLayout(foot)
        self._choose()

    def refresh(self, now_ms: int) -> None:
        """The scores that were taken."""
        zero_ms = self._state.dose_ms or 0
        said = []
        for score in self._state.care.scores:
            known = instruments().get(score.body.instrument)
            numbers = (
                "/".join(map(str, score.body.answers.values()))
                if score.body.total is None
                else f"{score.body.total:g}"
            )
            name = known.label if known is not None else score.body.instrument
            said.append(
                tr(
                    "{name} {numbers} at {clock_time}",
                    name=name,
                    numbers=numbers,
                    clock_time=clock_time(score.at_ms - zero_ms),
                )
            )
        self.taken.setText(tr("Taken: {list}", list="; ".join(said)) if said else "")

    @property
    def chosen(self) -> Instrument:
        """The instrument that is shown."""
        return instruments()[str(self.instrument.currentData())]

    @Slot()
    def _choose(self) -> None:
        self.items.empty()
        self.answers = {}
        for item in self.chosen.items:
            values = [(tr("not asked"), None), *_values(item)]
            combo = self.answers[item.code] = choice(item.label, values)
            combo.currentIndexChanged.connect(self._add)
            self.items.column.addWidget(wrapped(item.label, ""))
            self.items.column.addWidget(combo)
        self.items.column.addWidget(wrapped(f"{self.chosen.source.partition(':')[0]}"))
        self.items.column.addStretch(1)
        self._add()

    def _given(self) -> dict[str, int]:
        values = {code: combo.currentData() for code, combo in self.answers.items()}
        return {code: int(value) for code, value in values.items() if value is not None}

    @Slot()
    def _add(self) -> None:
        given = self._given()
        self.enter.setEnabled(bool(given))
        body = scored(self.chosen.code, given)
        if body.total is None:
            left = len(self.answers) - len(given)
            self.said.setText(tr("{left} not asked", left=left) if given and left else "")
            return
        passed = self.chosen.passed_from
        word = (
            ""
            if passed is None
            else tr(", passed")
            if body.total >= passed
            else tr(", passed from {passed:g}", passed=passed)
        )
        self.said.setText(tr("Total {total:g}{word}", total=body.total, word=word))

    @Slot()
    def _enter(self) -> None:
        self._commands.record(scored(self.chosen.code, self._given()))
        self._choose()


def _values(item: ScoreItem) -> list[tuple[str, int]]:
    """Every value with its word, lowest first."""
    numbers = range(item.least, item.most + 1)
    words = item.words or ("",) * len(numbers)
    return [(f"{n}  {word}".strip(), n) for n, word in zip(numbers, words, strict=False)]
