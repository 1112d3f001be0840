"""What all built-in drivers share: one handler per characteristic, battery, device information.

A handler raises gatt.MalformedError where bytes do not fit; `received` makes that a Failure, so
nothing a device sends can raise out of a driver.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from devices.driver import Action, Advertisement, Manifest, Read, Services, Subscribe
from devices.gatt import MalformedError, short, uuid
from monitor.vitals import Battery, DeviceInfo, Event, Failure, Vital, plausible

Handler = Callable[[bytes, float], Sequence[Event | Action]]
"""What a characteristic's bytes mean, at `now` seconds."""

BATTERY_SERVICE = uuid("180F")
BATTERY_LEVEL = uuid("2A19")
INFORMATION_SERVICE = uuid("180A")

# Device Information strings (dossier 1.6), under the names DeviceInfo uses.
_STRINGS = {
    uuid("2A29"): "manufacturer",
    uuid("2A24"): "model",
    uuid("2A25"): "serial",
    uuid("2A26"): "firmware",
    uuid("2A27"): "hardware",
    uuid("2A28"): "software",
}
_SYSTEM_ID = uuid("2A23")
_REGULATORY = uuid("2A2A")
_PNP_ID = uuid("2A50")
_PNP_VENDORS = {1: "bluetooth", 2: "usb"}


class BaseDriver:
    """A driver whose knowledge is a table: characteristic -> handler."""

    manifest: ClassVar[Manifest]

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {
            BATTERY_LEVEL: _battery,
            **{characteristic: _string(name) for characteristic, name in _STRINGS.items()},
            _SYSTEM_ID: _hexadecimal("system_id", 8),
            _REGULATORY: _hexadecimal("regulatory", None),
            _PNP_ID: _pnp_id,
            **self.handlers(),
        }

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """Whether this driver should serve the device that advertises so."""
        raise NotImplementedError

    def handlers(self) -> Mapping[str, Handler]:
        """The characteristics of this family of devices."""
        raise NotImplementedError

    def begin(self, services: Services) -> Sequence[Action]:
        """The family's own part of `opening`; it comes first, since values matter most."""
        raise NotImplementedError

    def opening(self, services: Services) -> Sequence[Action]:
        """What to do once connected, in order; battery and device information last."""
        battery = services.get(BATTERY_SERVICE, {})
        information = services.get(INFORMATION_SERVICE, {})
        return [
            *self.begin(services),
            *subscriptions(battery, BATTERY_LEVEL),
            *reads(battery, BATTERY_LEVEL),
            *reads(information, *_STRINGS, _SYSTEM_ID, _REGULATORY, _PNP_ID),
        ]

    def received(self, characteristic: str, data: bytes, now: float) -> Sequence[Event | Action]:
        """A notification or the answer to a Read. `now` in seconds, any epoch, monotonic."""
        handler = self._handlers.get(characteristic)
        if handler is None:
            reason = f"nothing is known of characteristic {short(characteristic)}"
            return [Failure(kind="protocol", reason=reason)]
        try:
            return handler(bytes(data), now)
        except MalformedError as error:
            return [Failure(kind="malformed", reason=str(error))]

    def tick(self, now: float) -> Sequence[Event | Action]:
        """Called about once a second. Most devices need nothing."""
        return ()

    def start(self, now: float) -> Sequence[Event | Action]:
        """Begin a measurement. Most devices cannot be told to."""
        return ()

    def cancel(self, now: float) -> Sequence[Event | Action]:
        """Stop a measurement. Most devices cannot be told to."""
        return ()

    def ended(self, now: float) -> Sequence[Event | Action]:
        """The connection has ended. Most drivers hold nothing back."""
        return ()


def subscriptions(service: Mapping[str, frozenset[str]], *characteristics: str) -> list[Action]:
    """Subscribe to those of `characteristics` that the service has and that notify or indicate."""
    return [Subscribe(c) for c in characteristics if service.get(c, frozenset()) & {"notify", "indicate"}]


def reads(service: Mapping[str, frozenset[str]], *characteristics: str) -> list[Action]:
    """Read those of `characteristics` that the service has and that can be read."""
    return [Read(c) for c in characteristics if "read" in service.get(c, frozenset())]


def possible(vital: Vital, value: float | None, flags: list[str]) -> float | None:
    """`value` if it can be a measurement of `vital` at all; otherwise None and the flag "implausible"."""
    if value is None or plausible(vital, value):
        return value
    if "implausible" not in flags:
        flags.append("implausible")
    return None


def names(bits: int, table: Mapping[int, str]) -> list[str]:
    """The names of those bits that are set, lowest first."""
    return [name for bit, name in table.items() if bits >> bit & 1]


def _battery(data: bytes, now: float) -> list[Event]:
    if not data:
        raise MalformedError("a battery level has 1 byte")
    return [battery(data[0])]


def battery(percent: int) -> Event:
    """A Battery, or the Failure that `percent` is none (0..100, dossier 1.6)."""
    if percent > 100:
        return Failure(kind="malformed", reason=f"battery level {percent} out of range")
    return Battery(percent=percent)


def text(data: bytes) -> str:
    """Bytes as text that can always be stored: up to the first NUL, foreign bytes replaced."""
    return data.split(b"\0", 1)[0].decode("utf-8", errors="replace").strip()


def _string(name: str) -> Handler:
    return lambda data, now: [DeviceInfo(fields={name: text(data)})]


def _hexadecimal(name: str, length: int | None) -> Handler:
    def handler(data: bytes, now: float) -> list[Event]:
        if length is not None and len(data) != length:
            raise MalformedError(f"{name} has {length} bytes")
        return [DeviceInfo(fields={name: data.hex()})]

    return handler


def _pnp_id(data: bytes, now: float) -> list[Event]:
    if len(data) != 7:
        raise MalformedError("a PnP id has 7 bytes")
    vendor, product, version = (int.from_bytes(data[i : i + 2], "little") for i in (1, 3, 5))
    source = _PNP_VENDORS.get(data[0], f"source {data[0]}")
    return [DeviceInfo(fields={"pnp_id": f"{source}:{vendor:04x}:{product:04x}:{version:04x}"})]
