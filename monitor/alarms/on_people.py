"""What the engine makes of people: doses, limits, answers, findings, who is up, what was taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from monitor import entries as e
from monitor.alarms.conditions import Condition
from monitor.alarms.on_devices import decide, expect_pressure
from monitor.alarms.watch import Watch
from monitor.amending import Corrections
from monitor.care.content import observations
from monitor.situation import Situation, follow
from monitor.vitals import Vital, plausible

if TYPE_CHECKING:
    from monitor.alarms.engine import Engine


class People:
    """What the engine remembers of what people have entered."""

    def __init__(self) -> None:
        self.doses: dict[int, int] = {}
        """Session ms of each dose that stands, by entry."""
        self.episodes: dict[int, str] = {}
        """The observation of each episode that goes on, by the entry that began it."""
        self.found: dict[str, int] = {}
        """By condition, the entry of the finding that it stands on."""
        self.said: dict[tuple[str, int], float | None] = {}
        """By condition and entry, the value with which a finding called, or would call were it not over."""
        self.situation = Situation()
        self.corrections = Corrections()


# --- doses and limits ---------------------------------------------------------------------


def dose(engine: Engine, body: e.DoseGiven | e.InfusionStarted, at_ms: int, entry: int) -> None:
    """The first one arms what waits for it; more of them change nothing."""
    if body.dose_kind == e.RESCUE:
        return
    engine.people.doses[entry] = at_ms
    _arm(engine, at_ms)
    if engine.dosed:
        return
    set_dosed(engine, True)
    engine.devices.dosed_ms = at_ms
    expect_pressure(engine)
    for watch in [w for watches in engine.absent.values() for w in watches]:
        if watch.condition.after_dose:  # absent since the last value, at the earliest since the dose
            watch.restart(max(watch.since, at_ms))


def set_dosed(engine: Engine, dosed: bool) -> None:
    """Whether there was a dose that stands."""
    engine.dosed = dosed
    for watch in engine.watches:
        watch.dosed = dosed
        if not dosed and watch.condition.after_dose:
            watch.clear(engine.now_ms)
        watch.plan()


def _time_out(engine: Engine, body: e.TimeOutTaken, at_ms: int, entry: int) -> None:
    if body.go:
        _arm(engine, at_ms)


def _arm(engine: Engine, at_ms: int) -> None:
    engine.armed = True
    for watch in [w for w in engine.watches if not w.armed]:
        watch.armed = True
        if watch.counting:  # it may have been so for long: it counts from here
            watch.count_from(max(watch.since, at_ms))


def _limits_set(engine: Engine, body: e.LimitsSet, at_ms: int, entry: int) -> None:
    engine.limits = body.limits
    _again(engine)


def _baseline(engine: Engine, body: e.BaselineSet, at_ms: int, entry: int) -> None:
    known = {v.value: v for v in Vital}
    engine.baseline = {known[v]: x for v, x in body.values.items() if v in known and plausible(known[v], x)}
    _again(engine)


def _again(engine: Engine) -> None:
    engine.configure()
    if engine.devices.pressures:
        _, _, values = engine.devices.pressures[-1]
        # What is severe by a new limit is to be measured again from now on, however old it is.
        decide(engine, values, engine.now_ms, anew=False)


# --- answers ------------------------------------------------------------------------------


def _acknowledged(engine: Engine, body: e.AlarmAcknowledged, at_ms: int, entry: int) -> None:
    seen = _meant(engine, body)
    for watch in seen:
        watch.acknowledge(engine.now_ms)
    for watch in engine.watches:
        if any(w.condition.id in watch.condition.implied_by and w.covers(watch) for w in seen):
            watch.acknowledge(engine.now_ms)


def _resolved(engine: Engine, body: e.AlarmResolved, at_ms: int, entry: int) -> None:
    for watch in _meant(engine, body):
        if watch.endable:
            watch.resolve(engine.now_ms)


def _meant(engine: Engine, body: e.AlarmAcknowledged | e.AlarmResolved) -> list[Watch]:
    return [
        w
        for w in engine.watches
        if w.told
        and w.condition.id == body.condition
        and body.direction in ("", w.condition.direction)
        and body.device in ("", w.device)
    ]


# --- findings -----------------------------------------------------------------------------


def _found(engine: Engine, body: e.FindingNoted, at_ms: int, entry: int) -> None:
    _note(engine, body.code, body.value, body.text, entry)


def _began(engine: Engine, body: e.ObservationStarted, at_ms: int, entry: int) -> None:
    engine.people.episodes[entry] = body.code
    _note(engine, body.code, scored(body.code, body.grade), "", entry)


def _graded(engine: Engine, body: e.ObservationGraded, at_ms: int, entry: int) -> None:
    code = engine.people.episodes.get(body.episode)
    if code is not None:
        _note(engine, code, scored(code, body.grade), "", body.episode)


def _over(engine: Engine, body: e.ObservationEnded, at_ms: int, entry: int) -> None:
    engine.people.episodes.pop(body.episode, None)
    _not_found(engine, body.episode)


def scored(code: str, grade: int | None) -> float | None:
    """A grade as the number that the scale behind it has (MOAA/S), else the grade itself."""
    if grade is None:
        return None
    for observation in observations():
        if observation.code == code and 0 <= grade < len(observation.moaas):
            return float(observation.moaas[grade])
    return float(grade)


def _note(engine: Engine, code: str, value: float | None, text: str, entry: int) -> None:
    for watch in engine.findings:
        holds = says(watch.condition, code, value)
        if holds:
            watch.text, watch.value = text, value
            engine.people.found[watch.condition.id] = entry
            engine.people.said[watch.condition.id, entry] = value
            watch.fact(engine.now_ms)
        elif holds is False:
            watch.clear(engine.now_ms)


def says(condition: Condition, code: str, value: float | None) -> bool | None:
    """Whether a finding is the condition's; None where it says nothing about it."""
    if code not in condition.codes or (condition.limit is not None and value is None):
        return None
    if condition.limit is None or value is None:
        return True
    if value == condition.limit:
        return condition.inclusive
    return (value < condition.limit) is (condition.direction == "low")


