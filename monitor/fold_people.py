"""What a session's log adds up to about people: doses, what they saw, alarms, the room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from monitor import entries as e
from monitor.codec import Entry
from monitor.folding import Handlers
from monitor.now import Changed, Dose, Episode
from monitor.vitals import Vital, plausible

if TYPE_CHECKING:
    from monitor.session import SessionState

HANDLERS = Handlers()


@HANDLERS.on(e.DoseGiven)
def _dose(state: SessionState, entry: Entry, at_ms: int, body: e.DoseGiven) -> Changed:
    state.doses.append(dose_of(entry.seq, body, at_ms))
    return Changed.DOSES | Changed.LOG


def dose_of(entry: int, body: e.DoseGiven, at_ms: int) -> Dose:
    """What entry number `entry` says was given at `at_ms`."""
    return Dose(entry, body.drug, body.amount_mg, body.route, body.dose_kind, at_ms, told=body)


@HANDLERS.on(e.ObservationStarted)
def _began(state: SessionState, entry: Entry, at_ms: int, body: e.ObservationStarted) -> Changed:
    state.episodes[entry.seq] = Episode(entry.seq, body.code, entry.by, at_ms, grade=body.grade)
    return Changed.OBSERVATIONS | Changed.LOG


@HANDLERS.on(e.ObservationGraded)
def _graded(state: SessionState, entry: Entry, at_ms: int, body: e.ObservationGraded) -> Changed:
    episode = state.episodes.get(body.episode)
    if episode is not None:
        state.episodes[body.episode] = msgspec.structs.replace(episode, grade=body.grade)
    return Changed.OBSERVATIONS | Changed.LOG


@HANDLERS.on(e.ObservationEnded)
def _over(state: SessionState, entry: Entry, at_ms: int, body: e.ObservationEnded) -> Changed:
    episode = state.episodes.get(body.episode)
    if episode is not None:
        end_ms = max(at_ms, episode.start_ms)
        state.episodes[body.episode] = msgspec.structs.replace(episode, end_ms=end_ms)
    return Changed.OBSERVATIONS | Changed.LOG


@HANDLERS.on(e.AlarmChanged)
@HANDLERS.on(e.AlarmAcknowledged)
@HANDLERS.on(e.AlarmResolved)
@HANDLERS.on(e.AlarmPaged)
@HANDLERS.on(e.PageAnswered)
@HANDLERS.on(e.AlarmLabelled)
@HANDLERS.on(e.AudioPaused)
@HANDLERS.on(e.AudioOff)
@HANDLERS.on(e.ListenerHere)
@HANDLERS.on(e.ListenerGone)
@HANDLERS.on(e.SystemFault)
def _alarm(state: SessionState, entry: Entry, at_ms: int, body: e.Body) -> Changed:
    state.ledger.apply(body, at_ms, entry.seq)
    return Changed.ALARMS | Changed.LOG


@HANDLERS.on(e.TimeOutTaken)
@HANDLERS.on(e.PatientUp)
@HANDLERS.on(e.PatientBack)
@HANDLERS.on(e.TherapistOut)
@HANDLERS.on(e.TherapistBack)
@HANDLERS.on(e.EmergencyStarted)
@HANDLERS.on(e.EmergencyStep)
@HANDLERS.on(e.EmergencyOver)
def _situation(state: SessionState, entry: Entry, at_ms: int, body: e.Body) -> Changed:
    return Changed.SITUATION | Changed.OBSERVATIONS | Changed.LOG


@HANDLERS.on(e.BaselineSet)
def _baseline(state: SessionState, entry: Entry, at_ms: int, body: e.BaselineSet) -> Changed:
    state.baseline = {Vital(v): x for v, x in body.values.items() if v in _VITALS and plausible(Vital(v), x)}
    return Changed.LIMITS | Changed.LOG


_VITALS = frozenset(v.value for v in Vital)
