"""A Beurer BM85: its own order of fields, and deaf to a host in a hurry (dossier 3.6)."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from datetime import datetime

from devices.virtual.encoding import NAN, date_time, sfloat
from devices.virtual.instruments.memory_cuff import MemoryCuff
from devices.virtual.instruments.sig_cuff import MEASUREMENT_SECONDS, Measurement
from devices.virtual.patient import Source
from devices.virtual.radio import VirtualRadio

SETTLE = 0.5
"""Seconds after connecting before which a subscription is lost on it."""

_FLAGS = 0x56


def result(found: Measurement, at: datetime, user: int = 0) -> bytes:
    """A 0x2A35 value: pulse and status big-endian, and a user that the flags do not announce."""
    pressures = sfloat(found.systolic) + sfloat(found.diastolic) + sfloat(0)
    pulse = NAN if found.pulse is None else found.pulse
    return bytes([_FLAGS]) + pressures + date_time(at) + struct.pack(">HBH", pulse, user, found.status)


class BM85(MemoryCuff):
    """Hands over its memory to a host that gave it time."""

    model = "BM85"
    features = 0x0004
    encode = staticmethod(result)

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "Beurer BM85",
        seconds: float = MEASUREMENT_SECONDS,
        pace: float = 0.15,
        memory: Sequence[bytes] = (),
        settle: float = SETTLE,
    ) -> None:
        self._settle = settle
        self._connected_at = 0.0
        super().__init__(radio, source, name, seconds=seconds, pace=pace, memory=memory, bonds=False)

    def on_connected(self) -> None:
        """From now on it needs time."""
        self._connected_at = asyncio.get_running_loop().time()

    def ready(self) -> bool:
        """Whether the host waited long enough."""
        return asyncio.get_running_loop().time() - self._connected_at >= self._settle
