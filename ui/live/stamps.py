"""What taps on the pad mean for the record: episodes begun, graded and ended, and undo. No Qt.

Entries come back through the state a moment later; what is on its way is remembered here, so that
neither a quick second tap nor a quick digit gets lost or counted twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from monitor import entries as e
from monitor.care.content import Observation, observations
from monitor.people import role_of
from monitor.session import Episode, Line, SessionState
from ui.commands import Commands

# A digit grades the last tap for this long (design, "The pad").
GRADE_WITHIN_MS = 5_000
# After this an entry on its way counts as lost, and the tile can be tapped again.
UNDER_WAY_MS = 2_000


@dataclass
class Tap:
    """The last tap on an observation, for the digit that may follow."""

    code: str
    at_ms: int
    episode: int | None
    """None while its first entry is on its way."""


class Stamps:
    """`now` is any clock in ms that only goes forward; `ago_ms` counts back from it."""

    def __init__(self, state: SessionState, commands: Commands, now: Callable[[], int]) -> None:
        self._state = state
        self._commands = commands
        self._now = now
        self.when_ms = 0
        """How long ago the next thing happened, as chosen with a When chip."""
        self.last: Tap | None = None
        self._starting: dict[str, int] = {}
        self._ending: set[int] = set()
        self._undone: set[int] = set()
        self._grade: int | None = None

    def open_episode(self, code: str) -> Episode | None:
        """The episode of `code` that runs, or None."""
        return next((x for x in reversed(self._state.open_episodes) if x.code == code), None)

    def tap(self, code: str, ago_ms: int = 0) -> None:
        """Begin an episode of `code`, or end the one that runs."""
        at_ms = self._now()
        episode = self.open_episode(code)
        if episode is None:
            if at_ms - self._starting.get(code, -UNDER_WAY_MS) < UNDER_WAY_MS:
                return
            self._starting[code] = at_ms
            self.last = Tap(code, at_ms, None)
            self._record(e.ObservationStarted(code=code), ago_ms)
        elif episode.entry not in self._ending:
            self._ending.add(episode.entry)
            self.last = Tap(code, at_ms, episode.entry)
            self._record(e.ObservationEnded(episode=episode.entry), ago_ms)

    def gradable(self) -> Observation | None:
        """The observation that a digit would grade now."""
        if self.last is None or self._now() - self.last.at_ms > GRADE_WITHIN_MS:
            return None
        found = next((o for o in observations() if o.code == self.last.code), None)
        return found if found is not None and any(found.grades) else None

    def grade(self, digit: int) -> bool:
        """Grade the last tap; False where there is nothing to grade or no such grade."""
        observation = self.gradable()
        if observation is None or self.last is None:
            return False
        if not (0 <= digit < len(observation.grades) and observation.grades[digit]):
            return False
        if self.last.episode is None:
            self._grade = digit
        else:
            self._commands.record(e.ObservationGraded(episode=self.last.episode, grade=digit))
        return True

    def note(self, body: e.Body, ago_ms: int = 0) -> None:
        """Enter anything else, `ago_ms` before the time the When chip says."""
        self._record(body, ago_ms)

    def when(self) -> int:
        """How long ago the next thing happened; from then on it is now again."""
        ago_ms, self.when_ms = self.when_ms, 0
        return ago_ms

    def settle(self) -> None:
        """Entries have arrived in the state: give a waiting grade to the episode it is for."""
        for code in list(self._starting):
            episode = self.open_episode(code)
            if episode is None:
                continue
            del self._starting[code]
            if self.last is not None and self.last.code == code and self.last.episode is None:
                self.last.episode = episode.entry
                if self._grade is not None:
                    self._commands.record(e.ObservationGraded(episode=episode.entry, grade=self._grade))
                    self._grade = None
        running = {x.entry for x in self._state.open_episodes}
        self._ending &= running

    def undo(self) -> Line | None:
        """Take back the newest entry of a person; returns it, or None where there is none or it is of a
        kind that undo leaves alone: then nothing older is touched either."""
        line = self.newest()
        if line is None or not undoable(line.body):
            return None
        self._undone.add(line.entry)
        self.last = None
        self._commands.record(e.Retracted(entry=line.entry))
        return line

    def newest(self) -> Line | None:
        """The newest entry of a person in this room that stands."""
        return last_by_people([line for line in self._state.lines if line.entry not in self._undone])

    def _record(self, body: e.Body, ago_ms: int) -> None:
        self._commands.record(body, ago_ms + self.when())


UNDOABLE = (
    e.ObservationStarted,
    e.ObservationGraded,
    e.ObservationEnded,
    e.FindingNoted,
    e.NoteWritten,
    e.DoseGiven,
    e.DoseWasted,
    e.LozengeOver,
    e.InfusionStarted,
    e.InfusionRateSet,
    e.InfusionPaused,
    e.InfusionResumed,
    e.InfusionStopped,
    e.CheckDone,
    e.CheckSkipped,
    e.ScoreTaken,
    e.InterventionMade,
    e.AdverseEventNoted,
    e.AdverseEventFollowed,
    e.DischargeChecked,
    e.PatientLeft,
    e.CuffWorn,
    e.NeedYou,
    e.PageAnswered,
    e.TimeOutTaken,
    e.PatientUp,
    e.PatientBack,
    e.TherapistOut,
    e.TherapistBack,
    e.EmergencyStarted,
)
"""Not the steps and the end of an emergency: too much hangs on them for one key."""


def undoable(body: e.Body) -> bool:
    """Whether one key takes it back, as a slip just made."""
    return isinstance(body, UNDOABLE) or (isinstance(body, e.CuffTaken) and body.trigger == e.TYPED)


def last_by_people(lines: Sequence[Line]) -> Line | None:
    """The newest entry of a person in this room that stands; without what undo itself has entered."""

    def by_people(line: Line) -> bool:
        undo = isinstance(line.body, e.Retracted) and not line.body.reason
        return bool(role_of(line.by)) and not undo and not line.retracted

    return next(filter(by_people, reversed(lines)), None)
