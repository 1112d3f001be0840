"""A tape: captured notifications of a real device, played again with their timing. Files in tapes/."""

from __future__ import annotations

import asyncio
from functools import reduce
from importlib.resources import files
from operator import or_

from bumble.core import UUID
from bumble.gatt import Characteristic, Service

from devices.tape import Tape
from devices.virtual.peripheral import (
    INDICATE,
    NOTIFY,
    WRITE,
    WRITE_FAST,
    Peripheral,
    characteristic,
)
from devices.virtual.radio import VirtualRadio

_PROPERTIES = {
    "write": WRITE,
    "write-without-response": WRITE_FAST,
    "notify": NOTIFY,
    "indicate": INDICATE,
}


def tape_names() -> list[str]:
    """Names that `load_tape` knows, sorted."""
    names = (entry.name for entry in (files(__package__) / "tapes").iterdir())
    return sorted(name.removesuffix(".jsonl") for name in names if name.endswith(".jsonl"))


def load_tape(name: str) -> Tape:
    """The tape of that name. Raises KeyError, naming those there are."""
    if name not in tape_names():
        raise KeyError(f"no tape {name!r}; there are {', '.join(tape_names())}")
    return Tape.parse((files(__package__) / "tapes" / f"{name}.jsonl").read_text("utf-8"))


class TapePlayer(Peripheral):
    """Plays from the beginning whenever a central begins to listen, and accepts whatever is written.

    `speed`: tape seconds per second. `loop`: begin again at the end.
    """

    def __init__(self, radio: VirtualRadio, tape: Tape, speed: float = 1.0, loop: bool = False) -> None:
        self.written: list[bytes] = []
        self.played = asyncio.Event()
        """Set when the end has been reached in this link."""
        self._tape = tape
        self._speed = speed
        self._loop = loop
        self._playing: asyncio.Task[None] | None = None
        self._characteristics: dict[str, Characteristic[bytes]] = {}
        super().__init__(
            radio,
            tape.header.name,
            [
                Service(UUID(uuid), [self._characteristic(*pair) for pair in contents.items()])
                for uuid, contents in tape.header.services.items()
            ],
            [UUID(uuid) for uuid in tape.header.advertised],
            {int(company, 16): bytes.fromhex(data) for company, data in tape.header.manufacturer.items()},
        )
        for each in self._characteristics.values():
            self.when_subscribed(each, self._begin)

    def on_connected(self) -> None:
        """A new link hears the tape from its beginning."""
        self.played.clear()
        if self._playing is not None:
            self._playing.cancel()
            self._playing = None

    def _characteristic(self, uuid: str, properties: tuple[str, ...]) -> Characteristic[bytes]:
        flags = reduce(or_, (_PROPERTIES[name] for name in properties))
        made = characteristic(UUID(uuid), flags, b"", self.written.append)
        self._characteristics[uuid] = made
        return made

    async def _begin(self) -> None:
        if self._playing is None or self._playing.done():
            self._playing = self._radio.spawn(self._play())

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            start = loop.time()
            for line in self._tape.lines:
                await asyncio.sleep(max(0.0, start + line.t / self._speed - loop.time()))
                if not self.connected:
                    return
                target, data = self._characteristics[line.characteristic], bytes.fromhex(line.hex)
                if INDICATE in target.properties:
                    await self.indicate(target, data)
                else:
                    await self.notify(target, data)
            self.played.set()
            if not (self._loop and self.connected):
                return
