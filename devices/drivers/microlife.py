"""Microlife BP3GY1-2N: the whole memory in one framed answer, asked for at each connection (dossier 3.9).

A frame is 4D, FF from the host or 3A from the cuff, length (big-endian, payload and checksum),
payload, and the sum of all before it. The sequence is that of the public reader: set the time,
ask for the measurements, hang up. Of the B6 Connect nothing is known but the hope that it is alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import ClassVar

from devices.driver import (
    Action,
    Advertisement,
    Example,
    Manifest,
    Pair,
    Services,
    Subscribe,
    Write,
    WriteTime,
)
from devices.drivers.base import BaseDriver, Handler
from devices.drivers.cuff_values import reading_of_bytes
from devices.drivers.memory import Memory
from devices.framing import Reassembler
from devices.gatt import MalformedError, uuid
from monitor.vitals import CuffReading, Detail, Event, Failure

SERVICE = uuid("FFF0")
REPLY = uuid("FFF1")
COMMAND = uuid("FFF2")

_START, _HOST, _CUFF = 0x4D, 0xFF, 0x3A
_HEAD = 4
_LARGEST = 4096  # bytes of a frame; two memories of 99 results take half of it
_PIECE = 20

_GET_ID, _DISCONNECT, _SET_TIME, _DONE = 0x05, 0x04, 0x0D, 0x81
_FIRST_RECORD, _RECORD = 38, 10
_PADDING = 2
PATIENCE = 5.0
"""Seconds the cuff has to confirm the time; then its memory is asked for all the same."""


def frame(payload: bytes, side: int = _HOST) -> bytes:
    """`payload` as it goes over the air."""
    head = bytes((_START, side)) + (len(payload) + 1).to_bytes(2, "big") + payload
    return head + bytes((sum(head) & 0xFF,))


def set_time(moment: datetime) -> bytes:
    """The frame that sets the cuff's clock."""
    return frame(bytes((_SET_TIME, moment.year - 2000, *moment.timetuple()[1:6])))


GET = frame(bytes((0, 0, 0, 0, 0, 0, 0, 0xFD)))
DISCONNECT = frame(bytes((_DISCONNECT,)))


def _size(head: bytes) -> int:
    if len(head) >= 2 and head[1] not in (_HOST, _CUFF):
        return -1
    if len(head) < _HEAD:
        return 0
    length = int.from_bytes(head[2:_HEAD], "big")
    return _HEAD + length if 2 <= length <= _LARGEST else -1


def _intact(whole: bytes) -> bool:
    return sum(whole[:-1]) & 0xFF == whole[-1]


