"""Messages as id + parameters, translated with gettext, and entries of a log in plain words.

A message is English text with named places. `say` translates the text first and fills the places
after, so that a language may put them in its own order. Without a catalogue the English is shown.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from monitor import entries as e
from monitor.alarms.signals import NAMES, STARS
from monitor.care.content import findings, observations, routes
from monitor.codec import Unknown
from monitor.session import Line
from monitor.vitals import Vital

# An entry made this long after it happened is marked as late: beyond what a tap itself takes.
LATE_MS = 30_000

MESSAGES: dict[str, str] = {
    "opened": "session {code}, {route}, preset {preset}",
    "demo": "demo, no real patient",
    "run": "Vigil {app} began to record",
    "run_again": "Vigil {app} took up the record again",
    "preset": "preset {preset}",
    "limits": "limits set for this patient",
    "clock": "the computer's clock was moved by {seconds} s; session time did not move",
    "gap": "no data for {length}: {cause}",
    "acting": "{role} enters from here on",
    "ended": "monitoring ended",
    "because": "{text}: {reason}",
    "assigned": "{name} as {role}",
    "replacing": "{name} as {role}, in place of {old}",
    "confirmed": "{device} seen on the patient",
    "confirmed_arm": "{device} seen on the patient, {arm} arm",
    "confirmed_value": "{text}, showing {value} as well",
    "released": "{device} no longer in use",
    "enrolled": "{name} belongs to the practice",
    "described": "an enrolled device told its serial number",
    "proven": "an enrolled device came back and was read",
    "retired": "a device is used no more",
    "told": "{name} told about itself",
    "link": "{device} {state}",
    "reading": "{values}",
    "reading_stored": "{values}, from the device's memory",
    "nothing_measured": "nothing measured",
    "cuff_asked": "measurement asked for",
    "cuff_asked_schedule": "measurement due, by the schedule",
    "cuff_asked_alarm": "measured again because of the alarm",
    "cuff_asked_retry": "measured once more after the failure",
    "cuff_cancelled": "cancelled, nothing is measured by itself any more",
    "cuff_unheard": "cancelled, but the cuff could not be told: its own button stops it",
    "cuff_lapsed": "nobody has started the cuff",
    "cuff_held": "do not disturb: nothing is measured by itself for {minutes} min",
    "cuff_free": "do not disturb is over",
    "cuff_moved": "put on the other arm",
    "cuff_moved_to": "put on the {arm} arm",
    "cuff_schedule": "measured by itself every {minutes} min",
    "cuff_prompts": "measured only when a person asks",
    "cuff_pressure": "{mmhg} mmHg in the cuff",
    "cuff": "{systolic}/{diastolic}",
    "cuff_mean": "mean {mean}",
    "cuff_pulse": "pulse {pulse}",
    "cuff_failed": "failed: {reason}",
    "cuff_stored": "from the cuff's memory",
    "cuff_typed": "typed in by hand",
    "impossible": "the cuff sent an impossible pressure",
    "battery": "{device} {percent} %",
    "battery_low": "{device} {warning}, {percent} %",
    "waveform": "second {second} of the pulse wave stored",
    "unusable": "{device}: bytes that could not be used ({reason})",
    "dose": "{amount} mg {drug} {route}",
    "booster": "booster {amount} mg {drug} {route}",
    "began": "began",
    "began_graded": "began, {grade}",
    "graded": "{grade}",
    "over": "over",
    "finding": "noted",
    "oxygen_off": "off",
    "need_soon": "physician asked for, soon",
    "need_now": "physician asked for, now",
    "emergency": "emergency declared",
    "retracted": "entry {entry} taken back",
    "alarm_limit": "{stars} {what} {value}, limit {limit}",
    "alarm_value": "{stars} {what} {value}",
    "alarm": "{stars} {what}",
    "alarm_ended": "{stars} {what} over",
    "alarm_seen": "{stars} {what} acknowledged",
    "alarm_worse": "{stars} {what} is worse: {value}",
    "acknowledged": "{what}",
    "paused": "sound off for {seconds} s",
    "sound_on": "sound on again",
    "practice": "practice log opened",
    "created": "session {session} created",
    "key": "the record's key: {what}",
    "unlock": "{count} failed attempts to open the record",
    "unknown": "an entry of a newer Vigil ({name})",
    "late": "{text} — {by}, entered {entered} (late)",
    "by": "{text} — {by}",
}


@cache
def _translation() -> gettext.NullTranslations:
    return gettext.translation("vigil", str(files("monitor") / "locale"), fallback=True)


def say(message_id: str, **params: object) -> str:
    """The message in the user's language. Raises KeyError for an id that is not in MESSAGES."""
    return _translation().gettext(MESSAGES[message_id]).format(**params)


