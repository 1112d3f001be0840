"""A room with a patient, an oximeter on the finger and a cuff on the arm, all on one virtual radio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from devices.virtual.instruments.mightysat import MightySat
from devices.virtual.instruments.sig_cuff import MEASUREMENT_SECONDS, SigCuff
from devices.virtual.patient import Patient, PatientClock
from devices.virtual.peripheral import Peripheral
from devices.virtual.radio import VirtualRadio
from devices.virtual.script import LinkLost, load_script
from monitor.clock import interval_ns


class VirtualRoom:
    """Plays `script` with the patient's time running `speed` times as fast as ours.

    The patient rests until `dose` is called; from then on the script's events take their course.
    `room.cuff.measure()` presses the cuff's button. Instruments and links keep their real pace.
    """

    def __init__(
        self,
        script: str = "quiet",
        speed: float = 1.0,
        seed: int = 0,
        cuff_seconds: float = MEASUREMENT_SECONDS,
        now: Callable[[], float] = lambda: interval_ns() / 1e9,
    ) -> None:
        self.radio = VirtualRadio()
        self.patient = PatientClock(Patient(load_script(script), seed), speed, now)
        self.oximeter = MightySat(self.radio, self.patient, "MightySat 0417")
        self.cuff = SigCuff(self.radio, self.patient, "boso medicus", cuff_seconds)
        self._events: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Switch everything on."""
        await self.radio.start()
        await self.oximeter.start()
        await self.cuff.start()

    async def close(self) -> None:
        """Switch everything off; nothing is left running. May be called twice."""
        self._cancel_events()
        await self.oximeter.close()
        await self.cuff.close()
        await self.radio.close()

    def dose(self, at: float | None = None, route: str | None = None) -> None:
        """The dose has been given, at `at` seconds of the patient's time (default now).

        Call it in the loop the room runs in. Called again (T0 corrected, or another dose), the
        script's events start over from the new time.
        """
        self.patient.dose(at, route)
        self._cancel_events()
        devices: dict[str, Peripheral] = {"oximeter": self.oximeter, "cuff": self.cuff}
        since = self.patient.minutes_since_dose() or 0.0
        for event in self.patient.patient.script.event:
            if isinstance(event, LinkLost) and event.begin >= since:
                wait = (event.begin - since) * 60 / self.patient.speed
                self._events.append(self.radio.spawn(_lose(devices[event.device], wait, event.seconds)))

    def _cancel_events(self) -> None:
        for event in self._events:
            event.cancel()
        self._events.clear()


async def _lose(device: Peripheral, wait: float, seconds: float) -> None:
    """Take a device out of range after `wait` seconds, for `seconds`."""
    await asyncio.sleep(wait)
    await device.vanish()
    try:
        await asyncio.sleep(seconds)
    finally:
        await device.return_()
