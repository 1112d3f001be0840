"""The Battery service (0x180F) of a virtual instrument."""

from __future__ import annotations

from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.peripheral import NOTIFY, READ, characteristic


class Battery:
    """A charge in % that can be read, and is notified when set."""

    def __init__(self, percent: int = 90) -> None:
        self.percent = percent
        self.level = characteristic(UUID.from_16_bits(0x2A19), READ | NOTIFY, lambda: bytes([self.percent]))
        self.service = Service(UUID.from_16_bits(0x180F), [self.level])