def clock_time(ms: int) -> str:
    """Session or dose time as 23:48 or 1:02:03; before zero with a minus."""
    sign = "−" if ms < 0 else ""
    minutes, seconds = divmod(abs(ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02}:{seconds:02}" if hours else f"{sign}{minutes:02}:{seconds:02}"


def length(ms: int) -> str:
    """A duration for reading aloud: 22 s, 4 min, 1 h 05."""
    seconds = max(0, ms) // 1000
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes:02}" if hours else f"{minutes} min"


def label_of(code: str) -> str:
    """The palette's word for an observation or finding; the code itself where it is unknown."""
    return _labels().get(code, code.replace("_", " "))


@cache
def _labels() -> dict[str, str]:
    return {o.code: o.label for o in observations()} | {f.code: f.label for f in findings()}


def grade_words(code: str, grade: int) -> str:
    """A grade with its word: "2 moderate"; for what is graded in words alone, the words."""
    for observation in observations():
        if observation.code == code and 0 <= grade < len(observation.grades):
            word = observation.grades[grade]
            return word if observation.moaas else f"{grade} {word}".strip()
    return str(grade)


class Names(NamedTuple):
    """What an entry can only name by number or id."""

    episodes: Mapping[int, str]
    devices: Mapping[str, str]


def in_words(
    line: Line,
    episodes: Mapping[int, str] | None = None,
    zero_ms: int = 0,
    devices: Mapping[str, str] | None = None,
) -> tuple[str, str]:
    """What a line is about (one or two words) and what it says.

    `episodes` gives the code of the episode that an entry began, so that a grade can say of what;
    `devices` what a device is called. Times inside the text count from `zero_ms` (the dose).
    """
    body = line.body
    teller = _TELLERS.get(type(body))
    what, text = (
        teller(body, Names(episodes or {}, devices or {})) if teller else (body.kind.replace("_", " "), "")
    )
    if line.by in ("vigil", "") or line.by.startswith("device:"):
        return what, text
    if line.entered_ms - line.at_ms >= LATE_MS:
        return what, say("late", text=text, by=line.by, entered=clock_time(line.entered_ms - zero_ms))
    return what, say("by", text=text, by=line.by)


_Teller = Callable[[Any, Names], tuple[str, str]]


def _device(names: Names, device: str) -> str:
    return names.devices.get(device, device)


def _because(text: str, reason: str) -> str:
    return say("because", text=text, reason=reason) if reason else text


def _route(route: str) -> str:
    known = routes().get(route)
    return known.label if known else route


def _opened(b: e.SessionOpened, _: Names) -> tuple[str, str]:
    text = say("opened", code=b.code, route=_route(b.route), preset=b.preset)
    return "session", f"{text}, {say('demo')}" if b.demo else text


def _reading(b: e.ReadingTaken, _: Names) -> tuple[str, str]:
    r = b.reading
    found = [
        f"{NAMES[v]} {x:g}" for v in (Vital.SPO2, Vital.PULSE, Vital.PI) if (x := r.value(v)) is not None
    ]
    values = ", ".join(found + list(r.flags)) or say("nothing_measured")
    return "reading", say("reading_stored" if r.stored else "reading", values=values)


def _cuff(b: e.CuffTaken, _: Names) -> tuple[str, str]:
    r = b.reading
    if r.failure is not None:
        return "cuff", say("cuff_failed", reason=r.failure)
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


def _dose(b: e.DoseGiven, _: Names) -> tuple[str, str]:
    which = "booster" if b.dose_kind == "booster" else "dose"
    return "dose", say(which, amount=f"{b.amount_mg:g}", drug=b.drug, route=_route(b.route))


def _began(b: e.ObservationStarted, _: Names) -> tuple[str, str]:
    if b.grade is None:
        return label_of(b.code).lower(), say("began")
    return label_of(b.code).lower(), say("began_graded", grade=grade_words(b.code, b.grade))


def _graded(b: e.ObservationGraded, names: Names) -> tuple[str, str]:
    code = names.episodes.get(b.episode, "")
    return (label_of(code).lower() if code else f"entry {b.episode}"), say(
        "graded", grade=grade_words(code, b.grade)
    )


def _over(b: e.ObservationEnded, names: Names) -> tuple[str, str]:
    code = names.episodes.get(b.episode, "")
    return (label_of(code).lower() if code else f"entry {b.episode}"), say("over")


def _finding(b: e.FindingNoted, _: Names) -> tuple[str, str]:
    unit = next((f.unit for f in findings() if f.code == b.code), "")
    parts = [] if b.value is None else [f"{b.value:g} {unit}".strip()]
    if b.code == "oxygen" and b.value == 0:
        parts = [say("oxygen_off")]
    return label_of(b.code).lower(), ", ".join(parts + ([b.text] if b.text else [])) or say("finding")


