"""A real Bluetooth host without a radio: bluetoothd and a kernel in a tiny machine among virtual devices.

    bleak on this computer -- D-Bus -- bluetoothd -- kernel -- HCI -- virtual controller -- virtual devices
                                       \\_____ the machine _____/

Bleak is unmodified and finds the machine's org.bluez behind DBUS_SYSTEM_BUS_ADDRESS.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bumble import core, hci, ll
from bumble.controller import Controller
from bumble.link import LocalLink
from bumble.transport.common import Transport
from bumble.transport.unix import open_unix_client_transport
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from guest_image import Image

from devices.virtual.controller import VirtualController
from devices.virtual.radio import VirtualRadio

ADAPTER = "/org/bluez/hci0"
PROPERTIES = "org.freedesktop.DBus.Properties"

RELAY = Path(__file__).with_name("relay.py")

ADVERTISEMENT_BYTES = 31

BOOT_S = 90.0
"""For the machine to come up; 8 s on an idle computer."""

SOON_S = 15.0
"""For anything bluetoothd is asked to do to have happened."""

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <!-- bluetoothd speaks from inside the machine, where nobody has a user id of this computer -->
  <auth>ANONYMOUS</auth>
  <allow_anonymous/>
  <limit name="auth_timeout">120000</limit>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow eavesdrop="true"/>
    <allow send_type="method_call"/><allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/><allow receive_type="signal"/>
    <allow receive_type="method_return"/><allow receive_type="error"/>
  </policy>
</busconfig>
"""


class Air(VirtualRadio):
    """What virtual devices are attached to, as to a virtual radio; the central is the machine's.

    It has no backends: whoever opens bleak on it gets bleak's own.
    """

    def __init__(self) -> None:
        super().__init__()
        self._link = Link()
        self.scanner_backend = None  # type: ignore[assignment]  # the operating system's own
        self.client_backend = None  # type: ignore[assignment]

    @property
    def link(self) -> LocalLink:
        """What controllers hear each other through."""
        return self._link

    async def clear(self) -> None:
        """Switch off every device, whether its test did or not."""
        controllers = list(self._devices.values())
        await self.close()
        await asyncio.sleep(0)
        for controller in controllers:
            # One whose link ended just now was about to advertise again.
            controller.le_legacy_advertiser.stop()


