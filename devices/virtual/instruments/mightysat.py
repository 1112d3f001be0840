"""A Masimo MightySat: a framed stream that starts after a handshake (dossier 2.2)."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.encoding import crc8, pieces
from devices.virtual.instruments.battery import Battery
from devices.virtual.patient import Physiology, Pleth, Source
from devices.virtual.peripheral import NOTIFY, WRITE_FAST, Peripheral, characteristic, device_information
from devices.virtual.radio import VirtualRadio

MASIMO = UUID("54C21000-A720-4B4F-11E4-9FE20002A5D5")
COMMAND = UUID("54C21001-A720-4B4F-11E4-9FE20002A5D5")
ANSWER = UUID("54C21002-A720-4B4F-11E4-9FE20002A5D5")
COMPANY = 0x0243

_START = 0x77
_INFO, _CLOCK, _CONFIGURE, _WAVEFORM, _PARAMETERS, _ACK, _NACK = 0x01, 0x02, 0x03, 0x04, 0x05, 0xFE, 0xFF
_UNSUPPORTED, _CORRUPT, _BAD_CRC = 3, 4, 5

SAMPLE_SECONDS = 0.032
SAMPLES_PER_FRAME = 4
"""Samples are taken every 32 ms; how many travel in a frame is not documented. Assumption: four,
which keeps a frame within one notification."""

# System exceptions: bit 21 sensor off, 22 pulse search, 24 low perfusion. Parameter exceptions: bit 0
# low confidence, 2 invalid.
_SENSOR_OFF, _PULSE_SEARCH, _LOW_PERFUSION = 1 << 21, 1 << 22, 1 << 24
_LOW_CONFIDENCE, _INVALID = 1 << 0, 1 << 2
LOW_PERFUSION_BELOW = 0.5
"""PI, %, under which it reports low perfusion. Assumption: the document gives no limit."""


class MightySat(Peripheral):
    """Silent until configured; then parameters every `every` seconds and the waveform, each if enabled."""

    def __init__(
        self,
        radio: VirtualRadio,
        source: Source,
        name: str = "MightySat 0417",
        serial: int = 417,
        every: float = 1.0,
        address: str | None = None,
    ) -> None:
        self._source = source
        self._parameters = self._waves = 0
        self._pleth = Pleth()
        self._ordinal = 0
        self._received = bytearray()
        self.battery = Battery(82)  # assumption: the dossier does not say whether it has the service
        self._answer = characteristic(ANSWER, NOTIFY)
        structure, kind, consumer = 1, 1, 0
        super().__init__(
            radio,
            name,
            [
                Service(MASIMO, [characteristic(COMMAND, WRITE_FAST, written=self._written), self._answer]),
                self.battery.service,
                device_information(
                    manufacturer="Virtual", model="MightySat", serial=f"{serial:04}", firmware="1.0"
                ),
            ],
            advertised=[MASIMO],
            manufacturer={COMPANY: struct.pack("<3BI", structure, kind, consumer, serial)},
            address=address,
        )
        frame = SAMPLE_SECONDS * SAMPLES_PER_FRAME
        self._frames_per_report = max(1, round(every / frame))
        self._frame = 0
        self.stream(self._answer, frame, self._tick)

    def on_connected(self) -> None:
        """Every link begins unconfigured."""
        self._parameters = self._waves = self._frame = 0
        self._received.clear()

    def _tick(self) -> Iterable[bytes]:
        now = self._source()
        frames = []
        if self._waves:
            frames.append(frame(bytes([_WAVEFORM]) + self._samples(now)))
        if self._parameters and self._frame % self._frames_per_report == 0:
            frames.append(frame(parameters(now, self._parameters)))
        self._frame += 1
        return [piece for each in frames for piece in pieces(each)]

    def _samples(self, now: Physiology) -> bytes:
        self._ordinal = (self._ordinal + 1) & 0xFF
        samples = bytes([self._ordinal])
        for _ in range(SAMPLES_PER_FRAME):
            pleth = round(127 * self._pleth.next(now, SAMPLE_SECONDS))
            quality = 95 if now.contact else 0x80  # bit 7: invalid
            samples += struct.pack("b", pleth) if self._waves & 1 else b""
            samples += bytes([quality]) if self._waves & 2 else b""
        return samples

    def _written(self, data: bytes) -> None:
        """Commands may come in pieces, like answers."""
        self._received += data
        while len(self._received) >= 2:
            if self._received[0] != _START:
                del self._received[0]
                continue
            end = 2 + self._received[1]
            if len(self._received) < end:
                return
            payload, check = bytes(self._received[2 : end - 1]), self._received[end - 1]
            del self._received[:end]
            self.spawn(self._reply(self._obey(payload, check)))

    async def _reply(self, payload: bytes) -> None:
        for piece in pieces(frame(payload)):
            await self.notify(self._answer, piece)

    def _obey(self, payload: bytes, check: int) -> bytes:
        if not payload:
            return bytes([_NACK, 0, _CORRUPT])
        command = payload[0]
        if crc8(payload) != check:
            return bytes([_NACK, command, _BAD_CRC])
        if command == _INFO:
            return info()
        if command == _CLOCK and len(payload) == 5:
            return bytes([_ACK, _CLOCK])
        if command == _CONFIGURE and len(payload) == 4:
            self._parameters, self._waves = int.from_bytes(payload[1:3], "little"), payload[3]
            self._frame = 0
            return bytes([_ACK, _CONFIGURE])
        return bytes([_NACK, command, _CORRUPT if command in (_CLOCK, _CONFIGURE) else _UNSUPPORTED])


def frame(payload: bytes) -> bytes:
    """A payload framed: start, length of payload and check, payload, CRC-8."""
    return bytes([_START, len(payload) + 1]) + payload + bytes([crc8(payload)])


def info() -> bytes:
    """The answer to "get device info": versions, everything supported, an empty trend memory."""
    software, all_parameters, all_waves, trend, trend_mask, records, oldest, current = (
        1,
        0x1F,
        3,
        1,
        0,
        0,
        0,
        0,
    )
    return struct.pack(
        "<BHHBHHBII",
        _INFO,
        software,
        all_parameters,
        all_waves,
        trend,
        trend_mask,
        records,
        oldest,
        current,
    )


def parameters(now: Physiology, mask: int) -> bytes:
    """A 0x05 payload: system exceptions, then exception and value of each parameter in `mask`."""
    finds = now.contact and not now.searching
    system = _LOW_PERFUSION if now.pi < LOW_PERFUSION_BELOW else 0
    if not finds:
        system = _PULSE_SEARCH if now.contact else _SENSOR_OFF
    exception = _LOW_CONFIDENCE if now.half_off else 0
    # PVi has no source in the model: a plain value for a relaxed adult (assumption).
    values = (round(now.spo2), round(now.pulse), 18, round(now.pi * 100), round(now.respiration))
    formats = ("B", "B", "B", "H", "B")
    payload = struct.pack("<BI", _PARAMETERS, system)
    for bit, (value, form) in enumerate(zip(values, formats, strict=True)):
        if mask >> bit & 1:
            none = 0xFFFF if form == "H" else 0xFF
            payload += struct.pack(f"<B{form}", *((exception, value) if finds else (_INVALID, none)))
    return payload
