"""The page for the ambulance crew says what stands in the record, and nothing that was taken back."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import entries as e
from monitor.clock import HandClock
from monitor.codec import Entry
from monitor.handover import DISCLAIMER, Page, as_html, as_text, hand_over
from monitor.session import SessionState
from monitor.vitals import CuffReading, Quality, Reading


class Told:
    """A log told entry by entry, a second apart."""

    def __init__(self) -> None:
        self.state, self.clock = SessionState(), HandClock()
        self.tell(e.RunStarted(app="test", offset_ms=0))
        self.tell(
            e.SessionOpened(
                code="KAP-<1>", route="im", preset="im", demo=True, doctor="Dr Lee", phone="555-0100"
            )
        )

    def tell(self, body: e.Body, ago_ms: int = 0) -> int:
        seq = self.state.seq + 1
        self.state.apply(Entry(log="s", seq=seq, entered=self.clock.now(), ago_ms=ago_ms, by="x", body=body))
        self.clock.advance(1)
        return seq

    def read(self, spo2: float, pulse: float, quality: Quality = Quality.GOOD) -> None:
        self.tell(e.ReadingTaken(device="ox", reading=Reading(spo2=spo2, pulse=pulse, quality=quality)))

    def cuff(self, systolic: float, diastolic: float) -> None:
        reading = CuffReading(systolic=systolic, diastolic=diastolic)
        self.tell(e.CuffTaken(device="cuff", reading=reading))

    def page(self) -> Page:
        return hand_over(self.state, self.state.timeline.latest_ms)


def section(page: Page, title: str) -> str:
    found = next(s for s in page.sections if s.title == title)
    return "\n".join(row.what for row in found.rows)


@pytest.fixture
def told() -> Told:
    return Told()


def test_an_empty_session_says_so_in_every_section(told: Told) -> None:
    page = told.page()
    assert section(page, "Given") == "nothing is recorded"
    assert section(page, "Emergency") == "none was declared"
    assert section(page, "Now") == "nothing was measured"
    assert section(page, "Doctor") == "Dr Lee 555-0100"
    assert all(s.rows for s in page.sections)


def test_doses_medicines_and_oxygen_are_in_the_order_in_which_they_were_given(told: Told) -> None:
    told.tell(e.DoseGiven(drug="ketamine", amount_mg=60, route="im"))
    told.tell(e.FindingNoted(code="oxygen", value=2.0))
    told.tell(e.FindingNoted(code="medicine", text="ondansetron 4 mg IV"), ago_ms=500)
    told.tell(e.FindingNoted(code="oxygen", value=0.0))
    given = section(told.page(), "Given").splitlines()
    assert [line.split(" (")[0] for line in given] == [
        "ketamine 60 mg IM",
        "oxygen 2 L/min",
        "ondansetron 4 mg IV",
        "oxygen off",
    ]


def test_what_was_taken_back_is_not_handed_over(told: Told) -> None:
    for body in (
        e.DoseGiven(drug="ketamine", amount_mg=600, route="im"),
        e.FindingNoted(code="medicine", text="wrong"),
        e.ObservationStarted(code="vomited"),
    ):
        told.tell(e.Retracted(entry=told.tell(body)))
    text = as_text(told.page())
    assert not any(word in text for word in ("600", "wrong", "Vomited"))


def test_each_step_stands_with_its_time_since_the_emergency_was_declared(told: Told) -> None:
    told.tell(e.EmergencyStarted())
    told.clock.advance(79)
    told.tell(e.EmergencyStep(step="help_called"))
    told.tell(e.EmergencyStep(step="drug", text="adrenaline 0.5 mg IM"))
    told.tell(e.EmergencyOver(reason="handed to the ambulance crew"))
    said = section(told.page(), "Emergency").splitlines()
    assert said[0].startswith("declared (")
    assert said[1:] == [
        "Help called, +01:20",
        "Drug given: adrenaline 0.5 mg IM, +01:21",
        "over: handed to the ambulance crew",
    ]


def test_last_and_worst_values_have_their_times_and_doubt_is_never_mixed_in(told: Told) -> None:
    for spo2, pulse, quality in (
        (97, 80, Quality.GOOD),
        (82, 131, Quality.GOOD),
        (61, 40, Quality.DOUBTFUL),
        (93, 99, Quality.GOOD),
    ):
        told.read(spo2, pulse, quality)
    told.cuff(182, 110)
    told.cuff(141, 88)
    page = told.page()
    assert section(page, "Worst in this session").splitlines() == [
        "lowest SpO2 82 %",
        "lowest SpO2, doubtful 61 %",
        "slowest pulse 80 /min",
        "fastest pulse 131 /min",
        "highest pressure 182/110 mmHg",
        "lowest pressure 141/88 mmHg",
    ]
    assert section(page, "Now").splitlines()[0].startswith("SpO2 93 % (")
    assert all(
        row.when for s in page.sections if s.title in ("Now", "Worst in this session") for row in s.rows
    )


def test_the_baseline_is_told_in_the_order_in_which_it_is_asked_for(told: Told) -> None:
    told.tell(e.BaselineSet(values={"diastolic": 80, "map": 98, "systolic": 132, "spo2": 97, "pulse": 72}))
    assert section(told.page(), "Before the dose") == "SpO2 97 %, Pulse 72 /min, pressure 132/80 mmHg"


def test_a_value_that_is_old_says_how_old_it_is(told: Told) -> None:
    told.read(91, 90)
    told.clock.advance(240)
    page = hand_over(told.state, told.state.timeline.at(told.clock.now()))
    assert "SpO2 91 % (4 min ago)" in section(page, "Now")


def test_present_alarms_and_past_high_ones_are_told_and_past_low_ones_are_not(told: Told) -> None:
    def alarm(condition: str, state: str, priority: str, value: float) -> None:
        told.tell(
            e.AlarmChanged(
                condition=condition, state=state, priority=priority, vital="spo2", value=value, worst=value,
                at_ms=told.state.timeline.latest_ms, since_ms=0, direction="low", limit=90.0,
            )
        )  # fmt: skip

    alarm("a", "active", "high", 84)
    alarm("a", "ended", "high", 79)
    alarm("b", "active", "low", 92)
    alarm("b", "ended", "low", 92)
    alarm("c", "active", "medium", 88)
    said = section(told.page(), "Alarms").splitlines()
    assert [line.split(",")[0] for line in said] == [
        "high: SpO2 79 (limit 90)",
        "present: medium: SpO2 88 (limit 90)",
    ]


def test_the_page_is_well_formed_and_nothing_in_it_is_taken_for_markup(told: Told) -> None:
    told.tell(e.FindingNoted(code="medicine", text="<script>alert(1)</script>"))
    html = as_html(told.page())

    class Tags(HTMLParser):
        seen: set[str] = set()  # noqa: RUF012 - one parser, one test

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.seen.add(tag)

    Tags().feed(html)
    assert "script" not in Tags.seen
    assert "KAP-&lt;1&gt;" in html
    assert DISCLAIMER in html
    assert DISCLAIMER in as_text(told.page())
    assert "demo, no real patient" in html


BODIES = st.sampled_from(
    (
        e.DoseGiven(drug="ketamine", amount_mg=60, route="nowhere"),
        e.FindingNoted(code="breaths", value=8.0),
        e.FindingNoted(code="oxygen"),
        e.EmergencyStarted(),
        e.EmergencyStep(step="of a newer Vigil"),
        e.EmergencyOver(),
        e.ObservationStarted(code="of a newer Vigil", grade=9),
        e.CuffTaken(device="cuff", reading=CuffReading(failure="the arm moved")),
        e.ReadingTaken(device="ox", reading=Reading(flags=("no signal",))),
        e.Retracted(entry=3),
    )
)


@given(st.lists(BODIES, max_size=12))
def test_every_log_has_its_page(bodies: list[e.Body]) -> None:
    told = Told()
    for body in bodies:
        told.tell(body)
    assert [s.title for s in told.page().sections if not s.rows] == []
    assert as_html(told.page()).count("<tr>") > 8
