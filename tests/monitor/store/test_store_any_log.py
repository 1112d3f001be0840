"""Any log: whatever is entered, amended, undone and signed folds, comes back from its bytes and verifies;
whatever bit is changed in it, whatever column is edited and wherever it is cut off is found."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from any_body import BODIES, BY_KIND, fields_of
from chains import KEY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor import entries as e
from monitor.clock import HandClock
from monitor.codec import GENESIS, Entry, Sealed, seal, unseal
from monitor.correcting import refused
from monitor.session import SessionState
from monitor.signing import Closing
from monitor.store.database import engine_for
from monitor.store.store import Store
from monitor.store.verify import verify

AUTHORS = st.sampled_from(
    ["therapist", "physician", "nurse", "therapist:pa0000001", "physician:pb0000002", "vigil", "device:ox"]
)
SIGNER = st.sampled_from(["therapist:pa0000001", "physician:pb0000002", "physician:pa0000001"])


class Written:
    """A session's log, written as its only writer does: sealed in a chain, folded as it grows."""

    def __init__(self) -> None:
        self.id = uuid.uuid4().hex
        self.clock = HandClock()
        self.state, self.closing = SessionState(), Closing()
        self.entries: list[Entry] = []
        self.sealed: list[Sealed] = []
        self.tell(e.RunStarted(app="test", offset_ms=0), "vigil")
        self.tell(e.SessionOpened(code="KAP-1", route="im", preset="im"), "therapist")

    def tell(self, body: e.Body, by: str, ago_ms: int = 0) -> None:
        head = self.sealed[-1].digest if self.sealed else GENESIS
        seq = len(self.entries) + 1
        if isinstance(body, e.Signed) and body.digest == "right":
            body = replace(body, seq=seq - 1, digest=head)
        if not any(isinstance(body, kind) for kind in ENDING) and self.closing.why_not(seq, by, body):
            return  # the writer refuses; what a foreign one wrote has tests of its own
        entry = Entry(log=self.id, seq=seq, entered=self.clock.advance(1), ago_ms=ago_ms, by=by, body=body)
        if self.closing.follow(seq, by, body):
            return
        self.entries.append(entry)
        self.sealed.append(seal(entry, head))
        self.state.apply(entry)

    def keep(self, store: Store) -> None:
        store.create_log(self.id, "session")
        for sealed in self.sealed:
            store.append(self.id, sealed, urgent=False)


ENDING = (e.SessionEnded,)


def one_step(data: st.DataObject, log: Written) -> None:
    what = data.draw(st.sampled_from(["say", "say", "say", "amend", "undo", "end", "sign", "add"]))
    by = data.draw(AUTHORS)
    target = data.draw(st.integers(0, len(log.entries) + 1))
    if what == "say":
        log.tell(unsigned(data.draw(BODIES)), by, data.draw(st.integers(0, 600_000)))
    elif what == "amend":
        root = log.state.corrections.root(target)
        body = log.entries[root - 1].body if 0 < root <= len(log.entries) else e.NoteWritten(text="")
        ago_ms = data.draw(st.one_of(st.none(), st.integers(-5_000, 600_000)))
        log.tell(e.Amended(entry=target, fields=data.draw(fields_of(body)), ago_ms=ago_ms), by)
    elif what == "undo":
        log.tell(e.Retracted(entry=target), by)
    elif what == "end":
        log.tell(e.SessionEnded(), "therapist")
    elif what == "sign":
        signer = data.draw(SIGNER)
        role, _, person = signer.partition(":")
        log.tell(e.Signed(person=person, name=person, role=role, meaning="m", seq=0, digest="right"), signer)
    else:
        log.tell(e.Addendum(text="later", entry=target), by)


def unsigned(body: e.Body) -> e.Body:
    """A signature out of nothing is a foreign program's; it has tests of its own."""
    return e.NeedYou(urgency="soon") if isinstance(body, e.Signed | e.WaveformStored) else body


def any_log(data: st.DataObject, most: int = 25) -> Written:
    log = Written()
    for _ in range(data.draw(st.integers(0, most))):
        one_step(data, log)
    return log


