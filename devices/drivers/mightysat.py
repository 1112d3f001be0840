"""Masimo MightySat finger oximeters: a framed stream after a short handshake (dossier 2.2).

A frame is 77, length, payload, CRC-8 of the payload; length counts payload and CRC. The
sequence is the maker's app's: subscribe, ask for information, then start the stream.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import Struct
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Services, Subscribe, Write
from devices.drivers.base import BaseDriver, Handler, names, possible
from devices.framing import Reassembler, crc8
from devices.gatt import MalformedError
from monitor.vitals import Detail, Event, Failure, Quality, Reading, Vital, Waveform

SERVICE = "54c21000-a720-4b4f-11e4-9fe20002a5d5"
COMMAND = "54c21001-a720-4b4f-11e4-9fe20002a5d5"
STREAM = "54c21002-a720-4b4f-11e4-9fe20002a5d5"
COMPANY = 0x0243

START_BYTE = 0x77
INFORMATION, START, WAVEFORM, PARAMETERS, ACK, NACK = 0x01, 0x03, 0x04, 0x05, 0xFE, 0xFF

# Bounds of the length byte for each kind of frame. A 77 followed by anything else is not the
# beginning of a frame, so foreign bytes cost no waiting. 06 and 07 are trends, never asked for.
_LENGTHS = {
    INFORMATION: (20, 20),
    WAVEFORM: (3, 255),
    PARAMETERS: (6, 17),
    0x06: (2, 255),
    0x07: (2, 255),
    ACK: (3, 3),
    NACK: (4, 4),
}
_INFORMATION = Struct("<HHBHHBII")
_INFORMATION_NAMES = (
    "software_version",
    "param_mask",
    "wave_mask",
    "trend_version",
    "trend_mask",
    "trend_count",
    "oldest_session",
    "current_session",
)
_ERRORS = {1: "not found", 2: "failed", 3: "unsupported", 4: "corrupt", 5: "bad CRC"}
_FINAL_ERRORS = (1, 3)  # asking again would be answered the same

# Parameters in the order of their mask bits: name, bytes, divisor.
_PARAMETERS = (("spo2", 1, 1), ("pulse", 1, 1), ("pvi", 1, 1), ("pi", 2, 100), ("rrp", 1, 1))
_ALL_PARAMETERS = 0x1F
_PLETH, _QUALITY = 0x01, 0x02
_ALL_WAVEFORMS = _PLETH | _QUALITY
_SENSOR_OFF = 1 << 21
_SYSTEM = {21: "sensor off", 22: "pulse search", 23: "interference", 24: "low perfusion"}
_INVALID = 1 << 2
_EXCEPTIONS = {0: "low confidence", 2: "invalid", 4: "starting up"}
# Exceptions on these three make a reading doubtful: SpO2 and pulse are what is monitored, and
# the perfusion index is the very signal they are computed from (vectors: a finger put back has
# clean SpO2 and pulse but an exception on PI, and a careful reader hides it).
_DECISIVE = {"spo2": "SpO₂", "pulse": "pulse", "pi": "perfusion index"}

SAMPLE_RATE = 31.25  # Hz: one sample every 32 ms
RETRY = 3.0  # seconds an answer may take before the request is sent again


def frame(payload: bytes) -> bytes:
    """`payload` as it goes over the air."""
    return bytes((START_BYTE, len(payload) + 1)) + payload + bytes((crc8(payload),))


def _size(head: bytes) -> int:
    if len(head) < 3:
        return 0
    low, high = _LENGTHS.get(head[2], (1, 0))
    return head[1] + 2 if low <= head[1] <= high else -1


def _intact(whole: bytes) -> bool:
    return crc8(whole[2:-1]) == whole[-1]


class MightySat(BaseDriver):
    """SpO2, pulse, PI, PVi, RRp once a second and the plethysmogram."""

    manifest: ClassVar[Manifest] = Manifest(
        id="mightysat",
        title="Masimo MightySat",
        names=("MightySat", "MSat"),
        role="oximeter",
        gives=("spo2", "pulse", "pi", "pvi", "respiration", "waveform"),
        default_characteristic=STREAM,
        writes={COMMAND: (b"\x77\x02\x01", b"\x77\x05\x03")},
        source="2.2",
        confidence="D captured",
        wire_names={"respiration": "rrp"},
        framed=True,
        checksum=True,
        examples=(
            Example(
                ("7711050000000000620048101400260200100e",),
                {"spo2": 98, "pulse": 72, "pi": 5.5, "pvi": 20, "rrp": 16, "usable": True},
            ),
            Example(
                ("7711050000200004ff04ff04ff0cffff04ff8c",),
                {"spo2": None, "pulse": None, "contact": False, "usable": False},
            ),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name, or by the maker's company id with the device type of a MightySat."""
        if (advertisement.name or "").startswith(cls.manifest.names):
            return True
        data = advertisement.manufacturer.get(COMPANY)
        return data is not None and data[:2] in (b"", b"\x01\x01")

    def __init__(self) -> None:
        super().__init__()
        self._frames = Reassembler(START_BYTE, _size, _intact)
        self._mask = _ALL_PARAMETERS
        self._waves = _ALL_WAVEFORMS
        self._asking: Write | None = None
        """The request that has not had its answer yet."""
        self._asked: float | None = None

    def handlers(self) -> Mapping[str, Handler]:
        """The stream."""
        return {STREAM: self._stream}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen, then ask for information; its answer brings the request to stream."""
        if SERVICE not in services:
            return []
        self._asking, self._asked = _request(bytes((INFORMATION,))), None
        return [Subscribe(STREAM), self._asking]

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Report a frame that was cut off; ask again where no answer came."""
        found: list[Event | Action] = []
        if lost := self._frames.expire(now):
            found.append(Failure(kind="malformed", reason=f"a frame was cut off after {lost} bytes"))
            found += self._stream(b"", now)
        if self._asking is not None:
            if self._asked is None:
                self._asked = now
            elif now - self._asked > RETRY:
                self._asked = now
                found.append(self._asking)
        return found

    def _stream(self, data: bytes, now: float) -> list[Event | Action]:
        frames, lost = self._frames.feed(data, now)
        found: list[Event | Action] = []
        for whole in frames:
            try:
                found += self._payload(whole[2:-1], now)
            except MalformedError as error:
                found.append(Failure(kind="malformed", reason=str(error)))
        if lost:
            found.append(Failure(kind="malformed", reason=f"{lost} bytes belonged to no whole frame"))
        return found

    def _payload(self, payload: bytes, now: float) -> Sequence[Event | Action]:
        kind = payload[0]
        if kind == PARAMETERS:
            if self._asking is not None and self._asking.data[2] == START:
                self._asking = None
            return [_parameters(payload, self._mask)]
        if kind == WAVEFORM:
            return _waveform(payload, self._waves)
        if kind == INFORMATION:
            return self._information(payload, now)
        if kind == ACK:
            return [Detail(name="ACK", fields={"resp": "ACK", "of": payload[1]})]
        if kind == NACK:
            return self._refused(payload[1], payload[2], now)
        return [Detail(name="trends", fields={"resp": "trends", "type": kind})]

    def _information(self, payload: bytes, now: float) -> list[Event | Action]:
        values = dict(zip(_INFORMATION_NAMES, _INFORMATION.unpack_from(payload, 1), strict=True))
        detail = Detail(name="device info", fields={"resp": "device info", **values})
        self._mask = values["param_mask"] & _ALL_PARAMETERS or _ALL_PARAMETERS
        offered = values["wave_mask"] & _ALL_WAVEFORMS
        self._waves = offered or _ALL_WAVEFORMS
        if self._asking is None or self._asking.data[2] != INFORMATION:
            return [detail]
        return [detail, self._start(offered, now)]

    def _start(self, waveforms: int, now: float) -> Write:
        self._asking = _request(bytes((START, self._mask, 0, waveforms)))
        self._asked = now
        return self._asking

    def _refused(self, command: int, error: int, now: float) -> list[Event | Action]:
        reason = _ERRORS.get(error, f"error {error}")
        fields: dict[str, object] = {"resp": "NACK", "of": command, "error_code": error, "reason": reason}
        found: list[Event | Action] = [
            Detail(name="NACK", fields=fields),
            Failure(kind="refused", reason=f"the device refused command {command:#04x}: {reason}"),
        ]
        if self._asking is not None and self._asking.data[2] == command and error in _FINAL_ERRORS:
            if command == INFORMATION:
                found.append(self._start(_ALL_WAVEFORMS, now))
            else:
                self._asking = None
        return found


