"""Entries say in plain words what happened."""

from __future__ import annotations

import inspect
import re
import string

import pytest

from monitor import entries as e
from monitor import words
from monitor.now import Staff
from monitor.session import Line
from monitor.vitals import Battery, CuffReading
from monitor.words import care_messages, messages
from monitor.words.lines import TELLERS
from monitor.words.messages import MESSAGES


def told(body: e.Body, *, by: str = "therapist", late_ms: int = 0) -> tuple[str, str]:
    return words.in_words(
        Line(7, 60_000, 60_000 + late_ms, by, body), {5: "dissociation"}, devices={"ox-1": "MightySat"}
    )


def test_every_kind_of_entry_has_words() -> None:
    assert set(e.KINDS.values()) <= set(TELLERS)


@pytest.mark.parametrize("message_id", sorted(MESSAGES))
def test_every_message_can_be_filled_and_lacks_no_place(message_id: str) -> None:
    places = {name for _, name, _, _ in string.Formatter().parse(MESSAGES[message_id]) if name}
    said = words.say(message_id, **{p: f"<{p}>" for p in places})
    assert all(f"<{p}>" in said for p in places)


def test_an_unknown_message_is_an_error() -> None:
    with pytest.raises(KeyError):
        words.say("no such message")


def test_a_grade_says_of_what_and_in_words() -> None:
    assert told(e.ObservationGraded(episode=5, grade=3)) == ("dissociation", "3 strong — therapist")


def test_drowsiness_is_told_in_words_alone() -> None:
    assert words.grade_words("drowsy", 3) == "answers when touched"


def test_a_late_entry_is_marked_with_when_it_was_entered() -> None:
    what, text = told(e.ObservationStarted(code="nausea"), late_ms=180_000)
    assert (what, text) == ("nausea", "began — therapist, entered 04:00 (late)")


def test_a_failed_cuff_is_a_reason_and_never_a_number() -> None:
    assert told(e.CuffTaken(device="c", reading=CuffReading(failure="arm moved")), by="device:c") == (
        "cuff",
        "failed: arm moved",
    )


def test_alarms_carry_their_stars_value_and_limit() -> None:
    alarm = e.AlarmChanged(
        condition="spo2_low", state="active", priority="high", at_ms=0, since_ms=0,
        direction="low", vital="spo2", value=84.0, limit=90.0,
    )  # fmt: skip
    assert told(alarm, by="vigil") == ("alarm", "*** SpO2 84, limit 90")


def test_a_device_is_called_by_its_name() -> None:
    lost = e.LinkChanged(device="ox-1", state="lost", reason="out of range")
    assert told(lost, by="vigil") == ("link", "MightySat lost: out of range")


@pytest.mark.parametrize(("percent", "said"), [(80, "80 %"), (20, "low, 20 %"), (10, "nearly empty, 10 %")])
def test_a_battery_warns_in_words(percent: int, said: str) -> None:
    body = e.BatteryRead(device="ox-1", battery=Battery(percent=percent))
    assert told(body, by="vigil") == ("battery", f"MightySat {said}")


def test_oxygen_at_zero_litres_is_off() -> None:
    assert told(e.FindingNoted(code="oxygen", value=0.0))[1].startswith("off")
    assert told(e.FindingNoted(code="oxygen", value=2.0))[1].startswith("2 L/min")


@pytest.mark.parametrize(
    ("ms", "shown"), [(0, "00:00"), (1_428_000, "23:48"), (3_723_000, "1:02:03"), (-190_000, "−03:10")]
)
def test_times_read_as_clocks(ms: int, shown: str) -> None:
    assert words.clock_time(ms) == shown


def test_no_message_of_one_part_stands_for_another_of_the_rest() -> None:
    found = re.findall(r'^    "(\w+)":', inspect.getsource(messages) + inspect.getsource(care_messages), re.M)
    assert len(found) == len(set(found)) == len(MESSAGES)


def test_a_score_reads_the_same_from_the_bytes_on_disk() -> None:
    answers = {"vitals": 2, "activity": 1}
    turned = dict(reversed(answers.items()))
    scores = [told(e.ScoreTaken(instrument="padss", answers=x)) for x in (answers, turned)]
    assert scores[0] == scores[1]


def test_a_person_is_told_by_name_wherever_they_stand() -> None:
    staff = {"p3f2a9c1d": Staff("R. Lee", "nurse")}
    dose = e.DoseGiven(drug="ketamine", amount_mg=60, route="im", given_by="p3f2a9c1d", witnessed_by="Ms Ott")
    _, text = words.in_words(Line(7, 0, 0, "therapist", dose), staff=staff)
    assert text.startswith("60 mg ketamine IM, given by R. Lee, seen by Ms Ott")


def test_limits_are_told_each_with_its_new_value_and_unit() -> None:
    limits = {"spo2_very_low": 84.0, "pressure_high.diastolic": 105.0, "of_the_house": 7.0}
    what, text = told(e.LimitsSet(limits=limits, reason="COPD"), by="")
    assert what == "limits"
    assert text == (
        "limits set for this patient, SpO2 very low 84 %, Pressure raised, diastolic 105 mmHg, "
        "of the house 7: COPD"
    )
    assert (
        told(e.LimitsSet(limits={}), by="")[1] == "limits of the preset for this patient, none of their own"
    )
