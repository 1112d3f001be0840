"""bleak 3.1's scanner and client, spoken to a virtual radio instead of an operating system.

Unlike BlueZ these show the GAP and GATT services, negotiate the MTU, and cache nothing between
connections. bleak does not promise this seam to be stable: see the pin in pyproject.toml.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from bleak.args import SizedBuffer
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import att, core, hci
from bumble.core import AdvertisingData
from bumble.device import Advertisement, Connection, Peer
from bumble.gatt import Characteristic

if TYPE_CHECKING:
    from devices.virtual.radio import VirtualRadio

T = TypeVar("T")

MTU = 517
"""What the central offers, as Windows and macOS do; the peripheral decides."""

_PROPERTIES: dict[Characteristic.Properties, CharacteristicPropertyName] = {
    Characteristic.Properties.BROADCAST: "broadcast",
    Characteristic.Properties.READ: "read",
    Characteristic.Properties.WRITE_WITHOUT_RESPONSE: "write-without-response",
    Characteristic.Properties.WRITE: "write",
    Characteristic.Properties.NOTIFY: "notify",
    Characteristic.Properties.INDICATE: "indicate",
    Characteristic.Properties.AUTHENTICATED_SIGNED_WRITES: "authenticated-signed-writes",
    Characteristic.Properties.EXTENDED_PROPERTIES: "extended-properties",
}


def uuid_text(of: core.UUID) -> str:
    """A UUID of any length in bleak's form: 128 bits, lower case, with dashes."""
    return str(uuid.UUID(bytes=of.to_bytes(force_128=True)[::-1]))


def address_text(address: hci.Address) -> str:
    """An address in bleak's form, without Bumble's suffix for its type."""
    return address.to_string(with_type_qualifier=False)


