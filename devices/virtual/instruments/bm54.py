"""A Beurer BM54: hands over the memories of both users at every connection (dossier 3.6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from devices.virtual.encoding import date_time, sfloat
from devices.virtual.instruments.memory_cuff import MemoryCuff
from devices.virtual.instruments.sig_cuff import MEASUREMENT_SECONDS, Measurement
from devices.virtual.patient import Source
from devices.virtual.radio import VirtualRadio

COMPANY = 0x0611
_PASSKEY = b"\x01"
_FLAGS = 0x1E
"""Time, pulse, user and status: all of them, always."""


def result(found: Measurement, at: datetime, user: int = 0) -> bytes:
    """A 0x2A35 value; the mean pressure is not supported and always 0."""
    pressures = sfloat(found.systolic) + sfloat(found.diastolic) + sfloat(0)
    rest = date_time(at) + sfloat(found.pulse) + bytes([user]) + found.status.to_bytes(2, "little")
    return bytes([_FLAGS]) + pressures + rest


class BM54(MemoryCuff):
    """Keeps everything. A measurement belongs to the first user, whose memory comes first."""

    model = "BM54"
    features = 0x0004
    encode = staticmethod(result)

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "BM54",
        seconds: float = MEASUREMENT_SECONDS,
        pace: float = 0.15,
        memory: Sequence[bytes] = (),
        other_users: Sequence[bytes] = (),
    ) -> None:
        self.other_users = other_users
        super().__init__(
            radio,
            source,
            name,
            seconds=seconds,
            pace=pace,
            memory=memory,
            manufacturer={COMPANY: _PASSKEY},
        )

    def content(self) -> list[bytes]:
        """The first user's results, then the second one's."""
        return [*self.memory, *self.other_users]
