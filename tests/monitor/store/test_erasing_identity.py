"""With the last session of a patient goes who that is, and nothing of it stays."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from chains import Chain
from erase_room import Room, killed, plain_bytes
from records import FIRST, MARK, SECOND, demo

from monitor import entries as e
from monitor.codec import unseal
from monitor.identities import Identities
from monitor.identity import Identity
from monitor.store import database, datadir, deletion
from monitor.store.erasure import erase_patient
from monitor.store.store import Store
from monitor.trouble import Trouble

TODAY = date(2026, 11, 25)
MARIA = Identity(name="Maria Muster", birth_date="1984-03-12")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return demo(tmp_path / "data", FIRST, SECOND)


@pytest.fixture
def room(data_dir: Path) -> Any:
    room = Room(data_dir)
    yield room
    room.store.close()


def known(room: Room, code: str) -> Identities:
    identities = Identities(room.store, room.practice)
    identities.keep(code, MARIA, "therapist").result(30)
    identities.keep(code, MARIA, "therapist").result(30)
    return identities


def identity_erased(store: Store) -> list[e.Body]:
    bodies = [unseal(sealed.data)[0].body for sealed in store.read("practice")]
    return [body for body in bodies if isinstance(body, e.IdentityErased)]


def begin(room: Room, session: str, *bodies: e.Body) -> None:
    room.store.create_log(session, "session")
    chain = Chain(session)
    for body in bodies:
        room.store.append(session, chain.seal(body), urgent=True).result(30)


def test_with_a_patients_last_session_goes_who_that_is(room: Room, data_dir: Path) -> None:
    code = f"{MARK}-{FIRST[:2]}"
    identities, sealed = known(room, code), room.store.identities(code)
    assert all(data in plain_bytes(data_dir, room.store.key) for _, _, data in sealed)
    room.erase()
    assert identities.of(code) is None
    reason = "the last session under it was erased: asked by the patient"
    gone = e.IdentityErased(code=code, reason=reason, confirmed_by=("p1", "p2"))
    assert identity_erased(room.store) == [gone]
    room.store.close()
    left = plain_bytes(data_dir, room.store.key)
    assert not any(data in left for _, _, data in sealed)


@pytest.mark.parametrize(
    ("others", "stays"),
    [
        ([e.SessionOpened(code="KAP-0001-W", route="im", preset="im")], True),
        ([e.SessionOpened(code="kap 0001 w", route="im", preset="im")], True),
        (
            [
                e.SessionOpened(code="X", route="im", preset="im"),
                e.CodeChanged(code="KAP-0001-W", reason="mistaken"),
            ],
            True,
        ),
        (
            [
                e.SessionOpened(code="KAP-0001-W", route="im", preset="im"),
                e.CodeChanged(code="X", reason="mistaken"),
            ],
            False,
        ),
        ([e.SessionOpened(code="X", route="im", preset="im")], False),
    ],
)
def test_who_a_patient_is_stays_while_another_session_has_the_code_now(
    room: Room, others: list[e.Body], stays: bool
) -> None:
    identities, own, other = known(room, "KAP-0001-W"), "dd" + "4" * 30, "ee" + "5" * 30
    begin(
        room,
        own,
        e.SessionOpened(code="Y", route="im", preset="im"),
        e.CodeChanged(code="kap0001w", reason="mistaken"),
    )
    begin(room, other, *others)
    room.erase(own)
    assert (identities.of("KAP-0001-W") == MARIA) == stays
    assert bool(identity_erased(room.store)) != stays


def test_who_a_patient_is_stays_while_a_session_cannot_be_read(room: Room, data_dir: Path) -> None:
    identities = known(room, f"{MARK}-{FIRST[:2]}")
    engine = database.engine_for(data_dir / "vigil.db", room.store.key)
    with engine.begin() as connection:
        bad = (SECOND, e.SessionOpened.kind)
        connection.exec_driver_sql("UPDATE entry SET data = x'00' WHERE log_id = ? AND kind = ?", bad)
    engine.dispose()
    room.erase()
    assert identities.of(f"{MARK}-{FIRST[:2]}") == MARIA


def test_while_something_is_erased_no_identity_is_kept(room: Room) -> None:
    room.practice.erasing.reserve(FIRST, ())
    with pytest.raises(Trouble, match="being erased"):
        known(room, "KAP-0001-W")


@pytest.mark.parametrize("step", ["_delete", "_compact"])
def test_an_identity_whose_erasure_was_cut_off_is_gone_at_the_next_start(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    room = Room(data_dir)
    known(room, "KAP-0001-W")
    sealed = room.store.identities()
    room.store.close()  # so that they lie in the file, not in its write-ahead log
    room = Room(data_dir)

    def stop(*of: object) -> None:
        raise Trouble("killed", "", "")

    monkeypatch.setattr(deletion, step, stop)
    people = ("p1", "p2")
    with pytest.raises(Trouble, match="killed"):
        erase_patient(room.store, room.practice, room.record, "KAP-0001-W", "why", people, print)
    monkeypatch.undo()
    wreck = killed(room.store, tmp_path)
    room.store.close()
    again = datadir.open_store(wreck)
    assert again.identities() == []
    assert len(identity_erased(again)) == 1
    again.close()
    left = plain_bytes(wreck, again.key)
    assert not any(data in left for _, _, data in sealed)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"code": "KAP-0500-A"}, "Nobody is known"),
        ({"people": ("p1", "p1")}, "two different people"),
        ({"why": "  "}, "reason is needed"),
    ],
)
def test_who_a_patient_is_is_not_erased_where_it_must_not_be(
    room: Room, given: dict[str, Any], said: str
) -> None:
    identities = known(room, "KAP-0001-W")
    what = {"code": "KAP-0001-W", "why": "why", "people": ("p1", "p2"), "confirm": room.asked.append, **given}
    with pytest.raises(Trouble, match=said):
        erase_patient(room.store, room.practice, room.record, **what)
    assert room.asked == []
    assert identities.of("KAP-0001-W") == MARIA
