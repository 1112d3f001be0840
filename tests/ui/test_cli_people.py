"""`vigil new-pin`: back in with the recovery code where the only administrator forgot their PIN."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor import entries as e
from monitor.accounts import Accounts, Proof, WrongPin
from monitor.clock import SystemClock
from monitor.practice import PracticeLog
from monitor.store import datadir
from monitor.store.store import Store
from monitor.trouble import Trouble
from ui.cli import app

ADA, OLD, NEW = "p00000001", "271828", "314159"


@pytest.fixture
def record(tmp_path: Path) -> tuple[Path, str]:
    """A closed record with one administrator; its place and its recovery code."""
    place = tmp_path / "data"
    store, code = datadir.create_store(place, key_file=tmp_path / "the.key")
    practice = PracticeLog(store, SystemClock())
    practice.record(e.PersonAdded(person=ADA, name="Ada Ruíz", roles=("administrator",)))
    Accounts(store, practice.people, SystemClock()).set_pin(ADA, OLD)
    practice.record(e.PinSet(person=ADA), f"administrator:{ADA}")
    store.close()
    return place, code


def new_pin(place: Path, name: str, *typed: str) -> str:
    words = ["new-pin", name, "--data", str(place)]
    return CliRunner().invoke(app, words, input="\n".join(typed) + "\n", catch_exceptions=False).output


def opened(place: Path) -> Store:
    return datadir.open_store(place, key_file=place.with_name("the.key"))


def test_the_recovery_code_sets_a_new_pin_and_the_practice_log_says_so(record: tuple[Path, str]) -> None:
    place, code = record
    said = new_pin(place, "ada  ruíz", code, NEW, NEW)
    assert said.endswith("Ada Ruíz has a new PIN.\n")
    assert NEW not in said
    assert code not in said
    store = opened(place)
    try:
        practice = PracticeLog(store, SystemClock())
        assert practice.people.all[ADA].pin_by == "vigil"
        accounts = Accounts(store, practice.people, SystemClock())
        accounts.check(Proof(ADA, NEW))
        with pytest.raises(WrongPin):
            accounts.check(Proof(ADA, OLD))
    finally:
        store.close()


@pytest.mark.parametrize("code", ["", "not the code", "0000-0000-0000-0000"])
def test_nothing_else_opens_it(record: tuple[Path, str], code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, _ = record
    monkeypatch.setenv("VIGIL_KEY_FILE", str(place.with_name("the.key")))
    if code:
        with pytest.raises(Trouble):
            new_pin(place, "Ada Ruíz", code, NEW, NEW)
    else:
        assert "new PIN" not in new_pin(place, "Ada Ruíz", code)
    store = opened(place)
    try:
        people = PracticeLog(store, SystemClock()).people
        Accounts(store, people, SystemClock()).check(Proof(ADA, OLD))
    finally:
        store.close()


def test_a_name_nobody_has_and_a_pin_that_is_none_are_told(record: tuple[Path, str]) -> None:
    place, code = record
    with pytest.raises(Trouble, match="Nobody of this name"):
        new_pin(place, "Eve", code, NEW, NEW)
    with pytest.raises(Trouble, match="guessed"):
        new_pin(place, "Ada Ruíz", code, "1234", "1234")