class Link(LocalLink):
    """A link that knows under which of its addresses a controller talks.

    Linux scans under one that it makes up and connects under its own; Bumble's link takes the former
    for the sender of everything.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # its constructor alone is not annotated

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: core.PhysicalTransport,
        data: bytes,
    ) -> None:
        connection = sender_controller.le_connections.get(destination_address)
        receiver = self.find_le_controller(destination_address)
        if connection is not None and receiver is not None:
            source = connection.self_address
            asyncio.get_running_loop().call_soon(receiver.on_link_acl_data, source, transport, data)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        # What is sent to a device that has just been switched off is lost, and no fault of the sender's.
        with suppress(core.InvalidArgumentError):
            super().send_ll_control_pdu(sender_address, receiver_address, packet)


class HostController(VirtualController):
    """The controller that the machine's kernel drives."""

    # Bumble's controller announces that it resolves private addresses, and then does not.
    le_features = VirtualController.le_features & ~hci.LeFeatureMask.LL_PRIVACY

    def on_hci_reset_command(self, command: hci.HCI_Reset_Command) -> hci.HCI_StatusReturnParameters:
        """Core 7.3.2: forget everything. Bumble forgets nothing; the adapter would never be free again."""
        self.le_scan_enable = False
        self.pending_le_connection = None
        for connection in list(self.le_connections.values()):
            connection.send_ll_control_pdu(ll.TerminateInd(hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR))
        self.le_connections.clear()
        return super().on_hci_reset_command(command)

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Core 7.7.65.2: 31 bytes a report, or the kernel ignores it.

        Virtual devices put everything into one; real ones put the name into the scan response.
        """
        if isinstance(packet, hci.HCI_LE_Advertising_Report_Event):
            packet = hci.HCI_LE_Advertising_Report_Event(
                [replace(report, data=_part(report.data, report.event_type)) for report in packet.reports]
            )
        super().send_hci_packet(packet)


def _part(data: bytes, event_type: int) -> bytes:
    """What of advertising data goes into the advertisement or, if `event_type` says so, the scan response."""
    parts, rest = [b"", b""], data
    while rest:
        length = rest[0] + 1
        fits = not parts[1] and len(parts[0]) + length <= ADVERTISEMENT_BYTES
        parts[0 if fits else 1] += rest[:length]
        rest = rest[length:]
    return parts[event_type == hci.HCI_LE_Advertising_Report_Event.EventType.SCAN_RSP]


class BluezHost:
    """`async with BluezHost(image) as host:` the machine runs, its adapter is on, `host.air` is empty."""

    def __init__(self, image: Image, debug: bool = False) -> None:
        """`debug`: bluetoothd says all it does in `folder`/machine.log."""
        self._image = image
        self._debug = debug
        self._stack = AsyncExitStack()
        self.air = Air()
        self.folder = Path()
        self.bus_address = ""

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(BOOT_S):
                await self._start()
        except BaseException:
            log = self.folder / "machine.log"
            print(log.read_text(errors="replace")[-4000:] if log.exists() else "no log", file=sys.stderr)
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def order(self, what: str) -> None:
        """Have the machine do something: `unplug` and `plug` the adapter, `stop` and `start` bluetoothd."""
        self._orders.write(f"{what}\n".encode())
        async with asyncio.timeout(SOON_S):
            while (await self._answers.readline()).strip() != what.encode():
                pass

    async def power(self, on: bool) -> None:
        """Switch the adapter on or off, as a person does in the system's settings."""
        async with asyncio.timeout(SOON_S):
            wanted = ("org.bluez.Adapter1", "Powered", Variant("b", on))
            while await self._call(ADAPTER, PROPERTIES, "Set", "ssv", *wanted) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # refused while the adapter is still starting

    async def powered(self) -> None:
        """Wait until there is an adapter and it is on."""
        async with asyncio.timeout(SOON_S):
            while not (await self.properties(ADAPTER, "org.bluez.Adapter1")).get("Powered"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def devices(self) -> dict[str, dict[str, Any]]:
        """What bluetoothd knows of devices: object path -> properties of org.bluez.Device1."""
        reply = await self._call("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        if reply is None:
            return {}
        return {
            path: {name: value.value for name, value in interfaces["org.bluez.Device1"].items()}
            for path, interfaces in reply[0].items()
            if "org.bluez.Device1" in interfaces
        }

    async def forget_devices(self) -> None:
        """Remove every device and bond that bluetoothd knows; links end."""
        async with asyncio.timeout(SOON_S):
            # Some leave only once their link has ended, and one whose packet is on its way comes anew.
            while known := await self.devices():
                for path in known:
                    await self._call(ADAPTER, "org.bluez.Adapter1", "RemoveDevice", "o", path)
                await asyncio.sleep(0.05)

    async def properties(self, path: str, interface: str) -> dict[str, Any]:
        """The properties of an object, or none if it is not there."""
        reply = await self._call(path, PROPERTIES, "GetAll", "s", interface)
        return {} if reply is None else {name: value.value for name, value in reply[0].items()}

    async def _call(
        self, path: str, interface: str, member: str, signature: str = "", *body: Any
    ) -> list[Any] | None:
        """Ask bluetoothd; None where it refuses or is not there."""
        reply = await self._bus.call(
            Message(
                destination="org.bluez",
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=list(body),
            )
        )
        return None if reply is None or reply.message_type is MessageType.ERROR else reply.body

    # --- start and end ------------------------------------------------------------------------

    async def _start(self) -> None:
        # Sockets have short names at most; a test's own directory may be too deep.
        self.folder = Path(tempfile.mkdtemp(prefix="vigil-bluez-"))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        bus, line, orders = (self.folder / name for name in ("bus", "hci", "orders"))
        config = self.folder / "bus.conf"
        config.write_text(BUS.format(socket=bus))
        await self._spawn("dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile")
        await self._spawn(*self._machine(bus, line, orders))
        for socket in (bus, line, orders):
            while not socket.exists():  # noqa: ASYNC110 - another program makes it
                await asyncio.sleep(0.02)
        transport = await open_unix_client_transport(str(line))
        self._stack.push_async_callback(transport.close)
        self._join(transport)
        self._stack.push_async_callback(self.air.clear)
        self._answers, self._orders = await asyncio.open_unix_connection(str(orders))
        self._stack.callback(self._orders.close)
        await self._answers.readline()
        self.bus_address = f"unix:path={bus}"
        self._bus = await MessageBus(bus_address=self.bus_address).connect()
        self._stack.callback(self._bus.disconnect)
        before = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
        self._stack.callback(_set_bus, before)
        _set_bus(self.bus_address)
        await self.power(on=True)

    def _join(self, transport: Transport) -> None:
        """Put the machine's controller on the air."""
        controller = HostController("machine", self.air.link, "00:56:49:47:FF:FF")
        transport.source.set_packet_sink(controller)
        controller.host = transport.sink

    def _machine(self, bus: Path, line: Path, orders: Path) -> list[str]:
        debug = " bluetoothd.debug" if self._debug else ""
        # Under names that qemu reads as they are, wherever this checkout lies.
        python, relay = self.folder / "python", self.folder / RELAY.name
        python.symlink_to(sys.executable)
        shutil.copy(RELAY, relay)
        return [
            *("qemu-system-x86_64", "-machine", "pc", "-accel", "tcg", "-cpu", "max", "-m", "256"),
            *("-kernel", str(self._image.kernel), "-initrd", str(self._image.initrd)),
            *("-append", f"console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable no_timer_check{debug}"),
            *("-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio"),
            *("-device", "virtio-serial-pci"),
            *("-chardev", f"socket,id=hci,path={line},server=on,wait=off"),
            *("-device", "virtconsole,nr=0,chardev=hci"),
            *("-chardev", f"socket,id=orders,path={orders},server=on,wait=off"),
            *("-device", "virtserialport,nr=1,chardev=orders"),
            *("-netdev", f"user,id=net,restrict=on,guestfwd=tcp:10.0.2.100:5555-cmd:{python} {relay} {bus}"),
            *("-device", "virtio-net-pci,netdev=net,romfile="),
        ]

    async def _spawn(self, *command: str) -> None:
        with (self.folder / "machine.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._stack.push_async_callback(_end, process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()  # it holds nothing worth saving
    await process.wait()


def _set_bus(address: str | None) -> None:
    if address is None:
        os.environ.pop("DBUS_SYSTEM_BUS_ADDRESS", None)
    else:
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = address
