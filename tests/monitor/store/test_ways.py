"""A secret is given up only when the one in its place is known: on a full disk, and without a log entry."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from monitor.entries import Body
from monitor.store import datadir, keys, ways
from monitor.store.keys import Locked
from monitor.store.system_keyring import get_secret
from monitor.trouble import Trouble


class HandKeyring(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:  # its parent's looks for settings in the environment
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def cheap_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MEMORY_KIB", 64)
    monkeypatch.setattr(keys, "TIME_COST", 1)


def in_the_log(told: list[Body]) -> ways.Record:
    return told.append


def unlocked(data_dir: Path, ring: HandKeyring) -> bytes:
    kept = keys.load(data_dir)
    return keys.unlock_with_secret(kept, "keyring", get_secret(ring, kept.in_keyring))


def test_a_new_recovery_code_is_handed_out_also_where_the_log_cannot_be_written(data_dir: Path) -> None:
    store, old = datadir.create_store(data_dir, passphrase="one two three")
    never: Future[None] = Future()
    told: list[Trouble] = []

    def record(body: Body) -> None:
        ways.entered(never)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ways, "ENTERED_S", 0.01)
        code = ways.new_recovery_code(store, record, told.append)
    assert told == [ways.NOT_LOGGED]
    assert keys.unlock_with_recovery(keys.load(data_dir), code) == store.key
    with pytest.raises(Locked):
        keys.unlock_with_recovery(keys.load(data_dir), old)
    store.close()


def test_the_secret_in_the_keyring_holds_until_the_new_one_is_kept(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring, told = HandKeyring(), list[Body]()
    store, _ = datadir.create_store(data_dir, keyring=ring)
    before = dict(ring.kept)

    def full(*of: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(keys, "save", full)
        with pytest.raises(Trouble, match="cannot be written"):
            ways.add_keyring(store, in_the_log(told), ring)
    assert (ring.kept, told) == (before, [])
    assert unlocked(data_dir, ring) == store.key
    ways.add_keyring(store, in_the_log(told), ring)
    assert unlocked(data_dir, ring) == store.key
    assert len(ring.kept) == 1
    assert ring.kept != before
    assert len(told) == 1
    store.close()


def test_an_older_keys_file_asks_the_keyring_by_the_name_of_its_store(data_dir: Path) -> None:
    ring = HandKeyring()
    store, _ = datadir.create_store(data_dir, keyring=ring)
    kept = keys.load(data_dir)
    assert (kept.keyring, kept.in_keyring) == ("", kept.store)
    assert unlocked(data_dir, ring) == store.key
    store.close()
