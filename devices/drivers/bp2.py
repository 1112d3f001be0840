"""Viatom / Wellue / Checkme BP2 and kin: started, asked several times a second, read (dossier 3.2).

Frames are A5 cmd ~cmd flag seq len data crc, flag 1 from the cuff. A reply names what it answers,
so sequence numbers are left at 0; the cuff does not look at them. Between measurements only its state
is asked, so that a press on its own button is noticed. Nothing else is ever written: some commands
of this family erase the cuff, and one of them differs between models.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import IntEnum
from struct import Struct
from typing import ClassVar

import msgspec

from devices.driver import Action, Advertisement, Example, Manifest, Services, Subscribe, Wait, Write
from devices.drivers.base import Handler, possible, text
from devices.drivers.started_cuff import StartedCuff, result
from devices.framing import Reassembler, crc8
from devices.gatt import MalformedError
from monitor.vitals import Battery, CuffPressure, CuffReading, DeviceInfo, Event, Failure, Vital

SERVICE = "14839ac4-7d7e-415c-9a42-167340cf2339"
COMMAND = "8b00ace7-eb0b-49b0-bbe9-9aee0a26e1a3"
REPLY = "0734594a-a8e7-4b1a-a6b1-cd5243059a57"

PACE = 0.25  # seconds between two questions while it measures: 2 to 5 Hz (dossier 3.2)
REST = 2.0  # seconds between two questions otherwise
PATIENCE = 2.0  # seconds an answer may take


class Ask(IntEnum):
    """Every command this driver ever writes."""

    STATE = 0x06
    DATA = 0x08
    SWITCH = 0x09
    INFORMATION = 0xE1


MEASURE, READY = 0, 3  # what SWITCH may switch to


def request(command: Ask, *data: int) -> Write:
    """The write that asks for `command`."""
    head = bytes((0xA5, command, command ^ 0xFF, 0, 0, len(data), 0, *data))
    return Write(COMMAND, head + bytes((crc8(head),)))


_STATE, _DATA, _INFORMATION = request(Ask.STATE), request(Ask.DATA), request(Ask.INFORMATION)
_BEGIN, _READY = request(Ask.SWITCH, MEASURE), request(Ask.SWITCH, READY)

_MEASURING = (4, 15, 16)  # one measurement; the runs and the pauses of three in a row
_INFLATED = (4, 15)
_ENDED = (5, 17)  # the result is on the display
_REFUSALS = {
    2: "the cuff is charging",
    6: "the cuff is recording an ECG",
    7: "the cuff is recording an ECG",
}
_TYPES = {0: "BP measuring", 1: "BP end", 2: "ECG measuring", 3: "ECG end"}
_SUCCESS = (0, 0x0E)
"""Result codes with which the maker's own programs show the numbers; every other is a failure."""

_LARGEST = 4096  # bytes of a reply; live data with its samples has some hundreds
_HEAD = 7
_STATE_LENGTH, _DATA_LENGTH = 9, 30
_BATTERY = Struct("<BBBH")
_RUNNING = Struct("<BhBHB")
_RESULT = Struct("<BhHHHHBB")
_SERIAL_AT = 37


