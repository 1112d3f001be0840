"""Presets: the numbers that ship, and files that are refused with the place and the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.alarms.presets import load_preset, preset_names
from monitor.care.content import routes
from monitor.trouble import Trouble

LIMIT = '{ value = 90, unit = "%", source = "somewhere", confidence = "V" }'
GOOD = f"""title = "Ours"

[[condition]]
id = "spo2_low"
title = "SpO2 low"
kind = "limit"
vital = "spo2"
direction = "low"
priority = "high"
look = "breathing?"
limit = {LIMIT}
"""


def write(folder: Path, text: str, name: str = "ours") -> Path:
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(Trouble) as refused:
        load_preset("ours", write(folder, text))
    assert "stay" in refused.value.meaning
    return refused.value.happened


def test_every_route_has_its_preset() -> None:
    assert {route.preset for route in routes().values()} | {"training"} <= set(preset_names())


@pytest.mark.parametrize("name", preset_names())
def test_presets_that_ship_hold_every_first_condition(name: str) -> None:
    assert set(load_preset(name).by_id()) >= {
        *("spo2_low", "spo2_very_low", "spo2_doubtful", "spo2_missing"),
        *("pulse_high", "pulse_very_high", "pulse_low", "pulse_very_low"),
        *("pressure_high", "pressure_severe", "pressure_low"),
        *("link_lost", "sensor_off", "pressure_due"),
    }


@pytest.mark.parametrize("name", preset_names())
def test_every_number_names_its_source(name: str) -> None:
    for condition in load_preset(name).conditions:
        named = {s.field for s in condition.source if s.source and s.confidence}
        numbers = {
            "limit": condition.limit,
            "also": condition.also,
            "delay": condition.delay_s,
            "hysteresis": condition.hysteresis,
            "escalation": condition.escalation,
            "rapid": condition.rapid,
            "recheck": condition.recheck_s,
            "baseline": condition.change,
            "bound": condition.change,
            "burden": condition.burden,
        }
        # A zero may be told with its source or left out.
        assert named >= {field for field, number in numbers.items() if number}, condition.id
        assert named <= set(numbers), condition.id


def test_the_numbers_of_the_dossier() -> None:
    known = load_preset("im").by_id()
    found = {c.id: (c.limit, c.delay_s, c.hysteresis, c.priority.value) for c in known.values()}
    assert found["spo2_low"] == (90, 15, 2, "high")
    assert found["spo2_very_low"] == (85, 2, 2, "high")
    assert found["pulse_high"] == (120, 60, 5, "medium")
    assert found["spo2_missing"] == (None, 60, 0, "high")
    assert found["link_lost"] == (None, 15, 0, "medium")
    also = known["pressure_severe"].also
    assert also is not None
    assert (found["pressure_severe"][0], also.limit) == (180, 110)


def test_a_digest_changes_with_the_file(tmp_path: Path) -> None:
    first = load_preset("ours", write(tmp_path, GOOD)).digest
    assert load_preset("ours", write(tmp_path, GOOD)).digest == first
    assert load_preset("ours", write(tmp_path, GOOD + "# another\n")).digest != first
    assert len({load_preset(name).digest for name in preset_names()}) == len(preset_names())


def test_a_practice_changes_one_number_and_keeps_the_rest(tmp_path: Path) -> None:
    stricter = LIMIT.replace("90", "92")
    text = f'title = "Ours"\nbase = "_base"\n[[condition]]\nid = "spo2_low"\nlimit = {stricter}\n'
    ours = load_preset("ours", write(tmp_path, text))
    assert (ours.by_id()["spo2_low"].limit, ours.by_id()["spo2_low"].delay_s) == (92, 15)
    assert len(ours.conditions) == len(load_preset("im").conditions)
    assert "ours" in preset_names(tmp_path)


def test_an_unknown_preset_names_those_there_are() -> None:
    with pytest.raises(Trouble, match="no alarm preset") as refused:
        load_preset("../im")
    assert "im, iv" in refused.value.todo


@pytest.mark.parametrize(
    ("wrong", "instead", "said"),
    [
        (
            'unit = "%"',
            'unit = "mmHg"',
            "ours.toml cannot be used: line 11, spo2_low.limit: the unit must be %",
        ),
        ("value = 90", "value = 900", "line 11, spo2_low.limit: must lie between 1 and 100 %"),
        ("value = 90", 'value = "90"', "line 11, spo2_low.limit: Expected `float`, got `str`"),
        ('source = "somewhere", ', "", "line 11, spo2_low.limit: Object missing required field `source`"),
        ('"somewhere"', '" "', "line 11, spo2_low.limit: the source is missing"),
        ('confidence = "V"', 'confidence = "sure"', "line 11, spo2_low.limit: Invalid enum value 'sure'"),
        ('kind = "limit"', 'kind = "odd"', "line 6, spo2_low.kind: Invalid enum value 'odd'"),
        ('direction = "low"', 'direction = ""', "line 8, spo2_low.direction: high or low"),
        ('priority = "high"', 'colour = "red"', "line 9, spo2_low.colour: "),
        ('vital = "spo2"', "", "spo2_low.vital: needed"),
        ('title = "Ours"', 'tittle = "Ours"', "line 1, tittle: no such field"),
        ('look = "breathing?"', "look = breathing?", "line 10"),
        (
            'look = "breathing?"',
            'look = ""\nimplied_by = ["x"]',
            "line 11, spo2_low.implied_by: x is no limit",
        ),
        ('id = "spo2_low"', "", "condition 1: id is missing"),
    ],
)
def test_a_file_with_a_mistake_is_refused_with_its_place(
    tmp_path: Path, wrong: str, instead: str, said: str
) -> None:
    assert wrong in GOOD
    assert said in refusal(tmp_path, GOOD.replace(wrong, instead))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            'delay = { value = 2, unit = "min", source = "s", confidence = "V" }',
            "line 12, spo2_low.delay: the unit must be s",
        ),
        (
            'delay = { value = 6000, unit = "s", source = "s", confidence = "V" }',
            "line 12, spo2_low.delay: must be 0 to 600 s",
        ),
        (
            'hysteresis = { value = -2, unit = "%", source = "s", confidence = "V" }',
            "must be between 0 and 20",
        ),
        (
            'escalation = [{ priority = "low", value = 5, unit = "s", source = "s", confidence = "V" }]',
            "line 12, spo2_low.escalation: each step must be higher and later",
        ),
        ('trigger = "cuff"', "line 12, spo2_low.trigger: not for this kind"),
        ('[[condition]]\nid = "spo2_low"', "twice"),
    ],
)
def test_a_field_too_many_or_out_of_bounds_is_refused(tmp_path: Path, line: str, said: str) -> None:
    assert said in refusal(tmp_path, f"{GOOD}{line}\n")


def test_a_mistake_in_the_shared_file_is_found_there(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("value = 90", "value = 0"), "_shared")
    assert "_shared.toml cannot be used: line 11" in refusal(tmp_path, 'base = "_shared"\n')


def test_bytes_that_are_no_text_and_files_without_conditions_are_refused(tmp_path: Path) -> None:
    assert "at least one condition" in refusal(tmp_path, 'title = "Empty"\n')
    assert "line 1, condition: write [[condition]]" in refusal(tmp_path, "condition = 3\n")
    (tmp_path / "ours.toml").write_bytes(b"title = '\xff'")
    with pytest.raises(Trouble, match="not UTF-8"):
        load_preset("ours", tmp_path)
