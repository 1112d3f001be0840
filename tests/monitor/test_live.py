"""The only writer of a session: what it numbers, decides, notices and takes up again."""

from datetime import timedelta
from typing import TypeVar

import msgspec
import pytest
from session_room import Room

from monitor import entries as e
from monitor.codec import GENESIS, unseal
from monitor.session import fold
from monitor.vitals import Battery, CuffReading, Reading, Waveform

B = TypeVar("B", bound=e.Body)


@pytest.fixture
def room() -> Room:
    return Room()


def test_entries_form_one_chain_without_gaps(room: Room) -> None:
    room.breathe(5)
    previous = GENESIS
    for number, sealed in enumerate(room.log.sealed, 1):
        entry, prev = unseal(sealed.data)
        assert (entry.seq, prev) == (number, previous)
        previous = sealed.digest


def test_published_state_equals_the_fold_of_what_was_handed_to_the_store(room: Room) -> None:
    room.breathe(30, spo2=84)
    stored = fold(unseal(s.data)[0] for s in room.log.sealed)
    assert stored.now == room.session.state.now
    assert stored.alarms == room.session.state.alarms


def test_people_and_alarms_are_synced_at_once_and_readings_in_groups(room: Room) -> None:
    room.breathe(20, spo2=84)
    room.session.record(e.NoteWritten(text="x"), by="therapist")
    by_kind = {sealed.kind: urgent for sealed, urgent in zip(room.log.sealed, room.log.urgent, strict=True)}
    assert (by_kind["note"], by_kind["alarm"], by_kind["reading"]) == (True, True, False)


def test_one_notification_puts_its_bytes_into_the_log_once(room: Room) -> None:
    room.session.arrived(
        "o", [Battery(percent=80), Reading(spo2=97), Reading(pulse=60)], b"\xaa", room.clock.now()
    )
    raws = [b.raw for b in room.bodies(e.ReadingTaken)]
    assert raws == [b"\xaa", b""]


def test_a_deep_fall_becomes_an_alarm_in_the_log_and_ends_with_its_cause(room: Room) -> None:
    room.breathe(20)
    room.breathe(30, spo2=80)
    assert "spo2_very_low" in room.conditions("active")
    room.breathe(60, spo2=97)
    assert "spo2_very_low" in room.conditions("ended")
    assert room.session.state.alarms == {}


def test_acknowledging_is_an_entry_and_the_engine_answers_with_one(room: Room) -> None:
    room.breathe(40, spo2=80)
    low = next(a.change for a in room.session.state.alarms.values() if a.change.condition == "spo2_very_low")
    room.session.record(e.AlarmAcknowledged(condition=low.condition, direction=low.direction), by="therapist")
    assert "spo2_very_low" in room.conditions("acknowledged")


def test_a_reason_given_after_acknowledging_changes_no_state(room: Room) -> None:
    room.breathe(40, spo2=80)
    for reason in ("", "probe off"):
        room.session.record(
            e.AlarmAcknowledged(condition="spo2_very_low", direction="low", reason=reason), by="therapist"
        )
    assert room.conditions("acknowledged").count("spo2_very_low") == 1


def gaps(room: Room) -> list[tuple[str, str, int]]:
    return [(g.cause, g.device, g.to_ms - g.from_ms) for g in room.session.state.gaps]


def test_a_device_that_comes_back_leaves_a_gap_with_its_first_reason(room: Room) -> None:
    room.breathe(10)
    room.wait(10)
    room.link("lost", "out of range")
    room.link("searching", "out of range")
    room.link("connecting")
    room.link("lost", "does not answer")
    room.wait(29)
    room.link("connecting")
    room.link("live")
    assert gaps(room) == []
    room.breathe(1)
    assert gaps(room) == [("out of range", "o", 40_000)]


def test_a_link_that_is_back_without_data_is_still_the_same_gap(room: Room) -> None:
    room.breathe(10)
    room.wait(10)
    room.link("silent", "no data for 10 s")
    room.wait(60)
    room.link("lost", "connecting anew")
    room.link("live")
    room.wait(10)
    room.link("silent", "no data for 10 s")
    room.wait(9)
    room.link("live")
    room.breathe(2)
    assert gaps(room) == [("no data for 10 s", "o", 90_000)]


