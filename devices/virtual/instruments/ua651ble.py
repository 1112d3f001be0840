"""An A&D UA-651BLE: bonded hosts only, and only if they are quick (dossier 3.4)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from bumble.core import UUID
from bumble.device import Connection
from bumble.gatt import Service

from devices.virtual.encoding import date_time, sfloat
from devices.virtual.instruments.memory_cuff import MemoryCuff
from devices.virtual.instruments.sig_cuff import MEASUREMENT_SECONDS, Measurement
from devices.virtual.patient import Source
from devices.virtual.peripheral import NOTIFY, READ, WRITE, characteristic
from devices.virtual.radio import VirtualRadio

BUFFER_SERVICE = UUID("233BF000-5A34-1B6D-975C-000D5690ABE4")
BUFFER = UUID("233BF001-5A34-1B6D-975C-000D5690ABE4")

WINDOW = 5.0
"""Seconds after encryption in which the time must be written and the result be listened to."""

_TIME, _PULSE, _STATUS = 1 << 1, 1 << 2, 1 << 4
_NRES = bytes.fromhex("0008")


def result(found: Measurement, at: datetime) -> bytes:
    """A 0x2A35 value: no mean pressure is known to be absent, so it is sent; no user, ever."""
    pressures = sfloat(found.systolic) + sfloat(found.diastolic) + sfloat(found.mean)
    # A pulse that the cuff cannot count, in a measurement that succeeded, is "not at this resolution".
    pulse = _NRES if found.pulse is None and found.systolic is not None else sfloat(found.pulse)
    return (
        bytes([_TIME | _PULSE | _STATUS])
        + pressures
        + date_time(at)
        + pulse
        + found.status.to_bytes(2, "little")
    )


class UA651BLE(MemoryCuff):
    """Hands over and forgets what it has, once the host has written the time and listens, within 5 s."""

    model = "UA-651BLE"
    encode = staticmethod(result)
    features = 0x000C
    forgets = True

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "A&D_UA-651BLE_4C2F01",
        seconds: float = MEASUREMENT_SECONDS,
        pace: float = 0.1,
        memory: Sequence[bytes] = (),
        window: float = WINDOW,
    ) -> None:
        self.commands: list[bytes] = []
        self.times: list[bytes] = []
        """What was written into its buffer, and to its clock."""
        self._window = window
        self._unlocked: float | None = None
        self._timed = False
        clock = characteristic(UUID.from_16_bits(0x2A08), READ | WRITE, b"", self._set_time, locked=True)
        buffer = characteristic(BUFFER, READ | WRITE | NOTIFY, b"", self.commands.append, locked=True)
        super().__init__(
            radio,
            source,
            name,
            seconds=seconds,
            pace=pace,
            memory=memory,
            extra=[clock],
            services=[Service(BUFFER_SERVICE, [buffer])],
        )

    def on_connected(self) -> None:
        """The window opens with the encryption of this link."""
        self._unlocked, self._timed = None, False
        if self._connection is not None:
            self._connection.on(Connection.EVENT_CONNECTION_ENCRYPTION_CHANGE, self._encrypted)

    def ready(self) -> bool:
        """In time, and after the time was written."""
        return super().ready() and self._timed and self._in_time()

    def _in_time(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self._unlocked is not None and now - self._unlocked <= self._window

    def _encrypted(self) -> None:
        if self._unlocked is None:
            self._unlocked = asyncio.get_running_loop().time()

    def _set_time(self, data: bytes) -> None:
        self.times.append(data)
        year, rest = int.from_bytes(data[:2], "little"), data[2:7]
        self.clock = datetime(year, *rest) - datetime.now()
        self._timed = True
