"""The conformance kit: every driver passes it, and each way of being wrong is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

import pytest

from devices.conformance import Check, check
from devices.driver import Action, Advertisement, Driver, Example, Manifest, Services, Subscribe, Write
from devices.drivers.base import BaseDriver, Handler
from devices.framing import Reassembler, crc8
from devices.gatt import uuid
from devices.registry import all_drivers
from monitor.vitals import CuffReading, Event, Failure, Reading

STREAM, COMMAND = uuid("AB01"), uuid("AB02")
PACKET = bytes((0x55, 97, 72))
WHOLE = PACKET + bytes((crc8(PACKET),))


@pytest.mark.parametrize("family", all_drivers(), ids=lambda family: family.manifest.id)
def test_every_driver_keeps_to_everything(family: type[Driver]) -> None:
    assert [c for c in check(family) if not c.passed] == []


class Sound(BaseDriver):
    """Frames of four bytes with a checksum, and a measurement that can be started."""

    manifest: ClassVar[Manifest] = Manifest(
        id="sound",
        title="A sound driver",
        names=("Sound",),
        role="oximeter",
        gives=("spo2", "pulse"),
        default_characteristic=STREAM,
        writes={COMMAND: (b"\x01", b"\x02")},
        source="tests",
        confidence="V",
        remote_start=True,
        framed=True,
        checksum=True,
        examples=(Example((WHOLE.hex(), WHOLE.hex()), {"spo2": 97, "pulse": 72}),),
    )

    def __init__(self) -> None:
        super().__init__()
        self._frames = Reassembler(0x55, lambda head: 4, lambda whole: crc8(whole[:-1]) == whole[-1])
        self._started: float | None = None

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        return (advertisement.name or "").startswith("Sound")

    def handlers(self) -> Mapping[str, Handler]:
        return {STREAM: self.stream}

    def begin(self, services: Services) -> Sequence[Action]:
        return [Subscribe(STREAM)]

    def stream(self, data: bytes, now: float) -> Sequence[Event | Action]:
        frames, lost = self._frames.feed(data, now)
        found: list[Event | Action] = [self.reading(frame) for frame in frames]
        return [*found, Failure(kind="malformed", reason="bytes were lost")] if lost else found

    def reading(self, frame: bytes) -> Reading:
        good = frame[1] <= 100 and frame[2] >= 20
        return Reading(spo2=frame[1], pulse=frame[2]) if good else Reading(flags=("implausible",))

    def start(self, now: float) -> Sequence[Event | Action]:
        self._started = now
        return [Write(COMMAND, b"\x01")]

    def cancel(self, now: float) -> Sequence[Event | Action]:
        return [Write(COMMAND, b"\x02")]

    def tick(self, now: float) -> Sequence[Event | Action]:
        if self._started is None or now < self._started + 5:
            return []
        self._started = None
        return [CuffReading(failure="the cuff did not answer")]


class Nameless(Sound):
    manifest = replace(Sound.manifest, id="Name Less", examples=())


class Greedy(Sound):
    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        return True


class Deaf(Sound):
    def begin(self, services: Services) -> Sequence[Action]:
        return []


class Mistaken(Sound):
    manifest = replace(Sound.manifest, examples=(Example((WHOLE.hex(),), {"spo2": 98, "pulse": None}),))


class WholeOnly(Sound):
    """Takes a notification for a frame."""

    def stream(self, data: bytes, now: float) -> Sequence[Event | Action]:
        if len(data) != 4 or crc8(data[:-1]) != data[-1]:
            return []
        return [self.reading(data)]


class Trusting(Sound):
    """Never looks at the checksum."""

    def __init__(self) -> None:
        super().__init__()
        self._frames = Reassembler(0x55, lambda head: 4, lambda whole: True)


class Inventive(Sound):
    """Makes up what is missing."""

    def stream(self, data: bytes, now: float) -> Sequence[Event | Action]:
        return [self.reading((data + bytes((0x55, 50, 50)))[:3])] if data else []


class Fragile(Sound):
    def received(self, characteristic: str, data: bytes, now: float) -> Sequence[Event | Action]:
        return super().received(characteristic, data, now) if data[0] == 0x55 else [][1]


class Credulous(Sound):
    def reading(self, frame: bytes) -> Reading:
        return Reading(spo2=frame[1], pulse=frame[2])

    def stream(self, data: bytes, now: float) -> Sequence[Event | Action]:
        return [self.reading(data[:3])] if len(data) >= 3 else []


class Dreaming(Sound):
    def tick(self, now: float) -> Sequence[Event | Action]:
        return [Reading(spo2=97)]


class Stuck(Sound):
    """Says its last value for ever."""

    last: Reading | None = None

    def reading(self, frame: bytes) -> Reading:
        self.last = super().reading(frame)
        return self.last

    def tick(self, now: float) -> Sequence[Event | Action]:
        return [] if self.last is None else [self.last]


class Worn(Sound):
    """Has values for a finger that is not there."""

    def reading(self, frame: bytes) -> Reading:
        return Reading(spo2=97, pulse=72, contact=False)


class Stumbling(Sound):
    def ended(self, now: float) -> Sequence[Event | Action]:
        raise RuntimeError


class Flooding(Sound):
    def tick(self, now: float) -> Sequence[Event | Action]:
        return [Write(COMMAND, b"\x02")] * 10


class Remembering(Sound):
    heard: ClassVar[list[bytes]] = []

    def stream(self, data: bytes, now: float) -> Sequence[Event | Action]:
        self.heard.append(data)
        return [Reading(spo2=97 if len(self.heard) % 3 else 96)]


class Overstepping(Sound):
    def start(self, now: float) -> Sequence[Event | Action]:
        return [*super().start(now), Write(COMMAND, b"\xe3")]


class Forgetful(Sound):
    """Starts, and never says that nothing came of it."""

    def tick(self, now: float) -> Sequence[Event | Action]:
        return []


class Unstoppable(Sound):
    def cancel(self, now: float) -> Sequence[Event | Action]:
        return []


class Secretly(Sound):
    manifest = replace(Sound.manifest, remote_start=False)


class Talkative(Sound):
    def stream(self, data: bytes, now: float) -> Sequence[Event | Action]:
        return [Failure(kind="malformed", reason=f"cannot read {WHOLE.hex()}")]


def failed(family: type[Driver]) -> dict[str, Check]:
    return {c.name: c for c in check(family) if not c.passed}


def test_a_sound_driver_passes() -> None:
    assert failed(Sound) == {}


@pytest.mark.parametrize(
    ("family", "name", "words"),
    [
        (Nameless, "manifest", "its id is not one lower-case word"),
        (Nameless, "manifest", "it shows no example of what its device sends"),
        (Greedy, "manifest", "it takes a device that says nothing about itself"),
        (Deaf, "manifest", "it does not listen to its default characteristic"),
        (Mistaken, "examples", "an example shows another spo2 than expected"),
        (Mistaken, "examples", "an example shows pulse where there should be none"),
        (WholeOnly, "split and merged frames", "a frame in two pieces means something else than in one"),
        (Trusting, "damaged packets", "a packet with one changed byte still gives values"),
        (
            Inventive,
            "packets cut short",
            "a packet that was cut short gives a value that the whole one does not",
        ),
        (Fragile, "foreign bytes", "it raised IndexError"),
        (Credulous, "foreign bytes", "it gives a spo2 that no patient can have"),
        (Dreaming, "silence", "it measures something though nothing came"),
        (Stuck, "silence", "it goes on measuring though nothing comes any more"),
        (Worn, "examples", "it gives values though it says that nobody wears the sensor"),
        (Stumbling, "reconnection", "it raised RuntimeError"),
        (Flooding, "silence", "it floods a device that does not answer"),
        (Remembering, "reconnection", "a new connection remembers something of the last one"),
        (Overstepping, "list of writes", "it would write e3…, which is not on its list"),
        (
            Forgetful,
            "start and cancel",
            "a cuff that does not answer to being started does not end as one failed measurement",
        ),
        (Unstoppable, "start and cancel", "a measurement cannot be cancelled"),
        (Secretly, "start and cancel", "it can be started or cancelled, but its manifest says it cannot"),
        (Talkative, "nothing quoted", "the reason of a failure quotes the device's bytes"),
    ],
    ids=lambda case: case.__name__ if isinstance(case, type) else None,
)
def test_what_is_wrong_is_found_and_named(family: type[Driver], name: str, words: str) -> None:
    assert words in failed(family)[name].faults
