"""What went wrong with Bluetooth, in words: families of errors, each with a reason and an advice.

The words go onto the screen, into the log and into log files; they never hold an address, a
name or any bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from monitor.language import tr
from monitor.trouble import Trouble


class Family(StrEnum):
    """Errors that want the same patience and the same advice."""

    RADIO = "radio"
    """The computer's Bluetooth itself is off, missing or denied."""
    AWAY = "away"
    """The device does not answer a connection: off, flat, out of range, taken by a telephone."""
    BUSY = "busy"
    """The computer's Bluetooth is still occupied with an earlier request."""
    PAIRING = "pairing"
    """The device talks only to paired hosts."""
    REFUSED = "refused"
    """The device answered one request with no."""
    DROPPED = "dropped"
    """A connection that stood has ended."""
    FOREIGN = "foreign"
    """The device speaks another protocol than its driver."""
    FAULT = "fault"
    """Anything else."""


@dataclass(frozen=True)
class Advice:
    """Why something failed (`reason`) and what a person can do about it (`todo`)."""

    family: Family
    reason: str
    todo: str


class OtherProtocolError(Exception):
    """A connected device offers nothing that its driver could listen to."""


class NotPairedError(Exception):
    """Pairing was needed and did not succeed."""


class StaleBondError(NotPairedError):
    """The computer counts the device as paired, and the device does not."""


_NO_ADAPTER = Advice(
    Family.RADIO,
    tr("This computer has no Bluetooth that works"),
    tr("Plug in a Bluetooth adapter, or see that the computer's Bluetooth service runs."),
)
_DENIED = Advice(
    Family.RADIO,
    tr("Vigil is not allowed to use Bluetooth"),
    tr("Allow Bluetooth for Vigil in the system's privacy settings, then try again."),
)
_UNPLUGGED = Advice(
    Family.RADIO,
    tr("The Bluetooth adapter that was chosen is not there"),
    tr("Plug it in again, or choose another one."),
)
_SWITCHED_OFF = Advice(Family.RADIO, tr("Bluetooth is switched off"), tr("Switch Bluetooth on."))
_UNAVAILABLE: dict[BleakBluetoothNotAvailableReason, Advice] = {
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH: _NO_ADAPTER,
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: Advice(
        Family.RADIO,
        tr("This computer's Bluetooth is too old: it lacks Bluetooth Low Energy"),
        tr("Plug in an adapter with Bluetooth 4.0 or newer."),
    ),
    BleakBluetoothNotAvailableReason.POWERED_OFF: _SWITCHED_OFF,
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: _DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: Advice(
        Family.RADIO,
        tr("The system does not let Vigil use Bluetooth"),
        tr("Ask whoever looks after this computer to allow it."),
    ),
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: _DENIED,
    BleakBluetoothNotAvailableReason.UNKNOWN: Advice(
        Family.RADIO, tr("Bluetooth is not available"), tr("Switch Bluetooth off and on again.")
    ),
}

DROPPED = Advice(
    Family.DROPPED,
    tr("The connection dropped"),
    tr("Keep the device within a few metres and in sight of the computer; check its battery."),
)
STALE = Advice(
    Family.DROPPED,
    tr("Connected, but nothing has come for long; connecting anew"),
    tr("Check that the sensor is on the finger and the device shows a value."),
)
_AWAY = Advice(
    Family.AWAY,
    tr("The device does not answer"),
    tr("Switch it on, bring it near, and close any telephone app that may hold it."),
)
_BUSY = Advice(
    Family.BUSY,
    tr("The computer's Bluetooth is still busy with an earlier request"),
    tr("If this lasts for a minute, let this computer forget the device, or switch Bluetooth off and on."),
)
_PAIRING = Advice(
    Family.PAIRING,
    tr("The device must be paired first"),
    tr("Put the device into pairing mode and confirm the pairing on this computer."),
)
_STALE_BOND = Advice(
    Family.PAIRING,
    tr("The device no longer knows this computer, which still counts as paired with it"),
    tr("Let this computer forget the device, put it into pairing mode, and connect again."),
)
_FOREIGN = Advice(
    Family.FOREIGN,
    tr("The device speaks another protocol than expected"),
    tr("Remove it here and choose it again under devices found; it may be another model."),
)
# BlueZ with a bond that the device has lost neither refuses nor answers: requests just hang.
_NO_ANSWER = Advice(
    Family.REFUSED,
    tr("The device did not answer a request in time"),
    tr(
        "If no values come, switch it off and on; if it is paired, let this computer forget it and "
        "pair it anew."
    ),
)
_MISSING = Advice(
    Family.REFUSED, tr("The device lacks something its driver asked for"), tr("It may be another model.")
)

