"""What the alarm engine makes of devices: silence, contact, two that measure the same."""

from __future__ import annotations

from stories import CUFF, DOSE, OXIMETER, brief, cuff, play, reading

from monitor.alarms.engine import Engine
from monitor.entries import (
    AlarmAcknowledged,
    CuffTaken,
    DeviceAssigned,
    DeviceReleased,
    LinkChanged,
    ReadingTaken,
)
from monitor.vitals import CuffReading, Reading


def test_readings_out_of_a_devices_memory_never_alarm(engine: Engine) -> None:
    old = Reading(spo2=50, pulse=200, stored=True)
    assert play(engine, ReadingTaken(device="ox", reading=old), 0, 100) == []
    assert (
        engine.feed(
            CuffTaken(device="cuff", reading=CuffReading(systolic=220, diastolic=120, stored=True)), 0
        )
        == []
    )


def test_silence_of_a_device_is_medium_at_fifteen_seconds(engine: Engine) -> None:
    engine.feed(OXIMETER, 0)
    play(engine, reading(), 0, 4)
    engine.feed(LinkChanged(device="ox", state="lost"), 8_000)
    (change,) = engine.advance(60_000)
    assert (change.condition, change.device, change.at_ms, change.since_ms) == (
        "link_lost",
        "ox",
        18_000,
        3_000,
    )


def test_a_device_that_connects_and_says_nothing_counts_as_lost(engine: Engine) -> None:
    engine.feed(OXIMETER, 0)
    engine.feed(LinkChanged(device="ox", state="live"), 1_000)
    assert brief(engine.advance(60_000)) == [("link_lost", "active", "medium", 16.0)]


def test_cuffs_may_be_silent_between_readings(engine: Engine) -> None:
    engine.feed(CUFF, 0)
    engine.feed(LinkChanged(device="cuff", state="live"), 1_000)
    engine.feed(cuff(120, 80), 2_000)
    assert engine.advance(900_000) == []


def test_a_link_closed_on_purpose_is_no_loss(engine: Engine) -> None:
    engine.feed(OXIMETER, 0)
    play(engine, reading(), 0, 4)
    engine.feed(LinkChanged(device="ox", state="closed"), 5_000)
    assert engine.advance(900_000) == []


def test_sensor_off_is_low_and_then_medium(engine: Engine) -> None:
    play(engine, reading(), 0, 5)
    off = ReadingTaken(device="ox", reading=Reading(contact=False))
    assert brief(play(engine, off, 5, 40)) == [
        ("sensor_off", "active", "low", 15.0),
        ("sensor_off", "worse", "medium", 35.0),
    ]
    assert brief(play(engine, reading(), 40, 41)) == [("sensor_off", "ended", "medium", 40.0)]


def test_a_probe_that_was_never_on_has_not_come_off(engine: Engine) -> None:
    off = ReadingTaken(device="ox", reading=Reading(contact=False))
    assert play(engine, off, 0, 100) == []


def test_a_second_device_decides_only_when_the_first_falls_silent(engine: Engine) -> None:
    play(engine, reading(pulse=70), 0, 3)
    strap = ReadingTaken(device="strap", reading=Reading(pulse=150))
    for s in range(3, 40):
        engine.feed(reading(pulse=70), s * 1000)
        assert engine.feed(strap, s * 1000 + 500) == []
    changes = [c for s in range(40, 70) for c in engine.feed(strap, s * 1000 + 500)]
    assert [c.condition for c in changes if c.vital == "pulse"] == ["pulse_very_high"]


def test_acknowledging_one_devices_silence_leaves_the_others(engine: Engine) -> None:
    play(engine, reading(), 0, 1)
    engine.feed(ReadingTaken(device="strap", reading=Reading(pulse=70)), 0)
    engine.advance(20_000)
    (seen,) = engine.feed(AlarmAcknowledged(condition="link_lost", device="strap"), 21_000)
    assert (seen.state, seen.device) == ("acknowledged", "strap")


def test_a_calm_second_device_does_not_hide_the_first(engine: Engine) -> None:
    strap = ReadingTaken(device="strap", reading=Reading(pulse=70))
    changes = []
    for s in range(16):
        changes += engine.feed(reading(pulse=150), s * 1000)
        changes += engine.feed(strap, s * 1000 + 500)
    assert brief(changes) == [("pulse_very_high", "active", "high", 15.0)]


def test_alarms_close_together_keep_their_own_instants(engine: Engine) -> None:
    engine.feed(reading(), 0)
    engine.feed(ReadingTaken(device="strap", reading=Reading(pulse=70)), 300)
    assert [c.at_ms for c in engine.advance(60_000)] == [15_000, 15_300]


def test_connecting_again_and_again_without_data_is_still_a_loss(engine: Engine) -> None:
    changes = [
        c for s in range(0, 30, 4) for c in engine.feed(LinkChanged(device="ox", state="live"), s * 1000)
    ]
    assert brief(changes) == [("link_lost", "active", "medium", 15.0)]


def test_a_device_that_was_replaced_is_not_missed(engine: Engine) -> None:
    engine.feed(OXIMETER, 0)
    play(engine, reading(), 0, 3)
    other = DeviceAssigned(device="other", role="oximeter", driver="d", name="n", address="c")
    engine.feed(other, 3_000)
    assert engine.advance(600_000) == []


def test_after_the_dose_a_probe_that_was_never_on_is_told(engine: Engine) -> None:
    engine.feed(DOSE, 0)
    off = ReadingTaken(device="ox", reading=Reading(contact=False))
    assert "sensor_off" in [c.condition for c in play(engine, off, 0, 12)]


def test_contact_alone_ends_sensor_off(engine: Engine) -> None:
    play(engine, reading(), 0, 2)
    play(engine, ReadingTaken(device="ox", reading=Reading(contact=False)), 2, 15)
    on = ReadingTaken(device="ox", reading=Reading(contact=True))
    assert brief(engine.feed(on, 15_000)) == [("sensor_off", "ended", "low", 15.0)]


def test_a_cuff_that_also_counts_the_pulse_may_be_silent(engine: Engine) -> None:
    engine.feed(CUFF, 0)
    engine.feed(ReadingTaken(device="cuff", reading=Reading(pulse=70)), 1_000)
    assert engine.advance(900_000) == []


def test_a_device_that_was_taken_from_the_patient_is_no_longer_missed(engine: Engine) -> None:
    engine.feed(OXIMETER, 0)
    play(engine, reading(), 0, 4)
    assert brief(engine.advance(30_000)) == [("link_lost", "active", "medium", 18.0)]
    changes = engine.feed(DeviceReleased(device="ox", reason="battery"), 31_000)
    assert brief(changes) == [("link_lost", "ended", "medium", 31.0)]
