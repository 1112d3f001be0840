"""Opening the record: by passphrase, by the code from paper, and not by anything else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.scan import Radio
from devices.virtual.radio import VirtualRadio
from monitor.codec import unseal
from monitor.entries import UnlockFailed
from monitor.practice import PRACTICE_LOG
from monitor.store.datadir import open_store
from ui.opening import NeedsPassphrase, Opening

PASSPHRASE = "a whole sentence"


@asynccontextmanager
async def empty_air() -> AsyncIterator[Radio]:
    """Bluetooth that works, and nobody there."""
    radio = VirtualRadio()
    await radio.start()
    yield Radio(radio.scanner_backend, radio.client_backend)
    await radio.close()


@pytest.fixture
def opening(tmp_path: Path) -> Iterator[Opening]:
    opening = Opening(tmp_path / "data", radio=empty_air, sound="null")
    yield opening
    opening.close()


@pytest.fixture
def recovery_code(tmp_path: Path) -> str:
    """Of a record that was made in `tmp_path` and closed again."""
    first = Opening(tmp_path / "data", radio=empty_air, sound="null")
    _, code = first.open(PASSPHRASE, {})
    first.close()
    assert code is not None
    return code


def test_a_new_record_needs_a_passphrase_and_gives_a_recovery_code(opening: Opening) -> None:
    with pytest.raises(NeedsPassphrase) as need:
        opening.open(None, {})
    assert need.value.new
    _, code = opening.open(PASSPHRASE, {})
    assert code


def test_the_passphrase_opens_it_again(opening: Opening, recovery_code: str) -> None:
    _, code = opening.open(PASSPHRASE, {})
    assert code is None


def test_the_recovery_code_from_paper_opens_it_too(opening: Opening, recovery_code: str) -> None:
    runtime, _ = opening.open(recovery_code.lower(), {})
    assert runtime.sessions() == []


def test_anything_else_is_refused_and_counted(opening: Opening, recovery_code: str) -> None:
    for wrong in ("a whole sentience", recovery_code[:-1]):
        with pytest.raises(NeedsPassphrase) as need:
            opening.open(wrong, {})
        assert need.value.trouble is not None
    runtime, _ = opening.open(PASSPHRASE, {})
    opening.close()
    bodies = practice_log(opening.data_dir)
    assert UnlockFailed(count=2) in bodies
    assert runtime.live == {}


def practice_log(data_dir: Path) -> list[object]:
    store = open_store(data_dir, passphrase=PASSPHRASE, readonly=True)
    bodies = [unseal(s.data)[0].body for s in store.read(PRACTICE_LOG)]
    store.close()
    return list(bodies)
