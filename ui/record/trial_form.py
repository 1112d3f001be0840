"""Other limits, tried on the session that is being read: how often it would have called with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from monitor.alarms.conditions import Preset
from monitor.alarms.limits import in_force, limits_of, verdicts
from monitor.alarms.replay import Summary
from monitor.alarms.shelf import PresetShelf
from monitor.alarms.trial import Trial, try_limits
from monitor.codec import Sealed
from monitor.language import tr
from monitor.session import SessionState
from monitor.trouble import Trouble
from ui.apart import Post, apart
from ui.labels import wrapped
from ui.live.limit_editor import Editor


class Rules:
    """The alarm rules that a session ran by, and those that may be tried on it.

    `read` gives the session's log; it is called beside the window's thread, like the replay itself.
    """

    def __init__(
        self, shelf: PresetShelf, state: SessionState, read: Callable[[], Iterable[Sealed]], post: Post
    ) -> None:
        self._shelf, self._read, self._post = shelf, read, post
        self.names = shelf.names()
        self.own: Preset | None = None
        """The session's own preset; None where it is not to be had any more."""
        try:
            self.own = shelf.load(state.preset.preset if state.preset is not None else "")
        except Trouble as trouble:
            self.missing = trouble

    def load(self, name: str) -> Preset | Trouble:
        """The preset `name`, or why it cannot be used."""
        try:
            return self._shelf.load(name)
        except Trouble as trouble:
            return trouble

    def attempt(
        self, preset: Preset, limits: dict[str, float], told: Callable[[Trial | Trouble], object]
    ) -> None:
        """Try `limits` on the whole log; `told` hears what came of it, on the window's thread."""
        own = self.own
        if own is None:
            told(self.missing)
        else:
            apart(self._post, lambda: try_limits(list(self._read()), own, preset, limits), told)


class TrialForm(QWidget):
    """Every limit of a preset to be typed or stepped, and what they would have come to."""

    left = Signal()

    def __init__(self, rules: Rules, state: SessionState) -> None:
        super().__init__()
        self._rules, self._state = rules, state
        self._preset: Preset | None = None
        self._asked = 0
        """Which attempt was the last: an earlier one's answer is of no interest."""
        self.editors: dict[str, Editor] = {}
        self.presets = QComboBox()
        self.presets.setAccessibleName(tr("Preset to try"))
        self.presets.addItems(list(rules.names))
        self.list = QScrollArea()
        self.list.setWidgetResizable(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.said = wrapped("", "")
        self.attempt = QPushButton(tr("Try them"))
        self.attempt.setObjectName("primary")
        self.attempt.clicked.connect(self._try)
        back = QPushButton(tr("Back"))
        back.setMinimumWidth(96)
        back.clicked.connect(self.left)
        foot = QHBoxLayout()
        foot.addWidget(self.attempt, 1)
        foot.addWidget(back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(wrapped(tr("Try other limits"), "heading"))
        column.addWidget(wrapped(tr("Nothing is changed by trying, neither this record nor a preset.")))
        column.addWidget(self.presets)
        column.addWidget(self.list, 1)
        column.addWidget(self.said)
        column.addLayout(foot)
        self.presets.currentTextChanged.connect(self._load)
        if rules.own is not None and rules.own.name in rules.names:
            self.presets.setCurrentText(rules.own.name)
        self._load(self.presets.currentText())

    @Slot(str)
    def _load(self, name: str) -> None:
        found = self._rules.load(name)
        self.said.setText("")
        self._preset = None if isinstance(found, Trouble) else found
        self.attempt.setEnabled(self._preset is not None)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 8, 0)
        self.editors = {}
        if isinstance(found, Trouble):
            self.said.setText(found.two_lines())
        else:
            own = self._rules.own is not None and self._rules.own.name == found.name
            values = in_force(found, self._state.limits if own else {})
            for limit in limits_of(found):
                editor = self.editors[limit.key] = Editor(limit)
                editor.show_value(values[limit.key])
                column.addWidget(wrapped(f"{limit.stars} {limit.name}, {limit.unit}", ""))
                column.addWidget(editor)
        column.addStretch(1)
        self.list.setWidget(page)

    @Slot()
    def _try(self) -> None:
        if self._preset is None:
            return
        missing = [editor.limit.name for editor in self.editors.values() if editor.value is None]
        if missing:
            self.said.setText(tr("{missing}: type a number.", missing=missing[0]))
            return
        limits = {k: editor.value for k, editor in self.editors.items() if editor.value is not None}
        found = verdicts(self._preset, limits)
        if refused := [v.text for v in found if v.refused]:
            self.said.setText(" ".join(refused))
            return
        self._asked += 1
        self.said.setText(tr("Trying …"))
        doubts = " ".join(v.text for v in found)
        self._rules.attempt(self._preset, limits, partial(self._tried, self._asked, doubts))

    def _tried(self, asked: int, doubts: str, trial: Trial | Trouble) -> None:
        if not isValid(self) or asked != self._asked:
            return  # it was put away, or tries others meanwhile
        if isinstance(trial, Trouble):
            self.said.setText(trial.two_lines())
            return
        rules = (x for x in (self._rules.own, self._preset) if x is not None)
        titles = {condition.id: condition.title for preset in rules for condition in preset.conditions}
        self.said.setText("\n".join(x for x in (compared(trial, titles), doubts) if x))


def compared(trial: Trial, titles: Mapping[str, str]) -> str:
    """What came of a trial, in two lines and the conditions whose number differs, by their titles."""
    was, would = trial.was, trial.would
    lines = [
        tr("By its own limits: {rate}", rate=_rate(was)),
        tr("By these: {rate}", rate=_rate(would)),
    ]
    for name in {**was.by_condition, **would.by_condition}:
        before, after = (s.by_condition[name].alarms if name in s.by_condition else 0 for s in (was, would))
        if before != after:
            lines.append(f"{titles.get(name, name)}: {before} → {after}")
    return "\n".join(lines)


def _rate(summary: Summary) -> str:
    rate = (
        ""
        if summary.alarms_per_hour is None
        else tr(", {alarms_per_hour:g} an hour", alarms_per_hour=summary.alarms_per_hour)
    )
    return tr(
        "{alarms} alarms{rate}, {seconds_in_alarm:.0f} s in alarm",
        alarms=summary.alarms,
        rate=rate,
        seconds_in_alarm=summary.seconds_in_alarm,
    )
