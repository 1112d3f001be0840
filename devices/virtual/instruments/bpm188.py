"""A BPM-188: tells the pressure about once a second, then its result or what went wrong (dossier 3.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import reduce
from operator import xor

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.encoding import pieces
from devices.virtual.instruments.sig_cuff import MEASUREMENT_SECONDS, Measurement
from devices.virtual.instruments.started_cuff import StartedCuff
from devices.virtual.patient import Source
from devices.virtual.peripheral import NOTIFY, WRITE, WRITE_FAST, characteristic
from devices.virtual.radio import VirtualRadio

JAMR = UUID.from_16_bits(0x18F0)
_START, _STOP, _SET_TIME = 0xA1, 0xA2, 0xB0
_RESULT, _ERROR = 0x1C, 0x3C


class BPM188(StartedCuff):
    """Takes start, stop and the time. Its clock is wrong until it is set.

    `split` cuts every frame in two, `damaged` spoils every checksum, `as_program` puts pulse and user
    where the maker's own program reads them.
    """

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "BPM-188",
        seconds: float = MEASUREMENT_SECONDS,
        pressures_per_second: float = 1.25,
    ) -> None:
        self.split = False
        self.damaged = False
        self.as_program = False
        self.clock = timedelta(days=-2000)
        """The cuff's clock minus ours."""
        self.commands: list[bytes] = []
        self._talk = characteristic(UUID.from_16_bits(0x2AF0), NOTIFY)
        orders = characteristic(UUID.from_16_bits(0x2AF1), WRITE | WRITE_FAST, written=self._written)
        super().__init__(
            radio,
            source,
            name,
            [Service(JAMR, [self._talk, orders])],
            advertised=[JAMR],
            seconds=seconds,
            pressures_per_second=pressures_per_second,
        )
        self.when_subscribed(self._talk, None)

    def _written(self, data: bytes) -> None:
        self.commands.append(data)
        if reduce(xor, data[1:-1]) != data[-1]:
            return
        if data[4] == _START:
            self.ordered()
        elif data[4] == _STOP:
            self.stop()
        elif data[4] == _SET_TIME:
            self.clock = datetime(2000 + data[5], *data[6:11]) - datetime.now()

    async def tell_pressure(self) -> None:
        """Hundredths of mmHg."""
        await self._say(frame(round(self.pressure * 100).to_bytes(2, "big")))

    async def tell_result(self, found: Measurement) -> None:
        """With the time on its own clock."""
        await self._say(result(found, datetime.now() + self.clock, as_program=self.as_program))

    async def tell_failure(self, code: int) -> None:
        """One of its eight codes."""
        await self._say(error(code))

    async def tell_stopped(self) -> None:
        """No source says what it tells then; an error without a code is the least it could."""
        await self._say(error(0))

    async def _say(self, data: bytes) -> None:
        if self.damaged:
            data = data[:-1] + bytes([data[-1] ^ 0x55])
        for piece in pieces(data, len(data) // 2 + 1 if self.split else 20):
            await self.notify(self._talk, piece)


def frame(content: bytes, length: int | None = None) -> bytes:
    """What the cuff sends."""
    head = bytes([0x02, 0x40, 0xDD, len(content) if length is None else length]) + content
    return head + bytes([reduce(xor, head[1:])])


def result(found: Measurement, at: datetime, as_program: bool = False) -> bytes:
    """A finished measurement of the first user."""
    pressures = b"".join((value or 0).to_bytes(2, "big") for value in (found.systolic, found.diastolic))
    pulse, irregular = found.pulse or 0, found.status >> 2 & 1
    rest = [irregular, pulse, 0, 0, 7] if as_program else [irregular, 0, 0, pulse, 0]
    time = [at.year - 2000, at.month, at.day, at.hour, at.minute]
    return frame(bytes([_RESULT]) + pressures + bytes(rest + time))


def error(code: int) -> bytes:
    """A measurement that failed; the frame is one byte longer than it says, as captured."""
    return frame(bytes([_ERROR, 255, 255, 255, 255, 0, 0, 0, 0, code, 0, 0, 0]), length=12)
