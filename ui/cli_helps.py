"""The helps of the commands and of their options, in the language of the process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from monitor.language import tr


def spoken(app: typer.Typer) -> Any:
    """The command of `app`, its helps translated."""
    command = typer.main.get_command(app)
    for part in parts(command):
        part.help = tr(part.help)
    return command


def parts(command: Any) -> Iterator[Any]:
    """The command, its options and the commands within it, where they have a help."""
    if command.help:
        yield command
    yield from (option for option in command.params if getattr(option, "help", None))
    for inner in getattr(command, "commands", {}).values():
        yield from parts(inner)
