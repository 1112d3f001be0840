"""How far an unacknowledged high alarm is signalled, and whether sound may leave the room. Pure.

Other places are told over a seam: a place is whatever tells of its person (ListenerHere) and beats.
In this version they are outputs of the same computer; over a network nothing here changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from monitor.alarms.conditions import Priority
from monitor.alarms.ledger import Alarm, Ledger
from monitor.care.content import listener_rules, paging_rules
from monitor.entries import AlarmPaged, ListenerGone, ListenerHere
from monitor.language import noted

AGAIN, STATION, EVERYWHERE, CALL = "again", "station", "everywhere", "call"


class Page(msgspec.Struct, frozen=True):
    """A step that is due at `at_ms`."""

    at_ms: int
    body: AlarmPaged


def pages_due(alarms: Iterable[Alarm], signed_in: bool, now_ms: int) -> list[Page]:
    """The steps that are due by `now_ms` and have not been taken, the oldest first.

    `signed_in` is whether a named person listens at another place. Where nobody does, the room is
    told whom to call; a page that nobody can receive is not called one.
    """
    rules = paging_rules()
    steps = [(rules.again_s, AGAIN)]
    if signed_in:
        steps += [(rules.station_s, STATION), (rules.everywhere_s, EVERYWHERE)]
    else:
        steps += [(rules.station_s, CALL)]
    due = []
    for alarm in alarms:
        if alarm.seen or alarm.change.priority != Priority.HIGH:
            continue
        for after_s, step in steps:
            at_ms = alarm.high_ms + round(1000 * after_s)
            if step not in alarm.paged and at_ms <= now_ms:
                condition, direction, device = alarm.key
                page = AlarmPaged(condition=condition, direction=direction, device=device, step=step)
                due.append(Page(at_ms, page))
    return sorted(due, key=lambda page: page.at_ms)


def listens(ledger: Ledger, place: str, room_output: str, heard_ms: Mapping[str, int], now_ms: int) -> str:
    """Why nobody can be taken to listen at `place`; "" where a named person does.

    `room_output` is the room's own output device, `heard_ms` when each place last beat.
    """
    known = ledger.listeners.get(place)
    rules = listener_rules()
    if known is None or not known[0].person:
        return noted("nobody has said that they are there")
    here, since_ms = known
    if here.output == room_output:
        return noted("it is the room's own loudspeaker")
    if now_ms - since_ms > rules.here_ms:
        return noted("the person has not answered again")
    if now_ms - heard_ms.get(place, since_ms) >= rules.silent_ms:
        return noted("it does not answer")
    return ""


def lost_listeners(
    ledger: Ledger, room_output: str, heard_ms: Mapping[str, int], now_ms: int
) -> list[ListenerGone]:
    """The places on which nobody may rely any more."""
    why = {place: listens(ledger, place, room_output, heard_ms, now_ms) for place in ledger.listeners}
    return [ListenerGone(place=place, reason=reason) for place, reason in why.items() if reason]


def room_sounds(ledger: Ledger, room_output: str, heard_ms: Mapping[str, int], now_ms: int) -> bool:
    """Whether alarms must be heard in the room: always, unless a named person listens elsewhere.

    A high alarm that this person has not answered within 15 s is heard in the room all the same.
    """
    elsewhere = any(not listens(ledger, place, room_output, heard_ms, now_ms) for place in ledger.listeners)
    return unanswered(ledger) or not elsewhere


def unanswered(ledger: Ledger) -> bool:
    """Whether a high alarm was signalled again in the room and nobody has seen it since."""
    return any(AGAIN in a.paged and not a.seen for a in ledger.present.values())


def listener(ledger: Ledger) -> ListenerHere | None:
    """Who listens elsewhere, as the record has it: one whom nobody may rely on is taken out at once."""
    last = max(ledger.listeners.values(), key=lambda known: known[1], default=None)
    return None if last is None else last[0]
