"""`vigil doctor`: what of this computer could spoil a session, without opening the record."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import typer

from monitor.language import tr
from monitor.trouble import Trouble
from ui.cli_record import NO, Data, Json, data_dir

doctoring = typer.Typer()
LISTEN_S = 1.0
MARKS = {"fine": "✓", "wrong": "✗", "look": "?"}


@doctoring.command()
def doctor(
    data: Data = None,
    as_json: Json = False,
    adapter: Annotated[
        str | None, typer.Option(metavar="NAME", help="Bluetooth adapter on Linux, e.g. hci1.")
    ] = None,
) -> None:
    """Look at disk, power, sleep, restarts, sound, Bluetooth and the clock before a session.

    ✓ is fine, ✗ is wrong, ? is for a person to look at.
    It ends with 1 where something is wrong.
    """
    from monitor.preflight import all_fine, findings
    from ui.preflight import measured

    sound, output = _sound()
    facts = measured(data_dir(data), adapter=asyncio.run(_adapter(adapter)), sound=sound, output=output)
    found = findings(facts)
    for finding in found:
        if as_json:
            line = {"what": finding.what, "stand": finding.stand, "said": finding.said, "todo": finding.todo}
            print(json.dumps(line, ensure_ascii=False))
        else:
            print(f"{MARKS[finding.stand]} {tr(finding.what)}: {finding.said}")
            if finding.todo:
                print(f"    {finding.todo}")
    if not all_fine(found):
        raise typer.Exit(NO)


def _sound() -> tuple[str | None, str]:
    """Why no alarm could be heard ("" where one could, None where it is not known), and on which output."""
    from ui.sound.outputs import none_usable, of_system, ranked

    outputs = of_system()
    if outputs is None:
        return None, ""
    usable = ranked(outputs, "")
    return ("", usable[0].name) if usable else (none_usable(outputs), "")


async def _adapter(adapter: str | None) -> str:
    """Why no device can be reached; "" where one can."""
    from devices.capture import in_the_air
    from monitor.clock import SystemClock
    from ui.opening import real_radio

    try:
        async with real_radio(adapter=adapter) as radio:
            await in_the_air(radio, SystemClock(), LISTEN_S)
    except Trouble as trouble:
        return trouble.happened
    except Exception:  # whatever a system's Bluetooth throws
        return tr("Bluetooth could not be opened")
    return ""
