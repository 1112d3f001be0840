"""The virtual patient follows the script, the same way every time, and stays a possible human."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.virtual.patient import Patient, PatientClock, Physiology, Pleth
from devices.virtual.script import Hint, LinkLost, SensorOff, load_script, script_names

SCRIPTS = ["desaturation", "dropouts", "half-off-then-real", "hypertensive", "nausea", "quiet", "sensor-off"]
SESSION = range(0, 2 * 3600, 5)

seeds = st.integers(0, 2**32)
moments = st.floats(0, 4 * 3600)


def session(name: str, seed: int = 1) -> list[Physiology]:
    patient = Patient.planned(name, seed)
    return [patient.at(seconds) for seconds in SESSION]


def test_the_scripts_are_all_there() -> None:
    assert script_names() == SCRIPTS
    with pytest.raises(KeyError, match="quiet"):
        load_script("no such script")


@given(st.sampled_from(SCRIPTS), seeds, moments, moments)
def test_the_state_depends_on_nothing_but_script_seed_and_time(
    name: str, seed: int, one: float, other: float
) -> None:
    straight = Patient.planned(name, seed)
    asked_before = Patient.planned(name, seed)
    asked_before.at(other)
    assert asked_before.at(one) == straight.at(one)


@given(st.sampled_from(SCRIPTS), seeds, moments)
def test_the_values_are_those_of_a_living_adult(name: str, seed: int, moment: float) -> None:
    now = Patient.planned(name, seed).at(moment)
    assert 80 < now.spo2 <= 100
    assert 40 < now.pulse < 130
    assert 80 < now.systolic < 210
    assert 40 < now.diastolic < now.mean < now.systolic
    assert 0 < now.pi < 10
    assert 4 <= now.respiration < 30


def test_another_seed_is_another_patient() -> None:
    assert session("quiet", 1) != session("quiet", 2)


@given(seeds, moments)
def test_quiet_stays_above_94_percent_and_on_the_finger(seed: int, moment: float) -> None:
    now = Patient.planned("quiet", seed).at(moment)
    assert now.spo2 >= 94
    assert now.contact


@given(seeds)
def test_desaturation_falls_below_90_percent_for_minutes_and_recovers(seed: int) -> None:
    patient = Patient.planned("desaturation", seed)
    dose = patient.dose_at or 0.0
    assert all(patient.at(dose + 60 * minute).spo2 < 90 for minute in (22, 23, 24))
    assert patient.at(dose - 60).spo2 > 95
    assert patient.at(dose + 60 * 40).spo2 > 94


@given(seeds)
def test_the_pressure_rises_with_the_dose_and_returns(seed: int) -> None:
    patient = Patient.planned("quiet", seed)
    dose = patient.dose_at or 0.0

    def mean(begin: int, end: int) -> float:
        values = [patient.at(dose + second).systolic for second in range(begin * 60, end * 60, 7)]
        return sum(values) / len(values)

    rest, peak, after = mean(-10, 0), mean(13, 29), mean(95, 105)
    assert 10 < peak - rest < 22
    assert abs(after - rest) < 6


def test_hypertensive_passes_180_over_110_near_its_peak_only() -> None:
    patient = Patient.planned("hypertensive", 1)
    high = [s / 60 for s in SESSION if patient.at(s).systolic > 180 and patient.at(s).diastolic > 110]
    minutes = [minute - 10 for minute in high]
    assert 25 < min(minutes) < 40
    assert 45 < max(minutes) < 65


def test_the_probe_is_off_when_the_script_says() -> None:
    patient = Patient.planned("sensor-off")
    dose = patient.dose_at or 0.0
    off = [event for event in patient.script.event if isinstance(event, SensorOff)]
    assert off
    for event in off:
        assert patient.at(dose + event.begin * 60 - 1).contact
        assert not patient.at(dose + event.begin * 60 + 1).contact
        assert patient.at(dose + event.end * 60 + 1).contact


@given(seeds)
def test_half_off_shows_low_values_that_come_and_go_before_the_real_fall(seed: int) -> None:
    patient = Patient.planned("half-off-then-real", seed)
    dose = patient.dose_at or 0.0
    course = [patient.at(dose + second) for second in range(240)]
    loose = [now for now in course if now.half_off]
    assert all(now.contact and now.spo2 < 86 for now in loose)
    assert 0.05 < sum(now.searching for now in loose) / len(loose) < 0.2
    assert all(now.spo2 > 95 for now in course[103:112])
    assert all(now.spo2 < 85 and not now.half_off for now in course[150:230])
    assert patient.at(dose + 60 * 6).spo2 > 94


def test_nausea_quickens_the_pulse_and_says_so() -> None:
    calm, sick = session("quiet"), session("nausea")
    assert max(now.pulse for now in sick) > max(now.pulse for now in calm) + 10
    assert any(isinstance(e, Hint) and e.observation == "nausea" for e in load_script("nausea").event)
    assert any(isinstance(e, LinkLost) for e in load_script("dropouts").event)


def test_nothing_happens_before_the_dose() -> None:
    undosed = Patient(load_script("desaturation"), 1)
    assert min(undosed.at(seconds).spo2 for seconds in SESSION) > 95
    assert undosed.effect(-1) == 0


@pytest.mark.parametrize(("route", "peak"), [("iv", 40), ("im", 20), ("sl", 50), ("nasal", 40)])
def test_each_route_has_its_own_peak(route: str, peak: float) -> None:
    patient = Patient(load_script("quiet"), dose_at=0.0, route=route)
    assert patient.effect(peak) == pytest.approx(1)
    assert patient.effect(1) == patient.effect(125) == 0


def test_the_patients_clock_runs_faster_than_ours() -> None:
    now = 100.0
    clock = PatientClock(Patient(load_script("desaturation"), 3), speed=60, now=lambda: now)
    assert clock.seconds() == 0
    now = 110.0
    assert clock.seconds() == 600
    assert clock.minutes_since_dose() is None
    clock.dose()
    now = 133.0
    assert clock.minutes_since_dose() == pytest.approx(23)
    assert clock().spo2 < 90
    assert clock() == clock.patient.at(clock.seconds())


def test_the_pulse_wave_beats_at_the_pulse_rate() -> None:
    pleth, body = Pleth(), Physiology(pulse=75, pi=4)
    samples = [pleth.next(body, 0.032) for _ in range(round(60 / 0.032))]
    upstrokes = sum(1 for a, b in pairwise(samples) if a < 0.4 <= b)
    assert abs(upstrokes - 75) <= 1
    assert all(-1 <= sample <= 1 for sample in samples)
    assert pleth.next(Physiology(contact=False), 0.032) == 0
