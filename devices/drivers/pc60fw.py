"""Viatom / Creative / Lepu PC-60FW, PC-60NW, OxySmart, POD and kin: AA 55 frames over a UART (dossier 2.7).

A frame is AA 55 token len type content crc, `len` counting what follows it. Most of these devices
stream to whoever listens, some wait to be told to; so they are told to only if they keep silent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Services, Subscribe, Write
from devices.drivers.base import BaseDriver, Handler, possible, text
from devices.framing import Reassembler, crc8_maxim
from devices.gatt import MalformedError
from monitor.vitals import Battery, Detail, DeviceInfo, Event, Failure, Quality, Reading, Vital, Waveform

SERVICE = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"  # Nordic's UART, which every other gadget has too
COMMAND = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"
STREAM = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"

_OXIMETER, _DEVICE = 0x0F, 0xF0


def frame(token: int, kind: int, content: bytes = b"") -> bytes:
    """A frame, checksum included."""
    head = bytes((0xAA, 0x55, token, len(content) + 2, kind)) + content
    return head + bytes((crc8_maxim(head),))


ENABLE_VALUES, ENABLE_PLETH = frame(_OXIMETER, 0x84, b"\x01"), frame(_OXIMETER, 0x85, b"\x01")
INFORMATION = frame(_DEVICE, 0x81)
_COMMANDS = {
    ENABLE_VALUES: "enable SpO2 params",
    ENABLE_PLETH: "enable waveform",
    INFORMATION: "get device info",
}

PATIENCE = 3.0  # seconds without a value after which the device is told to send
SAMPLE_RATE = 50.0
"""Hz of the plethysmogram: a comment in the maker's library, which no one else has counted."""

_HEAD = 5
_LONGEST = 40  # bytes after the length; all known ones have fewer than 30
_PROBE_OFF, _SEARCHING = 1 << 1, 1 << 2
# 0 is what one source takes for none. The others are not documented here, but are other families'.
_NO_SPO2, _NO_PULSE = (0, 127, 255), (0, 255, 511, 65535)
_SAMPLES = 5
_SAMPLE_BITS = 0x7F  # the eighth marks a beat
_FULL = 3
_SPOT, _CONTINUOUS, _MENU = 1, 2, 3
_MODES = {_SPOT: "spot-check", _CONTINUOUS: "continuous", _MENU: "menu"}
_REPORT = 3
_STEPS = ("idle", "preparing", "measuring", "report", "pulse analysis", "done")


