"""Every way Bluetooth fails has a reason and an advice, and neither quotes the error."""

from __future__ import annotations

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)
from hypothesis import given
from hypothesis import strategies as st

from devices.advice import (
    Family,
    NotPairedError,
    OtherProtocolError,
    StaleBondError,
    advise,
    advise_request,
    refusal,
    trouble,
)

ADDRESS = "D0:56:49:47:00:02"


@pytest.mark.parametrize("reason", BleakBluetoothNotAvailableReason)
def test_each_reason_for_no_bluetooth_has_its_words(reason: BleakBluetoothNotAvailableReason) -> None:
    shown = trouble(BleakBluetoothNotAvailableError("", reason))
    assert "Bluetooth" in shown.happened
    assert shown.todo


@pytest.mark.parametrize(
    ("error", "family"),
    [
        (BleakDeviceNotFoundError(ADDRESS), Family.AWAY),
        (TimeoutError(), Family.AWAY),
        (BleakDBusError("org.bluez.Error.InProgress", ["Operation already in progress"]), Family.BUSY),
        (BleakDBusError("org.bluez.Error.NotReady", []), Family.RADIO),
        (BleakDBusError("org.bluez.Error.AuthenticationFailed", []), Family.PAIRING),
        (BleakDBusError("org.example.Odd", [ADDRESS]), Family.FAULT),
        (BleakGATTProtocolError(BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION), Family.PAIRING),
        (BleakGATTProtocolError(BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION), Family.PAIRING),
        (BleakGATTProtocolError(BleakGATTProtocolErrorCode.WRITE_NOT_PERMITTED), Family.REFUSED),
        (NotPairedError(), Family.PAIRING),
        (StaleBondError(), Family.PAIRING),
        (BleakDBusError("org.bluez.Error.Failed", ["br-connection-key-missing"]), Family.PAIRING),
        (BleakError("adapter 'hci1' not found"), Family.RADIO),
        (EOFError(ADDRESS), Family.RADIO),
        (BrokenPipeError(32, ADDRESS), Family.RADIO),
        (OtherProtocolError(), Family.FOREIGN),
        (FileNotFoundError(2, ADDRESS), Family.RADIO),
        (BleakError(ADDRESS), Family.FAULT),
        (KeyError(ADDRESS), Family.FAULT),
    ],
)
def test_errors_fall_into_families_and_are_not_quoted(error: Exception, family: Family) -> None:
    advice = advise(error)
    assert advice.family is family
    assert advice.reason
    assert advice.todo
    assert ADDRESS not in advice.reason + advice.todo


def test_a_request_without_an_answer_is_not_a_device_that_is_away() -> None:
    assert advise_request(TimeoutError()).family is Family.REFUSED


@given(st.integers(0, 255))
def test_any_code_a_device_refuses_with_has_words(code: int) -> None:
    advice = refusal(code)
    assert advice.family in (Family.PAIRING, Family.REFUSED)
    assert advice.reason


def test_the_computer_that_does_not_answer_is_not_called_a_device() -> None:
    assert "device" not in trouble(TimeoutError()).happened
