"""What a driver is: bytes in, events and requests out, and no I/O of its own.

A driver is told what arrives and says what it means and what to send. It never awaits, never
sleeps, never logs. One instance serves one connection; a reconnection makes a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from monitor.vitals import Event

Services = Mapping[str, Mapping[str, frozenset[str]]]
"""Service UUID -> characteristic UUID -> properties ("read", "notify", "indicate", "write" …)."""


@dataclass(frozen=True)
class Advertisement:
    """What a device says in the air. UUIDs are 128-bit, lower case."""

    name: str | None = None
    services: frozenset[str] = frozenset()
    manufacturer: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Subscribe:
    """Enable notifications (or indications) of a characteristic."""

    characteristic: str


@dataclass(frozen=True)
class Read:
    """Read a characteristic once; the answer comes through `received`."""

    characteristic: str


@dataclass(frozen=True)
class Write:
    """Write bytes, in pieces of at most `piece` bytes, with or without response."""

    characteristic: str
    data: bytes
    response: bool = True
    piece: int = 512


@dataclass(frozen=True)
class Poll:
    """Repeat a write every `every` seconds until the link ends."""

    every: float
    write: Write


@dataclass(frozen=True)
class WriteTime:
    """Write the time of this computer, local and naive, as `layout` puts it into bytes.

    It is read at the moment of writing: an action may have waited for its turn.
    """

    characteristic: str
    layout: Callable[[datetime], bytes]
    response: bool = True


@dataclass(frozen=True)
class Pair:
    """Bond with the device before going on."""


@dataclass(frozen=True)
class Wait:
    """Leave the device alone for `seconds` (2 at most) before the next action."""

    seconds: float


Action = Subscribe | Read | Write | WriteTime | Poll | Pair | Wait


@dataclass(frozen=True)
class Example:
    """Bytes of a real device and what they mean: what a driver is held to by `vigil drivers check`."""

    notifications: tuple[str, ...]
    """Consecutive notifications, hexadecimal."""
    expected: Mapping[str, object]
    """Keys and values that `vigil decode` must print for them, all events taken together; None: absent."""
    characteristic: str = ""
    """Where they arrive; "" is the manifest's default."""


@dataclass(frozen=True)
class Manifest:
    """What `vigil drivers` says of a driver, and what the link may rely on."""

    id: str
    title: str
    names: tuple[str, ...]
    """Advertised names (prefixes), for people."""
    role: str
    """oximeter, cuff or heart"""
    gives: tuple[str, ...]
    """What it can deliver: spo2, pulse, pi, waveform, battery, systolic …"""
    default_characteristic: str
    """The characteristic `vigil decode` assumes."""
    writes: Mapping[str, tuple[bytes, ...]]
    """The allow-list: characteristic -> prefixes of everything this driver may ever write."""
    source: str
    """Section of the device dossier."""
    confidence: str
    """V verified from code, D documented, captured, H hearsay"""
    stale_after: float = 10.0
    """Seconds without data after which the link counts as silent."""
    remote_start: bool = False
    """Whether `start` and `cancel` do anything: a cuff that Vigil can inflate."""
    pairing: str = ""
    """How a person brings device and computer together, in one sentence; "" needs nothing."""
    examples: tuple[Example, ...] = ()
    framed: bool = False
    """Frames may be split over notifications, or share one."""
    checksum: bool = False
    """A frame with a changed byte is recognised as damaged."""
    times: Mapping[str, tuple[Callable[[datetime], bytes], ...]] = field(default_factory=dict)
    """The allow-list of WriteTime: characteristic -> layouts in which the present time may be written."""
    wire_names: Mapping[str, str] = field(default_factory=dict)
    """Fields of a Reading that the family calls otherwise: ours -> theirs, for `vigil decode`."""
    one_line: bool = False
    """`vigil decode` joins a reading and what came with it: one frame carries them together."""


class Driver(Protocol):
    """One family of devices. Errors are events (Failure), never exceptions."""

    manifest: ClassVar[Manifest]

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """Whether this driver should serve the device that advertises so."""
        ...

    def opening(self, services: Services) -> Sequence[Action]:
        """What to do once connected, in order."""
        ...

    def received(self, characteristic: str, data: bytes, now: float) -> Sequence[Event | Action]:
        """A notification or the answer to a Read. `now` in seconds, any epoch, monotonic."""
        ...

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Called about once a second: time-outs and keep-alives."""
        ...

    def start(self, now: float) -> Sequence[Event | Action]:
        """Begin a measurement, where `Manifest.remote_start`. A refusal is a failed CuffReading."""
        ...

    def cancel(self, now: float) -> Sequence[Event | Action]:
        """Stop a measurement and let the air out, where `Manifest.remote_start`."""
        ...

    def ended(self, now: float) -> Sequence[Event | Action]:
        """The connection has ended: what was held back until it was clear what it is."""
        ...
