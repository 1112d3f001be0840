"""The record access control point 2A52: what a device answers about its memory (dossier 1.5).

Vigil never asks: memory is not live. But answers to somebody else's request, or to a
device's own idea, are decoded.
"""

from __future__ import annotations

from devices.gatt import MalformedError, uuid
from monitor.vitals import Detail, Event

RECORD_ACCESS = uuid("2A52")

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


def record_access(data: bytes, now: float) -> list[Event]:
    """An answer of the control point as a Detail. Raises MalformedError where it is none."""
    if len(data) < 3:
        raise MalformedError("an answer about records has at least 3 bytes")
    opcode = data[0]
    if opcode == _RESPONSE:
        if len(data) < 4:
            raise MalformedError("a response code has 4 bytes")
        result = _RESULTS.get(data[3], f"reserved code {data[3]}")
        return [Detail(name="record access", fields={"request": data[2], "result": result})]
    if opcode in _NUMBERS:
        if len(data) not in (3, 4, 6):
            raise MalformedError("a number of records has 1, 2 or 4 bytes")
        fields = {"op": _NUMBERS[opcode], "n": int.from_bytes(data[2:], "little")}
        return [Detail(name="record access", fields=fields)]
    raise MalformedError("no answer about records begins so")
