"""What the second place says of itself, and what the room says of it. Pure, without Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.alarms.ledger import Ledger
from monitor.alarms.paging import listener, unanswered
from monitor.alarms.signals import duration
from monitor.care.content import listener_rules
from monitor.language import tr
from ui.place import OF_THE_ROOM

if TYPE_CHECKING:
    from ui.place.place import Place


def sound_line(room: str, ledger: Ledger) -> str:
    """Where a session's alarms sound: "Office speaker, Dr Lee". `room` says it of the room."""
    here = listener(ledger)
    if here is None:
        return room
    elsewhere = f"{here.output}, {here.person}"
    return tr("{room} and {elsewhere}", room=room, elsewhere=elsewhere) if unanswered(ledger) else elsewhere


def standing(place: Place) -> str:
    """Who listens at the second place and for how long, or what is wanting."""
    here, speaker = place.here, place.speaker
    if here is not None:
        left_ms, rules = place.left_ms, listener_rules()
        if left_ms <= rules.ask_ms:
            return tr(
                "{person}, still here? Press I'm here again within {duration}.",
                person=here.person,
                duration=duration(left_ms),
            )
        return tr(
            "{person} listens here, on {output}. To be said again within {duration}.",
            person=here.person,
            output=here.output,
            duration=duration(left_ms),
        )
    lost = (
        tr("Sound is back in the room: {lost}. ", lost=tr(place.lost))
        if place.lost
        else tr("Nobody listens here. ")
    )
    if not speaker.kept:
        return tr("{lost}Alarms sound in the room. First choose a loudspeaker for this place.", lost=lost)
    if speaker.kept == speaker.room_output:
        return tr(
            "{lost}{kept} is {of_the_room}: choose another one.",
            lost=lost,
            kept=speaker.kept,
            of_the_room=tr(OF_THE_ROOM),
        )
    if not speaker.plays:
        return tr("{lost}{kept} does not play. Alarms sound in the room.", lost=lost, kept=speaker.kept)
    return tr("{lost}Alarms sound in the room until you enter your name and press I'm here.", lost=lost)
