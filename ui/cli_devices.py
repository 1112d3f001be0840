"""The commands about devices: what drivers there are, what bytes mean, who is in the air, what one sends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar

import typer

from monitor.language import tr
from monitor.trouble import Trouble
from ui.cli_record import BAD, NO, Json

if TYPE_CHECKING:
    from devices.driver import Driver, Manifest
    from devices.scan import Radio, Sighting
    from devices.tape import Tape

CONSENT = tr(
    "A capture holds the measurements of whoever wears the device now, with their times.\n"
    "Names, serial numbers and the maker's data are left out unless you ask for them, but what the device\n"
    "sends may contain its serial number all the same. Capture yourself, or somebody who agrees to it."
)

devices = typer.Typer()
drivers = typer.Typer(invoke_without_command=True)
devices.add_typer(drivers, name="drivers")

Adapter = Annotated[
    str | None, typer.Option(metavar="NAME", help=tr("Bluetooth adapter on Linux, e.g. hci1."))
]
Demo = Annotated[
    bool, typer.Option("--demo", help=tr("The virtual devices of the demo instead of real ones."))
]

T = TypeVar("T")


@drivers.callback()
def list_drivers(context: typer.Context, as_json: Json = False) -> None:
    """The device families this Vigil can read."""
    if context.invoked_subcommand is not None:
        return
    from devices.registry import all_drivers

    for driver in all_drivers():
        m = driver.manifest
        if as_json:
            print(json.dumps(_described(m), ensure_ascii=False))
        else:
            print(f"{m.id:16} {m.title} — {', '.join(m.gives)} [{m.confidence}]")


def _described(m: Manifest) -> dict[str, object]:
    return {
        "id": m.id,
        "title": m.title,
        "names": list(m.names),
        "role": m.role,
        "supports": list(m.gives),
        "remote_start": m.remote_start,
        "pairing": m.pairing,
        "source": m.source,
        "confidence": m.confidence,
    }


@drivers.command("check")
def check_driver(
    name: Annotated[str, typer.Argument(help="A driver of `vigil drivers`.")], as_json: Json = False
) -> None:
    """Hold a driver to everything a driver has to keep to. Exit code 1 if it does not."""
    from devices.conformance import check
    from devices.registry import driver_by_id

    checks = check(driver_by_id(name))
    for one in checks:
        if as_json:
            print(json.dumps({"check": one.name, "ok": one.passed, "faults": list(one.faults)}))
        else:
            print(f"{'ok' if one.passed else 'NOT OK':7} {one.name}")
            for fault in one.faults:
                print(f"        {fault}")
    if not all(one.passed for one in checks):
        raise typer.Exit(NO)


@devices.command()
def decode(
    driver: Annotated[
        str | None, typer.Argument(help="A driver of `vigil drivers`, or sfloat, float, datetime.")
    ] = None,
    packets: Annotated[
        list[str] | None, typer.Argument(metavar="HEX...", help="Notifications, in order.")
    ] = None,
    characteristic: Annotated[
        str | None, typer.Option(metavar="UUID", help="Which characteristic they came from.")
    ] = None,
    tape: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A capture, instead of packets on the command line.")
    ] = None,
) -> None:
    """What a driver makes of bytes: one JSON object per event."""
    if tape is not None:
        _print_lines(_tape_lines(tape, driver))
        return
    if driver is None or not packets:
        raise Trouble(
            tr("A driver and packets are needed."),
            tr("Nothing was decoded."),
            tr("Or give a capture with --tape FILE."),
        )
    from devices.decode import decode as decode_packets

    try:
        data = [bytes.fromhex(packet) for packet in packets]
    except ValueError:
        print(json.dumps({"error": tr("not hexadecimal")}))
        raise typer.Exit(BAD) from None
    _print_lines(decode_packets(driver, data, characteristic))


def _print_lines(lines: Iterable[dict[str, Any]]) -> None:
    failed = False
    for line in lines:
        failed = failed or "error" in line
        print(json.dumps(line, ensure_ascii=False))
    if failed:
        raise typer.Exit(BAD)


def _tape_lines(file: Path, name: str | None) -> Iterable[dict[str, Any]]:
    from devices.decode import tape_lines

    tape = _read_tape(file)
    return tape_lines(_driver_of(tape, name), tape)


def _read_tape(file: Path) -> Tape:
    from devices.tape import Tape

    try:
        return Tape.parse(file.read_text("utf-8"))
    except OSError as error:
        raise Trouble(
            tr("This file cannot be read."),
            tr("Nothing was decoded."),
            tr("The system says: {strerror}.", strerror=error.strerror),
        ) from error
    except ValueError as error:
        raise Trouble(
            tr("This file is not a capture."),
            tr("Nothing was decoded."),
            tr("Give one that `vigil capture` has written."),
        ) from error


def _driver_of(tape: Tape, name: str | None) -> type[Driver]:
    from devices.registry import driver_by_id, recognise

    if name is not None:
        return driver_by_id(name)
    driver = recognise(tape.advertisement())
    if driver is None:
        raise Trouble(
            tr("No driver knows the device of this capture."),
            tr("Its bytes cannot be understood yet."),
            tr("Name one that might fit (vigil decode DRIVER --tape FILE), or see docs/adding-a-device.md."),
        )
    return driver


@devices.command()
def scan(
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="How long to listen.")] = 8.0,
    adapter: Adapter = None,
    demo: Demo = False,
    as_json: Json = False,
) -> None:
    """Who is in the air, and which driver knows them. Connects to nobody."""
    from devices.capture import in_the_air
    from monitor.clock import SystemClock

    async def look() -> tuple[Sighting, ...]:
        async with _radio(adapter, demo) as radio:
            return await in_the_air(radio, SystemClock(), seconds)

    for found in _run(look()):
        driver = found.driver.manifest.id if found.driver is not None else None
        if as_json:
            line = {"address": found.address, "name": found.name, "rssi": found.rssi, "driver": driver}
            print(json.dumps(line, ensure_ascii=False))
        else:
            print(
                tr(
                    "{address}  {rssi:4} dBm  {name:24} {driver}",
                    address=found.address,
                    rssi=found.rssi,
                    name=found.name or tr("(no name)"),
                    driver=driver or "—",
                )
            )


@devices.command()
def capture(
    device: Annotated[str, typer.Argument(help="Name or address, as `vigil scan` shows it.")],
    file: Annotated[Path, typer.Argument(help="Where the capture goes; must not exist yet.")],
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="How long to record.")] = 60.0,
    named: Annotated[bool, typer.Option("--named", help="Keep full name and maker's data.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="The person measured agrees.")] = False,
    adapter: Adapter = None,
    demo: Demo = False,
) -> None:
    """Record what a device sends, so that a driver can be written or checked. Sends it nothing unknown."""
    from devices.capture import capture as record
    from monitor.clock import SystemClock

    _free(file)
    print(CONSENT, file=sys.stderr)
    if not yes and not typer.confirm(tr("Does the person who is measured agree?"), err=True):
        raise Trouble(
            tr("The capture was not agreed to."),
            tr("Nothing was recorded."),
            tr("Ask first, then try again."),
        )

    async def listen() -> Tape:
        async with _radio(adapter, demo) as radio:
            print(tr("Looking for the device."), file=sys.stderr, flush=True)
            recording = record(radio, SystemClock(), device, seconds, named=named, watch=_tell_the_first)
            return await ctrl_c.ends(recording)

    with CtrlC() as ctrl_c:
        try:
            tape = _run(listen())
        except asyncio.CancelledError:
            raise typer.Abort from None
        _write(file, tape.text())
    stopped = tr("Stopped by the keyboard: ") if ctrl_c.pressed else ""
    print(tr("{stopped}{count} notifications in {file}", stopped=stopped, count=len(tape.lines), file=file))


def _tell_the_first(count: int) -> None:
    if count == 1:
        print(tr("Recording; Ctrl+C ends it and keeps what has come."), file=sys.stderr, flush=True)


class CtrlC:
    """While open, Ctrl+C ends one piece of work and nothing else, however often it is pressed: what that
    has to hand on is still written down."""

    def __init__(self) -> None:
        self.pressed = False
        self._end: Callable[[], object] = lambda: None

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    async def ends(self, work: Coroutine[Any, Any, T]) -> T:
        """Do this, until Ctrl+C cancels it."""
        loop = asyncio.get_running_loop()
        task = loop.create_task(work)
        self._end = partial(loop.call_soon_threadsafe, task.cancel)
        if self.pressed:
            task.cancel()
        return await task

    def _press(self, *_: object) -> None:
        if not self.pressed:  # a second one would cut short the hanging up
            self.pressed = True
            self._end()


def _free(file: Path) -> None:
    """Said before somebody is recorded in vain."""
    if not file.absolute().parent.is_dir():
        raise Trouble(
            tr("There is no such directory."),
            tr("Nothing was recorded."),
            tr("Name a file in one that exists."),
        )
    if file.exists():
        raise Trouble(
            tr("There is such a file already."),
            tr("Nothing was recorded."),
            tr("Give another name; none is overwritten."),
        )


def _write(file: Path, text: str) -> None:
    """All of it or nothing."""
    beside = file.with_name(f"{file.name}.part")
    try:
        with beside.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        beside.rename(file)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise Trouble(
            tr("The capture could not be written."),
            tr("Nothing was recorded."),
            tr("Choose another place; the system says: {strerror}.", strerror=error.strerror),
        ) from error


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@asynccontextmanager
async def _radio(adapter: str | None, demo: bool) -> AsyncIterator[Radio]:
    from devices.scan import Radio

    if not demo:
        yield Radio(adapter=adapter)
        return
    from devices.virtual.room import VirtualRoom

    room = VirtualRoom()
    await room.start()
    try:
        yield Radio(room.radio.scanner_backend, room.radio.client_backend)
    finally:
        await room.close()
