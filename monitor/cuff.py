"""One blood-pressure measurement at a time: where it stands, and what Vigil itself does about it next.

Everything here is a fold: `follow` takes in what the log says, `due` tells what is to be entered next
and at which instant. Neither has a clock, so a replayed log gives the same. Times are session time, ms.

    asked ── inflating ── result | failure | cancelled | timed out
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from monitor import entries as e
from monitor.care.content import cuff_rules
from monitor.language import noted, tr
from monitor.now import Device
from monitor.vitals import UNHEARD, CuffReading, Vital, plausible

NO_ANSWER = noted("the cuff did not answer")
NO_RESULT = noted("the cuff gave no result in time")
RESTARTED = noted("Vigil was restarted")
SLEPT = noted("the computer slept")
NOT_REACHED = noted("not reached")


class Measurement(msgspec.Struct, frozen=True):
    """The measurement that is under way."""

    entry: int
    """The entry that began it."""
    device: str
    trigger: str
    began_ms: int
    remote: bool
    """Vigil tells the cuff to inflate; otherwise a person is asked to press its button."""
    pressure: float | None = None
    """In the cuff, mmHg, as last told at `pressure_ms`."""
    pressure_ms: int = 0
    inflating_ms: int | None = None
    """Since when the cuff is known to be under pressure."""
    slept: bool = False
    """The computer slept while it ran: nobody knows what the cuff did meanwhile."""

    @property
    def waits_for_person(self) -> bool:
        """Whether somebody still has to press the cuff's button."""
        return not self.remote and self.inflating_ms is None

    @property
    def tried_again(self) -> bool:
        """Whether Vigil tries once more by itself if it fails; otherwise a person says how to go on."""
        return self.remote and not self.slept and self.trigger not in ("retry", "device")


class Finished(msgspec.Struct, frozen=True):
    """The last measurement that came to an end: what trickles in from it afterwards is no new one."""

    device: str
    at_ms: int
    called_off: bool
    """It was cancelled or timed out: a failure that follows is the cuff's answer to that."""
    unheard: bool = False
    """It was called off, but the cuff could not be told."""


class Answer(msgspec.Struct, frozen=True):
    """Readings typed in by hand stand in for a measurement that failed, until the last is taken back."""

    question: str
    typed: tuple[int, ...]
    """Their entries."""


class Control(msgspec.Struct, frozen=True):
    """Where pressure measuring stands in a session."""

    running: Measurement | None = None
    inflated_ms: int | None = None
    """When a cuff was last under pressure, as far as is known."""
    again: str = ""
    """The device that is to measure once more by itself."""
    again_after: str = ""
    """Why its measurement failed."""
    question: str = ""
    """Why the last measurement failed, while a person has to say how to go on."""
    answer: Answer | None = None
    """What a person has typed in instead."""
    moved_ms: int | None = None
    """When somebody began to put the cuff on the other arm."""
    held_until_ms: int = 0
    """Nothing is measured by itself before this."""
    every_min: float | None = None
    """Vigil measures by itself this often; None: it only says when a measurement is due."""
    counted_from_ms: int = 0
    rechecked_ms: int = -1
    """When an alarm last led to a measurement."""
    finished: Finished | None = None

    def settling(self, device: str, at_ms: int) -> Finished | None:
        """The measurement of `device` that has just ended, if what comes at `at_ms` still belongs to it."""
        last = self.finished
        if last is None or last.device != device or at_ms - last.at_ms > cuff_rules().settle_ms:
            return None
        return last

    @property
    def earliest_ms(self) -> int:
        """Before this nothing inflates by itself."""
        rested = 0 if self.inflated_ms is None else self.inflated_ms + cuff_rules().least_ms
        moved = 0 if self.moved_ms is None else self.moved_ms + cuff_rules().least_ms
        return max(rested, moved, self.held_until_ms)


class Due(msgspec.Struct, frozen=True):
    """What Vigil enters by itself at `at_ms`, if nothing happens before."""

    at_ms: int
    body: e.CuffAsked | e.CuffTaken | e.CuffLapsed

    @property
    def inflates(self) -> bool:
        """Whether it lets a cuff inflate: that happens when it is entered, never in the past."""
        return isinstance(self.body, e.CuffAsked)


# --- what the log says --------------------------------------------------------------------


