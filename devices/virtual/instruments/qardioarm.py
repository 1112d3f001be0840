"""A QardioArm: unfinished values while it inflates, and a final one when nothing more comes (dossier 3.1)."""

from __future__ import annotations

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.encoding import sfloat
from devices.virtual.instruments.battery import Battery
from devices.virtual.instruments.sig_cuff import BLOOD_PRESSURE, FAILED, MEASUREMENT_SECONDS, Measurement
from devices.virtual.instruments.started_cuff import StartedCuff
from devices.virtual.patient import Source
from devices.virtual.peripheral import INDICATE, NOTIFY, READ, WRITE, characteristic
from devices.virtual.radio import VirtualRadio

CONTROL = UUID("583CB5B3-875D-40ED-9098-C39EB0C1983D")
_BEGIN, _STOP = b"\xf1\x01", b"\xf1\x02"
_PULSE, _STATUS = 1 << 2, 1 << 4
_INFLATES_ABOVE = 10


class QardioArm(StartedCuff):
    """Takes F1 01 and F1 02. With a weak battery it clicks and does not inflate.

    `locked`: takes commands of paired hosts only.
    """

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "QardioARM",
        seconds: float = MEASUREMENT_SECONDS,
        pressures_per_second: float = 5.0,
        battery: int = 80,
        locked: bool = False,
    ) -> None:
        self.battery = Battery(battery)
        self._value = characteristic(UUID.from_16_bits(0x2A35), INDICATE | NOTIFY)
        control = characteristic(CONTROL, READ | WRITE, b"", self._written, locked=locked)
        feature = characteristic(UUID.from_16_bits(0x2A49), READ, b"\0\0")
        super().__init__(
            radio,
            source,
            name,
            [Service(BLOOD_PRESSURE, [self._value, feature, control]), self.battery.service],
            advertised=[BLOOD_PRESSURE],
            seconds=seconds,
            pressures_per_second=pressures_per_second,
        )
        self.when_subscribed(self._value, None)

    def _written(self, data: bytes) -> None:
        if data == _BEGIN and self.battery.percent > _INFLATES_ABOVE:
            self.ordered()
        elif data == _STOP:
            self.stop()

    async def tell_pressure(self) -> None:
        """An unfinished value: the systolic is the pressure, the rest is 0."""
        await self.notify(self._value, unfinished(self.pressure))

    async def tell_result(self, found: Measurement) -> None:
        """The final value."""
        await self.notify(self._value, final(found))

    async def tell_failure(self, code: int) -> None:
        """Every failure looks the same."""
        await self.notify(self._value, final(FAILED))

    async def tell_stopped(self) -> None:
        """No numbers."""
        await self.notify(self._value, final(FAILED))


def unfinished(pressure: float) -> bytes:
    """A value of 7 bytes while it measures."""
    return b"\0" + sfloat(round(pressure)) + sfloat(0) + sfloat(0)


def final(found: Measurement) -> bytes:
    """A value of 11 bytes with pulse and status."""
    pressures = sfloat(found.systolic) + sfloat(found.diastolic) + sfloat(found.mean)
    return bytes([_PULSE | _STATUS]) + pressures + sfloat(found.pulse) + found.status.to_bytes(2, "little")
