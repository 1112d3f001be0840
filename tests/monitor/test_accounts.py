"""Accounts: a PIN proves who somebody is, is nowhere to be read, and wrong ones slow down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import entries as e
from monitor.accounts import DELAYS_S, Accounts, Proof, TooSoon, WrongPin, delay_s, weak
from monitor.clock import HandClock
from monitor.people import People
from monitor.store.store import Store
from monitor.trouble import Trouble

ANA, PIN, WRONG = "p3f2a9c1d", "271828", "314159"
QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Practice:
    """One store with Ana's account, and a clock moved by hand."""

    def __init__(self, data_dir: Path) -> None:
        self.clock = HandClock()
        self.store = Store.create(data_dir, bytes(32))
        self.people = People()
        self.people.apply(e.PersonAdded(person=ANA, name="Ana Ruiz", roles=("therapist",)))
        self.accounts = self.open()
        self.accounts.set_pin(ANA, PIN).result(5)

    def open(self, hasher: argon2.PasswordHasher | None = QUICK) -> Accounts:
        return Accounts(self.store, self.people, self.clock, hasher)

    def fail(self, times: int) -> None:
        """Wrong PINs, each as soon as it may be tried."""
        for _ in range(times):
            self.clock.advance(self.accounts.wait_s(ANA))
            with pytest.raises(WrongPin):
                self.accounts.check(Proof(ANA, WRONG))


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    made = Practice(tmp_path / "data")
    yield made
    made.store.close()


def test_the_right_pin_is_taken_and_another_is_not(practice: Practice) -> None:
    practice.accounts.check(Proof(ANA, PIN))
    with pytest.raises(WrongPin) as wrong:
        practice.accounts.check(Proof(ANA, WRONG))
    assert (wrong.value.person, wrong.value.count) == (ANA, 1)
    with pytest.raises(WrongPin):
        practice.accounts.check(Proof(ANA, ""))


def test_the_costs_are_those_of_the_records_own_passphrase(practice: Practice) -> None:
    real = practice.open(hasher=None)
    real.set_pin(ANA, PIN)
    assert real.of(ANA).pin.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    real.check(Proof(ANA, PIN))


def test_a_proof_shows_nothing_of_the_pin() -> None:
    proof = Proof(ANA, PIN)
    assert PIN not in repr(proof) + str(proof) + f"{proof}"


def test_no_refusal_shows_anything_of_the_pin(practice: Practice) -> None:
    for pin in (WRONG, "1234", "31x"):
        with pytest.raises(Trouble) as refused:
            practice.accounts.check(Proof(ANA, pin))
        assert pin not in refused.value.two_lines() + repr(refused.value)
        assert refused.value.__context__ is None or refused.value.__suppress_context__


def test_the_first_wrong_ones_are_free_and_then_it_takes_longer_each_time(practice: Practice) -> None:
    waited = []
    for _ in range(9):
        waited.append(practice.accounts.wait_s(ANA))
        practice.fail(1)
    assert waited == [0, 0, 0, 0, 5, 15, 60, 300, 300]
    assert waited == sorted(waited)


def test_while_it_waits_nothing_is_tried_and_nothing_counts(practice: Practice) -> None:
    practice.fail(4)
    for pin in (PIN, WRONG):
        with pytest.raises(TooSoon, match="wait 5 s"):
            practice.accounts.check(Proof(ANA, pin))
    practice.clock.advance(4.5)
    with pytest.raises(TooSoon, match="wait 1 s"):
        practice.accounts.check(Proof(ANA, PIN))
    assert practice.accounts.of(ANA).failures == 4
    practice.clock.advance(0.5)
    practice.accounts.check(Proof(ANA, PIN))
    assert practice.accounts.of(ANA).failures == 0
    practice.fail(3)


@pytest.mark.parametrize("seconds", [-86_400, -301, 301, 86_400 * 400])
def test_setting_the_clock_opens_nothing(practice: Practice, seconds: float) -> None:
    practice.fail(8)
    practice.clock.step_wall(seconds)
    assert practice.accounts.wait_s(ANA) == 300


