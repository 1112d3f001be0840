"""A finished session at one of its instants says what the running one said then."""

from __future__ import annotations

import math
from random import Random

import pytest
from session_room import Room

from monitor import entries as e
from monitor.codec import Entry
from monitor.session import SessionState, fold
from monitor.then import alarms_then, limits_then, line_then, pressure_then, value_then
from monitor.vitals import CuffReading, Vital


def lived(seed: int) -> list[Entry]:
    """Ten minutes with dips, a probe that comes off, pressures, failed ones and new limits."""
    room, random = Room(), Random(seed)
    room.session.record(e.TimeOutTaken(go=True), by="physician")
    for second in range(600):
        if second == 60:
            room.session.record(e.DoseGiven(drug="ketamine", amount_mg=60, route="im"), by="physician")
        if second % 90 == 40:
            failed = random.random() < 0.3
            reading = (
                CuffReading(failure="loose") if failed else CuffReading(systolic=130, diastolic=80, map=97)
            )
            room.session.record(e.CuffTaken(device="", reading=reading), by="therapist")
        if second == 300:
            room.session.record(e.LimitsSet(limits={"spo2_low": 88.0}, reason="usual"), by="physician")
        spo2 = None if 200 < second < 240 else 97.0 - 14 * (math.sin(second / 40 + seed) > 0.8)
        if not 400 < second < 430:
            room.breathe(1, spo2=spo2, pulse=float(random.randint(70, 130)))
        else:
            room.wait(1)
    return room.published


@pytest.mark.parametrize("seed", range(3))
def test_every_instant_reads_as_it_was_lived(seed: int) -> None:
    entries = lived(seed)
    whole, live = fold(entries), SessionState()
    compared = 0
    for entry, following in zip(entries, [*entries[1:], None], strict=True):
        live.apply(entry)
        at_ms = live.timeline.latest_ms
        if following is None or live.timeline.at(following.entered) == at_ms:
            continue  # more of the same instant follows
        compared += 1
        for vital in (Vital.SPO2, Vital.PULSE):
            now, then = live.now.get(vital), value_then(whole, vital, at_ms)
            assert (now.value if now else None) == (then.value if then else None)
            if now is not None and then is not None and now.value is not None:
                assert (now.at_ms, now.quality) == (then.at_ms, then.quality)
        assert pressure_then(whole, at_ms) == live.cuff
        assert {a.key for a in alarms_then(whole, at_ms)} == set(live.alarms)
        assert limits_then(whole, at_ms) == live.limits
    assert compared > 300
    assert any(alarms_then(whole, at_ms) for at_ms in range(0, whole.until_ms, 5_000))


def test_what_happened_before_anything_is_nothing() -> None:
    state = SessionState()
    assert value_then(state, Vital.SPO2, 0) is None
    assert (pressure_then(state, 0), alarms_then(state, 0), limits_then(state, 0)) == (None, [], {})
    assert line_then(state, 0) == 0


def test_a_line_that_was_entered_late_stands_where_it_happened() -> None:
    room = Room()
    room.breathe(300)
    room.session.record(e.NoteWritten(text="now"), by="therapist")
    room.session.record(e.NoteWritten(text="before"), by="therapist", ago_ms=120_000)
    state = fold(room.published)
    now, before = (line for line in state.lines if isinstance(line.body, e.NoteWritten))
    assert line_then(state, now.at_ms) == now.entry
    assert line_then(state, now.at_ms - 60_000) == before.entry
