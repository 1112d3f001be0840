"""JKS50F of Guangdong Health, which calls itself OXIMETER (dossier 2.12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Services
from devices.drivers.base import BaseDriver, Handler, possible, subscriptions
from devices.framing import Reassembler
from devices.gatt import uuid
from monitor.vitals import Event, Failure, Reading, Vital

SERVICE = uuid("FFE0")
STREAM = uuid("FFE1")

_HEAD = b"\xff\x44\x01"
_SIZE = 69
_NO_VALUE = (127, 255)
_NO_PERFUSION = 0x1FFF
_MOST_PERFUSION = 20.0
"""%. The only source takes more for a fault, too."""
_PULSE_UNCERTAIN = 0x40
"""A bit beside the perfusion index that no source explains. It is set where the pulse is none, so
it could be the pulse's eighth bit, and a pulse of 160 would be shown as 32."""


class JKS50F(BaseDriver):
    """SpO2, pulse and PI in frames of 69 bytes, of which sixty are not documented."""

    manifest: ClassVar[Manifest] = Manifest(
        id="jks50f",
        title="JKS50F",
        names=("OXIMETER",),
        role="oximeter",
        gives=("spo2", "pulse", "pi"),
        default_characteristic=STREAM,
        writes={},
        source="2.12",
        confidence="V",
        examples=(
            Example(
                ("ff4401006450260400" + "00" * 59 + "23",),
                {"spo2": 100, "pulse": 80, "pi": 5.5, "finger": True},
            ),
            Example(
                ("ff4401017f7f7f7f" + "00" * 60 + "42",),
                {"spo2": None, "pulse": None, "pi": None, "finger": False},
            ),
        ),
        framed=True,
        checksum=True,
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name and service together: anything may be called an oximeter, or have FFE0."""
        name = (advertisement.name or "").strip().upper()
        return name in cls.manifest.names and SERVICE in advertisement.services

    def __init__(self) -> None:
        super().__init__()
        self._frames = Reassembler(_HEAD[0], _size, _intact)

    def handlers(self) -> Mapping[str, Handler]:
        """The stream."""
        return {STREAM: self._stream}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listening is all it takes."""
        return subscriptions(services.get(SERVICE, {}), STREAM)

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Tell of a frame that was cut off."""
        lost = self._frames.expire(now)
        if not lost:
            return []
        cut = Failure(kind="malformed", reason=f"a frame was cut off after {lost} bytes")
        return [cut, *self._stream(b"", now)]

    def _stream(self, data: bytes, now: float) -> list[Event | Action]:
        frames, lost = self._frames.feed(data, now)
        found: list[Event | Action] = [_reading(frame) for frame in frames]
        if lost:
            damaged = len(data) == _SIZE and data.startswith(_HEAD) and not _intact(data)
            reason = "bad checksum" if damaged else f"{lost} bytes belonged to no whole frame"
            found.append(Failure(kind="malformed", reason=reason))
        return found


def _size(head: bytes) -> int:
    return _SIZE if _HEAD.startswith(head[: len(_HEAD)]) else -1


def _intact(frame: bytes) -> bool:
    return (sum(frame[:-1]) + 1) & 0xFF == frame[-1]


def _reading(frame: bytes) -> Reading:
    away, saturation, rate, low, high = frame[3:8]
    finger = not away
    flags: list[str] = []
    spo2 = None if saturation in _NO_VALUE else float(saturation)
    pulse = None if rate in _NO_VALUE else float(rate)
    perfusion = low & 0x7F | (high & 0x3F) << 7
    pi = None if perfusion == _NO_PERFUSION or perfusion / 100 > _MOST_PERFUSION else perfusion / 100
    if not finger:
        flags.append("sensor off")
        spo2 = pulse = pi = None
    elif spo2 is None or pulse is None:
        flags.append("no value")
    elif high & _PULSE_UNCERTAIN:
        flags.append("pulse uncertain")
        pulse = None
    return Reading(
        spo2=possible(Vital.SPO2, spo2, flags),
        pulse=possible(Vital.PULSE, pulse, flags),
        pi=pi,
        flags=tuple(flags),
        contact=finger,
        details={"finger": finger},
    )
