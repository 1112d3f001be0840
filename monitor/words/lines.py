"""Entries of a log in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from monitor import entries as e
from monitor.alarms.limits import limits_of
from monitor.alarms.presets import load_preset, preset_names
from monitor.alarms.signals import NAMES
from monitor.care.content import emergency_steps, findings
from monitor.codec import Unknown
from monitor.language import tr, within
from monitor.now import Staff
from monitor.people import SAYS_WHO, author, called, is_machine, person_of, role_of
from monitor.session import Line
from monitor.vitals import UNHEARD, Vital
from monitor.words import alarm_lines, care_lines, correction_lines, keeping_lines, staff_lines
from monitor.words.care_lines import route_label
from monitor.words.messages import say
from monitor.words.plain import clock_time, grade_words, label_of, length
from monitor.words.tellers import Names, Teller, because

# An entry made this long after it happened is marked as late: beyond what a tap itself takes.
LATE_MS = 30_000


def in_words(
    line: Line,
    episodes: Mapping[int, str] | None = None,
    zero_ms: int = 0,
    devices: Mapping[str, str] | None = None,
    staff: Mapping[str, Staff] | None = None,
    identified: bool = False,
) -> tuple[str, str]:
    """What a line is about (one or two words) and what it says.

    `episodes` gives the code of the episode that an entry began, so that a grade can say of what;
    `devices` what a device is called, `staff` who people are; where people are known by name
    (`identified`), a role alone is nobody in particular. Times inside the text count from `zero_ms`
    (the dose).
    """
    body, names = line.body, Names(episodes or {}, devices or {}, staff or {})
    teller = TELLERS.get(type(body))
    what, text = teller(body, names) if teller else (body.kind.replace("_", " "), "")
    what = tr(what)  # a label of the palette is translated already, and stays
    if line.outdated:
        text = say("outdated", text=text)
    if line.refused:
        text = say("refused", text=text, why=line.refused)
    if is_machine(line.by) or _says_who(body, line.by):
        return what, text
    by = called(line.by, names.staff, identified)
    if line.claimed_by:
        by = say(
            "claimed_later", by=called(author(role_of(line.by), line.claimed_by), names.staff, identified)
        )
    if line.entered_ms - line.at_ms >= LATE_MS:
        return what, say("late", text=text, by=by, entered=clock_time(line.entered_ms - zero_ms))
    return what, say("by", text=text, by=by)


def _says_who(body: e.Body, by: str) -> bool:
    """Whether the text itself names whoever made the entry."""
    return isinstance(body, (*SAYS_WHO, e.StaffLeft)) and body.person == person_of(by) != ""


def _opened(b: e.SessionOpened, _: Names) -> tuple[str, str]:
    text = say("opened", code=b.code, route=route_label(b.route), preset=b.preset)
    return "session", f"{text}, {say('demo')}" if b.demo else text


def _reading(b: e.ReadingTaken, _: Names) -> tuple[str, str]:
    r = b.reading
    found = [
        f"{NAMES[v]} {x:g}" for v in (Vital.SPO2, Vital.PULSE, Vital.PI) if (x := r.value(v)) is not None
    ]
    values = ", ".join(found + [tr(flag) for flag in r.flags]) or say("nothing_measured")
    return "reading", say("reading_stored" if r.stored else "reading", values=values)


def _cuff(b: e.CuffTaken, _: Names) -> tuple[str, str]:
    r = b.reading
    if r.failure is not None:
        return "cuff", say("cuff_failed", reason=tr(r.failure))
    if r.systolic is None or r.diastolic is None:
        return "cuff", say("cuff_failed", reason=say("impossible"))
    parts = [say("cuff", systolic=f"{r.systolic:.0f}", diastolic=f"{r.diastolic:.0f}")]
    if r.map is not None:
        parts.append(say("cuff_mean", mean=f"{r.map:.0f}"))
    if r.pulse is not None:
        parts.append(say("cuff_pulse", pulse=f"{r.pulse:.0f}"))
    if r.stored:
        parts.append(say("cuff_stored"))
    if b.trigger == e.TYPED:
        parts.append(say("cuff_typed"))
    return "cuff", ", ".join(parts)


_ASKED = {"schedule": "cuff_asked_schedule", "alarm": "cuff_asked_alarm", "retry": "cuff_asked_retry"}


def _held(b: e.CuffHeld, _: Names) -> tuple[str, str]:
    return "cuff", say("cuff_held", minutes=b.minutes) if b.minutes else say("cuff_free")


def _schedule(b: e.CuffScheduleSet, _: Names) -> tuple[str, str]:
    if b.every_min is None:
        return "cuff", say("cuff_prompts")
    return "cuff", say("cuff_schedule", minutes=f"{b.every_min:g}")


def _began(b: e.ObservationStarted, _: Names) -> tuple[str, str]:
    grade = "" if b.grade is None else grade_words(b.code, b.grade)
    text = say("began_graded", grade=grade) if grade else say("began")
    return within(label_of(b.code)), because(text, b.text)


def _graded(b: e.ObservationGraded, names: Names) -> tuple[str, str]:
    code = names.episodes.get(b.episode, "")
    return (within(label_of(code)) if code else tr("entry {episode}", episode=b.episode)), say(
        "graded", grade=grade_words(code, b.grade)
    )


def _over(b: e.ObservationEnded, names: Names) -> tuple[str, str]:
    code = names.episodes.get(b.episode, "")
    return (within(label_of(code)) if code else tr("entry {episode}", episode=b.episode)), say("over")


def _finding(b: e.FindingNoted, _: Names) -> tuple[str, str]:
    unit = next((f.unit for f in findings() if f.code == b.code), "")
    parts = [] if b.value is None else [f"{b.value:g} {unit}".strip()]
    if b.code == "oxygen" and b.value == 0:
        parts = [say("oxygen_off")]
    return within(label_of(b.code)), ", ".join(parts + ([b.text] if b.text else [])) or say("finding")


def _assigned(b: e.DeviceAssigned, n: Names) -> tuple[str, str]:
    if b.replaces:
        return "device", say("replacing", name=b.name, role=tr(b.role), old=n.device(b.replaces))
    return "device", say("assigned", name=b.name, role=tr(b.role))


def _confirmed(b: e.DeviceConfirmed, n: Names) -> tuple[str, str]:
    text = say("confirmed_arm" if b.arm else "confirmed", device=n.device(b.device), arm=tr(b.arm))
    return "device", say("confirmed_value", text=text, value=b.value) if b.value else text


def _baseline(b: e.BaselineSet, _: Names) -> tuple[str, str]:
    # In one order: on disk they stand in that of the alphabet.
    values = ", ".join(f"{NAMES[v]} {b.values[v]:.0f}" for v in Vital if v.value in b.values)
    return "baseline", because(say("baseline", values=values), b.text)


def _limits(b: e.LimitsSet, _: Names) -> tuple[str, str]:
    if not b.limits:
        return "limits", because(say("limits_none"), b.reason)
    names = _limit_names()
    known = [key for key in names if key in b.limits]  # in one order, as in the panel
    others = sorted(set(b.limits) - set(names))
    told = [names[key].format(f"{b.limits[key]:g}") for key in known]
    told += [f"{key.replace('_', ' ')} {b.limits[key]:g}" for key in others]
    return "limits", because(say("limits", limits=", ".join(told)), b.reason)


@cache
def _limit_names() -> dict[str, str]:
    """By key, how a limit of Vigil's own presets is told; the place is for its value."""
    found = [limit for name in preset_names() for limit in limits_of(load_preset(name))]
    return {limit.key: f"{limit.name} {{}} {limit.unit}" for limit in found}


