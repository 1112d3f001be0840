"""How fast each driver decodes: notifications per second, and time per call against struct.unpack.

`python -m bench.decode` prints one JSON line per driver. The floor is one struct.unpack of as
many bytes, timed call by call in the same run.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterable

from bench.report import figure
from devices.drivers.mightysat import frame
from devices.framing import crc8
from devices.registry import driver_by_id

CALLS = 50_000
LEAST = 20_000
"""Notifications per second every driver should reach on one core."""


def _o2ring_reply() -> list[bytes]:
    """A second of values and waveform, in the 20-byte pieces a link without a larger MTU brings."""
    payload = bytes.fromhex("614800550106010000007d00") + bytes(range(10, 135))
    head = bytes.fromhex("5500ff0000") + len(payload).to_bytes(2, "little") + payload
    whole = head + bytes((crc8(head),))
    return [whole[at : at + 20] for at in range(0, len(whole), 20)]


NOTIFICATIONS: dict[str, list[bytes]] = {
    "sig_oximeter": [bytes.fromhex("1f62004800630049006100470080000000000a00")],
    "sig_cuff": [bytes.fromhex("1e8a00580078000000041114293b3c00012700")],
    "sig_heart_rate": [bytes.fromhex("1f0101320101000201ffff")],
    # Per second one frame of parameters and four of waveform.
    "mightysat": [
        bytes.fromhex("7711050000000000620048101400260200100e"),
        *[frame(bytes((4, ordinal)) + bytes.fromhex("0a64") * 8) for ordinal in range(4)],
    ],
    "o2ring": _o2ring_reply(),
}


def _timed(call: Callable[[bytes], object], notifications: Iterable[bytes]) -> list[float]:
    """Microseconds of each call."""
    clock = time.perf_counter_ns
    times = []
    for data in notifications:
        start = clock()
        call(data)
        times.append((clock() - start) / 1000)
    return times


def measure(driver_id: str) -> None:
    """Print one driver's figures and their floor."""
    family = driver_by_id(driver_id)
    driver, characteristic = family(), family.manifest.default_characteristic
    sample = NOTIFICATIONS[driver_id]
    notifications = sample * (CALLS // len(sample))
    times = _timed(lambda data: driver.received(characteristic, data, 0.0), notifications)
    formats = {len(data): struct.Struct(f"<{len(data)}B") for data in sample}
    floor = _timed(lambda data: formats[len(data)].unpack(data), notifications)
    rate = round(len(times) / sum(times) * 1e6)
    figure(f"decode {driver_id}", times, unit="µs", floor=floor, notifications_per_s=rate, least_per_s=LEAST)


if __name__ == "__main__":
    for name in NOTIFICATIONS:
        measure(name)
