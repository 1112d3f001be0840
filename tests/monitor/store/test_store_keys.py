"""Every way to unlock gives the same key; wrong is told apart from damaged; the code on paper is sturdy."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends import fail

from monitor.store import datadir, keys, recovery
from monitor.store.datadir import Locked
from monitor.store.store import Store
from monitor.store.system_keyring import get_secret, is_real, put_secret
from monitor.trouble import Trouble

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class HandKeyring(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:  # its parent's looks for settings in the environment
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture(autouse=True)
def cheap_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MEMORY_KIB", 64)
    monkeypatch.setattr(keys, "TIME_COST", 1)
    monkeypatch.delenv("VIGIL_KEY_FILE", raising=False)


def test_the_passphrase_and_the_recovery_code_open_the_same_store(data_dir: Path) -> None:
    store, code = datadir.create_store(data_dir, passphrase="correct horse")
    store.create_log("s1", "session").result(10)
    store.close()
    by_passphrase = datadir.open_store(data_dir, passphrase="correct horse", readonly=True)
    by_code = datadir.open_store(data_dir, recovery_code=code.lower().replace("-", " "), readonly=True)
    for opened in (by_passphrase, by_code):
        assert [info.id for info in opened.logs()] == ["s1"]
        opened.close()


def test_the_same_passphrase_from_another_keyboard_opens_it(data_dir: Path) -> None:
    datadir.create_store(data_dir, passphrase="Z\u00fcrich")[0].close()
    datadir.open_store(data_dir, passphrase="Zu\u0308rich").close()


def test_wrong_is_told_apart_from_damaged(data_dir: Path) -> None:
    _, code = _closed(datadir.create_store(data_dir, passphrase="right"))
    with pytest.raises(Locked, match="passphrase does not fit"):
        datadir.open_store(data_dir, passphrase="wrong")
    swapped = code[1] + code[0] + code[2:] if code[0] != code[1] else "Z" + code[1:]
    with pytest.raises(Locked, match="group 1"):
        datadir.open_store(data_dir, recovery_code=swapped)
    with pytest.raises(Locked, match="code does not fit"):
        datadir.open_store(data_dir, recovery_code=recovery.write_code(bytes(20)))
    (data_dir / "vigil.db").write_bytes(b"x" * 4096)
    with pytest.raises(Trouble, match="damaged") as caught:
        datadir.open_store(data_dir, passphrase="right")
    assert not isinstance(caught.value, Locked)


def test_without_anything_a_store_is_locked_and_says_what_it_needs(data_dir: Path) -> None:
    _closed(datadir.create_store(data_dir, passphrase="right"))
    with pytest.raises(Locked) as caught:
        datadir.open_store(data_dir)
    assert "--key-file" in caught.value.two_lines()
    with pytest.raises(Locked, match="not set up"):
        datadir.open_store(data_dir, key_file=_key_file(data_dir.parent))


def test_a_key_file_is_made_used_and_found_by_its_variable(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_file = tmp_path / "key"
    _closed(datadir.create_store(data_dir, key_file=key_file))
    datadir.open_store(data_dir, key_file=key_file).close()
    monkeypatch.setenv("VIGIL_KEY_FILE", str(key_file))
    datadir.open_store(data_dir).close()
    with pytest.raises(Locked, match="key file does not fit"):
        datadir.open_store(data_dir, key_file=_key_file(tmp_path))
    with pytest.raises(Locked, match="missing or is no key file"):
        datadir.open_store(data_dir, key_file=tmp_path / "nowhere")


def test_a_demo_opens_without_asking_and_its_mark_cannot_be_forged(data_dir: Path, tmp_path: Path) -> None:
    datadir.create_demo(data_dir).close()
    datadir.open_or_create_demo(data_dir).close()
    assert datadir.is_demo(data_dir)
    text = (data_dir / "keys.json").read_text()
    (data_dir / "keys.json").write_text(text.replace('"demo": true', '"demo": false'))
    with pytest.raises(Locked):
        datadir.open_store(data_dir, key_file=data_dir / "demo.key")


def test_a_demo_is_never_written_into_a_real_record(data_dir: Path) -> None:
    _closed(datadir.create_store(data_dir, passphrase="right"))
    assert not datadir.is_demo(data_dir)
    with pytest.raises(Trouble, match="real record"):
        datadir.open_or_create_demo(data_dir)


def test_a_store_is_never_created_over_another(data_dir: Path) -> None:
    _closed(datadir.create_store(data_dir, passphrase="right"))
    for left in ("vigil.db", "keys.json"):
        with pytest.raises(Trouble, match="already a store"):
            datadir.create_store(data_dir, passphrase="other")
        (data_dir / left).unlink()
    assert not datadir.exists(data_dir)


def test_damaged_or_missing_keys_are_named(data_dir: Path) -> None:
    _closed(datadir.create_store(data_dir, passphrase="right"))
    (data_dir / "keys.json").write_text("{")
    with pytest.raises(Trouble, match=r"keys\.json"):
        datadir.open_store(data_dir, passphrase="right")
    (data_dir / "keys.json").unlink()
    with pytest.raises(Trouble, match=r"keys\.json"):
        datadir.open_store(data_dir, passphrase="right")


def test_keys_of_a_newer_version_are_left_alone(data_dir: Path) -> None:
    _closed(datadir.create_store(data_dir, passphrase="right"))
    keys.save(data_dir, msgspec.structs.replace(keys.load(data_dir), version=2))
    with pytest.raises(Trouble, match="newer Vigil"):
        datadir.open_store(data_dir, passphrase="right")


def test_an_empty_passphrase_creates_nothing(data_dir: Path) -> None:
    with pytest.raises(Trouble, match="empty"):
        datadir.create_store(data_dir, passphrase="")
    assert not datadir.exists(data_dir)


def test_a_keyring_keeps_a_secret_that_unwraps_the_key() -> None:
    backend = HandKeyring()
    made, key = keys.new_keys()
    made = keys.with_secret(made, "keyring", key, put_secret(backend, made.store))
    assert keys.unlock_with_secret(made, "keyring", get_secret(backend, made.store)) == key
    assert key.hex() not in backend.kept.values()
    with pytest.raises(Locked, match="keyring"):
        get_secret(backend, "another store")


def test_only_keyrings_of_the_system_are_real() -> None:
    assert not is_real(HandKeyring())
    assert not is_real(no_keyring())


def test_a_keyring_that_refuses_or_hangs_is_a_locked_store() -> None:
    released = threading.Event()

    class Hanging(HandKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            released.wait(30)
            return None

    with pytest.raises(Locked, match="keyring"):
        get_secret(Hanging(), "store", patience_s=0.05)
    released.set()
    with pytest.raises(Locked, match="keyring"):
        get_secret(no_keyring(), "store")


@given(st.binary(min_size=20, max_size=20))
def test_a_recovery_code_round_trips(secret: bytes) -> None:
    code = recovery.write_code(secret)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{5}-){7}[0-9A-HJKMNP-TV-Z]{5}", code)
    assert recovery.read_code(code) == secret
    assert recovery.read_code(code.replace("-", "").lower().replace("0", "o").replace("1", "l")) == secret


@given(st.binary(min_size=20, max_size=20), st.integers(0, 39), st.sampled_from(ALPHABET))
def test_a_wrong_character_is_found_and_its_group_named(secret: bytes, place: int, wrong: str) -> None:
    plain = recovery.write_code(secret).replace("-", "")
    slip = plain[:place] + wrong + plain[place + 1 :]
    if slip != plain:
        with pytest.raises(recovery.BadCode, match=f"group {place // 5 + 1} "):
            recovery.read_code(slip)


@given(st.binary(min_size=20, max_size=20), st.integers(0, 7), st.permutations(range(5)), st.integers(0, 7))
def test_swapped_characters_and_groups_are_found(
    secret: bytes, group: int, order: list[int], other: int
) -> None:
    groups = recovery.write_code(secret).split("-")
    exchanged = groups.copy()
    exchanged[group], exchanged[other] = groups[other], groups[group]
    if exchanged != groups and groups[group][:4] == groups[other][:4]:
        with pytest.raises(recovery.BadCode):
            recovery.read_code("-".join(exchanged))
    first, second = order[:2]
    letters = list(groups[group])
    letters[first], letters[second] = letters[second], letters[first]
    if "".join(letters) != groups[group]:
        with pytest.raises(recovery.BadCode):
            recovery.read_code("-".join([*groups[:group], "".join(letters), *groups[group + 1 :]]))


def no_keyring() -> KeyringBackend:
    backend: KeyringBackend = object.__new__(fail.Keyring)
    return backend


def _closed(made: tuple[Store, str]) -> tuple[Store, str]:
    made[0].close()
    return made


def _key_file(folder: Path) -> Path:
    path = folder / "another.key"
    path.write_text("ab" * 32 + "\n")
    return path