def _gap(b: e.Gap, n: Names) -> tuple[str, str]:
    long = length(b.to_ms - b.from_ms)
    if b.what == e.WAVEFORM:
        return "gap", say("gap_waveform", device=n.device(b.device), length=long, cause=tr(b.cause))
    return "gap", say("gap", length=long, cause=tr(b.cause))


def _step(code: str) -> str:
    label = next((deed.label for deed in emergency_steps() if deed.code == code), "")
    return label or code.replace("_", " ")


TELLERS: dict[type[e.Body], Teller] = {
    **alarm_lines.TELLERS,
    **staff_lines.TELLERS,
    **correction_lines.TELLERS,
    **care_lines.TELLERS,
    e.SessionOpened: _opened,
    e.RunStarted: lambda b, _: ("start", say("run_again" if b.offset_ms else "run", app=b.app)),
    e.PresetUsed: lambda b, _: ("preset", say("preset", preset=b.preset)),
    e.LimitsSet: _limits,
    e.ClockStepped: lambda b, _: ("clock", say("clock", seconds=f"{b.seconds:g}")),
    e.Gap: _gap,
    e.SessionEnded: lambda b, _: ("session", because(say("ended"), b.reason)),
    e.DeviceAssigned: _assigned,
    e.DeviceConfirmed: _confirmed,
    e.DeviceReleased: lambda b, n: (
        "device",
        because(say("released", device=n.device(b.device)), b.reason),
    ),
    e.DeviceTold: lambda b, n: ("device", say("told", name=n.device(b.device))),
    e.LinkChanged: lambda b, n: (
        "link",
        because(say("link", device=n.device(b.device), state=tr(b.state)), tr(b.reason)),
    ),
    e.ReadingTaken: _reading,
    e.CuffAsked: lambda b, _: ("cuff", say(_ASKED.get(b.trigger, "cuff_asked"))),
    e.CuffCancelled: lambda b, _: ("cuff", say("cuff_unheard" if b.unheard else "cuff_cancelled")),
    e.CuffLapsed: lambda b, _: ("cuff", say("cuff_lapsed")),
    e.CuffHeld: _held,
    e.CuffMoved: lambda b, _: ("cuff", say("cuff_moved_to" if b.arm else "cuff_moved", arm=b.arm)),
    e.CuffScheduleSet: _schedule,
    e.CuffInflating: lambda b, _: ("cuff", say("cuff_pressure", mmhg=f"{b.pressure.mmhg:.0f}")),
    e.CuffTaken: _cuff,
    e.BatteryRead: lambda b, n: (
        "battery",
        say(
            "battery_low" if b.battery.warning else "battery",
            device=n.device(b.device),
            warning=b.battery.warning,
            percent=b.battery.percent,
        ),
    ),
    e.WaveformStored: lambda b, _: ("waveform", say("waveform", second=b.second)),
    e.DeviceFailed: lambda b, n: (
        "device",
        say("cuff_unheard")
        if b.failure.kind == UNHEARD
        else say("unusable", device=n.device(b.device), reason=b.failure.reason),
    ),
    e.ObservationStarted: _began,
    e.ObservationGraded: _graded,
    e.ObservationEnded: _over,
    e.FindingNoted: _finding,
    e.NoteWritten: lambda b, _: ("note", f"“{b.text}”"),
    e.NeedYou: lambda b, _: (tr("need you"), say("need_now" if b.urgency == "now" else "need_soon")),
    e.EmergencyStarted: lambda b, _: ("emergency", say("emergency")),
    e.EmergencyStep: lambda b, _: ("emergency", because(say("emergency_step", step=_step(b.step)), b.text)),
    e.EmergencyOver: lambda b, _: ("emergency", because(say("emergency_over"), b.reason)),
    e.PatientUp: lambda b, _: (
        "up",
        because(say("up", whom=tr(b.with_whom), minutes=f"{b.minutes:g}"), tr(b.why)),
    ),
    e.PatientBack: lambda b, _: ("up", say("back")),
    e.TherapistOut: lambda b, _: ("room", because(say("out"), tr(b.why))),
    e.TherapistBack: lambda b, _: ("room", say("in")),
    e.TimeOutTaken: lambda b, _: ("time-out", because(say("go" if b.go else "no_go"), b.reason)),
    e.BaselineSet: _baseline,
    e.OutputChosen: lambda b, _: (
        "sound",
        say("output", output=b.output) if b.output else say("output_default"),
    ),
    e.OutputHeard: lambda b, _: ("sound", say("output_heard", output=b.output)),
    e.PracticeOpened: lambda b, _: ("practice", say("practice")),
    e.SessionCreated: lambda b, _: ("session", say("created", session=b.session)),
    e.DeviceEnrolled: lambda b, _: ("device", say("enrolled", name=b.name)),
    e.DeviceDescribed: lambda b, _: ("device", say("described")),
    e.DeviceProven: lambda b, _: ("device", say("proven")),
    e.DeviceRetired: lambda b, _: ("device", because(say("retired"), b.reason)),
    e.IdentityKept: lambda b, _: ("patient", say("identity", code=b.code, version=b.number)),
    e.CodesTaken: lambda b, _: ("patient", say("codes_taken", codes=", ".join(b.codes))),
    e.PrivateNoteWritten: lambda b, _: ("private", say("private_note")),
    e.PrivateKeyMade: lambda b, _: ("private", say("private_key")),
    e.PrivateNotesDefaultSet: lambda b, _: (
        "private",
        say("private_default" if b.private else "private_not_default"),
    ),
    e.KeyChanged: lambda b, _: ("key", say("key", what=b.what)),
    e.UnlockFailed: lambda b, _: ("unlock", say("unlock", count=b.count)),
    **keeping_lines.TELLERS,
    Unknown: lambda b, _: ("unknown", say("unknown", name=b.name)),
}
