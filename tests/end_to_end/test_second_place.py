"""The quiet room: a second window with a loudspeaker of its own, and when sound is back in the room.

Two real sound processes, each on an output of its own that only pulls samples; session time is moved by
hand. What each of them handed to its device says what was heard where.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from listening import plug
from pytestqt.qtbot import QtBot
from two_places import OFFICE, ROOM, TwoPlaces

from monitor import entries as e
from monitor.alarms.paging import AGAIN, CALL, EVERYWHERE, STATION
from monitor.codec import unseal
from monitor.store import datadir
from monitor.store.verify import verify
from ui.place import PLACE
from ui.place.words import sound_line

pytestmark = pytest.mark.slow

ALARM = e.FindingNoted(code="chest_pain")


@pytest.fixture
def there(qtbot: QtBot, tmp_path: Path) -> Iterator[TwoPlaces]:
    opened = TwoPlaces(qtbot, tmp_path)
    yield opened
    opened.close()


def reasons(there: TwoPlaces, session: str) -> list[str]:
    return [gone.reason for gone in there.bodies(session, e.ListenerGone)]


def line(there: TwoPlaces, session: str) -> str:
    """Where sound goes, as the top of the live screen says it."""
    return sound_line(there.runtime.sound_line, there.states[session].ledger)


def test_an_alarm_is_heard_where_its_listener_is_and_not_in_the_room(there: TwoPlaces) -> None:
    session = there.begin()
    assert line(there, session) == ROOM
    there.come("Dr Lee")
    there.until(lambda: line(there, session) == f"{OFFICE}, Dr Lee")
    there.enter(session, ALARM)
    there.until(lambda: there.alarms_heard(there.office))
    there.pass_time(14)
    assert there.voice.state.sounding == "none"
    assert there.room.sounds == []
    assert verify(there.runtime.store, session).ok


def test_what_is_not_answered_within_fifteen_seconds_is_heard_in_the_room_too(there: TwoPlaces) -> None:
    session = there.begin()
    there.come()
    there.enter(session, ALARM)
    there.until(lambda: there.alarms_heard(there.office) == 1)
    there.pass_time(15)
    there.until(lambda: there.alarms_heard(there.room) == 1)
    there.until(lambda: there.alarms_heard(there.office) == 2)
    assert line(there, session) == f"{ROOM} and {OFFICE}, Dr Lee"
    there.pass_time(80)
    assert [page.step for page in there.bodies(session, e.AlarmPaged)] == [AGAIN, STATION, EVERYWHERE]


def test_an_alarm_acknowledged_there_falls_silent_under_the_name_of_who_did_it(there: TwoPlaces) -> None:
    session = there.begin()
    there.come("Dr Lee")
    there.enter(session, ALARM)
    there.pass_time(20)
    there.until(lambda: there.alarms_heard(there.room))
    there.press("Acknowledge")
    there.until(lambda: there.room.sounds[-1] == "none" and there.office.sounds[-1] == "none")
    by = [x.by for x in there.entries(session) if isinstance(x.body, e.AlarmAcknowledged)]
    assert by == ["Dr Lee"]


def test_an_output_that_is_pulled_brings_sound_back_to_the_room(there: TwoPlaces) -> None:
    session = there.begin()
    there.come()
    there.enter(session, ALARM)
    plug(there.outputs, ROOM)
    there.until(lambda: not there.place.speaker.plays)
    there.pass_time(5)
    assert reasons(there, session) == []
    there.pass_time(1)
    there.until(lambda: reasons(there, session) == ["it does not answer"])
    there.until(lambda: there.alarms_heard(there.room))
    there.window.look()
    assert "Sound is back in the room: it does not answer" in there.said()
    there.until(lambda: line(there, session) == ROOM)
    plug(there.outputs, ROOM, OFFICE)
    there.until(lambda: there.place.speaker.plays)
    there.pass_time(20)
    assert there.place.here is None, "nobody has pressed anything"


def test_a_frozen_window_is_no_place(there: TwoPlaces) -> None:
    session = there.begin()
    there.come()
    there.enter(session, ALARM)
    there.window._timer.stop()
    there.pass_time(6, frozen=True)
    there.until(lambda: reasons(there, session) == ["it does not answer"])
    there.until(lambda: there.alarms_heard(there.room))


def test_a_window_that_nobody_can_see_is_no_place(there: TwoPlaces) -> None:
    session = there.begin()
    there.come()
    there.window.showMinimized()
    there.pass_time(6)
    there.until(lambda: reasons(there, session) == ["it does not answer"])


def test_after_fifteen_minutes_without_a_press_the_room_sounds(there: TwoPlaces) -> None:
    session = there.begin()
    there.come("Dr Lee")
    there.pass_time(13 * 60 - 1)
    there.window.look()
    assert "To be said again within 2:01" in there.said()
    there.pass_time(61)
    assert "Dr Lee, still here? Press I'm here again within 1:00." in there.said()
    there.enter(session, ALARM)
    there.press("Seen")  # an answer, and no word of being here for another quarter of an hour
    there.pass_time(61)
    there.until(lambda: reasons(there, session) == ["the person has not answered again"])
    there.until(lambda: there.alarms_heard(there.room))


def test_pressed_again_the_quarter_of_an_hour_begins_anew(there: TwoPlaces) -> None:
    session = there.begin()
    there.come()
    there.pass_time(14 * 60)
    there.press("I'm here")
    there.pass_time(14 * 60)
    assert reasons(there, session) == []
    assert len(there.bodies(session, e.ListenerHere)) == 2
    assert there.place.here is not None


def test_the_room_taking_the_same_loudspeaker_makes_one_place_of_two(there: TwoPlaces) -> None:
    session = there.begin()
    there.come()
    plug(there.outputs, OFFICE)
    there.until(lambda: there.voice.state.output == OFFICE)
    there.until(lambda: reasons(there, session) == ["it is the room's own loudspeaker"])


@pytest.mark.parametrize("how", ["leaving", "closing"])
def test_who_leaves_or_closes_the_window_brings_sound_back_at_once(there: TwoPlaces, how: str) -> None:
    session = there.begin()
    there.come("Dr Lee")
    there.enter(session, ALARM)
    if how == "leaving":
        there.press("I'm leaving")
    else:
        there.window.close()
    there.until(lambda: there.alarms_heard(there.room))
    told = [(x.by, x.body.reason) for x in there.entries(session) if isinstance(x.body, e.ListenerGone)]
    assert told == [("Dr Lee", "the person has left" if how == "leaving" else "the window there was closed")]
    if how == "closing":
        there.until(lambda: there.place.speaker.voice is None)
        assert there.place.speaker.kept == "", "the next one hears the test sound first"


def test_leaving_vigil_ends_it_in_the_record(there: TwoPlaces) -> None:
    session = there.begin()
    there.come()
    there.stop()
    store = datadir.open_or_create_demo(there._folder / "data")
    try:
        bodies = [unseal(sealed.data)[0].body for sealed in store.read(session)]
    finally:
        store.close()
    assert bodies[-1] == e.ListenerGone(place=PLACE, reason="Vigil was closed")
    assert there.place.speaker.voice is None


def test_a_session_that_begins_later_knows_who_is_there_since_when_they_pressed(there: TwoPlaces) -> None:
    first = there.begin("KAP-1")
    there.come("Dr Lee")
    there.pass_time(10 * 60)
    second = there.begin("KAP-2")
    (here,) = there.bodies(second, e.ListenerHere)
    assert (here.person, here.output) == ("Dr Lee", OFFICE)
    there.enter(second, ALARM)
    there.until(lambda: there.alarms_heard(there.office))
    assert there.room.sounds == []
    there.pass_time(5 * 60 + 1)
    for session in (first, second):
        assert reasons(there, session) == ["the person has not answered again"]


def test_one_who_came_before_any_session_is_there_for_the_first(there: TwoPlaces) -> None:
    there.come()
    session = there.begin()
    assert [here.person for here in there.bodies(session, e.ListenerHere)] == ["Dr Lee"]
    assert reasons(there, session) == []


def test_after_a_crash_nobody_is_taken_to_be_where_they_were(qtbot: QtBot, tmp_path: Path) -> None:
    before = TwoPlaces(qtbot, tmp_path)
    session = before.begin()
    before.come()
    live = before.runtime.live.pop(session)  # what it would write on leaving is not written
    live.close()
    before.until(lambda: before.runtime.store.durable_seq(session) >= live.state.seq)
    before.close()
    after = TwoPlaces(qtbot, tmp_path)
    try:
        after.runtime.resume(session, "im").result(5)
        assert reasons(after, session) == ["Vigil was away"]
        assert after.runtime.live[session].state.ledger.listeners == {}
    finally:
        after.close()


def test_without_anybody_there_the_room_is_told_to_call(there: TwoPlaces) -> None:
    session = there.begin()
    there.choose()
    there.enter(session, ALARM)
    there.until(lambda: there.alarms_heard(there.room))
    there.pass_time(45)
    assert there.alarms_heard(there.office) == 0
    assert [page.step for page in there.bodies(session, e.AlarmPaged)] == [AGAIN, CALL]
