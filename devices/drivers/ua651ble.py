"""A&D UA-651BLE: bonds, wants the time within 5 s, then sends what it has stored (dossier 3.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Pair, Services, Write, WriteTime
from devices.drivers.base import Handler, reads, subscriptions
from devices.drivers.clocks import DATE_TIME, date_time
from devices.drivers.sig_cuff import FEATURE, MEASUREMENT, SERVICE, SigCuff
from devices.gatt import MalformedError
from monitor.vitals import Detail, Event

BUFFER_SERVICE = "233bf000-5a34-1b6d-975c-000d5690abe4"
BUFFER = "233bf001-5a34-1b6d-975c-000d5690abe4"

SEND_ALL = bytes((2, 0, 0xE1))
"""A buffer frame is size, type, command, value; size does not count itself. Nothing else is sent."""

_TYPES = ("read", "write", "response")
_COMMANDS = {
    0x01: "set time",
    0x03: "disconnect",
    0x10: "unpair",
    0x12: "delete memory",
    0xA6: "memory count",
    0xD6: "memory count",
    0xE1: "send all stored data",
}


class UA651BLE(SigCuff):
    """Everything stored, oldest first, after each measurement; then it hangs up.

    The clock cannot be read back, and a host has to write it every time. Deleting and unpairing
    are known commands of the buffer and are not on the list.
    """

    manifest: ClassVar[Manifest] = replace(
        SigCuff.manifest,
        id="ua651ble",
        title="A&D UA-651BLE",
        # UA-1200BLE is said to be similar (hearsay); what it sends is SIG either way.
        names=("A&D_UA-651BLE", "A&D_UA-1200BLE"),
        gives=("systolic", "diastolic", "map", "pulse", "battery"),
        writes={BUFFER: (SEND_ALL,)},
        times={DATE_TIME: (date_time,)},
        source="3.4",
        confidence="D",
        pairing=(
            "Hold the start button for about 3 seconds until Pr is shown and connect within a minute; "
            "the cuff shows End. From then on it connects after each measurement."
        ),
        examples=(
            Example(
                ("167c0056006100dd07081a090a1448000000",),
                {"systolic": 124, "diastolic": 86, "pulse": 72, "timestamp": "2013-08-26T09:10:20"},
            ),
            Example(
                ("167c0056006100dd07081a090a1400080000",), {"systolic": 124, "diastolic": 86, "pulse": None}
            ),
            Example(("16ff07ff07ff07dd07081a090a14ff070000",), {"systolic": None, "valid": False}),
            Example(("0200e1",), {"command": "send all stored data", "size": 2, "type": 0}, BUFFER),
        ),
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By name; other cuffs of the maker speak classic Bluetooth or have no buffer."""
        name = (advertisement.name or "").lower()
        return name.startswith(tuple(prefix.lower() for prefix in cls.manifest.names))

    def handlers(self) -> Mapping[str, Handler]:
        """Those of any SIG cuff, and the buffer's answers."""
        return {**super().handlers(), BUFFER: _buffer}

    def begin(self, services: Services) -> Sequence[Action]:
        """Bond, and then nothing before what the 5 s are for."""
        service = services.get(SERVICE, {})
        return [
            Pair(),
            *([Write(BUFFER, SEND_ALL)] if BUFFER in services.get(BUFFER_SERVICE, {}) else []),
            *([WriteTime(DATE_TIME, date_time)] if "write" in service.get(DATE_TIME, frozenset()) else []),
            *subscriptions(service, MEASUREMENT),
            *reads(service, FEATURE),
        ]


def _buffer(data: bytes, now: float) -> list[Event]:
    if len(data) < 3 or data[0] != len(data) - 1:
        raise MalformedError("a buffer frame has another length than it says")
    size, kind, command = data[:3]
    fields: dict[str, object] = {
        "command": _COMMANDS.get(command, f"command {command:02X}"),
        "size": size,
        "type": kind,
        "cmd": command,
    }
    if kind < len(_TYPES):
        fields["kind"] = _TYPES[kind]
    if value := data[3:]:
        fields["value"] = value.hex()
    return [Detail(name="buffer", fields=fields)]
