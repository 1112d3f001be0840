"""The fold: what entries add up to, whatever order of live and late they come in."""

from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from writing import Writing

from monitor import entries as e
from monitor.codec import GENESIS, Entry, seal, unseal
from monitor.session import Changed, SessionState, fold
from monitor.vitals import Battery, CuffReading, Reading, Vital


def test_a_late_observation_stands_at_the_time_it_happened() -> None:
    log = Writing()
    log(e.ObservationStarted(code="dizzy"), after_s=600, ago_ms=180_000)
    (episode,) = fold(log.entries).open_episodes
    assert episode.start_ms == 420_000


def test_an_episode_is_graded_ended_and_reopened_by_taking_back_its_end() -> None:
    log = Writing()
    started = log(e.ObservationStarted(code="nausea"), after_s=60)
    log(e.ObservationGraded(episode=started.seq, grade=2), after_s=2)
    ended = log(e.ObservationEnded(episode=started.seq), after_s=100)
    assert fold(log.entries).episodes[started.seq].end_ms == 162_000
    log(e.Retracted(entry=ended.seq), after_s=3)
    episode = fold(log.entries).episodes[started.seq]
    assert (episode.end_ms, episode.grade) == (None, 2)


def test_a_retracted_dose_no_longer_starts_the_clock_but_stays_listed() -> None:
    log = Writing()
    dose = log(e.DoseGiven(drug="ketamine", amount_mg=60, route="im"), after_s=60)
    log(e.Retracted(entry=dose.seq))
    state = fold(log.entries)
    assert state.dose_ms is None
    assert [d.retracted for d in state.doses] == [True]
    assert [line.retracted for line in state.lines if line.entry == dose.seq] == [True]


def test_a_silence_breaks_the_line() -> None:
    log = Writing()
    log.reading(spo2=97)
    log.reading(spo2=96, after_s=30)
    values = fold(log.entries).series[Vital.SPO2].values
    assert np.isnan(values).tolist() == [False, True, False]


def test_an_impossible_value_is_never_current() -> None:
    log = Writing()
    log.reading(spo2=97)
    log.reading(spo2=127)
    assert fold(log.entries).now[Vital.SPO2].value is None


def test_a_failed_cuff_reading_is_a_failure_and_not_a_pressure() -> None:
    log = Writing()
    log(e.CuffTaken(device="cuff-1", reading=CuffReading(failure="no pressure could be measured")))
    cuff = fold(log.entries).cuff
    assert cuff is not None
    assert (cuff.systolic, cuff.failure) == (None, "no pressure could be measured")


def test_stored_readings_are_never_live() -> None:
    log = Writing()
    log(e.ReadingTaken(device="o", reading=Reading(spo2=80, stored=True)))
    log(e.CuffTaken(device="c", reading=CuffReading(systolic=190, diastolic=100, stored=True)))
    state = fold(log.entries)
    assert state.now == {}
    assert state.cuff is None


def test_the_oximeters_pulse_comes_before_the_straps() -> None:
    log = Writing()
    log(e.DeviceAssigned(device="o", role="oximeter", driver="x", name="o", address="1"))
    log(e.DeviceAssigned(device="h", role="heart", driver="x", name="h", address="2"))
    log.reading(device="o", pulse=80)
    log.reading(device="h", pulse=120)
    assert fold(log.entries).now[Vital.PULSE].value == 80
    log.reading(device="h", pulse=121, after_s=15)
    assert fold(log.entries).now[Vital.PULSE].value == 121


def test_what_a_released_device_said_is_nobodys_value_any_more() -> None:
    log = Writing()
    log(e.DeviceAssigned(device="o", role="oximeter", driver="x", name="o", address="1"))
    log(e.DeviceAssigned(device="h", role="heart", driver="x", name="h", address="2"))
    log.reading(device="o", spo2=97, pi=3.2)
    log.reading(device="h", pulse=80)
    log(e.DeviceReleased(device="o", reason="not this patient's"))
    assert set(fold(log.entries).now) == {Vital.PULSE}


def test_a_device_that_stays_away_gets_one_line_for_each_reason() -> None:
    log = Writing()
    log(e.DeviceAssigned(device="o", role="oximeter", driver="x", name="o", address="1"))

    def link(state: str, reason: str = "") -> None:
        log(e.LinkChanged(device="o", state=state, reason=reason), after_s=10, by="vigil")

    link("live", "Connected")
    for reason in ("out of range", "out of range", "does not answer"):
        link("lost", reason)
        link("searching", reason)
        link("connecting")
    link("live", "Connected")
    link("live", "Data again")
    lines = [line.body for line in fold(log.entries).lines if isinstance(line.body, e.LinkChanged)]
    assert [(body.state, body.reason) for body in lines] == [
        ("live", "Connected"),
        ("lost", "out of range"),
        ("lost", "does not answer"),
        ("live", "Connected"),
    ]


