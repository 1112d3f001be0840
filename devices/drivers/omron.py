"""Omron cuffs that also speak SIG: bonded, and asked for their last record after each press (dossier 3.5).

Models that speak only Omron's own protocol are named as speaking another one (`omron_memory` says
why). Nothing is ever written into a memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Pair, Services, WriteTime
from devices.drivers import omron_memory
from devices.drivers.base import Handler, subscriptions
from devices.drivers.clocks import CURRENT_TIME, CURRENT_TIME_SERVICE, current_time, told_current_time
from devices.drivers.sig_cuff import MEASUREMENT, SERVICE, SigCuff
from devices.framing import STALE
from devices.gatt import uuid
from monitor.vitals import Detail, Event, Failure

COMPANY = 0x020E
OWN_SERVICES = frozenset({"ecbe3980-c9a2-11e1-b1bd-0002a5d5c51b", uuid("FE4A")})
# Where a frame of its own protocol arrives, 16 bytes on each; and where hosts write them.
ANSWERS = (
    "49123040-aee8-11e1-a74d-0002a5d5c51b",
    "4d0bf320-aee8-11e1-a0d9-0002a5d5c51b",
    "5128ce60-aee8-11e1-b84b-0002a5d5c51b",
    "560f1420-aee8-11e1-8184-0002a5d5c51b",
)
COMMAND = "db5b55e0-aee7-11e1-965e-0002a5d5c51b"

_CUFF_NUMBERS = "blesmart_0000"
"""What cuffs' names begin with; scales of the maker are BLEsmart_0001…"""


class Omron(SigCuff):
    """The last record after each press; the memory of its own protocol is never touched."""

    manifest: ClassVar[Manifest] = replace(
        SigCuff.manifest,
        id="omron",
        title="Omron with the SIG profile (BP5150, EVOLV, HEM-9200T and others)",
        names=("BLESmart_", "X2+ Connect"),
        gives=("systolic", "diastolic", "map", "pulse", "battery"),
        times={CURRENT_TIME: (current_time,)},
        source="3.5",
        confidence="V",
        pairing=(
            "Hold the cuff's Bluetooth button for about 5 seconds until P blinks, then connect. It remembers "
            "one computer or phone only. Models that speak only Omron's own protocol cannot be read."
        ),
        examples=(
            *SigCuff.manifest.examples,
            Example(
                ("16810002e80e53444f19ed263a1700001400770000b7",),
                {"resp": "8100 read", "address": "02e8", "len": 14},
                ANSWERS[0],
            ),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name and a cuff's number or service, or by its company's number on a cuff."""
        name = (advertisement.name or "").lower()
        services = advertisement.services
        cuff = SERVICE in services or bool(services & OWN_SERVICES)
        if name.startswith("blesmart_"):
            return cuff or name.startswith(_CUFF_NUMBERS)
        return name.startswith("x2+ connect") or (COMPANY in advertisement.manufacturer and cuff)

    def __init__(self) -> None:
        super().__init__()
        self._frame = b""
        self._since = 0.0

    def handlers(self) -> Mapping[str, Handler]:
        """Those of any SIG cuff, its clock, and what others captured of its own protocol."""
        return {
            **super().handlers(),
            CURRENT_TIME: lambda data, now: [told_current_time(data)],
            **dict.fromkeys((*ANSWERS, COMMAND), self._piece),
        }

    def begin(self, services: Services) -> Sequence[Action]:
        """Bond, give it the time, and ask as any cuff is asked; nothing where it lacks the profile."""
        if MEASUREMENT not in services.get(SERVICE, {}):
            return []
        clock = services.get(CURRENT_TIME_SERVICE, {})
        settable = "write" in clock.get(CURRENT_TIME, frozenset())
        return [
            Pair(),
            *subscriptions(clock, CURRENT_TIME),
            *([WriteTime(CURRENT_TIME, current_time)] if settable else []),
            *super().begin(services),
        ]

    def tick(self, now: float) -> Sequence[Event | Action]:
        """As any cuff; and half a captured frame is said."""
        found = list(super().tick(now))
        if self._frame and now - self._since > STALE:
            found.append(
                Failure(kind="malformed", reason=f"a frame was cut off after {len(self._frame)} bytes")
            )
            self._frame = b""
        return found

    def _piece(self, data: bytes, now: float) -> list[Event]:
        frame, self._frame = self._frame + data, b""
        if len(frame) < omron_memory.size(frame):
            self._frame, self._since = frame, now
            return []
        return [Detail(name="own protocol", fields=omron_memory.told(frame))]
