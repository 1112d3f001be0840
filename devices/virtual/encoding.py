"""Bytes as instruments write them. Separate from the drivers' decoders, so that each checks the other."""

from __future__ import annotations

import math
import struct
from datetime import datetime

NAN = 0x07FF
"""SFLOAT "not a number": no value (dossier 1.1)."""


def sfloat(value: float | None, decimals: int = 0) -> bytes:
    """A medfloat16, little-endian: 12-bit mantissa, 4-bit exponent. None and NaN become NaN."""
    if value is None or math.isnan(value):
        return struct.pack("<H", NAN)
    mantissa = round(value * 10**decimals)
    if not -2046 < mantissa < 2046:  # the rest of the 12 bits means infinity and the like
        raise ValueError(f"{value} has no SFLOAT with {decimals} decimals")
    return struct.pack("<H", (-decimals & 0xF) << 12 | mantissa & 0xFFF)


def date_time(moment: datetime) -> bytes:
    """The seven bytes of 0x2A08 (dossier 1.2)."""
    return struct.pack("<H5B", moment.year, *moment.timetuple()[1:6])


def crc8(data: bytes) -> int:
    """CRC-8, polynomial 7, initial value 0: MightySat's and Viatom's (dossier 2.2, 2.5)."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07 if crc & 0x80 else crc << 1) & 0xFF
    return crc


def pieces(data: bytes, size: int = 20) -> list[bytes]:
    """A frame cut into the notifications that carry it."""
    return [data[k : k + size] for k in range(0, len(data), size)]