def test_an_earlier_reason_is_not_that_of_a_later_gap(room: Room) -> None:
    room.breathe(10)
    room.link("lost", "out of range")
    room.wait(10)
    room.link("live")
    room.breathe(10)
    room.die_and_resume(after_s=20)
    room.link("searching", "waiting to hear it")
    room.wait(4)
    room.link("live")
    room.breathe(1)
    assert [cause for cause, _, _ in gaps(room)] == ["out of range", "restart", "restart"]
    assert gaps(room)[-1][1:] == ("o", 25_000)


def test_a_restart_that_was_killed_before_it_told_of_the_gap_is_told_of_by_the_next(room: Room) -> None:
    room.breathe(30)
    stopped_ms, before = room.session.now_ms, len(room.log.sealed)
    room.die_and_resume(after_s=20)
    del room.log.sealed[before + 1 :]  # it began to run, and was killed
    room.die_and_resume(after_s=20)
    gap = next(g for g in reversed(room.session.state.gaps) if g.cause == e.RESTART)
    assert (gap.from_ms, gap.to_ms) == (stopped_ms, room.session.now_ms)


@pytest.mark.parametrize(
    "end", [e.SessionEnded(), e.DeviceReleased(device="o", reason="broken")], ids=lambda body: body.kind
)
def test_what_is_missing_at_the_end_is_a_gap_too(room: Room, end: e.Body) -> None:
    room.breathe(10)
    room.wait(10)
    room.link("lost", "out of range")
    room.wait(30)
    room.session.record(end, by="therapist")
    assert gaps(room) == [("out of range", "o", 40_000)]


def test_a_link_that_stands_but_brings_no_value_is_a_gap_too(room: Room) -> None:
    room.breathe(10)
    for _ in range(60):
        room.wait(1)
        room.session.arrived("o", [Battery(percent=50)], b"", room.clock.now())
    room.breathe(1)
    assert gaps(room) == [("no data", "o", 61_000)]


def test_a_value_that_is_a_little_late_is_no_gap(room: Room) -> None:
    room.breathe(10)
    room.wait(8)
    room.breathe(5)
    assert gaps(room) == []


@pytest.mark.parametrize(
    ("before_s", "expected"), [(0, [("o2", 61_000)]), (30, [("o", 30_000), ("o2", 61_000)])]
)
def test_what_is_missing_while_a_device_is_replaced_is_told_once(
    room: Room, before_s: int, expected: list[tuple[str, int]]
) -> None:
    room.breathe(10)
    room.wait(before_s)
    room.session.record(e.DeviceReleased(device="o", reason="battery"), by="therapist")
    room.session.record(
        e.DeviceAssigned(
            device="o2", role="oximeter", driver="mightysat", name="Other", address="2", replaces="o"
        ),
        by="therapist",
    )
    room.wait(60)
    for _ in range(2):
        room.session.arrived("o2", [Reading(spo2=97)], b"", room.clock.advance(1))
    assert [(device, length) for _, device, length in gaps(room)] == expected


def test_a_link_that_was_lost_before_a_restart_was_lost_all_the_same(room: Room) -> None:
    room.breathe(10)
    room.link("lost", "out of range")
    room.link("searching", "waiting to hear it")
    room.wait(600)
    room.die_and_resume(after_s=20)
    room.breathe(1)
    assert gaps(room)[-1] == ("out of range", "o", 621_000)


def test_after_a_restart_no_device_counts_as_connected(room: Room) -> None:
    room.breathe(10)
    assert room.session.state.devices["o"].state == "live"
    room.die_and_resume(after_s=20)
    assert room.session.state.devices["o"].state == "searching"


def test_a_cuff_between_its_measurements_leaves_no_gap(room: Room) -> None:
    room.session.record(
        e.DeviceAssigned(device="c", role="cuff", driver="sig_cuff", name="boso", address="2"), by="therapist"
    )
    for _ in range(2):
        for state in ("connecting", "live"):
            room.session.link_changed("c", state, "", room.clock.advance(1))
        room.session.arrived("c", [CuffReading(systolic=120, diastolic=80)], b"", room.clock.advance(1))
        room.session.link_changed("c", "waiting", "", room.clock.advance(300))
    assert gaps(room) == []


