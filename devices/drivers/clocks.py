"""The present time as devices want it written: layouts for WriteTime (dossier 1.2)."""

from __future__ import annotations

from datetime import datetime

from devices.gatt import MalformedError, device_time, uuid
from monitor.vitals import Detail

DATE_TIME = uuid("2A08")
CURRENT_TIME_SERVICE = uuid("1805")
CURRENT_TIME = uuid("2A2B")

_MANUAL_UPDATE = 1


def date_time(moment: datetime) -> bytes:
    """The 7 bytes of Date Time 2A08."""
    return moment.year.to_bytes(2, "little") + bytes(moment.timetuple()[1:6])


def current_time(moment: datetime) -> bytes:
    """The 10 bytes of Current Time 2A2B, said to be set by hand. Monday is day 1 of the week."""
    fraction = moment.microsecond * 256 // 1_000_000
    return date_time(moment) + bytes((moment.isoweekday(), fraction, _MANUAL_UPDATE))


def told_current_time(data: bytes) -> Detail:
    """A device's own Current Time 2A2B. Raises MalformedError."""
    if len(data) < 10:
        raise MalformedError("a current time has 10 bytes")
    return Detail(name="device clock", fields={"datetime": device_time(data[:7]).shown()})
