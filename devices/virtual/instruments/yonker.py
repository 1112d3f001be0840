"""A Yonker YK-IBPA1: stays connected while a person measures, and sends the result (dossier 3.10)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.instruments.sig_cuff import FAILED, MEASUREMENT_SECONDS, Measurement, measured
from devices.virtual.patient import Source
from devices.virtual.peripheral import NOTIFY, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio

SERVICE = UUID("CDEACD80-5235-4C07-8846-93A37EE6B86D")
RESULT = UUID("CDEACD81-5235-4C07-8846-93A37EE6B86D")


def result(found: Measurement, at: datetime) -> bytes:
    """The 15 bytes of a result; the last four are not documented."""
    values = [round(value or 0) for value in (found.systolic, found.diastolic, found.pulse)]
    when = [at.day, at.month, at.year - 2000, at.hour, at.minute]
    return bytes([0x81, *values, 0, 0, *when, 0, 0, 0, 0])


class Yonker(Peripheral):
    """Tells that it measures, where `progress` is on, and then the result. Its clock is unreliable.

    `history` sends what it remembers in rapid succession, as was seen once on a real one.
    """

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "YK-IBPA1",
        seconds: float = MEASUREMENT_SECONDS,
        progress: bool = True,
        clock: timedelta = timedelta(),
    ) -> None:
        self._source = source
        self._seconds = seconds
        self._progress = progress
        self._clock = clock
        self._result = characteristic(RESULT, NOTIFY)
        super().__init__(radio, name, [Service(SERVICE, [self._result])], advertised=[SERVICE])
        self.when_subscribed(self._result, None)

    async def measure(self, *, fails: bool = False, result_: Measurement | None = None) -> Measurement:
        """Press start and wait for the result."""
        await self.subscription(self._result)
        if self._progress:
            await self.notify(self._result, b"\x80\x40\x00")
        await asyncio.sleep(self._seconds)
        found = result_ or (FAILED if fails else measured(self._source()))
        await self.notify(self._result, result(found, datetime.now() + self._clock))
        return found

    async def history(self, remembered: Sequence[bytes]) -> None:
        """What a press on the memory button may send."""
        await self.subscription(self._result)
        for data in remembered:
            await self.notify(self._result, data)
