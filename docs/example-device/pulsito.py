"""The Pulsito P1, a made-up oximeter: five bytes once a second (docs/adding-a-device.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Services
from devices.drivers.base import BaseDriver, Handler, battery, possible, subscriptions
from devices.gatt import MalformedError, uuid
from monitor.vitals import Event, Quality, Reading, Vital

SERVICE, STREAM = uuid("FAA0"), uuid("FAA1")
_OFF, _WEAK = 0x01, 0x02  # bits of byte 0; byte 1 SpO2 %, bytes 2-3 pulse, byte 4 battery %


class Pulsito(BaseDriver):
    """SpO2, pulse and battery, without being asked."""

    manifest: ClassVar[Manifest] = Manifest(
        id="pulsito",
        title="Pulsito P1",
        names=("Pulsito",),
        role="oximeter",
        gives=("spo2", "pulse", "battery"),
        default_characteristic=STREAM,
        writes={},
        source="maker's sheet, 2026",
        confidence="D captured",
        examples=(
            Example(("0061480055",), {"spo2": 97, "pulse": 72, "battery": 85, "usable": True}),
            Example(("0100000055",), {"spo2": None, "pulse": None, "contact": False}),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name: its service number is used by others too."""
        return (advertisement.name or "").startswith("Pulsito")

    def handlers(self) -> Mapping[str, Handler]:
        """The one stream it has."""
        return {STREAM: _values}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listening is all it takes."""
        return subscriptions(services.get(SERVICE, {}), STREAM)


def _values(data: bytes, now: float) -> list[Event]:
    if len(data) != 5:
        raise MalformedError("a packet has 5 bytes")
    flags: list[str] = []
    if data[0] & _OFF:
        return [Reading(contact=False, flags=("sensor off",)), battery(data[4])]
    if data[0] & _WEAK:
        flags.append("weak signal")
    reading = Reading(
        spo2=possible(Vital.SPO2, float(data[1]), flags),
        pulse=possible(Vital.PULSE, float(data[2] | data[3] << 8), flags),
        quality=Quality.DOUBTFUL if flags else Quality.GOOD,
        flags=tuple(flags),
        contact=True,
    )
    return [reading, battery(data[4])]
