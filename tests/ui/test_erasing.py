"""What is erased, or was, is nobody's to take up: nothing is monitored without a record."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from practised import Practised

from monitor import entries as e
from monitor.erasing import ANOTHER_RUNS, BEING_ERASED, WAS_ERASED
from monitor.store import erasure
from monitor.store.writer import LOST
from monitor.trouble import Trouble
from ui.commands import NewSession

WAIT = 20
NEW = NewSession(code="KAP-2", route="im", demo=True)


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practised]:
    made = Practised(tmp_path / "data")
    yield made
    made.close()


def test_what_can_never_be_stored_is_shown_until_vigil_is_left(practice: Practised) -> None:
    runtime, told = practice.runtime, queue.Queue[Trouble | None]()
    runtime._on_trouble = told.put
    with pytest.raises(ValueError, match="never"):
        runtime.store.add_chunk("no such log", "oximeter", 1, b"").result(WAIT)
    assert told.get(timeout=WAIT) is LOST
    runtime._trouble_changed("store", None)  # the disk is well
    assert told.get(timeout=WAIT) is LOST


def erase(practice: Practised, confirm: Callable[[str], None] = lambda person: None) -> e.SessionErased:
    """Erase the practice's session as the keeper does."""
    runtime, people = practice.runtime, (practice.ids["ada"], practice.ids["pia"])
    ours, session = runtime.keeper, practice.session
    given = (session, "a reason", people, confirm, date.today(), ours._reserved(session))
    return erasure.erase(runtime.store, runtime._practice, ours._enter, *given)


def left_open(practice: Practised) -> None:
    """As after a crash: it has not ended, and does not run."""
    practice.runtime.call(practice.runtime._sessions.drop, practice.session).result(WAIT)
    practice.store.wait(WAIT)


def refused(asked: Callable[[], Future[Any]]) -> Trouble:
    with pytest.raises(Trouble) as caught:
        asked().result(WAIT)
    return caught.value


def taken_up(practice: Practised) -> list[Callable[[], Future[Any]]]:
    """Every way to write into a session that does not run."""
    runtime, session = practice.runtime, practice.session
    return [
        lambda: runtime.resume(session, "im"),
        lambda: runtime.open_record(session),
        lambda: runtime.correct(session, e.Addendum(text="x"), practice.proof("tom"), "therapist"),
    ]


def test_while_two_people_confirm_nothing_is_begun_or_taken_up(practice: Practised) -> None:
    left_open(practice)
    runtime, told = practice.runtime, list[Trouble]()

    def confirm(person: str) -> None:
        told.extend(map(refused, [*taken_up(practice), lambda: runtime.begin(NEW)]))

    assert erase(practice, confirm).session == practice.session
    assert told == [BEING_ERASED] * 8
    assert list(map(refused, taken_up(practice))) == [WAS_ERASED] * 3
    assert runtime.begin(NEW).result(WAIT) in runtime.live


def test_while_any_session_runs_nothing_is_erased(practice: Practised) -> None:
    left_open(practice)
    runtime = practice.runtime
    runtime.begin(NEW).result(WAIT)
    with pytest.raises(Trouble) as caught:
        erase(practice)
    assert caught.value is ANOTHER_RUNS
    assert runtime.resume(practice.session, "im").result(WAIT) in runtime.live


def test_who_left_while_the_other_confirmed_erases_nothing(practice: Practised) -> None:
    left_open(practice)
    runtime, pia = practice.runtime, practice.ids["pia"]

    def confirm(person: str) -> None:
        if person == pia:
            runtime.retire_person(pia, "", practice.proof("ada")).result(WAIT)

    with pytest.raises(Trouble, match="does not work here"):
        erase(practice, confirm)
    assert runtime.resume(practice.session, "im").result(WAIT) in runtime.live


def test_what_is_half_erased_is_not_taken_up(practice: Practised, monkeypatch: pytest.MonkeyPatch) -> None:
    left_open(practice)

    def stop(*of: object) -> None:
        raise Trouble("The disk refuses.", "", "")

    monkeypatch.setattr(erasure, "carry_out", stop)
    with pytest.raises(Trouble, match="disk refuses"):
        erase(practice)
    assert list(map(refused, taken_up(practice))) == [WAS_ERASED] * 3
