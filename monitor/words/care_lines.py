"""Entries about doses, infusions and the course of care in plain words."""

from __future__ import annotations

from collections.abc import Iterable

from monitor import entries as e
from monitor.care import flowsheet
from monitor.care.content import routes
from monitor.entries.care import BEFORE, END
from monitor.language import tr
from monitor.words.messages import say
from monitor.words.tellers import Names, Teller, because


def _list(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _label(items: Iterable[flowsheet.Item], code: str) -> str:
    return next((item.label for item in items if item.code == code), code.replace("_", " "))


def route_label(route: str) -> str:
    """The route's word; the id itself where it is unknown."""
    known = routes().get(route)
    return known.label if known else route


def _maybe(message_id: str, **params: object) -> str:
    """The message, where all that it tells is known."""
    return say(message_id, **params) if all(x not in (None, "") for x in params.values()) else ""


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"


# --- doses --------------------------------------------------------------------------------------


def dose_details(b: e.DoseGiven, names: Names) -> str:
    """What else is known of a dose; "" for one of which only amount, drug and route were told."""
    per_kg = b.mg_per_kg
    volume = _maybe("dose_volume", volume=_number(b.volume_ml), strength=_number(b.mg_per_ml))
    return _list(
        b.form,
        _maybe("dose_device", number=b.device_number),
        _maybe("dose_pieces", pieces=_number(b.pieces)),
        volume or _maybe("dose_strength", strength=_number(b.mg_per_ml)),
        "" if per_kg is None else say("dose_per_kg", per_kg=f"{per_kg:.2g}", weight=_number(b.weight_kg)),
        b.site,
        *_package(b.lot, b.expiry),
        *_people(names, b.given_by, b.witnessed_by, b.order),
        b.text,
    )


def _package(lot: str, expiry: str) -> tuple[str, str]:
    return _maybe("dose_lot", lot=lot), _maybe("dose_expiry", expiry=expiry)


def _people(names: Names, given_by: str, witnessed_by: str, order: str) -> tuple[str, str, str]:
    return (
        _maybe("dose_given_by", who=names.person(given_by)),
        _maybe("dose_witness", who=names.person(witnessed_by)),
        _maybe("dose_order", order=order),
    )


def _dose(b: e.DoseGiven, n: Names) -> tuple[str, str]:
    which = b.dose_kind if b.dose_kind in (e.BOOSTER, e.RESCUE) else "dose"
    given = say(which, amount=f"{b.amount_mg:g}", drug=tr(b.drug), route=route_label(b.route))
    return "dose", _list(given, dose_details(b, n))


def _wasted(b: e.DoseWasted, n: Names) -> tuple[str, str]:
    text = _list(
        say("wasted", amount=f"{b.amount_mg:g}", drug=tr(b.drug)),
        say("wasted_of", entry=b.dose) if b.dose else "",
        _maybe("dose_lot", lot=b.lot),
        _maybe("wasted_by", who=n.person(b.wasted_by)),
        _maybe("dose_witness", who=n.person(b.witnessed_by)),
    )
    return "waste", because(text, b.reason)


def _infusion(b: e.InfusionStarted, n: Names) -> tuple[str, str]:
    began = say(
        "infusion",
        drug=tr(b.drug),
        route=route_label(b.route),
        rate=f"{b.rate_ml_h:g}",
        strength=f"{b.mg_per_ml:g}",
    )
    return "infusion", _list(
        began,
        _maybe("infusion_planned", planned=_number(b.planned_mg)),
        b.site,
        *_package(b.lot, b.expiry),
        *_people(n, b.given_by, b.witnessed_by, b.order),
    )


def _stopped(b: e.InfusionStopped, _: Names) -> tuple[str, str]:
    text = _list(say("infusion_stopped"), _maybe("infusion_pump", volume=_number(b.pump_ml)))
    return "infusion", because(text, b.reason)


# --- before the dose ------------------------------------------------------------------------------


def _plan(b: e.PlanSet, _: Names) -> tuple[str, str]:
    protocol = say("plan_protocol", protocol=b.protocol, version=b.protocol_version).strip()
    return "plan", _list(
        say("plan", route=route_label(b.route), drug=tr(b.drug)),
        _maybe("plan_dose", amount=_number(b.dose_mg)),
        _maybe("plan_preset", preset=b.preset),
        protocol if b.protocol else "",
        _maybe("plan_indication", indication=b.indication),
        _maybe("plan_start", start=b.planned_start),
        _maybe("plan_encounter", encounter=b.encounter),
        _maybe("plan_intention", intention=b.intention),
    )


def _answered(b: e.ScreeningAnswered, _: Names) -> tuple[str, str]:
    text = say("answer", item=_label(flowsheet.screening_items(), b.item), answer=b.answer)
    return "screening", _list(text, b.text)


def _accepted(b: e.ScreeningAccepted, _: Names) -> tuple[str, str]:
    return "screening", because(say("accepted", item=_label(flowsheet.screening_items(), b.item)), b.reason)


# --- checks and scores ----------------------------------------------------------------------------


def _check(check: str, when: str, due_min: float | None) -> str:
    label = _label(flowsheet.check_kinds(), check)
    if when == BEFORE:
        return say("check_before", check=label)
    if when == END:
        return say("check_end", check=label)
    return label if due_min is None else say("check_due", check=label, minutes=f"{due_min:g}")


def _done(b: e.CheckDone, _: Names) -> tuple[str, str]:
    return "check", because(say("check_done", check=_check(b.check, b.when, b.due_min)), b.text)


def _skipped(b: e.CheckSkipped, _: Names) -> tuple[str, str]:
    return "check", because(say("check_skipped", check=_check(b.check, b.when, b.due_min)), b.reason)


def _schedule(b: e.CheckScheduleSet, _: Names) -> tuple[str, str]:
    known = flowsheet.schedules().get(b.schedule)
    name = known.label if known else b.schedule
    return "checks", because(say("checks", schedule=name) if b.lines else say("checks_none"), b.reason)


def _score(b: e.ScoreTaken, _: Names) -> tuple[str, str]:
    known = flowsheet.instruments().get(b.instrument)
    name = known.label if known else b.instrument
    items = {item.code: item for item in known.items} if known else {}
    single = len(items) == 1
    # The order of the items: on disk they stand in that of the alphabet.
    codes = [code for code in items if code in b.answers] + sorted(set(b.answers) - set(items))
    answers = ", ".join(_scored(items.get(code), code, b.answers[code], single) for code in codes)
    total = _number(b.total)
    if total is None:
        return "score", _list(say("score_answers", instrument=name, answers=answers).strip(), b.text)
    message = "score_both" if answers else "score_total"
    params = {"answers": answers} if answers else {}
    return "score", _list(say(message, instrument=name, total=total, **params), b.text)


def _scored(item: flowsheet.ScoreItem | None, code: str, value: int, single: bool) -> str:
    if item is None:
        return f"{code} {value}"
    place = value - item.least
    meant = item.words[place] if 0 <= place < len(item.words) else ""
    return " ".join(x for x in ("" if single else item.label, str(value), meant) if x)


# --- what happens, and leaving ----------------------------------------------------------------------


def criteria(serious: Iterable[str]) -> str:
    """Why an adverse event is serious, in words."""
    return ", ".join(_label(flowsheet.serious_criteria(), code) for code in serious)


def event_grade(grade: int) -> str:
    """The grade of an adverse event with its word."""
    known = flowsheet.event_words("grades")
    word = known[grade] if 0 <= grade < len(known) else ""
    return say("event_grade", grade=grade, word=word).strip()


def intervention_label(what: str) -> str:
    """The word for an intervention's code; what was written itself where it is none."""
    return _label(flowsheet.interventions(), what)


def _event(b: e.AdverseEventNoted, _: Names) -> tuple[str, str]:
    return tr("adverse event"), _list(
        say("event", event=b.event),
        "" if b.grade is None else event_grade(b.grade),
        _maybe("event_serious", criteria=criteria(b.serious)),
        _maybe("event_action", action=tr(b.action)),
        _maybe("event_outcome", outcome=tr(b.outcome)),
        b.text,
    )


def _followed(b: e.AdverseEventFollowed, _: Names) -> tuple[str, str]:
    return tr("adverse event"), _list(
        say("event_followed", entry=b.adverse_event),
        _maybe("event_serious", criteria=criteria(b.serious)),
        _maybe("event_action", action=tr(b.action)),
        _maybe("event_outcome", outcome=tr(b.outcome)),
        b.text,
    )


def _leaving(b: e.DischargeChecked, _: Names) -> tuple[str, str]:
    label = _label(flowsheet.discharge_items(), b.item)
    return "leaving", _list(say("leaving_met" if b.met else "leaving_not", item=label), b.text)


def _left(b: e.PatientLeft, _: Names) -> tuple[str, str]:
    how = "patient_left_against" if b.against_advice else "patient_left_early" if b.early else "patient_left"
    return "leaving", because(_list(say(how), _maybe("patient_left_with", whom=b.with_whom)), b.reason)


# --- how things were measured -----------------------------------------------------------------------


def _worn(b: e.CuffWorn, _: Names) -> tuple[str, str]:
    how = _list(_maybe("worn_arm", arm=tr(b.arm)), b.site, _maybe("worn_size", size=b.size), b.posture)
    return "cuff", say("worn", how=how)


def _clock(b: e.ClockCompared, _: Names) -> tuple[str, str]:
    side = "clock_ours_behind" if b.offset_ms > 0 else "clock_ours_ahead"
    text = (
        say(side, seconds=f"{abs(b.offset_ms) / 1000:g}", source=b.source)
        if b.offset_ms
        else say("clock_same", source=b.source)
    )
    give = f"{b.uncertainty_ms / 1000:g}" if b.uncertainty_ms else ""
    return "clock", _list(text, _maybe("clock_uncertain", seconds=give))


TELLERS: dict[type[e.Body], Teller] = {
    e.DoseGiven: _dose,
    e.DoseWasted: _wasted,
    e.LozengeOver: lambda b, _: ("dose", say("lozenge_spat" if b.spat else "lozenge_swallowed")),
    e.InfusionStarted: _infusion,
    e.InfusionRateSet: lambda b, _: (
        "infusion",
        because(say("infusion_rate", rate=f"{b.rate_ml_h:g}"), b.reason),
    ),
    e.InfusionPaused: lambda b, _: ("infusion", because(say("infusion_paused"), b.reason)),
    e.InfusionResumed: lambda b, _: ("infusion", say("infusion_resumed")),
    e.InfusionStopped: _stopped,
    e.PlanSet: _plan,
    e.ScreeningAnswered: _answered,
    e.ScreeningAccepted: _accepted,
    e.CheckScheduleSet: _schedule,
    e.CheckDone: _done,
    e.CheckSkipped: _skipped,
    e.ScoreTaken: _score,
    e.InterventionMade: lambda b, _: ("done", _list(intervention_label(b.what), b.text)),
    e.AdverseEventNoted: _event,
    e.AdverseEventFollowed: _followed,
    e.DischargeChecked: _leaving,
    e.DischargeOverridden: lambda b, _: (
        "leaving",
        because(say("leaving_over", item=_label(flowsheet.discharge_items(), b.item)), b.reason),
    ),
    e.PatientLeft: _left,
    e.CuffWorn: _worn,
    e.ClockCompared: _clock,
}
