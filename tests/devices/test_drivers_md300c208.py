"""MD300C208: two numbers in a summed frame, and a password that opens it."""

from __future__ import annotations

import pytest

from devices.driver import Action, Advertisement, Subscribe, Write
from devices.drivers.md300c208 import COMMAND, DATA, MD300C208, PASSWORD, REPLIES
from devices.drivers.sig_oximeter import SigOximeter
from devices.gatt import uuid
from devices.registry import recognise
from monitor.vitals import Detail, Event, Failure, Reading

SERVICE = "ba11f08c-5f14-0b0d-1080-007cbe84e417"
SIGNATURE = "00000001-0000-6465-6d6d-65636c6f6843"
CUFF, THERMOMETER = "ba11f08c-5f14-0b0d-10a0-007cbe84e417", "ba11f08c-5f14-0b0d-1070-007cbe84e417"


def hear(data: str, characteristic: str = DATA) -> list[Event | Action]:
    return list(MD300C208().received(characteristic, bytes.fromhex(data), 0.0))


@pytest.mark.parametrize(
    ("frame", "spo2", "pulse", "flags"),
    [
        ("55aa03614db1", 97, 77, ()),
        ("55aa0461480ab7", 97, 72, ()),  # longer
        ("55aa03000003", None, None, ("no value",)),
        ("55aa03ffff01", None, None, ("no value",)),
        ("55aa037f48ca", None, 72, ("no value",)),
        ("55aa03610064", 97, None, ("no value",)),
        ("55aa03610569", 97, None, ("implausible",)),
    ],
)
def test_a_frame_is_a_reading(
    frame: str, spo2: float | None, pulse: float | None, flags: tuple[str, ...]
) -> None:
    assert hear(frame) == [Reading(spo2=spo2, pulse=pulse, flags=flags)]


@pytest.mark.parametrize("characteristic", [*REPLIES, DATA])
def test_the_reply_to_the_password_is_no_value_wherever_it_comes(characteristic: str) -> None:
    assert hear("55aa03b100b4", characteristic) == [
        Detail(name="password", fields={"password_accepted": True})
    ]
    assert hear("55aa03b101b5", characteristic) == [
        Failure(kind="refused", reason="the device did not accept its password")
    ]


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "55aa03",
        "55aa03614d",
        "55aa03614db0",
        "55aa02614db0",
        "55aa04614db2",
        "55aa03614db100",
        "56aa03614db1",
        "55aa03b248fd",  # a reply to something else
    ],
)
def test_anything_else_gives_no_value(frame: str) -> None:
    (failure,) = hear(frame)
    assert isinstance(failure, Failure)
    assert failure.kind == "malformed"


def test_every_changed_byte_is_noticed() -> None:
    good = bytes.fromhex("55aa03614db1")
    for at in range(len(good)):
        for other in range(256):
            if other != good[at]:
                changed = good[:at] + bytes((other,)) + good[at + 1 :]
                assert not any(isinstance(event, Reading) for event in hear(changed.hex()))


def test_it_listens_in_order_and_then_gives_the_password() -> None:
    notify = frozenset({"notify"})
    services = {SERVICE: {**dict.fromkeys((*REPLIES, DATA), notify), COMMAND: frozenset({"write"})}}
    assert MD300C208().opening(services) == [
        *(Subscribe(uuid(each)) for each in ("CD01", "CD02", "CD03", "CD04")),
        Write(COMMAND, PASSWORD, response=False),
    ]
    assert MD300C208().opening({CUFF: services[SERVICE]}) == []


@pytest.mark.parametrize(
    ("name", "services", "driver"),
    [
        (None, {SERVICE}, MD300C208),
        ("iChoice", {SERVICE}, MD300C208),
        ("iChoice", set(), MD300C208),
        ("iChoice", {SIGNATURE}, MD300C208),
        ("MD300C208", set(), MD300C208),
        (None, {SIGNATURE}, MD300C208),
        ("MD300C208S", set(), None),
        ("MD300C208S", {uuid("1822")}, SigOximeter),
        ("iChoice", {uuid("1822")}, SigOximeter),
        ("MD300CI218R", {uuid("1822"), SIGNATURE}, SigOximeter),
        ("iChoice", {CUFF}, None),
        (None, {THERMOMETER}, None),
        ("Other", {SIGNATURE}, None),
    ],
)
def test_only_this_model_is_known(
    name: str | None, services: set[str], driver: type[MD300C208 | SigOximeter] | None
) -> None:
    assert recognise(Advertisement(name, frozenset(services))) is driver
