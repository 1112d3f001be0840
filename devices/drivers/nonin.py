"""Nonin 3230 and WristOx2 3150: values once a second to whoever listens, big-endian (dossier 2.1).

Nothing is ever written: the values need no command, and the commands there are end a measurement or
change the device. Sources disagree whether these devices want to be paired; so they are not until one
refuses, which the link sees to.

One public decoder reads SpO₂ from byte 2 and a little-endian pulse. It disagrees with the maker's
own sample and two others; Vigil follows those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Services
from devices.drivers.base import BATTERY_LEVEL, BaseDriver, Handler, battery, possible, subscriptions
from devices.gatt import MalformedError, uuid
from monitor.vitals import Battery, Detail, Event, Failure, Quality, Reading, Vital, Waveform

SERVICE = "46a970e0-0d5f-11e2-8b5e-0002a5d5c51b"
OXIMETRY = "0aad7ea0-0d60-11e2-8e3c-0002a5d5c51b"
PPG = "ec0a883a-4d24-11e7-b114-b2f933d5fe66"
PULSE_INTERVALS = "34e27863-76ff-4f8e-96f1-9e3993aa6199"
DEVICE_STATUS = "ec0a9302-4d24-11e7-b114-b2f933d5fe66"

SAMPLE_RATE = 75.0
"""Hz of the plethysmogram: usual for Nonin, and so in one public decoder; the format does not say."""

_OXIMETRY_LENGTH = 10
_NO_SPO2, _NO_PULSE = 127, 511
_SYNC, _WEAK, _SMARTPOINT, _SEARCHING, _ON_FINGER, _LOW_BATTERY, _ENCRYPTED = range(7)
_STATUS = {
    _SYNC: "sync",
    _WEAK: "weak_signal",
    _SMARTPOINT: "smartpoint",
    _SEARCHING: "searching",
    _ON_FINGER: "sensor_ok",
    _LOW_BATTERY: "low_battery",
    _ENCRYPTED: "encrypted",
}

LOW, NOT_LOW = 20, 50
"""Charge in % for a device that tells one bit of it: at 20 Vigil says "low", at 50 "good"."""
PATIENCE = 10.0
"""Seconds in which a charge in % may come from elsewhere, before that bit is all there is."""

_PPG_SAMPLES = 25
_PPG_LENGTH = 1 + 2 * _PPG_SAMPLES + 2

_INTERVALS_HEAD, _INTERVAL, _MOST_INTERVALS = 4, 4, 6
_INVALID, _TOO_HIGH = 1, 2
# A pulse of bad quality is bit 7 in one source and bit 6 in another; neither means anything else.
_BAD_PULSE = 0xC0

_DEVICE_STATUS_LENGTH = 7
_ERRORS = {
    1: "no sensor is plugged in",
    5: "the sensor is faulty",
    6: "the device reports an error of its own",
}


class Nonin(BaseDriver):
    """SpO2, pulse and pulse amplitude index; of a 3150 plethysmogram and battery too."""

    manifest: ClassVar[Manifest] = Manifest(
        id="nonin",
        title="Nonin 3230 and WristOx2 3150",
        names=("Nonin3230", "Nonin3150"),
        role="oximeter",
        gives=("spo2", "pulse", "pi", "waveform", "battery"),
        default_characteristic=OXIMETRY,
        writes={},
        source="2.1",
        confidence="V",
        stale_after=5.0,
        pairing="Put it on the finger; confirm if you are asked to pair.",
        examples=(
            Example(("0a151e01320005610048",), {"spo2": 97, "pulse": 72, "pai_pct": 3.06, "battery_v": 3}),
            Example(("0a081e000000097f01ff",), {"spo2": None, "pulse": None, "pai_pct": None}),
        ),
        wire_names={"pi": "pai_pct"},
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By its service, or by name unless it says that it speaks the SIG profile instead."""
        if SERVICE in advertisement.services:
            return True
        named = (advertisement.name or "").lower().startswith(tuple(n.lower() for n in cls.manifest.names))
        return named and uuid("1822") not in advertisement.services

    def __init__(self) -> None:
        super().__init__()
        self._percent: int | None = None
        """Charge as the device tells it in %."""
        self._low = False
        """Whether it has ever said that it is low: its cells are not changed while it is connected."""
        self._first: float | None = None
        """When the first second came."""
        self._told: Battery | None = None
        self._error = 0

    def handlers(self) -> Mapping[str, Handler]:
        """Values, and three things that only a 3150 has."""
        return {
            OXIMETRY: self._second,
            BATTERY_LEVEL: self._level,
            PPG: _ppg,
            PULSE_INTERVALS: _pulse_intervals,
            DEVICE_STATUS: self._device_status,
        }

    def begin(self, services: Services) -> Sequence[Action]:
        """Listening is all it takes; values first."""
        return subscriptions(services.get(SERVICE, {}), OXIMETRY, PPG, DEVICE_STATUS, PULSE_INTERVALS)

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Tell of a battery that is not low, where nothing else is known of it."""
        waited = self._first is not None and now - self._first > PATIENCE
        return self._charge(NOT_LOW) if waited else []

    def _second(self, data: bytes, now: float) -> list[Event]:
        found: list[Event] = [_oximetry(data)]
        self._first = now if self._first is None else self._first
        if data[1] >> _LOW_BATTERY & 1:
            self._low = True
            found += self._charge()
        return found

    def _level(self, data: bytes, now: float) -> list[Event]:
        if not data:
            raise MalformedError("a battery level has 1 byte")
        event = battery(data[0])
        if not isinstance(event, Battery):
            return [event]
        self._percent = event.percent
        return self._charge()

    def _charge(self, unknown: int | None = None) -> list[Event]:
        """A Battery event when it changed; `unknown` is the charge while the device has told none."""
        percent = self._percent if self._percent is not None else unknown
        if self._low:
            percent = LOW if self._percent is None else min(LOW, self._percent)
        if percent is None or Battery(percent=percent) == self._told:
            return []
        self._told = Battery(percent=percent)
        return [self._told]

    def _device_status(self, data: bytes, now: float) -> list[Event | Action]:
        """DF23. What has not changed since the last is no news."""
        _whole(data, _DEVICE_STATUS_LENGTH)
        error, volts, percent = data[2], data[3] / 10, data[4]
        fields: dict[str, object] = {"sensor_type": data[1], "error": error, "battery_v": volts}
        fields |= {"battery_pct": percent, "tx_index": _u16(data, 5)}
        found: list[Event | Action] = [Detail(name="device status", fields=fields)]
        if percent <= 100:
            self._percent = percent
            found += self._charge()
        if error and error != self._error:
            reason = _ERRORS.get(error, "the device reports an error that is not documented")
            found.append(Failure(kind="device", reason=reason))
        self._error = error
        return found


def _oximetry(data: bytes) -> Reading:
    _whole(data, _OXIMETRY_LENGTH)
    bits, amplitude, saturation, rate = data[1], _u16(data, 3), data[7], _u16(data, 8)
    status: dict[str, object] = {"raw": bits}
    status |= {name: bool(bits >> bit & 1) for bit, name in _STATUS.items()}
    details: dict[str, object] = {"len": data[0], "status": status}
    details |= {"battery_v": data[2] / 10, "counter": _u16(data, 5)}
    on_finger = bool(status["sensor_ok"])
    flags = [name for bit, name in ((_WEAK, "weak signal"), (_SEARCHING, "searching")) if bits >> bit & 1]
    quality = Quality.DOUBTFUL if flags else Quality.GOOD
    spo2 = None if saturation == _NO_SPO2 else float(saturation)
    pulse = None if rate == _NO_PULSE else float(rate)
    pi = amplitude / 100 if amplitude and (spo2 is not None or pulse is not None) else None
    if not on_finger:
        # The bit means a finger to one source and a rightly placed one to the other. Either way
        # a number beside it is none to rely on.
        details |= {k: v for k, v in (("raw_spo2", spo2), ("raw_pulse", pulse)) if v is not None}
        flags.insert(0, "sensor off")
        spo2 = pulse = pi = None
    elif (spo2 is None or pulse is None) and not flags:
        flags.append("no value")
    return Reading(
        spo2=possible(Vital.SPO2, spo2, flags),
        pulse=possible(Vital.PULSE, pulse, flags),
        pi=possible(Vital.PI, pi, flags),
        quality=quality,
        flags=tuple(flags),
        contact=on_finger,
        details=details,
    )


def _ppg(data: bytes, now: float) -> list[Event]:
    """DF22. Of each sample's 16 bits the upper 8 are kept."""
    _whole(data, _PPG_LENGTH)
    samples = tuple(data[1 : 1 + 2 * _PPG_SAMPLES : 2])
    return [Waveform(samples=samples, rate_hz=SAMPLE_RATE, ordinal=_u16(data, _PPG_LENGTH - 2))]