class PC60FW(BaseDriver):
    """SpO2, pulse and PI once a second, plethysmogram, and a battery in four steps."""

    manifest: ClassVar[Manifest] = Manifest(
        id="pc60fw",
        title="Viatom PC-60FW, PC-60NW, PC-66B, OxySmart, POD",
        names=("PC-60F", "PC-60NW", "PC-60B", "PC-66B", "OxySmart", "POD-1", "POD-2B", "FS20F"),
        role="oximeter",
        gives=("spo2", "pulse", "pi", "waveform", "battery"),
        default_characteristic=STREAM,
        writes={COMMAND: tuple(_COMMANDS)},
        source="2.7",
        confidence="V",
        stale_after=5.0,
        examples=(
            Example(
                ("aa550f0801603e005000c008",),
                {"spo2": 96, "pulse": 62, "pi": 8, "probe_off": False, "pulse_searching": False},
            ),
            Example(("aa550f062102", "00000045"), {"work_status": {"mode": 2, "step": 0}}),
        ),
        framed=True,
        checksum=True,
        one_line=True,
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name alone: the service is anybody's."""
        name = (advertisement.name or "").lower()
        return name.startswith(tuple(prefix.lower() for prefix in cls.manifest.names))

    def __init__(self) -> None:
        super().__init__()
        self._frames = Reassembler(0xAA, _size, _intact)
        self._waiting = False
        """No value has come, and the device was not yet told to send."""
        self._since: float | None = None
        self._over = ""
        """Why numbers may be those of a measurement that is over."""
        self._battery: Battery | None = None
        self._kinds: Mapping[tuple[int, int], Callable[[bytes], list[Event]]] = {
            (_OXIMETER, 0x01): self._values,
            (_OXIMETER, 0x02): _pleth,
            (_OXIMETER, 0x21): self._work,
            (_DEVICE, 0x01): _version,
            (_DEVICE, 0x02): _serial,
            (_DEVICE, 0x03): lambda content: self._charged(_least(content, 1)[0]),
        }

    def handlers(self) -> Mapping[str, Handler]:
        """Everything the device says, and for `vigil decode` what is said to it."""
        return {STREAM: self._stream, COMMAND: _command}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen, and ask who it is."""
        if SERVICE not in services:
            return []
        self._waiting = True
        return [Subscribe(STREAM), Write(COMMAND, INFORMATION, response=False)]

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Tell of a frame that was cut off; tell a device to send that does not."""
        found: list[Event | Action] = []
        if lost := self._frames.expire(now):
            found.append(Failure(kind="malformed", reason=f"a frame was cut off after {lost} bytes"))
            found += self._stream(b"", now)
        if self._waiting:
            self._since = now if self._since is None else self._since
            if now - self._since >= PATIENCE:
                self._waiting = False
                found += [Write(COMMAND, data, response=False) for data in (ENABLE_VALUES, ENABLE_PLETH)]
        return found

    def _stream(self, data: bytes, now: float) -> list[Event | Action]:
        frames, lost = self._frames.feed(data, now)
        found: list[Event | Action] = []
        for whole in frames:
            try:
                # Others are confirmations, and what is not documented.
                if understand := self._kinds.get((whole[2], whole[4])):
                    found += understand(whole[_HEAD:-1])
            except MalformedError as error:
                found.append(Failure(kind="malformed", reason=str(error)))
        if lost:
            damaged = len(data) == _size(data) and not _intact(data)
            reason = "bad checksum" if damaged else f"{lost} bytes belonged to no whole frame"
            found.append(Failure(kind="malformed", reason=reason))
        return found

    def _values(self, content: bytes) -> list[Event]:
        self._waiting = False
        return [self._reading(content), *self._charged(content[5] >> 6 if len(content) > 5 else None)]

    def _reading(self, content: bytes) -> Reading:
        status = _least(content, 5)[4]
        rate, probe_off, searching = content[1] | content[2] << 8, status & _PROBE_OFF, status & _SEARCHING
        details: dict[str, object] = {"probe_off": bool(probe_off), "pulse_searching": bool(searching)}
        flags = [word for word, there in (("sensor off", probe_off), ("searching", searching)) if there]
        if self._over:
            flags.append(self._over)
        spo2 = None if content[0] in _NO_SPO2 else float(content[0])
        pulse = None if rate in _NO_PULSE else float(rate)
        pi = content[3] / 10 if content[3] else None
        if probe_off:
            spo2 = pulse = pi = None
        elif (spo2 is None or pulse is None) and not flags:
            flags.append("no value")
        return Reading(
            spo2=possible(Vital.SPO2, spo2, flags),
            pulse=possible(Vital.PULSE, pulse, flags),
            pi=possible(Vital.PI, pi, flags),
            quality=Quality.DOUBTFUL if searching or self._over else Quality.GOOD,
            flags=tuple(flags),
            contact=not probe_off,
            details=details,
        )

    def _work(self, content: bytes) -> list[Event]:
        mode, step, *parameters = _least(content, 4)[:4]
        over = mode == _MENU or (mode == _SPOT and step >= _REPORT)
        # What such a device goes on sending then is not documented. Numbers may have stopped.
        self._over = "device is not measuring" if over else ""
        fields: dict[str, object] = {"work_status": {"mode": mode, "step": step}}
        fields |= {"mode": _MODES.get(mode), "step": _STEPS[step] if step < len(_STEPS) else None}
        fields["parameters"] = parameters
        return [Detail(name="work status", fields={k: v for k, v in fields.items() if v is not None})]

    def _charged(self, level: int | None) -> list[Event]:
        """A Battery event when it changed: thirds of full are all the device tells."""
        event = Battery(percent=level * 100 // _FULL) if level is not None and level <= _FULL else None
        if event is None or event == self._battery:
            return []
        self._battery = event
        return [event]


def _pleth(content: bytes) -> list[Event]:
    samples = tuple(sample & _SAMPLE_BITS for sample in _least(content, _SAMPLES)[:_SAMPLES])
    return [Waveform(samples=samples, rate_hz=SAMPLE_RATE)]


def _serial(content: bytes) -> list[Event]:
    serial = text(content)
    return [DeviceInfo(fields={"serial": serial})] if serial else []


def _version(content: bytes) -> list[Event]:
    """Firmware in two bytes and hardware in one, each two digits; then the name."""
    digits = [f"{byte >> 4}.{byte & 0x0F}" for byte in _least(content, 3)[:3]]
    fields = {"firmware": ".".join(digits[:2]), "hardware": digits[2]}
    if model := text(content[3:]):
        fields["model"] = model
    return [DeviceInfo(fields=fields)]


def _command(data: bytes, now: float) -> list[Event]:
    if len(data) < _HEAD + 1 or _size(data) != len(data) or not _intact(data):
        raise MalformedError("bad checksum")
    if data not in _COMMANDS:
        raise MalformedError("a command that is not known")
    return [Detail(name="command", fields={"cmd": _COMMANDS[data]})]


def _least(content: bytes, length: int) -> bytes:
    if len(content) < length:
        raise MalformedError(f"this frame has at least {length} bytes of content")
    return content


def _size(head: bytes) -> int:
    if (len(head) > 1 and head[1] != 0x55) or (len(head) > 2 and head[2] not in (_OXIMETER, _DEVICE)):
        return -1
    if len(head) < 4:
        return 0
    return 4 + head[3] if 2 <= head[3] <= _LONGEST else -1


def _intact(whole: bytes) -> bool:
    return crc8_maxim(whole) == 0
