"""The `vigil` command. Windows, Bluetooth and Qt are imported only by the commands that need them."""

from __future__ import annotations

import json
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from monitor.language import tr
from monitor.store.files import DEMO_KEY, KEYS
from monitor.trouble import Trouble
from ui import crash
from ui.cli_alarms import alarming
from ui.cli_devices import devices
from ui.cli_doctor import doctoring
from ui.cli_handover import handing_over
from ui.cli_helps import spoken
from ui.cli_keep import keeping
from ui.cli_keys import keys
from ui.cli_people import peopling
from ui.cli_record import BAD, NO, Data, Json, KeyFile, Session, data_dir, demo_dir, find, reading
from ui.cli_replay import replaying

if TYPE_CHECKING:
    from monitor.store.store import Store
    from monitor.store.verify import Report

app = typer.Typer(
    name="vigil",
    help=tr(
        "A desktop monitor for the medicine session of ketamine-assisted psychotherapy.\n\n"
        "Not cleared or approved by FDA. Not a substitute for a cleared monitor with its own alarms "
        "or for a trained person with the patient."
    ),
    add_completion=False,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
)

SMALLEST, LARGEST = (320, 240), (7680, 4320)
"""Sizes of a window, in pixels, that can be painted and looked at."""


def main() -> None:
    """The entry point: errors a person can meet are two lines on stderr and exit code 2."""
    crash.no_core_dumps()
    crash.say_only_where()
    if isinstance(sys.stdout, TextIOWrapper):
        # JSON is UTF-8, and a dash must not end a command where the locale is ASCII.
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        sys.exit(spoken(app)(standalone_mode=False))
    except Trouble as trouble:
        print(trouble.two_lines(), file=sys.stderr)
    except typer.TyperException as error:
        said = " ".join(getattr(error, "format_message", error.__str__)().split())
        print(
            tr("{said}\nNothing was done. `vigil --help` lists the commands.", said=said),
            file=sys.stderr,
        )
    except typer.Abort:
        print(tr("Stopped by the keyboard.\nNothing was changed."), file=sys.stderr)
    except BrokenPipeError:
        # The reader of a pipe (head, less) has seen enough; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    sys.exit(BAD)


@app.callback()
def vigil(
    context: typer.Context,
    data: Data = None,
    key_file: KeyFile = None,
    adapter: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Bluetooth adapter on Linux, e.g. hci1, where there are several."),
    ] = None,
) -> None:
    """Open the app on real Bluetooth devices."""
    # `vigil --data DIR sessions` means the same as `vigil sessions --data DIR`.
    given = {"data": data, "key_file": key_file, "adapter": adapter}
    before = {name: str(value) for name, value in given.items() if value is not None}
    invoked = str(context.invoked_subcommand)
    inner = getattr(context.command, "commands", {}).get(invoked)
    # The commands of a group, too: `vigil --data DIR keys show`.
    context.default_map = {invoked: {**before, **dict.fromkeys(getattr(inner, "commands", ()), before)}}
    if context.invoked_subcommand in ("scan", "capture", "doctor"):
        from ui.logs import configure

        configure()
    if context.invoked_subcommand is None:
        _leave_traces(data)
        from ui.opening import Opening
        from ui.start import run

        raise typer.Exit(run(Opening(data_dir(data), key_file=key_file, adapter=adapter)))


@app.command()
def demo(
    script: Annotated[str, typer.Option(help="What the virtual patient goes through.")] = "hypertensive",
    minutes: Annotated[float, typer.Option(min=0.2, help="How long a headless run lasts.")] = 2.0,
    headless: Annotated[
        bool, typer.Option("--headless", help="No window: runs by itself, then ends.")
    ] = False,
    screenshot: Annotated[Path | None, typer.Option(help="Write a PNG of the live screen here.")] = None,
    size: Annotated[str, typer.Option(metavar="WxH", help="Size of the window.")] = "1600x1000",
    record_sound: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what is heard here (16-bit samples).")
    ] = None,
    tour: Annotated[bool, typer.Option("--tour", help="Be shown the screen, step by step.")] = False,
    data: Data = None,
) -> None:
    """The same app on a virtual patient with virtual devices. Everything but the radio is real."""
    wanted = _size(size)
    if screenshot is not None and not screenshot.absolute().parent.is_dir():
        _bad("--screenshot", tr("a file in a directory that exists"))
    _known(script)
    place = data or demo_dir()
    if headless:
        from monitor.store.datadir import open_or_create_demo

        open_or_create_demo(place).close()  # said here, before a window toolkit adds lines of its own
    # A demo leaves nothing in the directory of a real record, which it is about to refuse.
    real = (place / KEYS).exists() and not (place / DEMO_KEY).exists()
    _leave_traces(None if real else place)
    from ui.demo import Demo, run_demo

    raise typer.Exit(
        run_demo(
            Demo(
                data_dir=place,
                script=script,
                minutes=minutes,
                headless=headless,
                screenshot=screenshot,
                size=wanted,
                record_sound=record_sound,
                tour=tour,
            )
        )
    )