# Attribute protocol errors (Bluetooth Core 5.4, volume 3, part F, table 3.4).
_NEEDS_PAIRING = frozenset({0x05, 0x08, 0x0C, 0x0F})
_REFUSALS: dict[int, str] = {
    0x02: tr("The device does not let this value be read"),
    0x03: tr("The device does not accept writing here"),
    0x06: tr("The device does not know this request"),
    0x0D: tr("The device refused a message of this length"),
    0x0E: tr("The device reported an error of its own"),
    0x11: tr("The device is out of resources"),
    0x13: tr("The device refused the value"),
    0xFC: tr("The device rejected the command"),
    0xFD: tr("The device refused to send its values"),
    0xFE: tr("The device is still busy with the command before"),
    0xFF: tr("The device refused a value out of its range"),
}

# BlueZ's error names, behind org.bluez.Error., and D-Bus's own.
_DBUS: dict[str, Advice] = {
    "org.bluez.Error.InProgress": _BUSY,
    "org.bluez.Error.NotReady": _SWITCHED_OFF,
    "org.bluez.Error.AuthenticationCanceled": _PAIRING,
    "org.bluez.Error.AuthenticationFailed": _PAIRING,
    "org.bluez.Error.AuthenticationRejected": _PAIRING,
    "org.bluez.Error.AuthenticationTimeout": _PAIRING,
    "org.bluez.Error.NotAuthorized": _PAIRING,
    "org.bluez.Error.ConnectionAttemptFailed": _AWAY,
    "org.bluez.Error.DoesNotExist": _AWAY,
    "org.bluez.Error.Failed": _AWAY,
    "org.freedesktop.DBus.Error.AccessDenied": _DENIED,
    "org.freedesktop.DBus.Error.NoReply": _BUSY,
    "org.freedesktop.DBus.Error.ServiceUnknown": _NO_ADAPTER,
    "org.freedesktop.DBus.Error.UnknownObject": _AWAY,
}


def advise(error: BaseException) -> Advice:
    """What `error`, out of bleak or out of a link, means to a person. Never raises."""
    match error:
        case OtherProtocolError():
            return _FOREIGN
        case StaleBondError():
            return _STALE_BOND
        case NotPairedError():
            return _PAIRING
        case BleakBluetoothNotAvailableError():
            return _UNAVAILABLE.get(error.reason, _NO_ADAPTER)
        case BleakDeviceNotFoundError():
            return _AWAY
        case BleakCharacteristicNotFoundError():
            return _MISSING
        case BleakGATTProtocolError():
            return refusal(int(error.code))
        case BleakDBusError():
            if "key-missing" in (error.dbus_error_details or ""):  # BlueZ 5.73 and later
                return _STALE_BOND
            return _DBUS.get(error.dbus_error, _fault(error))
        case TimeoutError():
            return _AWAY
        case BleakError():
            # The only sign of an adapter that was chosen and then unplugged is bleak's own wording.
            no_adapter = str(error).startswith("adapter ") and str(error).endswith(" not found")
            return _UNPLUGGED if no_adapter else _fault(error)
        case OSError() | EOFError():
            # Without a system bus (no BlueZ at all) bleak lets the socket's own error through; EOFError
            # and BrokenPipeError say that the bus has ended.
            return _NO_ADAPTER
        case _:
            return _fault(error)


def advise_request(error: BaseException) -> Advice:
    """As `advise`, for one read or write on a connection that stands."""
    return _NO_ANSWER if isinstance(error, TimeoutError) else advise(error)


def refusal(code: int) -> Advice:
    """What an attribute protocol error code means."""
    if code in _NEEDS_PAIRING:
        return _PAIRING
    words = _REFUSALS.get(code, tr("The device refused a request"))
    return Advice(
        Family.REFUSED,
        tr("{words} (code 0x{code:02X})", words=words, code=code),
        tr("Switch the device off and on."),
    )


def trouble(error: BaseException) -> Trouble:
    """`error`, met while listening for devices, as the two lines a person reads."""
    advice = advise(error)
    if advice.family is Family.AWAY:  # no device was asked for: it is the computer that does not answer
        advice = _UNAVAILABLE[BleakBluetoothNotAvailableReason.UNKNOWN]
    return Trouble(
        f"{advice.reason}.",
        tr("No device can be reached: nothing is measured by radio until this is solved."),
        advice.todo,
    )


def cannot_forget(error: BaseException) -> Trouble:
    """Why the system did not forget a device."""
    if isinstance(error, NotImplementedError):
        return Trouble(
            tr("This system lets no program forget a device."),
            tr("The pairing with it stays as it is."),
            tr("Open the system's Bluetooth settings, choose the device there, and forget it."),
        )
    advice = advise(error)
    return Trouble(
        tr(
            "The device could not be forgotten: {reason}{reason2}.",
            reason=advice.reason[0].lower(),
            reason2=advice.reason[1:],
        ),
        tr("The pairing with it stays as it is."),
        advice.todo,
    )


def _fault(error: BaseException) -> Advice:
    # The error's own text may quote addresses or bytes; its type is enough for a report.
    return Advice(
        Family.FAULT,
        tr("Bluetooth failed ({name})", name=type(error).__name__),
        tr("If it stays so, switch Bluetooth and the device off and on."),
    )