def cancelled_by_caller() -> bool:
    """Whether a CancelledError is ours to pass on, or only says that what we waited for has ended."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class VirtualScanner(BaseBleakScanner):
    """Hears what is advertised on `radio`. `bluez=` and `cb=` mean nothing here."""

    radio: ClassVar[VirtualRadio]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None = None,
        service_uuids: list[str] | None = None,
        scanning_mode: Literal["active", "passive"] = "active",
        **_platform: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode == "active"

    async def start(self) -> None:
        """Raises BleakBluetoothNotAvailableError if the radio is off."""
        self.seen_devices = {}
        await self.radio.listen(self._heard, self._active)

    async def stop(self) -> None:
        """Does nothing if not scanning."""
        await self.radio.unlisten(self._heard)

    def _heard(self, advertisement: Advertisement) -> None:
        seen = _advertisement_data(advertisement)
        if not self.is_allowed_uuid(seen.service_uuids):
            return
        address = address_text(advertisement.address)
        device = self.create_or_update_device(address, address, seen.local_name, advertisement.address, seen)
        self.call_detection_callbacks(device, seen)


def _advertisement_data(advertisement: Advertisement) -> AdvertisementData:
    kind, data = AdvertisingData.Type, advertisement.data
    # Bumble repeats the data in the scan response, so every list comes twice.
    uuids = dict.fromkeys(
        uuid_text(service)
        for listed in (
            *data.get_all(kind.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS),
            *data.get_all(kind.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS),
            *data.get_all(kind.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS),
            *data.get_all(kind.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS),
        )
        for service in listed
    )
    return AdvertisementData(
        local_name=data.get(kind.COMPLETE_LOCAL_NAME) or data.get(kind.SHORTENED_LOCAL_NAME),
        manufacturer_data=dict(data.get_all(kind.MANUFACTURER_SPECIFIC_DATA)),
        service_data={
            uuid_text(service): value for service, value in data.get_all(kind.SERVICE_DATA_16_BIT_UUID)
        },
        service_uuids=list(uuids),
        tx_power=data.get(kind.TX_POWER_LEVEL),
        rssi=advertisement.rssi,
        platform_data=(advertisement,),
    )


class VirtualClient(BaseBleakClient):
    """A link to one peripheral of `radio`. `bluez=` and `winrt=` mean nothing here."""

    radio: ClassVar[VirtualRadio]

    def __init__(
        self, address_or_ble_device: BLEDevice | str, services: Iterable[str] | None = None, **options: Any
    ) -> None:
        super().__init__(
            address_or_ble_device,
            disconnected_callback=options.get("disconnected_callback"),
            timeout=options["timeout"],
        )
        known = address_or_ble_device if isinstance(address_or_ble_device, BLEDevice) else None
        self._target: hci.Address | None = known.details if known else None
        self._name = known.name if known else None
        self._wanted = None if services is None else frozenset(services)
        self._connection: Connection | None = None
        self._peer: Peer | None = None
        self._subscriptions: dict[int, Callable[[bytes], None]] = {}
        self._requests: set[asyncio.Task[Any]] = set()

    @property
    def name(self) -> str:
        """The advertised name, or the address with dashes."""
        return self._name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """The negotiated ATT MTU in bytes; 23 while not connected."""
        return self._peer.gatt_client.mtu if self._peer else att.ATT_DEFAULT_MTU

    @property
    def is_connected(self) -> bool:
        """Whether the link is up."""
        return self._connection is not None

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        """Connect and discover. Raises TimeoutError, BleakDeviceNotFoundError (an address given
        as text that is not advertised) or BleakError (already connected, lost while discovering).
        """
        if self.is_connected:
            raise BleakError("Client is already connected")
        async with asyncio.timeout(kwargs.get("timeout", self._timeout)):
            self._target = self._target or await self._find()
            connection = await self.radio.connect(self._target)
            connection.on(Connection.EVENT_DISCONNECTION, self._on_gone)
            self._connection, self._peer = connection, Peer(connection)
            try:
                if pair:
                    await self.pair()
                self.services = await self._request(self._discover(self._peer))
            except BaseException:
                # Not awaited: whoever gave up need not wait for the peripheral to agree.
                self.radio.spawn(self.disconnect())
                raise

    async def _find(self) -> hci.Address:
        """The peripheral that advertises our address, heard within half the time given."""
        found: asyncio.Future[hci.Address] = asyncio.get_running_loop().create_future()

        def heard(advertisement: Advertisement) -> None:
            if address_text(advertisement.address) == self.address.upper() and not found.done():
                found.set_result(advertisement.address)

        await self.radio.listen(heard)
        try:
            return await asyncio.wait_for(found, self._timeout / 2)
        except TimeoutError:
            raise BleakDeviceNotFoundError(
                self.address, f"Device with address {self.address} was not found"
            ) from None
        finally:
            await self.radio.unlisten(heard)

    async def _discover(self, peer: Peer) -> BleakGATTServiceCollection:
        await peer.request_mtu(MTU)
        found = BleakGATTServiceCollection()
        for service in await peer.discover_services():
            service_uuid = uuid_text(service.uuid)
            if self._wanted is not None and service_uuid not in self._wanted:
                continue
            ours = BleakGATTService(service, service.handle, service_uuid)
            found.add_service(ours)
            for characteristic in await service.discover_characteristics():
                theirs = BleakGATTCharacteristic(
                    characteristic,
                    characteristic.handle,
                    uuid_text(characteristic.uuid),
                    [name for bit, name in _PROPERTIES.items() if characteristic.properties & bit],
                    lambda: self.mtu_size - 3,
                    ours,
                )
                found.add_characteristic(theirs)
                for descriptor in await characteristic.discover_descriptors():
                    found.add_descriptor(
                        BleakGATTDescriptor(descriptor, descriptor.handle, uuid_text(descriptor.type), theirs)
                    )
        return found

    def _on_gone(self, _reason: int) -> None:
        self._connection = self._peer = self.services = None
        self._subscriptions.clear()
        for request in self._requests:
            request.cancel()
        if self._disconnected_callback:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        """Does nothing if not connected."""
        if self._connection is not None:
            with suppress(core.BaseError):  # it has just gone by itself
                await asyncio.shield(self.radio.spawn(self._connection.disconnect()))

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        """Bond without input or output ("just works"). Raises BleakError if refused."""
        await self._request(self._connected().pair())

    async def unpair(self) -> None:
        """Forget the bond and disconnect."""
        if self._target is not None and self.radio.central.keystore is not None:
            with suppress(KeyError):
                await self.radio.central.keystore.delete(str(self._target))
        await self.disconnect()

    def _connected(self) -> Connection:
        if self._connection is None:
            raise BleakError("Not connected")
        return self._connection

    async def _request(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a GATT procedure to its end, even if the caller stops waiting for it.

        ATT allows one request at a time: an abandoned one would leave its answer to be taken for
        that of the next. Raises BleakGATTProtocolError for an answer that is an error, BleakError
        if the link ends.
        """
        if self._connection is None:
            work.close()
            raise BleakError("Not connected")
        task = self.radio.spawn(work)
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)
        try:
            return await asyncio.shield(task)
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from error
        except core.BaseBumbleError as error:
            raise BleakError(f"{type(error).__name__}: {error}") from error
        except asyncio.CancelledError:
            if cancelled_by_caller():
                raise
            raise BleakError("The link was lost") from None

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        """Nothing is cached: `use_cached` reads like any other."""
        return bytearray(await self._request(characteristic.obj.read_value()))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        """Nothing is cached: `use_cached` reads like any other."""
        return bytearray(await self._request(descriptor.obj.read_value()))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        """With `response`, returns when the peripheral has accepted the bytes."""
        await self._request(characteristic.obj.write_value(bytes(data), with_response=response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Returns when the peripheral has accepted the bytes."""
        await self._request(descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        """Notifications where the characteristic has both. Raises BleakError if it has neither."""
        if characteristic.handle in self._subscriptions:
            raise BleakError("Characteristic notifications already started")
        if not {"notify", "indicate"}.intersection(characteristic.properties):
            raise BleakError("The characteristic neither notifies nor indicates")

        def received(value: bytes) -> None:
            callback(bytearray(value))

        await self._request(characteristic.obj.subscribe(received))
        self._subscriptions[characteristic.handle] = received

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Does nothing if not subscribed."""
        subscription = self._subscriptions.pop(characteristic.handle, None)
        if subscription is not None:
            await self._request(characteristic.obj.unsubscribe(subscription))
