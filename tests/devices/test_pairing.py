"""The pairing agent where there is nothing to talk to; tests/real_bluez has the rest."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from monitor.trouble import Trouble

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="BlueZ is Linux's")


async def test_without_a_system_bus_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from devices.pairing import PairingAgent
    from devices.questions import PairingQuestion

    async def ask(question: PairingQuestion) -> bool:
        return True

    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    agent = PairingAgent(ask)
    with pytest.raises(Trouble, match="could not offer to pair"):
        await agent.start()
    await agent.close()
