"""What one session shows at the second place: its worst alarms, its pages, "I need you". No Qt.

In the words of the live screen, which has everything else.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from monitor import entries as e
from monitor.alarms.conditions import Condition
from monitor.alarms.paging import CALL, EVERYWHERE, STATION
from monitor.alarms.signals import duration
from monitor.language import tr
from monitor.session import Alarm, SessionState
from ui import theme
from ui.live import alarm_rows, alarm_words, cuffs, present
from ui.live.needs import Need, Needs

SEEN, COMING, ACKNOWLEDGE = tr("Seen"), tr("Coming"), alarm_rows.ACKNOWLEDGE
DEEDS = (SEEN, COMING, ACKNOWLEDGE)
ANSWERS = {SEEN: "seen", COMING: "coming"}

MOST = 3
"""Alarms of one session; the others are counted."""

SIGNALLED = {
    STATION: tr("signalled where somebody is signed in"),
    EVERYWHERE: tr("signalled everywhere"),
    CALL: tr("the room was told to call"),
}
URGENCIES = {"now": tr("NOW"), "soon": tr("soon")}


class Call(msgspec.Struct, frozen=True):
    """One row."""

    key: tuple[int, int]
    """What it is about: the entry, and the one with which it came to call as it does: one that calls anew is
    another row, which no finger can have been on its way to."""
    priority: str
    """As an alarm's; "" for "I need you", which has no alarm's colour."""
    what: str
    below: str
    deeds: tuple[str, ...]


class Calls:
    """The calls of one session, read anew at each look."""

    def __init__(self, state: SessionState, conditions: Mapping[str, Condition]) -> None:
        self._state, self._conditions = state, conditions
        self._needs = Needs(state)
        self._alarms: dict[tuple[int, int], Alarm] = {}

    def title(self) -> str:
        """ "KAP-0417-K · room 2"."""
        opened = self._state.opened
        if opened is None:
            return ""
        code = self._state.code
        return tr("{code} · room {room}", code=code, room=opened.room) if opened.room else code

    def status(self, now_ms: int, shown: int) -> str:
        """The status line where nothing calls, else how many alarms are not shown."""
        more = len(self._state.alarms) - shown
        if shown:
            return tr("{more} more on the live screen", more=more) if more > 0 else ""
        return present.status_line(self._state, now_ms, cuffs.interval_ms(self._state))

    def rows(self, now_ms: int) -> list[Call]:
        """ "I need you" first: a person asks. Then the alarms that are present, worst first."""
        alarms = [a for a in alarm_rows.in_order(self._state) if a.ended_ms is None][:MOST]
        self._alarms = {(a.entry, a.calls): a for a in alarms}
        need = self._needs.last(now_ms)
        asked = [] if need is None else [_asked(need, now_ms)]
        return asked + [self._alarm(key, alarm, now_ms) for key, alarm in self._alarms.items()]

    def body_of(self, key: tuple[int, int], deed: str) -> e.AlarmAcknowledged | e.PageAnswered:
        """What a press on a row that is shown records."""
        alarm = self._alarms.get(key)
        if deed in ANSWERS:
            return e.PageAnswered(answer=ANSWERS[deed], condition=alarm.change.condition if alarm else "")
        assert alarm is not None
        body = alarm_rows.body_of(deed, alarm)
        assert isinstance(body, e.AlarmAcknowledged)
        return body

    def _alarm(self, key: tuple[int, int], alarm: Alarm, now_ms: int) -> Call:
        change = alarm.change
        message = alarm_words.message_of(self._state, alarm, self._conditions.get(change.condition), now_ms)
        what, _, look = message.partition(tr(" · look: "))
        signalled = next((SIGNALLED[step] for step in reversed(alarm.paged) if step in SIGNALLED), "")
        answer = alarm_words.last_answer(self._state, alarm, now_ms)
        below = " · ".join(x for x in (signalled, answer, tr("look: {look}", look=look) if look else "") if x)
        # A priority no one knows (a newer log) is shown as the highest.
        priority = change.priority if change.priority in theme.ALARMS else "high"
        what += tr(" · acknowledged") if alarm.seen else ""
        deeds = () if alarm.seen else DEEDS if priority == "high" else (ACKNOWLEDGE,)
        return Call(key, priority, what, below, deeds)


def _asked(need: Need, now_ms: int) -> Call:
    urgency = URGENCIES.get(need.urgency, need.urgency)
    what = tr("I need you, {urgency} · {duration}", urgency=urgency, duration=duration(now_ms - need.at_ms))
    said = need.said(now_ms) or tr("nobody has answered yet")
    deeds = () if need.answer.startswith("coming") else (COMING,) if need.answer else (SEEN, COMING)
    return Call((need.entry, 0), "", what, said, deeds)
