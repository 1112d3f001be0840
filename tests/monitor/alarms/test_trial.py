"""Limits tried on a finished session: counted against its own, and nothing in it is changed."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from session_room import Room

from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.alarms.trial import try_limits
from monitor.trouble import Trouble


def session_at(spo2: float) -> Room:
    room = Room()
    room.session.record(e.TimeOutTaken(go=True), by="physician")
    room.session.record(e.DoseGiven(drug="ketamine", amount_mg=60, route="im"), by="physician")
    room.breathe(60)
    room.breathe(60, spo2=spo2)
    room.breathe(60)
    return room


def test_a_lower_limit_calls_less_and_its_own_stand_as_they_were() -> None:
    room, im = session_at(88), load_preset("im")
    trial = try_limits(room.log.sealed, im, im, {"spo2_low": 86.0, "spo2_caution": 87.0})
    assert "spo2_low" in trial.was.by_condition
    assert "spo2_low" not in trial.would.by_condition
    again = try_limits(room.log.sealed, im, im, {})
    assert again.was == again.would == trial.was


def test_limits_that_were_set_in_it_count_as_its_own_only() -> None:
    room, im = session_at(97), load_preset("im")
    room.session.record(e.LimitsSet(limits={"spo2_low": 86.0, "spo2_caution": 87.0}), by="physician")
    room.breathe(60, spo2=88)
    trial = try_limits(room.log.sealed, im, im, {})
    assert "spo2_low" not in trial.was.by_condition
    assert "spo2_low" in trial.would.by_condition


def test_a_damaged_record_is_not_counted() -> None:
    room, im = session_at(88), load_preset("im")
    sealed = list(room.log.sealed)
    sealed[3] = replace(sealed[3], data=sealed[3].data[:-1])
    with pytest.raises(Trouble, match="damaged"):
        try_limits(sealed, im, im, {})
