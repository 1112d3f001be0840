"""A bench instrument with one characteristic of every kind."""

from __future__ import annotations

import asyncio

from bumble.att import ATT_Error, ErrorCode
from bumble.core import UUID
from bumble.gatt import Service

from devices.virtual.peripheral import INDICATE, NOTIFY, READ, WRITE, WRITE_FAST, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio

SERVICE = UUID("7c6f0000-3c5b-4f0a-9f5e-6f1f0c9d2a11")


class Bench(Peripheral):
    """Reads, writes, notifies, indicates and refuses, as told by the test."""

    def __init__(self, radio: VirtualRadio, name: str = "Bench", **options: object) -> None:
        self.written: asyncio.Queue[bytes] = asyncio.Queue()
        self.value = b"first"
        self.readable = characteristic(_uuid(1), READ, lambda: self.value)
        self.refusing = characteristic(_uuid(2), READ, self._refuse)
        self.writable = characteristic(_uuid(3), WRITE | WRITE_FAST, written=self.written.put_nowait)
        self.notifying = characteristic(_uuid(4), NOTIFY)
        self.indicating = characteristic(_uuid(5), INDICATE)
        everything = [self.readable, self.refusing, self.writable, self.notifying, self.indicating]
        super().__init__(
            radio,
            name,
            [Service(SERVICE, everything)],
            [SERVICE],
            {0x0243: b"\x01\x02"},
            **options,  # type: ignore[arg-type]
        )
        self.when_subscribed(self.notifying, None)
        self.when_subscribed(self.indicating, None)

    def _refuse(self) -> bytes:
        raise ATT_Error(ErrorCode.INSUFFICIENT_AUTHORIZATION)


def _uuid(number: int) -> UUID:
    return UUID(f"7c6f{number:04x}-3c5b-4f0a-9f5e-6f1f0c9d2a11")


def at(number: int) -> str:
    """The UUID of the bench's characteristic `number` as bleak writes it."""
    return f"7c6f{number:04x}-3c5b-4f0a-9f5e-6f1f0c9d2a11"