def _alarm(b: e.AlarmChanged, _: Names) -> tuple[str, str]:
    named = (
        NAMES[Vital(b.vital)] if b.vital in NAMES and b.value is not None else b.condition.replace("_", " ")
    )
    value = "" if b.value is None else f"{b.value:.0f}"
    params = {
        "stars": next((s for p, s in STARS.items() if p == b.priority), "***"),
        "what": named,
        "value": value,
    }
    if b.state == "ended":
        return "alarm", say("alarm_ended", **params)
    if b.state == "acknowledged":
        return "alarm", say("alarm_seen", **params)
    if b.state == "worse":
        return "alarm", say("alarm_worse", **params)
    if b.limit is not None and value:
        return "alarm", say("alarm_limit", limit=f"{b.limit:g}", **params)
    return "alarm", say("alarm_value" if value else "alarm", **params)


def _assigned(b: e.DeviceAssigned, n: Names) -> tuple[str, str]:
    if b.replaces:
        return "device", say("replacing", name=b.name, role=b.role, old=_device(n, b.replaces))
    return "device", say("assigned", name=b.name, role=b.role)


def _confirmed(b: e.DeviceConfirmed, n: Names) -> tuple[str, str]:
    text = say("confirmed_arm" if b.arm else "confirmed", device=_device(n, b.device), arm=b.arm)
    return "device", say("confirmed_value", text=text, value=b.value) if b.value else text


def _acknowledged(b: e.AlarmAcknowledged, _: Names) -> tuple[str, str]:
    return "seen", _because(say("acknowledged", what=b.condition.replace("_", " ")), b.reason)


def _paused(b: e.AudioPaused, _: Names) -> tuple[str, str]:
    return "sound", say("paused", seconds=b.seconds) if b.seconds else say("sound_on")


_TELLERS: dict[type[e.Body], _Teller] = {
    e.SessionOpened: _opened,
    e.RunStarted: lambda b, _: ("start", say("run_again" if b.offset_ms else "run", app=b.app)),
    e.PresetUsed: lambda b, _: ("preset", say("preset", preset=b.preset)),
    e.LimitsSet: lambda b, _: ("limits", _because(say("limits"), b.reason)),
    e.ClockStepped: lambda b, _: ("clock", say("clock", seconds=f"{b.seconds:g}")),
    e.Gap: lambda b, _: ("gap", say("gap", length=length(b.to_ms - b.from_ms), cause=b.cause)),
    e.ActingAs: lambda b, _: ("acting", say("acting", role=b.role)),
    e.SessionEnded: lambda b, _: ("session", _because(say("ended"), b.reason)),
    e.DeviceAssigned: _assigned,
    e.DeviceConfirmed: _confirmed,
    e.DeviceReleased: lambda b, n: (
        "device",
        _because(say("released", device=_device(n, b.device)), b.reason),
    ),
    e.DeviceTold: lambda b, n: ("device", say("told", name=_device(n, b.device))),
    e.LinkChanged: lambda b, n: (
        "link",
        _because(say("link", device=_device(n, b.device), state=b.state), b.reason),
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
            device=_device(n, b.device),
            warning=b.battery.warning,
            percent=b.battery.percent,
        ),
    ),
    e.WaveformStored: lambda b, _: ("waveform", say("waveform", second=b.second)),
    e.DeviceFailed: lambda b, n: (
        "device",
        say("unusable", device=_device(n, b.device), reason=b.failure.reason),
    ),
    e.DoseGiven: _dose,
    e.ObservationStarted: _began,
    e.ObservationGraded: _graded,
    e.ObservationEnded: _over,
    e.FindingNoted: _finding,
    e.NoteWritten: lambda b, _: ("note", f"“{b.text}”"),
    e.NeedYou: lambda b, _: ("need you", say("need_now" if b.urgency == "now" else "need_soon")),
    e.EmergencyStarted: lambda b, _: ("emergency", say("emergency")),
    e.Retracted: lambda b, _: ("undo", _because(say("retracted", entry=b.entry), b.reason)),
    e.AlarmChanged: _alarm,
    e.AlarmAcknowledged: _acknowledged,
    e.AudioPaused: _paused,
    e.PracticeOpened: lambda b, _: ("practice", say("practice")),
    e.SessionCreated: lambda b, _: ("session", say("created", session=b.session)),
    e.DeviceEnrolled: lambda b, _: ("device", say("enrolled", name=b.name)),
    e.DeviceDescribed: lambda b, _: ("device", say("described")),
    e.DeviceProven: lambda b, _: ("device", say("proven")),
    e.DeviceRetired: lambda b, _: ("device", _because(say("retired"), b.reason)),
    e.KeyChanged: lambda b, _: ("key", say("key", what=b.what)),
    e.UnlockFailed: lambda b, _: ("unlock", say("unlock", count=b.count)),
    Unknown: lambda b, _: ("unknown", say("unknown", name=b.name)),
}
