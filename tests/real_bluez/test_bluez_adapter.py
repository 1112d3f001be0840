"""What happens to the computer's Bluetooth itself: switched off, unplugged, its service restarted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bluez_host import Air, BluezHost
from link_bench import Ear, Instrument, Tiny, make_hub

from devices.hub import Hub
from devices.link import LinkPhase
from monitor.trouble import Trouble

LIVE, LOST = LinkPhase.LIVE, LinkPhase.LOST

Eventually = Callable[..., Awaitable[None]]

WITHIN_S = 30.0
"""For a link to come back: a scan that has died is begun anew after a pause."""


async def live(hub: Hub, ear: Ear, instrument: Instrument) -> None:
    """One device assigned, and read."""
    hub.assign("a", instrument.address, Tiny)
    await instrument.say(bytes([97, 61]))
    await ear.reading(97)


async def read_again(eventually: Eventually, ear: Ear, instrument: Instrument) -> None:
    """The link has come back by itself, and carries values."""
    await eventually(lambda: ear.states()[-1].state is LIVE and instrument.connected, WITHIN_S)
    await instrument.say(bytes([96, 62]))
    await ear.reading(96)


async def test_an_adapter_switched_off_and_on(
    bluez: BluezHost, hub: Hub, ear: Ear, instrument: Instrument, eventually: Eventually
) -> None:
    await live(hub, ear, instrument)
    await bluez.power(on=False)
    await ear.phase(LOST)
    await eventually(lambda: "switched off" in ear.states()[-1].reason, WITHIN_S)
    await bluez.power(on=True)
    await read_again(eventually, ear, instrument)


async def test_an_adapter_that_is_off_from_the_start(
    bluez: BluezHost, radio: Air, ear: Ear, instrument: Instrument, eventually: Eventually
) -> None:
    told: list[Trouble | None] = []
    await bluez.power(on=False)
    hub = make_hub(radio, ear, on_trouble=told.append)
    await hub.start()
    assert hub.trouble is not None
    assert hub.trouble.happened == "Bluetooth is switched off."
    hub.assign("a", instrument.address, Tiny)
    await bluez.power(on=True)
    await ear.phase(LIVE)
    assert told[-1] is None
    await hub.close()


async def test_an_adapter_pulled_out_and_put_back(
    bluez: BluezHost, hub: Hub, ear: Ear, instrument: Instrument, eventually: Eventually
) -> None:
    await live(hub, ear, instrument)
    await bluez.order("unplug")
    await ear.phase(LOST)
    await eventually(lambda: hub.trouble is not None, WITHIN_S)
    await bluez.order("plug")
    await read_again(eventually, ear, instrument)
    assert hub.trouble is None


async def test_bluetoothd_restarted(
    bluez: BluezHost, hub: Hub, ear: Ear, instrument: Instrument, eventually: Eventually
) -> None:
    await live(hub, ear, instrument)
    await bluez.order("stop")
    await ear.phase(LOST)
    await eventually(lambda: hub.trouble is not None, WITHIN_S)
    assert hub.trouble is not None
    assert "Bluetooth" in hub.trouble.happened
    await bluez.order("start")
    await read_again(eventually, ear, instrument)
    assert hub.trouble is None
