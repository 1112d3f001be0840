"""SessionState: what a session's log adds up to. `state = fold(entries)`, live and ever after."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from monitor import entries as e
from monitor import fold_care, fold_corrections, fold_devices, fold_people, fold_roster, situation
from monitor.alarms.cuff_hold import CuffHold
from monitor.alarms.ledger import Alarm, Key, Ledger
from monitor.amending import Corrections, Made
from monitor.care_now import Care
from monitor.codec import Entry
from monitor.cuff import Control, Due, due, follow
from monitor.facts import Facts
from monitor.folding import Handlers
from monitor.now import Changed, Cuff, Current, Device, Dose, Episode, GapSpan, Line, Staff
from monitor.people import author, called
from monitor.pressures import PRESSURES, Pressures
from monitor.recoding import codes_since
from monitor.series import BREAK_MS, Series
from monitor.signing import Closing, Signature
from monitor.situation import Situation
from monitor.timeline import Timeline
from monitor.vitals import Vital

__all__ = [
    "BREAK_MS",
    "Alarm",
    "Changed",
    "Cuff",
    "Current",
    "Device",
    "Dose",
    "Episode",
    "GapSpan",
    "Line",
    "SessionState",
    "Staff",
    "fold",
]


class SessionState:
    """The fold of a session's log. Fed by `apply`; everything else reads."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.seq = 0
        self.opened: e.SessionOpened | None = None
        self.preset: e.PresetUsed | None = None
        self.ended_ms: int | None = None
        self.acting = "therapist"
        """In which role entries are made now."""
        self.acting_person = ""
        """By whom, as people.Person.id; "" where nobody has said who they are."""
        self.staff: dict[str, Staff] = {}
        """Who takes part or took part, by person."""
        self.now: dict[Vital, Current] = {}
        self.control = Control()
        """Where pressure measuring stands."""
        self.series: dict[Vital, Series] = {vital: Series() for vital in Vital}
        self.pressures = Pressures(self.series)
        self.devices: dict[str, Device] = {}
        self.heard_ms: dict[str, int] = {}
        """When each device last sent a value."""
        self.broken: dict[str, str] = {}
        """Why each device sends nothing that had sent before: the first reason, which is the cause of
        what followed; "" where none is known."""
        self.links_told: dict[str, tuple[bool, str]] = {}
        """What the log strip last said of each device's link: whether it is heard, and why not."""
        self.episodes: dict[int, Episode] = {}
        self.doses: list[Dose] = []
        """Given at once; what a pump gives is in `care.infusions`."""
        self.facts = Facts()
        """What else was entered about care, by entry."""
        self.care = Care(self.facts)
        """What that adds up to."""
        self.ledger = Ledger()
        """Alarms present and past, and what sound may do."""
        self.hold = CuffHold()
        """Which alarms wait, because a cuff inflates on the arm of the probe."""
        self.situation = Situation()
        """Who is where: patient up, therapist out, emergency."""
        self.limits: dict[str, float] = {}
        self.baseline: dict[Vital, float] = {}
        """What values are compared with, as it was set."""
        self.gaps: list[GapSpan] = []
        self.lines: list[Line] = []
        self.corrections = Corrections()
        """What was amended and taken back."""
        self.correctable: dict[int, Entry] = {}
        """What is worked out anew when it is corrected, as it was made."""
        self.closing = Closing()

    @property
    def code(self) -> str:
        """The patient code that counts; "" before the session is opened."""
        return self.codes[-1] if self.codes else ""

    @property
    def codes(self) -> list[str]:
        """The codes under which the session ran, the one that counts last: "wrong patient" changes it."""
        return [] if self.opened is None else codes_since(self.opened.code, self.corrections)

    @property
    def until_ms(self) -> int:
        """Session time up to which the session lasted: its end, or its newest entry. What is corrected
        days later does not prolong it."""
        return self.timeline.latest_ms if self.ended_ms is None else self.ended_ms

    @property
    def signatures(self) -> list[Signature]:
        """Who has signed, in the order of the log."""
        return self.closing.signatures

    @property
    def locked(self) -> bool:
        """Whether both signatures hold: nothing but addenda follows."""
        return self.closing.locked

    @property
    def author(self) -> str:
        """Whom entries are by now, as in Entry.by."""
        return author(self.acting, self.acting_person)

    @property
    def identified(self) -> bool:
        """Whether people are known by name here, so that a role alone is nobody in particular."""
        return bool(self.staff) or (self.opened is not None and self.opened.identified)

    def called(self, by: str) -> str:
        """Who made an entry, in words."""
        return called(by, self.staff, self.identified)

    @property
    def alarms(self) -> dict[Key, Alarm]:
        """Alarms that are present (active or acknowledged)."""
        return self.ledger.present

    @property
    def past_alarms(self) -> list[Alarm]:
        """Alarms that are over, in the order of their ends."""
        return self.ledger.past

    @property
    def dose_ms(self) -> int | None:
        """Session time at which the first dose was given or the first infusion began, or None before
        it: what everything after it is counted from. Retracted ones and medicines against something
        do not count."""
        given = [d.at_ms for d in self.doses if not (d.retracted or d.rescue)]
        given += [x.at_ms for x in self.care.infusions if x.body.dose_kind != e.RESCUE]
        return min(given, default=None)

    @property
    def cuff(self) -> Cuff | None:
        """The newest blood pressure, or why the last measurement failed."""
        return self.pressures.all[-1] if self.pressures.all else None

    @property
    def cuff_device(self) -> Device | None:
        """The cuff of this patient."""
        return next((d for d in reversed(self.devices.values()) if d.role == "cuff" and d.in_use), None)

    @property
    def cuff_due(self) -> Due | None:
        """What Vigil does next about pressure by itself, or None."""
        if self.ended_ms is not None:
            return None
        alarming = [
            a.began_ms
            for a in self.alarms.values()
            if a.change.vital in PRESSURES and a.change.state != "acknowledged" and a.change.priority != "low"
        ]
        return due(self.control, self.cuff_device, max(alarming, default=None))

    @property
    def open_episodes(self) -> list[Episode]:
        """Episodes that have not ended, oldest first."""
        return [x for x in self.episodes.values() if x.end_ms is None and not x.retracted]

    def apply(self, entry: Entry) -> Changed:
        """Add one entry and say what it changed. Entries come in order of `seq`, each once."""
        if entry.seq != self.seq + 1:
            raise ValueError(f"entry {entry.seq} does not follow entry {self.seq}")
        self.seq = entry.seq
        at_ms = self.timeline.follow(entry)
        kind, entered_ms = type(entry.body), at_ms + entry.ago_ms
        if kind not in _MEASURED or self.closing.ended:
            why = self._stands_not(entry, at_ms, entered_ms)
            if why:
                line = Line(entry.seq, at_ms, entered_ms, entry.by, entry.body, retracted=True, refused=why)
                self.lines.append(line)
                return Changed.LOG
        if kind in fold_corrections.GROUPS:
            self.correctable[entry.seq] = entry
        if kind in _MEASURING:
            device = self.devices.get(getattr(entry.body, "device", ""))
            remote = device is not None and device.remote_start
            self.control = follow(self.control, entry.body, at_ms, entry.seq, remote)
        if kind not in _MEASURED:
            self.hold.apply(entry.body, at_ms)
            self.situation = situation.follow(self.situation, entry.body, at_ms, entry.seq)
        handler = _HANDLERS.get(kind)
        changed = handler(self, entry, at_ms, entry.body) if handler else Changed.LOG
        if Changed.LOG in changed:
            outdated = self.ledger.outdated(entry.body)
            self.lines.append(Line(entry.seq, at_ms, entered_ms, entry.by, entry.body, outdated=outdated))
        return changed

    def _stands_not(self, entry: Entry, at_ms: int, entered_ms: int) -> str:
        """Why an entry has no effect where it stands, in words; "" where it has."""
        made = Made(entry.seq, entry.by, entry.body, at_ms, entered_ms)
        return self.closing.follow(entry.seq, entry.by, entry.body, entered_ms) or self.corrections.follow(
            made
        )


