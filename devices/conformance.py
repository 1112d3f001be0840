"""What every driver has to keep to, checked without a device: `vigil drivers check NAME`.

A driver is held to the packets that its own manifest shows, and to damaged, foreign and missing
ones made from them. Nothing here is about time: a driver that is slow is found by the bench.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from devices.decode import lines_of
from devices.driver import Advertisement, Driver, Example, Read, Subscribe
from devices.registry import all_drivers
from devices.trial import Trial, numbers
from monitor.vitals import CuffReading, Failure, Reading, Vital, plausible

ROLES = ("oximeter", "cuff", "heart")
CONFIDENCE = re.compile(r"(V|D|H|captured)( (V|D|H|captured))*")
SILENCE_S = 300
"""How long a device says nothing in the check for silence, in ticks of a second."""
FLOOD = 5
"""Requests per tick, on average, above which a silent device is being flooded."""
FOREIGN = 2_000
"""Random packets that a driver is fed; the same ones every time."""
DAMAGE = (0x01, 0x40, 0xFF)
"""Bits that are turned over, byte by byte, where a checksum is there to notice. Not the highest
alone: some families' checksums keep seven bits (dossier 2.8) and cannot notice it."""
ANSWER_S = 60
"""Within this a driver must have given up a cuff that does not answer to being started."""


@dataclass(frozen=True)
class Check:
    """One thing a driver has to keep to, and in words where it does not."""

    name: str
    faults: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


def check(family: type[Driver]) -> list[Check]:
    """Every check of this driver, in order. Whatever the driver raises is a fault in words."""
    return [Check(name, tuple(dict.fromkeys(_faults(find, family)))) for name, find in _CHECKS.items()]


def _faults(find: Callable[[type[Driver]], Iterable[str]], family: type[Driver]) -> list[str]:
    found: list[str] = []
    try:
        found.extend(find(family))
    except Exception as error:  # somebody else's driver: whatever it raises is what is looked for
        found.append(f"it raised {type(error).__name__}")
    return found


def _examples(family: type[Driver]) -> Iterator[tuple[str, Example, list[bytes]]]:
    for example in family.manifest.examples:
        packets = [bytes.fromhex(text) for text in example.notifications]
        yield example.characteristic or family.manifest.default_characteristic, example, packets


def _heard(family: type[Driver], characteristic: str, packets: Iterable[bytes]) -> list[tuple[str, object]]:
    """What a fresh instance measures from `packets`, also what it holds back at first."""
    return Trial(family).feed(characteristic, packets).wait(5).end().measured()


# --- the checks ---------------------------------------------------------------------------


def _manifest(family: type[Driver]) -> Iterator[str]:
    m = family.manifest
    if not re.fullmatch(r"[a-z][a-z0-9_]*", m.id):
        yield "its id is not one lower-case word"
    if m.role not in ROLES:
        yield f"its role is none of {', '.join(ROLES)}"
    if not (m.title and m.gives and m.source):
        yield "title, gives and source have to say something"
    if not CONFIDENCE.fullmatch(m.confidence):
        yield "its confidence is not made of V, D, captured and H"
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", m.default_characteristic):
        yield "its default characteristic is not a 128-bit UUID in lower case"
    if any(not prefix for prefixes in m.writes.values() for prefix in prefixes):
        yield "an empty prefix on its list of writes would allow everything"
    if m.stale_after <= 0:
        yield "stale_after is no time"
    if not m.examples:
        yield "it shows no example of what its device sends"
    if Subscribe(m.default_characteristic) not in Trial(family).open().actions:
        yield "it does not listen to its default characteristic"
    if family.recognises(Advertisement()):
        yield "it takes a device that says nothing about itself"


def _shown(family: type[Driver]) -> Iterator[str]:
    for characteristic, example, packets in _examples(family):
        line: dict[str, Any] = {}
        for each in lines_of(family, packets, characteristic):
            line |= each
        for key, value in example.expected.items():
            if value is None and key in line:
                yield f"an example shows {key} where there should be none"
            elif value is not None and line.get(key) != value:
                yield f"an example shows another {key} than expected"
        yield from _impossible(Trial(family).feed(characteristic, packets).wait(5).end())


def _frames(family: type[Driver]) -> Iterator[str]:
    if not family.manifest.framed:
        return
    for characteristic, _, packets in _examples(family):
        whole, stream = _heard(family, characteristic, packets), b"".join(packets)
        if _heard(family, characteristic, [stream]) != whole:
            yield "frames that share a notification mean something else than apart"
        if any(
            _heard(family, characteristic, [stream[:cut], stream[cut:]]) != whole
            for cut in range(1, len(stream))
        ):
            yield "a frame in two pieces means something else than in one"


def _damage(family: type[Driver]) -> Iterator[str]:
    if not family.manifest.checksum:
        return
    for characteristic, _, packets in _examples(family):
        for number, packet in enumerate(packets):
            before = packets[:number]
            healthy = _heard(family, characteristic, before)
            for at in range(len(packet)):
                for bits in DAMAGE:
                    changed = bytes((*packet[:at], packet[at] ^ bits, *packet[at + 1 :]))
                    if _heard(family, characteristic, [*before, changed]) != healthy:
                        yield "a packet with one changed byte still gives values"


