"""The record access control point 2A52: asking a device for its last record (dossier 1.5).

Nothing else is ever asked, and nothing is ever deleted. Answers to other requests, which somebody
else may have made, are decoded too.
"""

from __future__ import annotations

from collections.abc import Mapping

from devices.driver import Action, Write
from devices.gatt import MalformedError, uuid
from monitor.vitals import Detail, Event

RECORD_ACCESS = uuid("2A52")
LAST_RECORD = b"\x01\x06"
"""Report stored records: the last one."""

PATIENCE = 10.0
"""Seconds the record may take after the request; a client of such cuffs waits 3 (dossier 1.5)."""

_REQUESTS = {
    0x01: "report stored records",
    0x02: "delete stored records",
    0x03: "abort operation",
    0x04: "report number of stored records",
    0x07: "combined report",
}
_OPERATORS = {
    0x00: "null",
    0x01: "all records",
    0x02: "less than or equal",
    0x03: "greater than or equal",
    0x04: "within range",
    0x05: "first record",
    0x06: "last record",
}
_RESULTS = {
    0x01: "success",
    0x02: "op code not supported",
    0x03: "invalid operator",
    0x04: "operator not supported",
    0x05: "invalid operand",
    0x06: "no records found",
    0x07: "abort unsuccessful",
    0x08: "procedure not completed",
    0x09: "operand not supported",
    0x0A: "server busy",
}
_NUMBERS = {0x05: "number of records", 0x08: "combined report"}
_RESPONSE = 0x06


class LastRecord:
    """The request for the last record: while it is under way, what comes is from memory."""

    def __init__(self) -> None:
        self.asked = False
        self._since: float | None = None

    def ask(self, service: Mapping[str, frozenset[str]]) -> list[Action]:
        """The request, where the device takes it. To be sent after all subscriptions."""
        self.asked = "write" in service.get(RECORD_ACCESS, frozenset())
        return [Write(RECORD_ACCESS, LAST_RECORD)] if self.asked else []

    def tick(self, now: float) -> None:
        """Stop waiting for a device that does not answer."""
        if self.asked:
            self._since = now if self._since is None else self._since
            self.asked = now - self._since < PATIENCE

    def answer(self, data: bytes, now: float) -> list[Event]:
        """What the control point says. Raises MalformedError."""
        if data[:1] == bytes((_RESPONSE,)):
            self.asked = False
        return record_access(data, now)


def record_access(data: bytes, now: float) -> list[Event]:
    """A request to the control point, or its answer, as a Detail. Raises MalformedError."""
    return [Detail(name="record access", fields=_fields(data))]


def _fields(data: bytes) -> dict[str, object]:
    if len(data) >= 2 and data[0] in _REQUESTS:
        operator = _OPERATORS.get(data[1], f"reserved operator {data[1]}")
        return {"op": _REQUESTS[data[0]], "operator": operator}
    if len(data) < 3:
        raise MalformedError("an answer about records has at least 3 bytes")
    opcode = data[0]
    if opcode == _RESPONSE:
        if len(data) < 4:
            raise MalformedError("a response code has 4 bytes")
        return {"request": data[2], "result": _RESULTS.get(data[3], f"reserved code {data[3]}")}
    if opcode in _NUMBERS:
        if len(data) not in (3, 4, 6):
            raise MalformedError("a number of records has 1, 2 or 4 bytes")
        return {"op": _NUMBERS[opcode], "n": int.from_bytes(data[2:], "little")}
    raise MalformedError("no answer about records begins so")