# Nearly all of a long log; it says nothing of where cuffs and people are.
_MEASURED = frozenset({e.ReadingTaken, e.WaveformStored})

_MEASURING: frozenset[type[e.Body]] = frozenset(
    {
        e.RunStarted,
        e.DeviceFailed,
        e.DeviceReleased,
        e.CuffAsked,
        e.CuffInflating,
        e.CuffTaken,
        e.CuffCancelled,
        e.CuffLapsed,
        e.CuffHeld,
        e.CuffMoved,
        e.CuffScheduleSet,
        e.Gap,
        e.Retracted,
    }
)


def fold(entries: Iterable[Entry]) -> SessionState:
    """The state that `entries` add up to."""
    state = SessionState()
    for entry in entries:
        state.apply(entry)
    return state


_HANDLERS = Handlers(
    fold_care.HANDLERS
    | fold_corrections.HANDLERS
    | fold_devices.HANDLERS
    | fold_people.HANDLERS
    | fold_roster.HANDLERS
)


@_HANDLERS.on(e.SessionOpened)
def _opened(state: SessionState, entry: Entry, at_ms: int, body: e.SessionOpened) -> Changed:
    state.opened = body
    return Changed.SESSION | Changed.LOG


@_HANDLERS.on(e.RunStarted)
def _run(state: SessionState, entry: Entry, at_ms: int, body: e.RunStarted) -> Changed:
    state.links_told.clear()
    for device in state.devices.values():
        if device.in_use:  # its connection ended with the program
            state.devices[device.device] = msgspec.structs.replace(
                device, state="searching", reason="", since_ms=at_ms
            )
    fold_devices.all_broken(state, e.RESTART)
    return Changed.SESSION | Changed.DEVICES | (Changed.LOG if at_ms else Changed.NOTHING)


@_HANDLERS.on(e.SessionEnded)
def _ended(state: SessionState, entry: Entry, at_ms: int, body: e.SessionEnded) -> Changed:
    state.ended_ms = at_ms
    return Changed.SESSION | Changed.LOG


@_HANDLERS.on(e.PresetUsed)
def _preset(state: SessionState, entry: Entry, at_ms: int, body: e.PresetUsed) -> Changed:
    state.preset = body
    return Changed.LIMITS


@_HANDLERS.on(e.LimitsSet)
def _limits(state: SessionState, entry: Entry, at_ms: int, body: e.LimitsSet) -> Changed:
    state.limits = dict(body.limits)
    return Changed.LIMITS | Changed.LOG


@_HANDLERS.on(e.Gap)
def _gap(state: SessionState, entry: Entry, at_ms: int, body: e.Gap) -> Changed:
    if body.what:
        return Changed.LOG  # the values are there
    state.gaps.append(GapSpan(body.cause, body.from_ms, body.to_ms, body.device))
    if body.cause == e.SLEEP and not body.device:
        fold_devices.all_broken(state, e.SLEEP)
    return Changed.GAPS | Changed.LOG
