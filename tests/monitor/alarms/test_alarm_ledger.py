"""The ledger of a session's alarms: latched until seen, sound that anything new brings back."""

from __future__ import annotations

import pytest

from monitor.alarms.ledger import Ledger
from monitor.entries import (
    AlarmAcknowledged,
    AlarmChanged,
    AlarmLabelled,
    AlarmPaged,
    AlarmResolved,
    AudioOff,
    AudioPaused,
    NoteWritten,
    SystemFault,
)

KEY = ("spo2_low", "low", "")


def change(state: str, at_ms: int, condition: str = "spo2_low", priority: str = "high") -> AlarmChanged:
    return AlarmChanged(
        condition=condition, state=state, priority=priority, at_ms=at_ms, since_ms=0, direction="low",
        vital="spo2", value=84, worst=84,
    )  # fmt: skip


def played(*bodies: AlarmChanged | AlarmAcknowledged | AlarmPaged) -> Ledger:
    ledger = Ledger()
    for number, body in enumerate(bodies, 1):
        ledger.apply(body, getattr(body, "at_ms", number), number)
    return ledger


def test_what_ended_unseen_stays_until_somebody_has_seen_it() -> None:
    ledger = played(change("active", 1000), change("ended", 9000))
    assert (ledger.present, [a.key for a in ledger.past]) == ({}, [KEY])
    (was,) = ledger.latched.values()
    assert (was.began_ms, was.ended_ms, was.change.worst) == (1000, 9000, 84)
    ledger.apply(AlarmAcknowledged(condition="spo2_low", direction="low"), 10_000, 3)
    assert ledger.latched == {}


def test_what_was_acknowledged_leaves_nothing_behind() -> None:
    assert played(change("active", 1), change("acknowledged", 2), change("ended", 3)).latched == {}


def test_what_got_worse_after_it_was_seen_is_latched() -> None:
    story = [change("active", 1), change("acknowledged", 2), change("worse", 3), change("ended", 4)]
    assert list(played(*story).latched) == [KEY]


# Active with entry 1, worse with 2: what a person saw before is the one of entry 1.
GOT_WORSE = (change("active", 1, priority="medium"), change("worse", 2))


@pytest.mark.parametrize("seen", [AlarmAcknowledged, AlarmResolved])
@pytest.mark.parametrize(
    ("story", "number", "outdated"),
    [
        (GOT_WORSE, 1, True),
        (GOT_WORSE, 2, False),
        (GOT_WORSE, 0, False),
        ((change("active", 1), change("acknowledged", 2), change("active", 3)), 1, True),
        ((change("active", 1), change("acknowledged", 2)), 1, False),
        ((change("active", 1), change("ended", 2), change("active", 3)), 1, True),
        ((*GOT_WORSE, change("ended", 3)), 1, True),
        ((change("active", 1), change("ended", 2)), 1, False),
        ((), 1, False),
    ],
)
def test_what_has_called_anew_since_it_was_seen_has_not_been_seen(
    seen: type[AlarmAcknowledged | AlarmResolved],
    story: tuple[AlarmChanged, ...],
    number: int,
    outdated: bool,
) -> None:
    ledger = played(*story)
    assert ledger.outdated(seen(condition="spo2_low", direction="low", seen=number)) is outdated
    assert ledger.outdated(seen(condition="spo2_low", seen=number)) is outdated
    for other in (
        seen(condition="pulse_low", direction="low", seen=number),
        seen(condition="spo2_low", direction="high", seen=number),
        seen(condition="spo2_low", device="ox", seen=number),
    ):
        assert not ledger.outdated(other)


def test_what_got_worse_and_ended_stays_though_the_milder_state_was_seen() -> None:
    ledger = played(*GOT_WORSE, change("ended", 3))
    ledger.apply(AlarmAcknowledged(condition="spo2_low", direction="low", seen=1), 4, 4)
    assert list(ledger.latched) == [KEY]
    ledger.apply(AlarmAcknowledged(condition="spo2_low", direction="low", seen=2), 5, 5)
    assert ledger.latched == {}


def test_nothing_but_what_people_say_of_alarms_is_outdated() -> None:
    assert not played(*GOT_WORSE).outdated(NoteWritten(text="calm"))


def test_coming_back_takes_the_place_of_what_was_latched() -> None:
    ledger = played(change("active", 1), change("ended", 2), change("active", 3))
    assert (ledger.latched, list(ledger.present)) == ({}, [KEY])


def test_seeing_one_direction_leaves_the_other() -> None:
    ledger = played(change("active", 1), change("ended", 2))
    ledger.apply(AlarmAcknowledged(condition="spo2_low", direction="high"), 3, 3)
    assert list(ledger.latched) == [KEY]


def test_no_pause_is_longer_than_two_minutes_and_zero_ends_it() -> None:
    ledger = Ledger()
    for seconds, until_ms in ((3600, 130_000), (0, 10_000), (-5, 10_000)):
        ledger.apply(AudioPaused(seconds=seconds), 10_000, 1)
        assert ledger.paused_until_ms == until_ms


@pytest.mark.parametrize("priority", ["high", "medium", "low"])
@pytest.mark.parametrize(
    ("state", "until_ms"),
    [("active", 30_000), ("worse", 30_000), ("acknowledged", 120_000), ("ended", 120_000)],
)
def test_anything_new_or_worse_ends_a_pause_and_audio_off(state: str, until_ms: int, priority: str) -> None:
    ledger = played(change("active", 0))
    ledger.apply(AudioPaused(seconds=120), 0, 1)
    ledger.apply(AudioOff(reason="expected"), 0, 2)
    ledger.apply(change(state, 30_000, "pulse_low", priority), 30_000, 3)
    assert ledger.paused_until_ms == until_ms
    assert (ledger.audio_off is None) == (state in ("active", "worse"))


def test_turning_sound_on_ends_audio_off() -> None:
    ledger = Ledger()
    ledger.apply(AudioOff(reason="expected"), 0, 1)
    ledger.apply(AudioPaused(seconds=0), 1, 2)
    assert ledger.audio_off is None


def test_it_calls_anew_from_the_moment_it_got_worse_after_it_was_seen() -> None:
    paged = AlarmPaged(condition="spo2_low", direction="low", step="again")
    before = [change("active", 1), paged, change("acknowledged", 20), change("worse", 30)]
    alarm = played(*before).present[KEY]
    assert (alarm.began_ms, alarm.loud_ms, alarm.paged, alarm.seen_ms) == (1, 30, (), 20)
    unseen = played(change("active", 1), paged, change("worse", 30)).present[KEY]
    assert (unseen.loud_ms, unseen.paged) == (1, ("again",))
    raised = played(change("active", 1, priority="medium"), change("worse", 30)).present[KEY]
    assert (raised.loud_ms, raised.high_ms) == (1, 30)


def test_a_label_is_kept_with_the_alarm_it_is_about() -> None:
    ledger = Ledger()
    ledger.apply(change("active", 1), 1, 7)
    ledger.apply(change("ended", 2), 2, 8)
    ledger.apply(AlarmLabelled(alarm=7, useful=False), 3, 9)
    assert [a.useful for a in ledger.past] == [False]


def test_faults_are_there_until_they_are_over() -> None:
    ledger = Ledger()
    ledger.apply(SystemFault(fault="sound", reason="no output"), 1, 1)
    assert list(ledger.faults) == ["sound"]
    ledger.apply(SystemFault(fault="sound", over=True), 2, 2)
    assert ledger.faults == {}


def test_other_entries_are_none_of_its_business() -> None:
    assert not Ledger().apply(NoteWritten(text="calm"), 1, 1)
