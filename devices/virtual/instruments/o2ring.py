"""A Viatom O2Ring: says nothing unless asked, and answers in pieces (dossier 2.5)."""

from __future__ import annotations

import json
import struct
from datetime import datetime

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.encoding import crc8, pieces
from devices.virtual.patient import Physiology, Pleth, Source
from devices.virtual.peripheral import NOTIFY, WRITE, WRITE_FAST, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio

VIATOM = UUID("14839AC4-7D7E-415C-9A42-167340CF2339")
COMMAND = UUID("8B00ACE7-EB0B-49B0-BBE9-9AEE0A26E1A3")
ANSWER = UUID("0734594A-A8E7-4B1A-A6B1-CD5243059A57")
COMPANY = 0x036F

_ASK, _TELL, _OK, _REFUSED = 0xAA, 0x55, 0x00, 0x01
_INFO, _LIVE, _CURRENT = 0x14, 0x17, 0x1B

_RATES = {0: 125.0, 1: 62.5}
"""Hz of the plethysmogram, by the request's data byte."""
_GLITCHES = (156, 246)
"""Bytes that stand for a missing sample and so cannot be one."""


class O2Ring(Peripheral):
    """Answers 0x14 (information as JSON), 0x17 (live values) and 0x1B (values and a second of wave)."""

    def __init__(
        self, radio: VirtualRadio, source: Source, name: str = "O2Ring 1207", battery: int = 85
    ) -> None:
        self._source = source
        self._pleth = Pleth()
        self.percent = battery
        self._received = bytearray()
        self._answer = characteristic(ANSWER, NOTIFY)
        command = characteristic(COMMAND, WRITE | WRITE_FAST, written=self._written)
        super().__init__(
            radio,
            name,
            [Service(VIATOM, [command, self._answer])],
            advertised=[VIATOM],
            manufacturer={COMPANY: b"\x00"},
        )
        self.when_subscribed(self._answer, None)

    def on_connected(self) -> None:
        """Half a request of the last link is no part of this one's."""
        self._received.clear()

    def _written(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= 8:
            if self._received[0] != _ASK:
                del self._received[0]
                continue
            end = 8 + int.from_bytes(self._received[5:7], "little")
            if len(self._received) < end:
                return
            request = bytes(self._received[:end])
            del self._received[:end]
            self.spawn(self._reply(request))

    async def _reply(self, request: bytes) -> None:
        for piece in pieces(self._obey(request)):
            await self.notify(self._answer, piece)

    def _obey(self, request: bytes) -> bytes:
        command, data = request[1], request[7:-1]
        if request[2] != command ^ 0xFF or crc8(request[:-1]) != request[-1]:
            return reply(b"", _REFUSED)
        if command == _INFO:
            return reply(self._information())
        if command == _LIVE:
            return reply(live(self._source(), self.percent))
        if command == _CURRENT and len(data) == 1 and data[0] in _RATES:
            now = self._source()
            return reply(current(now, self.percent, self._second(now, _RATES[data[0]])))
        return reply(b"", _REFUSED)

    def _second(self, now: Physiology, rate: float) -> bytes:
        """One second of plethysmogram."""
        samples = (round(100 + 90 * self._pleth.next(now, 1 / rate)) for _ in range(int(rate)))
        return bytes(sample + 1 if sample in _GLITCHES else sample for sample in samples)

    def _information(self) -> bytes:
        told = {
            "Region": "CE",
            "Model": "1652",
            "HardwareVer": "AA",
            "SoftwareVer": "1.4.0",
            "CurTIME": datetime.now().strftime("%Y-%m-%d,%H:%M:%S"),
            "CurBAT": f"{self.percent}%",
            "CurBatState": "0",
            "CurOxiThr": "88",
            "CurMotor": "40",
            "CurMode": "0",
            "SN": "0000001207",
            "FileList": "",
        }
        return json.dumps(told).encode()


def reply(data: bytes, status: int = _OK) -> bytes:
    """An answer framed: the command is not repeated, only its success."""
    head = struct.pack("<BBBHH", _TELL, status, status ^ 0xFF, 0, len(data)) + data
    return head + bytes([crc8(head)])


def live(now: Physiology, battery: int) -> bytes:
    """The 12 payload bytes of 0x17. Off the finger SpO2 and pulse are 0."""
    spo2, pulse, pi = _values(now)
    steps, not_charging, motion = 0, 0, 0
    return struct.pack("<BHIBBBBB", spo2, pulse, steps, battery, not_charging, motion, pi, int(now.contact))


def current(now: Physiology, battery: int, wave: bytes) -> bytes:
    """The payload of 0x1B: values, state, then the wave."""
    spo2, pulse, pi = _values(now)
    head = struct.pack("<BHBBBB3xH", spo2, pulse, battery, 0, pi, int(now.contact), len(wave))
    return head + wave


def _values(now: Physiology) -> tuple[int, int, int]:
    if not now.contact:
        return 0, 0, 0
    return round(now.spo2), round(now.pulse), min(255, round(now.pi * 10))
