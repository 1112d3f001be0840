"""BerryMed's BCI packets: five bytes each, about a hundred a second (dossier 2.3).

Only the first byte of a packet has its top bit set, which is all there is to find and to check a
packet by: there is no checksum.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from devices.drivers.base import possible
from monitor.vitals import Quality, Reading, Vital

SIZE = 5
SAMPLE_RATE = 100.0
"""Hz, one sample a packet. Hearsay in the dossier; the packets carry no rate."""

_PACKET = re.compile(rb"[\x80-\xff][\x00-\x7f]{4}")
_STREAM = re.compile(rb"(?:[\x80-\xff][\x00-\x7f]{4})+")
_SYNC = re.compile(rb"[\x80-\xff]")

_NO_SIGNAL, _UNPLUGGED, _BEEP = 0x10, 0x20, 0x40
_NO_FINGER, _SEARCHING, _PULSE_BIT_7 = 0x10, 0x20, 0x40
_NO_STRENGTH, _NO_PULSE, _NO_SPO2 = 15, 255, 127

State = tuple[int, int, int, int]
"""What makes two packets the same reading: status bits, pulse and SpO2, but not pleth and beat."""


class Split(NamedTuple):
    """A stretch of stream taken apart."""

    packets: list[bytes]
    before: int
    """Bytes in front of the first packet, if none of them could begin one: the end of another."""
    stray: int
    """Bytes elsewhere that belong to no packet."""
    broken: bool
    """A packet began inside another."""
    rest: bytes
    """The beginning of a packet."""


def split(data: bytes) -> Split:
    """The packets in `data`, and what is left over."""
    if _STREAM.fullmatch(data):
        return Split([data[at : at + SIZE] for at in range(0, len(data), SIZE)], 0, 0, False, b"")
    packets, gaps, end = [], [], 0
    for found in _PACKET.finditer(data):
        gaps.append(data[end : found.start()])
        packets.append(found[0])
        end = found.end()
    tail = data[end:]
    begins = max((sync.start() for sync in _SYNC.finditer(tail)), default=len(tail))
    gaps.append(tail[:begins])
    broken = any(_SYNC.search(gap) for gap in gaps)
    before = len(gaps[0]) if not _SYNC.search(gaps[0]) else 0
    return Split(packets, before, sum(map(len, gaps)) - before, broken, tail[begins:])


def state(packet: bytes) -> State:
    """What of a packet makes a reading."""
    return packet[0] & 0x30, packet[2] & 0x70, packet[3], packet[4]


def sample(packet: bytes) -> int | None:
    """The plethysmogram, 1..100; 0 means none."""
    return packet[1] or None


def reading(packet: bytes, resync: bool = False) -> Reading:
    """The values of one packet. `resync`: the first after bytes that were none."""
    first, pleth, third, low, saturation = packet
    rate = low | (third & _PULSE_BIT_7) << 1
    strength = first & 0x0F
    finger = not third & _NO_FINGER and not first & _UNPLUGGED
    flags: list[str] = []
    details: dict[str, object] = {
        "signal": None if strength == _NO_STRENGTH else strength,
        "pleth": pleth or None,
        "bargraph": third & 0x0F,
        "finger": finger,
        "pulse_beat": bool(first & _BEEP),
    }
    if resync:
        details["resync"] = True
    spo2 = None if saturation == _NO_SPO2 else float(saturation)
    pulse = None if rate == _NO_PULSE else float(rate)
    if first & _UNPLUGGED:
        flags.append("sensor unplugged")
    elif third & _NO_FINGER:
        flags.append("sensor off")
    # Bit 4 of the first byte: whatever the numbers say then, they were not measured now.
    if first & _NO_SIGNAL:
        flags.append("no signal")
    if flags:
        details |= {"raw_spo2": spo2, "raw_pulse": pulse}
        spo2 = pulse = None
    elif spo2 is None or pulse is None:
        flags.append("no value")
    searching = bool(third & _SEARCHING)
    if searching:
        flags.append("pulse search")
    return Reading(
        spo2=possible(Vital.SPO2, spo2, flags),
        pulse=possible(Vital.PULSE, pulse, flags),
        quality=Quality.DOUBTFUL if searching else Quality.GOOD,
        flags=tuple(flags),
        contact=finger,
        details={name: value for name, value in details.items() if value is not None},
    )
