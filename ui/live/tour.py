"""A tour of the live screen on the virtual patient: one thing to do after the other, each seen to be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from monitor import entries as e
from monitor.language import tr
from monitor.people import is_machine
from monitor.session import Line, SessionState
from ui.labels import wrapped

LOOK_MS = 200


class Step(NamedTuple):
    """What is to be done, and by which entry one sees that it was; None: somebody reads it and goes on."""

    text: str
    done: Callable[[Line], bool] | None = None


def _is(*kinds: type[e.Body]) -> Callable[[Line], bool]:
    return lambda line: isinstance(line.body, kinds)


def _earlier(line: Line) -> bool:
    return isinstance(line.body, e.ObservationStarted) and line.at_ms < line.entered_ms


STEPS = (
    Step(
        tr(
            "This patient is virtual: nothing here is real. Left are oxygen, pulse and pressure, with "
            "their limits."
        )
    ),
    Step(tr("Touch Dizzy, or press D: it begins at the press."), _is(e.ObservationStarted)),
    Step(tr("How much? Press 2 for moderate."), _is(e.ObservationGraded)),
    Step(tr("It is over: touch Dizzy again, or press D."), _is(e.ObservationEnded)),
    Step(tr("Something began three minutes ago: touch −3 min, then Nausea."), _earlier),
    Step(tr("That was a slip: touch Undo, or press Ctrl+Z."), _is(e.Retracted)),
    Step(tr("Their words: type into the line under the minutes, then Enter."), _is(e.NoteWritten)),
    Step(tr("Measure a pressure now: F5, or touch Cuff now."), _is(e.CuffAsked)),
    Step(
        tr("Give the dose: F6, type the amount, touch Record. From then on the clock above runs."),
        _is(e.DoseGiven),
    ),
    Step(tr("You need the physician: F4, then Soon."), _is(e.NeedYou)),
    Step(
        tr("Emergency: F12, or the button at the lower right. Every step is one touch."),
        _is(e.EmergencyStarted),
    ),
    Step(tr("Touch Help called. When it is over, say why: below the steps."), _is(e.EmergencyOver)),
    Step(tr("Dark room: F11 shows large amber digits; F11 again comes back.")),
    Step(tr("Ctrl+K finds everything else, Ctrl+P prepares a session, Ctrl+D closes it. That was the tour.")),
)


class Tour(QWidget):
    """Lies over the log strip, which is not needed while one learns, and covers nothing else."""

    def __init__(self, state: SessionState, over: QWidget) -> None:
        super().__init__(over)
        self.setObjectName("tour")
        self.setAutoFillBackground(True)
        self._state, self._seen, self.at = state, len(state.lines), 0
        self.said = wrapped("", "heading")
        self.next = QPushButton(tr("Next"))
        self.end = QPushButton(tr("End the tour"))
        self.next.setMinimumWidth(96)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 8, 4)
        row.addWidget(self.said, 1)
        for button, do in ((self.next, self._go_on), (self.end, self.leave)):
            button.setAccessibleName(button.text())
            button.clicked.connect(do)
            row.addWidget(button)
        self._look = QTimer(self)
        self._look.timeout.connect(self._look_at)
        over.installEventFilter(self)
        self.setGeometry(over.rect())
        self._say()
        self._look.start(LOOK_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """It is as large as what it lies over."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    @Slot()
    def _look_at(self) -> None:
        lines = self._state.lines[self._seen :]
        self._seen += len(lines)
        done = STEPS[self.at].done
        if done is not None and any(done(line) for line in lines if not is_machine(line.by)):
            self._go_on()

    @Slot()
    def _go_on(self) -> None:
        self.at += 1
        if self.at == len(STEPS):
            self.leave()
        else:
            self._say()

    def _say(self) -> None:
        self.said.setText(
            tr("Tour, {at} of {steps}: {text}", at=self.at + 1, steps=len(STEPS), text=STEPS[self.at].text)
        )

    @Slot()
    def leave(self) -> None:
        """No more of it."""
        self._look.stop()
        self.hide()
        self.deleteLater()