def _truncation(family: type[Driver]) -> Iterator[str]:
    for characteristic, _, packets in _examples(family):
        whole = set(_heard(family, characteristic, packets))
        for number, packet in enumerate(packets):
            for length in range(len(packet)):
                heard = _heard(family, characteristic, [*packets[:number], packet[:length]])
                if set(heard) - whole:
                    yield "a packet that was cut short gives a value that the whole one does not"


def _foreign(family: type[Driver]) -> Iterator[str]:
    dice = random.Random(family.manifest.id)
    others = [packet for other in all_drivers() for _, _, packets in _examples(other) for packet in packets]
    packets = [dice.randbytes(dice.randrange(60)) for _ in range(FOREIGN)] + others
    dice.shuffle(packets)
    trial = Trial(family).open()
    told = sorted({action.characteristic for action in trial.actions if isinstance(action, Subscribe | Read)})
    for packet in packets:
        at = family.manifest.default_characteristic if dice.random() < 0.5 else dice.choice(told)
        trial.feed(at, [packet]).wait(1 if dice.random() < 0.1 else 0)
    yield from trial.end().forbidden()
    yield from _impossible(trial)


def _impossible(trial: Trial) -> Iterator[str]:
    vitals = {vital.value: vital for vital in Vital}
    for name, value in trial.measured():
        if name in vitals and not plausible(vitals[name], value):  # type: ignore[arg-type]
            yield f"it gives a {name} that no patient can have"
    for event in trial.events:
        if isinstance(event, Reading) and event.contact is False and any(numbers(event)):
            yield "it gives values though it says that nobody wears the sensor"


def _silence(family: type[Driver]) -> Iterator[str]:
    trial = Trial(family).open()
    opening = len(trial.actions)
    trial.wait(SILENCE_S)
    if trial.measured():
        yield "it measures something though nothing came"
    if len(trial.actions) - opening > FLOOD * SILENCE_S:
        yield "it floods a device that does not answer"
    yield from trial.forbidden()
    for characteristic, _, packets in _examples(family):
        fallen = Trial(family).open().feed(characteristic, packets).wait(ANSWER_S)
        before = len(fallen.measured())
        if len(fallen.wait(SILENCE_S).measured()) > before:
            yield "it goes on measuring though nothing comes any more"
        yield from fallen.forbidden()


def _reconnection(family: type[Driver]) -> Iterator[str]:
    fresh = Trial(family).open()
    for characteristic, _, packets in _examples(family):
        whole = _heard(family, characteristic, packets)
        for heard in range(len(packets) + 1):
            Trial(family).open().feed(characteristic, packets[:heard]).end()
            again = Trial(family).open()
            if again.actions != fresh.actions or _heard(family, characteristic, packets) != whole:
                yield "a new connection remembers something of the last one"


def _writes(family: type[Driver]) -> Iterator[str]:
    for characteristic, _, packets in _examples(family):
        yield from Trial(family).open().feed(characteristic, packets).wait(10).forbidden()
    yield from Trial(family).open().start().wait(10).cancel().wait(10).forbidden()


def _commands(family: type[Driver]) -> Iterator[str]:
    trial = Trial(family).open()
    before = len(trial.actions)
    trial.start()
    acted, refused = len(trial.actions) > before, _ends(trial)
    if not family.manifest.remote_start:
        if acted or trial.events or trial.cancel().actions[before:]:
            yield "it can be started or cancelled, but its manifest says it cannot"
        return
    if not acted and not refused:
        yield "it can be started, but start does nothing and says nothing"
    trial.wait(ANSWER_S)
    if [reading.failure is None for reading in _ends(trial)] != [False]:
        yield "a cuff that does not answer to being started does not end as one failed measurement"
    if trial.measured():
        yield "it measures something though nothing came"
    yield from Trial(family).open().start().end().forbidden()
    again = Trial(family).open().start()
    sent = len(again.actions)
    if not again.cancel().actions[sent:]:
        yield "a measurement cannot be cancelled"


def _ends(trial: Trial) -> list[CuffReading]:
    return [event for event in trial.events if isinstance(event, CuffReading)]


def _quiet(family: type[Driver]) -> Iterator[str]:
    """Reasons go onto screens and into files: they never quote what a device has sent."""
    for characteristic, _, packets in _examples(family):
        for packet in packets:
            broken = [packet[: len(packet) // 2], bytes(reversed(packet))]
            for event in Trial(family).feed(characteristic, broken).wait(5).events:
                if (
                    isinstance(event, Failure)
                    and len(packet) > 3
                    and packet.hex()[:8] in event.reason.lower()
                ):
                    yield "the reason of a failure quotes the device's bytes"


_CHECKS: dict[str, Callable[[type[Driver]], Iterable[str]]] = {
    "manifest": _manifest,
    "examples": _shown,
    "split and merged frames": _frames,
    "damaged packets": _damage,
    "packets cut short": _truncation,
    "foreign bytes": _foreign,
    "silence": _silence,
    "reconnection": _reconnection,
    "list of writes": _writes,
    "start and cancel": _commands,
    "nothing quoted": _quiet,
}
