"""`vigil alarms`: the burden of a session's alarms, and each alarm from its beginning to its end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from monitor.language import tr
from monitor.trouble import Trouble
from ui.cli_record import Data, Json, KeyFile, Session, find, reading

if TYPE_CHECKING:
    from monitor.alarms.burden import Burden
    from monitor.session import Alarm, SessionState
    from monitor.store.store import Store

alarming = typer.Typer()


@alarming.command()
def alarms(
    session: Session,
    data: Data = None,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> None:
    """How often a session's alarms called, how soon somebody saw them, and how they were judged."""
    from monitor.alarms.burden import burden

    with reading(data, key_file) as store:
        state = _state(store, find(store, session))
    found = burden(state, state.until_ms)
    if as_json:
        for alarm in found.spans:
            print(json.dumps(_line(alarm), ensure_ascii=False))
        print(json.dumps({"summary": _summary(found)}, ensure_ascii=False))
    else:
        _print(state, found)


def _state(store: Store, log_id: str) -> SessionState:
    from monitor.codec import BadEntry, unseal
    from monitor.session import fold

    try:
        return fold(unseal(sealed.data)[0] for sealed in store.read(log_id))
    except (BadEntry, ValueError) as error:
        raise Trouble(
            tr("The record of this session is damaged."),
            tr("Counts made of it could leave alarms out."),
            tr("`vigil show` prints what can be read; `vigil verify` names the first bad entry."),
        ) from error


# --- as lines of JSON -------------------------------------------------------------------------


def _line(alarm: Alarm) -> dict[str, Any]:
    change = alarm.change
    return {
        "entry": alarm.entry,
        "condition": change.condition,
        "direction": change.direction,
        "device": change.device,
        "priority": change.priority,
        "began": alarm.began_ms / 1000,
        "ended": None if alarm.ended_ms is None else alarm.ended_ms / 1000,
        "seen": None if alarm.seen_ms is None else alarm.seen_ms / 1000,
        "worst": change.worst,
        "limit": change.limit,
        "useful": alarm.useful,
    }


def _summary(found: Burden) -> dict[str, Any]:
    from msgspec import to_builtins

    said: dict[str, Any] = to_builtins(found)
    said.pop("spans")
    return said


# --- for people -------------------------------------------------------------------------------


def _print(state: SessionState, found: Burden) -> None:
    from monitor.words import clock_time

    zero_ms = state.dose_ms or 0
    for alarm in found.spans:
        change = alarm.change
        ended = tr("goes on") if alarm.ended_ms is None else clock_time(alarm.ended_ms - zero_ms)
        seen = tr("not acknowledged")
        if alarm.seen_ms is not None:
            seen = tr("acknowledged after {seen_ms:.0f} s", seen_ms=(alarm.seen_ms - alarm.began_ms) / 1000)
        worst = "" if change.worst is None else f"{change.worst:g}"
        limit = "" if change.limit is None else tr("limit {limit:g}", limit=change.limit)
        judged = "" if alarm.useful is None else "useful" if alarm.useful else "nuisance"
        span = f"{clock_time(alarm.began_ms - zero_ms)}–{ended}"
        row = f"{span:18}  {change.priority:6}  {change.condition:22} {worst:>5} {limit:10} {seen}  {judged}"
        print(row.rstrip())
    if found.spans:
        print()
    rate = (
        ""
        if found.alarms_per_hour is None
        else tr(", {alarms_per_hour:g} an hour", alarms_per_hour=found.alarms_per_hour)
    )
    print(
        tr(
            "{hours:.2f} h: {alarms} alarms{rate}; {seconds_in_alarm:.0f} s in alarm",
            hours=found.hours,
            alarms=found.alarms,
            rate=rate,
            seconds_in_alarm=found.seconds_in_alarm,
        )
    )
    if found.prompt_share is not None:
        print(
            tr(
                "  acknowledged within 30 s: {prompt} of {alarms} ({prompt_share:.0%})",
                prompt=found.prompt,
                alarms=found.alarms,
                prompt_share=found.prompt_share,
            )
        )
    print(
        tr(
            "  judged: {useful} useful, {nuisance} nuisance, {unjudged} not judged",
            useful=found.useful,
            nuisance=found.nuisance,
            unjudged=found.unjudged,
        )
    )
    for name, tally in found.by_condition.items():
        print(
            tr(
                "  {name:22} {alarms:5} alarms  {seconds:8.0f} s",
                name=name,
                alarms=tally.alarms,
                seconds=tally.seconds,
            )
        )
