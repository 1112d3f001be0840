"""Entries about alarms in plain words."""

from __future__ import annotations

from monitor import entries as e
from monitor.alarms.signals import NAMES, STARS
from monitor.language import tr
from monitor.vitals import Vital
from monitor.words.messages import say
from monitor.words.tellers import Names, Teller, because


def _plain(name: str) -> str:
    return tr(name.replace("_", " "))


def _alarm(b: e.AlarmChanged, _: Names) -> tuple[str, str]:
    named = NAMES[Vital(b.vital)] if b.vital in NAMES and b.value is not None else _plain(b.condition)
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
    text = say("alarm_value" if value else "alarm", **params)
    return "alarm", say("alarm_text", text=text, reason=b.text) if b.text else text


def _acknowledged(b: e.AlarmAcknowledged, _: Names) -> tuple[str, str]:
    return "seen", because(say("acknowledged", what=_plain(b.condition)), b.reason)


def _paused(b: e.AudioPaused, _: Names) -> tuple[str, str]:
    return "sound", say("paused", seconds=b.seconds) if b.seconds else say("sound_on")


_PAGED = {"again": "paged_again", "station": "paged_station", "everywhere": "paged_everywhere"}


def _paged(b: e.AlarmPaged, _: Names) -> tuple[str, str]:
    return "page", say(_PAGED.get(b.step, "paged_call"), what=_plain(b.condition))


def _answered(b: e.PageAnswered, _: Names) -> tuple[str, str]:
    what = _plain(b.condition) if b.condition else say("need")
    if b.minutes is None:
        return "answer", say("answered", what=what, answer=b.answer)
    return "answer", say("answered_in", what=what, answer=b.answer, minutes=b.minutes)


def _fault(b: e.SystemFault, _: Names) -> tuple[str, str]:
    return "system", because(say("fault_over" if b.over else "fault", what=_plain(b.fault)), tr(b.reason))


TELLERS: dict[type[e.Body], Teller] = {
    e.AlarmChanged: _alarm,
    e.AlarmAcknowledged: _acknowledged,
    e.AlarmResolved: lambda b, _: ("alarm", because(say("resolved", what=_plain(b.condition)), b.reason)),
    e.AlarmPaged: _paged,
    e.PageAnswered: _answered,
    e.AlarmLabelled: lambda b, _: (
        "label",
        say("label_useful" if b.useful else "label_nuisance", alarm=b.alarm),
    ),
    e.AudioPaused: _paused,
    e.AudioOff: lambda b, _: ("sound", because(say("sound_off"), b.reason)),
    e.ListenerHere: lambda b, _: ("sound", say("listener_here", person=b.person, place=tr(b.place))),
    e.ListenerGone: lambda b, _: ("sound", because(say("listener_gone", place=tr(b.place)), tr(b.reason))),
    e.SystemFault: _fault,
}
