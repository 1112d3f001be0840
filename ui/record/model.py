"""The lines of a record as rows of one height: what counts now, and beneath it, struck through, what it was.

Words are found only for the rows that somebody looks at, so that any number of lines scrolls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from monitor.language import day_of_year, tr
from monitor.people import is_machine
from monitor.session import Line, SessionState
from monitor.words import clock_time, in_words
from monitor.words.correction_lines import Past, past
from monitor.words.lines import LATE_MS

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
DAY_MS = 86_400_000


class Row(NamedTuple):
    """One row in words."""

    entry: int
    """0 for what a line was before: it belongs to the row above."""
    time: str
    entered: str
    """When it was entered, where that was noticeably later."""
    what: str
    text: str
    struck: bool = False
    why: str = ""
    """Who corrected it, when and why."""

    def sentence(self) -> str:
        """All of it, as it is read aloud."""
        parts = (
            self.time,
            self.entered and tr("entered {entered}", entered=self.entered),
            self.what,
            self.text,
            self.why,
        )
        said = ", ".join(part for part in parts if part)
        return tr("struck through: {said}", said=said) if self.struck else said


def everybody(line: Line) -> bool:
    """Every line is shown."""
    return True


def by_people(line: Line) -> bool:
    """Only what people have entered is shown."""
    return not is_machine(line.by)


class RecordModel(QAbstractListModel):
    """Rows of `state`, oldest first or newest first; `refresh` after entries were applied to it."""

    def __init__(
        self, state: SessionState, wanted: Callable[[Line], bool] = everybody, *, newest_first: bool = False
    ) -> None:
        super().__init__()
        self._state, self._wanted, self._newest_first = state, wanted, newest_first
        self._parts: list[tuple[int, int]] = []
        """Per row the place of its line, and which part of it: 0 is what counts now."""
        self._place_names()
        self._lay_out()

    def refresh(self) -> None:
        """Lines were added or corrected."""
        self.beginResetModel()
        self._place_names()
        self._lay_out()
        self.endResetModel()

    def _place_names(self) -> None:
        state = self._state
        self._zero_ms = state.dose_ms or 0
        self._episodes = {key: episode.code for key, episode in state.episodes.items()}
        self._devices = {key: device.name for key, device in state.devices.items()}

    def _lay_out(self) -> None:
        lines = self._state.lines
        places = range(len(lines) - 1, -1, -1) if self._newest_first else range(len(lines))
        self._parts = [
            (place, part)
            for place in places
            if self._wanted(lines[place])
            for part in range(1 + max(0, len(lines[place].versions) - 1))
        ]

    # --- what Qt asks ---------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """How many rows there are."""
        return 0 if parent.isValid() else len(self._parts)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The Row, or all of it as one sentence."""
        if not index.isValid():
            return None
        if role == ROW:
            return self.row(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.row(index.row()).sentence()
        return None

    # --- what screens ask -----------------------------------------------------------------

    def line(self, row: int) -> Line:
        """The line that a row belongs to."""
        return self._state.lines[self._parts[row][0]]

    def row_of(self, entry: int) -> int:
        """The row of an entry, -1 where it is not shown."""
        lines = self._state.lines
        places = (row for row, (place, part) in enumerate(self._parts) if lines[place].entry == entry)
        return next(places, -1)

    def row(self, row: int) -> Row:
        """A row in words."""
        line, part = self.line(row), self._parts[row][1]
        what, text = self._tell(line)
        if part:
            before = self._past(line)[part - 1]
            return Row(0, "", "", tr("was"), before.text, struck=True, why=before.why)
        late = line.entered_ms - line.at_ms >= LATE_MS
        struck = line.struck is not None
        return Row(
            line.entry,
            self.when(line.at_ms),
            self.when(line.entered_ms) if late else "",
            what,
            text,
            struck=struck or bool(line.refused),
            why=self._past(line)[-1].why if struck else tr("amended") if line.versions else "",
        )

    def whole(self, row: int) -> str:
        """A line with all that it was, as text of several rows."""
        line = self.line(row)
        what, text = self._tell(line)
        told = [f"{self.when(line.at_ms)}  {what}: {text}", tr("entry {entry}", entry=line.entry)]
        told += [
            tr("struck through: {text}\n{why}", text=before.text, why=before.why)
            for before in self._past(line)
        ]
        return "\n\n".join(told)

    def when(self, ms: int) -> str:
        """A session time as it counts from the dose, or where that is days ago the day and the hour."""
        wall = self._state.timeline.wall(ms)
        if wall is None or abs(ms - self._zero_ms) < DAY_MS:
            return clock_time(ms - self._zero_ms)
        return f"{day_of_year(wall)} {wall:%H:%M}"

    def _tell(self, line: Line) -> tuple[str, str]:
        state = self._state
        return in_words(line, self._episodes, self._zero_ms, self._devices, state.staff, state.identified)

    def _past(self, line: Line) -> list[Past]:
        return past(line, lambda x: self._tell(x)[1], self._state.called, self.when)
