"""A script of the virtual patient played second by second under a clock that is moved by hand.

The bytes are those of the virtual instruments' own encoders; drivers, session, log on disk, live
screen and mixer are the real ones. Only radio, links and threads are left out, and the time they take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from expected_alarms import Pressure

from devices.driver import Action, Driver
from devices.drivers import mightysat, sig_cuff
from devices.virtual.encoding import pieces
from devices.virtual.instruments.mightysat import frame, parameters
from devices.virtual.instruments.sig_cuff import MEASUREMENT_SECONDS, final, intermediate, measured
from devices.virtual.patient import Patient, Physiology
from devices.virtual.script import LinkLost
from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.alarms.signals import sound_wanted
from monitor.care.content import routes
from monitor.clock import HandClock
from monitor.codec import Entry
from monitor.live import LiveSession
from monitor.session import Changed
from monitor.store.store import Store
from monitor.vitals import Event
from ui import theme
from ui.live.screen import LiveScreen
from ui.sound.player import Mixer
from ui.sound.synth import RATE

TICKS = 20
"""Per second, as the runtime's."""
READY_S = 60
"""The time-out is taken so long before the dose."""
CUFF_WAITS_S = 2
"""A result waits for others that the cuff may remember: until the second tick of its link."""
OXIMETER, CUFF = "oximeter", "cuff"
ALL_PARAMETERS = 0x1F


class Seen(NamedTuple):
    """The screen right after a condition changed. Priorities as the tile of SpO2 and the banner show them."""

    ms: int
    banner: tuple[str, str] | None
    """Condition and priority."""
    message: str
    spo2: str
    tile: str


class Heard(NamedTuple):
    """A burst that began, or "none" where it fell silent."""

    ms: float
    sound: str


