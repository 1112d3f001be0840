"""The ledger and the pages, one thing at a time: what each field says, and what leaves it alone."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from monitor.alarms.ledger import Ledger
from monitor.alarms.paging import listens, lost_listeners, pages_due, room_sounds
from monitor.entries import (
    AlarmAcknowledged,
    AlarmChanged,
    AlarmLabelled,
    AlarmPaged,
    AudioOff,
    AudioPaused,
    Body,
    ListenerGone,
    ListenerHere,
    SystemFault,
)

KEY = ("spo2_low", "low", "ox")
HERE = ListenerHere(place="office", output="speaker", person="Dr Lee")
GONE = ListenerGone(place="office", reason="went home")


def change(state: str, at_ms: int, priority: str = "high", device: str = "ox") -> AlarmChanged:
    return AlarmChanged(
        condition="spo2_low",
        state=state,
        priority=priority,
        at_ms=at_ms,
        since_ms=0,
        direction="low",
        device=device,
    )


def told(*bodies: Body) -> Ledger:
    """A ledger that was told these, one a second where they do not say when."""
    ledger = Ledger()
    for number, body in enumerate(bodies, 1):
        ledger.apply(body, getattr(body, "at_ms", number * 1000), number)
    return ledger


# --- the ledger -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        change("active", 0),
        AlarmAcknowledged(condition="spo2_low"),
        AlarmPaged(condition="spo2_low", step="again"),
        AlarmLabelled(alarm=1, useful=True),
        AudioPaused(seconds=1),
        AudioOff(reason="expected"),
        SystemFault(fault="sound"),
        SystemFault(fault="sound", over=True),
        HERE,
        GONE,
    ],
)
def test_it_says_which_entries_are_about_alarms(body: Body) -> None:
    assert Ledger().apply(body, 0, 1) is True


def test_at_first_sound_is_neither_paused_nor_off() -> None:
    ledger = Ledger()
    assert not ledger.paused_at(0)
    assert (ledger.audio_off, ledger.audio_off_ms) == (None, 0)


def test_a_pause_lasts_until_its_end_and_no_longer() -> None:
    ledger = told(AudioPaused(seconds=30))
    assert ledger.paused_at(30_999)
    assert not ledger.paused_at(31_000)


def test_since_when_sound_is_off_is_known() -> None:
    ledger = told(HERE, AudioOff(reason="expected"))
    assert (ledger.audio_off, ledger.audio_off_ms) == (AudioOff(reason="expected"), 2000)


def test_what_is_acknowledged_twice_was_first_seen_the_first_time() -> None:
    story = [change("active", 1), change("acknowledged", 20), change("worse", 30), change("acknowledged", 40)]
    assert told(*story).present[KEY].seen_ms == 20


def test_the_same_priority_again_calls_as_high_from_its_beginning() -> None:
    alarm = told(change("active", 1), change("worse", 30)).present[KEY]
    assert (alarm.loud_ms, alarm.high_ms) == (1, 1)


def test_an_alarm_that_nobody_has_seen_has_no_time_of_that() -> None:
    alarm = told(change("active", 5)).present[KEY]
    assert (alarm.entry, alarm.seen_ms, alarm.paged, alarm.useful, alarm.ended_ms) == (
        1,
        None,
        (),
        None,
        None,
    )
    assert not alarm.seen


def test_the_past_keeps_what_the_end_said() -> None:
    (past,) = told(change("active", 1), change("ended", 9)).past
    assert (past.change, past.ended_ms) == (change("ended", 9), 9)


def test_the_end_of_what_was_never_there_is_nothing() -> None:
    ledger = told(change("ended", 9))
    assert (ledger.past, ledger.latched, ledger.present) == ([], {}, {})


def test_who_names_neither_direction_nor_device_has_seen_all_of_that_condition() -> None:
    ledger = told(change("active", 1), change("ended", 9))
    ledger.apply(AlarmAcknowledged(condition="pulse_low"), 10, 3)
    assert list(ledger.latched) == [KEY]
    ledger.apply(AlarmAcknowledged(condition="spo2_low"), 11, 4)
    assert ledger.latched == {}


def test_seeing_one_devices_alarm_leaves_the_others() -> None:
    ledger = told(change("active", 1), change("ended", 9))
    ledger.apply(AlarmAcknowledged(condition="spo2_low", device="other"), 10, 3)
    assert list(ledger.latched) == [KEY]


def test_a_label_reaches_its_alarm_alone_while_it_is_there_and_after() -> None:
    ledger = told(change("active", 1), change("active", 2, device="b"), change("ended", 3, device="b"))
    ledger.apply(AlarmLabelled(alarm=1, useful=True), 4, 4)
    assert ([a.useful for a in ledger.present.values()], [a.useful for a in ledger.past]) == ([True], [None])


def test_a_page_about_nothing_that_is_there_is_left_alone() -> None:
    assert told(AlarmPaged(condition="spo2_low", step="again")).present == {}


def test_a_fault_is_kept_as_it_was_told_and_its_end_may_come_twice() -> None:
    fault = SystemFault(fault="sound", reason="no output")
    over = SystemFault(fault="sound", over=True)
    assert told(fault).faults == {"sound": fault}
    assert told(fault, over, over).faults == {}


def test_who_leaves_listens_no_more_and_may_leave_twice() -> None:
    assert told(HERE).listeners == {"office": (HERE, 1000)}
    assert told(HERE, GONE, GONE).listeners == {}


# --- paging ---------------------------------------------------------------------------------------


def test_one_alarm_that_somebody_has_seen_does_not_stop_the_pages_of_the_next() -> None:
    ledger = told(change("active", 0), change("acknowledged", 1), change("active", 2000, device="b"))
    (page,) = pages_due(ledger.present.values(), True, 17_000)
    body = page.body
    assert (body.condition, body.direction, body.device, body.step) == ("spo2_low", "low", "b", "again")


def test_the_oldest_page_comes_first() -> None:
    ledger = told(change("active", 40_000), change("active", 0, device="b"))
    steps = [(p.at_ms, p.body.device) for p in pages_due(ledger.present.values(), True, 60_000)]
    assert steps == [(15_000, "b"), (45_000, "b"), (55_000, "ox")]


def test_a_listener_counts_from_when_they_came() -> None:
    ledger = Ledger()
    ledger.apply(HERE, 2_000_000, 1)
    for now_ms, why in (
        (2_005_999, ""),
        (2_006_000, "it does not answer"),
    ):
        assert listens(ledger, "office", "room", {}, now_ms) == why
    heard = {"office": 2_900_001}
    assert listens(ledger, "office", "room", heard, 2_900_000) == ""
    assert listens(ledger, "office", "room", heard, 2_900_001) == "the person has not answered again"


def test_a_listener_on_the_rooms_own_loudspeaker_does_not_quiet_the_room() -> None:
    ledger = told(replace(HERE, output="room"))
    assert room_sounds(ledger, "room", {"office": 1000}, 1000)
    (gone,) = lost_listeners(ledger, "room", {"office": 1000}, 1000)
    assert gone.reason == "it is the room's own loudspeaker"


def test_one_listener_who_is_there_is_enough() -> None:
    ledger = told(HERE, replace(HERE, place="ward", person=""))
    assert not room_sounds(ledger, "room", {"office": 1000, "ward": 1000}, 1000)