class Microlife(BaseDriver):
    """Sets the time, reads the memory, hangs up; the newest result may be of now."""

    manifest: ClassVar[Manifest] = Manifest(
        id="microlife",
        title="Microlife BP3GY1-2N",
        names=("BP3GY1-2N",),
        role="cuff",
        gives=("systolic", "diastolic", "pulse"),
        default_characteristic=REPLY,
        writes={COMMAND: (GET, DISCONNECT)},
        times={COMMAND: (set_time,)},
        source="3.9",
        confidence="V",
        stale_after=3600.0,
        pairing=(
            "Hold the start button for 8 seconds until Bluetooth is on, and pair the cuff in the computer's "
            "own settings first."
        ),
        framed=True,
        checksum=True,
        examples=(
            Example(("4d3a0002810a",), {"ack": True}),
            Example(
                (
                    "4d3a003100000000000000000000000000000000",
                    "0000000000000000000000000000000000000000",
                    "000078503c18060f0e1e000015",
                ),
                {"systolic": 120, "diastolic": 80, "pulse": 60, "timestamp": "2024-06-15T14:30"},
            ),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name alone: many families have a service FFF0."""
        name = (advertisement.name or "").lower()
        return name.startswith(tuple(prefix.lower() for prefix in cls.manifest.names))

    def __init__(self) -> None:
        super().__init__()
        self._frames = Reassembler(_START, _size, _intact, long=True)
        self._memory = Memory()
        self._setting = False
        """Whether the time was sent and is not confirmed yet; then the memory is asked for."""
        self._since: float | None = None
        self._open = False

    def handlers(self) -> Mapping[str, Handler]:
        """Frames, in pieces."""
        return {REPLY: self._pieces}

    def begin(self, services: Services) -> Sequence[Action]:
        """Pair, listen and set the time; its confirmation brings the question for the memory."""
        if REPLY not in services.get(SERVICE, {}):
            return []
        self._open, self._setting, self._since = True, True, None
        return [Pair(), Subscribe(REPLY), WriteTime(COMMAND, set_time)]

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Give up an unfinished frame, and a confirmation that does not come."""
        found: list[Event | Action] = []
        if lost := self._frames.expire(now):
            found.append(Failure(kind="malformed", reason=f"an answer was cut off after {lost} bytes"))
            found += self._pieces(b"", now)
        if self._setting:
            self._since = now if self._since is None else self._since
            if now - self._since >= PATIENCE:
                found += self._ask()
        return found

    def _ask(self) -> list[Event | Action]:
        self._setting = False
        return [Write(COMMAND, GET, piece=_PIECE)]

    def _pieces(self, data: bytes, now: float) -> list[Event | Action]:
        frames, lost = self._frames.feed(data, now)
        found: list[Event | Action] = []
        for whole in frames:
            try:
                found += self._frame(whole[1], whole[_HEAD:-1], now)
            except MalformedError as error:
                found.append(Failure(kind="malformed", reason=str(error)))
        if lost:
            found.append(Failure(kind="malformed", reason=f"{lost} bytes belonged to no whole answer"))
        return found

    def _frame(self, side: int, payload: bytes, now: float) -> list[Event | Action]:
        if side == _HOST:
            return [Detail(name="request", fields={"cmd": _request(payload)})]
        if payload == bytes((_DONE,)):
            confirmed: list[Event | Action] = [Detail(name="confirmation", fields={"ack": True})]
            return confirmed + self._ask() if self._setting else confirmed
        if len(payload) < _FIRST_RECORD:
            return [Detail(name="answer", fields={"payload": payload.hex()})]
        readings = self._readings(payload, now)
        # All is told, so the cuff need not stay awake.
        return [*readings, Write(COMMAND, DISCONNECT, piece=_PIECE)] if self._open else readings

    def _readings(self, payload: bytes, now: float) -> list[Event | Action]:
        """The memory; only its newest result may be of now."""
        records = [payload[at : at + _RECORD] for at in range(_FIRST_RECORD, len(payload), _RECORD)]
        if records and len(records[-1]) < _RECORD - _PADDING:
            raise MalformedError("the memory ends within a result")
        # A place that was never used is zeros.
        found = [(record(data), data[: _RECORD - _PADDING]) for data in records if any(data[:3])]
        if _backwards([reading.device_time for reading, _ in found]):
            found.reverse()
        for reading, data in found:
            self._memory.add(reading, data, now)
        return list(self._memory.rest())


def _backwards(times: list[str | None]) -> bool:
    """Whether the newest stands first. Which order the cuff has is not documented.

    Two results that stand so may also be one before and one after the clock was reset; with three
    that all fit it is not believed.
    """
    known = [time for time in times if time is not None]
    return len(known) == len(times) >= 3 and all(b < a for a, b in pairwise(known))


def record(data: bytes) -> CuffReading:
    """One result of the memory: 8 bytes, then padding. Raises MalformedError for fewer."""
    if len(data) < _RECORD - _PADDING:
        raise MalformedError(f"a result has at least {_RECORD - _PADDING} bytes")
    year, month, day, hour, minute = data[3:8]
    date = (year, month, day, hour, minute)
    return reading_of_bytes(
        data[0], data[1], data[2], date, "the cuff remembers a pressure no patient can have"
    )


def _request(payload: bytes) -> str:
    """What a host asks for, in words."""
    if payload == GET[_HEAD:-1]:
        return "get measurements"
    if payload[:1] == bytes((_SET_TIME,)) and len(payload) == 7:
        year, month, day, hour, minute, second = payload[1:]
        return f"set time {2000 + year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
    names = {_GET_ID: "get id", _DISCONNECT: "disconnect"}
    return names.get(payload[0], f"command {payload[0]:02X}")