class BP2(StartedCuff):
    """Cuff pressure while it measures, one result, battery, serial number."""

    begin_command = _BEGIN
    stop_command = _READY
    leaves_result: ClassVar[bool] = True
    """Whether the result of a measurement that Vigil began is taken off the display."""
    _name: ClassVar[re.Pattern[str]] = re.compile(r"(checkme )?bp2[atw]?\b")

    manifest: ClassVar[Manifest] = Manifest(
        id="bp2",
        title="Viatom / Wellue / Checkme BP2, BP2A, BP2T, BP2W",
        names=("BP2", "BP2A", "BP2T", "BP2W", "Checkme BP2"),
        role="cuff",
        gives=("systolic", "diastolic", "map", "pulse", "cuff_pressure", "battery"),
        default_characteristic=REPLY,
        writes={COMMAND: tuple(write.data for write in (_STATE, _DATA, _INFORMATION, _BEGIN, _READY))},
        source="3.2",
        confidence="V",
        remote_start=True,
        examples=(
            Example(
                ("a508f7010020000400503c0f0000000000000631004800000000000000000000000000000000004e",),
                {"status": 4, "battery_pct": 80, "pressure_mmHg": 125, "pulse": 72},
            ),
            Example(
                ("a508f7010020000500503c0f000000000101000079004f005d004600000000000000000000000072",),
                {"systolic": 121, "diastolic": 79, "map": 93, "pulse": 70, "result_code": 0},
            ),
        ),
        framed=True,
        checksum=True,
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name alone: oximeters and ECGs of the same maker advertise the same service."""
        return cls._name.match((advertisement.name or "").strip().lower()) is not None

    def __init__(self) -> None:
        super().__init__()
        self._replies = Reassembler(0xA5, _size, _intact)
        self._open = False
        self._asked: float | None = None
        self._unanswered = False
        self._mute = False
        """That the cuff does not answer has been told."""
        self._status: int | None = None
        self._fresh = False
        """This connection has seen the cuff without a result, so the next one was measured now."""
        self._told = False
        self._ours = False
        """Vigil began the measurement, so it may clear the display afterwards."""
        self._battery: Battery | None = None

    def handlers(self) -> Mapping[str, Handler]:
        """Replies, in pieces."""
        return {REPLY: self._pieces}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen; from then on `tick` asks, once for the serial number and then for the state."""
        if SERVICE not in services:
            return []
        self._open = True
        return [Subscribe(REPLY)]

    def refusal(self) -> str:
        """In these states the command would leave something else that the cuff is doing."""
        return _REFUSALS.get(self._status or 0, "")

    def starting(self, now: float) -> Sequence[Action]:
        """Begin from the ready state (dossier 3.2), and look at once."""
        self._ours = True
        leave: list[Action] = [_READY, Wait(PACE)] if self._status in _ENDED and self.leaves_result else []
        self._fresh = self._fresh and self._status not in _ENDED
        return [*leave, self.begin_command, *self._ask_after_pause(now)]

    def stopping(self, now: float) -> Sequence[Action]:
        """To the ready state: the only command there is that ends a measurement."""
        return [self.stop_command, *self._ask_after_pause(now)]

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Ask how it stands, once the last question is answered or out of time."""
        found: list[Event | Action] = []
        if lost := self._replies.expire(now):
            found.append(Failure(kind="malformed", reason=f"a reply was cut off after {lost} bytes"))
            found += self._pieces(b"", now)
        found += super().tick(now)
        if not self._open:
            return found
        waited = REST if self._asked is None else now - self._asked
        if self._unanswered and waited >= PATIENCE and not self._mute:
            self._mute = True
            found.append(Failure(kind="protocol", reason="the cuff does not answer"))
        if waited < (PATIENCE if self._unanswered else PACE if self._busy else REST):
            return found
        first = self._asked is None
        self._asked, self._unanswered = now, True
        return [*found, *([_INFORMATION] if first else []), _DATA if self._busy else _STATE]

    @property
    def _busy(self) -> bool:
        """Whether something is to be read from the cuff beyond its state."""
        result_waits = self._status in _ENDED and not self._told
        return self._status in _MEASURING or self.course.open or result_waits

    def _ask_after_pause(self, now: float) -> list[Action]:
        if not self._open:
            return []
        self._asked, self._unanswered = now, True
        return [Wait(PACE), _DATA]

    def _pieces(self, data: bytes, now: float) -> list[Event | Action]:
        replies, lost = self._replies.feed(data, now)
        found: list[Event | Action] = []
        for reply in replies:
            try:
                found += self._reply(reply[1], reply[3], reply[_HEAD:-1], now)
            except MalformedError as error:
                found.append(Failure(kind="malformed", reason=str(error)))
        if lost:
            found.append(Failure(kind="malformed", reason=f"{lost} bytes belonged to no whole reply"))
        return found

    def _reply(self, command: int, flag: int, payload: bytes, now: float) -> list[Event | Action]:
        match command:
            case Ask.SWITCH:
                refused = flag != 1 and self.course.going_on(now) and not self.course.seen
                return self.course.fail("the cuff refuses to measure", now) if refused else []
            case Ask.INFORMATION:
                return _serial(payload)
            case Ask.STATE | Ask.DATA if flag == 1:
                found = self._state(payload, now)
                found += self._values(payload, now) if command == Ask.DATA else self._charge(payload)
                return found + self._go_on(now)
        # LP-BP2W: sources contradict each other on every other command (dossier 3.2). None is asked.
        return []

    def _go_on(self, now: float) -> list[Action]:
        """The next question while it measures. What comes faster than it is asked asks for nothing."""
        self._unanswered = self._mute = False
        early = self._asked is not None and now - self._asked < PACE
        return self._ask_after_pause(now) if self._busy and not early else []

    def _state(self, payload: bytes, now: float) -> list[Event | Action]:
        if len(payload) < _STATE_LENGTH:
            raise MalformedError(f"a state has at least {_STATE_LENGTH} bytes")
        self._status = status = payload[0]
        if status in _ENDED:
            return []
        self._fresh, self._told = True, False
        if status in _MEASURING:
            self.course.measuring(now)
        elif self.course.seen:
            return self.course.fail("the cuff stopped without a result", now)
        return []

    def _charge(self, payload: bytes) -> list[Event | Action]:
        """A Battery event when it changed; the same number every two seconds is no news."""
        _, state, percent, _ = _BATTERY.unpack_from(payload)
        event = Battery(percent=percent, charging=state == 1)
        if percent > 100 or event == self._battery:
            return []
        self._battery = event
        return [event]

    def _values(self, payload: bytes, now: float) -> list[Event | Action]:
        """Live data. Numbers count only where state and type agree.

        One source has a shorter layout for the LP-BP2W, with the type first. Its first byte is then
        no state in which anything is measured, and nothing is shown.
        """
        if len(payload) < _DATA_LENGTH:
            # Not raised: the state before it has counted already, and may be the end of a measurement.
            reason = f"live data has at least {_DATA_LENGTH} bytes"
            return [Failure(kind="malformed", reason=reason)]
        status, _, percent, millivolt = _BATTERY.unpack_from(payload)
        kind, data = payload[9], payload[10:]
        details: dict[str, object] = {
            "status": status,
            "battery_pct": percent,
            "battery_v": millivolt / 1000,
            "type": _TYPES.get(kind, kind),
        }
        if status in _INFLATED and kind == 0:
            return self.pressure(_pressure(data, details), now)
        if status in _ENDED and kind == 1 and not self._told:
            self._told = True
            return self._ended(_result(data, details), now)
        return []

    def _ended(self, reading: CuffReading, now: float) -> list[Event | Action]:
        if not self._fresh:
            return [msgspec.structs.replace(reading, stored=True)]
        ours, self._ours = self._ours, False
        clear = [_READY] if ours and self.leaves_result and self._open else []
        return [*self.course.end(reading, now), *clear]


class LPBP2W(BP2):
    """The same with one command less.

    An owner who tried every command on this model saw it inflate at 09 and does not say with which
    data (dossier 3.2, "Conflict"); the maker's programs end a measurement with 09. So 09 is written
    to begin, and to stop a cuff that says it measures: at worst it then goes on. A result stays on
    its display until a person clears it.
    """

    leaves_result = False
    _name = re.compile(r"lp-bp2[atw]?\b")

    manifest: ClassVar[Manifest] = replace(
        BP2.manifest,
        id="lp_bp2w",
        title="Viatom LP-BP2W",
        names=("LP-BP2", "LP-BP2A", "LP-BP2W"),
    )

    def stopping(self, now: float) -> Sequence[Action]:
        """Only while it measures. One that begins after it was called off is then told."""
        if self._status in _MEASURING:
            return super().stopping(now)
        return self._ask_after_pause(now)


def _size(head: bytes) -> int:
    if len(head) >= 3 and head[1] ^ head[2] != 0xFF:
        return -1
    if len(head) < _HEAD:
        return 0
    length = head[5] | head[6] << 8
    return _HEAD + length + 1 if length <= _LARGEST else -1


def _intact(whole: bytes) -> bool:
    return crc8(whole[:-1]) == whole[-1]


def _pressure(data: bytes, details: dict[str, object]) -> CuffPressure:
    """In hundredths of mmHg; programs that miss this show a hundred times as much (dossier 3.2)."""
    _, raw, wave, pulse, deflating = _RUNNING.unpack_from(data)
    # Sources contradict each other on whether 0 or 1 means a pulse wave; nothing depends on it.
    details |= {"pressure_mmHg": raw // 100, "pulse_wave": not wave, "deflating": bool(deflating)}
    # An empty cuff's sensor stands a little below its zero.
    mmhg = 0.0 if -1000 < raw < 0 else raw / 100
    return CuffPressure(mmhg=mmhg, pulse=possible(Vital.PULSE, pulse or None, []), details=details)


def _result(data: bytes, details: dict[str, object]) -> CuffReading:
    _, _, systolic, diastolic, mean, pulse, code, medical = _RESULT.unpack_from(data)
    details |= {"result_code": code, "medical_result": medical}
    if code not in _SUCCESS:
        return CuffReading(failure=f"the cuff could not measure (its code {code})", details=details)
    return result(systolic, diastolic, mean=mean, pulse=pulse, details=details)


def _serial(payload: bytes) -> list[Event | Action]:
    """The serial number. Sources contradict each other on what else the information says."""
    if len(payload) <= _SERIAL_AT:
        return []
    found = text(payload[_SERIAL_AT + 1 : _SERIAL_AT + 1 + payload[_SERIAL_AT]])
    return [DeviceInfo(fields={"serial": found})] if found.isascii() and found.isprintable() and found else []
