"""The worker thread: one asyncio loop for the whole life of the program, and the way onto it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from ui import crash

T = TypeVar("T")


class Worker:
    """`life` is entered on the loop before `start` returns, and left once every task has been cancelled."""

    def __init__(self, life: Callable[[], AbstractAsyncContextManager[None]]) -> None:
        self._life = life
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="vigil-worker")

    def start(self) -> None:
        """Start the thread; returns when its loop runs."""
        self._thread.start()
        self._ready.wait()

    def stop(self, within_s: float) -> None:
        """End the loop in order, and wait for it that long at most. Call once."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(within_s)

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(crash.in_loop)
        self._stop = asyncio.Event()
        async with self._life():
            self._ready.set()
            await self._stop.wait()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- crossing threads -----------------------------------------------------------------

    def keep(self, coroutine: Coroutine[Any, Any, None], name: str | None = None) -> None:
        """Run a coroutine until it ends or Vigil is left. On the loop only."""
        assert self._loop is not None
        task = self._loop.create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine until it ends or Vigil is left. Any thread."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self.keep, coroutine)

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine; the future gives what it returns or raises. Any thread."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def call(self, function: Callable[..., T], *args: Any) -> Future[T]:
        """Run `function` on the loop; the future gives what it returns or raises. Any thread."""
        assert self._loop is not None
        done: Future[T] = Future()

        def run() -> None:
            try:
                done.set_result(function(*args))
            except Exception as error:  # whatever it is belongs to the caller, not to the loop
                done.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return done
