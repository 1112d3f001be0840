"""Wellue O2Ring-S (T8520), of the protocol its maker calls OxyII: greeted, then asked (dossier 2.6).

Requests and replies are A5 cmd ~cmd flag seq len data crc, and a reply repeats its command. A
greeting whose key is made of a constant and the time opens the device; four requests follow, each
after the reply to the last, as the maker's program does it; then live data is asked for, about once
a second. E3 (wipes the device) and EE (it then needs USB power to live again) are never sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Services, Subscribe, Write, WriteTime
from devices.drivers.base import BaseDriver, Handler, battery, possible, text
from devices.drivers.counted_rate import CountedRate
from devices.framing import Reassembler, crc8
from devices.gatt import MalformedError, device_time
from monitor.vitals import Battery, Detail, DeviceInfo, Event, Failure, Quality, Reading, Vital

SERVICE = "e8fb0001-a14b-98f9-831b-4e2941d01248"
COMMAND = "e8fb0002-a14b-98f9-831b-4e2941d01248"
REPLY = "e8fb0003-a14b-98f9-831b-4e2941d01248"


class Request(IntEnum):
    """Everything this driver ever sends."""

    CONFIGURATION = 0x00
    LIVE = 0x04
    SETUP = 0x10
    SET_TIME = 0xC0
    INFORMATION = 0xE1
    AUTHENTICATE = 0xFF


_BATTERY = 0xE4  # live data has the charge, so it is never asked for
_HANDSHAKE = (Request.SET_TIME, Request.CONFIGURATION, Request.INFORMATION)  # what follows SETUP

POLL = 0.8  # seconds between requests; below the second of `tick`, so that every tick asks
PATIENCE = 3.0  # seconds an answer may take

# Both are the protocol's, and the same for all devices: MD5 of the maker's word "lepucloud", and a
# serial number that every device accepts for its own.
SALT = bytes.fromhex("c2a7cf50dafed885a8f8f7eac44335f3")
_ANY_SERIAL = b"0000"

_HEAD = 7
_LARGEST = 1024  # bytes of a reply's data; live data has about 150
_FLAG_REPLY = 1
_LIVE_LENGTH = 26
_INFORMATION_LENGTH = 38
_NONE = (0, 255)
_NO_CONTACT, _WORN = 0, (1, 3)
_SHAKING = 50
_POLLED = 2 * PATIENCE  # seconds between two live replies that still belong to one waveform


def frame(command: Request, data: bytes = b"") -> bytes:
    """A request. Its sequence number is 0: the device repeats it and makes nothing of it."""
    head = bytes((0xA5, command, command ^ 0xFF, 0, 0)) + len(data).to_bytes(2, "little") + data
    return head + bytes((crc8(head),))


def authenticate(moment: datetime) -> bytes:
    """The greeting, which is not answered. Local naive time; the key holds four shifts of its seconds."""
    seconds = int(moment.timestamp())
    shifts = bytes(seconds >> places & 0xFF for places in range(4))
    key = SALT[::2] + _ANY_SERIAL + shifts
    return frame(Request.AUTHENTICATE, bytes(a ^ b for a, b in zip(key, SALT, strict=True)))


def set_time(moment: datetime) -> bytes:
    """The request that sets the clock to `moment`, which the device shows as it is."""
    parts = bytes(moment.timetuple()[1:6])
    return frame(Request.SET_TIME, moment.year.to_bytes(2, "little") + parts + b"\0")


_WRITES: Mapping[Request, Action] = {
    Request.SETUP: Write(COMMAND, frame(Request.SETUP, b"\0"), response=False),
    Request.SET_TIME: WriteTime(COMMAND, set_time, response=False),
    **{
        request: Write(COMMAND, frame(request), response=False)
        for request in (Request.CONFIGURATION, Request.INFORMATION, Request.LIVE)
    },
}


class OxyII(BaseDriver):
    """SpO2, pulse, plethysmogram, movement and battery, on demand about once a second."""

    manifest: ClassVar[Manifest] = Manifest(
        id="oxyii",
        title="Wellue O2Ring-S",
        names=("S8-AW",),
        role="oximeter",
        gives=("spo2", "pulse", "waveform", "battery"),
        default_characteristic=REPLY,
        writes={COMMAND: tuple(write.data for write in _WRITES.values() if isinstance(write, Write))},
        times={COMMAND: (authenticate, set_time)},
        source="2.6",
        confidence="V",
        pairing="Put it on; it is found under S8-AW, not under T8520 as which it records for itself.",
        examples=(  # built from the layout: nobody has published a capture
            Example(
                ("a504fb01001e00076800000201610a440000000050000000000000000000000400646e", "786e1e"),
                {"spo2": 97, "pulse": 68, "motion": 10, "battery": 80, "contact": True},
            ),
            Example(
                ("a504fb01001e00076800000200000a000000000050000000000000000000000400646e786e0a",),
                {"spo2": None, "pulse": None, "contact": False},
            ),
        ),
        framed=True,
        checksum=True,
        one_line=True,
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name or service: the company's number is also a cuff's, and T8520 cannot be spoken to."""
        name = (advertisement.name or "").lower()
        if name.startswith("t8520"):
            return False
        return name.startswith("s8-aw") or SERVICE in advertisement.services

    def __init__(self) -> None:
        super().__init__()
        self._replies = Reassembler(0xA5, _size, _intact)
        self._pleth = CountedRate(longest_gap=_POLLED)
        self._steps: list[Request] = []
        self._open = False
        self._asking: Request | None = None
        self._asked: float | None = None
        self._battery: Battery | None = None

    def handlers(self) -> Mapping[str, Handler]:
        """Replies, whole or in pieces."""
        return {REPLY: self._pieces}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen, greet and ask the first thing; the rest follows the replies."""
        if SERVICE not in services:
            return []
        self._open, self._asked, self._asking = True, None, Request.SETUP
        self._steps = list(_HANDSHAKE)
        return [
            Subscribe(REPLY),
            WriteTime(COMMAND, authenticate, response=False),
            _WRITES[Request.SETUP],
        ]

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Ask for live data, or for what is next where an answer did not come in time."""
        found: list[Event | Action] = []
        if lost := self._replies.expire(now):
            found.append(Failure(kind="malformed", reason=f"a reply was cut off after {lost} bytes"))
            found += self._pieces(b"", now)
        if not self._open:
            return found
        if self._asked is None:
            self._asked = now
        waited = now - self._asked
        if self._asking is not None and waited >= PATIENCE:
            found.append(Failure(kind="protocol", reason="the device did not answer in time"))
            found.append(self._ask(now))
        elif self._asking is None and waited >= POLL:
            found.append(self._ask(now))
        return found

    def _ask(self, now: float) -> Action:
        self._asking = self._steps.pop(0) if self._steps else Request.LIVE
        self._asked = now
        return _WRITES[self._asking]

    def _pieces(self, data: bytes, now: float) -> list[Event | Action]:
        replies, lost = self._replies.feed(data, now)
        found: list[Event | Action] = []
        for reply in replies:
            try:
                found += self._reply(reply[1], reply[_HEAD:-1], now)
            except MalformedError as error:
                found.append(Failure(kind="malformed", reason=str(error)))
            if reply[1] == self._asking:
                self._asking = None
                if reply[1] != Request.LIVE:
                    found.append(self._ask(now))
        if lost:
            found.append(Failure(kind="malformed", reason=f"{lost} bytes belonged to no whole reply"))
        return found

    def _reply(self, command: int, payload: bytes, now: float) -> list[Event | Action]:
        if command == Request.LIVE:
            return self._live(payload, now)
        if command == Request.INFORMATION:
            return _information(payload)
        if command == _BATTERY and len(payload) > 1:
            return [battery(payload[1])]
        return []

    def _live(self, payload: bytes, now: float) -> list[Event | Action]:
        if len(payload) < _LIVE_LENGTH:
            raise MalformedError(f"live data has at least {_LIVE_LENGTH} bytes")
        samples = payload[_LIVE_LENGTH:]
        if len(samples) != int.from_bytes(payload[24:26], "little"):
            raise MalformedError("live data has another number of samples than it says")
        found: list[Event | Action] = [_reading(payload)]
        charge = Battery(percent=payload[13]) if payload[13] <= 100 else None
        if charge is not None and charge != self._battery:
            self._battery = charge
            found.append(charge)
        # One source says about 100 samples a second, another measured 125; so they are counted.
        return [*found, *(self._pleth.waveform(samples, now) if samples else ())]


