"""EMAY SleepO2 and Contec CMS50D-BT: the same frames, started and kept alive by the host (dossier 2.8).

They are two drivers since their sources differ in what makes a frame's numbers valid, and since of
the start sequence only one command has been seen to do no harm to a Contec.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Poll, Services, Subscribe, Write
from devices.drivers.base import BaseDriver, Handler, possible
from devices.drivers.counted_rate import CountedRate
from devices.framing import Reassembler
from devices.gatt import MalformedError, uuid
from monitor.vitals import Detail, Event, Failure, Reading, Vital

SERVICE = uuid("FF12")
COMMAND = uuid("FF01")
STREAM = uuid("FF02")


def command(*data: int) -> bytes:
    """A command with its checksum: the sum of its bytes, of which seven bits are kept."""
    return bytes((*data, sum(data) & 0x7F))


HELLO, STATE, START, BATTERY = command(0x89), command(0x8E, 0x05), command(0x9B, 0x01), command(0x86)
ALIVE = command(0x9A)
_COMMANDS = {
    HELLO: "hello",
    STATE: "get device state",
    START: "start realtime",
    command(0x9B, 0x7F): "stop realtime",
    BATTERY: "get battery",
    ALIVE: "heartbeat (every 1.5 s)",
}
KEEP_ALIVE = 1.5
"""Seconds between two ALIVE; an EMAY that does not hear them falls silent."""

_DATA = 0xEB
_ANSWERS = 0xE0
"""First byte of the lowest answer to a command; what answers contain is not documented."""
# Kinds of data frames and their lengths: plethysmogram, values, other values of newer models, and
# the confirmation that the stream was stopped.
_LENGTHS = {0x00: 6, 0x01: 8, 0x02: 8, 0x7F: 3}
_PLETH, _VALUES = 0x00, 0x01
_TAIL = b"\x7f\x00"
_NONE = (0, 127, 255)


class Emay(BaseDriver):
    """SpO2 and pulse once a second."""

    manifest: ClassVar[Manifest] = Manifest(
        id="emay",
        title="EMAY SleepO2",
        names=("SleepO2",),
        role="oximeter",
        gives=("spo2", "pulse", "waveform"),
        default_characteristic=STREAM,
        writes={COMMAND: (HELLO, STATE, START, BATTERY, ALIVE)},
        source="2.8",
        confidence="V",
        stale_after=5.0,
        examples=(
            Example(("eb01053e627f0010",), {"spo2": 98, "pulse": 62}),
            Example(("eb0105ffff7f006e",), {"spo2": None, "pulse": None}),
        ),
        framed=True,
        checksum=True,
    )
    starting: ClassVar[tuple[bytes, ...]] = (HELLO, STATE, START, BATTERY)
    finger: ClassVar[Mapping[int, bool | None]] = {0x05: None}
    """States in which there is a finger, none, or the numbers tell. In any other they are withheld."""

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name and service together: a Viatom SleepO2 has the name, a Beurer the service."""
        return SERVICE in advertisement.services and _named(advertisement, cls.manifest)

    def __init__(self) -> None:
        super().__init__()
        self._frames = Reassembler(_DATA, _size, _intact)
        self._pleth = CountedRate()

    def handlers(self) -> Mapping[str, Handler]:
        """Everything the device says, and for `vigil decode` what is said to it."""
        return {STREAM: self._stream, COMMAND: _command}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen, start the stream and keep it alive. Which service Contec puts it in is not known."""
        if not any(STREAM in characteristics for characteristics in services.values()):
            return []
        return [
            Subscribe(STREAM),
            *(Write(COMMAND, data) for data in self.starting),
            Poll(KEEP_ALIVE, Write(COMMAND, ALIVE)),
        ]

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Tell of a frame that was cut off."""
        lost = self._frames.expire(now)
        if not lost:
            return []
        cut = Failure(kind="malformed", reason=f"a frame was cut off after {lost} bytes")
        return [cut, *self._stream(b"", now)]

    def _stream(self, data: bytes, now: float) -> list[Event | Action]:
        if data and data[0] >= _ANSWERS and data[0] != _DATA and _intact(data):
            return []
        frames, lost = self._frames.feed(data, now)
        found: list[Event | Action] = []
        for frame in frames:
            try:
                found += self._frame(frame, now)
            except MalformedError as error:
                found.append(Failure(kind="malformed", reason=str(error)))
        if lost:
            damaged = len(data) == _size(data) and not _intact(data)
            reason = "bad checksum" if damaged else f"{lost} bytes belonged to no whole frame"
            found.append(Failure(kind="malformed", reason=reason))
        return found

    def _frame(self, frame: bytes, now: float) -> Sequence[Event | Action]:
        if frame[1] == _PLETH:
            return self._waveform(frame[3], frame[4], now)
        if frame[1] == _VALUES:
            return [self._reading(frame)]
        return []

    def _waveform(self, pleth: int, bar: int, now: float) -> Sequence[Event | Action]:
        found: list[Event | Action] = []
        if self._pleth.first(now):
            fields: dict[str, object] = {"type": "PPG/bar graph", "ppg": pleth, "bar": bar}
            found.append(Detail(name="plethysmogram", fields=fields))
        return [*found, *self._pleth.waveform((pleth,), now)]

    def _reading(self, frame: bytes) -> Reading:
        state, rate, saturation = frame[2:5]
        if frame[5:7] != _TAIL:
            raise MalformedError("a frame of values that ends in another way than all known ones")
        spo2 = None if saturation in _NONE else float(saturation)
        pulse = None if rate in (0, 255) else float(rate)
        finger = self.finger.get(state)
        flags: list[str] = []
        details: dict[str, object] = {"state": state}
        if finger is not None:
            details["finger"] = finger
        if state not in self.finger or finger is False:
            flags.append("sensor off" if finger is False else "unknown state")
            details |= {"raw_spo2": saturation, "raw_pulse": rate}
            spo2 = pulse = None
        elif spo2 is None or pulse is None:
            flags.append("no value")
        return Reading(
            spo2=possible(Vital.SPO2, spo2, flags),
            pulse=possible(Vital.PULSE, pulse, flags),
            flags=tuple(flags),
            contact=self._contact(state, finger, spo2, pulse),
            details=details,
        )

    def _contact(
        self, state: int, finger: bool | None, spo2: float | None, pulse: float | None
    ) -> bool | None:
        if finger is not None or state not in self.finger:
            return finger
        return spo2 is not None or pulse is not None  # an EMAY has no numbers without a finger


