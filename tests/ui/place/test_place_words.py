"""Where sound goes, in words, and whom a name names."""

from __future__ import annotations

import pytest

from monitor import entries as e
from monitor.alarms.ledger import Ledger
from monitor.alarms.paging import AGAIN, listener
from monitor.people import name_of
from ui.place.words import sound_line

HERE = e.ListenerHere(place="second place", output="Office speaker", person="Dr Lee")
HIGH = e.AlarmChanged(condition="chest_pain", state="active", priority="high", at_ms=0, since_ms=0)


def told(*bodies: e.Body) -> Ledger:
    ledger = Ledger()
    for entry, body in enumerate(bodies):
        ledger.apply(body, entry, entry)
    return ledger


def test_the_line_names_the_room_unless_somebody_listens_elsewhere() -> None:
    assert sound_line("Built-in", told()) == "Built-in"
    assert sound_line("Built-in", told(HERE)) == "Office speaker, Dr Lee"
    gone = e.ListenerGone(place=HERE.place, reason="it does not answer")
    assert sound_line("Built-in", told(HERE, gone)) == "Built-in"


def test_the_line_names_both_while_a_high_alarm_is_unanswered() -> None:
    paged = e.AlarmPaged(condition="chest_pain", step=AGAIN)
    assert sound_line("Built-in", told(HERE, HIGH)) == "Office speaker, Dr Lee"
    assert sound_line("Built-in", told(HERE, HIGH, paged)) == "Built-in and Office speaker, Dr Lee"


def test_of_several_the_last_who_came_is_named() -> None:
    other = e.ListenerHere(place="ward", output="Ward speaker", person="Nurse Kim")
    assert listener(told(other, HERE)) == HERE
    assert listener(told(HERE, other)) == other
    assert listener(told()) is None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Dr Lee", "Dr Lee"),
        ("  Dr \t Lee ", "Dr Lee"),
        ("李", "李"),
        ("", ""),
        (" ", ""),
        ("12", ""),
        ("Physician", ""),
        ("vigil", ""),
        ("device:ox", ""),
    ],
)
def test_a_name_is_a_persons_and_neither_a_role_nor_a_machine(typed: str, name: str) -> None:
    assert name_of(typed) == name