def _request(payload: bytes) -> Write:
    return Write(COMMAND, frame(payload), response=False, piece=20)


def _parameters(payload: bytes, mask: int) -> Reading:
    system = int.from_bytes(payload[1:5], "little")
    raw: dict[str, int] = {}
    values: dict[str, float | None] = {}
    exceptions: dict[str, int] = {}
    at = 5
    for bit, (name, size, divisor) in enumerate(_PARAMETERS):
        if not mask >> bit & 1:
            continue
        end = at + 1 + size
        if end > len(payload):
            break
        number = int.from_bytes(payload[at + 1 : end], "little")
        raw[name], exceptions[name] = number, payload[at]
        missing = number == (1 << 8 * size) - 1 or payload[at] & _INVALID
        values[name] = None if missing else number / divisor
        at = end
    if at != len(payload) or len(raw) != mask.bit_count():
        raise MalformedError("this parameter frame does not fit the parameters asked for")
    flags = _flags(system, exceptions)
    doubtful = bool(flags)
    details: dict[str, object] = {f"{name}_exc": bits for name, bits in exceptions.items() if bits}
    if system:
        details["system_exceptions"] = system
    off = bool(system & _SENSOR_OFF)
    if off:
        details["sensor_off"] = True
        values = {}
    else:
        flags += [f"no {_DECISIVE[n]} value" for n in ("spo2", "pulse") if values.get(n) is None]
    spo2 = possible(Vital.SPO2, values.get("spo2"), flags)
    pulse = possible(Vital.PULSE, values.get("pulse"), flags)
    if doubtful or spo2 is None or pulse is None:
        details.update({f"raw_{name}": raw[name] for name in ("spo2", "pulse") if name in raw})
    return Reading(
        spo2=spo2,
        pulse=pulse,
        pi=possible(Vital.PI, values.get("pi"), flags),
        pvi=values.get("pvi"),
        respiration=values.get("rrp"),
        quality=Quality.DOUBTFUL if doubtful else Quality.GOOD,
        flags=tuple(flags),
        contact=not off,
        details=details,
    )