class CMS50D(Emay):
    """The same from Contec, with a plethysmogram.

    The one person who described its frames took byte 2 for the finger, 04 without and 06 with one,
    but caught a frame with 04 that holds plausible numbers. Until somebody knows better, numbers
    count with 06 alone; should the guess be wrong, Vigil shows nothing rather than a number left
    over from a finger that has gone.
    """

    manifest: ClassVar[Manifest] = replace(
        Emay.manifest,
        id="cms50d",
        title="Contec CMS50D-BT",
        names=("CMS50D", "SpO208"),
        writes={COMMAND: (START, ALIVE)},
        confidence="captured",
        examples=(
            Example(("eb010653637f0027",), {"spo2": 99, "pulse": 83, "finger": True}),
            Example(("eb010453637f0025",), {"spo2": None, "pulse": None, "finger": False}),
            Example(("eb000348093f",), {"ppg": 72, "bar": 9}),
        ),
    )
    starting = (START,)
    finger: ClassVar[Mapping[int, bool | None]] = {0x04: False, 0x06: True}

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name: SpO208 is what Contec calls this model in the air, and other numbers other models."""
        return _named(advertisement, cls.manifest)


def _named(advertisement: Advertisement, manifest: Manifest) -> bool:
    name = (advertisement.name or "").lower()
    return name.startswith(tuple(prefix.lower() for prefix in manifest.names))


def _command(data: bytes, now: float) -> list[Event]:
    if not data or not _intact(data):
        raise MalformedError("bad checksum")
    if data not in _COMMANDS:
        raise MalformedError("a command that is not known")
    return [Detail(name="command", fields={"cmd": _COMMANDS[data]})]


def _size(head: bytes) -> int:
    return _LENGTHS.get(head[1], -1) if len(head) > 1 else 0


def _intact(frame: bytes) -> bool:
    return sum(frame[:-1]) & 0x7F == frame[-1]
