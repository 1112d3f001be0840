"""Alarms: how alert conditions changed, and what people did about it."""

from __future__ import annotations

from monitor.entries.body import Body, kind


@kind("alarm")
class AlarmChanged(Body, frozen=True):
    """An alert condition changed state, as decided by the engine at `at_ms` session time."""

    condition: str
    state: str
    """active, ended, acknowledged (still present, silent), or worse (breaks through again)"""
    priority: str
    """high, medium, low"""
    at_ms: int
    since_ms: int
    direction: str = ""
    """high or low for limits; empty for technical conditions"""
    vital: str = ""
    value: float | None = None
    worst: float | None = None
    limit: float | None = None
    device: str = ""
    text: str = ""
    """In words what it is about, where no number says it: why a cuff failed, what a person found."""


@kind("alarm_acknowledged")
class AlarmAcknowledged(Body, frozen=True):
    """A person has seen a condition that is present, or one that is over and was not seen yet."""

    condition: str
    direction: str = ""
    reason: str = ""
    device: str = ""
    """Of one device's technical condition; empty for all."""
    seen: int = 0
    """The entry with which it came to call as it was on the screen: what came later nobody has seen
    by this. 0 where no screen was looked at, for however it is."""


@kind("alarm_resolved")
class AlarmResolved(Body, frozen=True):
    """A person says that a condition is over which no data can end: a finding, a value measured no more.

    Against data that are current it changes nothing.
    """

    condition: str
    direction: str = ""
    device: str = ""
    reason: str = ""
    seen: int = 0
    """As in AlarmAcknowledged."""


@kind("alarm_paged")
class AlarmPaged(Body, frozen=True):
    """A high condition that nobody had acknowledged was signalled further."""

    condition: str
    step: str
    """again (in the room), station (where somebody is signed in), everywhere, or call (nobody is)"""
    direction: str = ""
    device: str = ""


@kind("page_answered")
class PageAnswered(Body, frozen=True):
    """A person elsewhere has seen a page, or is coming. Never entered by a machine."""

    answer: str
    """seen or coming"""
    condition: str = ""
    """The condition that was paged; "" for "I need you"."""
    minutes: int | None = None


@kind("alarm_labelled")
class AlarmLabelled(Body, frozen=True):
    """A person's later judgement of one alarm."""

    alarm: int
    """The entry with which it became active."""
    useful: bool


@kind("audio_paused")
class AudioPaused(Body, frozen=True):
    """Sound off for a counted time; 0 ends the pause, and an audio-off."""

    seconds: int


@kind("audio_off")
class AudioOff(Body, frozen=True):
    """A physician has turned sound off, until anything new or worse, or until somebody turns it on."""

    reason: str


@kind("listener_here")
class ListenerHere(Body, frozen=True):
    """A named person has pressed "I'm here" at another place where alarms can be heard."""

    place: str
    output: str
    """The output device there; one that is also the room's is no other place."""
    person: str


@kind("listener_gone")
class ListenerGone(Body, frozen=True):
    """Sound returned to the room: the person did not answer again, or the place no longer did."""

    place: str
    reason: str


@kind("system_fault")
class SystemFault(Body, frozen=True):
    """Something of the computer or of Vigil itself fails, or does so no more."""

    fault: str
    """As a condition's `trigger` names it: disk, sound, output, window, worker, power"""
    reason: str = ""
    over: bool = False
