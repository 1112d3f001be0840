"""Whatever bytes arrive, in whatever order: no driver raises, invents a value or writes out of bounds."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from devices.decode import decode
from devices.driver import Action, Driver, Poll, Services, Write
from devices.drivers.base import BATTERY_LEVEL
from devices.drivers.mightysat import frame
from devices.framing import crc8
from devices.gatt import uuid
from devices.registry import all_drivers
from monitor.vitals import CuffReading, Event, Reading, Vital, plausible

ROWS = json.loads((Path(__file__).parent / "data" / "ble_vectors.json").read_text("utf-8"))
CAPTURES = [bytes.fromhex(row["hex"]) for row in ROWS]
SIG = ["2A35", "2A36", "2A49", "2A08", "2A5E", "2A5F", "2A60", "2A52", "2A37"]
SIG += ["2A19", "2A29", "2A23", "2A2A", "2A50"]
CHARACTERISTICS = [
    *(uuid(c) for c in SIG),
    *(driver.manifest.default_characteristic for driver in all_drivers()),
]
EVERYTHING: Services = {
    service: {
        c: frozenset({"read", "write", "notify", "indicate"})
        for driver in all_drivers()
        for c in CHARACTERISTICS
    }
    for service in (
        *(uuid(s) for s in ("1810", "1822", "180D", "180F", "180A")),
        "54c21000-a720-4b4f-11e4-9fe20002a5d5",
        "14839ac4-7d7e-415c-9a42-167340cf2339",
    )
}
DRIVERS = pytest.mark.parametrize("family", all_drivers(), ids=lambda family: family.manifest.id)


@st.composite
def corrupted(draw: st.DrawFn) -> bytes:
    """A real capture with some bytes changed, lost, doubled or added."""
    data = bytearray(draw(st.sampled_from(CAPTURES)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["change", "lose", "add", "cut"])):
            case "change" if at < len(data):
                data[at] = draw(st.integers(0, 255))
            case "lose":
                del data[at : at + 1]
            case "add":
                data[at:at] = draw(st.binary(max_size=30))
            case "cut":
                del data[at:]
    return bytes(data)


@st.composite
def framed(draw: st.DrawFn) -> bytes:
    """Arbitrary content in a whole, undamaged frame of MightySat or O2Ring."""
    content = draw(st.binary(min_size=1, max_size=60))
    kind = draw(st.sampled_from([b"", b"\x01", b"\x04", b"\x05", b"\xfe", b"\xff", b"{"]))
    size = {b"\x01": 18, b"\x05": 15, b"\xfe": 1, b"\xff": 2}.get(kind)
    payload = kind + (content if size is None else content[:size].ljust(size, b"\0"))
    if draw(st.booleans()):
        return frame(payload)
    status = draw(st.sampled_from([0, 0, 0, 1, 255]))
    head = bytes((0x55, status, status ^ 0xFF, 0, 0)) + len(payload).to_bytes(2, "little") + payload
    return head + bytes((crc8(head),))


notifications = st.one_of(
    st.binary(max_size=40), corrupted(), framed(), st.binary(min_size=200, max_size=600)
)


def check(family: type[Driver], found: object) -> None:
    """What must be true of everything a driver ever answers."""
    assert isinstance(found, list | tuple)
    for item in found:
        assert isinstance(item, Event | Action)
        if isinstance(item, Event):
            plain = json.dumps(msgspec.to_builtins(item), allow_nan=False, ensure_ascii=False)
            plain.encode("utf-8")
        if isinstance(item, Reading | CuffReading):
            for vital in Vital:
                value = getattr(item, vital.value, None)
                assert value is None or plausible(vital, value)
        if isinstance(item, Poll):
            item = item.write
        if isinstance(item, Write):
            allowed = family.manifest.writes[item.characteristic]
            assert any(item.data.startswith(prefix) for prefix in allowed)


@DRIVERS
@given(data=notifications)
def test_any_bytes_on_any_characteristic_are_events(family: type[Driver], data: bytes) -> None:
    for characteristic in CHARACTERISTICS:
        check(family, family().received(characteristic, data, 0.0))


@DRIVERS
@given(chunks=st.lists(notifications, max_size=6))
def test_whatever_is_decoded_can_be_printed(family: type[Driver], chunks: list[bytes]) -> None:
    for line in decode(family.manifest.id, chunks):
        assert line
        json.dumps(line, allow_nan=False)


@given(kind=st.sampled_from(["sfloat", "float", "datetime"]), data=st.binary(max_size=9))
def test_any_bytes_as_a_number_or_date_can_be_printed(kind: str, data: bytes) -> None:
    (line,) = decode(kind, [data])
    assert line
    json.dumps(line, allow_nan=False)


@settings(max_examples=40, stateful_step_count=30)
class Connection(RuleBasedStateMachine):
    """One connection: notifications, halves of captures and ticks in any order."""

    @initialize(family=st.sampled_from(all_drivers()), opened=st.booleans())
    def connect(self, family: type[Driver], opened: bool) -> None:
        self.family = family
        self.driver = family()
        self.now = 0.0
        check(family, self.driver.opening(EVERYTHING if opened else {}))

    @rule(data=notifications, later=st.floats(0, 5))
    def stream(self, data: bytes, later: float) -> None:
        self.now += later
        check(
            self.family,
            self.driver.received(self.family.manifest.default_characteristic, data, self.now),
        )

    @rule(capture=st.sampled_from(CAPTURES), cut=st.integers(0, 30))
    def capture_in_two_pieces(self, capture: bytes, cut: int) -> None:
        for piece in (capture[:cut], capture[cut:]):
            check(
                self.family,
                self.driver.received(self.family.manifest.default_characteristic, piece, self.now),
            )

    @rule(data=notifications, characteristic=st.sampled_from([*CHARACTERISTICS, BATTERY_LEVEL, "nonsense"]))
    def elsewhere(self, data: bytes, characteristic: str) -> None:
        check(self.family, self.driver.received(characteristic, data, self.now))

    @rule(later=st.floats(0, 10))
    def tick(self, later: float) -> None:
        self.now += later
        check(self.family, self.driver.tick(self.now))


TestConnection = Connection.TestCase