def test_a_wall_clock_set_back_does_not_bend_session_time() -> None:
    log = Writing()
    log.reading(spo2=97)
    log.clock.step_wall(-3600)
    log.reading(spo2=96)
    assert fold(log.entries).series[Vital.SPO2].times.tolist() == [1000, 2000]


def test_a_second_run_goes_on_where_utc_says() -> None:
    log = Writing()
    log.reading(spo2=97)
    log.clock.restart("run-1", seconds=90)
    log(e.RunStarted(app="test", offset_ms=91_000))
    log.reading(spo2=96)
    assert fold(log.entries).series[Vital.SPO2].times.tolist()[-1] == 92_000


BODIES = st.one_of(
    st.builds(lambda v: e.ReadingTaken(device="o", reading=Reading(spo2=v)), st.floats(0, 130)),
    st.builds(lambda v: e.ReadingTaken(device="o", reading=Reading(pulse=v)), st.floats(0, 400)),
    st.builds(lambda c: e.ObservationStarted(code=c), st.sampled_from(["dizzy", "calm"])),
    st.builds(lambda n: e.ObservationEnded(episode=n), st.integers(0, 40)),
    st.builds(lambda n: e.ObservationGraded(episode=n, grade=1), st.integers(0, 40)),
    st.builds(lambda n: e.Retracted(entry=n), st.integers(0, 40)),
    st.builds(lambda s: e.LinkChanged(device="o", state=s), st.sampled_from(["live", "lost", "silent"])),
    st.builds(lambda mg: e.DoseGiven(drug="ketamine", amount_mg=mg, route="im"), st.floats(1, 200)),
)


@given(st.lists(st.tuples(BODIES, st.integers(0, 300_000)), max_size=30))
def test_state_is_the_same_from_the_bytes_on_disk(happenings: list[tuple[e.Body, int]]) -> None:
    log = Writing()
    for body, ago_ms in happenings:
        log(body, ago_ms=ago_ms, after_s=1)
    assert snapshot(fold(log.entries)) == snapshot(fold(from_bytes(log.entries)))


def from_bytes(entries: Iterable[Entry]) -> Iterable[Entry]:
    for entry in entries:
        yield unseal(seal(entry, GENESIS).data)[0]


def snapshot(state: SessionState) -> object:
    columns = {v: (s.times.tolist(), str(s.values.tolist())) for v, s in state.series.items()}
    return state.now, state.episodes, state.doses, state.devices, state.lines, state.cuff, columns


def test_a_battery_that_gets_low_is_a_line_at_20_and_at_10_per_cent() -> None:
    log = Writing()
    log(e.DeviceAssigned(device="o", role="oximeter", driver="mightysat", name="M", address="1"))
    for percent in (90, 21, 20, 19, 20, 10, 9):
        log(e.BatteryRead(device="o", battery=Battery(percent=percent)), after_s=60)
    lines = [x.body for x in fold(log.entries).lines]
    assert [b.battery.percent for b in lines if isinstance(b, e.BatteryRead)] == [20, 10]


def test_a_battery_that_is_charged_warns_of_nothing() -> None:
    assert Battery(percent=5, charging=True).warning == ""


def test_an_entry_says_what_it_changed() -> None:
    log = Writing()
    state = fold(log.entries)
    assert state.apply(log.reading(spo2=97)) == Changed.VITALS
    assert Changed.DOSES in state.apply(log(e.DoseGiven(drug="ketamine", amount_mg=60, route="im")))


def test_what_one_device_missed_while_the_computer_slept_says_nothing_of_the_others() -> None:
    log = Writing()
    for device in ("a", "b"):
        log(e.DeviceAssigned(device=device, role="oximeter", driver="d", name=device, address=device))
        log.reading(device=device, spo2=97)
    log(e.Gap(cause=e.SLEEP, from_ms=0, to_ms=60_000), after_s=60)
    log.reading(device="a", spo2=97)
    log(e.Gap(cause=e.SLEEP, from_ms=0, to_ms=61_000, device="b"))
    assert fold(log.entries).broken == {"b": e.SLEEP}
