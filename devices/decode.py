"""What a device's bytes mean, in words: the heart of `vigil decode` and of the vector tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from devices.driver import Action, Driver
from devices.drivers import microlife, omron_memory
from devices.framing import STALE
from devices.gatt import (
    MalformedError,
    device_time,
    medfloat,
    medfloat_special,
    sfloat,
    sfloat_special,
    short,
    uuid,
)
from devices.registry import driver_by_id
from devices.tape import Tape
from monitor.vitals import (
    Battery,
    Contact,
    CuffPressure,
    CuffReading,
    Detail,
    DeviceInfo,
    Event,
    Failure,
    Quality,
    Reading,
    Waveform,
)

_AFTERWARDS = 5.0
"""Seconds after a tape's end at which a driver tells what it held back."""

Line = dict[str, Any]
"""One event, ready for JSON. Keys whose value is not valid are absent."""


def decode(driver_id: str, chunks: Iterable[bytes], characteristic: str | None = None) -> list[Line]:
    """The events in `chunks`, consecutive notifications of one characteristic, one dict each.

    Pressures are in the unit the device displays, named by "unit". Bytes that do not fit give
    {"error": …}. `driver_id` is a driver's, or "sfloat", "float", "datetime" for a bare number
    or date; or "microlife-record", "omron-record", "omron-record-be" for a bare record of a cuff's
    memory. Raises Trouble for an unknown driver.
    """
    if driver_id in _PRIMITIVES:
        return [_primitive(driver_id, chunk) for chunk in chunks]
    return lines_of(driver_by_id(driver_id), chunks, characteristic)


def lines_of(family: type[Driver], chunks: Iterable[bytes], characteristic: str | None = None) -> list[Line]:
    """What a driver makes of consecutive notifications of one characteristic, as `decode` gives it."""
    try:
        address = uuid(characteristic) if characteristic else family.manifest.default_characteristic
    except ValueError as error:
        return [{"error": str(error)}]
    driver, wire = family(), family.manifest.wire_names
    lines: list[Line] = []
    for chunk in chunks:
        found = [_line(event, wire) for event in events(driver.received(address, chunk, 0.0))]
        lines += _joined(found) if family.manifest.one_line else found
    # Nothing more will come: what is unfinished now was cut off.
    lines += [_line(event, wire) for event in events(driver.tick(2 * STALE))]
    return lines


def tape_lines(family: type[Driver], tape: Tape) -> Iterator[Line]:
    """What a driver makes of a capture: as `decode`, each with its time "t" and its characteristic."""
    driver, wire, t = family(), family.manifest.wire_names, 0.0
    for t, characteristic, data in tape.notifications():
        said = [*driver.tick(t), *driver.received(characteristic, data, t)]
        found = [_line(event, wire) for event in events(said)]
        joined = _joined(found) if family.manifest.one_line else found
        yield from ({"t": t, "characteristic": short(characteristic), **line} for line in joined)
    rest = [*driver.tick(t + _AFTERWARDS), *driver.ended(t + _AFTERWARDS)]
    yield from ({"t": t, **_line(event, wire)} for event in events(rest))


def events(found: Iterable[Event | Action]) -> list[Event]:
    """Only the events among what a driver answers."""
    return [item for item in found if isinstance(item, Event)]


def _line(event: Event, wire: Mapping[str, str]) -> Line:
    line = _SHAPES[type(event)](event, wire)
    return {key: _tidy(value) for key, value in line.items() if value is not None}


