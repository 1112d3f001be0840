"""Who decides how the record is kept, below the screens: one table, and two people for an erasure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from itertools import permutations
from pathlib import Path
from typing import Any

import argon2
import pytest
from practised import PINS, WRONG, Practised

from monitor import entries as e
from monitor.accounts import Proof
from monitor.store import keys
from monitor.trouble import Trouble
from ui.keeper import Keeper

WAIT = 20

Ask = Callable[[Keeper, Proof | None], Future[Any]]
DECISIONS: dict[str, Ask] = {
    "folder": lambda keeper, proof: keeper.set_folder("", proof),
    "periods": lambda keeper, proof: keeper.set_periods(30, 30, proof),
    "passphrase": lambda keeper, proof: keeper.add_passphrase("one two three four", proof),
    "way": lambda keeper, proof: keeper.remove_way("key_file", proof),
    "code": lambda keeper, proof: keeper.new_recovery_code(proof),
}
IN_A_DEMO = ("passphrase", "way")
"""What a demo refuses once it is known who asks: its record opens without a secret."""
DECIDED = (e.BackupFolderSet, e.KeepingSet, e.KeyChanged, e.ErasureDecided, e.SessionErased)


@pytest.fixture(autouse=True)
def cheap_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MEMORY_KIB", 64)
    monkeypatch.setattr(keys, "TIME_COST", 1)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practised]:
    made = Practised(tmp_path_factory.mktemp("keeping") / "data")
    yield made
    made.close()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Practised]:
    made = Practised(tmp_path / "data")
    yield made
    made.close()


def decided(there: Practised) -> list[str]:
    """Who has decided anything about keeping, in order."""
    return [entry.by for entry in there.practice_log() if isinstance(entry.body, DECIDED)]


@pytest.mark.parametrize("what", DECISIONS)
@pytest.mark.parametrize("short", PINS)
@pytest.mark.parametrize("pin", ["right", "wrong", "none"])
def test_an_administrator_decides_with_their_pin(there: Practised, what: str, short: str, pin: str) -> None:
    before, failed = decided(there), len(there.practice(e.PinFailed))
    proof = {"right": there.proof(short), "wrong": there.proof(short, WRONG), "none": None}[pin]
    future = DECISIONS[what](there.runtime.keeper, proof)
    if short == "ada" and pin == "right":
        if what in IN_A_DEMO:
            with pytest.raises(Trouble, match="demo"):
                future.result(WAIT)
        else:
            future.result(WAIT)
            assert decided(there) == [*before, f"administrator:{there.ids['ada']}"]
        return
    with pytest.raises(Trouble) as refused:
        future.result(WAIT)
    assert all((refused.value.happened, refused.value.meaning, refused.value.todo))
    assert decided(there) == before
    asked = short == "ada" and pin == "wrong"
    assert len(there.practice(e.PinFailed)) == failed + asked
    there.runtime.accounts.check(there.proof("ada"))  # so that no wait comes in the way of the next


@pytest.mark.parametrize("what", DECISIONS)
def test_without_people_the_room_decides(tmp_path: Path, what: str) -> None:
    there = Practised(tmp_path / "data", people=False)
    try:
        future = DECISIONS[what](there.runtime.keeper, None)
        if what in IN_A_DEMO:
            with pytest.raises(Trouble, match="demo"):
                future.result(WAIT)
        else:
            future.result(WAIT)
            assert decided(there) == ["administrator"]
    finally:
        there.close()


@pytest.mark.parametrize(("one", "other"), list(permutations(PINS, 2)))
def test_two_people_erase_and_one_of_them_has_the_right_to(alone: Practised, one: str, other: str) -> None:
    session = ended(alone)
    future = alone.runtime.keeper.erase(session, "asked for", (alone.proof(one), alone.proof(other)))
    if {one, other} == {"tom", "nia"}:
        with pytest.raises(Trouble, match="administrator or a physician"):
            future.result(WAIT)
        assert alone.store.kind(session) == "session"
        return
    assert future.result(WAIT).confirmed_by == (alone.ids[one], alone.ids[other])
    assert session not in [summary.id for summary in alone.runtime.sessions()]


@pytest.mark.parametrize("wrong", [0, 1])
def test_both_pins_have_to_be_right(alone: Practised, wrong: int) -> None:
    session = ended(alone)
    pins = [None, None]
    pins[wrong] = WRONG
    proofs = (alone.proof("ada", pins[0]), alone.proof("tom", pins[1]))
    with pytest.raises(Trouble, match="PIN is wrong"):
        alone.runtime.keeper.erase(session, "asked for", proofs).result(WAIT)
    assert alone.practice(e.PinFailed) == [e.PinFailed(person=proofs[wrong].person, count=1)]
    assert alone.practice(e.ErasureDecided) == []
    assert alone.store.kind(session) == "session"


def test_nobody_erases_alone_nor_with_somebody_unknown(alone: Practised) -> None:
    session = ended(alone)
    ada = alone.proof("ada")
    for other in (ada, Proof("p00000000", "271828")):
        with pytest.raises(Trouble, match=r"two different people|does not work here"):
            alone.runtime.keeper.erase(session, "asked for", (ada, other)).result(WAIT)


def test_a_pin_is_checked_beside_the_loop_and_told_while_a_backup_is_made(
    alone: Practised, tmp_path: Path
) -> None:
    checking, go_on, busy = threading.Event(), threading.Event(), threading.Event()

    class Slow(argon2.PasswordHasher):
        def verify(self, *given: object) -> bool:  # type: ignore[override]
            checking.set()
            assert go_on.wait(WAIT)
            raise argon2.exceptions.VerifyMismatchError

    alone.runtime.accounts._hasher = Slow()
    keeper = alone.runtime.keeper
    blocked = keeper._run(lambda: busy.wait(WAIT))
    try:
        asked = keeper.set_periods(30, 30, alone.proof("ada", WRONG))
        assert checking.wait(WAIT)
        before = alone.runtime._worker_ns
        alone.runtime.record(alone.session, e.NoteWritten(text="goes on")).result(WAIT)
        while alone.runtime._worker_ns == before:
            threading.Event().wait(0.01)
        assert not asked.done()
        go_on.set()
        with pytest.raises(Trouble, match="PIN is wrong"):
            asked.result(WAIT)
        assert not blocked.done()
    finally:
        go_on.set()
        busy.set()


def ended(there: Practised) -> str:
    there.runtime.record(there.session, e.SessionEnded()).result(WAIT)
    return there.session
