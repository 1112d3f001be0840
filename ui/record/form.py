"""The form in which an entry is amended: its parts as they read now, another time, and why."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from monitor import entries as e
from monitor.amending import AMENDABLE, Rule, changed
from monitor.care.content import emergency_steps, findings, observations, routes
from monitor.cuff import typed
from monitor.entering import cannot_read
from monitor.language import tr
from monitor.session import Line, SessionState
from monitor.vitals import CuffReading
from monitor.words import grade_words
from ui.labels import wrapped
from ui.live.fields import number

REASONS = (tr("typed wrong"), tr("wrong time"), tr("misheard"), tr("wrong choice"))
MINUTES = (0, -1, -2, -3, -5, -10, -15, -20, -30, 1, 2, 3, 5, 10, 15)
MOST = 1_000_000
"""Characters of a text: a note of 100 kB is long, and taken."""

SIMPLE = (str, int, float, CuffReading, type(None))
"""What has a field of its own; lists of codes and answers are entered anew instead."""
MOST_FIELDS = 6

# Of kinds with many parts, those that are corrected by hand most often.
SHOWN: dict[type[e.Body], tuple[str, ...]] = {
    e.DoseGiven: ("amount_mg", "route", "dose_kind", "text"),
    e.InfusionStarted: ("mg_per_ml", "rate_ml_h", "route"),
    e.AdverseEventNoted: ("event", "grade", "outcome", "text"),
}


class AmendForm(QWidget):
    """Asks how a line should read; `given` carries the Amended, `left` says that it stays as it is."""

    given = Signal(object)
    left = Signal()

    def __init__(self, line: Line, state: SessionState) -> None:
        super().__init__()
        self._line, self._state = line, state
        rule = AMENDABLE.get(type(line.body), Rule(time=False))
        self._read: dict[str, Callable[[], object]] = {}
        form = QFormLayout()
        form.setSpacing(8)
        shown = SHOWN.get(type(line.body), rule.fields)
        simple = (n for n in rule.fields if n in shown and isinstance(getattr(line.body, n), SIMPLE))
        for field in islice(simple, MOST_FIELDS):
            self._add(form, field)
        self.when = QComboBox()
        self.when.setAccessibleName(tr("When it happened"))
        for minutes in MINUTES:
            self.when.addItem(_minutes(minutes), minutes)
        if rule.time:
            form.addRow(wrapped(tr("When")), self.when)
        why = QComboBox()
        why.setEditable(True)  # one tap, or in words
        why.addItems(REASONS)
        why.setCurrentIndex(-1)
        why.setAccessibleName(tr("Reasons that are often given"))
        self.reason = QLineEdit()
        self.reason.setAccessibleName(tr("Why it is amended"))
        self.reason.setPlaceholderText(tr("typed wrong, wrong time …"))
        why.setLineEdit(self.reason)
        form.addRow(wrapped(tr("Why")), why)
        self.wrong = wrapped("")
        self.enter = QPushButton(tr("Amend"))
        self.enter.setObjectName("primary")
        self.enter.clicked.connect(self._entered)
        keep = QPushButton(tr("Leave it"))
        keep.clicked.connect(self.left)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(self.wrong)
        answers = QHBoxLayout()
        answers.addWidget(self.enter, 1)
        answers.addWidget(keep, 1)
        column.addLayout(answers)
        column.addStretch(1)

    # --- one part after the other ---------------------------------------------------------

    def _add(self, form: QFormLayout, field: str) -> None:
        value = getattr(self._line.body, field)
        name = field.replace("_mg", tr(", mg")).replace("_", " ").capitalize()
        if isinstance(self._line.body, e.CuffTaken):
            self._add_pressure(form)
            return
        choices = self._choices(field)
        if choices:
            combo = QComboBox()
            combo.setAccessibleName(name)
            for label, data in choices:
                combo.addItem(label, data)
            at = next((n for n, (_, data) in enumerate(choices) if data == value), -1)
            if at < 0:
                combo.addItem(str(value), value)
                at = combo.count() - 1
            combo.setCurrentIndex(at)
            self._read[field] = combo.currentData
            form.addRow(wrapped(name), combo)
        elif field == "text":
            text = QPlainTextEdit(str(value))
            text.setAccessibleName(name)
            text.setTabChangesFocus(True)
            text.setMinimumHeight(60)
            self._read[field] = text.toPlainText
            form.addRow(wrapped(name), text)
        else:
            form.addRow(wrapped(name), self._line_edit(field, name, value))

    def _line_edit(self, field: str, name: str, value: object) -> QLineEdit:
        edit = QLineEdit("" if value is None else f"{value:g}" if isinstance(value, float) else str(value))
        edit.setAccessibleName(name)
        edit.setMaxLength(MOST)
        if isinstance(value, str):
            self._read[field] = edit.text
        else:
            self._read[field] = lambda: _number(edit, whole=isinstance(value, int))
        return edit

    def _add_pressure(self, form: QFormLayout) -> None:
        body = self._line.body
        assert isinstance(body, e.CuffTaken)
        fields = {}
        for name in ("systolic", "diastolic", "pulse"):
            value = getattr(body.reading, name)
            fields[name] = QLineEdit("" if value is None else f"{value:g}")
            fields[name].setAccessibleName(name.capitalize())
            form.addRow(wrapped(name.capitalize()), fields[name])
        self._read["reading"] = lambda: _reading(*(_number(f) for f in fields.values()))

    def _choices(self, field: str) -> list[tuple[str, object]]:
        body = self._line.body
        if field == "grade":
            code = body.code if isinstance(body, e.ObservationStarted) else ""
            if isinstance(body, e.ObservationGraded) and body.episode in self._state.episodes:
                code = self._state.episodes[body.episode].code
            known = next((o for o in observations() if o.code == code), None)
            graded = [n for n, word in enumerate(known.grades) if word] if known is not None else []
            none = [] if isinstance(body, e.ObservationGraded) else [(tr("no grade"), None)]
            return [*none, *((grade_words(code, n), n) for n in graded)]
        if field == "code" and isinstance(body, e.ObservationStarted | e.FindingNoted):
            both: list[Any] = [*observations(), *findings()]
            return [(one.label, one.code) for one in both]
        if isinstance(getattr(body, field), bool):
            return [(tr("yes"), True), (tr("no"), False)]
        if field == "route":
            return [(route.label, route.id) for route in routes().values()]
        if field == "dose_kind":
            return [(tr("initial dose"), "initial"), (tr("booster"), "booster")]
        if field == "step":
            return [(deed.label, deed.code) for deed in emergency_steps()]
        return []

    # --- what was changed -----------------------------------------------------------------

    def amended(self) -> e.Amended:
        """The amendment. Raises ValueError, in words, where it says nothing or cannot be."""
        body, line = self._line.body, self._line
        now = msgspec.to_builtins(body)
        fields = {}
        for name, read in self._read.items():
            value = read()
            if value != getattr(body, name) and msgspec.to_builtins(value) != now.get(name):
                fields[name] = msgspec.to_builtins(value)
        if (trouble := cannot_read(self._state, body, changed(body, fields))) is not None:
            raise ValueError(trouble.happened)
        minutes = int(self.when.currentData())
        ago_ms = line.entered_ms - (line.at_ms + 60_000 * minutes) if minutes else None
        if not fields and ago_ms is None:
            raise ValueError(tr("nothing was changed yet"))
        if not self.reason.text().strip():
            raise ValueError(tr("say why it is amended"))
        return e.Amended(entry=line.entry, fields=fields, ago_ms=ago_ms, reason=self.reason.text().strip())

    @Slot()
    def _entered(self) -> None:
        try:
            self.given.emit(self.amended())
        except ValueError as error:
            self.wrong.setText(str(error))


def _reading(systolic: float | None, diastolic: float | None, pulse: float | None) -> object:
    return typed(systolic, diastolic, pulse).reading


def _number(edit: QLineEdit, *, whole: bool = False) -> float | int | None:
    typed = number(edit)
    return int(typed) if whole and typed is not None and typed == int(typed) else typed


def _minutes(minutes: int) -> str:
    if not minutes:
        return tr("as it is")
    return tr(
        "{minutes} min {value}", minutes=abs(minutes), value=tr("earlier") if minutes < 0 else tr("later")
    )
