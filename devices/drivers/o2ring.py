"""Viatom / Wellue / Lepu O2Ring, Checkme O2, KidsO2 and kin: asked once a second (dossier 2.5).

Requests are AA cmd ~cmd blk len data crc, replies 55 status ~status blk len data crc. A reply
does not say what it answers, so the driver asks one thing at a time and remembers which: device
information once, then live data. Live data is 1B at 125 Hz, which brings the plethysmogram with
the numbers; a device that refuses it, or leaves it unanswered, is asked by the older 17.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import ClassVar

import msgspec

from devices.driver import Action, Advertisement, Example, Manifest, Services, Subscribe, Write
from devices.drivers.base import BaseDriver, Handler, battery, possible, text
from devices.framing import Reassembler, crc8
from devices.gatt import MalformedError, uuid
from monitor.vitals import Battery, Detail, DeviceInfo, Event, Failure, Quality, Reading, Vital, Waveform

SERVICE = "14839ac4-7d7e-415c-9a42-167340cf2339"
COMMAND = "8b00ace7-eb0b-49b0-bbe9-9aee0a26e1a3"
REPLY = "0734594a-a8e7-4b1a-a6b1-cd5243059a57"
_EMAY_SERVICE = uuid("FF12")  # EMAY's oximeter is called SleepO2 too (dossier 2.8)


class Request(IntEnum):
    """Everything this driver ever asks."""

    INFORMATION = 0x14
    LEGACY = 0x17
    LIVE = 0x1B


SAMPLE_RATE = 125.0  # Hz, of the rate byte 0 in our request for live data
POLL = 0.8  # seconds between requests; below the second of `tick`, so that every tick asks
PATIENCE = 3.0  # seconds an answer may take
_UNANSWERED = 3  # requests for live data in a row before the older one is tried
_PIECE = 20  # bytes per write (dossier 2.5)

_LARGEST = 4096  # bytes of a reply: information with its list of files is the longest
_HEAD = 7
_LEGACY_LENGTH = 12
_LIVE_LENGTH = 12
_GLITCHES = (156, 246)
_INFO_NAMES = {
    "Model": "model",
    "SN": "serial",
    "HardwareVer": "hardware",
    "SoftwareVer": "firmware",
    "Region": "region",
    "BootloaderVer": "bootloader",
}
_INFO_SHAPE = dict[str, msgspec.Raw]


def request(command: Request) -> Write:
    """The write that asks for `command`."""
    data = b"\x00" if command is Request.LIVE else b""
    head = bytes((0xAA, command, command ^ 0xFF, 0, 0)) + len(data).to_bytes(2, "little") + data
    return Write(COMMAND, head + bytes((crc8(head),)), response=False, piece=_PIECE)


_WRITES = {command: request(command) for command in Request}


def _size(head: bytes) -> int:
    if len(head) >= 3 and head[1] ^ head[2] != 0xFF:
        return -1
    if len(head) < _HEAD:
        return 0
    length = head[5] | head[6] << 8
    return _HEAD + length + 1 if length <= _LARGEST else -1


def _intact(whole: bytes) -> bool:
    return crc8(whole[:-1]) == whole[-1]


class O2Ring(BaseDriver):
    """SpO2, pulse, PI, plethysmogram and battery, on demand about once a second."""

    manifest: ClassVar[Manifest] = Manifest(
        id="o2ring",
        title="Viatom / Wellue O2Ring family",
        names=(
            *("O2Ring", "Checkme O2", "KidsO2", "Oxylink", "SleepU", "WearO2", "SleepO2"),
            *("O2NCI", "O2Max", "O2M", "CMRing", "BabyO2", "Oxyfit"),
        ),
        role="oximeter",
        gives=("spo2", "pulse", "pi", "waveform", "battery"),
        default_characteristic=REPLY,
        writes={COMMAND: tuple(write.data for write in _WRITES.values())},
        source="2.5",
        confidence="V",
        one_line=True,
        framed=True,
        checksum=True,
        examples=(
            Example(
                ("5500ff00000f006148005501060100000003000a141eba",),
                {"spo2": 97, "pulse": 72, "battery": 85, "wave": [10, 20, 30]},
            ),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name alone: cuffs and ECGs of the same maker advertise the same service."""
        if _EMAY_SERVICE in advertisement.services:
            return False
        name = (advertisement.name or "").lower()
        return name.startswith(tuple(prefix.lower() for prefix in cls.manifest.names))

    def __init__(self) -> None:
        super().__init__()
        self._replies = Reassembler(0x55, _size, _intact)
        self._open = False
        self._live = Request.LIVE
        self._asking: Request | None = None
        """What the next reply answers."""
        self._asked: float | None = None
        self._unanswered = 0
        self._battery: Battery | None = None

    def handlers(self) -> Mapping[str, Handler]:
        """Replies, in pieces."""
        return {REPLY: self._pieces}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen and ask for information; from then on `tick` asks for live data."""
        if SERVICE not in services:
            return []
        self._open, self._asking, self._asked = True, Request.INFORMATION, None
        return [Subscribe(REPLY), _WRITES[Request.INFORMATION]]

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Ask for live data once the last request is answered or out of time."""
        found: list[Event | Action] = []
        if lost := self._replies.expire(now):
            found.append(Failure(kind="malformed", reason=f"a reply was cut off after {lost} bytes"))
            found += self._pieces(b"", now)
        if not self._open:
            return found
        if self._asked is None:
            self._asked = now
        waited = now - self._asked
        if self._asking is not None:
            if waited < PATIENCE:
                return found
            found.append(Failure(kind="protocol", reason="the device did not answer in time"))
            self._no_answer()
        elif waited < POLL:
            return found
        return [*found, self._ask(now)]

    def _ask(self, now: float) -> Write:
        self._asking, self._asked = self._live, now
        return _WRITES[self._live]

    def _no_answer(self) -> None:
        """Live data that never comes is asked for in the other way; both get their turn."""
        if self._asking is Request.INFORMATION:
            return
        self._unanswered += 1
        if self._unanswered >= _UNANSWERED:
            self._unanswered = 0
            self._live = Request.LEGACY if self._live is Request.LIVE else Request.LIVE

    def _pieces(self, data: bytes, now: float) -> list[Event | Action]:
        replies, lost = self._replies.feed(data, now)
        found: list[Event | Action] = []
        for reply in replies:
            try:
                found += self._reply(reply[1], reply[_HEAD:-1], now)
            except MalformedError as error:
                found.append(Failure(kind="malformed", reason=str(error)))
        if lost:
            found.append(Failure(kind="malformed", reason=f"{lost} bytes belonged to no whole reply"))
        return found

    def _reply(self, status: int, payload: bytes, now: float) -> list[Event | Action]:
        asked, self._asking = self._asking, None
        if status:
            refusal = Failure(kind="refused", reason=f"the device answered with status {status}")
            if asked is Request.LIVE:
                self._live = Request.LEGACY
            return [refusal]
        late = asked is Request.LEGACY and _counts_its_samples(payload)
        if asked is None or asked is Request.INFORMATION or payload[:1] == b"{" or late:
            asked = _guess(payload)
        if asked is Request.INFORMATION:
            first = [self._ask(now)] if self._open else []
            return [*_information(payload), *first]
        self._unanswered = 0
        return self._legacy(payload) if asked is Request.LEGACY else self._values(payload)

    def _legacy(self, payload: bytes) -> list[Event | Action]:
        if len(payload) < _LEGACY_LENGTH:
            raise MalformedError(f"legacy live data has at least {_LEGACY_LENGTH} bytes")
        details: dict[str, object] = {"charging": payload[8], "movement": payload[9]}
        reading = _reading(payload[0], payload[1:3], payload[10], payload[11], payload[7], details)
        return [reading, *self._charge(payload[7], payload[8])]

    def _values(self, payload: bytes) -> list[Event | Action]:
        if len(payload) < _LIVE_LENGTH:
            raise MalformedError(f"live data has at least {_LIVE_LENGTH} bytes")
        count = payload[10] | payload[11] << 8
        samples = payload[_LIVE_LENGTH : _LIVE_LENGTH + count]
        if len(samples) < count:
            raise MalformedError("live data has fewer samples than it says")
        details: dict[str, object] = {"battery_state": payload[4]}
        reading = _reading(payload[0], payload[1:3], payload[5], payload[6], payload[3], details)
        found = [reading, *self._charge(payload[3], payload[4])]
        if samples:
            wave = tuple(None if sample in _GLITCHES else sample for sample in samples)
            found.append(Waveform(samples=wave, rate_hz=SAMPLE_RATE))
        return found

    def _charge(self, percent: int, state: int) -> list[Event | Action]:
        """A Battery event when it changed; the same number every second is no news."""
        event = Battery(percent=percent, charging=state == 1)
        if percent > 100 or event == self._battery:
            return []
        self._battery = event
        return [event]


