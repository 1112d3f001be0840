"""A script of the virtual patient on a whole Vigil, in real time: radio, links, threads, window, sound.

Delays of alarms are real seconds, so the patient's time runs faster and begins shortly before what
the script is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np
from by_hand import Heard
from listening import Record
from pytestqt.qtbot import QtBot
from whole_vigil import Site

from devices.virtual.instruments.mightysat import MightySat
from devices.virtual.instruments.sig_cuff import SigCuff
from devices.virtual.patient import Patient, PatientClock, Physiology
from devices.virtual.peripheral import Peripheral
from devices.virtual.radio import VirtualRadio
from devices.virtual.script import load_script
from monitor import entries as e
from monitor.clock import interval_ns
from monitor.codec import Entry, unseal
from monitor.vitals import Vital
from ui.live.screen import LiveScreen
from ui.sound.synth import RATE

PATIENCE_MS = 60_000
AUDIBLE = RATE // 2
"""So many samples of a sound are listened to."""


class Seen(PatientClock):
    """The patient, who remembers everything that an instrument has seen of them."""

    def __init__(self, patient: Patient, speed: float, now: Callable[[], float]) -> None:
        super().__init__(patient, speed, now)
        self.all: list[Physiology] = []

    def __call__(self) -> Physiology:
        self.all.append(super().__call__())
        return self.all[-1]


class RealTime:
    """`script` from `begin_min` after the dose on, `speed` patient seconds a second."""

    def __init__(
        self,
        site: Callable[..., Site],
        qtbot: QtBot,
        record: Path,
        script: str,
        speed: float,
        begin_min: float,
        device: str = "oximeter",
    ) -> None:
        self._qtbot = qtbot
        self._device = device
        self.patient = Seen(Patient(load_script(script)), speed, lambda: interval_ns() / 1e9)
        self.vigil = site(self._furnish, record_sound=record)
        self.record = Record(record)
        self.session = self.vigil.begin(devices=1)
        self.banners: set[tuple[str, str]] = set()
        """Everything the banner has shown first."""
        self._begin(begin_min)

    def _furnish(self, radio: VirtualRadio) -> list[Peripheral]:
        if self._device == "cuff":
            return [SigCuff(radio, self.patient, seconds=0.6)]
        return [MightySat(radio, self.patient)]

    def _begin(self, minute: float) -> None:
        state = self.vigil.state(self.session)
        if self._device == "cuff":
            self.until(lambda: [d.state for d in state.devices.values()] == ["live"])
        else:
            self.until(lambda: Vital.SPO2 in state.now)
        self.vigil.record(self.session, e.TimeOutTaken(go=True))
        self.vigil.record(self.session, e.DoseGiven(drug="ketamine", amount_mg=50, route="im"))
        self.until(lambda: state.doses)
        at = self.patient.seconds() - 60 * minute
        self.vigil.runtime.call(self.patient.dose, at).result(5)

    @property
    def screen(self) -> LiveScreen:
        return self.vigil.screen(self.session)

    def until(self, condition: Callable[[], object]) -> None:
        """Let the window live until `condition` holds, and note what its banner shows meanwhile."""

        def look() -> bool:
            banner = self.screen.banner.current if self.session in self.vigil.window.screens else None
            if banner is not None and not banner.over:
                self.banners.add((banner.condition, banner.priority))
            return bool(condition())

        self._qtbot.waitUntil(look, timeout=PATIENCE_MS)

    def until_shown(self, condition: str, priority: str) -> None:
        """Until the banner shows this first."""

        def shows() -> bool:
            shown = self.screen.banner.current
            return shown is not None and (shown.condition, shown.priority) == (condition, priority)

        self.until(shows)

    def until_heard(self, sound: str) -> None:
        """Until this sounds."""
        self.until(lambda: self.record.sounds[-1:] == [sound])

    def present(self) -> set[str]:
        """The conditions that the window's own fold has."""
        return {condition for condition, _, _ in self.vigil.state(self.session).alarms}

    def until_quiet(self) -> None:
        """Until nothing is shown."""
        self.until(lambda: self.screen.banner.current is None or self.screen.banner.current.over)

    def settle(self) -> None:
        """Until what was decided last is followed by a reading."""
        live = self.vigil.live(self.session)
        if self._device == "oximeter":
            decided_ms = live.now_ms
            self.until(lambda: max(live.state.heard_ms.values()) > decided_ms)

    # --- afterwards -----------------------------------------------------------------------

    def written(self) -> Iterator[tuple[int, Entry]]:
        """What is on disk, with its session ms."""
        store, timeline = self.vigil.runtime.store, self.vigil.state(self.session).timeline
        self.until(lambda: store.durable_seq(self.session) == self.vigil.live(self.session).state.seq)
        for sealed in store.read(self.session):
            entry = unseal(sealed.data)[0]
            yield timeline.at(entry.entered), entry

    def heard(self, changes: int) -> list[Heard]:
        """The first so many sounds, in session ms, each "mute" if nothing of it could be heard.

        One that begins anew (because nobody answered) is not another one.
        """
        self.until(lambda: len(self._sounds()) >= changes and self._played(self._sounds()[changes - 1]))
        ms, entry = next(self.written())
        began_ns = entry.entered.mono_ns - 1_000_000 * ms
        samples = self.record.samples
        found = []
        for sound, at_ns, frame in self._sounds()[:changes]:
            audible = sound == "none" or bool(np.abs(samples[frame : frame + AUDIBLE]).max() > 1000)
            found.append(Heard((at_ns - began_ns) / 1e6, sound if audible else "mute"))
        return found

    def _sounds(self) -> list[tuple[str, int, int]]:
        return [next(same) for _, same in groupby(self.record.log, key=itemgetter(0))]

    def _played(self, sound: tuple[str, int, int]) -> bool:
        return len(self.record.samples) >= sound[2] + AUDIBLE
