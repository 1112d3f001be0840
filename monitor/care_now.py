"""What has been entered about care, as it stands: plan, screening, checks, scores, events, leaving. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from monitor import entries as e
from monitor.care.content import routes
from monitor.care.flowsheet import checks_by, discharge_items, screening_items
from monitor.checks import Check, Made, Said, Visit, checks
from monitor.entries.care import UNKNOWN
from monitor.facts import Fact, Facts
from monitor.infusion import Infusion, infusions
from monitor.language import tr

if TYPE_CHECKING:
    from monitor.session import SessionState


class Screened(msgspec.Struct, frozen=True):
    """The answer to one item that stands, and who went on in spite of it."""

    answer: Fact[e.ScreeningAnswered]
    accepted: Fact[e.ScreeningAccepted] | None = None


class Discharged(msgspec.Struct, frozen=True):
    """Where one item of leaving stands."""

    checked: Fact[e.DischargeChecked] | None = None
    overridden: Fact[e.DischargeOverridden] | None = None

    @property
    def settled(self) -> bool:
        """Met, or overridden by a physician since it was last looked at."""
        return self.overridden is not None or (self.checked is not None and self.checked.body.met)


class Event(msgspec.Struct, frozen=True):
    """An adverse event as it stands now."""

    noted: Fact[e.AdverseEventNoted]
    serious: tuple[str, ...]
    action: str
    outcome: str
    followed: tuple[Fact[e.AdverseEventFollowed], ...] = ()


class Worn(msgspec.Struct, frozen=True):
    """How a pressure was taken: on which arm, where, with what size, in what posture; "" where not told."""

    arm: str = ""
    site: str = ""
    size: str = ""
    posture: str = ""


class Lozenge(msgspec.Struct, frozen=True):
    """How long a lozenge was held, and what became of it."""

    dose: int
    held_ms: int
    spat: bool


class Care:
    """Reads the facts; keeps nothing of its own but what it has worked out of them last."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._infusions: tuple[int, list[Infusion]] = (-1, [])

    @property
    def plan(self) -> e.PlanSet | None:
        """What is intended today, as last set."""
        plans = self._facts.of(e.PlanSet)
        return plans[-1].body if plans else None

    @property
    def screening(self) -> dict[str, Screened]:
        """By item, the answer that stands."""
        found = {answer.body.item: Screened(answer) for answer in self._facts.of(e.ScreeningAnswered)}
        for accepted in self._facts.of(e.ScreeningAccepted):
            known = found.get(accepted.body.item)
            # What is not answered cannot be accepted, nor can an answer that was given since.
            if known and known.answer.entry == accepted.body.answer and known.answer.body.answer != UNKNOWN:
                found[accepted.body.item] = Screened(known.answer, accepted)
        return found

    @property
    def unscreened(self) -> list[str]:
        """Items without an answer, in the order of the list: nobody can go on in spite of these."""
        known = self.screening
        return [
            item.code
            for item in screening_items()
            if item.code not in known or known[item.code].answer.body.answer == UNKNOWN
        ]

    @property
    def objections(self) -> list[str]:
        """Items whose answer speaks against going on, and which no physician has accepted."""
        against = {item.code: item.against for item in screening_items()}
        return [
            code
            for code, known in self.screening.items()
            if known.accepted is None and known.answer.body.answer == against.get(code)
        ]

    @property
    def infusions(self) -> list[Infusion]:
        """All that stand, in the order in which they began."""
        revision, known = self._infusions
        if revision != self._facts.revision:
            known = infusions(self._facts)
            self._infusions = (self._facts.revision, known)
        return known

    def infusion(self, entry: int) -> Infusion | None:
        """The one that entry number `entry` began."""
        return next((x for x in self.infusions if x.entry == entry), None)

    @property
    def open_infusion(self) -> Infusion | None:
        """The newest that has not been stopped, running or paused."""
        return next((x for x in reversed(self.infusions) if x.stopped_ms is None), None)

    @property
    def wasted(self) -> list[Fact[e.DoseWasted]]:
        """What was drawn and destroyed."""
        return self._facts.of(e.DoseWasted)

    @property
    def scores(self) -> list[Fact[e.ScoreTaken]]:
        """All that stand, in the order in which they were taken."""
        return self._facts.of(e.ScoreTaken)

    @property
    def interventions(self) -> list[Fact[e.InterventionMade]]:
        """What was done that is no medicine."""
        return self._facts.of(e.InterventionMade)

    @property
    def events(self) -> list[Event]:
        """Adverse events, with what became of each."""
        return [self._event(noted) for noted in self._facts.of(e.AdverseEventNoted)]

    def _event(self, noted: Fact[e.AdverseEventNoted]) -> Event:
        followed = [f for f in self._facts.of(e.AdverseEventFollowed) if f.body.adverse_event == noted.entry]
        told: list[e.AdverseEventNoted | e.AdverseEventFollowed] = [noted.body]
        told += [f.body for f in followed]
        return Event(
            noted,
            serious=tuple(dict.fromkeys(code for body in told for code in body.serious)),
            action=next((body.action for body in reversed(told) if body.action), ""),
            outcome=next((body.outcome for body in reversed(told) if body.outcome), ""),
            followed=tuple(followed),
        )

    @property
    def discharge(self) -> dict[str, Discharged]:
        """Items of leaving that somebody has looked at."""
        found = {checked.body.item: Discharged(checked) for checked in self._facts.of(e.DischargeChecked)}
        for over in self._facts.of(e.DischargeOverridden):
            known = found.get(over.body.item, Discharged())
            if known.checked is None or (over.at_ms, over.entry) > (known.checked.at_ms, known.checked.entry):
                found[over.body.item] = Discharged(known.checked, over)
        return found

    @property
    def unsettled(self) -> list[str]:
        """Items of leaving that are neither met nor overridden, in the order of the list."""
        known = self.discharge
        return [x.code for x in discharge_items() if not known.get(x.code, Discharged()).settled]

    @property
    def left(self) -> Fact[e.PatientLeft] | None:
        """When and how the patient left; None while they are here."""
        left = self._facts.of(e.PatientLeft)
        return left[-1] if left else None

    @property
    def clocks(self) -> list[Fact[e.ClockCompared]]:
        """What this computer's clock was compared with."""
        return self._facts.of(e.ClockCompared)

    def worn(self, device: str, at_ms: int) -> Worn:
        """How the pressures of `device` were taken at session time `at_ms`, as far as it was told."""
        told = [x.body for x in self._facts.of(e.CuffWorn) if x.at_ms <= at_ms and x.body.device == device]

        def last(name: str) -> str:
            return next((getattr(body, name) for body in reversed(told) if getattr(body, name)), "")

        return Worn(last("arm"), last("site"), last("size"), last("posture"))


