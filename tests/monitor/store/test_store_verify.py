"""verify names what was altered, exchanged, removed or cut off, and is content with the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chains import KEY, Chain
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.entries import WaveformStored
from monitor.store.anchor import Anchor, AnchorAltered, Anchors
from monitor.store.store import Store
from monitor.store.verify import Report, missing_logs, verify

Reader = Callable[[], Any]
Tamper = Callable[..., None]


def check(reader: Reader) -> Report:
    with reader() as store:
        return verify(store, "s1")


def test_an_untouched_log_is_in_order(reader: Reader) -> None:
    report = check(reader)
    assert report.ok
    assert (report.entries, report.notes) == (20, [])
    assert "holds the key" in report.cannot_find


def test_every_flipped_byte_of_an_entry_is_found(written: Path, tamper: Tamper, reader: Reader) -> None:
    with reader() as store:
        data = next(s.data for s in store.read("s1", after=6))
    for place in range(0, len(data), 7):
        hurt = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        tamper("UPDATE entry SET data = ? WHERE seq = 7", hurt)
        assert check(reader).problems[0].seq == 7
    tamper("UPDATE entry SET data = ? WHERE seq = 7", data)
    assert check(reader).ok


def test_an_edit_by_sql_that_leaves_text_is_found(tamper: Tamper, reader: Reader) -> None:
    tamper("UPDATE entry SET data = replace(data, 'note 7', 'NOTE 7') WHERE seq = 7")
    assert [p.seq for p in check(reader).problems] == [7]


def test_an_edited_entry_with_a_new_hash_breaks_the_chain(tamper: Tamper, reader: Reader) -> None:
    with reader() as store:
        data = next(s.data for s in store.read("s1", after=6)).replace(b"note 7", b"Note 7")
    tamper("UPDATE entry SET data = ?, digest = ? WHERE seq = 7", data, hashlib.sha256(data).digest())
    assert check(reader).problems[0].seq == 8


def test_the_last_entry_is_held_by_the_anchor(tamper: Tamper, reader: Reader) -> None:
    with reader() as store:
        data = next(s.data for s in store.read("s1", after=19)).replace(b"note 20", b"Note 20")
    tamper("UPDATE entry SET data = ?, digest = ? WHERE seq = 20", data, hashlib.sha256(data).digest())
    problem = check(reader).problems[0]
    assert problem.seq == 20
    assert "anchor" in problem.what


def test_exchanged_entries_are_found(tamper: Tamper, reader: Reader) -> None:
    for old, new in ((5, 100), (6, 5), (100, 6)):
        tamper("UPDATE entry SET seq = ? WHERE seq = ?", new, old)
    problems = check(reader).problems
    assert problems[0].seq == 5
    assert "place of another" in problems[0].what


def test_a_missing_entry_is_found(tamper: Tamper, reader: Reader) -> None:
    tamper("DELETE FROM entry WHERE seq IN (5, 6)")
    assert (check(reader).problems[0].seq, check(reader).problems[0].what) == (
        5,
        "entries 5 to 6 are missing",
    )


@pytest.mark.parametrize(
    "column",
    ["kind = 'dose'", "digest = zeroblob(32)", "digest = 'text'", "log_id = 's2'", "seq = 99", "seq = -1"],
)
def test_an_edited_index_column_is_found(tamper: Tamper, reader: Reader, column: str) -> None:
    tamper("INSERT INTO log VALUES ('s2', 'session')")
    tamper(f"UPDATE entry SET {column} WHERE seq = 9")
    assert not check(reader).ok


def test_the_kind_of_a_log_is_derived_from_its_first_entry(tamper: Tamper, reader: Reader) -> None:
    tamper("UPDATE log SET kind = 'practice'")
    assert not check(reader).ok


def test_a_tail_that_was_cut_off_is_named(tamper: Tamper, reader: Reader) -> None:
    tamper("DELETE FROM entry WHERE seq > 15")
    problem = check(reader).problems[0]
    assert (problem.seq, problem.what) == (
        16,
        "entries 16 to 20 are missing: the end of the log was cut off",
    )


def test_a_cut_is_remembered_after_writing_went_on(written: Path, tamper: Tamper, reader: Reader) -> None:
    tamper("DELETE FROM entry WHERE seq > 15")
    store, chain = Store.open(written, KEY), Chain()
    chain.notes(15)
    for sealed in chain.notes(10):
        store.append("s1", sealed, urgent=False)
    store.close()
    problem = check(reader).problems[0]
    assert problem.seq == 16
    assert "entry 20" in problem.what


def test_a_deleted_log_is_missed(tamper: Tamper, reader: Reader) -> None:
    with reader() as store:
        assert missing_logs(store) == []
    tamper("DELETE FROM entry")
    tamper("DELETE FROM log")
    assert not check(reader).ok
    with reader() as store:
        assert len(missing_logs(store)) == 1


def test_a_log_longer_than_its_anchor_is_only_noted(written: Path, reader: Reader) -> None:
    anchor_file = next((written / "anchors").iterdir())
    old = anchor_file.read_bytes()
    store, chain = Store.open(written, KEY), Chain()
    chain.notes(20)
    store.append("s1", chain.notes(1)[0], urgent=True)
    store.close()
    anchor_file.write_bytes(old)  # as if the computer had stopped between the commit and the anchor
    report = check(reader)
    assert report.ok
    assert "newer than the anchor" in report.notes[0]


def test_a_missing_or_altered_anchor_is_found_and_remembered(written: Path, reader: Reader) -> None:
    anchor_file = next((written / "anchors").iterdir())
    anchor_file.write_bytes(anchor_file.read_bytes().replace(b'"seq":20', b'"seq":10'))
    assert "altered" in check(reader).problems[0].what
    anchor_file.unlink()
    assert "missing" in check(reader).problems[0].what
    store, chain = Store.open(written, KEY), Chain()
    chain.notes(20)
    store.append("s1", chain.notes(1)[0], urgent=True)
    store.close()
    assert "missing when entry 21" in check(reader).problems[0].what


def waveform(store: Store, chain: Chain, second: int, data: bytes) -> None:
    store.add_chunk("s1", "oximeter", second, data)
    digest = hashlib.sha256(data).hexdigest()
    body = WaveformStored(device="oximeter", second=second, rate_hz=100.0, count=len(data), sha256=digest)
    store.append("s1", chain.seal(body), urgent=False)


def test_waveform_is_vouched_for_by_its_entry(written: Path, tamper: Tamper, reader: Reader) -> None:
    store, chain = Store.open(written, KEY), Chain()
    chain.notes(20)
    waveform(store, chain, 1, b"one")
    waveform(store, chain, 2, b"two")
    store.close()
    assert check(reader).ok
    tamper("UPDATE chunk SET data = ?, sha256 = ? WHERE second = 2", b"2wo", hashlib.sha256(b"2wo").digest())
    tamper("DELETE FROM chunk WHERE second = 1")
    assert [(p.seq, p.what) for p in check(reader).problems] == [
        (21, "second 1 of the waveform is missing"),
        (22, "second 2 of the waveform was altered"),
    ]


def test_verify_of_a_file_with_bad_pages_says_so(written: Path, chain: Chain, reader: Reader) -> None:
    store = Store.open(written, KEY)
    for sealed in chain.notes(300):
        store.append("s1", sealed, urgent=False)
    store.close()
    path = written / "vigil.db"
    data = bytearray(path.read_bytes())
    for place in range(len(data) * 3 // 4, len(data), 1000):
        data[place] ^= 1
    path.write_bytes(data)
    assert not check(reader).ok


def test_verify_runs_beside_a_writer(store: Store, chain: Chain, data_dir: Path) -> None:
    store.create_log("s1", "session").result(10)
    reading = Store.open(data_dir, KEY, readonly=True)
    for _ in range(20):
        for sealed in chain.notes(5):
            saved = store.append("s1", sealed, urgent=True)
        assert verify(reading, "s1").ok
        saved.result(10)
    reading.close()


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(log_id=st.text(st.characters(exclude_categories=["Cs"])), place=st.integers(0), bit=st.integers(0, 7))
def test_any_changed_bit_of_an_anchor_is_found(tmp_path: Path, log_id: str, place: int, bit: int) -> None:
    folder = tmp_path / hashlib.sha256(log_id.encode()).hexdigest()
    anchors = Anchors(folder, KEY)
    anchors.begin(log_id)
    anchors.advance(log_id, 1, 1, "ab" * 32, lambda seq: None)
    good = Anchors(folder, KEY).read(log_id)
    assert good is not None
    assert (good.seq, good.digest) == (1, "ab" * 32)
    file = next((folder / "anchors").glob("*.json"))
    data = bytearray(file.read_bytes())
    data[place % len(data)] ^= 1 << bit
    file.write_bytes(data)
    try:
        read: Anchor | None = anchors.read(log_id)
    except AnchorAltered:
        read = None
    assert read is None or read == good  # white space at the end is no part of it
    file.unlink()


def test_an_anchor_of_another_key_or_log_is_refused(tmp_path: Path) -> None:
    anchors = Anchors(tmp_path, KEY)
    anchors.begin("a")
    anchors.begin("b")
    with pytest.raises(AnchorAltered):
        Anchors(tmp_path, bytes(32)).read("a")
    a, b = (anchors._path(log_id) for log_id in "ab")
    a.replace(b)
    with pytest.raises(AnchorAltered):
        anchors.read("b")