def _tidy(value: Any) -> Any:
    """Whole numbers without a decimal point, also inside lists and dicts."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list | tuple):
        return [_tidy(item) for item in value]
    if isinstance(value, dict):
        return {key: _tidy(item) for key, item in value.items()}
    return value


def _joined(lines: list[Line]) -> list[Line]:
    """A reading and what follows it, up to the next reading or error, as one line."""
    joined: list[Line] = []
    for line in lines:
        if joined and "usable" in joined[-1] and not line.keys() & {"usable", "error", "failure"}:
            joined[-1] = line | joined[-1]
        else:
            joined.append(line)
    return joined


def _reading(event: Reading, wire: Mapping[str, str]) -> Line:
    line: Line = {
        wire.get(name, name): getattr(event, name) for name in ("spo2", "pulse", "pi", "pvi", "respiration")
    }
    line |= {"contact": event.contact, "timestamp": event.device_time, "flags": event.flags or None}
    line["live"] = False if event.stored else None
    if event.quality is Quality.DOUBTFUL:
        line["quality"] = event.quality.value
    if "hr" not in event.details:
        complete = event.spo2 is not None and event.pulse is not None
        line["usable"] = complete and event.quality is Quality.GOOD and not event.stored
    return line | event.details


def _cuff(event: CuffReading, wire: Mapping[str, str]) -> Line:
    line: Line = {name: getattr(event, name) for name in ("systolic", "diastolic", "map", "pulse")}
    line |= {"unit": event.unit, "user_id": event.user_id, "timestamp": event.device_time}
    line |= {"flags": event.flags or None, "live": False if event.stored else None}
    if event.failure is not None:
        line |= {"valid": False, "failure": event.failure}
    return _displayed(line, event.details)


def _cuff_pressure(event: CuffPressure, wire: Mapping[str, str]) -> Line:
    line: Line = {"cuff_pressure": event.mmhg, "unit": event.unit, "pulse": event.pulse}
    return _displayed(line, event.details)


def _displayed(line: Line, details: Mapping[str, object]) -> Line:
    """`line` with `details`, and with the pressures as they stand on the device's display."""
    rest = dict(details)
    shown = rest.pop("displayed", {})
    return line | rest | (shown if isinstance(shown, dict) else {})


def _failure(event: Failure, wire: Mapping[str, str]) -> Line:
    if event.kind in ("malformed", "protocol"):
        return {"error": event.reason}
    return {"failure": event.reason, "kind": event.kind}


def _waveform(event: Waveform, wire: Mapping[str, str]) -> Line:
    return {"wave": list(event.samples), "rate_hz": event.rate_hz, "ordinal": event.ordinal}


_SHAPES: Mapping[type[Event], Callable[[Any, Mapping[str, str]], Line]] = {
    Reading: _reading,
    CuffReading: _cuff,
    CuffPressure: _cuff_pressure,
    Waveform: _waveform,
    Failure: _failure,
    Battery: lambda event, wire: {"battery": event.percent, "charging": event.charging},
    Contact: lambda event, wire: {"contact": event.on},
    DeviceInfo: lambda event, wire: dict(event.fields),
    Detail: lambda event, wire: dict(event.fields),
}


def _primitive(kind: str, data: bytes) -> Line:
    try:
        line = _PRIMITIVES[kind](data)
    except MalformedError as error:
        return {"error": str(error)}
    return {key: _tidy(value) for key, value in line.items() if value is not None}


def _sfloat(data: bytes) -> Line:
    raw = _exactly(data, 2)
    return {"sfloat": sfloat(raw), "special": sfloat_special(raw)}


def _medfloat(data: bytes) -> Line:
    raw = _exactly(data, 4)
    return {"float": medfloat(raw), "special": medfloat_special(raw)}


def _omron(data: bytes, order: Literal["little", "big"]) -> Line:
    found = omron_memory.record(data, order)
    return {"empty": True} if found is None else _cuff(found, {})


def _exactly(data: bytes, length: int) -> int:
    if len(data) != length:
        raise MalformedError(f"this number has {length} bytes")
    return int.from_bytes(data, "little")


_PRIMITIVES: Mapping[str, Callable[[bytes], Line]] = {
    "sfloat": _sfloat,
    "float": _medfloat,
    "datetime": lambda data: {"datetime": device_time(data).shown()},
    "microlife-record": lambda data: _cuff(microlife.record(data), {}),
    "omron-record": lambda data: _omron(data, "little"),
    "omron-record-be": lambda data: _omron(data, "big"),
}
