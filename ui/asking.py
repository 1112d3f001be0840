"""Questions that Bluetooth has for a person: from the worker's loop to the window, the answer back. No Qt."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from devices.questions import PairingQuestion
from monitor.trouble import Trouble

log = structlog.get_logger()

Answer = bool | int | None
Show = Callable[[PairingQuestion, Callable[[Answer], None]], None]
"""Shows a question and is given what to call with the answer, from any thread, once or never."""


class Desk:
    """Who shows questions. Every method may be called from the worker's thread."""

    def __init__(
        self,
        show: Show = lambda question, answer: answer(None),
        hide: Callable[[], None] = lambda: None,
        tell: Callable[[Trouble], None] = lambda trouble: None,
    ) -> None:
        self._show = show
        self._hide = hide
        self.tell = tell
        """Hears why a pairing came to nothing."""

    async def ask(self, question: PairingQuestion) -> Answer:
        """The person's answer; cancelling it takes the question away."""
        loop = asyncio.get_running_loop()
        given: asyncio.Future[Answer] = loop.create_future()
        self._show(question, lambda answer: _settle(loop, given, answer))
        try:
            return await given
        finally:
            self._hide()


def _settle(loop: asyncio.AbstractEventLoop, given: asyncio.Future[Answer], answer: Answer) -> None:
    def settle() -> None:
        if not given.done():  # too late: the question was taken back
            given.set_result(answer)

    loop.call_soon_threadsafe(settle)


@asynccontextmanager
async def pairing(desk: Desk) -> AsyncIterator[None]:
    """While open, the system's Bluetooth can ask `desk` when a device is paired.

    Windows and macOS ask by themselves; on Linux this registers Vigil as the one who does.
    """
    async with AsyncExitStack() as open_:
        if sys.platform == "linux":
            from devices.pairing import PairingAgent

            agent = PairingAgent(desk.ask, desk.tell)
            try:
                await agent.start()
                open_.push_async_callback(agent.close)
            except Trouble as trouble:  # without the system's bus there is no Bluetooth to pair with
                log.warning("pairing cannot be offered", happened=trouble)
        yield
