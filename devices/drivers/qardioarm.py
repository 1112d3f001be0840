"""QardioArm: the SIG's values, and a characteristic of its own that starts and stops it (dossier 3.1).

While it measures it sends unfinished values whose systolic is the pressure in the cuff. The maker is
gone; two published programs that speak with it agree on all of this but on what marks the final
value, so both their signs must be there: a diastolic and a pulse, and then silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec

from devices.driver import Action, Advertisement, Example, Manifest, Read, Services, Write
from devices.drivers.base import BATTERY_LEVEL, BATTERY_SERVICE, Handler, battery, reads, subscriptions
from devices.drivers.cuff_values import feature, intermediate, measurement
from devices.drivers.sig_cuff import FEATURE, MEASUREMENT, SERVICE
from devices.drivers.started_cuff import StartedCuff
from devices.gatt import MalformedError, sfloat
from monitor.vitals import Battery, CuffPressure, CuffReading, Event

CONTROL = "583cb5b3-875d-40ed-9098-c39eb0c1983d"
BEGIN, STOP = b"\xf1\x01", b"\xf1\x02"

QUIET = 1.5  # seconds without another value after which the last one is final (LibreArm)
WEAKEST = 10  # % of charge at or below which it only clicks and does not inflate (LibreArm issue 12)

_PULSE = 1 << 2
_SHORTEST = 7
# What LibreArm takes for a measurement. Beyond it a value is told, and marked: a patient may have it.
_USUAL_SYSTOLIC, _USUAL_DIASTOLIC, _USUAL_DIFFERENCE = (60, 260), (40, 160), 120


class QardioArm(StartedCuff):
    """Cuff pressure while it measures, then one result; battery."""

    begin_command = Write(CONTROL, BEGIN)
    stop_command = Write(CONTROL, STOP)

    manifest: ClassVar[Manifest] = Manifest(
        id="qardioarm",
        title="QardioArm",
        names=("QardioARM",),
        role="cuff",
        gives=("systolic", "diastolic", "map", "pulse", "cuff_pressure", "battery"),
        default_characteristic=MEASUREMENT,
        writes={CONTROL: (BEGIN, STOP)},
        source="3.1",
        confidence="V",
        stale_after=3600.0,  # it says nothing between measurements
        remote_start=True,
        pairing="Unfold the cuff so that it switches on; confirm if you are asked to pair.",
        examples=(
            Example(
                ("14780050005d0046000000",),
                {"systolic": 120, "diastolic": 80, "map": 93, "pulse": 70},
            ),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name: the service it advertises is every SIG cuff's."""
        return (advertisement.name or "").strip().lower().startswith("qardioarm")

    def __init__(self) -> None:
        super().__init__()
        self._can_start = False
        self._can_tell_charge = False
        self._percent: int | None = None
        self._last: tuple[CuffReading, float] | None = None
        """What looks final, and when it came."""

    def handlers(self) -> Mapping[str, Handler]:
        """Values, unfinished ones too; what it supports; its charge."""
        return {MEASUREMENT: self._value, FEATURE: feature, BATTERY_LEVEL: self._charge}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen; whether it can be started shows in what it offers."""
        service = services.get(SERVICE, {})
        self._can_start = CONTROL in service
        self._can_tell_charge = "read" in services.get(BATTERY_SERVICE, {}).get(BATTERY_LEVEL, frozenset())
        return [*subscriptions(service, MEASUREMENT), *reads(service, FEATURE)]

    def refusal(self) -> str:
        """A weak battery makes it click without end."""
        if not self._can_start:
            return "this cuff does not offer to be started"
        if self._percent is not None and self._percent <= WEAKEST:
            return f"the cuff's battery is nearly empty ({self._percent} %)"
        return ""

    def tick(self, now: float) -> Sequence[Event | Action]:
        """The last value is the result once no more come."""
        found = self._final(now) if self._last is not None and now - self._last[1] >= QUIET else []
        return [*found, *super().tick(now)]

    def ended(self, now: float) -> Sequence[Event | Action]:
        """No more will come."""
        return [item for item in self._final(now) if isinstance(item, Event)]

    def _final(self, now: float) -> list[Event | Action]:
        last, self._last = self._last, None
        return [] if last is None else self._end(last[0], now)

    def _end(self, reading: CuffReading, now: float) -> list[Event | Action]:
        again = [Read(BATTERY_LEVEL)] if self._can_tell_charge else []
        return [*self.course.end(reading, now), *again]

    def _value(self, data: bytes, now: float) -> list[Event | Action]:
        if len(data) <= _SHORTEST and self.course.open:
            # What comes before the result is short (dossier 3.1). Even where it cannot be read, the
            # cuff answers: it must not be stopped for saying nothing.
            self.course.measuring(now)
        if len(data) < _SHORTEST:
            raise MalformedError(f"a cuff value has at least {_SHORTEST} bytes")
        systolic, diastolic = (sfloat(int.from_bytes(data[at : at + 2], "little")) for at in (1, 3))
        unfinished = not data[0] & _PULSE or diastolic == 0
        if systolic is not None and unfinished:
            self._last = None
            event = intermediate(data)
            return self.pressure(event, now) if isinstance(event, CuffPressure) else [event]
        reading = measurement(data)
        if systolic is None or diastolic is None:
            self._last = None
            return self._end(reading, now)
        self._last = _marked(reading), now
        return []

    def _charge(self, data: bytes, now: float) -> list[Event]:
        if not data:
            raise MalformedError("a battery level has 1 byte")
        event = battery(data[0])
        if isinstance(event, Battery):
            self._percent = event.percent
        return [event]


def _marked(reading: CuffReading) -> CuffReading:
    """`reading`, with a word where it lies beyond what LibreArm accepts."""
    if reading.systolic is None or reading.diastolic is None:
        return reading
    usual = (
        _USUAL_SYSTOLIC[0] <= reading.systolic <= _USUAL_SYSTOLIC[1]
        and _USUAL_DIASTOLIC[0] <= reading.diastolic <= _USUAL_DIASTOLIC[1]
        and reading.systolic - reading.diastolic <= _USUAL_DIFFERENCE
    )
    return reading if usual else msgspec.structs.replace(reading, flags=(*reading.flags, "unusual pressure"))