def test_a_stepped_wall_clock_is_an_entry(room: Room) -> None:
    room.session.tick()
    room.clock.advance(0.25)
    room.clock.step_wall(-3600)
    room.session.tick()
    (step,) = room.bodies(e.ClockStepped)
    assert step == e.ClockStepped(seconds=-3600.0)


def test_taken_up_with_the_clock_an_hour_back_says_so_and_goes_on_after_what_there_was(room: Room) -> None:
    room.breathe(30)
    stopped_ms = room.session.now_ms
    room.die_and_resume(after_s=-3590)
    room.breathe(5)
    gap = next(g for g in room.session.state.gaps if g.cause == e.RESTART)
    assert (gap.from_ms, gap.to_ms) == (stopped_ms, stopped_ms)
    assert room.bodies(e.RunStarted)[-1].uncertainty_ms == 1000 + 3_590_000
    assert [body.seconds for body in room.bodies(e.ClockStepped)] == [-3590.0]
    assert room.session.now_ms == stopped_ms + 5000
    assert fold(unseal(s.data)[0] for s in room.log.sealed).now == room.session.state.now


def test_a_sleeping_computer_is_a_gap(room: Room) -> None:
    room.session.tick()
    room.clock.advance(600)
    room.session.tick()
    assert [(g.cause, g.to_ms - g.from_ms) for g in room.session.state.gaps] == [("sleep", 600_000)]


def test_after_a_kill_the_state_is_the_same_and_the_gap_is_told(room: Room) -> None:
    room.breathe(20)
    room.breathe(40, spo2=80)
    room.session.record(e.ObservationStarted(code="dizzy"), by="therapist")
    before = room.session.state
    room.die_and_resume(after_s=95)
    state = room.session.state
    assert state.episodes == before.episodes
    assert "spo2_very_low" in [a.change.condition for a in state.alarms.values()]
    (gap,) = state.gaps
    assert (gap.cause, gap.to_ms - gap.from_ms) == ("restart", 95_000)
    room.breathe(60, spo2=97)
    assert "spo2_very_low" not in [a.change.condition for a in state.alarms.values()]


def test_a_broken_chain_is_never_written_on(room: Room) -> None:
    room.breathe(3)
    broken = [*room.log.sealed[:3], *room.log.sealed[4:]]
    session = room.new_session()
    with pytest.raises(ValueError, match="does not continue"):
        list(session.restore(broken))


def test_an_altered_entry_is_never_written_on(room: Room) -> None:
    room.breathe(3)
    third = room.log.sealed[2]
    altered = msgspec.structs.replace(third, data=third.data.replace(b"vigil", b"viGil"))
    assert altered != third
    with pytest.raises(ValueError, match="entry 3 does not continue"):
        list(room.new_session().restore([*room.log.sealed[:2], altered, *room.log.sealed[3:]]))


def test_a_failed_cuff_is_a_failure_and_raises_its_alarm(room: Room) -> None:
    room.session.record(
        e.DeviceAssigned(device="c", role="cuff", driver="sig_cuff", name="cuff", address="2"), by="therapist"
    )
    room.session.arrived(
        "c", [CuffReading(failure="no pressure could be measured")], b"\x16", room.clock.now()
    )
    assert "pressure_due" in room.conditions("active")


def test_waveform_lies_in_chunks_of_a_second_that_an_entry_vouches_for(room: Room) -> None:
    for _ in range(31):
        room.session.arrived("o", [Waveform(samples=(1, None, -3), rate_hz=31.25)], b"", room.clock.now())
        room.clock.advance(0.096)
    room.session.close()
    stored = room.bodies(e.WaveformStored)
    assert len(stored) == len(room.log.chunks) == 3
    assert sum(s.count for s in stored) == 93
    assert [seconds for _, seconds, _ in room.log.chunks] == [0, 1, 2]