def follow(now: Control, body: e.Body, at_ms: int, entry: int, remote: bool) -> Control:
    """What `body` makes of it; `remote` says whether Vigil can inflate the device it is about."""
    match body:
        case e.CuffAsked():
            return _asked(now, body, at_ms, entry, remote)
        case e.CuffInflating():
            return _inflating(now, body, at_ms, entry, remote)
        case e.CuffTaken() if _repeated(now, body, at_ms):
            return now
        case e.CuffTaken() if not body.reading.stored:
            return _typed(now, at_ms, entry) if body.trigger == e.TYPED else _taken(now, body, at_ms)
        case e.Retracted():
            return _taken_back(now, body.entry)
        case e.CuffCancelled():
            # A person who cancels wants peace: what repeats by itself ends (device dossier, "Safety").
            return replace(_stopped(now, at_ms, body.unheard), again="", answer=None, every_min=None)
        case e.DeviceFailed() if body.failure.kind == UNHEARD:
            last = now.finished
            if last is None or last.device != body.device or not last.called_off:
                return now
            return replace(now, finished=replace(last, unheard=True))
        case e.CuffLapsed():
            return replace(now, running=None)
        case e.CuffHeld():
            until_ms = at_ms + 60_000 * body.minutes
            return replace(now, held_until_ms=until_ms, again="", question="", answer=None)
        case e.CuffMoved():
            return replace(now, moved_ms=at_ms, question="", answer=None)
        case e.CuffScheduleSet():
            return replace(now, every_min=body.every_min, counted_from_ms=at_ms)
        case e.DeviceReleased():
            return _released(now, body.device, at_ms)
        case e.Gap(cause=e.SLEEP, device=""):
            return _unwatched(now, at_ms, SLEPT)
        case e.RunStarted() if entry > 1:
            return replace(_unwatched(now, at_ms, RESTARTED), running=None)
        case _:
            return now


def _asked(now: Control, body: e.CuffAsked, at_ms: int, entry: int, remote: bool) -> Control:
    if now.running is not None:
        return now
    return replace(
        now,
        running=Measurement(entry, body.device, body.trigger, at_ms, remote),
        again="",
        question="",
        answer=None,
        rechecked_ms=at_ms if body.trigger == "alarm" else now.rechecked_ms,
        finished=None,
    )


def _inflating(now: Control, body: e.CuffInflating, at_ms: int, entry: int, remote: bool) -> Control:
    running, told = now.running, body.pressure.mmhg
    if running is None and told > 0 and not now.settling(body.device, at_ms):
        running = Measurement(entry, body.device, "device", at_ms, remote)
    if running is not None and running.device == body.device:
        since = at_ms if running.inflating_ms is None else running.inflating_ms
        running = replace(running, pressure=told, pressure_ms=at_ms, inflating_ms=since)
    return replace(now, running=running, inflated_ms=_later(now.inflated_ms, at_ms))


def _typed(now: Control, at_ms: int, entry: int) -> Control:
    """The answer to a question or a prompt; a cuff that inflates goes on."""
    prompted = now.running is not None and now.running.waits_for_person
    asked = now.question or (now.again_after if now.again else "")
    answer = Answer(asked, ()) if asked else now.answer
    return replace(
        now,
        running=None if prompted else now.running,
        inflated_ms=_later(now.inflated_ms, at_ms),
        again="",
        question="",
        answer=answer and replace(answer, typed=(*answer.typed, entry)),
    )


def _taken_back(now: Control, entry: int) -> Control:
    """Without the last reading that stood in for it, a failed measurement is a question again."""
    answer = now.answer
    if answer is None or entry not in answer.typed:
        return now
    left = tuple(typed for typed in answer.typed if typed != entry)
    if left:
        return replace(now, answer=replace(answer, typed=left))
    return replace(now, question=answer.question, answer=None)


def _taken(now: Control, body: e.CuffTaken, at_ms: int) -> Control:
    failure, running = failure_of(body.reading), now.running
    mine = running if running is not None and running.device == body.device else None
    never_told = mine is not None and mine.inflating_ms is None and body.ours == NOT_REACHED
    again = bool(failure) and mine is not None and mine.tried_again
    return replace(
        now,
        running=running if mine is None else None,
        # The attempt counts for the schedule, but not for the pace: nothing has inflated.
        inflated_ms=now.inflated_ms if never_told else _later(now.inflated_ms, at_ms),
        counted_from_ms=at_ms if never_told else now.counted_from_ms,
        again=body.device if again else "",
        again_after=failure if again else "",
        question="" if again else failure,
        answer=None,
        finished=Finished(body.device, at_ms, called_off=bool(body.ours)),
    )


def _repeated(now: Control, body: e.CuffTaken, at_ms: int) -> bool:
    """Whether a cuff tells once more that the measurement just ended has failed."""
    return now.running is None and body.reading.failure is not None and bool(now.settling(body.device, at_ms))


def _stopped(now: Control, at_ms: int, unheard: bool = False) -> Control:
    running = now.running
    if running is None:
        return now
    inflated_ms = now.inflated_ms if running.waits_for_person else _later(now.inflated_ms, at_ms)
    finished = Finished(running.device, at_ms, called_off=True, unheard=unheard)
    return replace(now, running=None, inflated_ms=inflated_ms, finished=finished)


def _released(now: Control, device: str, at_ms: int) -> Control:
    """What waited for this cuff ends with it: another one begins afresh."""
    if now.running is not None and now.running.device == device:
        now = _stopped(now, at_ms)
    if now.again == device:
        now = replace(now, again="")
    if now.finished is not None and now.finished.device == device:
        now = replace(now, question="", answer=None)
    return now


