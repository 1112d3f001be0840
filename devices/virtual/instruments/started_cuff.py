"""What virtual cuffs share that a host can start: one inflation at a time, its end, and its faults."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.instruments.sig_cuff import (
    MEASUREMENT_SECONDS,
    PRESSURES_PER_SECOND,
    Measurement,
    measured,
)
from devices.virtual.patient import Physiology, Source
from devices.virtual.peripheral import Peripheral
from devices.virtual.radio import VirtualRadio

ABOVE_SYSTOLIC = 35.0
"""mmHg a cuff inflates beyond the systolic pressure; the usual advice is 20 to 40."""

DEFLATION_SECONDS = 2.0
"""Until the cuff is empty once it is told to stop."""


@dataclass
class Faults:
    """What goes wrong with the measurements to come."""

    fails: int | None = None
    """The family's own code for why a measurement fails, told half-way."""
    hangs: bool = False
    """The pressure stays where it is, half-way, and no result ever comes."""
    falls_silent: bool = False
    """The same, and nothing more is said."""
    deaf: bool = False
    """The start command is taken and nothing happens."""
    mute_stop: bool = False
    """Told to stop it does, without a word."""
    stubborn: int = 0
    """So many stop commands are overheard."""


class StartedCuff(Peripheral):
    """Measures on command or at a press of its own button. Subclasses say what it then tells.

    `seconds`: how long a measurement takes; `pressures_per_second`: of them it tells or could tell.
    """

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str,
        services: list[Service],
        advertised: Iterable[UUID],
        manufacturer: Mapping[int, bytes] | None = None,
        seconds: float = MEASUREMENT_SECONDS,
        pressures_per_second: float = PRESSURES_PER_SECOND,
    ) -> None:
        self.faults = Faults()
        self.pressure = 0.0
        """In the cuff now, mmHg."""
        self.highest = 0.0
        """The highest since the last start."""
        self.begun = 0
        """Measurements begun, by whomever."""
        self.at_rest = asyncio.Event()
        self.at_rest.set()
        self._source = source
        self._seconds = seconds
        self._rate = pressures_per_second
        self._run: asyncio.Task[None] | None = None
        self._stopping = False
        super().__init__(radio, name, services, advertised, manufacturer)

    @property
    def measuring(self) -> bool:
        """Whether a measurement runs."""
        return self._run is not None

    def begin(self) -> None:
        """Start, unless one runs already."""
        if self._run is None:
            self.begun += 1
            self.highest = 0.0
            self.at_rest.clear()
            self._run = self._radio.spawn(self._measure())

    def ordered(self) -> None:
        """The start command was received."""
        if not self.faults.deaf:
            self.begin()

    def stop(self) -> None:
        """The stop command was received, or the button was pressed once more."""
        if self._run is None or self._stopping:
            return
        if self.faults.stubborn:
            self.faults.stubborn -= 1
        else:
            self._stopping = True
            self._run.cancel()
            self._run = self._radio.spawn(self._let_go())

    async def press(self) -> None:
        """A person presses the cuff's own button, and waits until it is at rest again."""
        self.begin()
        await self.at_rest.wait()

    async def tell_pressure(self) -> None:
        """Say what stands in the cuff now."""

    async def tell_result(self, found: Measurement) -> None:
        """Say what was measured."""

    async def tell_failure(self, code: int) -> None:
        """Say that and why nothing was."""

    async def tell_stopped(self) -> None:
        """Say that the measurement was stopped."""

    async def _measure(self) -> None:
        steps = list(curve(self._source(), max(2, round(self._seconds * self._rate))))
        for number, pressure in enumerate(steps):
            await self._hold(pressure)
            if number < len(steps) // 2:
                continue
            while self.faults.hangs or self.faults.falls_silent:
                if self.faults.falls_silent:
                    await asyncio.Event().wait()
                await self._hold(pressure)
            if self.faults.fails is not None:
                self._rest()
                await self.tell_failure(self.faults.fails)
                return
        found = measured(self._source())
        self._rest()
        await self.tell_result(found)

    async def _hold(self, pressure: float) -> None:
        self.pressure = pressure
        self.highest = max(self.highest, pressure)
        await self.tell_pressure()
        await asyncio.sleep(1 / self._rate)

    async def _let_go(self) -> None:
        """The air goes out; a valve does it faster than a measurement."""
        steps = max(1, round(min(self._seconds, DEFLATION_SECONDS) * self._rate))
        top = self.pressure
        for step in range(1, steps + 1):
            self.pressure = top * (1 - step / steps)
            if not self.faults.mute_stop:
                await self.tell_pressure()
            await asyncio.sleep(1 / self._rate)
        self._rest()
        if not self.faults.mute_stop:
            await self.tell_stopped()

    def _rest(self) -> None:
        self.pressure, self._run, self._stopping = 0.0, None, False
        self.at_rest.set()


def curve(patient: Physiology, steps: int) -> Iterator[float]:
    """The cuff's pressure at each of `steps`, mmHg: up in a third of the time, then slowly down."""
    top, up = patient.systolic + ABOVE_SYSTOLIC, max(1, steps // 3)
    bottom = patient.diastolic - 15
    for step in range(1, steps + 1):
        if step <= up:
            yield top * step / up
        else:
            yield top + (bottom - top) * (step - up) / (steps - up)