@pytest.mark.parametrize(
    ("device_time", "asked", "live"),
    [
        ("2026-01-01T11:59:30", False, True),
        ("2025-12-24T18:00:00", False, False),
        ("2025-12-24T18:00:00", True, True),  # a cuff whose clock was never set, and people waiting
        (None, False, True),
    ],
)
def test_what_a_cuff_had_in_its_memory_is_not_live(
    room: Room, device_time: str | None, asked: bool, live: bool
) -> None:
    if asked:
        room.session.record(e.CuffAsked(device="c"), by="therapist")
    reading = CuffReading(systolic=130, diastolic=80, device_time=device_time)
    room.session.arrived("c", [reading], b"", room.clock.now())
    assert (room.session.state.cuff is not None) == live


CUFF = e.DeviceAssigned(device="c", role="cuff", driver="ua651ble", name="A&D", address="2", clock_set=True)
YEARS_AGO = CuffReading(systolic=130, diastolic=80, device_time="2019-01-01T00:03:00")


def on_time(room: Room, systolic: float = 120) -> CuffReading:
    """A reading whose device has a clock that is right."""
    time = room.clock.now().when().replace(tzinfo=None).isoformat()
    return CuffReading(systolic=systolic, diastolic=80, device_time=time)


def cuff_says(room: Room, reading: CuffReading) -> bool:
    """Whether it was taken as of now."""
    room.session.arrived("c", [reading], b"", room.clock.now())
    return not room.bodies(e.CuffTaken)[-1].reading.stored


def test_a_clock_that_could_be_set_but_is_wrong_costs_nobody_the_reading_that_was_waited_for(
    room: Room,
) -> None:
    room.session.record(CUFF, by="therapist")
    room.session.record(e.CuffAsked(device="c"), by="therapist")
    assert cuff_says(room, YEARS_AGO)
    assert room.session.state.control.running is None


def test_a_cuff_whose_clock_was_right_is_believed_about_the_time(room: Room) -> None:
    room.session.record(CUFF, by="therapist")
    assert not cuff_says(room, YEARS_AGO)
    assert cuff_says(room, on_time(room))
    room.wait(900)
    room.session.record(e.CuffAsked(device="c"), by="therapist")
    assert not cuff_says(room, msgspec.structs.replace(YEARS_AGO, device_time="2019-01-02T00:00:00"))
    assert cuff_says(room, on_time(room))


def test_what_a_cuff_tells_again_is_not_the_answer_that_is_waited_for(room: Room) -> None:
    room.session.record(CUFF, by="therapist")
    for live in (True, False):
        room.session.record(e.CuffAsked(device="c"), by="therapist")
        assert cuff_says(room, YEARS_AGO) is live
    assert room.session.state.control.running is not None


@pytest.mark.parametrize(("zone", "live"), [("+00:00", False), ("+12:00", False), ("-23:00", True)])
def test_a_time_with_a_zone_is_a_time_too(room: Room, zone: str, live: bool) -> None:
    reading = CuffReading(systolic=130, diastolic=80, device_time="2025-12-31T13:00:00" + zone)
    assert cuff_says(room, reading) is live


@pytest.mark.parametrize("device_time", ["2025-12-24T18:00:00", None])
def test_what_a_device_remembers_of_before_the_session_may_be_anybodys(
    room: Room, device_time: str | None
) -> None:
    cuff = CuffReading(systolic=130, diastolic=80, stored=True, device_time=device_time)
    oximeter = Reading(spo2=91, pulse=80, stored=True, device_time=device_time)
    room.session.arrived("c", [cuff, oximeter], b"\x82\x50", room.clock.advance(60))
    assert room.bodies(e.CuffTaken) == []
    assert room.bodies(e.ReadingTaken) == []
    left_out = {"left out": "a result from before this session"}
    assert [b.fields for b in room.bodies(e.DeviceTold)] == [left_out, left_out]
    assert not any(getattr(entry.body, "raw", b"") for entry in room.published)


def test_what_a_device_remembers_of_this_session_is_recorded_as_such(room: Room) -> None:
    at = room.clock.advance(600)
    time = (at.when() - timedelta(seconds=400)).replace(tzinfo=None).isoformat()
    reading = CuffReading(systolic=130, diastolic=80, stored=True, device_time=time)
    room.session.arrived("c", [reading], b"", at)
    assert [b.reading.stored for b in room.bodies(e.CuffTaken)] == [True]
    assert room.session.state.cuff is None
