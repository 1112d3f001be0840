"""The alarms of a session: those present, those over that nobody has seen, and what sound may do. A fold."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from monitor import entries as e

LONGEST_PAUSE_S = 120
"""Audio pause is 2 min at most (Masimo default, alarm dossier 3.1)."""

Key = tuple[str, str, str]
"""Condition, direction, device."""


class Alarm(msgspec.Struct, frozen=True):
    """An alert condition from its beginning on; `ended_ms` is set when it is over."""

    change: e.AlarmChanged
    began_ms: int
    entry: int
    """The entry with which it became active."""
    calls: int
    """The entry with which it came to call as it does now: active, worse, or active again."""
    loud_ms: int
    """Since when it calls: when it became active, or worse after it was acknowledged."""
    high_ms: int
    """Since when it calls as a high one: where it became that, or since it calls."""
    ended_ms: int | None = None
    seen_ms: int | None = None
    """When it was first acknowledged."""
    paged: tuple[str, ...] = ()
    """How far it was signalled since it calls."""
    useful: bool | None = None
    """A person's later judgement."""

    @property
    def key(self) -> Key:
        return key_of(self.change)

    @property
    def seen(self) -> bool:
        """Whether somebody has acknowledged it as it is now."""
        return self.change.state == "acknowledged"


def key_of(body: e.AlarmChanged | e.AlarmAcknowledged | e.AlarmResolved | e.AlarmPaged) -> Key:
    """What tells one alarm of a session from another."""
    return (body.condition, body.direction, body.device)


def _about(body: e.AlarmAcknowledged | e.AlarmResolved, key: Key) -> bool:
    condition, direction, device = key
    return condition == body.condition and body.direction in ("", direction) and body.device in ("", device)


class Ledger:
    """Fed by `apply`, in the order of the log; everything else reads."""

    def __init__(self) -> None:
        self.present: dict[Key, Alarm] = {}
        """Alarms that are active or acknowledged."""
        self.past: list[Alarm] = []
        """Alarms that are over, in the order of their ends."""
        self.latched: dict[Key, Alarm] = {}
        """The last alarm of its kind that is over and that nobody has seen: shown until somebody has."""
        self.paused_until_ms = 0
        self.audio_off: e.AudioOff | None = None
        self.audio_off_ms = 0
        self.faults: dict[str, e.SystemFault] = {}
        """What of the computer or of Vigil itself fails now."""
        self.listeners: dict[str, tuple[e.ListenerHere, int]] = {}
        """By place: who listens there, and since when."""

    def apply(self, body: e.Body, at_ms: int, entry: int) -> bool:
        """Take in one body; False for one that is not about alarms."""
        match body:
            case e.AlarmChanged():
                self._changed(body, at_ms, entry)
            case e.AlarmAcknowledged():
                self._seen(body)
            case e.AlarmPaged():
                self._paged(body)
            case e.AlarmLabelled():
                self._labelled(body)
            case e.AudioPaused():
                self.audio_off = None
                self.paused_until_ms = at_ms + 1000 * min(max(body.seconds, 0), LONGEST_PAUSE_S)
            case e.AudioOff():
                self.audio_off, self.audio_off_ms = body, at_ms
            case e.SystemFault() if body.over:
                self.faults.pop(body.fault, None)
            case e.SystemFault():
                self.faults[body.fault] = body
            case e.ListenerHere():
                self.listeners[body.place] = (body, at_ms)
            case e.ListenerGone():
                self.listeners.pop(body.place, None)
            case _:
                return False
        return True

    def outdated(self, body: e.Body) -> bool:
        """Whether a person speaks of an alarm that has called anew since they saw it: it is not meant."""
        if not isinstance(body, e.AlarmAcknowledged | e.AlarmResolved) or not body.seen:
            return False
        known = (*self.present.values(), *self.latched.values())
        return any(alarm.calls > body.seen for alarm in known if _about(body, alarm.key))

    def paused_at(self, now_ms: int) -> bool:
        """Whether sound is paused."""
        return now_ms < self.paused_until_ms

    def _changed(self, body: e.AlarmChanged, at_ms: int, entry: int) -> None:
        key = key_of(body)
        before = self.present.get(key)
        if body.state in ("active", "worse"):
            # Anything new or worse is heard: it ends a pause and an audio-off.
            self.paused_until_ms = min(self.paused_until_ms, at_ms)
            self.audio_off = None
        if body.state == "ended":
            if before is not None:
                self._over(before, body)
        elif before is None:
            self.latched.pop(key, None)
            at_ms = body.at_ms
            self.present[key] = Alarm(body, at_ms, entry, calls=entry, loud_ms=at_ms, high_ms=at_ms)
        elif body.state == "acknowledged":
            seen_ms = body.at_ms if before.seen_ms is None else before.seen_ms
            self.present[key] = replace(before, change=body, seen_ms=seen_ms)
        else:
            anew = before.seen or body.priority != before.change.priority
            self.present[key] = replace(
                before,
                change=body,
                calls=entry,
                loud_ms=body.at_ms if before.seen else before.loud_ms,
                high_ms=body.at_ms if anew else before.high_ms,
                paged=() if anew else before.paged,
            )

    def _over(self, before: Alarm, body: e.AlarmChanged) -> None:
        key = before.key
        del self.present[key]
        over = replace(before, change=body, ended_ms=body.at_ms)
        self.past.append(over)
        if not before.seen:
            self.latched[key] = over

    def _seen(self, body: e.AlarmAcknowledged) -> None:
        """One that is over and was not seen is seen now; one that is present waits for the engine's word."""
        if self.outdated(body):
            return
        for key in list(self.latched):
            if _about(body, key):
                del self.latched[key]

    def _paged(self, body: e.AlarmPaged) -> None:
        alarm = self.present.get(key_of(body))
        if alarm is not None:
            self.present[alarm.key] = replace(alarm, paged=(*alarm.paged, body.step))

    def _labelled(self, body: e.AlarmLabelled) -> None:
        self.past = [replace(a, useful=body.useful) if a.entry == body.alarm else a for a in self.past]
        for key, alarm in self.present.items():
            if alarm.entry == body.alarm:
                self.present[key] = replace(alarm, useful=body.useful)
