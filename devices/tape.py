"""A tape: notifications of a device as they came, with their timing. One JSON object per line.

The first line is the Header, each further one a Line. Written by `vigil capture`, read by
`vigil decode --tape` and played again on the virtual radio.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from devices.driver import Advertisement
from devices.gatt import uuid


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
        """Raises ValueError for a line that is no tape's, or that goes back in time.

        What has been parsed can be read to its end: its numbers and UUIDs are looked at here.
        """
        first, *rest = (line for line in text.splitlines() if line.strip())
        header = msgspec.json.decode(first, type=Header)
        lines = tuple(msgspec.json.decode(line, type=Line) for line in rest)
        if any(later.t < earlier.t for earlier, later in pairwise(lines)):
            raise ValueError("a tape's lines must be in the order of their times")
        tape = cls(header, lines)
        tape.advertisement()
        for _ in tape.notifications():
            pass
        return tape

    def text(self) -> str:
        """What `parse` reads."""
        return "".join(f"{msgspec.json.encode(item).decode()}\n" for item in (self.header, *self.lines))

    def advertisement(self) -> Advertisement:
        """How the device presents itself."""
        return Advertisement(
            name=self.header.name or None,
            services=frozenset(uuid(service) for service in self.header.advertised),
            manufacturer={
                int(company, 16): bytes.fromhex(data) for company, data in self.header.manufacturer.items()
            },
        )

    def notifications(self) -> Iterator[tuple[float, str, bytes]]:
        """Seconds, characteristic (128 bit, lower case) and bytes of every line."""
        return ((line.t, uuid(line.characteristic), bytes.fromhex(line.hex)) for line in self.lines)
