"""Composition without Qt: one worker thread with the radio, the live sessions, the store and the voice.

The worker's asyncio loop runs for the whole life of the program. What may be asked of it from any thread is
in requests.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import count

import structlog

from devices.hub import Hub
from devices.scan import Radio
from monitor import entries as e
from monitor.accounts import Accounts
from monitor.alarms.shelf import PresetShelf
from monitor.clock import Clock, SystemClock, interval_ns
from monitor.codec import Entry
from monitor.identities import Identities
from monitor.language import tr
from monitor.live import LiveSession
from monitor.practice import PracticeLog
from monitor.private_notes import PrivateNotes
from monitor.session import SessionState
from monitor.staffing import Staffing
from monitor.store.store import Store
from monitor.trouble import Trouble
from monitor.vitals import Waveform
from ui.closed import ClosedSessions
from ui.faults import MEASURE_S, Computer, Faults, unsaved
from ui.instruments import Instruments
from ui.keeper import Keeper
from ui.place.loudspeaker import Loudspeaker
from ui.place.place import Place
from ui.requests import Requests
from ui.sessions import Sessions
from ui.sound.choosing import Choosing
from ui.sound.voice import Voice
from ui.sounding import Sounding
from ui.worker import Worker

log = structlog.get_logger()

# How late a delay's end may be noticed: an alarm is heard within 150 ms of it. A tick costs microseconds.
TICK_S = 0.05
TICKS_PER_BEAT = 5
# How long leaving may take: links are disconnected, the store is written out, the child says goodbye.
LEAVE_S = 8.0

# Worker and window watch each other: one that has not been heard for so long stands still.
STANDS_STILL_S = 3.0

NO_RADIO = Trouble(
    tr("Bluetooth could not be opened."),
    tr("No device can be read; everything else works."),
    tr("Check that this computer has Bluetooth, then start Vigil again."),
)


class Runtime(Requests):
    """Everything that runs while Vigil is open, except windows.

    `on_opened(session, state)` hands over a folded state that from then on belongs to the listener;
    `on_entry(session, entry)` follows with every entry written. Both come on the worker thread.
    `on_waveform(session, device, waveform)` with the pulse wave as it comes.
    `second_voice` begins a sound process for the second place, where there may be one.
    `on_corrected(session, entry)` tells what is added to a session that has ended.
    `on_trouble(trouble | None)` when the store cannot write, and when it can again.
    """

    def __init__(
        self,
        store: Store,
        radio: Callable[[], AbstractAsyncContextManager[Radio]],
        *,
        clock: Clock | None = None,
        voice: Voice | None = None,
        second_voice: Callable[[], Voice] | None = None,
        on_opened: Callable[[str, SessionState], None] = lambda session, state: None,
        on_entry: Callable[[str, Entry], None] = lambda session, entry: None,
        on_waveform: Callable[[str, str, Waveform], None] = lambda session, device, waveform: None,
        on_trouble: Callable[[Trouble | None], None] = lambda trouble: None,
        on_corrected: Callable[[str, Entry], None] = lambda session, entry: None,
        demo: bool = False,
        failed_unlocks: int = 0,
    ) -> None:
        self.store = store
        self.clock = clock or SystemClock()
        self.voice = voice
        self.live: dict[str, LiveSession] = {}
        self._open_radio = radio
        self._on_trouble = on_trouble
        self._window_ns: int | None = None
        self._worker_ns = interval_ns()
        self._troubles: dict[str, Trouble] = {}
        store.listen(
            on_trouble=partial(self._trouble_changed, "store"), on_lost=partial(self._trouble_changed, "lost")
        )
        self._worker = Worker(self._life)
        self._practice = PracticeLog(store, self.clock, demo=demo)
        self.people = self._practice.people
        """Who works here; read from any thread."""
        self.accounts = Accounts(store, self.people, self.clock)
        self.private_notes = PrivateNotes(store, self.clock, self._practice)
        self._staffing = Staffing(self._practice, self.accounts, self.private_notes.forget_pin)
        self.identities = Identities(store, self._practice)
        self.instruments = Instruments(self._practice, self.clock, self.live, self._worker.keep)
        self.choosing = Choosing(voice, self._practice) if voice is not None else None
        self.presets = PresetShelf(store.data_dir / "presets")
        speaker = Loudspeaker(voice, second_voice) if voice is not None and second_voice is not None else None
        voices = speaker.voices if speaker is not None else dict
        self._sounding = Sounding(voice, self.live, self._window_stands_still, voices)
        self._sessions = Sessions(
            self.live,
            store,
            self._practice,
            self._staffing,
            self.clock,
            self.presets,
            self.instruments,
            self._sounding,
            on_opened,
            on_entry,
            self._trouble_changed,
        )
        prove = self._staffing.prove
        self._closed = ClosedSessions(self.live, store, self.clock, self._practice, prove, on_corrected)
        self.place: Place | None = None
        if speaker is not None:
            running = self._sessions.running
            self.place = Place(speaker, self._sounding, self.live, self.clock, self.call, running)
            self._sessions.joined = self.place.joined
        told = partial(self._trouble_changed, "backup")
        self.keeper = Keeper(
            store, self._practice, self._staffing, self.clock, self.call, self._worker.begin, self.live, told
        )
        self._sessions.left = self._ended
        self._sessions.on_waveform = on_waveform
        self._closed.signed = self.keeper.ended
        self._computer = Computer(store.data_dir)
        self._faults = Faults(
            {
                "sound": lambda: voice.unheard if voice is not None else "",
                "output": lambda: voice.state.moved if voice is not None else "",
                "disk": lambda: self._unsaved,
                "window": lambda: tr("nothing on it moves") if self._window_stands_still() else "",
            }
        )
        if failed_unlocks:
            self._practice.record(e.UnlockFailed(count=failed_unlocks))

    # --- life -----------------------------------------------------------------------------

    def start(self) -> None:
        """Start the worker thread; returns when its loop runs."""
        self._worker.start()

    def stop(self) -> None:
        """Close everything in order: links, sessions, store, voice. Bounded; call once."""
        self._window_ns = None
        self.keeper.close()  # before the loop stops, by which it enters what it has done
        self._worker.stop(LEAVE_S)
        try:
            self.store.close()
        finally:
            if self.voice is not None:
                self.voice.close()

    @asynccontextmanager
    async def _life(self) -> AsyncIterator[None]:
        self.keeper.start()
        async with AsyncExitStack() as leaving:
            self._worker.keep(self._start_radio(leaving), "vigil-radio")
            self._worker.keep(self._tick(), "vigil-tick")
            self._worker.keep(self._measure(), "vigil-measure")
            yield
            await self.instruments.close()
            if self.place is not None:
                await self.place.leave()
            self._sessions.close()

    async def _start_radio(self, leaving: AsyncExitStack) -> None:
        try:
            radio = await leaving.enter_async_context(self._open_radio())
        except Exception:  # whatever a system's Bluetooth throws: everything else goes on without it
            log.exception("Bluetooth could not be opened")
            self._trouble_changed("radio", NO_RADIO)
            return
        hub = Hub(
            radio, self.clock, self.instruments.heard, on_trouble=partial(self._trouble_changed, "radio")
        )
        self.instruments.hub = hub
        await hub.start()
        for session in self.live.values():
            self.instruments.take_up(session)

    def _trouble_changed(self, what: str, trouble: Trouble | None) -> None:
        """Tell the worst trouble there is."""
        if trouble is None:
            self._troubles.pop(what, None)
        else:
            self._troubles[what] = trouble
        self._tell_trouble()

    def _tell_trouble(self) -> None:
        # A backup that failed is for home: nobody leaves a patient for it.
        shown = ("session", "store", "lost", "radio", "preset", *(() if self.live else ("backup",)))
        present = (self._troubles.get(what) for what in shown)
        self._on_trouble(next((trouble for trouble in present if trouble is not None), None))

    def _ended(self, session_id: str) -> None:
        self.keeper.ended(session_id)
        self._tell_trouble()  # of the last backup too, where no other session runs

    @property
    def radio_trouble(self) -> Trouble | None:
        """Why no device can be reached, or None."""
        return self._troubles.get("radio")

    @property
    def cannot_save(self) -> bool:
        """Whether entries wait in memory because the disk refuses them, or does not answer."""
        return bool(self._unsaved) and self.store.waiting > 0

    @property
    def _unsaved(self) -> str:
        return unsaved("store" in self._troubles, self.store.waits_s)

    async def _tick(self) -> None:
        for tick in count():
            for session in list(self.live.values()):
                self._tick_one(session)
            self._faults.look(self.live.values())
            self._sounding.tick()
            if self.place is not None:
                self.place.tick()
            self._worker_ns = interval_ns()
            if tick % TICKS_PER_BEAT == 0:
                self._sounding.tell()
            await asyncio.sleep(TICK_S)

    def _tick_one(self, session: LiveSession) -> None:
        try:
            session.tick()
        except Exception:  # a defect that shows in one session must not end the alarms of the others
            log.exception("a session cannot go on")
            self._sessions.give_up(session)

    async def _measure(self) -> None:
        while True:
            self._faults.measured = await asyncio.to_thread(self._computer.measure)
            await asyncio.sleep(MEASURE_S)

    def window_lives(self) -> None:
        """Called by the window at each of its ticks. Where it stops, the sound process is no longer
        kept quiet: nobody sees anything on a frozen screen."""
        self._window_ns = interval_ns()

    def _window_stands_still(self) -> bool:
        seen = self._window_ns
        return bool(self.live) and seen is not None and interval_ns() - seen > STANDS_STILL_S * 1e9

    @property
    def stands_still(self) -> bool:
        """Whether the worker has not ticked for too long: nothing is measured or decided."""
        return interval_ns() - self._worker_ns > STANDS_STILL_S * 1e9

    @property
    def sound_line(self) -> str:
        """Where sound goes, in a few words; any thread."""
        if self.voice is None:
            return "none"
        state = self.voice.state
        return state.output if state.playing else tr("none, {reason}", reason=state.reason)

    def keep_output(self, output: str) -> Future[None]:
        """A person has heard the test sound on this output: alarms sound there from now on."""
        assert self.choosing is not None
        return self.call(self.choosing.keep, output)
