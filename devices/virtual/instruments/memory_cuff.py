"""A cuff that speaks only after a measurement: it appears, hands over its memory, is gone (dossier 1.3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from bumble.core import UUID
from bumble.gatt import Characteristic, Service

from devices.virtual.instruments.sig_cuff import (
    BLOOD_PRESSURE,
    FAILED,
    MEASUREMENT_SECONDS,
    Measurement,
    final,
    measured,
)
from devices.virtual.patient import Source
from devices.virtual.peripheral import INDICATE, READ, Peripheral, characteristic, device_information
from devices.virtual.radio import VirtualRadio

ON_AIR = 60.0
"""Seconds after a measurement in which it can be connected to (A&D: about 60, dossier 3.4)."""

Encode = Callable[[Measurement, datetime], bytes]


class MemoryCuff(Peripheral):
    """Silent and invisible until the person has pressed start and it has measured.

    `seconds`: how long a measurement takes. `pace`: seconds between two indications. `bonds`:
    indicates to paired hosts only. `memory`: results kept from before, as they are sent. Faults
    that can be switched on: `twice` (each result is sent again), `clock` (the cuff's clock minus ours).
    """

    model = "Memory"
    encode: Encode = staticmethod(final)
    features = 0
    forgets = False
    """Whether what was handed over leaves the memory."""

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str,
        *,
        seconds: float = MEASUREMENT_SECONDS,
        pace: float = 0.15,
        bonds: bool = True,
        memory: Sequence[bytes] = (),
        extra: Sequence[Characteristic[bytes]] = (),
        services: Sequence[Service] = (),
        manufacturer: Mapping[int, bytes] | None = None,
    ) -> None:
        self.memory = list(memory)
        self.twice = False
        self.clock = timedelta()
        self._source = source
        self._seconds = seconds
        self._pace = pace
        self._bonds = bonds
        self._off_air: asyncio.Task[None] | None = None
        self.handed_over = asyncio.Event()
        """Set whenever the memory has been handed over."""
        self._result = characteristic(UUID.from_16_bits(0x2A35), INDICATE)
        features = characteristic(UUID.from_16_bits(0x2A49), READ, self.features.to_bytes(2, "little"))
        super().__init__(
            radio,
            name,
            [
                Service(BLOOD_PRESSURE, [self._result, features, *extra]),
                *services,
                device_information(manufacturer="Virtual", model=self.model),
            ],
            advertised=[BLOOD_PRESSURE],
            manufacturer=manufacturer,
        )
        self._near = False
        self.when_subscribed(self._result, self._listened)

    def now(self) -> datetime:
        """The time on the cuff's own clock."""
        return datetime.now() + self.clock

    async def measure(self, *, fails: bool = False, result: Measurement | None = None) -> Measurement:
        """Press start, wait for the result, and let the cuff appear with it."""
        await asyncio.sleep(self._seconds)
        found = result or (FAILED if fails else measured(self._source()))
        self.memory.append(self.encode(found, self.now()))
        await self.appear()
        return found

    async def appear(self) -> None:
        """Advertise for a while: after a measurement, or because a person held the button."""
        self.handed_over.clear()
        await self.return_()
        if self._off_air is not None:
            self._off_air.cancel()
        self._off_air = self._radio.spawn(self._disappear_later())

    async def _disappear_later(self) -> None:
        await asyncio.sleep(ON_AIR)
        if not self.connected:
            await self.vanish()

    async def _listened(self) -> None:
        """A central listens; it gets everything, oldest first, if it may."""
        if not self.ready():
            return
        for data in self.content():
            for _ in range(2 if self.twice else 1):
                await self.indicate(self._result, data)
                await asyncio.sleep(self._pace)
        if self.forgets:
            self.memory.clear()
        self.handed_over.set()
        self.spawn(self._leave())

    def content(self) -> list[bytes]:
        """What is handed over, in this order."""
        return list(self.memory)

    def ready(self) -> bool:
        """Whether the central that listens is one this cuff talks to, and in time."""
        return self.encrypted or not self._bonds

    async def _leave(self) -> None:
        self._near = False
        await self.drop()
