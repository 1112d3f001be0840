"""Replay: what a recording means, what the rules make of it, and what a person may try on it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.alarms.recording import Recording, read_recording
from monitor.alarms.replay import Replayed, limits_to_try, replay_recording, summarise
from monitor.trouble import Trouble
from monitor.vitals import Reading
from tests.monitor.alarms import bare_threshold
from tests.monitor.alarms.comparison import compared_text
from tests.monitor.alarms.recordings import KINDS, made_up, virtual_patient

PRESET = load_preset("im")


def read(text: str) -> Recording:
    return read_recording(text.encode())


def replayed(text: str, **limits: float) -> Replayed:
    return replay_recording(read(text), PRESET, limits)


def second_by_second(spo2: Sequence[int | str], header: str = "time,spo2") -> str:
    return "\n".join([header, *(f"{t},{value}" for t, value in enumerate(spo2))]) + "\n"


def brief(replayed: Replayed) -> list[tuple[str, str, float]]:
    return [(c.condition, c.state, c.at_ms / 1000) for c in replayed.changes]


def readings(recording: Recording) -> list[tuple[Reading, int]]:
    return [(body.reading, at) for body, at in recording.moments if isinstance(body, e.ReadingTaken)]


# --- what a file may look like ----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "time,spo2,pulse\n0,97,70\n1,84,71\n",
        "\ufeffTime, SpO2 ,PULSE\r\n0,97,70\r\n1,84,71\r\n",
        "pulse;time;spo2\n70;0;97\n71;1;84\n",
        "spo2\ttime\tpulse\n97,0\t0\t70\n84,0\t1\t71",
        'note,pulse,spo2,time\nx,70,97.0,100\n\n"a, b",71,84.0,101\n',
        "time,spo2,pulse\n2026-03-01T14:05:00,97,70\n2026-03-01T14:05:01,84,71\n",
        "time,spo2,pulse\n2026-03-01 23:59:59.5Z,97,70\n2026-03-02 01:00:00.5+01:00,84,71\n",
        "time,spo2,pulse,quality\n0,97,70,good\n1,84,71,1\n",
        "time,spo2,pulse,quality,\n0,97,70,,\n1,84,71,GOOD,\n",
    ],
)
def test_files_of_different_owners_mean_the_same(text: str) -> None:
    assert readings(read(text)) == [(Reading(spo2=97, pulse=70), 0), (Reading(spo2=84, pulse=71), 1000)]


def test_columns_that_are_not_read_are_named() -> None:
    assert read("time,spo2,Room,systolic\n0,97,3,120\n").notes == (
        "Columns not read: Room.",
        "Column not read: systolic, since a pressure has both.",
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Line 1: there is no column time"),
        ("seconds,spo2\n0,97\n", "Line 1: there is no column time"),
        ("0,97\n1,96\n", "Line 1: there is no column time"),
        ("time,temperature\n0,37\n", "Line 1: there is none of the columns"),
        ("time,systolic\n0,120\n", "Line 1: there is none of the columns"),
        ("time,spo2,SpO2\n0,97,97\n", "Line 1: there are several columns spo2"),
        ("time,spo2\n", "Line 1: there are no rows"),
        ("time,spo2\n0,97\n1,ninety\n", "Line 3: spo2 is not a number"),
        ("time,spo2\n0,97\n1,nan\n", "Line 3: spo2 is not a number"),
        ("time,spo2\n0,97\n1,inf\n", "Line 3: spo2 is not a number"),
        ("time,spo2\n0,97\n1,9_7\n", "Line 3: spo2 is not a number"),
        ("time,spo2\n0,97\n1,٩٧\n", "Line 3: spo2 is not a number"),
        ("time;spo2\n0;97\n1,500;97\n", "Line 3: time is not a number of seconds"),
        ("time,spo2\n0,97\n2,97\n1,97\n", "Line 4: time goes back"),
        ("time,spo2\n0,97\n,97\n", "Line 3: time is not a number of seconds"),
        ("time,spo2\n0,97\n2026-03-01T14:05:00,97\n", "Line 3: time is not a number of seconds"),
        ("time,spo2\n14:05,97\n", "Line 2: time is neither seconds nor ISO 8601"),
        ("time,spo2\n2026-03-01T14:05,97\n2026-03-01T14:06Z,97\n", "Line 3: its time has a zone"),
        ("time,spo2\n0,97\n" + "9" * 400 + ",97\n", "Line 3: time is not a number of seconds"),
        ("time,spo2,quality\n0,97,good\n1,97,bad\n", "Line 3: quality is none of"),
        ("time,spo2,pulse\n0,97,70\n1,9", "Line 3: it has 2 cells where the header has 3"),
        ("time,spo2\n0,97\n1,97,70\n", "Line 3: it has 3 cells where the header has 2"),
        ('time,spo2\n0,97\n1,"97\n', "this is no CSV"),
        ("time,spo2\n0,0.97\n1,0.96\n", "Column spo2 has no number that could be measured"),
    ],
)
def test_what_would_give_a_wrong_number_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(Trouble) as refused:
        read(text)
    assert says in refused.value.happened


def test_another_encoding_is_refused_with_its_line() -> None:
    with pytest.raises(Trouble, match="Line 2: not UTF-8 text"):
        read_recording("time,spo2\n0,97 \xe4\n".encode("latin-1"))


def test_a_refusal_never_repeats_what_stands_in_the_file() -> None:
    with pytest.raises(Trouble) as refused:
        read("time,spo2\n0,Jane Doe\n")
    assert "Jane" not in refused.value.two_lines()


# --- what its cells mean ------------------------------------------------------------------------


def test_a_vital_measured_less_often_is_held_between_its_values_but_not_beyond() -> None:
    text = "time,spo2,pulse\n0,88,70\n1,,71\n2,--,72\n3,87,73\n4,,74\n12,97,75\n"
    assert [r.spo2 for r, _ in readings(read(text))] == [88, 88, 88, 87, None, 97]


def test_a_row_with_a_pressure_alone_says_nothing_of_the_oximeter() -> None:
    recording = read("time,spo2,systolic,diastolic\n0,97,,\n0.5,,182,95\n6,97,,\n")
    assert [at for _, at in readings(recording)] == [0, 6000]
    assert [at for body, at in recording.moments if isinstance(body, e.CuffTaken)] == [500]


def test_a_pressure_written_again_in_each_row_is_one_measurement() -> None:
    pairs = ["185,90"] * 600 + ["150,90"] * 600
    pairs[100:110] = [","] * 10
    rows = "".join(f"{t},97,{pair}\n" for t, pair in enumerate(pairs))
    result = replayed("time,spo2,systolic,diastolic\n" + rows)
    severe = [c for c in result.changes if c.condition == "pressure_severe"]
    assert [(c.state, c.priority, c.at_ms // 1000) for c in severe] == [
        ("active", "medium", 0),
        ("ended", "medium", 600),
    ]


def test_equal_pressures_minutes_apart_are_two_measurements() -> None:
    text = "time,systolic,diastolic\n0,185,90\n300,185,90\n"
    severe = [c.state for c in replayed(text).changes if c.condition == "pressure_severe"]
    assert severe == ["active", "worse"]


def test_numbers_that_cannot_be_measurements_are_no_data() -> None:
    recording = read(second_by_second([97, 0, 0, 127, 97]))
    assert recording.notes == ("Column spo2: 3 numbers cannot be measurements and count as none.",)
    assert replay_recording(recording, PRESET, {}).changes == ()


def test_rows_too_far_apart_for_the_rules_are_told() -> None:
    text = "time,spo2\n" + "".join(f"{60 * m},97\n" for m in range(10))
    assert "60 s apart" in read(text).notes[0]


# --- what the rules make of it ------------------------------------------------------------------


def test_changes_come_at_the_time_of_the_recording() -> None:
    result = replayed(second_by_second([97] * 60 + [83] * 12 + [97] * 60))
    assert brief(result) == [("spo2_very_low", "active", 62), ("spo2_very_low", "ended", 72)]
    assert result.summary.by_condition["spo2_very_low"].seconds == 10
    assert result.summary.seconds_in_alarm == 10


def test_a_gap_in_time_is_a_gap_in_data() -> None:
    text = "time,spo2\n0,97\n" + "".join(f"{t},97\n" for t in range(100, 110))
    assert brief(replayed(text)) == [
        ("link_lost", "active", 15),
        ("spo2_missing", "active", 60),
        ("link_lost", "ended", 100),
        ("spo2_missing", "ended", 100),
    ]


def test_cells_without_a_value_are_missing_data_though_the_rows_go_on() -> None:
    assert brief(replayed(second_by_second([97] * 10 + [""] * 90))) == [("spo2_missing", "active", 69)]


def test_doubtful_values_are_a_case_of_their_own() -> None:
    text = "time,spo2,quality\n" + "".join(f"{t},84,{0 if t else 1}\n" for t in range(40))
    said = [(c.condition, c.priority) for c in replayed(text).changes if c.condition == "spo2_doubtful"]
    assert said == [("spo2_doubtful", "medium"), ("spo2_doubtful", "high")]


@pytest.mark.parametrize("header", ["time,pulse", "time,systolic,diastolic"])
def test_what_the_file_has_no_column_for_is_not_missed(header: str) -> None:
    row = "70" if "pulse" in header else "120,70"
    text = header + "\n" + "".join(f"{t},{row}\n" for t in range(300))
    assert replayed(text).changes == ()


def test_what_goes_on_at_the_end_is_told_and_counts_up_to_the_last_row() -> None:
    summary = replayed(second_by_second([97] * 10 + [83] * 12)).summary
    assert summary.active_at_end == ("spo2_very_low",)
    assert summary.seconds_in_alarm == 9
    assert summary.hours == pytest.approx(21 / 3600, abs=1e-4)


def test_a_single_row_has_no_rate() -> None:
    assert replayed("time,spo2\n7,97\n").summary.alarms_per_hour is None


def test_a_limit_that_is_tried_replaces_the_presets() -> None:
    text = second_by_second([97] * 10 + [89] * 60 + [97] * 60)
    assert "spo2_low" in replayed(text).summary.by_condition
    assert "spo2_low" not in replayed(text, spo2_low=88).summary.by_condition


def test_seconds_in_alarm_count_once_however_many_are_active() -> None:
    def change(condition: str, state: str, at_s: int) -> e.AlarmChanged:
        return e.AlarmChanged(
            condition=condition, state=state, priority="high", at_ms=1000 * at_s, since_ms=0
        )

    story = [
        ("a", "active", 0),
        ("b", "active", 5),
        ("a", "worse", 6),
        ("a", "ended", 10),
        ("b", "ended", 20),
    ]
    summary = summarise(
        [change(*one) for one in [*story, ("a", "active", 30), ("a", "ended", 40)]], 3_600_000
    )
    assert (summary.alarms, summary.seconds_in_alarm) == (3, 30)
    assert {name: (t.alarms, t.seconds) for name, t in summary.by_condition.items()} == {
        "a": (2, 20),
        "b": (1, 15),
    }


# --- limits to try --------------------------------------------------------------------------------


def test_limits_are_read_by_the_keys_of_the_preset() -> None:
    wanted = {"spo2_low": 88.0, "pressure_high": 170.0, "pressure_high.diastolic": 105.0}
    assert limits_to_try("spo2_low=88, pressure_high=170,pressure_high.diastolic=105", PRESET) == wanted
    assert limits_to_try("", PRESET) == {}


def test_every_limit_of_the_preset_can_be_tried() -> None:
    known = {key: limit for c in PRESET.conditions for key, limit in c.limits_by_key().items()}
    assert limits_to_try(",".join(f"{key}={limit:g}" for key, limit in known.items()), PRESET) == known


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("spo2=88", "no such limit"),
        ("spo2_missing=88", "no such limit"),
        ("spo2_low=88,spo2_low=87", "twice"),
        ("spo2_low", "not a number"),
        ("spo2_low=low", "not a number"),
        ("spo2_low=nan", "impossible"),
        ("spo2_low=inf", "impossible"),
        ("spo2_low=101", "impossible"),
        ("spo2_low=9", "far from the preset's 90"),
        ("pulse_very_high=14", "impossible"),
        ("pulse_very_high=41", "far from the preset's 140"),
        ("pressure_high.diastolic=10", "far from the preset's 100"),
    ],
)
def test_limits_that_make_no_sense_are_refused(text: str, says: str) -> None:
    with pytest.raises(Trouble) as refused:
        limits_to_try(text, PRESET)
    assert says in refused.value.happened


# --- against a bare threshold ---------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["dips", "limit", "all"])
def test_ordinary_dips_alarm_at_least_three_times_less_often(kind: str, seed: int) -> None:
    said = compared_text(made_up(kind, seed))
    assert said["bare"] >= 3 * said["vigil"], said
    assert said["unheard"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_true_fall_of_a_recording_goes_unheard(kind: str) -> None:
    assert compared_text(made_up(kind, 11))["unheard"] == []


@pytest.mark.parametrize("script", ["desaturation", "half-off-then-real", "sensor-off"])
def test_no_fall_of_the_virtual_patient_goes_unheard(script: str) -> None:
    assert compared_text(virtual_patient(script))["unheard"] == []


def test_breathing_alone_alarms_nobody() -> None:
    assert replayed(made_up("calm", 0)).changes == ()


stretch = st.tuples(
    st.sampled_from(["97", "91", "90", "89", "86", "85", "84", "84.9", "83", "70", "", "0"]),
    st.sampled_from(["good", "good", "good", "doubtful"]),
    st.integers(1, 40),
    st.sampled_from([0.25, 1, 1, 1, 2, 4, 5, 6, 30]),
)


@settings(max_examples=300)
@given(st.lists(stretch, min_size=1, max_size=12))
def test_no_ten_seconds_below_85_ever_go_unheard(story: list[tuple[str, str, int, float]]) -> None:
    lines, t = ["time,spo2,quality"], 0.0
    for value, quality, count, apart in [("97", "good", 1, 1.0), *story]:
        for _ in range(count):
            lines.append(f"{t:g},{value},{quality}")
            t += apart
    assert compared_text("\n".join(lines) + "\n")["unheard"] == []


# --- the script that judges ------------------------------------------------------------------------


def test_a_stretch_needs_its_seconds_and_no_hole() -> None:
    def low(*times: float) -> list[bare_threshold.Sample]:
        return [(t, 84.0) for t in times]

    find = bare_threshold.stretches
    assert find([*low(*range(10)), (10, 97.0)], 85, 10) == [(0, 10)]
    assert find([*low(*range(9)), (9, 97.0)], 85, 10) == []
    assert find(low(*range(8), *range(20, 28)), 85, 10) == []
    assert find([(0, 97.0), *low(*range(1, 12))], 85, 10) == [(1, 11)]
    assert bare_threshold.unheard([(1, 11)], [(0, 0.5), (11.5, 20)]) == [(1, 11)]
    assert bare_threshold.unheard([(1, 11)], [(0, 1)]) == []


def test_a_bare_threshold_counts_each_fall_below_it() -> None:
    values = [97.0, 89, 89, 90, 89, 97, 85, 97]
    assert bare_threshold.crossings(list(enumerate(values)), 90) == 3
    assert bare_threshold.crossings(list(enumerate(values)), 88) == 1
