"""The burden of a session's alarms, from its log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import entries as e
from monitor.alarms.burden import burden, covered
from monitor.clock import HandClock
from monitor.codec import Entry
from monitor.session import SessionState


class Told:
    """A session's log, told by hand."""

    def __init__(self) -> None:
        self.state, self.clock = SessionState(), HandClock()
        self.tell(e.RunStarted(app="test", offset_ms=0))

    def tell(self, body: e.Body) -> int:
        seq = self.state.seq + 1
        self.state.apply(Entry(log="s", seq=seq, entered=self.clock.now(), ago_ms=0, by="vigil", body=body))
        return seq

    def alarm(self, condition: str, at_s: float, state: str = "active", device: str = "") -> int:
        at_ms = round(1000 * at_s)
        return self.tell(
            e.AlarmChanged(
                condition=condition, state=state, priority="high", at_ms=at_ms, since_ms=at_ms, device=device
            )
        )


def test_an_hour_with_overlapping_alarms() -> None:
    told = Told()
    first = told.alarm("spo2_low", 100)
    told.alarm("spo2_low", 120, "acknowledged")
    told.alarm("pulse_high", 150)
    told.alarm("spo2_low", 200, "ended")
    told.alarm("pulse_high", 190, "acknowledged")
    told.alarm("pulse_high", 250, "ended")
    second = told.alarm("spo2_low", 3_000)
    told.tell(e.AlarmLabelled(alarm=first, useful=True))
    told.tell(e.AlarmLabelled(alarm=second, useful=False))
    found = burden(told.state, 3_600_000)
    assert (found.hours, found.alarms, found.alarms_per_hour) == (1.0, 3, 3.0)
    assert (found.prompt, found.prompt_share) == (1, 0.333)
    assert found.seconds_in_alarm == 150 + 600
    assert (found.useful, found.nuisance, found.unjudged) == (1, 1, 1)
    assert {name: (t.alarms, t.seconds) for name, t in found.by_condition.items()} == {
        "spo2_low": (2, 700.0),
        "pulse_high": (1, 100.0),
    }
    assert [a.began_ms for a in found.spans] == [100_000, 150_000, 3_000_000]


def test_acknowledged_is_prompt_up_to_30_seconds() -> None:
    told = Told()
    for device, seconds in (("a", 30.0), ("b", 30.001)):
        told.alarm("link_lost", 10, device=device)
        told.alarm("link_lost", 10 + seconds, "acknowledged", device=device)
    assert burden(told.state, 60_000).prompt == 1


def test_without_alarms_or_time_nothing_is_divided() -> None:
    found = burden(Told().state, 0)
    assert (found.alarms, found.alarms_per_hour, found.prompt_share) == (0, None, None)
    assert found.seconds_in_alarm == 0


def test_time_ends_with_monitoring() -> None:
    told = Told()
    told.alarm("spo2_low", 0)
    told.clock.advance(60)
    told.alarm("spo2_low", 60, "ended")
    told.tell(e.SessionEnded())
    assert burden(told.state, 9_000_000).hours == pytest.approx(60 / 3600, abs=1e-4)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=12), st.integers(0, 500))
def test_seconds_in_alarm_are_the_seconds_in_which_any_was_present(
    pairs: list[tuple[int, int]], end_s: int
) -> None:
    spans = [(min(p) * 1000, max(p) * 1000) for p in pairs]
    counted = sum(any(a <= t * 1000 < b for a, b in spans) for t in range(end_s))
    assert covered(spans, end_s * 1000) == counted
