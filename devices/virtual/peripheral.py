"""What every virtual instrument shares: advertising, links that come and go, and streams of bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from bumble import att, core, hci
from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service

from devices.virtual.radio import VirtualRadio

READ = Characteristic.Properties.READ
WRITE = Characteristic.Properties.WRITE
WRITE_FAST = Characteristic.Properties.WRITE_WITHOUT_RESPONSE
NOTIFY = Characteristic.Properties.NOTIFY
INDICATE = Characteristic.Properties.INDICATE

DEVICE_INFORMATION = UUID.from_16_bits(0x180A)
_INFORMATION = {"manufacturer": 0x2A29, "model": 0x2A24, "serial": 0x2A25, "firmware": 0x2A26}

SMALLEST_MTU = 23
"""Notifications of at most 20 bytes: what the instruments modelled here agree to (dossier 2.2, 2.5)."""


def characteristic(
    uuid: UUID,
    properties: Characteristic.Properties,
    value: bytes | Callable[[], bytes] = b"",
    written: Callable[[bytes], None] | None = None,
    locked: bool = False,
) -> Characteristic[bytes]:
    """A characteristic with a fixed or computed value; `written` gets what a client writes.

    `locked`: for paired clients only.
    """

    # Bumble's server looks at encryption only; what is not allowed must be refused here.
    def read(_: object) -> bytes:
        if READ not in properties:
            raise att.ATT_Error(att.ErrorCode.READ_NOT_PERMITTED)
        return value() if callable(value) else value

    def write(_: object, data: bytes) -> None:
        if written is None:
            raise att.ATT_Error(att.ErrorCode.WRITE_NOT_PERMITTED)
        written(data)

    permissions = att.Attribute.READABLE | att.Attribute.WRITEABLE
    if locked:
        permissions |= att.Attribute.READ_REQUIRES_ENCRYPTION | att.Attribute.WRITE_REQUIRES_ENCRYPTION
    return Characteristic(uuid, properties, permissions, CharacteristicValue(read=read, write=write))


def device_information(**fields: str) -> Service:
    """The Device Information service; fields: manufacturer, model, serial, firmware."""
    return Service(
        DEVICE_INFORMATION,
        [
            characteristic(UUID.from_16_bits(_INFORMATION[key]), READ, text.encode())
            for key, text in fields.items()
        ],
    )


class Peripheral:
    """An instrument within range of `radio`. Advertises whenever it is on, near and not connected.

    `advertised` are service UUIDs, `manufacturer` company id -> data. One central at a time.
    """

    def __init__(
        self,
        radio: VirtualRadio,
        name: str,
        services: Sequence[Service],
        advertised: Iterable[UUID] = (),
        manufacturer: Mapping[int, bytes] | None = None,
        address: str | None = None,
        mtu: int = SMALLEST_MTU,
    ) -> None:
        self.name = name
        self._radio = radio
        self._services = services
        self._advertisement = _advertisement(name, list(advertised), manufacturer or {})
        self._address = address
        self._mtu = mtu
        self._device: Device | None = None
        self._connection: Connection | None = None
        self._near = True
        self._streams: dict[Characteristic[bytes], asyncio.Task[None]] = {}
        self._subscribed: dict[Characteristic[bytes], asyncio.Event] = {}

    @property
    def connected(self) -> bool:
        """Whether a central is linked."""
        return self._connection is not None

    @property
    def encrypted(self) -> bool:
        """Whether the link is encrypted, which takes pairing."""
        return self._connection is not None and self._connection.is_encrypted

    @property
    def address(self) -> str:
        """The Bluetooth address, once started."""
        return str(self._on().random_address).split("/")[0]

    async def start(self) -> None:
        """Switch on and advertise."""
        self._near = True
        device = self._device = await self._radio.attach(self.name, self._address)
        device.gatt_server.max_mtu = self._mtu
        device.add_services(self._services)
        device.advertising_data = self._advertisement
        device.on(Device.EVENT_CONNECTION, self._on_connection)
        await self._advertise()

    async def close(self) -> None:
        """Switch off; a link ends. May be called twice."""
        self._near = False
        self._stop_streams()
        device, self._device = self._device, None
        if device is not None:
            await self._radio.detach(device)

    async def drop(self) -> None:
        """End the link as a device does that has had enough; advertising resumes at once."""
        await self._disconnect(hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR)

    async def vanish(self) -> None:
        """Go out of range: the link times out, and nothing is advertised until `return_`."""
        self._near = False
        await self._on().stop_advertising()
        await self._disconnect(hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    async def return_(self) -> None:
        """Come back into range and advertise."""
        self._near = True
        await self._advertise()

    async def subscription(self, to: Characteristic[bytes]) -> None:
        """Wait until a central listens to this characteristic."""
        await self._subscribed[to].wait()

    def stream(
        self,
        to: Characteristic[bytes],
        every: float,
        produce: Callable[[], Iterable[bytes]],
        indicate: bool = False,
    ) -> None:
        """While a central listens, send what `produce` returns, at once and then every `every` s."""

        async def run() -> None:
            loop = asyncio.get_running_loop()
            due = loop.time()
            while True:
                for value in produce():
                    await (self.indicate if indicate else self.notify)(to, value)
                due = max(due + every, loop.time())
                await asyncio.sleep(due - loop.time())

        self.when_subscribed(to, run)

    def when_subscribed(self, to: Characteristic[bytes], run: Callable[[], Awaitable[None]] | None) -> None:
        """Start `run` when a central begins to listen, and cancel it when it no longer does."""
        self._subscribed[to] = asyncio.Event()

        async def running() -> None:
            if run is not None:
                await run()

        def changed(_bearer: object, notify: bool, indicate: bool) -> None:
            if task := self._streams.pop(to, None):
                task.cancel()
            if notify or indicate:
                self._subscribed[to].set()
                self._streams[to] = self._radio.spawn(running())
            else:
                self._subscribed[to].clear()

        to.on(Characteristic.EVENT_SUBSCRIPTION, changed)

    async def notify(self, to: Characteristic[bytes], value: bytes) -> None:
        """Send one notification, if a central is there and listens."""
        if self._connection is not None and self._device is not None:
            await self._device.notify_subscriber(self._connection, to, value)

    async def indicate(self, to: Characteristic[bytes], value: bytes) -> None:
        """Send one indication and wait for its confirmation, if a central is there and listens."""
        if self._connection is not None and self._device is not None:
            work = self._device.indicate_subscriber(self._connection, to, value)
            await self._connection.cancel_on_disconnection(work)

    def spawn(self, work: Awaitable[None]) -> None:
        """Do something that ends with the radio at the latest."""

        async def run() -> None:
            await work

        self._radio.spawn(run())

    def on_connected(self) -> None:
        """A central has linked; for families that keep state for one link."""

    def _on(self) -> Device:
        if self._device is None:
            raise RuntimeError(f"{self.name} is switched off")
        return self._device

    async def _advertise(self) -> None:
        if self._near and self._device is not None and self._connection is None:
            await self._device.start_advertising()

    async def _disconnect(self, reason: hci.HCI_ErrorCode) -> None:
        if self._connection is not None:
            with suppress(core.BaseError):  # the central was quicker
                await self._connection.disconnect(reason)

    def _on_connection(self, connection: Connection) -> None:
        self._connection = connection
        connection.on(Connection.EVENT_DISCONNECTION, self._on_disconnection)
        self.on_connected()

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = None
        self._stop_streams()
        self._radio.spawn(self._advertise())

    def _stop_streams(self) -> None:
        for task in self._streams.values():
            task.cancel()
        self._streams.clear()
        for event in self._subscribed.values():
            event.clear()


def _advertisement(name: str, services: list[UUID], manufacturer: Mapping[int, bytes]) -> bytes:
    """Advertising data. Not held to the 31 bytes of the standard: real devices put the name in the
    scan response, which Bumble's controller fills from here too."""
    kind = AdvertisingData.Type
    general_discoverable_le_only = b"\x06"
    parts: list[tuple[int, bytes]] = [(kind.FLAGS, general_discoverable_le_only)]
    short = b"".join(uuid.to_bytes() for uuid in services if len(uuid.to_bytes()) == 2)
    long = b"".join(uuid.to_bytes() for uuid in services if len(uuid.to_bytes()) == 16)
    if short:
        parts.append((kind.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, short))
    if long:
        parts.append((kind.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, long))
    for company, data in manufacturer.items():
        parts.append((kind.MANUFACTURER_SPECIFIC_DATA, company.to_bytes(2, "little") + data))
    parts.append((kind.COMPLETE_LOCAL_NAME, name.encode()))
    return bytes(AdvertisingData(parts))
