"""The demo: the same app on a virtual room, with a script that plays the people's part."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from monitor import entries as e
from monitor.codec import Entry
from monitor.identity import Identity
from monitor.language import tr
from monitor.trouble import Trouble
from ui.commands import NewSession
from ui.opening import Opening

if TYPE_CHECKING:
    from devices.scan import Radio
    from devices.virtual.room import VirtualRoom
    from ui.app import Window
    from ui.runtime import Runtime

log = structlog.get_logger()

# In a headless run this much of the patient's course passes in the minutes given, so that the
# picture shows a session and not its first moments. Radio, drivers and log keep real time.
PATIENT_MINUTES = 50.0

# How long the virtual cuff takes; a quick run gives it less.
CUFF_SECONDS = 25.0

# The virtual patient.
CODE = "KAP-0417"
MADE_UP = Identity(name="Robin Example", birth_date="1988-05-14", demo=True)

# How long the demo waits for its own devices before it says so.
FOUND_WITHIN_S = 20.0


@dataclass(frozen=True)
class Demo:
    """What `vigil demo` was asked for."""

    data_dir: Path
    script: str
    minutes: float
    headless: bool
    screenshot: Path | None
    size: tuple[int, int]
    record_sound: Path | None = None
    tour: bool = False


def run_demo(demo: Demo) -> int:
    """Run it; returns the exit code. Raises Trouble where a headless run cannot open its record."""
    if demo.headless:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from devices.virtual.script import load_script

    load_script(demo.script)  # an unknown name is said before a window opens
    from ui.start import run

    stage = _Stage(demo)
    code = run(stage.opening, size=demo.size, prepared=stage.prepared)
    if stage.refused is not None:
        raise stage.refused
    return code or stage.exit_code


class _Stage:
    """The virtual room and the people's part. All but `prepared` runs on the worker's loop."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.exit_code = 0
        self.refused: Trouble | None = None
        self.opening = Opening(
            demo.data_dir,
            demo=True,
            radio=self._radio,
            sound="null" if demo.headless else "default",
            record_sound=demo.record_sound,
            on_entry=self._watch,
        )
        self._room: VirtualRoom | None = None
        self._window: Window | None = None
        self._cuffs: set[asyncio.Task[object]] = set()

    def prepared(self, window: Window) -> None:
        """The window is there; the play begins when its runtime is."""
        self._window = window
        if self.demo.headless:  # nobody would see it in the window
            window.entrance.closed.connect(self._leave)

    def _leave(self, trouble: Trouble) -> None:
        self.refused = trouble
        assert self._window is not None
        self._window.close()

    @asynccontextmanager
    async def _radio(self) -> AsyncIterator[Radio]:
        from devices.scan import Radio
        from devices.virtual.room import VirtualRoom

        quick = self.demo.headless
        seconds = self.demo.minutes * 60
        room = VirtualRoom(
            self.demo.script,
            speed=PATIENT_MINUTES * 60 / seconds if quick else 1.0,
            cuff_seconds=min(CUFF_SECONDS, seconds * 0.12) if quick else CUFF_SECONDS,
        )
        await room.start()
        self._room = room
        play = asyncio.create_task(self._play(), name="demo-play")
        try:
            yield Radio(room.radio.scanner_backend, room.radio.client_backend)
        finally:
            play.cancel()
            await asyncio.gather(play, *self._cuffs, return_exceptions=True)
            await room.close()

    # --- the instruments' part ------------------------------------------------------------

    def _watch(self, session: str, entry: Entry) -> None:
        room = self._room
        if room is None:
            return
        match entry.body:
            case e.DoseGiven(route=route) | e.InfusionStarted(route=route) if (
                entry.body.dose_kind != e.RESCUE
            ):
                room.dose(route=route)
            case e.CuffAsked():
                self._press_start(room)
            case e.CuffCancelled():
                for task in self._cuffs:  # whoever cancels also presses the cuff's button
                    task.cancel()

    def _press_start(self, room: VirtualRoom) -> None:
        """The prompt says that the cuff waits to be started: somebody in the room does it."""
        if not self._cuffs:
            task = asyncio.create_task(room.cuff.measure())
            self._cuffs.add(task)
            task.add_done_callback(self._cuffs.discard)

    # --- the people's part ----------------------------------------------------------------

    async def _play(self) -> None:
        try:
            await self._session()
        except TimeoutError:
            log.error("the demo's own devices were not found")
            self.exit_code = 1
        except Exception:  # a fault in the play must end a headless run, not hang it
            log.exception("the demo broke off")
            self.exit_code = 1
        if self.demo.headless and self._window is not None:
            self._window.bridge.post(self._window.close)

    async def _session(self) -> None:
        runtime = await self._runtime()
        if CODE not in runtime.identities.codes:
            runtime.identities.keep(CODE, MADE_UP, "vigil")
        session = await asyncio.wrap_future(
            runtime.begin(NewSession(code=CODE, route="im", room="Room 2", demo=True))
        )
        live = runtime.live[session]
        await _until(lambda: len(runtime.sightings()) >= 2)
        for sighting in runtime.sightings():
            await asyncio.wrap_future(runtime.assign(session, sighting))
        await _until(lambda: len(live.state.heard_ms) >= 1)
        cuff = next(d.device for d in live.state.devices.values() if d.role == "cuff")
        await _until(lambda: live.state.devices[cuff].state == "live")
        for device, arm in ((d, "right" if d == cuff else "left") for d in list(live.state.devices)):
            await asyncio.wrap_future(runtime.record(session, e.DeviceConfirmed(device=device, arm=arm)))
        if not self.demo.headless:
            # A first pressure; from here on a person plays.
            await asyncio.wrap_future(runtime.record(session, e.CuffAsked(device=cuff)))
            if self.demo.tour and self._window is not None:
                self._window.bridge.post(partial(self._begin_tour, session))
            return
        await self._quick_session(runtime, session, cuff)

    async def _quick_session(self, runtime: Runtime, session: str, cuff: str) -> None:
        """Baseline, dose, two observations, a cuff reading at the peak, picture, end."""
        minute = self.demo.minutes * 60 / PATIENT_MINUTES  # a minute of the patient's, in seconds

        live = runtime.live[session]

        async def then(after: float, body: e.Body) -> int:
            await asyncio.sleep(after * minute)
            await asyncio.wrap_future(runtime.record(session, body))
            return live.state.seq

        await then(0, e.CuffAsked(device=cuff))
        await then(9, e.DoseGiven(drug="ketamine", amount_mg=60, route="im"))
        dizzy = await then(6, e.ObservationStarted(code="dizzy"))
        await then(1, e.ObservationGraded(episode=dizzy, grade=2))
        await then(5, e.ObservationStarted(code="dissociation", grade=3))
        await then(3, e.ObservationEnded(episode=dizzy))
        await then(2, e.NoteWritten(text="the room is very far away"))
        await then(13, e.CuffAsked(device=cuff))
        await asyncio.sleep(11 * minute)
        await self._picture()
        await then(0, e.SessionEnded(reason="end of the demo"))

    async def _runtime(self) -> Runtime:
        await _until(lambda: self.opening.runtime is not None)
        assert self.opening.runtime is not None
        return self.opening.runtime

    async def _picture(self) -> None:
        if self.demo.screenshot is None or self._window is None:
            return
        taken: Future[bool] = Future()
        self._window.bridge.post(partial(self._grab, self.demo.screenshot, taken))
        if not await asyncio.wrap_future(taken):
            log.error("the picture could not be written")
            self.exit_code = 1

    def _begin_tour(self, session: str) -> None:
        from ui.live.tour import Tour

        assert self._window is not None
        Tour(self._window.states[session], self._window.screens[session].log).show()

    def _grab(self, file: Path, taken: Future[bool]) -> None:
        assert self._window is not None
        for screen in self._window.screens.values():
            screen.trends.choose(tr("all"))  # two minutes of a session would be a sliver of an hour
        taken.set_result(self._window.grab().save(str(file), "PNG"))


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(FOUND_WITHIN_S):
        while not condition():  # noqa: ASYNC110 - what is waited for changes in several threads
            await asyncio.sleep(0.05)
