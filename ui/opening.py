"""How the record, the radio and the voice are opened: for real devices, or for a demo. No Qt."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.language import tr
from monitor.trouble import Trouble

if TYPE_CHECKING:
    from devices.scan import Radio
    from monitor.store.store import Store
    from ui.asking import Desk
    from ui.runtime import Runtime

# The store, bleak and the sound are imported where they are opened: on a thread of their own, after
# the window's first paint.


class NeedsPassphrase(Exception):
    """The record cannot be opened (or made) without one. `trouble` says what was wrong before."""

    def __init__(self, *, new: bool, trouble: Trouble | None = None) -> None:
        super().__init__(tr("a passphrase is needed"))
        self.new = new
        self.trouble = trouble


class Opening:
    """What to open, and the runtime once it is."""

    def __init__(
        self,
        data_dir: Path,
        *,
        demo: bool = False,
        key_file: Path | None = None,
        radio: Callable[[], AbstractAsyncContextManager[Radio]] | None = None,
        adapter: str | None = None,
        sound: str = "default",
        record_sound: Path | None = None,
        on_entry: Callable[..., None] | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.demo = demo
        self.runtime: Runtime | None = None
        self._key_file = key_file
        self._radio = radio
        self._adapter = adapter
        self._sound = sound
        self._record_sound = record_sound
        self._on_entry = on_entry
        self._opening = threading.Lock()
        self._closed = False
        self._failed = 0
        """Wrong passphrases so far; the practice log hears of them once it is open."""

    def open(
        self, passphrase: str | None, news: dict[str, Callable[..., None]], desk: Desk | None = None
    ) -> tuple[Runtime, str | None]:
        """Open everything; returns the runtime and, for a new record, its recovery code.

        `desk` shows what Bluetooth has to ask; without one all pairing is refused.

        Raises NeedsPassphrase or Trouble. Blocks on the disk: never on the GUI thread.
        """
        from ui.runtime import Runtime
        from ui.sound.voice import Voice

        with self._opening:
            store, recovery_code = self._store(passphrase)
            if self._closed:
                store.close()
                raise _left()
            voice = Voice.start(output=self._sound, record=self._record_sound)
            record = self._record_sound and self._record_sound.with_name(f"second-{self._record_sound.name}")
            try:
                runtime = Runtime(
                    store,
                    self._radio or partial(real_radio, desk, self._adapter),
                    voice=voice,
                    second_voice=partial(Voice.start, output=self._sound, record=record),
                    demo=self.demo,
                    failed_unlocks=self._failed,
                    **self._watched(news),
                )
            except BaseException:  # a damaged file may show only now
                voice.close()
                store.close()
                raise
            self._failed = 0
            self.runtime = runtime
            runtime.start()
        return runtime, recovery_code

    def close(self) -> None:
        """Stop what was opened, also where opening still goes on. Raises Trouble for entries unsaved."""
        self._closed = True
        with self._opening:
            runtime, self.runtime = self.runtime, None
        if runtime is not None:
            runtime.stop()

    def _watched(self, news: dict[str, Callable[..., None]]) -> dict[str, Any]:
        if self._on_entry is None:
            return news
        watch, tell = self._on_entry, news["on_entry"]

        def both(session: str, entry: object) -> None:
            watch(session, entry)
            tell(session, entry)

        return {**news, "on_entry": both}

    def _unlock(self, passphrase: str | None) -> Store:
        """What was typed may also be the recovery code from paper."""
        from monitor.store import datadir

        try:
            return datadir.open_store(self.data_dir, key_file=self._key_file, passphrase=passphrase)
        except datadir.Locked:
            if passphrase is None:
                raise
            with suppress(datadir.Locked):
                return datadir.open_store(self.data_dir, recovery_code=passphrase)
            raise

    def _store(self, passphrase: str | None) -> tuple[Store, str | None]:
        from monitor.store import datadir
        from monitor.store.system_keyring import system_keyring

        if self.demo:
            return datadir.open_or_create_demo(self.data_dir), None
        if datadir.exists(self.data_dir):
            try:
                return self._unlock(passphrase), None
            except datadir.Locked as locked:
                self._failed += bool(passphrase)
                trouble = None if passphrase is None else locked
                raise NeedsPassphrase(new=False, trouble=trouble) from locked
        if self._key_file is None and not passphrase:
            raise NeedsPassphrase(new=True)
        return datadir.create_store(
            self.data_dir, key_file=self._key_file, passphrase=passphrase, keyring=system_keyring()
        )


def _left() -> Trouble:
    return Trouble(
        tr("Vigil was closed while it opened the record."), tr("Nothing was recorded."), tr("Start it again.")
    )


@asynccontextmanager
async def real_radio(desk: Desk | None = None, adapter: str | None = None) -> AsyncIterator[Radio]:
    """The computer's own Bluetooth; `desk` answers when a device is to be paired.

    `adapter`: which one on Linux, e.g. "hci1"; None for the system's choice.
    """
    from devices.scan import Radio
    from ui.asking import Desk, pairing

    async with pairing(desk or Desk()):
        yield Radio(adapter=adapter)
