"""A blood-pressure cuff of the standard profile 0x1810, worked from its own start button (dossier 1.3)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.encoding import date_time, sfloat
from devices.virtual.instruments.battery import Battery
from devices.virtual.patient import Physiology, Source
from devices.virtual.peripheral import INDICATE, NOTIFY, READ, Peripheral, characteristic, device_information
from devices.virtual.radio import VirtualRadio

BLOOD_PRESSURE = UUID.from_16_bits(0x1810)

MEASUREMENT_SECONDS = 25.0
"""How long an upper-arm cuff takes, from the button to the result; typically 20 to 40 s."""

PRESSURES_PER_SECOND = 3.0
"""Intermediate cuff pressures notified while it measures; several Hz (dossier 4)."""

_ABOVE_SYSTOLIC = 35.0
"""mmHg a cuff inflates beyond the systolic pressure; the usual advice is 20 to 40."""

_TIME, _PULSE, _STATUS = 1 << 1, 1 << 2, 1 << 4


@dataclass(frozen=True)
class Measurement:
    """What one measurement found. All None: it failed, and only NaN says so (dossier 3.7)."""

    systolic: int | None = None
    diastolic: int | None = None
    mean: int | None = None
    pulse: int | None = None
    status: int = 0


FAILED = Measurement()


class SigCuff(Peripheral):
    """Stays connectable all the time; indicates each result once a central listens.

    `seconds`: how long a measurement takes. `services`: what it offers beside the standard's.
    """

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "boso medicus",
        seconds: float = MEASUREMENT_SECONDS,
        pressures_per_second: float = PRESSURES_PER_SECOND,
        services: Sequence[Service] = (),
    ) -> None:
        self._source = source
        self._seconds = seconds
        self._rate = pressures_per_second
        self._measuring = asyncio.Lock()
        self.battery = Battery(76)
        self._result = characteristic(UUID.from_16_bits(0x2A35), INDICATE)
        self._pressure = characteristic(UUID.from_16_bits(0x2A36), NOTIFY)
        features = (0).to_bytes(2, "little")
        super().__init__(
            radio,
            name,
            [
                Service(
                    BLOOD_PRESSURE,
                    [
                        self._result,
                        self._pressure,
                        characteristic(UUID.from_16_bits(0x2A49), READ, features),
                    ],
                ),
                *services,
                self.battery.service,
                device_information(manufacturer="Virtual", model="medicus", serial="0810", firmware="1.0"),
            ],
            advertised=[BLOOD_PRESSURE],
        )
        self.when_subscribed(self._result, None)
        self.when_subscribed(self._pressure, None)

    async def measure(
        self, at: datetime | None = None, *, fails: bool = False, result: Measurement | None = None
    ) -> Measurement:
        """Press start and wait for the result, `at` on the cuff's own clock (now).

        `fails`: the patient moves, the display shows Err. `result`: show this, whatever was measured.
        One measurement at a time; a second press waits.
        """
        async with self._measuring:
            patient = self._source()
            for pressure in self._pressures(patient):
                await self.notify(self._pressure, intermediate(pressure))
                await asyncio.sleep(1 / self._rate)
            found = result or (FAILED if fails else measured(self._source()))
            # A cuff keeps what nobody has fetched; a link that has just been lost comes back.
            await self.subscription(self._result)
            await self.indicate(self._result, final(found, at or datetime.now()))
            return found

    def _pressures(self, patient: Physiology) -> Iterator[float]:
        """The cuff's pressure at each step: up in a third of the time, then slowly down."""
        steps = max(2, round(self._seconds * self._rate))
        top, up = patient.systolic + _ABOVE_SYSTOLIC, max(1, steps // 3)
        bottom = patient.diastolic - 15
        for step in range(1, steps + 1):
            if step <= up:
                yield top * step / up
            else:
                yield top + (bottom - top) * (step - up) / (steps - up)


def measured(now: Physiology) -> Measurement:
    """What a cuff that works would find."""
    return Measurement(round(now.systolic), round(now.diastolic), round(now.mean), round(now.pulse))


def final(found: Measurement, at: datetime) -> bytes:
    """A 0x2A35 value in mmHg with time stamp, pulse and status, as the boso medicus sends it."""
    pressures = sfloat(found.systolic) + sfloat(found.diastolic) + sfloat(found.mean)
    rest = date_time(at) + sfloat(found.pulse) + found.status.to_bytes(2, "little")
    return bytes([_TIME | _PULSE | _STATUS]) + pressures + rest


def intermediate(pressure: float) -> bytes:
    """A 0x2A36 value: the pressure in the cuff, mmHg; the two unused fields are NaN."""
    return b"\x00" + sfloat(round(pressure)) + sfloat(None) + sfloat(None)
