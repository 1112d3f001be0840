"""Who listens at the second place: "I'm here" into every running session, and what they answer. No Qt.

A machine that answers is not a listener: only a person's press begins or renews it. The place beats
while its window's timer lives and its loudspeaker plays; the rules of monitor/alarms/paging.py decide
the rest, for this place as for each session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from monitor import entries as e
from monitor.alarms.ledger import Ledger
from monitor.alarms.paging import lost_listeners
from monitor.care.content import listener_rules
from monitor.clock import Clock
from monitor.language import noted
from monitor.live import LiveSession
from monitor.people import name_of
from monitor.trouble import Trouble
from ui.place import PLACE
from ui.place.loudspeaker import Loudspeaker
from ui.sounding import Sounding

NO_NAME = Trouble(
    "Nobody has said who is at the second place.",
    "Alarms sound in the room.",
    "Enter your name, then press I'm here.",
)
NO_SOUND = Trouble(
    "The second place has no loudspeaker that plays.",
    "Alarms sound in the room.",
    "Choose one other than the room's, and hear the test sound on it.",
)
NOBODY = Trouble(
    "Nobody is said to be at the second place.",
    "The answer was not entered: it needs a name.",
    "Press I'm here first.",
)


class Place:
    """Belongs to the worker's loop; public methods may be called from any thread unless they say otherwise.

    `call` hands a function to that loop, `running` gives a running session or raises Trouble.
    """

    def __init__(
        self,
        speaker: Loudspeaker,
        sounding: Sounding,
        sessions: Mapping[str, LiveSession],
        clock: Clock,
        call: Callable[..., Future[Any]],
        running: Callable[[str], LiveSession],
    ) -> None:
        self.speaker = speaker
        self._sounding = sounding
        self._sessions = sessions
        self._clock = clock
        self._call = call
        self._running = running
        self._ledger = Ledger()
        """Who is here, on a clock of its own: also while no session runs."""
        self._beat_ms = 0
        self.lost = ""
        """Why the last one who was here is not taken to listen any more; "" where they left."""
        self._closing: asyncio.Task[None] | None = None
        self._over = False
        """Whether Vigil is left: the window may go a moment later."""

    @property
    def here(self) -> e.ListenerHere | None:
        """Who is here."""
        known = self._ledger.listeners.get(PLACE)
        return None if known is None else known[0]

    @property
    def left_ms(self) -> int:
        """For how long that is believed; 0 where nobody is here."""
        known = self._ledger.listeners.get(PLACE)
        return 0 if known is None else max(0, known[1] + listener_rules().here_ms - self._now_ms())

    # --- what a person does ---------------------------------------------------------------

    def press_here(self, typed: str) -> Future[None]:
        """A person says that they are here; the future fails with Trouble where that means nothing."""
        return self._call(self._press_here, typed)

    def _press_here(self, typed: str) -> None:
        person = name_of(typed)
        if not person:
            raise NO_NAME
        if not self.speaker.plays or self.speaker.kept == self.speaker.room_output:
            raise NO_SOUND
        here = e.ListenerHere(place=PLACE, output=self.speaker.kept, person=person)
        self.lost = ""
        self._ledger.apply(here, self._now_ms(), 0)
        self._beat()
        for session in list(self._sessions.values()):
            session.record(here, person)

    def press_leaving(self) -> Future[None]:
        """The person goes: sound is back in the room."""
        return self._call(self._leave, noted("the person has left"))

    def keep(self, output: str) -> Future[None]:
        """The test sound was heard there. Whoever was here on another output has to say so anew."""
        return self._call(self._keep, output)

    def _keep(self, output: str) -> None:
        here = self.here
        if here is not None and here.output != output:
            self._leave(noted("another loudspeaker was chosen"))
        self.speaker.kept = output

    def answer(self, session: str, body: e.AlarmAcknowledged | e.PageAnswered) -> Future[None]:
        """Enter an answer for whoever is here. It does not count as saying so again."""
        return self._call(self._answer, session, body)

    def _answer(self, session: str, body: e.AlarmAcknowledged | e.PageAnswered) -> None:
        here = self.here
        if here is None:
            raise NOBODY
        self._running(session).record(body, here.person)

    def _leave(self, reason: str) -> None:
        here = self.here
        if here is None:
            return
        gone = e.ListenerGone(place=PLACE, reason=reason)
        self._ledger.apply(gone, self._now_ms(), 0)
        for session in list(self._sessions.values()):
            if PLACE in session.state.ledger.listeners:
                session.record(gone, here.person)

    # --- what the window and the worker do ------------------------------------------------

    def beat(self) -> None:
        """The window's timer lives."""
        if not self._over:
            self._call(self._beat)

    def _beat(self) -> None:
        if self.speaker.plays:
            self._beat_ms = self._now_ms()
            self._sounding.place_beats(PLACE)

    def tick(self) -> None:
        """Worker: whoever may not be relied on any more is here no more; each session says so itself."""
        output, now_ms = self.speaker.room_output, self._now_ms()
        for gone in lost_listeners(self._ledger, output, {PLACE: self._beat_ms}, now_ms):
            self.lost = gone.reason
            self._ledger.apply(gone, now_ms, 0)

    def joined(self, session: LiveSession) -> None:
        """Worker: a session begins or goes on while somebody is here: since their press, not since now."""
        for place in set(session.state.ledger.listeners):
            session.record(e.ListenerGone(place=place, reason=noted("Vigil was away")), "vigil")
        known = self._ledger.listeners.get(PLACE)
        if known is not None:
            here, since_ms = known
            now_ms = self._now_ms()
            self._sounding.place_beats(PLACE, now_ms - self._beat_ms)
            session.record(here, here.person, now_ms - since_ms)

    def closed(self) -> None:
        """The window is closed: sound is back in the room at once."""
        if not self._over:
            self._call(self._closed)

    def _closed(self) -> None:
        self._leave(noted("the window there was closed"))
        voice = self.speaker.let_go()
        if voice is not None:
            ending = asyncio.to_thread(voice.close)  # a goodbye may take its time
            self._closing = asyncio.get_running_loop().create_task(ending, name="vigil-place")

    async def leave(self) -> None:
        """Worker: Vigil is left."""
        self._over = True
        self._leave(noted("Vigil was closed"))
        self._closed()
        if self._closing is not None:
            await self._closing

    def _now_ms(self) -> int:
        return self._clock.now().mono_ns // 1_000_000
