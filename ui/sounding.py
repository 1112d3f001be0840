"""What is told to the sound process, for all running sessions: the worst sound, again, reminders, where."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from monitor import entries as e
from monitor.alarms.paging import AGAIN, lost_listeners, room_sounds
from monitor.alarms.signals import SoundWanted, reminders, sound_of, sound_wanted
from monitor.live import LiveSession
from ui.sound.voice import Voice

LOUDEST = (SoundWanted.HIGH, SoundWanted.MEDIUM, SoundWanted.TECHNICAL, SoundWanted.LOW)

SOUNDED = (e.AlarmChanged, e.AlarmAcknowledged, e.AudioPaused, e.AudioOff, e.ListenerHere, e.ListenerGone)
"""What may change what is heard."""


class Sounding:
    """Belongs to the worker's loop. `nobody_sees` is whether the window stands still."""

    def __init__(
        self, voice: Voice | None, sessions: Mapping[str, LiveSession], nobody_sees: Callable[[], bool]
    ) -> None:
        self._voice = voice
        self._sessions = sessions
        self._nobody_sees = nobody_sees
        self.broken: set[str] = set()
        """Sessions that can no longer be monitored: the failure tone says so until they are taken up."""
        self._told = SoundWanted.NONE
        self._risen: set[SoundWanted] = set()
        """What the alarms sound like that are new or worse since the last word."""
        self._reminded: dict[str, int] = {}
        self._beats: dict[str, dict[str, int]] = {}
        """By session and place, the session ms at which the place was last heard of."""

    def tell(self) -> None:
        """Say what is to be heard. Any word counts as a sign of life, so a frozen window stops them all."""
        if self._voice is None or self._nobody_sees():
            return
        wanted, risen = self.wanted(), self._risen
        if wanted is self._told and wanted in risen:
            # It sounds like the one before, and its burst may be half a minute away: heard at once.
            self._voice.again()
        self._told, self._risen = wanted, set()
        self._voice.want(wanted)
        self._voice.beat()

    def wanted(self) -> SoundWanted:
        """The worst sound that any session wants in this room; the order of LOUDEST decides."""
        if self.broken:
            return SoundWanted.FAILURE
        wanted = {
            sound_wanted(session.state.ledger, session.preset.by_id(), session.now_ms)
            for session in self._sessions.values()
            if self._in_room(session)
        }
        return next((sound for sound in LOUDEST if sound in wanted), SoundWanted.NONE)

    def written(self, session: LiveSession, body: e.Body) -> None:
        """One that is new or worse is heard at once, one that nobody has seen again in the room."""
        if isinstance(body, e.AlarmPaged) and body.step == AGAIN and self._voice is not None:
            self._voice.again()
        if not isinstance(body, e.AlarmChanged) or body.state not in ("active", "worse"):
            return
        if self._in_room(session):
            self._risen.add(sound_of(body, session.preset.by_id()))

    def tick(self) -> None:
        """Remind people of a sound that is off; take sound back from a place where nobody listens."""
        for id_, session in self._sessions.items():
            due = reminders(session.state.ledger, session.now_ms)
            if due > self._reminded.get(id_, 0) and self._voice is not None:
                self._voice.remind()
            self._reminded[id_] = due
            for gone in lost_listeners(session.state.ledger, self._output, self._heard(id_), session.now_ms):
                session.record(gone, "vigil")

    def place_beats(self, place: str) -> None:
        """Another place is alive. That alone makes nobody a listener."""
        for id_, session in self._sessions.items():
            self._beats.setdefault(id_, {})[place] = session.now_ms

    def _in_room(self, session: LiveSession) -> bool:
        return room_sounds(session.state.ledger, self._output, self._heard(session.id), session.now_ms)

    def _heard(self, session: str) -> Mapping[str, int]:
        return self._beats.get(session, {})

    @property
    def _output(self) -> str:
        return self._voice.state.output if self._voice is not None else ""
