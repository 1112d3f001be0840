"""The pairing agent where there is nothing to talk to; tests/real_bluez has the rest."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

from monitor.trouble import Trouble

if sys.platform == "linux":
    from silent_bus import SilentBus, silent_bus

    from devices.pairing import SILENT, PairingAgent
    from devices.questions import PairingKind, PairingQuestion

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="BlueZ is Linux's")


async def ask(question: PairingQuestion) -> bool:
    return True


async def test_without_a_system_bus_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    agent = PairingAgent(ask)
    with pytest.raises(Trouble, match="could not offer to pair"):
        await agent.start()
    await agent.close()


SOON = 0.3
LET_IN = ("Hello",)
ON_THE_BUS = (*LET_IN, "AddMatch")
REGISTERED = (*ON_THE_BUS, "RegisterAgent", "RequestDefaultAgent")


@pytest.fixture
def answering(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., AbstractAsyncContextManager[SilentBus]]:
    """Makes the system's bus one that answers these methods and no others."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
    return partial(silent_bus, tmp_path / "bus")


@pytest.mark.parametrize("answers", [(), LET_IN], ids=["nothing", "the welcome"])
async def test_a_bus_that_falls_silent_is_given_up_in_words(
    answering: Callable[..., AbstractAsyncContextManager[SilentBus]], answers: tuple[str, ...]
) -> None:
    async with answering(*answers) as bus:
        with pytest.raises(Trouble) as told:
            await PairingAgent(ask, bus=SOON).start()
        assert told.value is SILENT
        await bus.left.wait()


async def test_a_bluetooth_service_that_does_not_answer_is_told_of_and_keeps_nobody_waiting(
    answering: Callable[..., AbstractAsyncContextManager[SilentBus]],
) -> None:
    told: list[Trouble] = []
    async with answering(*ON_THE_BUS) as bus, PairingAgent(ask, told.append, bus=SOON):
        assert bus.asked[-1] == "RegisterAgent"
        assert told == [SILENT]


async def test_a_device_whose_name_does_not_come_is_asked_about_by_its_address(
    answering: Callable[..., AbstractAsyncContextManager[SilentBus]],
) -> None:
    asked: list[PairingQuestion] = []

    async def note(question: PairingQuestion) -> bool:
        asked.append(question)
        return True

    path = "/org/bluez/hci0/dev_F0_00_00_00_04_17"
    async with answering(*REGISTERED), PairingAgent(note, bus=SOON) as agent:
        assert await agent.answer(PairingKind.ALLOW, path) is True
        assert not await agent.is_paired(path)
    assert [q.name for q in asked] == ["F0:00:00:00:04:17"]
