"""A driver at work without a device: a clock moved by hand, and everything it says written down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from devices.conversation import permitted, permitted_time
from devices.driver import Action, Driver, Poll, Write, WriteTime
from monitor.vitals import CuffPressure, CuffReading, Event, Reading, Vital


class _AnyUuid(str):
    """The UUID of a service for a driver that looks through them all: it begins as is wanted."""

    __slots__ = ()

    def startswith(self, *_: object) -> bool:
        return True


class Anything(Mapping[str, Any]):
    """Services of a device that has whatever a driver looks for, with every property."""

    def __getitem__(self, key: str) -> Mapping[str, frozenset[str]]:
        return _AnyCharacteristic()

    def __contains__(self, key: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter((_AnyUuid(),))

    def __len__(self) -> int:
        return 1


class _AnyCharacteristic(Anything):
    def __getitem__(self, key: str) -> Any:
        return frozenset({"read", "write", "write-without-response", "notify", "indicate"})


@dataclass
class Trial:
    """One instance of a driver with a clock moved by hand, and everything it said."""

    family: type[Driver]
    now: float = 1_000.0
    events: list[Event] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.driver = self.family()

    def _take(self, said: Sequence[Event | Action]) -> None:
        for item in said:
            (self.actions if isinstance(item, Action) else self.events).append(item)  # type: ignore[arg-type]

    def open(self) -> Trial:
        """Connected to a device that has everything."""
        self._take(self.driver.opening(Anything()))
        return self

    def feed(self, characteristic: str, packets: Iterable[bytes]) -> Trial:
        """Notifications, one right after the other."""
        for packet in packets:
            self._take(self.driver.received(characteristic, packet, self.now))
        return self

    def wait(self, seconds: int) -> Trial:
        """Nothing comes; the driver is ticked once a second."""
        for _ in range(seconds):
            self.now += 1.0
            self._take(self.driver.tick(self.now))
        return self

    def start(self) -> Trial:
        """A measurement is wanted."""
        self._take(self.driver.start(self.now))
        return self

    def cancel(self) -> Trial:
        """The measurement is to stop."""
        self._take(self.driver.cancel(self.now))
        return self

    def end(self) -> Trial:
        """The device has gone."""
        if hasattr(self.driver, "ended"):  # drivers of others may be older than it
            self._take(self.driver.ended(self.now))
        return self

    def measured(self) -> list[tuple[str, object]]:
        """Every number that stands for something measured, in order."""
        return [pair for event in self.events for pair in numbers(event)]

    def forbidden(self) -> Iterator[str]:
        """Writes that the manifest does not allow."""
        for action in self.actions:
            write = action.write if isinstance(action, Poll) else action
            if isinstance(write, Write) and not permitted(self.family.manifest, write):
                yield f"it would write {write.data[:4].hex()}…, which is not on its list"
            if isinstance(write, WriteTime) and not permitted_time(self.family.manifest, write):
                yield "it would write the time in a way that is not on its list"


def numbers(event: Event) -> Iterator[tuple[str, object]]:
    """Every number in `event` that stands for something measured, by name."""
    if isinstance(event, Reading):
        yield from (
            (v.value, event.value(v))
            for v in (Vital.SPO2, Vital.PULSE, Vital.PI)
            if event.value(v) is not None
        )
    elif isinstance(event, CuffReading):
        fields = ("systolic", "diastolic", "map", "pulse")
        yield from ((name, getattr(event, name)) for name in fields if getattr(event, name) is not None)
    elif isinstance(event, CuffPressure):
        yield "cuff_pressure", event.mmhg