def _not_found(engine: Engine, entry: int) -> None:
    for watch in engine.findings:
        engine.people.said.pop((watch.condition.id, entry), None)
        if engine.people.found.get(watch.condition.id) == entry:
            watch.clear(engine.now_ms)


# --- up and out ---------------------------------------------------------------------------


def _moved(engine: Engine, body: e.Body, at_ms: int, entry: int) -> None:
    room(engine, follow(engine.people.situation, body, at_ms, entry))


def room(engine: Engine, now: Situation) -> None:
    """Somebody went or came back, or that was corrected: this is what the room is like now."""
    before, engine.people.situation = engine.people.situation, now
    if now.up is None:
        if before.up is not None:
            _back(engine)
    elif before.up is None or now.up.until_ms != before.up.until_ms:
        _up(engine, max(engine.now_ms, now.up.until_ms))
    for watch in _standby(engine, "out"):
        if now.out is None:
            watch.clear(engine.now_ms)
        elif before.out is None:
            watch.restart(engine.now_ms)


def _up(engine: Engine, until: int) -> None:
    engine.up_until_ms = until
    for watch in engine.waiting_for_patient():
        # Why it is so is known now; when the time is over it calls again.
        watch.acknowledge(engine.now_ms)
        watch.not_before = until
        watch.plan()
    for watch in _standby(engine, "up"):
        watch.clear(engine.now_ms)  # more minutes end the alarm that they were over now, not when they are
        watch.count_from(until)


def up_too_long(engine: Engine) -> None:
    """The time is over, so that nothing waits any more; what is still so calls again."""
    engine.up_until_ms = None
    for watch in engine.waiting_for_patient():
        watch.again(engine.now_ms)


def _back(engine: Engine) -> None:
    engine.up_until_ms = None
    for watch in engine.waiting_for_patient():
        watch.not_before = 0
        watch.plan()
        if watch.counting and not watch.present:
            watch.count_from(engine.now_ms)
        watch.again(engine.now_ms)
    for watch in _standby(engine, "up"):
        watch.clear(engine.now_ms)


def _standby(engine: Engine, trigger: str) -> list[Watch]:
    return [w for w in engine.standby if w.condition.trigger == trigger]


# --- the end -------------------------------------------------------------------------------


def _ended(engine: Engine, body: e.SessionEnded, at_ms: int, entry: int) -> None:
    engine.ended = True
    for watch in engine.watches:
        watch.clear(engine.now_ms)


HANDLERS: dict[type[e.Body], Callable[[Engine, Any, int, int], None]] = {
    e.DoseGiven: dose,
    e.InfusionStarted: dose,
    e.TimeOutTaken: _time_out,
    e.LimitsSet: _limits_set,
    e.BaselineSet: _baseline,
    e.AlarmAcknowledged: _acknowledged,
    e.AlarmResolved: _resolved,
    e.FindingNoted: _found,
    e.ObservationStarted: _began,
    e.ObservationGraded: _graded,
    e.ObservationEnded: _over,
    e.PatientUp: _moved,
    e.PatientBack: _moved,
    e.TherapistOut: _moved,
    e.TherapistBack: _moved,
    e.SessionEnded: _ended,
}
