"""A ChoiceMMed BP2941: acknowledges commands, tells the pressure, and repeats a result until thanked
(dossier 3.12)."""

from __future__ import annotations

import asyncio

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.instruments.sig_cuff import MEASUREMENT_SECONDS, PRESSURES_PER_SECOND, Measurement
from devices.virtual.instruments.started_cuff import StartedCuff
from devices.virtual.patient import Source
from devices.virtual.peripheral import NOTIFY, WRITE, WRITE_FAST, characteristic
from devices.virtual.radio import VirtualRadio

CHOICE = UUID.from_16_bits(0xFFF0)
_START, _STOP, _TIME, _THANKS = b"\x03\x40", b"\x03\x44", 0x04, b"\x01"
_TAKEN, _REFUSED = b"\x00\x01\x01", b"\x00\x01\x00"


class BP2941(StartedCuff):
    """Refuses every command whose checksum is not in its form.

    `content_only`: its form leaves out the first two bytes. `wide`: a pressure has two bytes. `again`:
    seconds until a result nobody has thanked for is sent once more. `damaged` spoils every checksum.
    """

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "BP2941",
        seconds: float = MEASUREMENT_SECONDS,
        pressures_per_second: float = PRESSURES_PER_SECOND,
        again: float = 1.0,
    ) -> None:
        self.content_only = False
        self.wide = False
        self.damaged = False
        self.refuses = False
        """It refuses commands in any form."""
        self.thanked = asyncio.Event()
        self.time: bytes | None = None
        self.refused: list[bytes] = []
        self._again = again
        self._talk = characteristic(UUID.from_16_bits(0xFFF1), NOTIFY)
        orders = characteristic(UUID.from_16_bits(0xFFF2), WRITE | WRITE_FAST, written=self._written)
        super().__init__(
            radio,
            source,
            name,
            [Service(CHOICE, [self._talk, orders])],
            advertised=[CHOICE],
            seconds=seconds,
            pressures_per_second=pressures_per_second,
        )
        self.when_subscribed(self._talk, None)

    def _written(self, data: bytes) -> None:
        head, content = data[:2], data[2:-1]
        right = sum(content if self.content_only else data[:-1]) & 0xFF == data[-1]
        if head == b"\x02\x01":
            if right and content == _THANKS:
                self.thanked.set()
            return
        if self.refuses or not right or head != bytes([0, len(content)]):
            self.refused.append(data)
            self.spawn(self._say(_REFUSED))
            return
        self.spawn(self._say(_TAKEN))
        if content == _START:
            self.ordered()
        elif content == _STOP:
            self.stop()
        elif content[0] == _TIME:
            self.time = content[1:]

    async def tell_pressure(self) -> None:
        """In mmHg."""
        size = 2 if self.wide else 1
        await self._say(bytes([3, size]) + round(self.pressure).to_bytes(size, "big"))

    async def tell_result(self, found: Measurement) -> None:
        """Twice, if the first is not thanked for."""
        data = bytes([4, 3, found.systolic or 0, found.diastolic or 0, found.pulse or 0])
        self.thanked.clear()
        await self._say(data)
        try:
            await asyncio.wait_for(self.thanked.wait(), self._again)
        except TimeoutError:
            await self._say(data)

    async def tell_failure(self, code: int) -> None:
        """No source says how; without numbers there is no result."""
        await self.tell_result(Measurement())

    async def _say(self, content: bytes) -> None:
        check = sum(content) & 0xFF ^ (0x55 if self.damaged else 0)
        await self.notify(self._talk, content + bytes([check]))
