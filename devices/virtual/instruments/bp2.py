"""A Viatom BP2: says nothing unless asked, in the frames of its family (dossier 3.2)."""

from __future__ import annotations

import struct

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.encoding import crc8, pieces
from devices.virtual.instruments.sig_cuff import MEASUREMENT_SECONDS, Measurement
from devices.virtual.instruments.started_cuff import StartedCuff
from devices.virtual.patient import Source
from devices.virtual.peripheral import NOTIFY, WRITE, WRITE_FAST, characteristic
from devices.virtual.radio import VirtualRadio

VIATOM = UUID("14839AC4-7D7E-415C-9A42-167340CF2339")
COMMAND = UUID("8B00ACE7-EB0B-49B0-BBE9-9AEE0A26E1A3")
ANSWER = UUID("0734594A-A8E7-4B1A-A6B1-CD5243059A57")
COMPANY = 0xF34E

_STATE, _DATA, _SWITCH, _INFORMATION = 0x06, 0x08, 0x09, 0xE1
READY, MEASURING, ENDED = 3, 4, 5
CHARGING, RECORDING_ECG = 2, 6
_BP_MEASURING, _BP_END = 0, 1
SERIAL = b"2523C00812"


class BP2(StartedCuff):
    """Answers state, live data, information and the change of state.

    `status` is what its display shows between measurements; set it to keep it busy with something
    else. `mute` leaves all questions unanswered, `damaged` spoils every checksum.
    """

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "BP2 0812",
        seconds: float = MEASUREMENT_SECONDS,
        pressures_per_second: float = 50.0,
        battery: int = 80,
    ) -> None:
        self.status = READY
        self.percent = battery
        self.shown = Measurement()
        self.code = 0
        self.commands: list[bytes] = []
        self.mute = False
        self.damaged = False
        self._answer = characteristic(ANSWER, NOTIFY)
        command = characteristic(COMMAND, WRITE | WRITE_FAST, written=self._written)
        super().__init__(
            radio,
            source,
            name,
            [Service(VIATOM, [command, self._answer])],
            advertised=[VIATOM],
            manufacturer={COMPANY: b"\x00"},
            seconds=seconds,
            pressures_per_second=pressures_per_second,
        )
        self.when_subscribed(self._answer, None)

    async def tell_result(self, found: Measurement) -> None:
        """The result stays on the display until it is left."""
        self.status, self.shown, self.code = ENDED, found, 0

    async def tell_failure(self, code: int) -> None:
        """The display says Err; the numbers of before are still in its memory."""
        self.status, self.code = ENDED, code

    def begin(self) -> None:
        """A measurement that is stopped leaves no result on the display."""
        if not self.measuring:
            self.status = READY
        super().begin()

    def _written(self, data: bytes) -> None:
        self.commands.append(data)
        if not self.mute and crc8(data[:-1]) == data[-1]:
            self.spawn(self._reply(data[1], data[7:-1]))

    async def _reply(self, command: int, data: bytes) -> None:
        found = frame(command, self._obey(command, data))
        if self.damaged:
            found = found[:-1] + bytes([found[-1] ^ 0x55])
        for piece in pieces(found):
            await self.notify(self._answer, piece)

    def _obey(self, command: int, data: bytes) -> bytes:
        if command == _SWITCH:
            self._switch(data[0])
        elif command == _STATE:
            return self._state()
        elif command == _DATA:
            return self._state() + self._block()
        elif command == _INFORMATION:
            return b"B".ljust(37, b"\0") + bytes([len(SERIAL)]) + SERIAL.ljust(22, b"\0")
        return b""

    def _switch(self, to: int) -> None:
        if to == 0 and self.status in (READY, ENDED):
            self.ordered()
        elif to == 3 and self.measuring:
            self.stop()
        elif to == 3:
            self.status = READY

    def _state(self) -> bytes:
        status = MEASURING if self.measuring else self.status
        return struct.pack("<BBBHBBH", status, int(status == CHARGING), self.percent, 3900, 0, 0, 0)

    def _block(self) -> bytes:
        hundredths = round(self.pressure * 100)
        if self.status == ENDED and not self.measuring:
            found = self.shown
            values = [value or 0 for value in (found.systolic, found.diastolic, found.mean, found.pulse)]
            data = struct.pack("<Bh4HBB", 1, hundredths, *values, self.code, 0)
            kind = _BP_END
        else:
            data = struct.pack("<BhBHB", 0, hundredths, 0, round(self._source().pulse), 0)
            kind = _BP_MEASURING
        return bytes([kind]) + data.ljust(20, b"\0") + struct.pack("<H", 0)


class LPBP2W(BP2):
    """The model that, as one owner says, inflates at 09 whatever stands behind it."""

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "LP-BP2W 0812",
        seconds: float = MEASUREMENT_SECONDS,
        pressures_per_second: float = 50.0,
    ) -> None:
        super().__init__(radio, source, name, seconds, pressures_per_second)

    def _switch(self, to: int) -> None:
        if to == 3 and self.measuring:
            self.stop()
        else:
            self.ordered()


def frame(command: int, data: bytes) -> bytes:
    """An answer of the cuff."""
    head = struct.pack("<BBBBBH", 0xA5, command, command ^ 0xFF, 1, 0, len(data)) + data
    return head + bytes([crc8(head)])
