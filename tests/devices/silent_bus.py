"""A system bus that answers only what it is told to: everything else waits for ever."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from dbus_fast import Message
from dbus_fast._private.unmarshaller import Unmarshaller

FIXED = 16
"""Bytes of a message's header before its fields (D-Bus specification, "Message Format")."""


class SilentBus:
    """One server for one client; `answers` are the methods that get an empty reply."""

    def __init__(self, *answers: str) -> None:
        self.asked: list[str] = []
        self.left = asyncio.Event()
        """Set once the client has hung up."""
        self._answers = answers

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._answers:
                await self._let_in(reader, writer)
                while True:
                    await self._hear(reader, writer)
            await reader.read()
        except asyncio.IncompleteReadError:
            pass
        finally:
            self.left.set()
            writer.close()

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n")
        writer.write(b"OK 00112233445566778899aabbccddeeff\r\n")
        assert await reader.readuntil(b"\r\n") == b"BEGIN\r\n"

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fixed = await reader.readexactly(FIXED)
        body, fields = (int.from_bytes(fixed[at : at + 4], "little") for at in (4, 12))
        rest = await reader.readexactly(-(-fields // 8) * 8 + body)
        message = Unmarshaller(io.BytesIO(fixed + rest)).unmarshall()
        assert message is not None
        self.asked.append(message.member or "")
        if message.member in self._answers:
            named = ("s", [":1.7"]) if message.member == "Hello" else ("", [])
            reply = Message.new_method_return(message, *named)
            reply.serial = len(self.asked)
            writer.write(bytes(reply._marshall(False)))


@asynccontextmanager
async def silent_bus(path: Path, *answers: str) -> AsyncIterator[SilentBus]:
    """A bus at `path`; one without any answer does not even let a client in."""
    bus = SilentBus(*answers)
    async with await asyncio.start_unix_server(bus.serve, path):
        yield bus
