"""The practice's devices: which there are, how each is recognised again, and which are paired.

A device is enrolled once, when a person first gives it to a patient. Only enrolled devices are
offered without a question; any other one in the air may be another practice's, or another
room's. The inventory is the fold of the practice log's entries about devices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from monitor import entries as e


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """A device that belongs to the practice."""

    id: str
    role: str
    driver: str
    name: str
    platform: str
    address: str
    serial: str = ""
    model: str = ""
    proven: bool = False
    """Came back after it had been away, and was read: paired, as a person understands it."""
    enrolled_utc: str = ""
    proven_utc: str = ""
    """When, as in Instant.utc; "" where it is not known."""


class Inventory:
    """All devices that were enrolled and not retired, by id. Fed by `apply`."""

    def __init__(self) -> None:
        self.devices: dict[str, Enrolled] = {}

    def apply(self, body: e.Body, utc: str = "") -> None:
        """Take up one entry of the practice log, made at `utc`; those about other things change nothing."""
        if (handler := _HANDLERS.get(type(body))) is not None:
            handler(self, body, utc)

    def known(self, platform: str, address: str) -> Enrolled | None:
        """The device that this kind of computer knows by this address, or None. Any thread."""
        same = (platform, address.upper())
        found = (d for d in tuple(self.devices.values()) if (d.platform, d.address.upper()) == same)
        return next(found, None)

    def _change(self, id: str, **fields: object) -> None:
        if (device := self.devices.get(id)) is not None:
            self.devices[id] = msgspec.structs.replace(device, **fields)


def _enrolled(inventory: Inventory, b: e.DeviceEnrolled, utc: str) -> None:
    inventory.devices[b.id] = Enrolled(
        id=b.id,
        role=b.role,
        driver=b.driver,
        name=b.name,
        platform=b.platform,
        address=b.address,
        enrolled_utc=utc,
    )


def _retired(inventory: Inventory, b: e.DeviceRetired, utc: str) -> None:
    inventory.devices.pop(b.id, None)


_HANDLERS: dict[type[e.Body], Callable[[Inventory, Any, str], None]] = {
    e.DeviceEnrolled: _enrolled,
    e.DeviceDescribed: lambda inventory, b, utc: inventory._change(b.id, serial=b.serial, model=b.model),
    e.DeviceProven: lambda inventory, b, utc: inventory._change(b.id, proven=True, proven_utc=utc),
    e.DeviceRetired: _retired,
}
