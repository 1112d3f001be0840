"""A Viatom PC-60FW: values once a second and ten frames of waveform, over a UART (dossier 2.7)."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.encoding import pieces
from devices.virtual.patient import Physiology, Pleth, Source
from devices.virtual.peripheral import NOTIFY, WRITE, WRITE_FAST, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio

UART = UUID("6E400001-B5A3-F393-E0A9-E50E24DCCA9E")
WRITTEN = UUID("6E400002-B5A3-F393-E0A9-E50E24DCCA9E")
SENT = UUID("6E400003-B5A3-F393-E0A9-E50E24DCCA9E")

SAMPLE_RATE = 50
SAMPLES = 5

_PROBE_OFF, _SEARCHING = 0x02, 0x04
_CONTINUOUS, _MEASURING = 2, 2


class PC60FW(Peripheral):
    """Streams to whoever listens. `obedient`: only once it was told to, like a PC-60NW."""

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "PC-60F_SN123456",
        battery: int = 3,
        obedient: bool = False,
    ) -> None:
        self._source = source
        self._pleth = Pleth()
        self._obedient = obedient
        self._due = 0
        self._last = (0, 0, 0)
        self._told: set[int] = set()
        self.level = battery
        """Charge from 0 to 3."""
        self.searching = False
        self.numbers_stay = False
        """Without a finger it goes on with the last numbers."""
        self.work = (_CONTINUOUS, _MEASURING)
        """Mode and step."""
        self.split = False
        """Frames come in pieces of seven bytes."""
        self.damaged = False
        """The next values have a wrong checksum."""
        self.commands: list[bytes] = []
        self._stream = characteristic(SENT, NOTIFY)
        command = characteristic(WRITTEN, WRITE | WRITE_FAST, written=self._written)
        super().__init__(radio, name, [Service(UART, [command, self._stream])], [UART])
        self.stream(self._stream, SAMPLES / SAMPLE_RATE, self._frames)

    def on_connected(self) -> None:
        """Every link begins with values, and has to be told anew."""
        self._due = 0
        self._told.clear()
        self.commands.clear()

    def _written(self, data: bytes) -> None:
        self.commands.append(data)
        if data[2:5] == b"\xf0\x02\x81":
            version = frame(0xF0, 0x01, b"\x10\x20\x11PC-60FW")
            for piece in pieces(version):
                self.spawn(self.notify(self._stream, piece))
        elif data[2:4] == b"\x0f\x03":
            self._told.add(data[4])
            self.spawn(self.notify(self._stream, frame(0x0F, data[4], b"\x01")))

    def _frames(self) -> Iterable[bytes]:
        now = self._source()
        frames: list[bytes] = []
        if not self._obedient or 0x85 in self._told:
            frames.append(wave([self._sample(now) for _ in range(SAMPLES)]))
        if self._due == 0:
            self._due = SAMPLE_RATE // SAMPLES
            frames += self._second(now) if not self._obedient or 0x84 in self._told else []
        self._due -= 1
        return [piece for each in frames for piece in pieces(each, 7 if self.split else 20)]

    def _second(self, now: Physiology) -> list[bytes]:
        if now.contact:
            self._last = (round(now.spo2), round(now.pulse), min(255, round(now.pi * 10)))
        numbers = self._last if now.contact or self.numbers_stay else (0, 0, 0)
        status = _PROBE_OFF * (not now.contact) | _SEARCHING * self.searching
        found = values(numbers, status, self.level)
        if self.damaged:
            self.damaged = False
            found = found[:-1] + bytes((found[-1] ^ 1,))
        state = frame(0x0F, 0x21, bytes((*self.work, 0, 0)))
        return [state, found, frame(0xF0, 0x03, bytes((self.level,)))]

    def _sample(self, now: Physiology) -> int:
        return round(63 + 62 * self._pleth.next(now, 1 / SAMPLE_RATE))


def crc8_maxim(data: bytes) -> int:
    """CRC-8 as in Dallas/Maxim's one-wire devices, lowest bit first."""
    crc = 0
    for byte in data:
        for place in range(8):
            carry = (crc ^ byte >> place) & 1
            crc = crc >> 1 ^ (0x8C if carry else 0)
    return crc


def frame(token: int, kind: int, content: bytes) -> bytes:
    """A frame with its checksum."""
    head = bytes((0xAA, 0x55, token, len(content) + 2, kind)) + content
    return head + bytes((crc8_maxim(head),))


def values(numbers: tuple[int, int, int], status: int, level: int) -> bytes:
    """SpO2, pulse, PI in tenths, what is known of the sensor, and the charge in the upper two bits."""
    spo2, pulse, pi = numbers
    return frame(0x0F, 0x01, struct.pack("<BHBBB", spo2, pulse, pi, status, level << 6))


def wave(samples: list[int]) -> bytes:
    """Five samples, of which the highest is marked as a beat now and then."""
    marked = [sample | 0x80 if sample > 120 else sample for sample in samples]
    return frame(0x0F, 0x02, bytes(marked))