# --- what needs the whole state ------------------------------------------------------------------


class Status(StrEnum):
    """Where a session is (clinical dossier 2.2). Worked out, never entered."""

    PLANNED = "planned"
    SCREENING = "screening"
    READY = "ready"
    ACTIVE = "active"
    RECOVERY = "recovery"
    LEAVING = tr("ready to leave")
    CLOSED = "closed"
    ABORTED = "aborted"


def status(state: SessionState, now_ms: int) -> Status:
    """Where the session is at session time `now_ms`. Recovery is the route's usual time, no judgement."""
    if state.ended_ms is not None:
        return Status.ABORTED if state.dose_ms is None else Status.CLOSED
    if state.dose_ms is not None:
        if not state.care.unsettled:
            return Status.LEAVING
        return Status.RECOVERY if now_ms >= _peak_over_ms(state) else Status.ACTIVE
    if state.situation.armed_ms is not None:
        return Status.READY
    return Status.SCREENING if state.care.screening else Status.PLANNED


def _peak_over_ms(state: SessionState) -> int:
    """When the typical peak of whatever was given last is over; never while a pump runs."""
    given = [(d.at_ms, d.route) for d in state.doses if not d.retracted and d.kind != e.RESCUE]
    for infusion in state.care.infusions:
        if infusion.stopped_ms is None:
            return _NEVER_MS
        given.append((infusion.at_ms, infusion.body.route))
    return max(at_ms + _peak_ms(route) for at_ms, route in given)


def _peak_ms(route: str) -> int:
    known = routes().get(route)
    return round(60_000 * (known.peak[1] if known else max(r.peak[1] for r in routes().values())))


_NEVER_MS = 2**62


def all_checks(state: SessionState, now_ms: int) -> list[Check]:
    """Every check of this session with what became of it, as of session time `now_ms`."""
    left = state.care.left
    over = [x for x in (state.ended_ms, left.at_ms if left else None) if x is not None]
    said: list[Said] = [*state.facts.of(e.CheckDone), *state.facts.of(e.CheckSkipped)]
    said.sort(key=lambda fact: fact.entry)
    return checks(
        state.facts.of(e.CheckScheduleSet),
        said,
        _made(state),
        Visit(now_ms, state.dose_ms, min(over, default=None)),
    )


def _made(state: SessionState) -> list[Made]:
    """Checks that the record itself shows: a pressure, a score, a finding."""
    found = [
        Made(check, cuff.at_ms, f"device:{cuff.device}" if cuff.device else "", cuff.entry)
        for check in checks_by("pressure")
        for cuff in state.pressures.all
        if cuff.failure is None
    ]
    for score in state.care.scores:
        found += [
            Made(c, score.at_ms, score.by, score.entry) for c in checks_by(f"score:{score.body.instrument}")
        ]
    for line in state.lines:
        if isinstance(line.body, e.FindingNoted) and not line.retracted:
            found += [
                Made(c, line.at_ms, line.by, line.entry) for c in checks_by(f"finding:{line.body.code}")
            ]
    return found
