"""The page for the ambulance crew: what was given, what happened and when, as the record has it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape

import msgspec
import numpy as np

from monitor import entries as e
from monitor.alarms.signals import NAMES
from monitor.baseline import measured
from monitor.care.content import emergency_steps
from monitor.care_now import Event
from monitor.infusion import Infusion
from monitor.language import day_of_year, language, tr
from monitor.now import Line
from monitor.session import Alarm, SessionState
from monitor.situation import Emergency
from monitor.vitals import Vital
from monitor.words import clock_time, grade_words, label_of, length
from monitor.words.care_lines import criteria, dose_details, event_grade, intervention_label, route_label
from monitor.words.tellers import Names

DISCLAIMER = tr(
    "Not cleared or approved by FDA. Not a substitute for a cleared monitor with its own alarms "
    "or for a trained person with the patient."
)
UNITS = {Vital.SPO2: "%", Vital.PULSE: "/min"}
# Findings that are told with the medicines, not with what was seen.
GIVEN = ("oxygen", "medicine")


class Row(msgspec.Struct, frozen=True):
    """One fact with the time it happened; `when` is empty where it has none."""

    when: str
    what: str


class Section(msgspec.Struct, frozen=True):
    title: str
    rows: tuple[Row, ...]


class Page(msgspec.Struct, frozen=True):
    """What the crew reads, in the order in which they ask for it."""

    code: str
    made: str
    """As of when, by the clock on the wall."""
    demo: bool
    sections: tuple[Section, ...]


def hand_over(state: SessionState, now_ms: int) -> Page:
    """What the record says at session time `now_ms`. What was taken back is left out."""
    times = _Times(state, now_ms)
    made = state.timeline.wall(now_ms)
    parts = (
        (tr("Given"), _given(state, times)),
        (tr("Emergency"), _emergency(state, times)),
        (tr("Now"), _now(state, times)),
        (tr("Worst in this session"), _worst(state, times)),
        (tr("Before the dose"), _baseline(state)),
        (tr("Seen"), _seen(state, times)),
        (tr("Alarms"), _alarms(state, times)),
        (tr("Doctor"), _doctor(state)),
    )
    return Page(
        code=state.code,
        made=made.strftime("%Y-%m-%d %H:%M") if made else "",
        demo=bool(state.opened and state.opened.demo),
        sections=tuple(Section(title, tuple(rows)) for title, rows in parts),
    )


class _Times:
    """Times as a crew needs them: by the clock on the wall, and how long ago."""

    def __init__(self, state: SessionState, now_ms: int) -> None:
        self._state = state
        self.now_ms = now_ms

    def at(self, at_ms: int) -> str:
        """14:03:22, with the day's name where it is not today's."""
        wall, now = self._state.timeline.wall(at_ms), self._state.timeline.wall(self.now_ms)
        if wall is None or now is None:
            return clock_time(at_ms)
        clock = f"{wall:%H:%M:%S}"
        return clock if _day(wall) == _day(now) else f"{day_of_year(wall)} {clock}"

    def ago(self, at_ms: int) -> str:
        """(12 min ago)"""
        return tr("({length} ago)", length=length(self.now_ms - at_ms))


def _day(wall: datetime) -> str:
    return wall.date().isoformat()


# --- the sections -------------------------------------------------------------------------


def _given(state: SessionState, times: _Times) -> Iterable[Row]:
    rows, names = [], Names({}, {}, state.staff)
    for dose in (d for d in state.doses if not d.retracted):
        which = tr(", booster") if dose.kind == e.BOOSTER else ""
        what = tr(
            "{drug} {amount_mg:g} mg {route_label}{which} {ago}",
            drug=tr(dose.drug),
            amount_mg=dose.amount_mg,
            route_label=route_label(dose.route),
            which=which,
            ago=times.ago(dose.at_ms),
        )
        details = dose_details(dose.told, names) if dose.told else ""
        rows.append((dose.at_ms, f"{what}: {details}" if details else what))
    rows += [(x.at_ms, _infusion(x, times)) for x in state.care.infusions]
    for line in _standing(state):
        body = line.body
        if isinstance(body, e.FindingNoted) and body.code == "oxygen":
            flow = tr("oxygen") if body.value is None else tr("oxygen {value:g} L/min", value=body.value)
            rows.append((line.at_ms, flow if body.value != 0 else tr("oxygen off")))
        elif isinstance(body, e.FindingNoted) and body.code == "medicine":
            rows.append((line.at_ms, body.text or tr("medicine, not named")))
    return _in_order(rows, times) or [Row("", tr("nothing is recorded"))]


def _infusion(infusion: Infusion, times: _Times) -> str:
    body = infusion.body
    given = tr(
        "{drug} infusion {route_label}, {given_mg:.3g} mg so far",
        drug=tr(body.drug),
        route_label=route_label(body.route),
        given_mg=infusion.given_mg(times.now_ms),
    )
    if infusion.stopped_ms is not None:
        return tr("{given}, stopped {ago}", given=given, ago=times.ago(infusion.stopped_ms))
    runs = tr("paused") if infusion.paused else tr("runs at {rate_ml_h:g} mL/h", rate_ml_h=infusion.rate_ml_h)
    return tr(
        "{given}, {runs} of {mg_per_ml:g} mg/mL, since {at}",
        given=given,
        runs=runs,
        mg_per_ml=body.mg_per_ml,
        at=times.at(infusion.at_ms),
    )


def _emergency(state: SessionState, times: _Times) -> Iterable[Row]:
    known = state.situation
    found = [*known.past_emergencies, *([known.emergency] if known.emergency else [])]
    return [row for emergency in found for row in _steps(emergency, times)] or [
        Row("", tr("none was declared"))
    ]


def _steps(emergency: Emergency, times: _Times) -> list[Row]:
    labels = {deed.code: deed.label for deed in emergency_steps()}
    rows = [Row(times.at(emergency.since_ms), tr("declared {ago}", ago=times.ago(emergency.since_ms)))]
    for step in sorted(emergency.steps, key=lambda s: s.at_ms):
        what = labels.get(step.code, step.code.replace("_", " "))
        said = f"{what}: {step.text}" if step.text else what
        rows.append(Row(times.at(step.at_ms), f"{said}, {_plus(step.at_ms - emergency.since_ms)}"))
    if emergency.over_ms is not None:
        over = tr("over: {reason}", reason=emergency.reason) if emergency.reason else tr("over")
        rows.append(Row(times.at(emergency.over_ms), over))
    return rows


def _plus(ms: int) -> str:
    return f"+{clock_time(max(0, ms))}"


def _now(state: SessionState, times: _Times) -> Iterable[Row]:
    rows = []
    for vital, unit in UNITS.items():
        # The newest value there was; how old it is stands beside it.
        series = state.series[vital]
        known = np.flatnonzero(~np.isnan(series.values))
        if len(known):
            last = int(known[-1])
            at_ms, doubt = int(series.times[last]), tr(" doubtful") if series.doubtful[last] else ""
            what = f"{NAMES[vital]} {series.values[last]:.0f} {unit}{doubt} {times.ago(at_ms)}"
            rows.append((at_ms, what))
    good = [cuff for cuff in state.pressures.all if cuff.systolic is not None]
    if good:
        cuff = good[-1]
        typed = tr(", by hand") if cuff.typed else ""
        what = tr(
            "pressure {systolic:.0f}/{diastolic:.0f} mmHg{typed} {ago}",
            systolic=cuff.systolic,
            diastolic=cuff.diastolic,
            typed=typed,
            ago=times.ago(cuff.at_ms),
        )
        rows.append((cuff.at_ms, what))
    return [Row(times.at(at_ms), what) for at_ms, what in rows] or [Row("", tr("nothing was measured"))]


def _worst(state: SessionState, times: _Times) -> Iterable[Row]:
    """The extremes of what was measured; doubtful values are told apart, never mixed in."""
    rows = [
        _extreme(state, Vital.SPO2, tr("lowest SpO2"), lowest=True),
        _extreme(state, Vital.SPO2, tr("lowest SpO2, doubtful"), lowest=True, doubtful=True),
        _extreme(state, Vital.PULSE, tr("slowest pulse"), lowest=True),
        _extreme(state, Vital.PULSE, tr("fastest pulse"), lowest=False),
    ]
    good = [cuff for cuff in state.pressures.all if cuff.systolic is not None]
    if good:
        for name, cuff in (
            (tr("highest"), max(good, key=lambda c: c.systolic or 0)),
            (tr("lowest"), min(good, key=lambda c: c.systolic or 0)),
        ):
            what = tr(
                "{name} pressure {systolic:.0f}/{diastolic:.0f} mmHg",
                name=name,
                systolic=cuff.systolic,
                diastolic=cuff.diastolic,
            )
            rows.append((cuff.at_ms, what))
    return [Row(times.at(row[0]), row[1]) for row in rows if row is not None] or [
        Row("", tr("nothing was measured"))
    ]


def _extreme(
    state: SessionState, vital: Vital, name: str, *, lowest: bool, doubtful: bool = False
) -> tuple[int, str] | None:
    series = state.series[vital]
    of_this_kind = series.doubtful if doubtful else ~series.doubtful
    found = np.flatnonzero(~np.isnan(series.values) & of_this_kind)
    if not len(found):
        return None
    values = series.values[found]
    place = int(found[int(np.argmin(values) if lowest else np.argmax(values))])
    return int(series.times[place]), f"{name} {series.values[place]:.0f} {UNITS[vital]}"


def _baseline(state: SessionState) -> Iterable[Row]:
    known = state.baseline or measured(state)
    values = [f"{NAMES[vital]} {known[vital]:.0f} {unit}" for vital, unit in UNITS.items() if vital in known]
    if Vital.SYSTOLIC in known and Vital.DIASTOLIC in known:
        values.append(
            tr(
                "pressure {known:.0f}/{known2:.0f} mmHg",
                known=known[Vital.SYSTOLIC],
                known2=known[Vital.DIASTOLIC],
            )
        )
    return [Row("", ", ".join(values) or tr("no baseline was set or measured"))]


def _seen(state: SessionState, times: _Times) -> Iterable[Row]:
    rows = []
    for line in _standing(state):
        body = line.body
        if isinstance(body, e.FindingNoted) and body.code not in GIVEN:
            value = "" if body.value is None else f" {body.value:g}"
            text = f": {body.text}" if body.text else ""
            rows.append((line.at_ms, f"{label_of(body.code)}{value}{text}"))
    for episode in (x for x in state.episodes.values() if not x.retracted):
        grade = "" if episode.grade is None else f", {grade_words(episode.code, episode.grade)}"
        end_ms = times.now_ms if episode.end_ms is None else episode.end_ms
        lasted = length(end_ms - episode.start_ms)
        goes_on = tr(", goes on") if episode.end_ms is None else ""
        rows.append((episode.start_ms, f"{label_of(episode.code)}{grade}, {lasted}{goes_on}"))
    rows += [
        (x.at_ms, tr("done: {intervention_label}", intervention_label=intervention_label(x.body.what)))
        for x in state.care.interventions
    ]
    rows += [(x.noted.at_ms, _event(x)) for x in state.care.events]
    left = state.care.left
    if left is not None:
        how = tr(" against advice") if left.body.against_advice else tr(" early") if left.body.early else ""
        rows.append((left.at_ms, tr("left{how}", how=how)))
    return _in_order(rows, times) or [Row("", tr("nothing is recorded"))]


def _event(event: Event) -> str:
    grade = "" if event.noted.body.grade is None else f", {event_grade(event.noted.body.grade)}"
    serious = tr(", serious: {criteria}", criteria=criteria(event.serious)) if event.serious else ""
    said = "".join(f", {tr(x)}" for x in (event.action, event.outcome) if x)
    return tr(
        "adverse event: {event}{grade}{serious}{said}",
        event=event.noted.body.event,
        grade=grade,
        serious=serious,
        said=said,
    )


def _alarms(state: SessionState, times: _Times) -> Iterable[Row]:
    past = [a for a in state.past_alarms if a.change.priority == "high"]
    rows = [(a.began_ms, tr("present: {alarm}", alarm=_alarm(a))) for a in state.alarms.values()]
    for alarm in past:
        ended_ms = alarm.began_ms if alarm.ended_ms is None else alarm.ended_ms
        rows.append(
            (
                alarm.began_ms,
                tr("{alarm}, {length}, over", alarm=_alarm(alarm), length=length(ended_ms - alarm.began_ms)),
            )
        )
    return _in_order(rows, times) or [Row("", tr("none present, no high one before"))]


def _alarm(alarm: Alarm) -> str:
    change = alarm.change
    named = next((name for vital, name in NAMES.items() if vital.value == change.vital), "")
    what = named or change.condition.replace("_", " ")
    worst = change.worst if change.worst is not None else change.value
    value = "" if worst is None else f" {worst:.0f}"
    limit = "" if change.limit is None else tr(" (limit {limit:g})", limit=change.limit)
    text = f" ({change.text})" if change.text else ""
    return f"{change.priority}: {what}{value}{limit}{text}"


def _doctor(state: SessionState) -> Iterable[Row]:
    known = state.situation
    said = " ".join(x for x in (known.doctor, known.phone) if x)
    return [Row("", said or tr("no number was entered"))]


def _standing(state: SessionState) -> Iterable[Line]:
    return (line for line in state.lines if not line.retracted)


def _in_order(rows: Iterable[tuple[int, str]], times: _Times) -> list[Row]:
    return [Row(times.at(at_ms), what) for at_ms, what in sorted(rows)]


# --- as text and as a page ----------------------------------------------------------------


def heading(page: Page) -> str:
    """Whose page it is; the name is not in the record."""
    return tr("Hand-over · patient code {code}", code=page.code) + (
        tr(" · demo, no real patient") if page.demo else ""
    )


def as_text(page: Page) -> str:
    """The page as plain text."""
    lines = [heading(page), tr("as of {made}; times by this computer's clock", made=page.made)]
    for section in page.sections:
        lines += ["", section.title]
        lines += [f"  {row.when:>15}  {row.what}" if row.when else f"  {row.what}" for row in section.rows]
    return "\n".join([*lines, "", DISCLAIMER, ""])


def as_html(page: Page) -> str:
    """The page as one HTML file, black on white, to be read or printed anywhere."""
    rows = "".join(
        f'<tr><th colspan="2" align="left">{escape(section.title)}</th></tr>'
        + "".join(
            f'<tr><td class="when">{escape(row.when)}</td><td>{escape(row.what)}</td></tr>'
            for row in section.rows
        )
        for section in page.sections
    )
    return (
        f'<!DOCTYPE html><html lang="{language()}"><head><meta charset="utf-8">'
        f"<title>{escape(tr('Hand-over'))}</title>"
        f"<style>{STYLE}</style></head><body>"
        f'<p class="title">{escape(heading(page))}</p>'
        f"<p>as of {escape(page.made)}; times by this computer's clock</p>"
        f"<table>{rows}</table><p>{escape(DISCLAIMER)}</p></body></html>\n"
    )


STYLE = (
    "body { background: #ffffff; color: #000000; font-family: Inter, sans-serif; font-size: 12pt; }"
    " .title { font-size: 15pt; font-weight: bold; }"
    " th { padding-top: 8px; font-size: 13pt; }"
    " td { padding-right: 14px; vertical-align: top; }"
    " .when { white-space: nowrap; }"
)