def _reading(payload: bytes) -> Reading:
    state, saturation, motion, rate = payload[5:9]
    flags: list[str] = []
    details: dict[str, object] = {"state": state, "motion": motion}
    if payload[13] <= 100:
        details["battery"] = payload[13]
    spo2 = None if saturation in _NONE else float(saturation)
    pulse = None if rate in _NONE else float(rate)
    contact = None if state not in (_NO_CONTACT, *_WORN) else state != _NO_CONTACT
    quality = Quality.GOOD
    if not contact:
        # Of what a state that nobody has described means for the numbers nothing is known.
        flags.append("unknown state" if contact is None else "sensor off")
        details |= {k: v for k, v in (("raw_spo2", spo2), ("raw_pulse", pulse)) if v is not None}
        spo2 = pulse = None
    elif spo2 is None or pulse is None:
        flags.append("no value")
    if contact and motion >= _SHAKING:
        flags.append("motion")
        quality = Quality.DOUBTFUL
    return Reading(
        spo2=possible(Vital.SPO2, spo2, flags),
        pulse=possible(Vital.PULSE, pulse, flags),
        quality=quality,
        flags=tuple(flags),
        contact=contact,
        details=details,
    )


def _information(payload: bytes) -> list[Event | Action]:
    if len(payload) < _INFORMATION_LENGTH:
        raise MalformedError(f"device information has at least {_INFORMATION_LENGTH} bytes")
    serial = payload[_INFORMATION_LENGTH:][: payload[37]] if payload[37] else b""
    fields = {"firmware": text(payload[9:17]), "serial": text(serial)}
    known = {k: v for k, v in fields.items() if v}
    found: list[Event | Action] = [DeviceInfo(fields=known)] if known else []
    try:
        clock = device_time(payload[24:31]).shown()
    except MalformedError:
        return found
    return [*found, Detail(name="device clock", fields={"clock": clock})]


def _size(head: bytes) -> int:
    if (len(head) >= 3 and head[1] ^ head[2] != 0xFF) or (len(head) >= 4 and head[3] != _FLAG_REPLY):
        return -1
    if len(head) < _HEAD:
        return 0
    length = head[5] | head[6] << 8
    return _HEAD + length + 1 if length <= _LARGEST else -1


def _intact(whole: bytes) -> bool:
    return crc8(whole[:-1]) == whole[-1]