def _flags(system: int, exceptions: Mapping[str, int]) -> list[str]:
    """Every reason in `system` and in the decisive exceptions to doubt a frame, in words."""
    if not system and not any(exceptions.get(name) for name in _DECISIVE):
        return []
    flags = names(system, _SYSTEM)
    flags += [f"system exception {bit}" for bit in range(32) if bit not in _SYSTEM and system >> bit & 1]
    for name, word in _DECISIVE.items():
        bits = exceptions.get(name, 0)
        flags += [f"{word} {_EXCEPTIONS.get(bit, f'exception {bit}')}" for bit in range(8) if bits >> bit & 1]
    return flags


def _waveform(payload: bytes, waves: int) -> list[Event]:
    """Ordinal, then of each sample what `waves` has: the pleth (signed), and its quality (80: invalid)."""
    size, values = waves.bit_count(), payload[2:]
    if len(payload) < 2 or len(values) % size:
        raise MalformedError("this waveform frame does not fit the waveforms asked for")
    if not waves & _PLETH:
        return []
    pleth = [value - 256 if value & 0x80 else value for value in values[::size]]
    invalid = [value & 0x80 for value in values[1::2]] if waves & _QUALITY else [0] * len(pleth)
    samples = tuple(None if bad else value for value, bad in zip(pleth, invalid, strict=True))
    return [Waveform(samples=samples, rate_hz=SAMPLE_RATE, ordinal=payload[1])]