def _unwatched(now: Control, at_ms: int, why: str) -> Control:
    """Nobody knows what a cuff did until now: it counts as inflated, and nothing is tried again."""
    return replace(
        now,
        running=now.running and replace(now.running, slept=True),
        again="",
        question=why if now.again else now.question,
        inflated_ms=_later(now.inflated_ms, at_ms),
    )


def _later(before_ms: int | None, at_ms: int) -> int:
    return at_ms if before_ms is None else max(before_ms, at_ms)


# --- what comes next ----------------------------------------------------------------------


def due(now: Control, cuff: Device | None, alarm_ms: int | None = None) -> Due | None:
    """What Vigil itself does next. `cuff` is the session's, `alarm_ms` when its pressure became alarming.

    A cuff that a person starts is never asked by itself.
    """
    if now.running is not None:
        return _time_out(now.running)
    if cuff is None or not cuff.remote_start or now.question:
        return None
    if now.again:
        at_ms = max(now.earliest_ms, (now.finished.at_ms if now.finished else 0) + cuff_rules().reach_ms)
        return Due(at_ms, e.CuffAsked(device=now.again, trigger="retry"))
    if now.every_min is None:
        return None
    last_ms = max(now.counted_from_ms, now.inflated_ms or 0)
    at_ms = max(last_ms + round(60_000 * now.every_min), now.earliest_ms)
    if alarm_ms is not None and alarm_ms > now.rechecked_ms and max(alarm_ms, now.earliest_ms) < at_ms:
        body = e.CuffAsked(device=cuff.device, trigger="alarm")
        return Due(max(alarm_ms, now.earliest_ms), body)
    return Due(at_ms, e.CuffAsked(device=cuff.device, trigger="schedule"))


def _time_out(running: Measurement) -> Due:
    rules = cuff_rules()
    if running.inflating_ms is not None:
        at_ms, reason = running.inflating_ms + rules.inflation_ms, NO_RESULT
    elif running.remote:
        at_ms, reason = running.began_ms + rules.answer_ms, NO_ANSWER
    else:
        return Due(running.began_ms + rules.prompt_ms, e.CuffLapsed(device=running.device))
    return Due(at_ms, failed(running, reason, noted("timed out")))


def failed(running: Measurement, reason: str, ours: str) -> e.CuffTaken:
    """The failure that Vigil itself enters for a measurement."""
    return e.CuffTaken(
        device=running.device, reading=CuffReading(failure=reason), trigger=running.trigger, ours=ours
    )


def cut_off(running: Measurement) -> e.CuffTaken | e.CuffLapsed:
    """The end of a measurement that was under way when the program ended: a person says how to go on."""
    if running.waits_for_person:
        return e.CuffLapsed(device=running.device)
    return failed(running, RESTARTED, "restarted")


# --- readings -----------------------------------------------------------------------------

IMPOSSIBLE = noted("the cuff sent an impossible pressure")


def failure_of(reading: CuffReading) -> str:
    """Why a reading is no pressure, in words; "" for a good one."""
    if reading.failure is not None:
        return reading.failure or noted("no reason was told")
    good = plausible(Vital.SYSTOLIC, reading.systolic) and plausible(Vital.DIASTOLIC, reading.diastolic)
    return "" if good else IMPOSSIBLE


MMHG_PER_KPA = 7.50062
KPA = ((7.0, 35.0), (3.0, 20.0))
"""Upper and lower pressure as somebody types them who reads a cuff in kPa; nobody has both in mmHg."""


def typed(systolic: float | None, diastolic: float | None, pulse: float | None = None) -> e.CuffTaken:
    """A reading that a person has typed in. Raises ValueError, in words, where it cannot be one."""
    if systolic is None or diastolic is None:
        raise ValueError(tr("upper and lower pressure are needed"))
    if all(low <= value <= high for value, (low, high) in zip((systolic, diastolic), KPA, strict=True)):
        upper, lower = systolic * MMHG_PER_KPA, diastolic * MMHG_PER_KPA
        raise ValueError(
            tr("kPa? In mmHg that would be {upper:.0f}/{lower:.0f}: type mmHg", upper=upper, lower=lower)
        )
    if not (plausible(Vital.SYSTOLIC, systolic) and plausible(Vital.DIASTOLIC, diastolic)):
        raise ValueError(tr("no living person has this pressure"))
    if diastolic >= systolic:
        raise ValueError(tr("upper must be above lower"))
    if pulse is not None and not plausible(Vital.PULSE, pulse):
        raise ValueError(tr("no living person has this pulse"))
    return e.CuffTaken(
        device="", reading=CuffReading(systolic=systolic, diastolic=diastolic, pulse=pulse), trigger=e.TYPED
    )
