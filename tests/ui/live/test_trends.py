"""The window in time, gaps with reasons, lanes: what the trends show, without a screen."""

from __future__ import annotations

from live_story import Story

from monitor import entries as e
from monitor.cuff import typed
from monitor.vitals import Vital
from ui.live import trends
from ui.live.trends import BACK_TO_LIVE_MS, MINUTE, Span, Window


def test_the_window_begins_with_the_baseline_and_then_follows_the_live_edge() -> None:
    window = Window()
    assert window.bounds(34 * MINUTE, 10 * MINUTE) == (0, 60 * MINUTE)
    left, right = window.bounds(120 * MINUTE, 10 * MINUTE)
    assert right - left == 60 * MINUTE
    assert left < 120 * MINUTE < right


def test_all_shows_the_whole_session() -> None:
    window = Window()
    window.choose("all")
    for minutes in (1, 40, 90, 720):
        left, right = window.bounds(minutes * MINUTE, None)
        assert left == 0
        assert minutes * MINUTE < right <= max(30, minutes * 1.2 + 2) * MINUTE


def test_looking_back_ends_by_itself() -> None:
    window, now = Window(), 120 * MINUTE
    window.move(-30 * MINUTE, now, None)
    assert not window.live
    assert window.bounds(now + BACK_TO_LIVE_MS - 1, None)[1] == window.bounds(now, None)[1]
    window.bounds(now + BACK_TO_LIVE_MS, None)
    assert window.live


def test_moving_forward_past_now_follows_again_and_back_stops_at_the_beginning() -> None:
    window, now = Window(), 120 * MINUTE
    window.move(-500 * MINUTE, now, None)
    assert window.bounds(now, None)[0] == 0
    window.move(500 * MINUTE, now, None)
    assert window.live


def test_ticks_are_round_minutes_since_the_dose_and_not_too_many() -> None:
    assert trends.ticks(0, 60 * MINUTE, 10 * MINUTE, 10) == [-10, 0, 10, 20, 30, 40, 50]
    assert len(trends.ticks(0, 720 * MINUTE, 0, 10)) <= 10


def test_a_gap_has_its_reason_and_an_unexplained_one_says_no_signal(story: Story) -> None:
    story.clock.advance(1)
    story.read(None, None)
    story.clock.advance(60)
    story.read(96, 80)
    [span] = trends.gaps(story.state, Vital.SPO2, story.now_ms)
    assert span.text == "no signal"
    story.clock.advance(60)
    until = story.now_ms
    story.tell(e.Gap(cause=e.SLEEP, from_ms=until - 60_000, to_ms=until), by="vigil")
    story.read(96, 80)
    texts = [span.text for span in trends.gaps(story.state, Vital.SPO2, story.now_ms)]
    assert texts == ["no signal", "computer slept"]


def test_a_gap_of_the_cuff_is_none_of_the_oximeters(story: Story) -> None:
    story.tell(e.Gap(cause="link", from_ms=0, to_ms=60_000, device="cuff"), by="vigil")
    assert trends.gaps(story.state, Vital.SPO2, story.now_ms) == []


def test_silence_at_the_live_edge_is_a_gap_that_goes_on(story: Story) -> None:
    story.clock.advance(15)
    [span] = trends.gaps(story.state, Vital.SPO2, story.now_ms)
    assert span.to_ms == trends.OPEN


def test_alarms_lie_on_the_plot_of_their_vital_or_device(story: Story) -> None:
    story.alarm("pressure_high", priority="low", vital="diastolic", value=104.0, limit=100.0)
    story.alarm("spo2_low", vital="spo2", value=84.0, limit=90.0)
    story.alarm("link_lost", priority="medium", device="cuff")
    found = trends.alarm_spans(story.state)
    assert [s.text for s in found[Vital.SPO2]] == ["high"]
    assert [s.text for s in found[Vital.SYSTOLIC]] == ["low", "medium"]


def test_observations_are_spelled_out_with_their_grade_and_taken_back_ones_are_gone(story: Story) -> None:
    story.tell(e.ObservationStarted(code="nausea"))
    nausea = story.state.seq
    story.tell(e.ObservationGraded(episode=nausea, grade=2))
    story.tell(e.FindingNoted(code="oxygen", value=2.0))
    assert [s.text for s in trends.spans(story.state)] == ["nausea 2", "oxygen 2"]
    story.tell(e.Retracted(entry=nausea))
    assert [s.text for s in trends.spans(story.state)] == ["oxygen 2"]


def test_spans_that_overlap_lie_in_different_lanes() -> None:
    spans = [Span(0, 10, "a"), Span(5, 15, "b"), Span(11, 20, "c"), Span(12, 13, "d"), Span(12, 13, "e")]
    placed = trends.pack(spans, lambda s: s.from_ms, lambda s: s.to_ms, 3)
    assert [(lane, free) for _, lane, free in placed] == [
        (0, True),
        (1, True),
        (0, True),
        (2, True),
        (2, False),
    ]


def test_every_pressure_is_a_bar_and_a_failed_one_keeps_its_reason(story: Story) -> None:
    story.cuff(132, 80, 98)
    story.fail_cuff("arm moved")
    found = trends.pressures(story.state, 0, story.now_ms)
    assert [(c.systolic, c.diastolic, c.map, c.failure) for c in found] == [
        (132, 80, 98, None),
        (None, None, None, "arm moved"),
    ]
    assert trends.pressures(story.state, story.now_ms + 1, story.now_ms + 2) == []


def test_a_typed_pressure_is_spelled_out_as_typed(story: Story) -> None:
    story.clock.advance(60)
    story.tell(typed(131, 79))
    (found,) = trends.pressures(story.state, 0, story.now_ms)
    assert trends.pressure_words(found, 0) == "131/79, typed in by hand · 01:00"


def test_another_oximeter_in_the_first_ones_place_is_marked(story: Story) -> None:
    old = next(iter(story.state.devices))
    story.tell(
        e.DeviceAssigned(
            device="ox-9", role="oximeter", driver="sig", name="Other", address="y", replaces=old
        )
    )
    assert [(s.text, s.look) for s in trends.spans(story.state)] == [("other oximeter", "instant")]
