"""Alarms of a running session and of its log are the same, at every entry and through every kill."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from session_room import Room

from monitor import entries as e
from monitor.codec import Entry, unseal
from monitor.live import LiveSession
from monitor.session import SessionState, fold
from monitor.vitals import CuffReading
from monitor.words import in_words


class Watched(Room):
    """A room that remembers what its state was after each entry."""

    def __init__(self) -> None:
        self.seen: dict[int, tuple[Any, ...]] = {}
        super().__init__()

    def new_session(self) -> LiveSession:
        session = super().new_session()
        publish = session._publish

        def remember(entry: Entry) -> None:
            publish(entry)
            self.seen[entry.seq] = picture(session.state)

        session._publish = remember
        return session


def picture(state: SessionState) -> tuple[Any, ...]:
    ledger = state.ledger
    return (
        dict(ledger.present),
        tuple(ledger.past),
        dict(ledger.latched),
        ledger.paused_until_ms,
        ledger.audio_off,
        dict(ledger.faults),
        state.situation,
        dict(state.baseline),
        dict(state.limits),
        [line.outdated for line in state.lines],
    )


def cuff(systolic: float) -> e.CuffTaken:
    return e.CuffTaken(device="", reading=CuffReading(systolic=systolic, diastolic=60), trigger="typed")


people = st.sampled_from(
    [
        e.TimeOutTaken(go=True),
        e.DoseGiven(drug="ketamine", amount_mg=50, route="im"),
        e.DoseGiven(drug="labetalol", amount_mg=5, route="iv", dose_kind=e.RESCUE),
        e.InfusionStarted(drug="ketamine", mg_per_ml=1, rate_ml_h=45),
        e.AlarmAcknowledged(condition="spo2_low", direction="low"),
        e.AlarmAcknowledged(condition="link_lost"),
        e.AlarmAcknowledged(condition="restarted"),
        e.AlarmResolved(condition="spo2_low"),
        *(e.AlarmAcknowledged(condition="spo2_low", direction="low", seen=n) for n in (9, 30, 60, 100)),
        e.AlarmResolved(condition="link_lost", seen=40),
        e.AudioPaused(seconds=120),
        e.AudioPaused(seconds=0),
        e.AudioOff(reason="expected"),
        e.PatientUp(why="toilet", with_whom="nurse", minutes=1),
        e.PatientBack(),
        e.TherapistOut(),
        e.TherapistBack(),
        e.FindingNoted(code="chest_pain"),
        e.AlarmResolved(condition="chest_pain"),
        e.EmergencyStarted(),
        e.EmergencyStep(step="oxygen"),
        e.EmergencyOver(),
        e.LimitsSet(limits={"spo2_low": 92.0}),
        e.BaselineSet(values={"spo2": 98.0, "systolic": 110.0}),
        e.SystemFault(fault="sound", reason="none"),
        e.SystemFault(fault="sound", over=True),
        e.Retracted(entry=12),
        cuff(120),
        cuff(190),
        cuff(85),
    ]
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("breathe"), st.sampled_from([97.0, 92.0, 88.0, 84.0, None]), st.integers(1, 40)),
        st.tuples(st.just("wait"), st.none(), st.integers(1, 90)),
        st.tuples(st.just("enter"), people, st.just(0)),
        st.tuples(st.just("kill"), st.none(), st.integers(1, 120)),
    ),
    min_size=1,
    max_size=14,
)


@given(steps)
@settings(max_examples=60)
def test_the_fold_of_every_prefix_is_what_the_live_state_was(story: list[tuple[str, Any, int]]) -> None:
    room = Watched()
    for what, value, seconds in story:
        if what == "breathe":
            room.breathe(seconds, spo2=value)
        elif what == "wait":
            room.wait(seconds)
        elif what == "enter":
            room.session.record(value, by="therapist")
        else:
            room.die_and_resume(seconds)
            # A new process knows of alarms only what the log says, and nothing less.
            assert picture(room.session.state) == room.seen[room.session.state.seq]
    replayed = SessionState()
    for sealed in room.log.sealed:
        replayed.apply(unseal(sealed.data)[0])
        assert picture(replayed) == room.seen[replayed.seq]


@given(steps)
@settings(max_examples=60)
def test_after_a_kill_the_engine_and_the_log_name_the_same_alarms(story: list[tuple[str, Any, int]]) -> None:
    room = Room()
    for what, value, seconds in [*story, ("kill", None, 5)]:
        if what == "breathe":
            room.breathe(seconds, spo2=value)
        elif what == "wait":
            room.wait(seconds)
        elif what == "enter":
            room.session.record(value, by="therapist")
        else:
            room.die_and_resume(seconds)
            decided = {
                (a.condition, a.direction, a.device): (a.priority, a.state == "acknowledged")
                for a in room.session._engine.present()
            }
            logged = {
                key: (a.change.priority, a.seen)
                for key, a in fold(unseal(s.data)[0] for s in room.log.sealed).alarms.items()
            }
            assert decided == logged


def play(room: Room, story: list[tuple[str, Any, int]]) -> None:
    for what, value, seconds in story:
        if what == "breathe":
            room.breathe(seconds, spo2=value)
        elif what == "wait":
            room.wait(seconds)
        elif what == "enter":
            room.session.record(value, by="therapist")
        else:
            room.die_and_resume(seconds)


@given(steps, st.data())
@settings(max_examples=60)
def test_what_calls_since_a_person_looked_goes_on_calling_whatever_they_say(
    story: list[tuple[str, Any, int]], data: st.DataObject
) -> None:
    room = Room()
    play(room, story)
    looked = data.draw(st.integers(1, room.session.state.seq))
    for kind in (e.AlarmAcknowledged, e.AlarmResolved):
        unseen = {
            key: alarm for key, alarm in room.session.state.alarms.items()
            if alarm.calls > looked and not alarm.seen
        }  # fmt: skip
        for condition, direction, device in unseen:
            room.session.record(
                kind(condition=condition, direction=direction, device=device, seen=looked), by="therapist"
            )
        assert unseen.items() <= room.session.state.alarms.items()


def test_what_got_worse_while_vigil_was_away_is_not_undone_by_what_the_log_lacked() -> None:
    room = Room()
    room.session.record(e.TherapistOut(), by="therapist")
    assert room.log.sealed.pop().kind == "alarm"  # killed before it was written
    room.die_and_resume(130)
    alarm = room.session.state.alarms["nobody_with_patient", "", ""]
    assert (alarm.change.state, alarm.change.priority) == ("worse", "medium")
    assert [(b.condition, b.state) for b in room.bodies(e.AlarmChanged)][1:3] == [
        ("nobody_with_patient", "active"), ("nobody_with_patient", "worse"),
    ]  # fmt: skip


# --- seen before it got worse -------------------------------------------------------------------


def alone_for(seconds: float) -> tuple[Room, int]:
    """Nobody is with the patient, and the entry with which that was told; it gets worse after 120 s."""
    room = Room()
    room.session.record(e.TherapistOut(), by="therapist")
    (alarm,) = room.session.state.alarms.values()
    room.wait(int(seconds))
    room.clock.advance(seconds % 1)
    return room, alarm.calls


def test_an_acknowledgement_on_its_way_does_not_silence_what_gets_worse_meanwhile() -> None:
    room, seen = alone_for(119.9)
    room.clock.advance(0.2)  # no tick in between: the acknowledgement itself finds it worse
    room.session.record(e.AlarmAcknowledged(condition="nobody_with_patient", seen=seen), by="therapist")
    (alarm,) = room.session.state.alarms.values()
    assert (alarm.change.state, alarm.change.priority, alarm.seen) == ("worse", "medium", False)
    *_, worse, answer = room.published
    assert isinstance(worse.body, e.AlarmChanged)
    assert (worse.body.state, answer.body.kind) == ("worse", "alarm_acknowledged")
    assert room.session.state.lines[-1].outdated
    assert in_words(room.session.state.lines[-1]) == (
        "seen", "nobody with patient, as it was before it called anew — therapist",
    )  # fmt: skip


@pytest.mark.parametrize("look", [True, False], ids=["the worse one was seen", "nobody looked at a screen"])
def test_whoever_saw_it_worse_or_does_not_say_what_they_saw_silences_it(look: bool) -> None:
    room, _ = alone_for(121)
    (alarm,) = room.session.state.alarms.values()
    seen = alarm.calls if look else 0
    room.session.record(e.AlarmAcknowledged(condition="nobody_with_patient", seen=seen), by="therapist")
    assert [a.seen for a in room.session.state.alarms.values()] == [True]
    assert not any(line.outdated for line in room.session.state.lines)


def test_what_is_said_to_be_over_and_is_found_anew_goes_on_calling() -> None:
    room = Room()
    for _ in range(2):
        room.session.record(e.FindingNoted(code="chest_pain"), by="therapist")
        (alarm,) = room.session.state.alarms.values()
        room.session.record(e.AlarmAcknowledged(condition="chest_pain", seen=alarm.calls), by="therapist")
    first = next(x.seq for x in room.published if isinstance(x.body, e.AlarmChanged))
    room.session.record(e.AlarmResolved(condition="chest_pain", reason="treated", seen=first), by="therapist")
    assert [a.seen for a in room.session.state.alarms.values()] == [True]
    assert in_words(room.session.state.lines[-1])[1] == (
        "chest pain is over: treated, as it was before it called anew — therapist"
    )
    room.die_and_resume(5)
    assert ("chest_pain", "", "") in room.session.state.alarms


def test_an_alarm_that_rose_after_the_last_entry_is_there_once_after_a_kill() -> None:
    room = Room()
    room.session.record(e.TimeOutTaken(go=True), by="therapist")
    room.wait(15)
    room.die_and_resume(5)
    told = [(b.condition, b.state) for b in room.bodies(e.AlarmChanged)]
    assert told == [("link_lost", "active")]
    assert [key[0] for key in room.session.state.alarms] == ["link_lost"]
