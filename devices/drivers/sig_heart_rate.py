"""Chest straps and armbands that speak the Bluetooth SIG's heart rate service 180D (dossier 1.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import unpack_from
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Services
from devices.drivers.base import BaseDriver, Handler, possible, subscriptions
from devices.gatt import MalformedError, uuid
from monitor.vitals import Event, Reading, Vital

SERVICE = uuid("180D")
MEASUREMENT = uuid("2A37")


class SigHeartRate(BaseDriver):
    """Pulse about once a second, with contact and beat intervals where the strap sends them."""

    manifest: ClassVar[Manifest] = Manifest(
        id="sig_heart_rate",
        title="Heart-rate strap, Bluetooth SIG profile",
        names=(),
        role="heart",
        gives=("pulse", "battery"),
        default_characteristic=MEASUREMENT,
        writes={},
        source="1.6",
        confidence="V",
        wire_names={"pulse": "hr"},
        examples=(
            Example(("1e5532002100",), {"hr": 85, "contact": True, "energy": 50, "rr": [33]}),
            Example(("04ff",), {"hr": 255, "contact": False}),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """Any device that advertises the heart rate service."""
        return SERVICE in advertisement.services

    def handlers(self) -> Mapping[str, Handler]:
        """The heart rate measurement."""
        return {MEASUREMENT: _measurement}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen."""
        return subscriptions(services.get(SERVICE, {}), MEASUREMENT)


def _measurement(data: bytes, now: float) -> list[Event]:
    if not data:
        raise MalformedError("a heart rate measurement has at least 2 bytes")
    bits = data[0]
    wide, energy, intervals = bits & 1, bits & 8, bits & 16
    needed = 2 + wide + (2 if energy else 0)
    if len(data) < needed or (intervals and (len(data) - needed) % 2):
        raise MalformedError("this heart rate measurement is shorter than its flags ask for")
    rate = data[1] | (data[2] << 8 if wide else 0)
    details: dict[str, object] = {"hr": rate}
    if energy:
        details["energy"] = data[needed - 2] | data[needed - 1] << 8  # kJ
    if intervals:
        details["rr"] = list(unpack_from(f"<{(len(data) - needed) // 2}H", data, needed))  # 1/1024 s
    contact = bool(bits & 2) if bits & 4 else None
    flags: list[str] = ["sensor off"] if contact is False else []
    pulse = None if contact is False else possible(Vital.PULSE, float(rate), flags)
    return [Reading(pulse=pulse, flags=tuple(flags), contact=contact, details=details)]
