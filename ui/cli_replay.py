"""`vigil replay`: what the alarm rules make of recorded vitals or of a session, without waiting for them."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.language import tr
from monitor.trouble import Trouble
from ui.cli_record import NO, Json, KeyFile, data_dir, find, reading

if TYPE_CHECKING:
    from monitor.alarms.conditions import Preset
    from monitor.alarms.replay import Replayed
    from monitor.entries import AlarmChanged

LARGEST = 100_000_000
"""Bytes of a file: more than a month of seconds."""

replaying = typer.Typer()


@replaying.command()
def replay(
    what: Annotated[
        str, typer.Argument(metavar="FILE|SESSION", help="A CSV file, or a session's id (or `last`).")
    ],
    preset: Annotated[
        str | None, typer.Option(metavar="NAME", help="Alarm preset; a session has its own.")
    ] = None,
    limits: Annotated[
        str, typer.Option(metavar="KEY=VALUE,...", help="Limits instead of the preset's, e.g. spo2_low=88.")
    ] = "",
    as_json: Json = False,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Where the record and the practice's presets lie."),
    ] = None,
    key_file: KeyFile = None,
) -> None:
    """Run the alarm rules over recorded vitals: which alarms, when, and how often.

    A CSV file has a header of `time` (seconds, or ISO 8601) and any of
    spo2, pulse, systolic and diastolic, quality (good or doubtful).
    A blank cell is no value; a gap in time is a gap in data.
    A go and a dose are taken to be given at the first row, so that what
    exists only after a dose is in force. There is no baseline.

    Of a session everything is told again, with its doses and devices,
    but what people did to its alarms. The limits that were set in it
    hold, unless --limits is given.

    """
    if os.path.exists(what):  # Path.exists raises for what is too long to be a name
        rules, replayed, starts_s, damaged = _file(Path(what), preset, limits, data)
    else:
        rules, replayed, starts_s, damaged = _session(what, preset, limits, data, key_file)
    titles = {c.id: c.title for c in rules.conditions}
    for change in replayed.changes:
        print(json.dumps(line_of(change, starts_s)) if as_json else _row(change, titles[change.condition]))
    if as_json:
        print(json.dumps({"summary": _summary(replayed)}))
    else:
        _print_summary(replayed, titles)
    if damaged:
        print(
            tr(
                "{damaged} entries cannot be read and were left out; `vigil verify` says more.",
                damaged=damaged,
            ),
            file=sys.stderr,
        )
        raise typer.Exit(NO)


_Found = tuple["Preset", "Replayed", float, int]
"""The rules, what they made of it, the time in seconds at which it begins, and damaged entries."""


def _file(file: Path, preset: str | None, limits: str, data: Path | None) -> _Found:
    from monitor.alarms.presets import load_preset, preset_names
    from monitor.alarms.recording import read_recording
    from monitor.alarms.replay import limits_to_try, replay_recording

    if preset is None:
        raise Trouble(
            tr("A preset is needed."),
            tr("Nothing was replayed."),
            tr("Give --preset with one of: {list}.", list=", ".join(preset_names(_practice(data)))),
        )
    rules = load_preset(preset, _practice(data))
    chosen = limits_to_try(limits, rules)
    recording = read_recording(_bytes(file))
    for note in recording.notes:
        print(note, file=sys.stderr)
    return rules, replay_recording(recording, rules, chosen), recording.starts_s, 0


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            read = source.read(LARGEST + 1)
    except OSError as error:
        raise Trouble(
            tr("This file cannot be read."),
            tr("Nothing was replayed."),
            tr("The system says: {strerror}.", strerror=error.strerror),
        ) from error
    if len(read) > LARGEST:
        raise Trouble(
            tr("This file is too long."),
            tr("Nothing was replayed."),
            tr("Give at most a month of seconds at a time."),
        )
    return read


def _session(what: str, preset: str | None, limits: str, data: Path | None, key_file: Path | None) -> _Found:
    from monitor.alarms.presets import load_preset
    from monitor.alarms.replay import limits_to_try, read_log, replay_log

    if Path(what).suffix or Path(what).name != what:
        raise Trouble(
            tr("There is no such file."), tr("Nothing was replayed."), tr("`vigil sessions` lists sessions.")
        )
    with reading(data, key_file) as store:
        log = read_log(store.read(find(store, what)), keep_limits=not limits)
    rules = load_preset(preset or log.preset, _practice(data))
    return rules, replay_log(log, rules, limits_to_try(limits, rules)), 0.0, log.damaged


def _practice(data: Path | None) -> Path:
    """Where a practice keeps presets of its own."""
    return data_dir(data) / "presets"


# --- as lines of JSON -------------------------------------------------------------------------


def line_of(change: AlarmChanged, starts_s: float) -> dict[str, Any]:
    """A change as --json prints it; `starts_s`: the recording's own time of its first row, seconds."""
    more = {"device": change.device, "text": change.text}
    return {
        "t": round(starts_s + change.at_ms / 1000, 3),
        "condition": change.condition,
        "priority": change.priority,
        "state": change.state,
        "value": change.value,
        "limit": change.limit,
        "direction": change.direction,
        "vital": change.vital,
        "since": round(starts_s + change.since_ms / 1000, 3),
        "worst": change.worst,
        **{name: said for name, said in more.items() if said},
    }


def _summary(replayed: Replayed) -> dict[str, Any]:
    s = replayed.summary
    by_condition = {name: {"alarms": t.alarms, "seconds": t.seconds} for name, t in s.by_condition.items()}
    return {
        "hours": s.hours,
        "alarms": s.alarms,
        "alarms_per_hour": s.alarms_per_hour,
        "seconds_in_alarm": s.seconds_in_alarm,
        "by_condition": by_condition,
        "active_at_end": list(s.active_at_end),
    }


# --- as a table for people --------------------------------------------------------------------


def _row(change: AlarmChanged, title: str) -> str:
    said = change.text
    if change.state == "ended" and change.worst is not None:
        said = tr("{vital} was {worst:g}", vital=change.vital, worst=change.worst)
    elif change.value is not None:
        beyond = "<" if change.direction == "low" else ">"
        limit = "" if change.limit is None or not change.direction else f" {beyond} {change.limit:g}"
        said = f"{change.vital} {change.value:g}{limit}"
    return f"{_clock(change.at_ms)}  {change.priority:6}  {change.state:12}  {title:26} {said}".rstrip()


def _clock(ms: int) -> str:
    seconds = ms // 1000
    return f"{seconds // 3600:3}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _print_summary(replayed: Replayed, titles: dict[str, str]) -> None:
    s = replayed.summary
    rate = (
        ""
        if s.alarms_per_hour is None
        else tr(", {alarms_per_hour:g} an hour", alarms_per_hour=s.alarms_per_hour)
    )
    print(
        tr(
            "\n{hours:.2f} h: {alarms} alarms{rate}; {seconds_in_alarm:.0f} s in alarm",
            hours=s.hours,
            alarms=s.alarms,
            rate=rate,
            seconds_in_alarm=s.seconds_in_alarm,
        )
    )
    for name, tally in s.by_condition.items():
        print(
            tr(
                "  {titles:26} {alarms:5} alarms  {seconds:8.0f} s",
                titles=titles[name],
                alarms=tally.alarms,
                seconds=tally.seconds,
            )
        )
    if s.active_at_end:
        print(tr("  active at the end: {list}", list=", ".join(titles[name] for name in s.active_at_end)))
