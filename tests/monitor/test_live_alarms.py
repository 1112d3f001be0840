"""Alarms of a running session and of its log are the same, at every entry and through every kill."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from session_room import Room

from monitor import entries as e
from monitor.codec import Entry, unseal
from monitor.live import LiveSession
from monitor.session import SessionState, fold
from monitor.vitals import CuffReading


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
    )


def cuff(systolic: float) -> e.CuffTaken:
    return e.CuffTaken(device="", reading=CuffReading(systolic=systolic, diastolic=60), trigger="typed")


people = st.sampled_from(
    [
        e.TimeOutTaken(go=True),
        e.DoseGiven(drug="ketamine", amount_mg=50, route="im"),
        e.AlarmAcknowledged(condition="spo2_low", direction="low"),
        e.AlarmAcknowledged(condition="link_lost"),
        e.AlarmAcknowledged(condition="restarted"),
        e.AlarmResolved(condition="spo2_low"),
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


def test_an_alarm_that_rose_after_the_last_entry_is_there_once_after_a_kill() -> None:
    room = Room()
    room.session.record(e.TimeOutTaken(go=True), by="therapist")
    room.wait(15)
    room.die_and_resume(5)
    told = [(b.condition, b.state) for b in room.bodies(e.AlarmChanged)]
    assert told == [("link_lost", "active")]
    assert [key[0] for key in room.session.state.alarms] == ["link_lost"]
