"""The right to connect: one at a time, and whoever waits shortens the patience of who has it."""

from __future__ import annotations

import asyncio

import pytest

from devices.turn import Turn

EVER = 3600.0


async def kept(turn: Turn, alone: float, contested: float, began: asyncio.Event | None = None) -> None:
    """Have the turn until it is taken away."""
    async with turn.taken(alone, contested):
        if began is not None:
            began.set()
        await asyncio.Event().wait()


async def test_alone_one_may_be_patient() -> None:
    turn = Turn()
    with pytest.raises(TimeoutError):
        await kept(turn, 0.02, 0.0)


async def test_who_comes_later_shortens_the_patience() -> None:
    turn, began = Turn(), asyncio.Event()
    first = asyncio.create_task(kept(turn, EVER, 0.02, began))
    await began.wait()
    async with turn.taken(EVER, EVER):
        assert first.done()
    with pytest.raises(TimeoutError):
        await first


async def test_who_waits_already_shortens_the_patience_of_the_next() -> None:
    turn = Turn()
    async with turn.taken(EVER, EVER):
        waiting = [asyncio.create_task(kept(turn, EVER, 0.01)), asyncio.create_task(kept(turn, 0.01, EVER))]
        await asyncio.sleep(0)
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(error) for error in ended] == [TimeoutError, TimeoutError]


async def test_giving_up_while_waiting_hurries_nobody() -> None:
    turn = Turn()
    async with turn.taken(EVER, EVER):
        gives_up = asyncio.create_task(kept(turn, EVER, EVER))
        await asyncio.sleep(0)
        gives_up.cancel()
        await asyncio.wait([gives_up])
    async with turn.taken(EVER, 0.0):
        await asyncio.sleep(0)


async def test_a_failure_passes_the_turn_on() -> None:
    turn = Turn()
    with pytest.raises(ZeroDivisionError):
        async with turn.taken(EVER, EVER):
            raise ZeroDivisionError
    async with turn.taken(EVER, EVER):
        pass
