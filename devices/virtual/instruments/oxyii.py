"""A Wellue O2Ring-S, which answers once it has been greeted (dossier 2.6)."""

from __future__ import annotations

import hashlib
import struct
from datetime import datetime, timedelta
from itertools import pairwise

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.encoding import crc8, pieces
from devices.virtual.patient import Physiology, Pleth, Source
from devices.virtual.peripheral import NOTIFY, SMALLEST_MTU, WRITE_FAST, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio

OXYII = UUID("E8FB0001-A14B-98F9-831B-4E2941D01248")
COMMAND = UUID("E8FB0002-A14B-98F9-831B-4E2941D01248")
ANSWER = UUID("E8FB0003-A14B-98F9-831B-4E2941D01248")
COMPANY, RECORDING_COMPANY = 0xF34E, 0x036F

_GREET, _SETUP, _TIME, _CONFIGURE, _INFO, _LIVE = 0xFF, 0x10, 0xC0, 0x00, 0xE1, 0x04
_SALT = hashlib.md5(b"lepucloud").digest()

SAMPLE_RATE = 125
REST, SHAKING = 10, 60


class OxyII(Peripheral):
    """Does nothing before the greeting; then a second of waveform comes with the values asked for.

    `recording`: it records for itself, is called T8520 and offers nothing to talk to.
    """

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "S8-AW 1234",
        battery: int = 80,
        recording: bool = False,
        mtu: int = SMALLEST_MTU,
    ) -> None:
        self._source = source
        self._pleth = Pleth()
        self._counter = 0
        self._room = mtu - 3
        self._received = bytearray()
        self._greeted = False
        self.percent = battery
        self.motion = REST
        self.clock = timedelta()
        """How far its clock is off."""
        self.state: int | None = None
        """What it says of its state, if otherwise than the patient's finger has it."""
        self.silent: set[int] = set()
        """Commands it does not answer."""
        self.damaged = False
        """The next reply has a wrong checksum."""
        self.commands: list[int] = []
        self._answer = characteristic(ANSWER, NOTIFY)
        command = characteristic(COMMAND, WRITE_FAST, written=self._written)
        talks = not recording
        super().__init__(
            radio,
            "T8520_1234" if recording else name,
            [Service(OXYII, [command, self._answer])] if talks else [],
            advertised=[OXYII] if talks else [],
            manufacturer={COMPANY if talks else RECORDING_COMPANY: b"\x00"},
            mtu=mtu,
        )
        self.when_subscribed(self._answer, None)

    def on_connected(self) -> None:
        """Every link begins with a greeting."""
        self._received.clear()
        self._greeted = False
        self.commands.clear()

    def _written(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= 8:
            end = 8 + int.from_bytes(self._received[5:7], "little")
            if len(self._received) < end:
                return
            request = bytes(self._received[:end])
            del self._received[:end]
            self.spawn(self._reply(request))

    async def _reply(self, request: bytes) -> None:
        command, data = request[1], request[7:-1]
        if request[0] != 0xA5 or request[2] != command ^ 0xFF or crc8(request[:-1]) != request[-1]:
            return
        self.commands.append(command)
        if command == _GREET:
            self._greeted = greets(data)
        elif self._greeted and command not in self.silent:
            whole = reply(command, request[4], self._obey(command, data))
            if self.damaged:
                self.damaged = False
                whole = whole[:-1] + bytes((whole[-1] ^ 1,))
            for piece in pieces(whole, self._room):
                await self.notify(self._answer, piece)

    def _obey(self, command: int, data: bytes) -> bytes:
        if command == _TIME:
            year, *rest = struct.unpack("<H5B", data[:7])
            self.clock = datetime(year, *rest) - datetime.now()
        elif command == _CONFIGURE:
            return bytes(range(40))
        elif command == _INFO:
            return information(datetime.now() + self.clock)
        elif command == _LIVE:
            return self._live()
        return b""

    def _live(self) -> bytes:
        now = self._source()
        self._counter = (self._counter + 1) & 0xFF
        wave = bytes(round(120 + 100 * self._pleth.next(now, 1 / SAMPLE_RATE)) for _ in range(SAMPLE_RATE))
        state = int(now.contact) if self.state is None else self.state
        return live(now, state, self.motion, self.percent, self._counter, wave)


def greets(data: bytes) -> bool:
    """Whether the 16 bytes of a greeting are made as they should be."""
    if len(data) != 16:
        return False
    key = bytes(a ^ b for a, b in zip(data, _SALT, strict=True))
    # Each of the last four is the one before it, moved by one place; what moves in is not known here.
    shifted = all(later & 0x7F == earlier >> 1 for earlier, later in pairwise(key[12:]))
    return key[:8] == _SALT[::2] and key[8:12] == b"0000" and shifted


def reply(command: int, sequence: int, data: bytes) -> bytes:
    """An answer framed; it repeats command and sequence number."""
    head = struct.pack("<BBBBBH", 0xA5, command, command ^ 0xFF, 1, sequence, len(data)) + data
    return head + bytes((crc8(head),))


def live(now: Physiology, state: int, motion: int, battery: int, counter: int, wave: bytes) -> bytes:
    """The data of 04: off the finger SpO2 and pulse are 0."""
    spo2, pulse = (round(now.spo2), round(now.pulse)) if now.contact else (0, 0)
    head = struct.pack("<BBHBBBBB4xB10xH", counter, 104, 0, 2, state, spo2, motion, pulse, battery, len(wave))
    return head + wave


def information(clock: datetime) -> bytes:
    """The 60 bytes of E1."""
    when = struct.pack("<H5Bx", clock.year, *clock.timetuple()[1:6])
    serial = b"25B2300000"
    head = struct.pack("<HH4xx8sxHHH", 0x42, 1, b"2D010002", 80, 0, 0)
    return (head + when + bytes(5) + bytes((len(serial),)) + serial).ljust(60, b"\0")
