"""Bytes that no device should send, and links that break at the worst moment: the session goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from headless_vigil import Bench, Furnish, header, plays, says, until

from devices.tape import Header
from devices.virtual.instruments.mightysat import ANSWER, MightySat, frame, parameters
from devices.virtual.instruments.sig_oximeter import SigOximeter, continuous
from devices.virtual.patient import Physiology, steady
from devices.virtual.tape import TapePlayer
from monitor import entries as e
from monitor.store.verify import verify
from monitor.trouble import Trouble
from monitor.vitals import Vital

Benches = Callable[[Furnish], Bench]

MIGHTY = str(ANSWER).lower()
PLX = Header(
    name="PLX-1", services={"1822": {"2A5F": ("notify",)}}, advertised=("1822",), source="made by this test"
)
GOOD = frame(parameters(Physiology(spo2=96, pulse=71), 0x1F))
"""A whole MightySat frame, 20 bytes or less in each of its pieces."""


def pieces(data: bytes) -> list[bytes]:
    return [data[:20], data[20:]] if len(data) > 20 else [data]


def of_kind(bodies: list[e.Body], kind: type[e.Body]) -> list[e.Body]:
    return [body for body in bodies if isinstance(body, kind)]


def values(bodies: list[e.Body], vital: Vital) -> set[float]:
    readings = [body.reading for body in bodies if isinstance(body, e.ReadingTaken)]
    return {value for value in (r.value(vital) for r in readings) if value is not None}


def test_malformed_frames_are_kept_as_failures_and_the_next_good_one_counts(bench: Benches) -> None:
    wrong = bytearray(GOOD)
    wrong[-1] ^= 0xFF
    lines = [*pieces(bytes(wrong)), b"\x77\x00", bytes(20), b"\xff" * 20, b"\x77", *pieces(GOOD) * 3]
    there = bench(plays(says(header("mightysat", name="MightySat 1"), MIGHTY, lines)))
    session = there.begin("MightySat 1")
    until(lambda: Vital.SPO2 in there.state(session).now)
    bodies = there.written(session)
    assert of_kind(bodies, e.DeviceFailed)
    assert values(bodies, Vital.SPO2) == {96}
    assert verify(there.runtime.store, session).ok


def test_short_long_and_random_values_of_the_standard_profile(bench: Benches) -> None:
    good = continuous(Physiology(spo2=94, pulse=66))
    lines = [b"", b"\x1c", good[:4], good[:-1], b"\xff" * 20, good]
    there = bench(plays(says(PLX, "2A5F", lines)))
    session = there.begin("PLX-1")
    until(lambda: Vital.SPO2 in there.state(session).now)
    until(lambda: there.state(session).now[Vital.SPO2].value == 94)
    bodies = there.written(session)
    failed = [body for body in bodies if isinstance(body, e.DeviceFailed)]
    assert any(body.raw == b"\x1c" for body in failed)
    assert {v for v in values(bodies, Vital.SPO2) if v <= 100} == {94}
    assert there.state(session).series[Vital.SPO2].values.tolist()[-1] == 94


def test_impossible_values_are_in_the_record_and_never_on_the_screen(bench: Benches) -> None:
    impossible = Physiology(spo2=127, pulse=600)
    lines = [continuous(impossible), continuous(Physiology(spo2=95, pulse=66)), continuous(impossible)]
    there = bench(plays(says(PLX, "2A5F", lines)))
    session = there.begin("PLX-1")
    until(lambda: len([1 for body in there.written(session) if isinstance(body, e.ReadingTaken)]) == 3)
    state = there.state(session)
    assert state.now[Vital.SPO2].value is None
    assert state.now[Vital.PULSE].value is None
    assert {v for v in state.series[Vital.SPO2].values.tolist() if v == v} == {95}
    raw = [body.raw for body in there.written(session) if isinstance(body, e.ReadingTaken)]
    assert raw == lines
    assert not [a for a in state.alarms.values() if a.change.value in (127, 600)]


def test_another_protocol_behind_a_familiar_name_is_told(bench: Benches) -> None:
    strap = header("mightysat", name="MightySat 1", services={"180D": {"2A37": ("notify",)}})
    there = bench(plays(says(strap, "2A37", [b"\x00\x46"])))
    session = there.begin("MightySat 1")
    until(lambda: [d.state for d in there.state(session).devices.values()] == ["lost"])
    (device,) = there.state(session).devices.values()
    assert device.reason
    assert not there.state(session).now
    there.runtime.record(session, e.NoteWritten(text="goes on")).result(5)
    assert e.NoteWritten(text="goes on") in there.written(session)


def test_the_same_device_twice_is_refused_and_stays_with_the_first(bench: Benches) -> None:
    there = bench(lambda radio: [MightySat(radio, steady(Physiology()), "MightySat 1")])
    first, second = there.begin(), there.begin()
    until(lambda: there.runtime.sightings())
    (sighting,) = there.runtime.sightings()
    there.runtime.assign(first, sighting).result(5)
    for session in (first, second):
        with pytest.raises(Trouble, match="already in use"):
            there.runtime.assign(session, sighting).result(5)
    until(lambda: Vital.SPO2 in there.state(first).now)
    assert len(there.state(first).devices) == 1
    assert not there.state(second).devices
    assert not there.state(second).now


def test_two_patients_are_never_mixed(bench: Benches) -> None:
    there = bench(
        lambda radio: [
            MightySat(radio, steady(Physiology(spo2=97)), "MightySat 1"),
            SigOximeter(radio, steady(Physiology(spo2=91)), "PLX-2"),
        ]
    )
    first, second = there.begin("MightySat 1"), there.begin("PLX-2")
    until(lambda: len(there.state(first).series[Vital.SPO2]) >= 3)
    until(lambda: len(there.state(second).series[Vital.SPO2]) >= 3)
    assert values(there.written(first), Vital.SPO2) == {97}
    assert values(there.written(second), Vital.SPO2) == {91}
    there.runtime.record(first, e.SessionEnded()).result(5)
    before = len(there.state(second).series[Vital.SPO2])
    until(lambda: len(there.state(second).series[Vital.SPO2]) > before)
    assert values(there.written(second), Vital.SPO2) == {91}


def test_a_drop_between_the_halves_of_a_frame_makes_no_value_of_two_frames(bench: Benches) -> None:
    half = pieces(GOOD)[0][:8]
    there = bench(plays(says(header("mightysat", name="MightySat 1"), MIGHTY, [half])))
    session = there.begin("MightySat 1")
    (player,) = there.peripherals
    assert isinstance(player, TapePlayer)
    until(lambda: [d.state for d in there.state(session).devices.values()] == ["live"])
    until(player.played.is_set)
    rest = GOOD[8:]
    player._tape = says(header("mightysat"), MIGHTY, [rest, *pieces(GOOD)])
    there.runtime.spawn(player.drop())
    until(lambda: Vital.SPO2 in there.state(session).now)
    bodies = there.written(session)
    assert len(of_kind(bodies, e.ReadingTaken)) == 1
    assert any(body.state == "lost" for body in bodies if isinstance(body, e.LinkChanged))


def test_leaving_while_a_link_connects_ends_in_time(bench: Benches) -> None:
    there = bench(lambda radio: [MightySat(radio, steady(Physiology()), "MightySat 1")])
    session = there.begin("MightySat 1")
    until(lambda: any(d.state == "connecting" for d in there.state(session).devices.values()))
    there.close()
    assert not there.runtime.sightings()