class ByHand:
    """Plays `script` from its first second up to `until_min` after the dose, a pressure each `cuff_min`.

    `meanwhile` are people's doings, by second of the session, with the screen at hand.
    """

    def __init__(self, script: str, store: Store, cuff_min: int = 10, seed: int = 0) -> None:
        self.patient = Patient.planned(script, seed)
        assert self.patient.dose_at is not None
        self.dose_s = round(self.patient.dose_at)
        self.preset = load_preset(routes()[self.patient.script.route].preset)
        self.store = store
        self.clock = HandClock()
        self.told: list[tuple[e.AlarmChanged, int]] = []
        """Changes, and the session ms at which each was written."""
        self.seen: list[Seen] = []
        self.heard: list[Heard] = []
        self.loud: list[bool] = []
        """For each tick whether the device got anything but silence."""
        self.at: list[tuple[int, Physiology]] = []
        """What the patient had at each second at which the oximeter was heard."""
        self.pressures: list[Pressure] = []
        self._cuff_s = 60 * cuff_min
        self._oximeter = mightysat.MightySat()
        self._cuff = sig_cuff.SigCuff()
        self._mixer = Mixer(lambda sound, at: self.heard.append(Heard(1000 * at / RATE, sound)))
        store.create_log("s", "session")
        self.live = LiveSession("s", store, self.clock, self.preset, self._written)
        self._changed = False
        self._linked: set[str] = set()
        self._lost = [
            (x.device, self.dose_s + 60 * x.begin, x.seconds)
            for x in self.patient.script.event
            if isinstance(x, LinkLost)
        ]

    def play(
        self, until_min: float, meanwhile: Mapping[int, Callable[[LiveScreen], None]] | None = None
    ) -> None:
        route = self.patient.script.route
        self.live.open(
            e.SessionOpened(code="KAP-1", route=route, preset=self.preset.name, demo=True), "therapist"
        )
        self._devices()
        screen = LiveScreen(self.live.state, _Hand(self.live), self.preset)
        screen.resize(1280, 800)
        try:
            for second in range(round(self.dose_s + 60 * until_min)):
                self._people(second)
                if meanwhile and second in meanwhile:
                    meanwhile[second](screen)
                self._instruments(second)
                for _ in range(TICKS):
                    self.live.tick()
                    self._look(screen)
                    self._listen()
                    self.clock.advance(1 / TICKS)
        finally:
            screen.trends.close()
            screen.close()
            screen.deleteLater()
        self.live.close()

    def _devices(self) -> None:
        for device, driver, arm in ((OXIMETER, "mightysat", "left"), (CUFF, "sig_cuff", "right")):
            self.live.record(
                e.DeviceAssigned(device=device, role=device, driver=driver, name=device, address=arm),
                "therapist",
            )
            self.live.record(e.DeviceConfirmed(device=device, arm=arm), "therapist")

    def _people(self, second: int) -> None:
        if second == self.dose_s - READY_S:
            self.live.record(e.TimeOutTaken(go=True), "therapist")
        if second == self.dose_s:
            route = self.patient.script.route
            self.live.record(e.DoseGiven(drug="ketamine", amount_mg=50, route=route), "therapist")

    def _instruments(self, second: int) -> None:
        for device in (OXIMETER, CUFF):
            self._link(device, second)
        now = self.patient.at(second)
        if OXIMETER in self._linked:
            self.at.append((self.live.now_ms, now))
            for piece in pieces(frame(parameters(now, ALL_PARAMETERS))):
                self._arrives(OXIMETER, self._oximeter, mightysat.STREAM, piece)
        if CUFF in self._linked:
            at = self.clock.now()
            self.live.arrived(CUFF, events_of(self._cuff.tick(at.mono_ns / 1e9)), b"", at)
        left_s = (self._cuff_s // 2 - second) % self._cuff_s
        if CUFF in self._linked and 0 < left_s <= MEASUREMENT_SECONDS:
            self._arrives(CUFF, self._cuff, sig_cuff.INTERMEDIATE, intermediate(now.diastolic + 3 * left_s))
        elif CUFF in self._linked and left_s == 0:
            found = measured(now)
            assert found.systolic is not None
            assert found.diastolic is not None
            told_ms = self.live.now_ms + 1000 * CUFF_WAITS_S
            self.pressures.append(Pressure(told_ms, found.systolic, found.diastolic))
            value = final(found, self.clock.now().when().replace(tzinfo=None))
            self._arrives(CUFF, self._cuff, sig_cuff.MEASUREMENT, value)

    def _arrives(self, device: str, driver: Driver, characteristic: str, data: bytes) -> None:
        at = self.clock.now()
        self.live.arrived(
            device, events_of(driver.received(characteristic, data, at.mono_ns / 1e9)), data, at
        )

    def _link(self, device: str, second: int) -> None:
        away = any(d == device and begin <= second < begin + seconds for d, begin, seconds in self._lost)
        at = self.clock.now()
        if away and device in self._linked:
            self._linked.remove(device)
            self.live.link_changed(device, "lost", "The connection dropped", at)
            self.live.link_changed(device, "searching", "Waiting to hear the device", at)
        elif not away and device not in self._linked:
            self._linked.add(device)
            self.live.link_changed(device, "connecting", "Connecting", at)
            self.live.link_changed(device, "live", "", at)

    def _written(self, entry: Entry) -> None:
        if isinstance(entry.body, e.AlarmChanged):
            self._changed = True
            self.told.append((entry.body, self.live.state.timeline.at(entry.entered)))

    def _look(self, screen: LiveScreen) -> None:
        if not self._changed:
            return
        self._changed = False
        now_ms = self.live.now_ms
        screen.refresh(~Changed.NOTHING)
        screen.tick(now_ms, self.live.state.seq, 0, "")
        banner = screen.banner.current
        if banner is not None and banner.over:
            banner = None  # what is over and unseen calls no more
        tile = screen.spo2._look
        self.seen.append(
            Seen(
                now_ms,
                None if banner is None else (banner.condition, banner.priority),
                "" if banner is None else banner.message,
                screen.spo2.shown.text,
                _shown_as(tile),
            )
        )

    def _listen(self) -> None:
        ledger = self.live.state.ledger
        self._mixer.wanted = sound_wanted(ledger, self.preset.by_id(), self.live.now_ms).value
        self.loud.append(bool(np.any(self._mixer.frames(RATE // TICKS))))


def events_of(found: Sequence[Event | Action]) -> list[Event]:
    """What is news; a driver may ask for something at the same time."""
    return [one for one in found if isinstance(one, Event)]


class _Hand:
    """What is done on the screen goes into the session at once."""

    def __init__(self, live: LiveSession) -> None:
        self._live = live

    def record(self, body: e.Body, ago_ms: int = 0) -> None:
        self._live.record(body, self._live.state.acting, ago_ms)

    def ask_cuff(self) -> None:
        raise NotImplementedError

    cancel_cuff = pause_audio = end_session = ask_cuff


def _shown_as(look: theme.AlarmLook | None) -> str:
    return next((priority for priority, each in theme.ALARMS.items() if each is look), "")
