"""An Omron cuff with the SIG profile: bonded, and asked for its last record (dossier 3.5, 1.5)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.encoding import date_time
from devices.virtual.instruments.memory_cuff import MemoryCuff
from devices.virtual.instruments.sig_cuff import MEASUREMENT_SECONDS
from devices.virtual.patient import Source
from devices.virtual.peripheral import INDICATE, NOTIFY, READ, WRITE, characteristic
from devices.virtual.radio import VirtualRadio

COMPANY = 0x020E
_TWO_USERS_SIG = bytes.fromhex("0102")

CURRENT_TIME_SERVICE, CURRENT_TIME = UUID.from_16_bits(0x1805), UUID.from_16_bits(0x2A2B)

_REPORT_LAST = b"\x01\x06"
_SUCCESS, _UNSUPPORTED, _NONE = b"\x06\x00\x01\x01", b"\x06\x00\x01\x02", b"\x06\x00\x01\x06"
_IDLE = 0.5


class Omron(MemoryCuff):
    """Tells its last record when asked for it; with `asked` False all records by itself (HEM-9200T)."""

    model = "HEM-9200T"

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "BLEsmart_00000116C2F0",
        seconds: float = MEASUREMENT_SECONDS,
        pace: float = 0.1,
        memory: Sequence[bytes] = (),
        asked: bool = True,
    ) -> None:
        self.requests: list[bytes] = []
        self.times: list[bytes] = []
        self._asked = asked
        self._access = characteristic(
            UUID.from_16_bits(0x2A52), WRITE | INDICATE, b"", self._requested, locked=True
        )
        clock = characteristic(
            CURRENT_TIME,
            READ | WRITE | NOTIFY,
            lambda: date_time(self.now()) + bytes((self.now().isoweekday(), 0, 0)),
            self._set_time,
            locked=True,
        )
        super().__init__(
            radio,
            source,
            name,
            seconds=seconds,
            pace=pace,
            memory=memory,
            extra=[self._access] if asked else [],
            services=[Service(CURRENT_TIME_SERVICE, [clock])],
            manufacturer={COMPANY: _TWO_USERS_SIG},
        )

    def ready(self) -> bool:
        """Records come by themselves only where they are not asked for."""
        return super().ready() and not self._asked

    def _requested(self, data: bytes) -> None:
        self.requests.append(data)
        self.spawn(self._report(data))

    async def _report(self, data: bytes) -> None:
        if data == _REPORT_LAST and self.memory:
            await self.indicate(self._result, self.memory[-1])
            await self.indicate(self._access, _SUCCESS)
        else:
            await self.indicate(self._access, _NONE if data == _REPORT_LAST else _UNSUPPORTED)
        await asyncio.sleep(_IDLE)
        await self._leave()

    def _set_time(self, data: bytes) -> None:
        self.times.append(data)
        year, rest = int.from_bytes(data[:2], "little"), data[2:7]
        self.clock = datetime(year, *rest) - datetime.now()