@app.command()
def sessions(
    expired: Annotated[
        bool, typer.Option("--expired", help="Only those whose retention period has passed.")
    ] = False,
    data: Data = None,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> None:
    """The sessions of the record, newest first. None is ever erased by itself."""
    from monitor.summary import summaries

    with reading(data, key_file) as store:
        past = _past(store) if expired else None
        for s in summaries(store):
            if past is not None and s.id not in past:
                continue
            if as_json:
                line = {"id": s.id, "code": s.code, "start": s.start, "state": s.state, "route": s.route}
                print(json.dumps({**line, "entries": s.entries, "demo": s.demo}, ensure_ascii=False))
            else:
                print(f"{s.id}  {s.code}  {s.start}  {s.state}{'  demo' if s.demo else ''}")


def _past(store: Store) -> set[str]:
    from datetime import date

    from monitor.keeping import keeping_of, kept

    years = keeping_of(store).record_years
    return {session.id for session in kept(store, years, date.today()) if session.expired}


@app.command()
def show(
    session: Session,
    data: Data = None,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> None:
    """Every entry of a session; with --json the recorded bytes themselves, one entry a line."""
    from monitor.alarms.ledger import Ledger
    from monitor.codec import BadEntry, unseal
    from monitor.entries import DeviceAssigned, ObservationStarted, SessionOpened
    from monitor.people import names_in
    from monitor.session import Line, Staff
    from monitor.timeline import Timeline
    from monitor.words import clock_time, in_words

    with reading(data, key_file) as store:
        timeline, ledger = Timeline(), Ledger()
        episodes: dict[int, str] = {}
        names: dict[str, str] = {}
        staff: dict[str, Staff] = {}
        identified = False
        damaged = 0
        for sealed in store.read(find(store, session)):
            if as_json:
                # Byte for byte, so that any SHA-256 program can follow the chain.
                sys.stdout.buffer.write(sealed.data + b"\n")
                continue
            try:
                entry, _ = unseal(sealed.data)
            except BadEntry:
                damaged += 1
                print(
                    tr(
                        "{seq:6} --:--  {value:14} cannot be read; `vigil verify` says more",
                        seq=sealed.seq,
                        value="damaged",
                    )
                )
                continue
            at_ms = timeline.follow(entry)
            if isinstance(entry.body, ObservationStarted):
                episodes[entry.seq] = entry.body.code
            elif isinstance(entry.body, DeviceAssigned):
                names[entry.body.device] = entry.body.name
            elif isinstance(entry.body, SessionOpened):
                identified = entry.body.identified
            staff |= names_in(entry.body)
            ledger.apply(entry.body, at_ms, entry.seq)
            outdated = ledger.outdated(entry.body)
            line = Line(entry.seq, at_ms, at_ms + entry.ago_ms, entry.by, entry.body, outdated=outdated)
            what, text = in_words(
                line, episodes, devices=names, staff=staff, identified=identified or bool(staff)
            )
            print(f"{entry.seq:6} {clock_time(at_ms)}  {what:14} {text}")
        if damaged:
            raise typer.Exit(NO)


@app.command()
def verify(
    session: Annotated[str | None, typer.Argument(help="A session's id; all logs if left out.")] = None,
    data: Data = None,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> None:
    """Check the chain of hashes and the head anchor: altered, missing and cut-off entries."""
    from monitor.store.verify import missing_logs
    from monitor.store.verify import verify as verify_log

    with reading(data, key_file) as store:
        logs = [find(store, session)] if session is not None else [info.id for info in store.logs()]
        reports = [(log, verify_log(store, log)) for log in logs]
        missing = [] if session is not None else missing_logs(store)
    for log, report in reports:
        _print_report(log, report, as_json)
    for problem in missing:
        print(json.dumps({"ok": False, "problem": problem.what}) if as_json else problem.what)
    if missing or not all(report.ok for _, report in reports):
        raise typer.Exit(NO)


def _print_report(log: str, report: Report, as_json: bool) -> None:
    if as_json:
        problems = [{"seq": p.seq, "what": p.what} for p in report.problems]
        import msgspec

        signed = [msgspec.to_builtins(signature) for signature in report.signatures]
        told = {"id": log, "ok": report.ok, "entries": report.entries, "problems": problems}
        print(json.dumps({**told, "signatures": signed}))
        return
    print(
        tr(
            "{log}  {ok}  {entries} entries",
            log=log,
            ok="ok" if report.ok else tr("NOT OK"),
            entries=report.entries,
        )
    )
    for problem in report.problems:
        print(tr("  entry {seq}: {what}", seq=problem.seq, what=problem.what))
    for s in report.signatures:
        who = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in f"{s.name}, {s.role}")
        held = "" if s.good else tr(", which does not hold")
        print(
            tr(
                "  entry {seq}: signed by {who}, {utc}, up to entry {up_to}{held}",
                seq=s.seq,
                who=who,
                utc=s.utc[:16],
                up_to=s.up_to,
                held=held,
            )
        )
    print(tr("  cannot be found by this check: {cannot_find}", cannot_find=report.cannot_find))


def _leave_traces(data: Path | None) -> None:
    """What the program says of itself is written from here on, and a crash leaves a report."""
    from ui import logs

    directory = logs.place(data)
    crash.install(directory, logs.configure(directory))


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError:
        width = height = 0
    if not (SMALLEST[0] <= width <= LARGEST[0] and SMALLEST[1] <= height <= LARGEST[1]):
        _bad("--size", tr("two numbers such as 1280x800"))
    return width, height


def _known(script: str) -> None:
    from devices.virtual.script import script_names

    if script not in script_names():
        _bad("--script", tr("one of {list}", list=", ".join(script_names())))


def _bad(option: str, wanted: str) -> NoReturn:
    raise Trouble(
        tr("{option} was not understood.", option=option),
        tr("Nothing was started."),
        tr("Give it {wanted}.", wanted=wanted),
    )


app.add_typer(alarming)
app.add_typer(doctoring)
app.add_typer(keeping)
app.add_typer(keys)
app.add_typer(devices)
app.add_typer(handing_over)
app.add_typer(peopling)
app.add_typer(replaying)


if __name__ == "__main__":
    main()
