"""BerryMed finger oximeters: an older one that speaks BCI, a newer one that speaks V1.5 (dossier 2.3)."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.encoding import pieces
from devices.virtual.patient import Physiology, Pleth, Source
from devices.virtual.peripheral import NOTIFY, WRITE_FAST, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio

BERRYMED = UUID("49535343-FE7D-4AE5-8FA9-9FAFD205E455")
STREAM = UUID("49535343-1E4D-4BD9-BA61-23C647249616")
COMMAND = UUID("49535343-8841-43F4-A8D4-ECBE34729BB3")

PACKETS_PER_SECOND = 100
PACKETS_AT_ONCE = 4
"""What fits into a notification of 20 bytes; the dossier says "several"."""

_BEAT_ABOVE = 0.6  # of the pulse wave; where the lamp lights up


class _Streaming(Peripheral):
    """Streams as soon as somebody listens, and advertises no service, as most of them do."""

    silent = False
    """Linked and mute."""

    def __init__(self, radio: VirtualRadio, source: Source, name: str, every: float) -> None:
        self._source = source
        self._pleth = Pleth()
        self._stream = characteristic(STREAM, NOTIFY)
        command = characteristic(COMMAND, WRITE_FAST, written=lambda _: None)
        super().__init__(radio, name, [Service(BERRYMED, [self._stream, command])])
        self.stream(self._stream, every, lambda: () if self.silent else self.produce())

    def produce(self) -> Iterable[bytes]:
        """The notifications that are due."""
        raise NotImplementedError

    def wave(self, now: Physiology, seconds: float) -> float:
        """The next sample of the pulse wave: -1 to 1."""
        return self._pleth.next(now, seconds)


class BerryMed(_Streaming):
    """BCI: four packets of five bytes 25 times a second."""

    def __init__(self, radio: VirtualRadio, source: Source, name: str = "BerryMed") -> None:
        self.searching = self.unplugged = self.no_signal = False
        """Status bits that are set while true."""
        self.split = False
        """Notifications end inside packets."""
        self.cut_in = False
        """The first notification of a link begins inside a packet."""
        self.damaged = False
        """The next notification has a packet with a byte too few."""
        self._left = b""
        super().__init__(radio, source, name, PACKETS_AT_ONCE / PACKETS_PER_SECOND)

    def on_connected(self) -> None:
        """Half a packet of the last link is no part of this one's."""
        self._left = b"\x05\x48\x62" if self.cut_in else b""

    def produce(self) -> Iterable[bytes]:
        """Four packets, whole or not."""
        now = self._source()
        data = self._left + b"".join(self._packet(now) for _ in range(PACKETS_AT_ONCE))
        if self.damaged:
            self.damaged = False
            data = data[:2] + data[3:]
        end = len(data) - (2 if self.split else 0)
        self._left = data[end:]
        return pieces(data[:end])

    def _packet(self, now: Physiology) -> bytes:
        wave = self.wave(now, 1 / PACKETS_PER_SECOND)
        status = self.no_signal << 4 | self.unplugged << 5 | (wave > _BEAT_ABOVE) << 6
        return packet(now, wave, status, self.searching)


def packet(now: Physiology, wave: float, status: int = 0, searching: bool = False) -> bytes:
    """One BCI packet. Without a finger the pulse is 255, SpO2 127 and the pleth 0."""
    pulse = min(254, round(now.pulse)) if now.contact else 255
    spo2 = round(now.spo2) if now.contact else 127
    strength = min(8, round(now.pi)) if now.contact else 0
    height = round(50.5 + 49.5 * wave) if now.contact else 0
    third = height * 15 // 100 | (not now.contact) << 4 | searching << 5 | pulse >> 7 << 6
    return bytes((0x80 | status | strength, height, third, pulse & 0x7F, spo2))


class BerryMedV15(_Streaming):
    """V1.5: a frame of 20 bytes `rate` times a second, one to a notification."""

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "BerryMed",
        rate: int = 100,
        battery: int = 80,
        right_checksum: bool = True,
    ) -> None:
        self.percent = battery
        self.right_checksum = right_checksum
        """Some devices never send one."""
        self.no_pulse = False
        self._rate = rate
        self._index = 0
        super().__init__(radio, source, name, 1 / rate)

    def produce(self) -> Iterable[bytes]:
        """One frame."""
        now = self._source()
        wave = self.wave(now, 1 / self._rate)
        self._index = (self._index + 1) & 0xFF
        data = frame(now, wave, self._index, self.percent, self._rate, self.no_pulse)
        return [data if self.right_checksum else data[:-1] + bytes((data[-1] ^ 0x55,))]


def frame(
    now: Physiology, wave: float, index: int = 0, battery: int = 80, rate: int = 100, no_pulse: bool = False
) -> bytes:
    """One frame of V1.5. Without a finger or pulse every value is its own "invalid"."""
    status = (not now.contact) << 1 | no_pulse << 2 | (wave > _BEAT_ABOVE) << 3
    spo2, pulse, interval, perfusion, height = 127, 255, 0, 0, 0
    if now.contact and not no_pulse:
        spo2, pulse = round(now.spo2), min(250, round(now.pulse))
        interval, perfusion = round(60_000 / now.pulse / 5), min(200, round(now.pi * 10))
        height = round(50.5 + 49.5 * wave)
    values = (spo2, spo2, pulse, pulse, interval, perfusion, perfusion, height, round(1000 * wave))
    body = struct.pack("<BBBBBBBBHBBBiBB", 0xFF, 0xAA, index, status, *values, battery, rate)
    return body + bytes((sum(body) & 0xFF,))
