"""What of an entry can be amended, and what an entry says after all corrections of it. No clock, no log.

The original, its amendments and what was taken back of both stay side by side: `Corrections` follows the
log and tells for each entry what counts now. Order of the log decides: of two amendments of one field the
later one counts, as long as it stands.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from monitor import entries as e
from monitor.language import tr
from monitor.now import Version
from monitor.people import is_machine, person_of


class Rule(NamedTuple):
    """What can be changed of a kind."""

    fields: tuple[str, ...] = ()
    time: bool = True
    """Whether it may have happened at another time."""


def _all(kind: type[e.Body], *but: str) -> Rule:
    return Rule(tuple(f for f in kind.__struct_fields__ if f not in but))


AMENDABLE: dict[type[e.Body], Rule] = {
    e.DoseGiven: _all(e.DoseGiven),
    e.ObservationStarted: _all(e.ObservationStarted),
    e.ObservationGraded: Rule(("grade",)),
    e.ObservationEnded: Rule(),
    e.FindingNoted: _all(e.FindingNoted),
    e.NoteWritten: _all(e.NoteWritten),
    e.CuffTaken: Rule(("reading",)),
    e.EmergencyStarted: Rule(),
    e.EmergencyStep: _all(e.EmergencyStep),
    e.EmergencyOver: _all(e.EmergencyOver),
    e.PatientUp: Rule(("why", "with_whom"), time=False),
    e.TherapistOut: Rule(("why",), time=False),
    e.TimeOutTaken: Rule(("reason", "doctor", "phone"), time=False),
    e.InfusionStarted: _all(e.InfusionStarted),
    e.InfusionRateSet: _all(e.InfusionRateSet, "infusion"),
    e.InfusionPaused: _all(e.InfusionPaused, "infusion"),
    e.InfusionResumed: Rule(),
    e.InfusionStopped: _all(e.InfusionStopped, "infusion"),
    e.DoseWasted: _all(e.DoseWasted, "dose"),
    e.LozengeOver: _all(e.LozengeOver, "dose"),
    e.PlanSet: _all(e.PlanSet),
    e.ScreeningAnswered: Rule(("text",)),
    e.ScreeningAccepted: Rule(("reason",)),
    e.CheckDone: _all(e.CheckDone, "check"),
    e.CheckSkipped: _all(e.CheckSkipped, "check"),
    e.ScoreTaken: _all(e.ScoreTaken, "instrument"),
    e.InterventionMade: _all(e.InterventionMade),
    e.AdverseEventNoted: _all(e.AdverseEventNoted, "episode"),
    e.AdverseEventFollowed: _all(e.AdverseEventFollowed, "adverse_event"),
    e.DischargeChecked: Rule(("text",)),
    e.DischargeOverridden: Rule(("reason",)),
    e.PatientLeft: _all(e.PatientLeft),
    e.CuffWorn: _all(e.CuffWorn),
    e.ClockCompared: _all(e.ClockCompared),
}
"""By kind. What is not here is not amended: what machines measured and decided, what was set from then on
(limits, a schedule: one sets them anew), who came and went. An answer that somebody may have accepted
since is given anew. All of it can be taken back, what machines measured only with a reason."""

KEPT = frozenset(AMENDABLE) | {e.PatientBack, e.TherapistBack, e.CheckScheduleSet, e.Claimed, e.CodeChanged}
"""Kinds whose taking back can be taken back as well."""


class Made(msgspec.Struct, frozen=True):
    """An entry as it was made; times in session ms."""

    entry: int
    by: str
    body: e.Body
    at_ms: int
    entered_ms: int


def changed(body: e.Body, fields: dict[str, object]) -> e.Body:
    """`body` with other `fields`. Raises ValueError where that is no body of its kind."""
    rule = AMENDABLE.get(type(body), Rule())
    if not set(fields) <= set(rule.fields):
        raise ValueError("this part of an entry is not amended")
    try:
        plain = msgspec.to_builtins(body)
        return msgspec.convert({**plain, **fields}, type(body))
    except (msgspec.ValidationError, TypeError) as error:
        raise ValueError("an entry of this kind cannot say that") from error


class Corrections:
    """Fed with every entry in order by `follow`; everything else reads."""

    def __init__(self) -> None:
        self._made: dict[int, Made] = {}
        """What can be corrected, and the corrections, by entry."""
        self._of_kind: dict[type[e.Body], list[int]] = {}
        """What can be corrected, by what it is."""
        self._taken_back: dict[int, list[int]] = {}
        """By entry, what says that it was a mistake."""
        self._struck: dict[int, int] = {}
        """By entry that does not stand, the first that says so and stands itself."""
        self._amended: dict[int, list[int]] = {}
        """By the entry that all of them are about, its amendments."""

    def follow(self, made: Made) -> str:
        """Take in one entry; says why a correction has no effect, or ""."""
        body = made.body
        if isinstance(body, e.Amended):
            why = self.why_not(made)
            if not why:
                self._made[made.entry] = made
                self._amended.setdefault(self.root(made.entry), []).append(made.entry)
            return why
        if isinstance(body, e.Retracted):
            if not 0 < body.entry < made.entry:
                return tr("there is no such entry")
            self._made[made.entry] = made
            self._taken_back.setdefault(body.entry, []).append(made.entry)
            self._strike(body.entry)
            return ""
        if isinstance(body, e.Claimed) and not (body.person and person_of(made.by) == body.person):
            return tr("everybody claims only what they have entered themselves")
        if type(body) in KEPT and made.entry:
            self._made[made.entry] = made
            self._of_kind.setdefault(type(body), []).append(made.entry)
        return ""

    def _strike(self, entry: int) -> None:
        """Work out anew whether `entry` stands, and what hangs on that. No recursion: people may take back
        a taking back as often as they like."""
        while True:
            stood = entry not in self._struck
            says = next((r for r in self._taken_back[entry] if r not in self._struck), None)
            if says is None:
                self._struck.pop(entry, None)
            else:
                self._struck[entry] = says
            made = self._made.get(entry)
            if stood == (says is None) or made is None or not isinstance(made.body, e.Retracted):
                return
            entry = made.body.entry

    def after(self, made: Made) -> Corrections:
        """What there would be with one entry more; nothing changes here."""
        then = Corrections()
        then._made = dict(self._made)
        then._of_kind = {kind: list(entries) for kind, entries in self._of_kind.items()}
        then._taken_back = {entry: list(by) for entry, by in self._taken_back.items()}
        then._struck = dict(self._struck)
        then._amended = {entry: list(by) for entry, by in self._amended.items()}
        then.follow(made)
        return then

    def why_not(self, made: Made) -> str:
        """Why this amendment says nothing that can count, in words; "" where it can."""
        body = made.body
        assert isinstance(body, e.Amended)
        target = self._made.get(self.root(body.entry)) if body.entry < made.entry else None
        if target is None or type(target.body) not in AMENDABLE:
            return tr("the entry cannot be amended, or there is none")
        if is_machine(target.by) or (isinstance(target.body, e.CuffTaken) and target.body.trigger != e.TYPED):
            return tr("what a machine measured is not amended")
        if not body.fields and body.ago_ms is None:
            return tr("it changes nothing")
        try:
            changed(target.body, body.fields)
        except ValueError as error:
            return str(error)
        if body.ago_ms is not None:
            if not AMENDABLE[type(target.body)].time:
                return tr("it happened when it was entered")
            if target.entered_ms - body.ago_ms > made.entered_ms:
                return tr("it would happen later than now")
        return ""

    # --- what counts ----------------------------------------------------------------------

    def root(self, entry: int) -> int:
        """The entry that a correction is about in the end; of any other entry itself."""
        made = self._made.get(entry)
        while made is not None and isinstance(made.body, e.Amended | e.Retracted):
            entry = made.body.entry
            made = self._made.get(entry)
        return entry

    def about(self, entry: int) -> tuple[int, ...]:
        """The entries whose standing a correction decides: the one it points at, and so on to the root."""
        found, made = [], self._made.get(entry)
        while made is not None and isinstance(made.body, e.Amended | e.Retracted):
            found.append(made.body.entry)
            made = self._made.get(made.body.entry)
        return tuple(found)

    def made(self, entry: int) -> Made | None:
        """An entry as it was made; None for one that cannot be corrected but taken back."""
        return self._made.get(entry)

    def taken_back(self, entry: int) -> Made | None:
        """What says of an entry that it was a mistake: the first that stands; None where it stands itself."""
        return self._made[self._struck[entry]] if entry in self._struck else None

    def stands(self, entry: int) -> bool:
        """Whether an entry was not taken back."""
        return entry not in self._struck

    def versions(self, entry: int) -> tuple[Version, ...]:
        """All that an entry has said, the original first and what counts last; without what was taken back
        of it. Empty for an entry that cannot be amended."""
        made = self._made.get(entry)
        if made is None:
            return ()
        versions = [Version(entry, made.by, made.body, made.at_ms, made.entered_ms)]
        for number in filter(self.stands, self._amended.get(entry, ())):
            amended = self._made[number]
            said, before = amended.body, versions[-1]
            assert isinstance(said, e.Amended)
            at_ms = before.at_ms if said.ago_ms is None else made.entered_ms - said.ago_ms
            body = changed(before.body, said.fields)
            versions.append(Version(number, amended.by, body, at_ms, amended.entered_ms, said.reason))
        return tuple(versions)

    def now(self, entry: int) -> Version | None:
        """What an entry says now; None where it was taken back, or cannot be amended."""
        versions = self.versions(entry)
        return versions[-1] if versions and self.stands(entry) else None

    def standing(self, kinds: tuple[type[e.Body], ...]) -> list[tuple[int, Version]]:
        """All entries of these kinds that stand with what they say now, in the order of the log."""
        entries = sorted(n for kind in kinds for n in self._of_kind.get(kind, ()))
        found = ((n, self.now(n)) for n in entries)
        return [(n, version) for n, version in found if version is not None]
