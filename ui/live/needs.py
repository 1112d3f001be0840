""" "I need you": the last one, and what somebody has answered to it. No Qt."""

from __future__ import annotations

import msgspec

from monitor import entries as e
from monitor.language import tr
from monitor.session import Line, SessionState
from monitor.words import length

ANSWERED_MS = 300_000
"""How long one that was answered stays in view."""


class Need(msgspec.Struct, frozen=True):
    """One "I need you" that still concerns people."""

    entry: int
    urgency: str
    at_ms: int
    answer: str = ""
    """What a person has said to it: "coming", "seen in 5 min"; "" while nobody has."""
    by: str = ""
    """Who said it, or entered what they heard on the phone."""
    answered_ms: int = 0

    def said(self, now_ms: int) -> str:
        """ "Dr Lee: coming, said 12 s ago"; "" while nobody has answered."""
        if not self.answer:
            return ""
        return tr(
            "{by}: {answer}, said {length} ago",
            by=self.by,
            answer=self.answer,
            length=length(now_ms - self.answered_ms),
        )


class Needs:
    """Reads on from where it stopped: a long log is read once."""

    def __init__(self, state: SessionState) -> None:
        self._state, self._read = state, 0
        self._asked: list[int] = []
        self._answers: list[int] = []
        """Where in the lines they stand: a line that is taken back is replaced there."""

    def last(self, now_ms: int) -> Need | None:
        """The last one, unless it was taken back or answered some time ago."""
        self._follow()
        lines = self._state.lines
        asked = next((lines[n] for n in reversed(self._asked) if not lines[n].retracted), None)
        if asked is None or not isinstance(asked.body, e.NeedYou):
            return None
        need = Need(asked.entry, asked.body.urgency, asked.at_ms)
        said = next((lines[n] for n in reversed(self._answers) if not lines[n].retracted), None)
        if said is not None and said.entry > asked.entry:
            need = self._answered(need, said)
        return None if need.answer and now_ms - need.answered_ms >= ANSWERED_MS else need

    def _follow(self) -> None:
        lines = self._state.lines
        for n in range(self._read, len(lines)):
            body = lines[n].body
            if isinstance(body, e.NeedYou):
                self._asked.append(n)
            elif isinstance(body, e.PageAnswered) and not body.condition:
                self._answers.append(n)
        self._read = len(lines)

    def _answered(self, need: Need, line: Line) -> Need:
        assert isinstance(line.body, e.PageAnswered)
        within = "" if line.body.minutes is None else tr(" in {minutes} min", minutes=line.body.minutes)
        answer, by = line.body.answer + within, self._state.called(line.by)
        return msgspec.structs.replace(need, answer=answer, by=by, answered_ms=line.at_ms)
