"""ChoiceMMed (iChoice) MD300C208: four subscriptions in order, then its password (dossier 2.10).

Frames are 55 AA len data sum, `len` counting what follows it and `sum` adding up from `len` on.
The dossier has neither header nor sum; both hold for the two frames that somebody noted down of
a real device. C208S and C218R speak the SIG profile and are the generic oximeter's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from devices.driver import Action, Advertisement, Example, Manifest, Services, Subscribe, Write
from devices.drivers.base import BaseDriver, Handler, possible
from devices.gatt import MalformedError, uuid
from monitor.vitals import Detail, Event, Failure, Reading, Vital

# The rest of the UUID is the device's own. Cuffs and thermometers of the maker have other digits
# where this has 1080, and the same characteristics and password.
OXIMETER = "ba11f08c-5f14-0b0d-1080-"
_MAKER = "ba11f08c-5f14-0b0d-"
_SIGNATURE = "00000001-0000-6465-6d6d-65636c6f6843"
"""Advertised by some units instead; it spells "Choicemmed" backwards and says nothing of the kind."""
_SIG_OXIMETER = uuid("1822")

REPLIES = tuple(uuid(each) for each in ("CD01", "CD02", "CD03"))
DATA = uuid("CD04")
COMMAND = uuid("CD20")
PASSWORD = bytes.fromhex("aa5504b10000b5")

_HEADERS = (b"\x55\xaa", b"\xaa\x55")  # theirs, and ours
_SHORTEST = 3  # bytes that follow the length: two numbers and the sum
_PASSWORD_REPLY = 0xB1
# One source takes 0 for none; the others are other families', and no values either.
_NO_SPO2, _NO_PULSE = (0, 127, 255), (0, 255)


class MD300C208(BaseDriver):
    """SpO2 and pulse."""

    manifest: ClassVar[Manifest] = Manifest(
        id="md300c208",
        title="ChoiceMMed MD300C208 (iChoice)",
        names=("iChoice", "MD300C208"),
        role="oximeter",
        gives=("spo2", "pulse"),
        default_characteristic=DATA,
        writes={COMMAND: (PASSWORD,)},
        source="2.10",
        confidence="V",
        stale_after=20.0,  # its first value is slow to come
        examples=(
            Example(("55aa03614db1",), {"spo2": 97, "pulse": 77}),
            Example(("55aa03b100b4",), {"password_accepted": True}),
        ),
        checksum=True,
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        """By its service; by name or the maker's signature only where nothing says otherwise."""
        services = advertisement.services
        if any(service.startswith(OXIMETER) for service in services):
            return True
        if _SIG_OXIMETER in services or any(service.startswith(_MAKER) for service in services):
            return False
        name = (advertisement.name or "").lower()
        if name.startswith("md300c208s"):
            return False
        named = name.startswith(tuple(prefix.lower() for prefix in cls.manifest.names))
        return named or (not name and services == {_SIGNATURE})

    def handlers(self) -> Mapping[str, Handler]:
        """Values come on the last of four characteristics; what answers the password is not told."""
        return {**dict.fromkeys((*REPLIES, DATA), _frame), COMMAND: _command}

    def begin(self, services: Services) -> Sequence[Action]:
        """Listen to all four in order, values last, and give the password. Not to the maker's cuffs."""
        if any(service.startswith(_MAKER) and not service.startswith(OXIMETER) for service in services):
            return []
        subscriptions = [Subscribe(each) for each in (*REPLIES, DATA)]
        return [*subscriptions, Write(COMMAND, PASSWORD, response=False)]


def _frame(data: bytes, now: float) -> list[Event]:
    first, second = _content(data)[:2]
    if first == _PASSWORD_REPLY:
        if second:
            return [Failure(kind="refused", reason="the device did not accept its password")]
        return [Detail(name="password", fields={"password_accepted": True})]
    spo2 = None if first in _NO_SPO2 else float(first)
    if spo2 is not None and spo2 > 100:
        raise MalformedError("a frame that is neither values nor the reply to the password")
    pulse = None if second in _NO_PULSE else float(second)
    flags = ["no value"] if spo2 is None or pulse is None else []
    return [
        Reading(
            spo2=possible(Vital.SPO2, spo2, flags),
            pulse=possible(Vital.PULSE, pulse, flags),
            flags=tuple(flags),
        )
    ]


def _command(data: bytes, now: float) -> list[Event]:
    if _content(data) != _content(PASSWORD):
        raise MalformedError("a command that is not known")
    return [Detail(name="command", fields={"cmd": "password"})]


def _content(data: bytes) -> bytes:
    """What is between length and sum. Raises MalformedError for a frame that is not whole."""
    if len(data) < 3 + _SHORTEST or data[:2] not in _HEADERS:
        raise MalformedError(f"a frame begins with 55 AA and has at least {3 + _SHORTEST} bytes")
    end = 3 + data[2]
    if data[2] < _SHORTEST or end != len(data):
        raise MalformedError("the length in the frame is not its own")
    if sum(data[2:-1]) & 0xFF != data[-1]:
        raise MalformedError("bad checksum")
    return data[3:-1]
