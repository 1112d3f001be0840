"""Pairing on Linux: the agent through which BlueZ asks a person. Import it on Linux only.

Without an agent a read that needs an encrypted link never ends, and `pair()` fails at once. Desktops
bring one, bare window managers and small computers do not; Windows and macOS ask by themselves.

    if sys.platform == "linux":
        from devices.pairing import PairingAgent

        async with PairingAgent(ask, told):
            ...  # as long as devices may be paired: the whole run

`ask` shows the question and returns the answer, from whatever loop or thread it likes; it is cancelled
when the question no longer matters. `told` hears of pairings that came to nothing for want of an answer.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

# dbus-fast comes with bleak, on Linux only. It reads the annotations below, so they are not put off.
from dbus_fast import BusType, DBusError, Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusObjectPath, DBusStr, DBusUInt16, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method

from devices.questions import Ask, PairingKind, PairingQuestion
from monitor.language import tr
from monitor.trouble import Trouble

_log = logging.getLogger(__name__)

PATIENCE_S = 25.0
"""For the person's answer. The pairing itself ends after 30 s without a message (Core 5.4, volume 3,
part H, 3.4); an answer must come before that to be of use, and so must ours that there is none."""

BUS_S = 4.0
"""For an answer of the bus or of BlueZ, which take milliseconds. With the person's time it stays below
those 30 s."""

AGENT_PATH = "/org/vigil/agent"

CAPABILITY = "KeyboardDisplay"
"""A window can show a number and take one: all ways of pairing are possible."""

_BLUEZ, _MANAGER, _DEVICE = "org.bluez", "org.bluez.AgentManager1", "org.bluez.Device1"
_DBUS, _DBUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
_BLUEZ_COMES_OR_GOES = f"type='signal',sender='{_DBUS}',member='NameOwnerChanged',arg0='{_BLUEZ}'"


NO_BUS = Trouble(
    tr("Vigil could not offer to pair devices."),
    tr("Devices that must be paired cannot be; all others work."),
    tr("Pair them in the system's Bluetooth settings, or see that the computer's Bluetooth service runs."),
)
NOT_ACCEPTED = Trouble(
    tr("The computer's Bluetooth does not let Vigil ask about pairing."),
    tr("Devices that must be paired cannot be; all others work."),
    tr("Pair them in the system's Bluetooth settings."),
)
SILENT = Trouble(
    tr("The computer's Bluetooth service does not answer."),
    tr("Devices that must be paired cannot be now; others may not connect either."),
    tr("Switch Bluetooth off and on in the system's settings, or restart the computer."),
)
NO_ANSWER = Trouble(
    tr("Nobody answered the question about pairing in time."),
    tr("The device is not paired, and nothing is read from it."),
    tr(
        "Put the device into pairing mode again and answer within {patience_s:.0f} seconds.",
        patience_s=PATIENCE_S,
    ),
)


class PairingAgent:
    """BlueZ's agent for as long as it is open, also after BlueZ was restarted."""

    def __init__(
        self,
        ask: Ask,
        told: Callable[[Trouble], None] = lambda trouble: None,
        *,
        patience: float = PATIENCE_S,
        bus: float = BUS_S,
    ) -> None:
        """`patience`: seconds a person has for an answer; `bus`: seconds that the bus and BlueZ have."""
        self._ask = ask
        self._told = told
        self._patience = patience
        self._bus_s = bus
        self._bus: MessageBus | None = None
        self._asking: asyncio.Task[bool | int | None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Offer to pair. Where BlueZ does not run yet, as soon as it does.

        Raises Trouble where there is no system bus, or one that does not answer.
        """
        try:
            async with asyncio.timeout(self._bus_s):
                self._bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
            self._bus.export(AGENT_PATH, _Agent(self))
            self._bus.add_message_handler(self._bluez_came)
            await self._call(_DBUS, _DBUS_PATH, _DBUS, "AddMatch", "s", _BLUEZ_COMES_OR_GOES)
        except TimeoutError as error:
            await self.close()
            raise SILENT from error
        except (OSError, EOFError, DBusError) as error:
            await self.close()
            raise NO_BUS from error
        await self._register()

    async def close(self) -> None:
        """Take the offer back; an open question is cancelled. May be called twice."""
        self.give_up()
        bus, self._bus = self._bus, None
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if bus is not None:
            # BlueZ forgets an agent whose connection ends; nothing has to be undone.
            bus.disconnect()

    def give_up(self) -> None:
        """The open question no longer matters."""
        if self._asking is not None:
            self._asking.cancel()

    async def answer(self, kind: PairingKind, path: str, number: int | None = None) -> bool | int:
        """The person's answer. Raises DBusError, which BlueZ takes for a no, where there is none."""
        name, address = await self._who(path)
        self.give_up()
        question = PairingQuestion(kind, name, address, number)
        asking = self._asking = asyncio.ensure_future(_awaited(self._ask(question)))
        try:
            done, _ = await asyncio.wait({asking}, timeout=self._patience)
            if not done:
                if kind is not PairingKind.SHOW:
                    self._told(NO_ANSWER)
                raise _canceled()
            if asking.cancelled():
                raise _canceled()
            if (error := asking.exception()) is not None:
                _log.error("the question about pairing failed", exc_info=error)
                raise _canceled()
            answer = asking.result()
        finally:
            asking.cancel()
        if answer is None or answer is False:
            raise DBusError("org.bluez.Error.Rejected", tr("refused by the person"))
        return answer

    def show(self, path: str, number: int) -> None:
        """Show a number to be typed on the device; nothing waits for it."""

        async def show() -> None:
            with suppress(DBusError):
                await self.answer(PairingKind.SHOW, path, number)

        self._spawn(show())

    async def is_paired(self, path: str) -> bool:
        """Whether this device is paired already."""
        return (await self._properties(path)).get(tr("Paired")) is True

    def _bluez_came(self, message: Message) -> None:
        if message.member == "NameOwnerChanged" and message.body[0] == _BLUEZ and message.body[2]:
            self._spawn(self._register_once_ready())

    async def _register_once_ready(self) -> None:
        """BlueZ has its name on the bus a moment before it can be talked to."""
        for pause in _STARTING_S:
            await asyncio.sleep(pause)
            if await self._register():
                return
        self._told(NOT_ACCEPTED)

    async def _register(self) -> bool:
        """Become BlueZ's agent, and the one it asks first: implicit pairing asks no other.

        False where BlueZ is not there, or not yet. One that is there and refuses, or says nothing, is
        told of; it is asked again when it has been restarted.
        """
        path = f"/{_BLUEZ.replace('.', '/')}"
        for member, signature, body in (
            ("RegisterAgent", "os", (AGENT_PATH, CAPABILITY)),
            ("RequestDefaultAgent", "o", (AGENT_PATH,)),
        ):
            try:
                reply = await self._call(_BLUEZ, path, _MANAGER, member, signature, *body)
            except TimeoutError:
                self._told(SILENT)
                break
            if reply is None or reply.message_type is MessageType.ERROR:
                name = None if reply is None else reply.error_name
                if name in _NO_BLUEZ_YET:
                    return False
                _log.warning("BlueZ refused the pairing agent: %s", name)
                self._told(NOT_ACCEPTED)
                break
        return True

    async def _who(self, path: str) -> tuple[str, str]:
        properties = await self._properties(path)
        address = str(properties.get("Address") or path.rpartition("/dev_")[2].replace("_", ":"))
        return str(properties.get("Name") or address), address

    async def _properties(self, path: str) -> dict[str, Any]:
        try:
            reply = await self._call(_BLUEZ, path, "org.freedesktop.DBus.Properties", "GetAll", "s", _DEVICE)
        except TimeoutError:  # a device can be asked about without its name, and none counts as paired
            return {}
        if reply is None or reply.message_type is MessageType.ERROR:
            return {}
        return {name: value.value for name, value in reply.body[0].items()}

    async def _call(
        self, destination: str, path: str, interface: str, member: str, signature: str, *body: object
    ) -> Message | None:
        """The reply; None where there is no bus. Raises TimeoutError where none comes."""
        if self._bus is None:
            return None
        asked = Message(
            destination=destination,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
        )
        async with asyncio.timeout(self._bus_s):
            return await self._bus.call(asked)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work, name="pairing")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


