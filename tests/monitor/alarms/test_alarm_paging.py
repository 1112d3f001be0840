"""An unacknowledged high alarm goes further, and sound leaves the room only for a person."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from monitor.alarms.ledger import Ledger
from monitor.alarms.paging import listener, listens, lost_listeners, pages_due, room_sounds
from monitor.entries import AlarmAcknowledged, AlarmChanged, AlarmPaged, ListenerGone, ListenerHere


def change(state: str, at_ms: int, priority: str = "high") -> AlarmChanged:
    return AlarmChanged(condition="spo2_low", state=state, priority=priority, at_ms=at_ms, since_ms=0)


def ledger(*changes: AlarmChanged | AlarmPaged | ListenerHere | AlarmAcknowledged) -> Ledger:
    found = Ledger()
    for number, body in enumerate(changes):
        found.apply(body, getattr(body, "at_ms", 0), number)
    return found


def steps(found: Ledger, now_ms: int, signed_in: bool = True) -> list[tuple[int, str]]:
    return [(page.at_ms, page.body.step) for page in pages_due(found.present.values(), signed_in, now_ms)]


def test_an_unacknowledged_high_alarm_is_signalled_further_step_by_step() -> None:
    found = ledger(change("active", 1000))
    assert steps(found, 15_999) == []
    assert steps(found, 16_000) == [(16_000, "again")]
    assert steps(found, 500_000) == [(16_000, "again"), (46_000, "station"), (91_000, "everywhere")]


def test_where_nobody_is_signed_in_it_says_to_call() -> None:
    assert steps(ledger(change("active", 0)), 500_000, signed_in=False) == [
        (15_000, "again"),
        (45_000, "call"),
    ]


def test_a_step_is_taken_once() -> None:
    found = ledger(change("active", 0), AlarmPaged(condition="spo2_low", step="again"))
    assert steps(found, 44_999) == []


@pytest.mark.parametrize("priority", ["medium", "low"])
def test_only_high_alarms_are_paged(priority: str) -> None:
    assert steps(ledger(change("active", 0, priority)), 500_000) == []


def test_acknowledged_or_over_is_not_paged() -> None:
    assert steps(ledger(change("active", 0), change("acknowledged", 1)), 500_000) == []
    assert steps(ledger(change("active", 0), change("ended", 1)), 500_000) == []


def test_worse_after_it_was_seen_begins_anew() -> None:
    found = ledger(
        change("active", 0),
        AlarmPaged(condition="spo2_low", step="again"),
        change("acknowledged", 20_000),
        change("worse", 60_000),
    )
    assert steps(found, 75_000) == [(75_000, "again")]


def test_what_becomes_high_is_counted_from_there() -> None:
    found = ledger(change("active", 0, "medium"), change("worse", 30_000))
    assert steps(found, 45_000) == [(45_000, "again")]


HERE = ListenerHere(place="office", output="speaker", person="Dr Lee")


@pytest.mark.parametrize(
    ("here", "heard_ms", "now_ms", "why"),
    [
        (HERE, 10_000, 12_000, ""),
        (HERE, 10_000, 15_999, ""),
        (HERE, 10_000, 16_000, "it does not answer"),
        (HERE, 900_000, 900_000, ""),
        (HERE, 900_001, 900_001, "the person has not answered again"),
        (replace(HERE, output="room"), 0, 0, "it is the room's own loudspeaker"),
        (replace(HERE, person=""), 0, 0, "nobody has said that they are there"),
        (replace(HERE, place="ward"), 0, 0, "nobody has said that they are there"),
    ],
)
def test_only_a_named_person_at_another_living_place_listens(
    here: ListenerHere, heard_ms: int, now_ms: int, why: str
) -> None:
    assert listens(ledger(here), "office", "room", {"office": heard_ms}, now_ms) == why


def test_without_a_listener_the_room_sounds() -> None:
    assert room_sounds(Ledger(), "room", {}, 0)
    assert not room_sounds(ledger(HERE), "room", {"office": 0}, 0)


def test_what_the_listener_leaves_unanswered_sounds_in_the_room() -> None:
    found = ledger(HERE, change("active", 0), AlarmPaged(condition="spo2_low", step="again"))
    assert room_sounds(found, "room", {"office": 15_000}, 15_000)
    found.apply(change("acknowledged", 16_000), 16_000, 9)
    assert not room_sounds(found, "room", {"office": 16_000}, 16_000)


def test_a_place_that_is_lost_is_told_with_its_reason() -> None:
    (gone,) = lost_listeners(ledger(HERE), "room", {"office": 0}, 6_000)
    assert (gone.place, gone.reason) == ("office", "it does not answer")
    assert lost_listeners(ledger(HERE), "room", {"office": 5_000}, 6_000) == []


def test_who_listens_elsewhere_is_who_said_so_last() -> None:
    found = Ledger()
    assert listener(found) is None
    office = ListenerHere(place="office", output="USB", person="Dr Lee")
    desk = ListenerHere(place="desk", output="HDMI", person="Dr Moss")
    found.apply(office, 1_000, 1)
    assert listener(found) == office
    found.apply(desk, 2_000, 2)
    assert listener(found) == desk
    found.apply(office, 3_000, 3)
    assert listener(found) == office
    found.apply(ListenerGone(place="office", reason="left"), 4_000, 4)
    assert listener(found) == desk
