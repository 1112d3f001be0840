"""Who may do what: limits and sound off are a physician's, everything else never locks."""

from __future__ import annotations

import pytest

from monitor import entries as e
from monitor.people import may, refused

ALARMS = [e.LimitsSet(limits={"spo2_low": 88.0}), e.AudioOff(reason="doctor with patient")]


@pytest.mark.parametrize("body", ALARMS)
@pytest.mark.parametrize("role", ["therapist", "nurse", "", "room, unconfirmed"])
def test_only_a_physician_changes_limits_and_turns_sound_off(role: str, body: e.Body) -> None:
    assert may("physician", body)
    assert not may(role, body)
    trouble = refused(role, body)
    assert trouble is not None
    assert "physician" in trouble.two_lines()
    assert refused("physician", body) is None


@pytest.mark.parametrize(
    "body",
    [
        e.AlarmAcknowledged(condition="spo2_low"),
        e.AudioPaused(seconds=120),
        e.AudioPaused(seconds=0),
        e.ObservationStarted(code="dizzy"),
        e.EmergencyStarted(),
        e.PatientUp(why="toilet", with_whom="nurse"),
        e.CuffCancelled(device="cuff"),
        e.NeedYou(urgency="now"),
        e.ActingAs(role="physician"),
    ],
)
def test_nothing_else_locks(body: e.Body) -> None:
    assert may("therapist", body)
    assert refused("", body) is None
