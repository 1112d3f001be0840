"""How fast each driver decodes: notifications per second, and time per call against struct.unpack.

`python -m bench.decode` prints one JSON line per driver, fed with the packets its manifest names,
and one for each public parser of the same bytes that is installed (`requirements/bench.txt`). The
floor is one struct.unpack of as many bytes, timed call by call in the same run.
"""

from __future__ import annotations

import json
import logging
import struct
import time
from collections.abc import Callable, Iterable

from bench.peers import peers_of
from bench.report import figure
from devices.driver import Driver
from devices.framing import crc8
from devices.registry import all_drivers

CALLS = 50_000
LEAST = 20_000
"""Notifications per second every driver should reach on one core."""


def _o2ring_reply() -> list[bytes]:
    """A second of values and waveform, in the 20-byte pieces a link without a larger MTU brings."""
    payload = bytes.fromhex("614800550106010000007d00") + bytes(range(10, 135))
    head = bytes.fromhex("5500ff0000") + len(payload).to_bytes(2, "little") + payload
    whole = head + bytes((crc8(head),))
    return [whole[at : at + 20] for at in range(0, len(whole), 20)]


# Where what a manifest shows is not what comes all the time.
USUAL: dict[str, list[bytes]] = {
    "o2ring": _o2ring_reply(),
    "berrymed": [bytes.fromhex("8732054862" * 4)],  # it shows both protocols, a device speaks one
}


def notifications(family: type[Driver]) -> list[bytes]:
    """What the device keeps sending: the examples of its manifest for the default characteristic."""
    shown = [
        bytes.fromhex(data)
        for example in family.manifest.examples
        if not example.characteristic
        for data in example.notifications
    ]
    return USUAL.get(family.manifest.id, shown)


def _timed(call: Callable[[bytes], object], sample: Iterable[bytes]) -> list[float]:
    """Microseconds of each call."""
    clock = time.perf_counter_ns
    times = []
    for data in sample:
        start = clock()
        call(data)
        times.append((clock() - start) / 1000)
    return times


def measure(family: type[Driver]) -> None:
    """Print one driver's figures, their floor, and those of its peers."""
    name, driver = family.manifest.id, family()
    characteristic = family.manifest.default_characteristic
    sample = notifications(family)
    repeated = sample * (CALLS // len(sample))
    times = _timed(lambda data: driver.received(characteristic, data, 0.0), repeated)
    formats = {len(data): struct.Struct(f"<{len(data)}B") for data in sample}
    floor = _timed(lambda data: formats[len(data)].unpack(data), repeated)
    figure(
        f"decode {name}", times, unit="µs", floor=floor, notifications_per_s=_rate(times), least_per_s=LEAST
    )
    for peer, parse in peers_of(name):
        if parse is None:
            print(json.dumps({"figure": f"decode {peer}", "not_run": "not installed"}), flush=True)
        else:
            readable = [data for data in sample if _reads(parse, data)]
            slower = _timed(parse, readable * (CALLS // 10 // len(readable)))
            more = {"packets": len(sample), "refused": len(sample) - len(readable)}
            figure(f"decode {peer}", slower, unit="µs", notifications_per_s=_rate(slower), **more)


def _reads(parse: Callable[[bytes], object], data: bytes) -> bool:
    """Whether a public parser takes this packet at all: some raise where a cuff says that it failed."""
    try:
        parse(data)
    except Exception:  # somebody else's code, whose errors are its own
        return False
    return True


def _rate(times: list[float]) -> int:
    return round(len(times) / sum(times) * 1e6)


if __name__ == "__main__":
    logging.disable()  # what public parsers say of packets they refuse is no figure
    for each in all_drivers():
        measure(each)