_NO_BLUEZ_YET = frozenset(
    {
        "org.freedesktop.DBus.Error.ServiceUnknown",
        "org.freedesktop.DBus.Error.NameHasNoOwner",
        "org.freedesktop.DBus.Error.UnknownObject",
        "org.freedesktop.DBus.Error.UnknownMethod",
    }
)
"""Answers of a bus without BlueZ, or with one that is still starting."""

_STARTING_S = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Pauses before each attempt while BlueZ starts."""


class _Agent(ServiceInterface):
    """org.bluez.Agent1, as BlueZ calls it. What is missing (PIN codes of older devices) is refused."""

    def __init__(self, agent: PairingAgent) -> None:
        super().__init__("org.bluez.Agent1")
        self._agent = agent

    @dbus_method()
    async def RequestConfirmation(self, device: DBusObjectPath, passkey: DBusUInt32) -> None:
        await self._agent.answer(PairingKind.COMPARE, device, passkey)

    @dbus_method()
    async def RequestPasskey(self, device: DBusObjectPath) -> DBusUInt32:
        answer = await self._agent.answer(PairingKind.ENTER, device)
        if isinstance(answer, bool) or not 0 <= answer <= 999_999:
            raise DBusError("org.bluez.Error.Rejected", tr("not a number of six digits"))
        return answer

    @dbus_method()
    def DisplayPasskey(self, device: DBusObjectPath, passkey: DBusUInt32, entered: DBusUInt16) -> None:
        if entered == 0:  # it is called again for each digit typed
            self._agent.show(device, passkey)

    @dbus_method()
    async def RequestAuthorization(self, device: DBusObjectPath) -> None:
        await self._agent.answer(PairingKind.ALLOW, device)

    @dbus_method()
    async def AuthorizeService(self, device: DBusObjectPath, uuid: DBusStr) -> None:
        # A headset or keyboard that the person paired long before has nothing to do with Vigil.
        if not await self._agent.is_paired(device):
            raise DBusError("org.bluez.Error.Rejected", tr("not paired"))

    @dbus_method()
    def Cancel(self) -> None:
        self._agent.give_up()

    @dbus_method()
    def Release(self) -> None:
        self._agent.give_up()


def _canceled() -> DBusError:
    return DBusError("org.bluez.Error.Canceled", tr("no answer"))


async def _awaited(answer: Awaitable[bool | int | None]) -> bool | int | None:
    return await answer