def _pulse_intervals(data: bytes, now: float) -> list[Event]:
    """DF20. Pulses count for nothing where the signal is invalid or the pulse too fast for them."""
    _whole(data, _INTERVALS_HEAD)
    count, rest = divmod(len(data) - _INTERVALS_HEAD, _INTERVAL)
    if rest or count > _MOST_INTERVALS:
        raise MalformedError(f"pulse intervals are at most {_MOST_INTERVALS} of {_INTERVAL} bytes each")
    status = data[3]
    usable = not status & (_INVALID | _TOO_HIGH)
    starts = range(_INTERVALS_HEAD, len(data), _INTERVAL) if usable else ()
    fields: dict[str, object] = {
        "counter": _u16(data, 1),
        "invalid_signal": bool(status & _INVALID),
        "pulse_too_high": bool(status & _TOO_HIGH),
        "pulses": [_interval(data, at) for at in starts],
    }
    return [Detail(name="pulse intervals", fields=fields)]


def _interval(data: bytes, at: int) -> dict[str, object]:
    return {
        "bad": bool(data[at] & _BAD_PULSE),
        "pai_pct": ((data[at] & 0x0F) << 8 | data[at + 1]) / 100,
        "interval_ms": _u16(data, at + 2) / 10,
    }


def _whole(data: bytes, least: int) -> None:
    """Every format begins with its own length. Raises MalformedError unless it is right and `least`."""
    if len(data) < least:
        raise MalformedError(f"this format has at least {least} bytes")
    if data[0] != len(data):
        raise MalformedError("the length in the first byte is not that of the notification")


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")
