"""What is told to the sound processes, for all running sessions: the worst sound, again, reminders, where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from monitor import entries as e
from monitor.alarms.paging import AGAIN, listens, lost_listeners, room_sounds
from monitor.alarms.signals import SoundWanted, reminders, sound_of, sound_wanted
from monitor.live import LiveSession
from ui.sound.voice import Voice

LOUDEST = (SoundWanted.HIGH, SoundWanted.MEDIUM, SoundWanted.TECHNICAL, SoundWanted.LOW)

SOUNDED = (e.AlarmChanged, e.AlarmAcknowledged, e.AudioPaused, e.AudioOff, e.ListenerHere, e.ListenerGone)
"""What may change what is heard."""

ROOM = ""
"""The place that the patient is in."""


@dataclass
class Said:
    """What one place's sound process was told last."""

    told: SoundWanted = SoundWanted.NONE
    risen: set[SoundWanted] = field(default_factory=set)
    """What the alarms sound like that are new or worse since."""


class Sounding:
    """Belongs to the worker's loop. `nobody_sees` is whether the window stands still.

    `elsewhere` gives the sound process of each other place that has one now.
    """

    def __init__(
        self,
        voice: Voice | None,
        sessions: Mapping[str, LiveSession],
        nobody_sees: Callable[[], bool],
        elsewhere: Callable[[], Mapping[str, Voice]] = dict,
    ) -> None:
        self._voice = voice
        self._sessions = sessions
        self._nobody_sees = nobody_sees
        self._elsewhere = elsewhere
        self.broken: set[str] = set()
        """Sessions that can no longer be monitored: the failure tone says so until they are taken up."""
        self._said = {ROOM: Said()}
        """By place, what is told there."""
        self._reminded: dict[str, int] = {}
        self._beats: dict[str, dict[str, int]] = {}
        """By session and place, the session ms at which the place was last heard of."""

    def tell(self) -> None:
        """Say what is to be heard. Any word counts as a sign of life, so a frozen window stops them all."""
        if self._voice is None or self._nobody_sees():
            return
        self._say(ROOM, self._voice, self.wanted())
        for place, voice in self._elsewhere().items():
            self._say(place, voice, self.wanted_at(place))

    def _say(self, where: str, voice: Voice, wanted: SoundWanted) -> None:
        said = self._said.setdefault(where, Said())
        if wanted is said.told and wanted in said.risen:
            # It sounds like the one before, and its burst may be half a minute away: heard at once.
            voice.again()
        said.told, said.risen = wanted, set()
        voice.want(wanted)
        voice.beat()

    def wanted(self) -> SoundWanted:
        """The worst sound that any session wants in this room."""
        return self._worst(session for session in self._sessions.values() if self._in_room(session))

    def wanted_at(self, place: str) -> SoundWanted:
        """The worst sound that any session wants at another place: none where nobody listens."""
        listened = [session for session in self._sessions.values() if self._listened(session, place)]
        return self._worst(listened) if listened else SoundWanted.NONE

    def _worst(self, sessions: Iterable[LiveSession]) -> SoundWanted:
        """The order of LOUDEST decides."""
        if self.broken:
            return SoundWanted.FAILURE
        wanted = {sound_wanted(s.state.ledger, s.preset.by_id(), s.now_ms) for s in sessions}
        return next((sound for sound in LOUDEST if sound in wanted), SoundWanted.NONE)

    def written(self, session: LiveSession, body: e.Body) -> None:
        """One that is new or worse is heard at once, one that nobody has seen again, wherever it sounds."""
        if isinstance(body, e.AlarmPaged) and body.step == AGAIN and self._voice is not None:
            for voice in (self._voice, *self._elsewhere().values()):
                voice.again()
        if not isinstance(body, e.AlarmChanged) or body.state not in ("active", "worse"):
            return
        sound = sound_of(body, session.preset.by_id())
        if self._in_room(session):
            self._said[ROOM].risen.add(sound)
        for place in self._elsewhere():
            if self._listened(session, place):
                self._said.setdefault(place, Said()).risen.add(sound)

    def tick(self) -> None:
        """Remind people of a sound that is off; take sound back from a place where nobody listens."""
        for id_, session in self._sessions.items():
            due = reminders(session.state.ledger, session.now_ms)
            if due > self._reminded.get(id_, 0):
                self._remind(session)
            self._reminded[id_] = due
            for gone in lost_listeners(session.state.ledger, self._output, self._heard(id_), session.now_ms):
                session.record(gone, "vigil")

    def _remind(self, session: LiveSession) -> None:
        """Where its alarms would sound."""
        if self._voice is not None and self._in_room(session):
            self._voice.remind()
        for place, voice in self._elsewhere().items():
            if self._listened(session, place):
                voice.remind()

    def place_beats(self, place: str, ago_ms: int = 0) -> None:
        """Another place was alive `ago_ms` ago. That alone makes nobody a listener."""
        for id_, session in self._sessions.items():
            self._beats.setdefault(id_, {})[place] = session.now_ms - ago_ms

    def _in_room(self, session: LiveSession) -> bool:
        return room_sounds(session.state.ledger, self._output, self._heard(session.id), session.now_ms)

    def _listened(self, session: LiveSession, place: str) -> bool:
        heard = self._heard(session.id)
        return not listens(session.state.ledger, place, self._output, heard, session.now_ms)

    def _heard(self, session: str) -> Mapping[str, int]:
        return self._beats.get(session, {})

    @property
    def _output(self) -> str:
        return self._voice.state.output if self._voice is not None else ""
