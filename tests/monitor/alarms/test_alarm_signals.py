"""What shows and what sounds, for given alarms and a given audio pause."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from monitor.alarms.ledger import Ledger
from monitor.alarms.presets import load_preset
from monitor.alarms.signals import (
    SoundWanted,
    duration,
    message,
    pause_left_s,
    reminders,
    sound_wanted,
    was,
    worst_first,
)
from monitor.entries import AlarmChanged, AudioOff, AudioPaused

CONDITIONS = load_preset("im").by_id()


def alarm(condition: str, state: str = "active", priority: str = "", at_ms: int = 0) -> AlarmChanged:
    known = CONDITIONS.get(condition)
    return AlarmChanged(
        condition=condition,
        state=state,
        priority=priority or (known.priority.value if known else "high"),
        at_ms=at_ms,
        since_ms=at_ms,
    )


def names(alarms: list[AlarmChanged]) -> list[str]:
    return [a.condition for a in alarms]


def ledger(*changes: AlarmChanged) -> Ledger:
    found = Ledger()
    for number, change in enumerate(changes):
        if change.state in ("acknowledged", "worse", "ended"):
            found.apply(replace(change, state="active"), change.at_ms, number)
        found.apply(change, change.at_ms, number)
    return found


def sound(*changes: AlarmChanged) -> SoundWanted:
    return sound_wanted(ledger(*changes), CONDITIONS, 0)


def test_the_worst_is_shown_first_then_the_unseen_then_the_newest() -> None:
    shown = worst_first(
        [
            alarm("pressure_high", at_ms=9),
            alarm("pulse_high", at_ms=1),
            alarm("pulse_low", at_ms=5),
            alarm("spo2_low", state="acknowledged", at_ms=8),
            alarm("spo2_missing", at_ms=2),
            alarm("pressure_low", state="ended", at_ms=9),
        ]
    )
    assert names(shown) == ["spo2_missing", "spo2_low", "pulse_low", "pulse_high", "pressure_high"]


@pytest.mark.parametrize(
    ("present", "wanted"),
    [
        ([], "none"),
        (["pulse_high", "spo2_low", "link_lost"], "high"),
        (["link_lost", "pulse_high"], "medium"),
        (["link_lost", "pressure_high"], "technical"),
        (["pressure_due", "pressure_high"], "low"),
        (["pressure_due"], "technical"),
        (["a_condition_of_a_newer_version"], "high"),
    ],
)
def test_the_worst_unseen_alarm_sounds(present: list[str], wanted: str) -> None:
    assert sound(*[alarm(name) for name in present]) == wanted


def test_acknowledged_and_ended_alarms_are_silent() -> None:
    assert sound(alarm("spo2_low", state="acknowledged"), alarm("pulse_high", state="ended")) == "none"
    assert sound(alarm("spo2_low", state="acknowledged"), alarm("pulse_high")) == "medium"
    assert sound(alarm("spo2_doubtful", state="worse", priority="high")) == "high"


def test_a_technical_alarm_of_high_priority_sounds_high() -> None:
    assert sound(alarm("link_lost", priority="high")) == "high"


@pytest.mark.parametrize(
    ("now_ms", "left"), [(0, 120), (1, 120), (1000, 119), (119_999, 1), (120_000, 0), (500_000, 0)]
)
def test_the_countdown_counts_down(now_ms: int, left: int) -> None:
    assert pause_left_s(120_000, now_ms) == left


def test_the_banner_says_what_how_bad_how_long_and_where_to_look() -> None:
    low = AlarmChanged(
        condition="spo2_low",
        state="active",
        priority="high",
        at_ms=15_000,
        since_ms=0,
        direction="low",
        vital="spo2",
        value=88,
        worst=84,
        limit=90,
    )
    look = "look: breathing? rouse, open airway, then probe"
    assert message(low, CONDITIONS["spo2_low"], 22_400) == f"*** SpO2 88 · limit 90 · 0:22 · {look}"
    assert message(low, CONDITIONS["spo2_low"], 22_400, value=84).startswith("*** SpO2 84 · limit 90 · 0:22")
    assert message(low, None, 22_400) == "*** SpO2 88 · limit 90 · 0:22"


def test_a_doubtful_value_carries_its_question_mark() -> None:
    change = AlarmChanged(
        condition="spo2_doubtful",
        state="active",
        priority="medium",
        at_ms=0,
        since_ms=0,
        vital="spo2",
        value=84,
        limit=90,
    )
    assert message(change, CONDITIONS["spo2_doubtful"], 0).startswith("** SpO2 84? · limit 90 · 0:00")


LOW = AlarmChanged(
    condition="spo2_low", state="active", priority="high", at_ms=0, since_ms=0,
    direction="low", vital="spo2", value=88, worst=84, limit=90,
)  # fmt: skip


def test_a_doubtful_sample_marks_any_alarm() -> None:
    said = message(LOW, CONDITIONS["spo2_low"], 0, 84, doubtful=True)
    assert said.startswith("*** SpO2 84? · limit 90")


def test_what_is_not_measured_any_more_is_told_with_its_time() -> None:
    said = message(LOW, CONDITIONS["spo2_low"], 22_000, 84, at="02:14")
    assert said.startswith("*** SpO2 last 84 at 02:14, not measured · limit 90 · 0:22 · look:")
    doubted = message(LOW, None, 0, 84, doubtful=True, at="02:14")
    assert doubted == "*** SpO2 last 84? at 02:14, not measured · limit 90 · 0:00"


def test_what_is_over_says_how_bad_it_was_and_from_when_to_when() -> None:
    ended = replace(LOW, state="ended", value=93)
    assert was(ended, CONDITIONS["spo2_low"], "02:14", "02:41") == (
        "was SpO2 84 · limit 90 · 02:14–02:41 · over"
    )
    assert was(alarm("link_lost"), CONDITIONS["link_lost"], "02:14", "02:41", "MightySat") == (
        "was No data from device: MightySat · 02:14–02:41 · over"
    )
    assert was(alarm("chest_pain"), None, "−01:10", "00:05") == "was chest pain · −01:10–00:05 · over"


def test_technical_alarms_name_the_device() -> None:
    lost = alarm("link_lost")
    said = message(lost, CONDITIONS["link_lost"], 75_000, device="MightySat")
    assert said == "** No data from device: MightySat · 1:15 · look: patient first, then device on and near"
    assert message(alarm("some_rule"), None, 0) == "*** some rule · 0:00"


@pytest.mark.parametrize(
    ("ms", "text"), [(-5, "0:00"), (22_999, "0:22"), (727_000, "12:07"), (3_723_000, "1:02:03")]
)
def test_durations_read_like_a_clock(ms: int, text: str) -> None:
    assert duration(ms) == text


def test_a_pause_silences_until_it_is_over() -> None:
    paused = ledger(alarm("spo2_low"))
    paused.apply(AudioPaused(seconds=60), 10_000, 2)
    assert sound_wanted(paused, CONDITIONS, 69_999) == "none"
    assert sound_wanted(paused, CONDITIONS, 70_000) == "high"


def test_sound_that_is_off_is_recalled_every_three_minutes() -> None:
    off = ledger(alarm("spo2_low"))
    off.apply(AudioOff(reason="anaesthetist in the room"), 10_000, 2)
    assert sound_wanted(off, CONDITIONS, 9_000_000) == "none"
    assert [reminders(off, 10_000 + ms) for ms in (0, 179_999, 180_000, 360_000)] == [0, 0, 1, 2]
