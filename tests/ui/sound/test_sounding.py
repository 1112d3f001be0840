"""What running sessions let the sound process sound: again, reminders, and in which place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from listening import Record, eventually
from session_room import Room

from monitor import entries as e
from monitor.alarms.signals import SoundWanted
from monitor.vitals import Contact
from ui.sound.synth import render
from ui.sound.voice import Voice
from ui.sounding import Sounding


class Office:
    """A session, a real sound process on the null output, and what stands between them."""

    def __init__(self, voice: Voice) -> None:
        self.room, self.told = Room(), 0
        self.voice = voice
        self.sounding = Sounding(voice, {"log": self.room.session}, lambda: False)

    def pass_time(self, seconds: int, spo2: float = 97.0) -> None:
        for _ in range(seconds):
            self.room.breathe(1, spo2=spo2)
            self._tell()

    def take_off(self, seconds: int) -> None:
        """The probe is off for so long."""
        for _ in range(seconds):
            now = self.room.clock.advance(1)
            self.room.session.arrived("o", [Contact(on=False)], b"", now)
            self.room.session.tick()
            self._tell()

    def enter(self, body: e.Body) -> None:
        self.room.session.record(body, "physician")
        self._tell()

    def _tell(self) -> None:
        """As the worker does: what was written, and then what is to be heard."""
        written, self.told = self.room.published[self.told :], len(self.room.published)
        for entry in written:
            self.sounding.written(self.room.session, entry.body)
        self.sounding.tick()
        self.sounding.tell()


@pytest.fixture
def office(record: Record) -> Iterator[Office]:
    voice = Voice.start("null", record.path)
    eventually(lambda: voice.state.playing)
    yield Office(voice)
    voice.close()


def begins(record: Record, sound: str) -> int:
    return record.sounds.count(sound)


def test_a_high_alarm_sounds_and_after_fifteen_seconds_again(office: Office, record: Record) -> None:
    office.pass_time(20, spo2=88)
    eventually(lambda: begins(record, "high") == 1)
    office.pass_time(16, spo2=88)
    assert [b.step for b in office.room.bodies(e.AlarmPaged)] == ["again"]
    eventually(lambda: begins(record, "high") == 2)


def test_a_technical_alarm_that_gets_worse_is_heard_anew_though_it_sounds_the_same(
    office: Office, record: Record
) -> None:
    office.enter(e.TimeOutTaken(go=True))
    office.pass_time(3)
    office.take_off(15)
    eventually(lambda: begins(record, "technical") == 1)
    office.take_off(20)
    assert office.room.conditions("worse") == ["sensor_off"]
    eventually(lambda: begins(record, "technical") == 2)
    first, anew = (frame for sound, _, frame in record.log if sound == "technical")
    burst = render("technical")
    assert anew - first < burst.period
    eventually(lambda: len(record.samples) >= anew + 4800)
    assert np.array_equal(record.samples[anew : anew + 4800], burst.samples[:4800])


def test_a_milder_one_that_comes_does_not_begin_the_worse_ones_burst_anew(
    office: Office, record: Record
) -> None:
    office.pass_time(20, spo2=88)
    eventually(lambda: begins(record, "high") == 1)
    office.enter(e.TherapistOut())
    assert "nobody_with_patient" in office.room.conditions("active")
    frames = len(record.samples)
    eventually(lambda: len(record.samples) > frames + 9600)
    assert begins(record, "high") == 1


def test_a_second_one_that_sounds_the_same_is_heard_at_once(office: Office, record: Record) -> None:
    office.enter(e.FindingNoted(code="breaths", value=9))
    eventually(lambda: begins(record, "medium") == 1)
    office.enter(e.ObservationStarted(code="drowsy", grade=2))
    eventually(lambda: begins(record, "medium") == 2)


def test_what_was_acknowledged_is_not_signalled_again(office: Office, record: Record) -> None:
    office.pass_time(20, spo2=88)
    eventually(lambda: begins(record, "high") == 1)
    office.enter(e.AlarmAcknowledged(condition="spo2_low", direction="low"))
    office.pass_time(100, spo2=88)
    assert office.room.bodies(e.AlarmPaged) == []
    eventually(lambda: record.sounds[-1] == "none")


def test_where_nobody_else_is_the_room_is_told_to_call(office: Office) -> None:
    office.pass_time(120, spo2=88)
    assert [b.step for b in office.room.bodies(e.AlarmPaged)] == ["again", "call"]


def test_sound_that_is_off_is_recalled_by_a_soft_tone(office: Office, record: Record) -> None:
    office.pass_time(20, spo2=88)
    office.enter(e.AudioOff(reason="anaesthetist with the patient"))
    assert office.sounding.wanted() is SoundWanted.NONE
    office.pass_time(170, spo2=88)
    assert begins(record, "reminder") == 0
    office.pass_time(15, spo2=88)
    eventually(lambda: begins(record, "reminder") == 1)


HERE = e.ListenerHere(place="office", output="another loudspeaker", person="Dr Lee")


def test_sound_leaves_the_room_for_a_person_whose_place_is_alive(office: Office) -> None:
    office.pass_time(1)
    office.enter(HERE)
    for _ in range(20):
        office.sounding.place_beats("office")
        office.pass_time(1, spo2=88)
    assert "spo2_low" in office.room.conditions("active")
    assert office.sounding.wanted() is SoundWanted.NONE


def test_what_that_person_does_not_answer_sounds_in_the_room(office: Office) -> None:
    office.enter(HERE)
    for _ in range(40):
        office.sounding.place_beats("office")
        office.pass_time(1, spo2=88)
    assert office.sounding.wanted() is SoundWanted.HIGH


def test_three_missed_beats_bring_sound_back_and_say_so(office: Office) -> None:
    office.enter(HERE)
    office.sounding.place_beats("office")
    office.pass_time(20, spo2=88)
    assert [b.reason for b in office.room.bodies(e.ListenerGone)] == ["it does not answer"]
    assert office.sounding.wanted() is SoundWanted.HIGH


def test_a_person_has_to_say_anew_that_they_are_there(office: Office) -> None:
    office.enter(HERE)
    for _ in range(15 * 60 + 2):
        office.sounding.place_beats("office")
        office.pass_time(1)
    (gone,) = office.room.bodies(e.ListenerGone)
    assert gone.reason == "the person has not answered again"


def test_a_second_window_on_the_rooms_loudspeaker_is_the_room(office: Office) -> None:
    office.enter(e.ListenerHere(place="window", output=office.voice.state.output, person="Dr Lee"))
    office.pass_time(20, spo2=88)
    assert office.sounding.wanted() is SoundWanted.HIGH


def test_a_beat_alone_makes_nobody_a_listener(office: Office) -> None:
    for _ in range(20):
        office.sounding.place_beats("office")
        office.pass_time(1, spo2=88)
    assert office.sounding.wanted() is SoundWanted.HIGH


def test_the_reminder_that_sound_is_off_comes_where_sound_would_be(office: Office, record: Record) -> None:
    there = Record(record.path.with_name("there.pcm"))
    second = Voice.start("null", there.path)
    try:
        office.sounding = Sounding(
            office.voice, {"log": office.room.session}, lambda: False, lambda: {"office": second}
        )
        office.enter(HERE)
        office.enter(e.AudioOff(reason="anaesthetist with the patient"))
        for _ in range(185):
            office.sounding.place_beats("office")
            office.pass_time(1)
        eventually(lambda: there.sounds == ["reminder"])
        assert record.sounds == []
    finally:
        second.close()


def test_a_session_that_broke_is_heard_where_somebody_listens_too(office: Office) -> None:
    office.enter(HERE)
    office.sounding.place_beats("office")
    office.sounding.broken.add("another")
    assert office.sounding.wanted() is SoundWanted.FAILURE
    assert office.sounding.wanted_at("office") is SoundWanted.FAILURE
    assert office.sounding.wanted_at("ward") is SoundWanted.NONE
