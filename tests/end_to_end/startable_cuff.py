"""A made-up cuff that can be told to inflate, and its driver, for tests of the way from screen to cuff."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from bumble.core import UUID
from bumble.gatt import Service

from devices.driver import Action, Advertisement, Driver, Manifest, Services, Subscribe, Write
from devices.drivers.base import BaseDriver, Handler
from devices.virtual.peripheral import NOTIFY, WRITE, Peripheral, characteristic
from devices.virtual.radio import VirtualRadio
from monitor.vitals import CuffPressure, CuffReading, Event

SERVICE, TALK, ORDERS = (f"11a0{n:04x}-2f6e-4c1b-8d1d-5a0b7c9e3f22" for n in range(3))
START, STOP = b"\x01", b"\x02"
PRESSURE, RESULT, ERROR = 0x10, 0x11, 0x12


class StartableCuff(Peripheral):
    """`plan` says what each order to start leads to: good, fails, silent, or goes on (without a result)."""

    def __init__(self, radio: VirtualRadio, plan: Sequence[str]) -> None:
        self.orders: list[bytes] = []
        self._plan = list(plan)
        self._work: asyncio.Task[None] | None = None
        self._talk = characteristic(UUID(TALK), NOTIFY)
        orders = characteristic(UUID(ORDERS), WRITE, written=self._ordered)
        super().__init__(radio, "Startable", [Service(UUID(SERVICE), [self._talk, orders])], [UUID(SERVICE)])
        self.when_subscribed(self._talk, None)

    def _ordered(self, data: bytes) -> None:
        self.orders.append(data)
        if self._work is not None:
            self._work.cancel()
        if data == START:
            self._work = asyncio.get_running_loop().create_task(self._measure(self._plan.pop(0)))
        else:  # the air goes out, and it says so as many cuffs do: with an error
            self._work = asyncio.get_running_loop().create_task(self._say([PRESSURE, 40], [ERROR, 1]))

    async def _measure(self, outcome: str) -> None:
        if outcome == "silent":
            return
        await self._say([PRESSURE, 60], [PRESSURE, 142])
        if outcome == "good":
            await self._say([RESULT, 124, 82, 66])
        elif outcome == "fails":
            await self._say([ERROR, 2])

    async def _say(self, *frames: list[int]) -> None:
        for frame in frames:
            await self.notify(self._talk, bytes(frame))

    async def close(self) -> None:
        """Switch off."""
        if self._work is not None:
            self._work.cancel()
        await super().close()


class StartableDriver(BaseDriver):
    """Its driver."""

    manifest: ClassVar[Manifest] = Manifest(
        id="startable",
        title="Startable",
        names=("Startable",),
        role="cuff",
        gives=("systolic", "diastolic", "pulse"),
        default_characteristic=TALK,
        writes={ORDERS: (START, STOP)},
        source="test",
        confidence="V",
        remote_start=True,
        stale_after=60.0,
    )

    @classmethod
    def recognises(cls, advertisement: Advertisement) -> bool:
        return SERVICE in advertisement.services

    def handlers(self) -> dict[str, Handler]:
        return {TALK: self._frame}

    def begin(self, services: Services) -> Sequence[Action]:
        return [Subscribe(TALK)]

    def start(self, now: float) -> Sequence[Event | Action]:
        return [Write(ORDERS, START)]

    def cancel(self, now: float) -> Sequence[Event | Action]:
        return [Write(ORDERS, STOP)]

    def _frame(self, data: bytes, now: float) -> Sequence[Event | Action]:
        if data[0] == PRESSURE:
            return [CuffPressure(mmhg=float(data[1]))]
        if data[0] == RESULT:
            return [CuffReading(systolic=float(data[1]), diastolic=float(data[2]), pulse=float(data[3]))]
        return [CuffReading(failure="stopped" if data[1] == 1 else "the arm moved")]


def recognise(advertisement: Advertisement) -> type[Driver] | None:
    """The one driver there is."""
    return StartableDriver if StartableDriver.recognises(advertisement) else None
