"""What the engine makes of corrections: what was taken back, amended, or stands again after all.

It decides anew what the corrected entry said, and nothing else:

- What was raised only by the mistake ends, as an alarm that is over; unseen it stays on the screen.
- What the corrected words raise is raised now, and calls anew where it is worse than what was seen.
- A later word about the same, or a later pressure, is newer than the correction of an earlier one.
- What is armed by a dose that was a mistake stays armed.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from monitor import entries as e
from monitor.alarms.on_devices import decide, expect_pressure, not_measured, pressures_of
from monitor.alarms.on_people import dose, room, says, scored, set_dosed
from monitor.alarms.watch import Watch
from monitor.amending import Made
from monitor.now import Version
from monitor.people import ROOM
from monitor.situation import ABOUT, corrected

if TYPE_CHECKING:
    from monitor.alarms.engine import Engine

LAST = 1 << 62
"""The number of a correction that was given none: it comes after everything."""


def made(body: e.Body, at_ms: int, entered_ms: int, entry: int) -> Made:
    """A body as corrections see it."""
    number = entry or (LAST if isinstance(body, e.Amended | e.Retracted) else 0)
    return Made(number, ROOM, body, at_ms, entered_ms)  # whose it is decides nothing here


def _corrected(engine: Engine, body: e.Amended | e.Retracted, at_ms: int, entry: int) -> None:
    corrections = engine.people.corrections
    root = corrections.root(body.entry)
    original, now = corrections.made(root), corrections.now(root)
    if original is None:
        return
    match original.body:
        case e.DoseGiven() | e.InfusionStarted():
            _dose(engine, root, now)
        case e.FindingNoted() | e.ObservationStarted():
            _finding(engine, root)
        case e.ObservationGraded() | e.ObservationEnded():
            _finding(engine, original.body.episode)
        case e.CuffTaken():
            _pressure(engine, root, now)
    if isinstance(original.body, ABOUT):
        said, at_ms = (None, 0) if now is None else (now.body, now.at_ms)
        room(engine, corrected(engine.people.situation, root, said, at_ms))


# --- doses --------------------------------------------------------------------------------


def _dose(engine: Engine, root: int, now: Version | None) -> None:
    doses, devices = engine.people.doses, engine.devices
    if now is not None and isinstance(now.body, e.DoseGiven | e.InfusionStarted):
        # A medicine against something is no dose.
        now = None if now.body.dose_kind == e.RESCUE else now
    if now is not None and not doses:
        assert isinstance(now.body, e.DoseGiven | e.InfusionStarted)
        dose(engine, now.body, now.at_ms, root)
        return
    if now is None:
        if doses.pop(root, None) is None:
            return
    else:
        doses[root] = now.at_ms
    devices.dosed_ms = min(doses.values(), default=None)
    set_dosed(engine, bool(doses))
    expect_pressure(engine)


# --- findings and observations ------------------------------------------------------------


class Word(NamedTuple):
    """What somebody said about a code; `entry` began the episode, or is the finding itself."""

    number: int
    entry: int
    code: str
    value: float | None
    text: str


def _words(engine: Engine) -> Iterator[Word]:
    """All that was said and stands, in the order of the log, each as it reads now."""
    codes: dict[int, str] = {}
    for number, version in engine.people.corrections.standing(
        (e.FindingNoted, e.ObservationStarted, e.ObservationGraded)
    ):
        match version.body:
            case e.FindingNoted(code=code, value=value, text=text):
                yield Word(number, number, code, value, text)
            case e.ObservationStarted(code=code, grade=grade):
                codes[number] = code
                yield Word(number, number, code, scored(code, grade), "")
            case e.ObservationGraded(episode=episode, grade=grade) if episode in codes:
                code = codes[episode]
                yield Word(number, episode, code, scored(code, grade), "")


def _finding(engine: Engine, root: int) -> None:
    """Decide anew what entry `root` said: of an episode, what was last said of it while it goes on."""
    people = engine.people
    words = list(_words(engine))
    mine = [word for word in words if word.entry == root]
    over = any(
        isinstance(version.body, e.ObservationEnded) and version.body.episode == root
        for _, version in people.corrections.standing((e.ObservationEnded,))
    )
    people.episodes.pop(root, None)
    began = people.corrections.now(root)
    if began is not None and isinstance(began.body, e.ObservationStarted) and not over:
        people.episodes[root] = began.body.code
    for watch in engine.findings:
        said = [(word, holds) for word in mine if (holds := _holds(watch, word)) is not None]
        word, holds = said[-1] if said and not over else (None, False)
        key = (watch.condition.id, root)
        stood = people.found.get(watch.condition.id) == root and watch.present
        if word is None or not holds:
            people.said.pop(key, None)
            if stood:
                watch.clear(engine.now_ms)
            continue
        # What was said before and is over, a person or a later word has ended: only worse begins anew.
        anew = key not in people.said or _worse(watch, word.value, people.said[key])
        people.said[key] = word.value
        later = (x for x in words if x.number > word.number)
        if stood:
            watch.text, watch.value = word.text, word.value
            watch.fact(engine.now_ms, anew)
        elif anew and not watch.present and not any(_holds(watch, x) is False for x in later):
            people.found[watch.condition.id] = root
            watch.text, watch.value = word.text, word.value
            watch.fact(engine.now_ms)


def _holds(watch: Watch, word: Word) -> bool | None:
    return says(watch.condition, word.code, word.value)


def _worse(watch: Watch, value: float | None, than: float | None) -> bool:
    if value is None or than is None or value == than:
        return False
    return (value < than) is (watch.condition.direction == "low")


# --- pressures ----------------------------------------------------------------------------


def _pressure(engine: Engine, root: int, now: Version | None) -> None:
    devices = engine.devices
    newest, taken_ms = _newest(engine), devices.pressure_ms
    before = newest[2] if newest is not None else {}
    devices.pressures = [p for p in devices.pressures if p[0] != root]
    if now is not None and isinstance(now.body, e.CuffTaken) and not now.body.reading.stored:
        values = pressures_of(now.body.reading)
        if values:
            insort(devices.pressures, (root, now.at_ms, values), key=lambda p: (p[1], p[0]))
    last = _newest(engine)
    if newest == last or root not in {p[0] for p in (newest, last) if p is not None}:
        return  # what was measured later decides
    devices.recheck_ms = None
    values = last[2] if last is not None else {}
    for watch in engine.on_cuff:
        watch.reopen()
        still = any(watch.beyond(v, x) for v, x in values.items())
        if not still or watch.level > 0:  # what a mistyped reading confirmed is not confirmed
            watch.clear(engine.now_ms)
        elif any(v in before and watch.further(v, x, before[v]) for v, x in values.items()):
            watch.again(engine.now_ms)
    if last is not None:
        decide(engine, values, last[1], anew=False)
    else:
        expect_pressure(engine)
    if devices.pressure_ms <= devices.failure[0] <= taken_ms:  # it stood in for an attempt that failed
        not_measured(engine)


def _newest(engine: Engine) -> tuple[int, int, dict[Any, float]] | None:
    pressures = engine.devices.pressures
    return pressures[-1] if pressures else None


HANDLERS: dict[type[e.Body], Callable[[Engine, Any, int, int], None]] = {
    e.Amended: _corrected,
    e.Retracted: _corrected,
}
