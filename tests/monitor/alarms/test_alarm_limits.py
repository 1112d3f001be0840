"""Limits of one patient: typed ones are asked about or refused, proposed ones are bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alarms.limits import Verdict, in_force, limits_of, own, propose, verdicts
from monitor.alarms.presets import load_preset, preset_names
from monitor.vitals import PLAUSIBLE, Vital

IM = load_preset("im")
USUAL = in_force(IM, {})


def said(**changed: float) -> list[Verdict]:
    return verdicts(IM, USUAL | {key.replace("__", "."): value for key, value in changed.items()})


@pytest.mark.parametrize("preset", preset_names())
def test_the_presets_own_limits_are_never_questioned(preset: str) -> None:
    known = load_preset(preset)
    assert verdicts(known, in_force(known, {})) == []
    assert own(known, in_force(known, {})) == {}


def test_every_limit_has_its_source_its_unit_and_its_name() -> None:
    limits = limits_of(IM)
    assert len({limit.key for limit in limits}) == len(limits) == 16
    assert len({limit.name for limit in limits}) == len(limits)
    assert all(limit.source and limit.unit and limit.direction for limit in limits)


def test_nine_typed_for_ninety_is_asked_about() -> None:
    [asked] = [v for v in said(spo2_low=9) if v.key == "spo2_low"]
    assert asked.text == "SpO2 low: 9? The preset has 90."
    assert not asked.refused


@pytest.mark.parametrize("value", [900, 0, -90, float("nan"), float("inf")])
def test_what_cannot_be_is_refused_in_words(value: float) -> None:
    [refused] = said(spo2_low=value)
    assert refused.refused
    assert "is impossible" in refused.text
    assert "the preset has 90" in refused.text


@pytest.mark.parametrize("near", [{"spo2_caution": 88}, {"pulse_high": 140}, {"pressure_high": 170}])
def test_a_limit_near_the_presets_is_not_asked_about_by_itself(near: dict[str, float]) -> None:
    assert not [v for v in said(**near) if "?" in v.text]


def test_a_low_limit_at_or_above_a_high_one_is_refused() -> None:
    crossed = [v for v in said(pulse_low=120) if v.refused]
    assert [v.text for v in crossed] == [
        "Pulse low 120 is not below Pulse high 120: one of them would always call."
    ]


def test_a_diastolic_limit_above_its_systolic_one_is_refused() -> None:
    refused = [v.text for v in said(pressure_high__diastolic=165) if v.refused]
    assert refused == ["Pressure raised, diastolic: 165 is not below 160 systolic."]


def test_a_strict_limit_that_calls_before_the_milder_one_is_asked_about() -> None:
    [asked] = said(spo2_low=93)
    assert not asked.refused
    assert asked.text.startswith("SpO2 low 93 calls before")


def test_only_what_differs_from_the_preset_is_recorded() -> None:
    wanted = USUAL | {"spo2_low": 88.0}
    assert own(IM, wanted) == {"spo2_low": 88.0}
    assert in_force(IM, own(IM, wanted)) == wanted
    assert in_force(IM, {"spo2_low": 900.0, "unknown": 1.0}) == USUAL


# --- what is proposed -----------------------------------------------------------------------


def proposed(**baseline: float) -> dict[str, float]:
    return {p.key: p.value for p in propose(IM, {Vital(v): x for v, x in baseline.items()})}


def test_an_ordinary_baseline_gives_ordinary_limits() -> None:
    found = proposed(spo2=97, pulse=76, systolic=128, diastolic=80)
    assert found["spo2_low"] == found["spo2_doubtful"] == 90
    assert (found["spo2_caution"], found["pulse_high"], found["pulse_low"]) == (92, 120, 50)
    assert found["pressure_low"] == 93


def test_a_slow_heart_gets_lower_limits_but_never_looser_than_the_bound() -> None:
    assert proposed(pulse=52) == {
        "pulse_very_high": 140, "pulse_high": 120, "pulse_very_low": 40, "pulse_low": 45,
    }  # fmt: skip
    [low] = [p for p in propose(IM, {Vital.PULSE: 52}) if p.key == "pulse_low"]
    assert low.why.startswith("baseline 52 −20 = 32, kept between 45 and 50; ")
    assert low.why.endswith("(PROPOSAL)")


def test_without_a_baseline_nothing_is_proposed() -> None:
    assert propose(IM, {}) == []


ANY = {vital: st.floats(*PLAUSIBLE[vital]) for vital in (Vital.SPO2, Vital.PULSE, Vital.SYSTOLIC)}
LOOSEST = {"spo2_low": 88, "spo2_doubtful": 88, "spo2_burden": 88, "spo2_caution": 90, "pulse_low": 45,
           "pulse_very_low": 40, "pressure_low": 90, "pulse_high": -130, "pulse_very_high": -150}  # fmt: skip


@given(st.fixed_dictionaries(ANY))
def test_whatever_the_baseline_a_proposal_is_bounded_and_in_itself_sound(
    baseline: dict[Vital, float],
) -> None:
    found = {p.key: p.value for p in propose(IM, baseline)}
    for key, value in found.items():
        bound = LOOSEST[key]
        assert value >= bound if bound > 0 else value <= -bound
    assert not [v for v in verdicts(IM, USUAL | found) if v.refused]


@pytest.mark.parametrize("name", preset_names())
def test_a_source_is_told_without_the_files_and_keys_of_those_who_build_vigil(name: str) -> None:
    for limit in limits_of(load_preset(name)):
        assert limit.source
        assert not any(key in limit.source for key in ("dossier", "M-hi", "(V", "PROPOSAL")), limit.source