def shown(state: SessionState) -> dict[str, Any]:
    return {
        "lines": state.lines, "doses": state.doses, "episodes": state.episodes, "code": state.codes,
        "pressures": state.pressures.all, "situation": state.situation, "now": state.now,
        "devices": state.devices, "alarms": state.ledger.present, "past": state.ledger.past,
        "control": state.control, "gaps": state.gaps, "limits": state.limits, "staff": state.staff,
        "signatures": state.signatures, "locked": state.locked, "ended": state.ended_ms,
        "series": {v: (s.times.tolist(), str(s.values.tolist())) for v, s in state.series.items()},
    }  # fmt: skip


@pytest.mark.parametrize("kind", sorted(BY_KIND))
def test_every_kind_comes_back_from_its_bytes(kind: str) -> None:
    @settings(max_examples=25)
    @given(BY_KIND[kind])
    def comes_back(body: e.Body) -> None:
        entry = Entry(log="s", seq=1, entered=HandClock().now(), by="therapist", body=body)
        sealed = seal(entry, GENESIS)
        again = unseal(sealed.data)[0]
        assert again == entry
        assert seal(again, GENESIS) == sealed

    comes_back()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_any_log_folds_and_adds_up_to_the_same_from_its_bytes(data: st.DataObject) -> None:
    log = any_log(data)
    again = SessionState()
    for sealed in log.sealed:
        again.apply(unseal(sealed.data)[0])
    assert shown(again) == shown(log.state)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_nothing_is_asked_of_the_rules_that_they_cannot_answer(data: st.DataObject) -> None:
    log = any_log(data, most=12)
    refused(log.state, data.draw(BODIES), data.draw(AUTHORS), log.state.timeline.latest_ms)


# --- on disk ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("shelf") / "data"
    Store.create(place, KEY).close()
    return place


@pytest.fixture(scope="module")
def open_shelf(shelf: Path) -> Iterator[Store]:
    store = Store.open(shelf, KEY)
    yield store
    store.close()


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_log_verifies(open_shelf: Store, data: st.DataObject) -> None:
    log = any_log(data)
    log.keep(open_shelf)
    open_shelf.run(lambda engine: None).result(10)
    report = verify(open_shelf, log.id)
    assert report.problems == []
    assert report.entries == len(log.entries)
    assert all(signature.good for signature in report.signatures)
    assert [s.seq for s in report.signatures] == [s.entry for s in log.state.signatures]


COLUMNS = (
    "kind = kind || 'x'",
    "seq = seq + 1000",
    "seq = -seq",
    "digest = zeroblob(32)",
    "log_id = 'other'",
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_changed_bit_column_or_tail_is_found(tmp_path_factory: Any, data: st.DataObject) -> None:
    log = any_log(data, most=8)
    place = tmp_path_factory.mktemp("hurt") / "data"
    store = Store.create(place, KEY)
    log.keep(store)
    store.create_log("other", "session")
    store.close()
    victim = data.draw(st.sampled_from(log.sealed))
    how = data.draw(st.sampled_from(["bit", "column", "tail"]))
    where, seq = "WHERE log_id = ? AND seq = ?", victim.seq
    if how == "bit":
        at = data.draw(st.integers(0, 8 * len(victim.data) - 1))
        hurt = bytearray(victim.data)
        hurt[at // 8] ^= 1 << at % 8
        change(place, f"UPDATE entry SET data = ? {where}", bytes(hurt), log.id, seq)
    elif how == "column":
        change(place, f"UPDATE entry SET {data.draw(st.sampled_from(COLUMNS))} {where}", log.id, seq)
    else:
        change(place, "DELETE FROM entry WHERE log_id = ? AND seq >= ?", log.id, seq)
    store = Store.open(place, KEY, readonly=True)
    report = verify(store, log.id)
    store.close()
    assert not report.ok
    assert report.problems[0].seq in (0, -seq, seq)


def change(place: Path, sql: str, *values: Any) -> None:
    """As somebody could who has the key."""
    engine = engine_for(place / "vigil.db", KEY)
    with engine.begin() as connection:
        connection.exec_driver_sql(sql, values)
    engine.dispose()