def test_starting_again_shortens_nothing(practice: Practice) -> None:
    practice.fail(6)
    practice.clock.advance(59)
    practice.store.run(lambda engine: None).result(5)
    practice.clock.restart("run-1", seconds=3_600)
    again = practice.open()
    assert again.wait_s(ANA) == 60
    practice.clock.advance(60)
    again.check(Proof(ANA, PIN))


def test_whoever_ends_the_program_before_it_has_answered_has_spent_a_try(practice: Practice) -> None:
    class Ended(BaseException):
        pass

    class Ending(argon2.PasswordHasher):
        def verify(self, *_: object) -> bool:  # type: ignore[override]
            raise Ended

    ending = practice.open(Ending())
    for _ in range(4):
        with pytest.raises(Ended):
            ending.check(Proof(ANA, WRONG))
    practice.store.run(lambda engine: None).result(5)
    assert practice.open().wait_s(ANA) == 5


def test_a_new_pin_ends_the_wait_and_the_old_one_opens_nothing(practice: Practice) -> None:
    practice.fail(8)
    practice.accounts.set_pin(ANA, "16180").result(5)
    with pytest.raises(WrongPin):
        practice.accounts.check(Proof(ANA, PIN))
    practice.accounts.check(Proof(ANA, "16180"))


def test_a_key_for_private_notes_is_no_account(practice: Practice) -> None:
    practice.store.keep_account(f"{ANA}/private-key/00", b"{}").result(5)
    practice.store.keep_account("p2/private-key/00", b"{}").result(5)
    assert practice.store.accounts().keys() == {ANA}
    assert practice.store.note_keys(ANA).keys() == {f"{ANA}/private-key/00"}
    assert practice.store.note_keys("p_").keys() == set()


def test_strangers_and_the_retired_have_no_pin(practice: Practice) -> None:
    with pytest.raises(Trouble, match="Nobody"):
        practice.accounts.check(Proof("pffffffff", PIN))
    practice.people.apply(e.PersonAdded(person="p00000001", name="Bo", roles=("nurse",)))
    with pytest.raises(Trouble, match="no PIN yet"):
        practice.accounts.check(Proof("p00000001", PIN))
    practice.people.apply(e.PersonRetired(person=ANA))
    with pytest.raises(Trouble, match="no more"):
        practice.accounts.check(Proof(ANA, PIN))


def test_an_account_that_cannot_be_read_opens_nothing(practice: Practice) -> None:
    practice.store.keep_account(ANA, b"\xff{").result(5)
    with pytest.raises(Trouble, match="no PIN yet"):
        practice.open().check(Proof(ANA, PIN))


def test_the_store_keeps_one_row_for_each_person(practice: Practice) -> None:
    practice.store.keep_account("p2", b"one")
    practice.store.keep_account("p2", b"two").result(5)
    assert practice.store.account("p2") == b"two"
    assert practice.store.account("p3") is None
    assert practice.store.accounts().keys() == {ANA, "p2"}


@pytest.mark.parametrize(
    "pin",
    ["", "123", "1234567890123", "12a4", "0000", "7777777", "1234", "890123", "4321", "2109", "1212",
     "474747", "2580", "١٢٣٥", "1 35", " 1357"],
)  # fmt: skip
def test_what_is_no_pin_or_easily_guessed_is_refused_in_words(practice: Practice, pin: str) -> None:
    with pytest.raises(Trouble, match=r"digits|guessed"):
        practice.accounts.set_pin(ANA, pin)
    practice.accounts.check(Proof(ANA, PIN))


def test_few_pins_are_refused() -> None:
    refused = [pin for n in range(10_000) if weak(pin := f"{n:04}") is not None]
    assert 100 < len(refused) < 150


@given(st.integers(0, 10**6))
def test_the_wait_is_never_shorter_for_more_and_never_for_good(failures: int) -> None:
    assert delay_s(failures) <= delay_s(failures + 1) <= DELAYS_S[-1] == 300
