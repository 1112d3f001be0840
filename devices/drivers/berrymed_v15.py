"""BerryMed's newer protocol V1.5: frames of 20 bytes that begin with FF AA (dossier 2.3)."""

from __future__ import annotations

from struct import Struct

from devices.drivers.base import names, possible, text
from monitor.vitals import DeviceInfo, Quality, Reading, Vital

HEAD = b"\xff\xaa"
SIZE = 20
_NEXT = 3
"""Bytes of a frame up to its number."""
RATES = (50, 100, 200)
"""Hz at which the samples are a plethysmogram. At the fourth rate, 1 Hz, they are none."""

# Index, status, SpO2 average and now, pulse average and now, beat interval, perfusion index
# average and now, pleth, ADC value, battery, rate.
_FIELDS = Struct("<BBBBBBHBBBiBB")
_STATUS = {0: "sensor unplugged", 1: "sensor off", 2: "no pulse"}
_NOT_MEASURING = 0x07
_NO_CONTACT = 0x03
_BEAT = 0x08
_INTERVAL_UNIT = 5  # ms

# Index bytes of the answers to a request for the version. They are frame numbers too, so such
# a frame is an answer only if its next byte, a letter there, has bits that no status has.
_VERSIONS = {ord("S"): "software", ord("H"): "hardware"}
_LETTER = 0xF0


def intact(frame: bytes) -> bool:
    """Whether the checksum is right: the sum of all bytes before it."""
    return sum(frame[:-1]) & 0xFF == frame[-1]


def size(head: bytes) -> int:
    """How long the frame that begins so is: 0 while that cannot be known, -1 where none begins so.

    Some devices never send a right checksum. Then the frame behind shows that this one is whole: it
    begins right at its end, and with the next number, so none between them was lost.
    """
    if not HEAD.startswith(head[:2]):
        return -1
    if len(head) < SIZE or intact(head[:SIZE]):
        return SIZE
    if len(head) < SIZE + _NEXT:
        return 0
    follows = head[SIZE : SIZE + _NEXT] == HEAD + bytes((head[2] + 1 & 0xFF,))
    return SIZE if follows else -1


def version(frame: bytes) -> DeviceInfo | None:
    """What the frame says of the device's version, if that is what it is."""
    kind = _VERSIONS.get(frame[2])
    if kind is None or not frame[3] & _LETTER:
        return None
    return DeviceInfo(fields={kind: text(frame[3:18])})


def state(frame: bytes) -> bytes:
    """What of a frame makes a reading: two frames in which it is the same say the same."""
    return bytes((frame[3] & _NOT_MEASURING,)) + frame[4:8]


def sample(frame: bytes) -> int | None:
    """The plethysmogram, 1..100; 0 means none."""
    return frame[12] or None


def rate(frame: bytes) -> int:
    """Frames per second, as the device says."""
    return frame[18]


def battery(frame: bytes) -> int:
    """Charge in %. The top bit is some status on some devices."""
    return frame[17] & 0x7F


def reading(frame: bytes, trusted: bool) -> Reading:
    """The values of one frame. Not `trusted`: its checksum is wrong."""
    index, bits, spo2, spo2_now, rate_, rate_now, interval, pi, pi_now, pleth, adc, charge, hertz = (
        _FIELDS.unpack_from(frame, 2)
    )
    flags = names(bits, _STATUS)
    measuring = not bits & _NOT_MEASURING
    details: dict[str, object] = {
        "index": index,
        "status": bits,
        "pulse_beat": bool(bits & _BEAT),
        "pleth": pleth or None,
        "adc": adc,
        "battery": charge & 0x7F,
        "freq": hertz,
    }
    values = {
        "spo2_avg": _within(spo2, 35, 100),
        "spo2_real": _within(spo2_now, 35, 100),
        "hr_avg": _within(rate_, 25, 250),
        "hr_real": _within(rate_now, 25, 250),
        "rr_ms": interval * _INTERVAL_UNIT or None,
    }
    if measuring:
        details |= values
        if pi_now:
            details["pi_real_pct"] = pi_now / 10
    # The average is what such a device shows. It outlives the signal it is made of, so it only
    # counts while there is a value of the moment beside it.
    average = {
        name: values[f"{name}_avg"] if measuring and values[f"{name}_real"] else None
        for name in ("spo2", "hr")
    }
    if measuring and None in average.values():
        flags.append("no value")
    if not trusted:
        flags.append("checksum wrong")
    return Reading(
        spo2=average["spo2"],
        pulse=average["hr"],
        pi=possible(Vital.PI, pi / 10 if measuring and pi else None, flags),
        quality=Quality.GOOD if trusted else Quality.DOUBTFUL,
        flags=tuple(flags),
        contact=not bits & _NO_CONTACT,
        details={name: value for name, value in details.items() if value is not None},
    )


def _within(value: int, low: int, high: int) -> float | None:
    """`value` where the protocol allows it; 127 and 255 stand for none and lie outside."""
    return float(value) if low <= value <= high else None
