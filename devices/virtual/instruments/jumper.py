"""A Jumper JPD-500F, called "My Oximeter": values once a second, waveform between (dossier 2.4)."""

from __future__ import annotations

from collections.abc import Iterable

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.patient import Physiology, Pleth, Source
from devices.virtual.peripheral import NOTIFY, WRITE, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio

JUMPER = UUID("CDEACB80-5235-4C07-8846-93A37EE6B86D")
STREAM = UUID("CDEACB81-5235-4C07-8846-93A37EE6B86D")
COMMAND = UUID("CDEACB82-5235-4C07-8846-93A37EE6B86D")

SAMPLE_RATE = 50
SAMPLES_AT_ONCE = 5
"""Ten frames of waveform a second. Assumption: no source tells rate or number."""

NONE = (127, 177)
"""What stands for no SpO2, by device."""


class Jumper(Peripheral):
    """Streams to whoever listens; without a finger it says so with a pulse of 255."""

    def __init__(self, radio: VirtualRadio, source: Source, name: str = "My Oximeter") -> None:
        self._source = source
        self._pleth = Pleth()
        self._due = 0
        self.no_spo2 = NONE[0]
        self.longer = b""
        """What some devices have behind the values."""
        self.idle = False
        """Sends dashes instead of everything."""
        self.cuff = False
        """Sends a cuff's result under an oximeter's name."""
        self._stream = characteristic(STREAM, NOTIFY)
        self.commands: list[bytes] = []
        command = characteristic(COMMAND, WRITE, written=self.commands.append)
        super().__init__(radio, name, [Service(JUMPER, [self._stream, command])], [JUMPER])
        self.stream(self._stream, SAMPLES_AT_ONCE / SAMPLE_RATE, self._frames)

    def on_connected(self) -> None:
        """Values come at once."""
        self._due = 0

    def _frames(self) -> Iterable[bytes]:
        now = self._source()
        frames = [bytes((0x80, *(self._sample(now) for _ in range(SAMPLES_AT_ONCE))))]
        if self._due == 0:
            frames.append(values(now, self.no_spo2) + self.longer)
            self._due = SAMPLE_RATE // SAMPLES_AT_ONCE
        self._due -= 1
        if self.idle:
            return [b"-" * 10]
        if self.cuff:
            return [bytes((0x81, 124, 86, 72, 0, 0, 2, 1, 26, 3, 4, 5, 0, 0, 0))]
        return frames

    def _sample(self, now: Physiology) -> int:
        return round(50 + 49 * self._pleth.next(now, 1 / SAMPLE_RATE))


def values(now: Physiology, no_spo2: int = NONE[0]) -> bytes:
    """The four bytes of a reading."""
    if not now.contact:
        return bytes((0x81, 255, no_spo2, 0))
    return bytes((0x81, min(254, round(now.pulse)), round(now.spo2), min(255, round(now.pi * 10))))
