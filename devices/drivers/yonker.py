"""Yonker YK-IBPA1 and YK-BPW5: one frame per result, found by users of the cuff (dossier 3.10).

An oximeter of the same maker uses the same service, characteristic and first byte for saturation
and pulse. So a device is known by its name, and a result by its exact length too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec

from devices.driver import Action, Advertisement, Example, Manifest, Services
from devices.drivers.base import BaseDriver, Handler, subscriptions
from devices.drivers.cuff_values import reading_of_bytes
from devices.drivers.memory import Memory
from devices.gatt import MalformedError
from monitor.vitals import CuffReading, Event

SERVICE = "cdeacd80-5235-4c07-8846-93a37ee6b86d"
RESULT = "cdeacd81-5235-4c07-8846-93a37ee6b86d"

_RESULT, _PROGRESS = 0x81, 0x80
_LENGTH = 15


class Yonker(BaseDriver):
    """One CuffReading per measurement; sometimes the cuff sends old ones, so they wait for each other."""

    manifest: ClassVar[Manifest] = Manifest(
        id="yonker",
        title="Yonker YK-IBPA1, YK-BPW5",
        names=("YK-IBPA1", "YK-BPW5"),
        role="cuff",
        gives=("systolic", "diastolic", "pulse"),
        default_characteristic=RESULT,
        writes={},
        source="3.10",
        confidence="captured",
        stale_after=3600.0,
        pairing="Switch the cuff on and let it connect before you press start: its own clock is unreliable.",
        examples=(
            Example(
                ("8178503c00000f06180e1e00000000",),
                {"systolic": 120, "diastolic": 80, "pulse": 60, "timestamp": "2024-06-15T14:30"},
            ),
            Example(("8178003c00000f06180e1e00000000",), {"systolic": None, "valid": False}),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name alone, see above."""
        name = (advertisement.name or "").lower()
        return name.startswith(tuple(prefix.lower() for prefix in cls.manifest.names))

    def __init__(self) -> None:
        super().__init__()
        self._memory = Memory(seen=_of_now)

    def handlers(self) -> Mapping[str, Handler]:
        """Results, and what comes while it measures."""
        return {RESULT: self._received}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen; nothing is ever written."""
        return subscriptions(services.get(SERVICE, {}), RESULT)

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Tell what waited."""
        return self._memory.tick(now)

    def ended(self, now: float) -> Sequence[Event | Action]:
        """Tell what still waits."""
        return self._memory.rest()

    def _received(self, data: bytes, now: float) -> Sequence[Event]:
        if data[:1] == bytes((_PROGRESS,)):
            # Comes while it measures. What is in it is not documented, so no pressure is told, but
            # the next result is this measurement's.
            self._memory.measuring(now)
            return []
        if data[:1] != bytes((_RESULT,)) or len(data) != _LENGTH:
            raise MalformedError(f"a result begins with 81 and has {_LENGTH} bytes")
        return self._memory.add(_result(data), data, now)


def _of_now(reading: CuffReading) -> CuffReading:
    """A measurement that was seen to run: its age is known, and the cuff's unreliable clock no witness."""
    details = (
        {**reading.details, "timestamp": reading.device_time} if reading.device_time else reading.details
    )
    return msgspec.structs.replace(reading, device_time=None, details=details)


def _result(data: bytes) -> CuffReading:
    day, month, year, hour, minute = data[6:11]
    date = (year, month, day, hour, minute)
    return reading_of_bytes(
        data[1], data[2], data[3], date, "the cuff sent no pressure that a patient can have"
    )
