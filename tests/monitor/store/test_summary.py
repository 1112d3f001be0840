"""The list of sessions: which there are, how far each is, and that it costs one index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from chains import KEY, Chain
from sqlalchemy import event

from monitor.entries import NoteWritten, RunStarted, SessionEnded, SessionOpened
from monitor.store.store import Store
from monitor.store.verify import verify
from monitor.summary import summaries


def begin(store: Store, log_id: str, code: str, ended: bool = False) -> None:
    chain = Chain(log_id)
    store.create_log(log_id, "session")
    bodies = [RunStarted(app="1", offset_ms=0), SessionOpened(code=code, route="im", preset="im")]
    for body in [*bodies, NoteWritten(text="x"), *([SessionEnded()] if ended else [])]:
        saved = store.append(log_id, chain.seal(body), urgent=True)
    saved.result(10)


def test_the_list_says_of_each_session_how_far_it_is(store: Store, chain: Chain) -> None:
    begin(store, "a", "KAP-1", ended=True)
    begin(store, "b", "KAP-2")
    store.create_log("practice", "practice").result(10)
    store.create_log("s1", "session")
    store.append("s1", chain.seal(RunStarted(app="1", offset_ms=0)), urgent=True).result(10)  # then killed
    found = {s.id: (s.code, s.state, s.entries) for s in summaries(store)}
    assert found == {"a": ("KAP-1", "ended", 4), "b": ("KAP-2", "open", 3)}


def test_a_session_whose_opening_cannot_be_read_is_listed_as_damaged(
    written: Path, tamper: Callable[..., None]
) -> None:
    store = Store.open(written, KEY)
    begin(store, "a", "KAP-1")
    tamper("UPDATE entry SET data = x'00' WHERE kind = 'session_opened'")
    (found,) = summaries(store)
    store.close()
    assert (found.code, found.state, found.entries) == ("unreadable", "damaged", 3)


def test_the_list_reads_nothing_but_indexes(store: Store) -> None:
    begin(store, "a", "KAP-1")
    asked: list[tuple[str, object]] = []

    @event.listens_for(store._reading, "before_cursor_execute")
    def heard(connection: object, cursor: object, sql: str, values: object, *_: object) -> None:
        asked.append((sql, values))

    assert len(summaries(store)) == 1
    queries = [(sql, values) for sql, values in asked if sql.startswith("SELECT")]
    steps = []
    with store._reading.connect() as connection:
        for sql, values in queries:
            steps += [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
    steps = [step for step in steps if "SUBQUERY" not in step]
    assert len(queries) == 4
    assert [step for step in steps if "COVERING INDEX" not in step] == []
    assert sum("entry_mark" in step for step in steps) == 3


def test_verify_does_not_need_the_index(written: Path, tamper: Callable[..., None]) -> None:
    tamper("DROP INDEX entry_mark")
    store = Store.open(written, KEY, readonly=True)
    assert verify(store, "s1").ok
    store.close()