def _counts_its_samples(payload: bytes) -> bool:
    """Whether it has the shape of live data, as an answer to 17 has only where the ring is not worn."""
    return len(payload) >= _LIVE_LENGTH and len(payload) == _LIVE_LENGTH + (payload[10] | payload[11] << 8)


def _guess(payload: bytes) -> Request:
    """What a reply nobody waits for, or one that may be late, answers: by its shape."""
    if payload[:1] == b"{":
        return Request.INFORMATION
    legacy = len(payload) in (_LEGACY_LENGTH, _LEGACY_LENGTH + 1)
    if _counts_its_samples(payload):
        # Twelve bytes ending in zeros fit both: not worn, or no samples. Only 17 has a battery at 7.
        legacy = legacy and payload[7] != 0
    return Request.LEGACY if legacy else Request.LIVE


def _reading(
    saturation: int, rate: bytes, perfusion: int, state: int, charge: int, details: dict[str, object]
) -> Reading:
    pulse_raw = int.from_bytes(rate, "little")
    worn = bool(state & 1)
    details |= {"pi_raw": perfusion, "worn": worn}
    if charge <= 100:
        details["battery"] = charge
    flags: list[str] = []
    spo2 = None if saturation in (0, 255) else float(saturation)
    pulse = None if pulse_raw in (0, 255, 65535) else float(pulse_raw)
    if not worn:
        flags.append("sensor off")
        spo2 = pulse = None
    elif spo2 is None or pulse is None:
        flags.append("calibrating" if not saturation and not pulse_raw else "no value")
    # The scale of PI, tenths of a percent, is hearsay in the dossier; 0 means none.
    pi = perfusion / 10 if worn and 0 < perfusion < 255 else None
    return Reading(
        spo2=possible(Vital.SPO2, spo2, flags),
        pulse=possible(Vital.PULSE, pulse, flags),
        pi=possible(Vital.PI, pi, flags),
        quality=Quality.GOOD,
        flags=tuple(flags),
        contact=worn,
        details=details,
    )


def _information(payload: bytes) -> list[Event | Action]:
    """The JSON text of 14 as DeviceInfo, battery and clock; its list of recordings is left out."""
    try:
        fields = msgspec.json.decode(payload.rstrip(b"\0 \r\n"), type=_INFO_SHAPE)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise MalformedError("the device information is not readable") from None
    told = {name: text(bytes(raw).strip(b'"')) for name, raw in fields.items()}
    known = {ours: told[theirs] for theirs, ours in _INFO_NAMES.items() if told.get(theirs)}
    found: list[Event | Action] = [DeviceInfo(fields=known)] if known else []
    percent = told.get("CurBAT", "").rstrip("%")
    if percent.isascii() and percent.isdigit() and len(percent) <= 3:
        event = battery(int(percent))
        if isinstance(event, Battery):
            state = told.get("CurBatState", "")
            event = Battery(percent=event.percent, charging=state == "1" if state else None)
        found.append(event)
    if clock := told.get("CurTIME"):
        found.append(Detail(name="device clock", fields={"clock": clock}))
    return found
