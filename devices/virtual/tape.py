"""A tape: captured notifications of a real device, played again with their timing. Files in tapes/."""

from __future__ import annotations

import asyncio
from functools import reduce
from importlib.resources import files
from itertools import pairwise
from operator import or_

import msgspec
from bumble.core import UUID
from bumble.gatt import Characteristic, Service

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


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of a tape: how the device presents itself, and where the tape comes from."""

    name: str
    services: dict[str, dict[str, tuple[str, ...]]]
    """Service UUID -> characteristic UUID -> properties. Nothing can be read from a tape."""
    source: str
    manufacturer: dict[str, str] = {}
    """Company id in hexadecimal -> data in hexadecimal."""
    advertised: tuple[str, ...] = ()
    """Advertised service UUIDs."""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One notification or indication, `t` seconds after a central began to listen."""

    t: float
    characteristic: str
    hex: str
    kind: str = "captured"
    """captured, or unit-test: bytes that its publisher's tests use, not known to come from a device."""
    note: str = ""


class Tape(msgspec.Struct, frozen=True):
    """A recording in memory."""

    header: Header
    lines: tuple[Line, ...]

    @classmethod
    def parse(cls, text: str) -> Tape:
        """Raises ValueError for a line that is no tape's, or that goes back in time."""
        first, *rest = (line for line in text.splitlines() if line.strip())
        header = msgspec.json.decode(first, type=Header)
        lines = tuple(msgspec.json.decode(line, type=Line) for line in rest)
        if any(later.t < earlier.t for earlier, later in pairwise(lines)):
            raise ValueError("a tape's lines must be in the order of their times")
        return cls(header, lines)


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
