"""A Microlife BP3GY1-2N: answers in frames, while a person has switched Bluetooth on (dossier 3.9)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.encoding import pieces
from devices.virtual.instruments.sig_cuff import FAILED, MEASUREMENT_SECONDS, Measurement, measured
from devices.virtual.patient import Source
from devices.virtual.peripheral import NOTIFY, WRITE, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio

SERVICE, ANSWER, COMMAND = (UUID.from_16_bits(n) for n in (0xFFF0, 0xFFF1, 0xFFF2))

_UNUSED = bytes(10)
_HEADER = bytes(38)
"""What comes before the results; users, names and serial numbers, not documented."""


def answer(payload: bytes) -> bytes:
    """A frame of the cuff's."""
    head = b"\x4d\x3a" + (len(payload) + 1).to_bytes(2, "big") + payload
    return head + bytes([sum(head) & 0xFF])


def kept(found: Measurement, at: datetime) -> bytes:
    """One result in the memory, which keeps no failures."""
    values = [round(value or 0) for value in (found.systolic, found.diastolic, found.pulse)]
    return bytes([*values, at.year - 2000, *at.timetuple()[1:5], 0, 0])


class Microlife(Peripheral):
    """Confirms the time, sends its memory, and hangs up when told.

    Faults: `damaged` (a wrong sum under the memory), `deaf` (the time is not confirmed).
    """

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "BP3GY1-2N",
        seconds: float = MEASUREMENT_SECONDS,
        memory: Sequence[bytes] = (),
    ) -> None:
        self.memory = [*memory, _UNUSED]
        self.clock = timedelta()
        self.damaged = False
        self.deaf = False
        self.received: list[bytes] = []
        self._source = source
        self._seconds = seconds
        self._answer = characteristic(ANSWER, NOTIFY)
        command = characteristic(COMMAND, WRITE, b"", self._written, locked=True)
        super().__init__(radio, name, [Service(SERVICE, [self._answer, command])], advertised=[SERVICE])
        self._near = False
        self.when_subscribed(self._answer, None)

    async def measure(self, *, fails: bool = False, result: Measurement | None = None) -> Measurement:
        """Press start, wait for the result, and hold the button until Bluetooth is on."""
        await asyncio.sleep(self._seconds)
        found = result or (FAILED if fails else measured(self._source()))
        if found.systolic is not None:
            self.memory.insert(len(self.memory) - 1, kept(found, datetime.now() + self.clock))
        await self.return_()
        return found

    def _written(self, data: bytes) -> None:
        self.received.append(data)
        self.spawn(self._obey(data))

    async def _obey(self, data: bytes) -> None:
        if data[:2] != b"\x4d\xff" or sum(data[:-1]) & 0xFF != data[-1]:
            return
        payload = data[4:-1]
        if payload[0] == 0x0D and not self.deaf:
            year, month, day, hour, minute, second = payload[1:]
            self.clock = datetime(2000 + year, month, day, hour, minute, second) - datetime.now()
            await self._tell(answer(b"\x81"))
        elif payload[0] == 0x00:
            whole = answer(_HEADER + b"".join(self.memory))
            await self._tell(whole[:-1] + bytes([whole[-1] ^ 0xFF]) if self.damaged else whole)
        elif payload[0] == 0x04:
            self._near = False
            await self.drop()

    async def _tell(self, frame: bytes) -> None:
        for piece in pieces(frame):
            await self.notify(self._answer, piece)
