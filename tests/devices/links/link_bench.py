"""What the link tests share: a tiny instrument, a tiny driver, and an ear that waits for news."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar

from bleak.backends.client import BaseBleakClient
from bumble.att import ATT_Error, Attribute, ErrorCode
from bumble.core import UUID
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.pairing import PairingConfig, PairingDelegate

from devices.driver import Action, Advertisement, Driver, Manifest, Poll, Services, Subscribe, Write
from devices.hub import Hub
from devices.news import Arrived, LinkPhase, LinkState, Sink
from devices.scan import Radio, ScanTiming
from devices.timing import LinkTiming
from devices.virtual.peripheral import NOTIFY, READ, WRITE, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio
from monitor.clock import SystemClock
from monitor.vitals import CuffPressure, Event, Failure, Reading

SOON = 10.0

QUICK = LinkTiming(
    connect=5.0,
    settle=0.0,
    operation=2.0,
    tick=0.02,
    stale_after=0.25,
    renew_after=30.0,
    retry=(0.02,),
    slow_retry=(0.05,),
)
"""The real timing, shortened where a test waits for it."""

QUICK_SCAN = ScanTiming(start=2.0, retry=0.02, quiet=1.0)


def at(number: int) -> str:
    return f"11a0{number:04x}-2f6e-4c1b-8d1d-5a0b7c9e3f21"


TALK, ORDERS, STUBBORN, LOCKED, SERVICE = at(1), at(2), at(3), at(4), at(0)


class Instrument(Peripheral):
    """Sends what the test says, and takes orders; one of its characteristics refuses them all."""

    def __init__(
        self,
        radio: VirtualRadio,
        name: str = "Tiny",
        service: str = SERVICE,
        talk: str = TALK,
        address: str | None = None,
    ) -> None:
        self.orders: asyncio.Queue[bytes] = asyncio.Queue()
        self.talk = characteristic(UUID(talk), NOTIFY)
        orders = characteristic(UUID(ORDERS), WRITE, written=self.orders.put_nowait)
        stubborn = characteristic(UUID(STUBBORN), WRITE | READ, written=self._refuse)
        everything = [self.talk, orders, stubborn, self._locked()]
        super().__init__(radio, name, [Service(UUID(service), everything)], [UUID(service)], address=address)
        self.when_subscribed(self.talk, None)

    async def say(self, data: bytes) -> None:
        """Notify, as soon as somebody listens."""
        await asyncio.wait_for(self.subscription(self.talk), SOON)
        await self.notify(self.talk, data)

    async def refuse_pairing(self) -> None:
        """Turn away every host that wants to pair."""

        class Unwilling(PairingDelegate):
            async def accept(self) -> bool:
                return False

        self._on().pairing_config_factory = lambda _: PairingConfig(delegate=Unwilling())

    def _locked(self) -> Characteristic[bytes]:
        """Takes orders from paired hosts only."""
        permissions = Attribute.WRITEABLE | Attribute.WRITE_REQUIRES_ENCRYPTION
        value = CharacteristicValue(write=lambda _, data: self.orders.put_nowait(data))
        return Characteristic(UUID(LOCKED), WRITE, permissions, value)

    @staticmethod
    def _refuse(_data: bytes) -> None:
        raise ATT_Error(ErrorCode.WRITE_REQUEST_REJECTED)


class Tiny:
    """One frame is two bytes, SpO2 and pulse; they may come split. 0xEE makes the driver fail."""

    manifest: ClassVar[Manifest] = Manifest(
        id="tiny",
        title="Tiny",
        names=("Tiny",),
        role="oximeter",
        gives=("spo2", "pulse"),
        default_characteristic=TALK,
        writes={ORDERS: (b"\x01",), STUBBORN: (b"\x01",), LOCKED: (b"\x01",)},
        source="test",
        confidence="V",
    )

    def __init__(self) -> None:
        self.buffer = b""

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        return SERVICE in advertisement.services

    def opening(self, services: Services) -> Sequence[Action]:
        return [Subscribe(TALK)]

    def received(self, characteristic: str, data: bytes, now: float) -> Sequence[Event | Action]:
        if data == b"\xee":
            raise RuntimeError("secret bytes")
        self.buffer += data
        if len(self.buffer) < 2:
            return []
        spo2, pulse = self.buffer[:2]
        self.buffer = self.buffer[2:]
        return [Reading(spo2=spo2, pulse=pulse)]

    def tick(self, now: float) -> Sequence[Event | Action]:
        return []


class Bossy(Tiny):
    """Gives the orders that the test puts into `wants` once connected."""

    wants: ClassVar[Sequence[Action]] = ()

    def opening(self, services: Services) -> Sequence[Action]:
        return [Subscribe(TALK), *self.wants]


def bossy(*wants: Action) -> type[Bossy]:
    return type("Bossy", (Bossy,), {"wants": wants})


class TinyCuff(Tiny):
    """A cuff that a person starts: away and silent between its measurements."""

    manifest: ClassVar[Manifest] = replace(Tiny.manifest, id="tinycuff", role="cuff")


class Startable(Tiny):
    """A cuff that can be told to inflate and to stop."""

    manifest: ClassVar[Manifest] = replace(
        Tiny.manifest, role="cuff", remote_start=True, writes={ORDERS: (b"\x01", b"\x02")}
    )

    def start(self, now: float) -> Sequence[Event | Action]:
        return [CuffPressure(mmhg=0.0), order(b"\x01start")]

    def cancel(self, now: float) -> Sequence[Event | Action]:
        return [order(b"\x02stop")]


class Ear:
    """A sink that remembers, and lets a test wait for what it needs to hear."""

    def __init__(self) -> None:
        self.news: list[Arrived | LinkState] = []
        self._more = asyncio.Event()

    def __call__(self, news: Arrived | LinkState) -> None:
        self.news.append(news)
        self._more.set()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until `true()`, looking again after each piece of news."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SOON):
                while not true():
                    self._more.clear()
                    await self._more.wait()
        assert true(), self.story()

    async def phase(self, phase: LinkPhase, times: int = 1, device: str = "a") -> LinkState:
        """Wait until the link was in `phase` that often; returns the last of them."""
        await self.until(lambda: len(self.states(phase, device)) >= times)
        return self.states(phase, device)[times - 1]

    async def reading(self, spo2: int, device: str = "a") -> Arrived:
        await self.until(lambda: any(r.spo2 == spo2 for r in self.readings(device)))
        return next(
            a
            for a in self.news
            if isinstance(a, Arrived) and any(isinstance(e, Reading) and e.spo2 == spo2 for e in a.events)
        )

    async def failure(self) -> Failure:
        await self.until(lambda: bool(self.failures()))
        return self.failures()[0]

    def states(self, phase: LinkPhase | None = None, device: str = "a") -> list[LinkState]:
        return [
            n
            for n in self.news
            if isinstance(n, LinkState) and n.device == device and phase in (None, n.state)
        ]

    def readings(self, device: str = "a") -> list[Reading]:
        return [e for e in self.events(device) if isinstance(e, Reading)]

    def failures(self, device: str = "a") -> list[Failure]:
        return [e for e in self.events(device) if isinstance(e, Failure)]

    def events(self, device: str = "a") -> list[Event]:
        return [e for n in self.news if isinstance(n, Arrived) and n.device == device for e in n.events]

    def story(self) -> list[str]:
        return [
            f"{n.device}: {n.state} ({n.reason})" if isinstance(n, LinkState) else f"{n.device}: {n.events}"
            for n in self.news
        ]


def order(data: bytes, to: str = ORDERS, piece: int = 512) -> Write:
    return Write(to, data, piece=piece)


def every(seconds: float, write: Write) -> Poll:
    return Poll(seconds, write)


def make_hub(
    radio: VirtualRadio, ear: Sink, client: type[BaseBleakClient] | None = None, **options: object
) -> Hub:
    bleak = Radio(radio.scanner_backend, client or radio.client_backend)
    rest = {"recognise": known, "timing": QUICK, "scan_timing": QUICK_SCAN, **options}
    return Hub(bleak, SystemClock(), ear, **rest)  # type: ignore[arg-type]  # options are passed on


def known(advertisement: Advertisement) -> type[Driver] | None:
    return Tiny if Tiny.recognises(advertisement) else None
