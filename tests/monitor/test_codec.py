"""The bytes of an entry: canonical, chained, refused when not finite, upcast when old."""

import hashlib
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import codec
from monitor import entries as e
from monitor.clock import HandClock
from monitor.vitals import Reading


def entry(body: e.Body, seq: int = 1, ago_ms: int = 0) -> codec.Entry:
    return codec.Entry(
        log="log", seq=seq, entered=HandClock().now(), ago_ms=ago_ms, by="therapist", body=body
    )


def test_an_entry_comes_back_as_it_was_written() -> None:
    written = entry(e.DoseGiven(drug="ketamine", amount_mg=60, route="im"), ago_ms=60_000)
    sealed = codec.seal(written, codec.GENESIS)
    assert codec.unseal(sealed.data) == (written, codec.GENESIS)


def test_bytes_are_canonical_json_that_anyone_can_hash() -> None:
    sealed = codec.seal(entry(e.NoteWritten(text="„weit weg“ 🙂")), codec.GENESIS)
    plain = json.loads(sealed.data)
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert sealed.data == canonical.encode()
    assert sealed.digest == hashlib.sha256(sealed.data).hexdigest()
    assert plain["prev"] == "0" * 64


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        codec.seal(entry(e.ReadingTaken(device="d", reading=Reading(spo2=value))), codec.GENESIS)


@given(st.binary(max_size=300))
def test_random_bytes_are_a_bad_entry_and_nothing_else(data: bytes) -> None:
    with pytest.raises(codec.BadEntry):
        codec.unseal(data)


@given(st.text(), st.integers(0, 10**9))
def test_any_text_survives(text: str, ago_ms: int) -> None:
    body = e.NoteWritten(text=text)
    sealed = codec.seal(entry(body, ago_ms=ago_ms), codec.GENESIS)
    assert codec.unseal(sealed.data)[0].body == body


def test_text_that_is_no_unicode_is_refused_and_never_replaced() -> None:
    with pytest.raises(UnicodeEncodeError):
        codec.seal(entry(e.NoteWritten(text="\ud800")), codec.GENESIS)


def as_if_written_by(kind: str, version: int, body: dict[str, object]) -> bytes:
    plain = json.loads(codec.seal(entry(e.EmergencyStarted()), codec.GENESIS).data)
    return msgspec.json.encode({**plain, "kind": kind, "v": version, "body": body}, order="sorted")


def test_an_unknown_kind_is_kept_and_shown() -> None:
    read, _ = codec.unseal(as_if_written_by("telepathy", 1, {"strength": 3}))
    assert read.body == codec.Unknown(name="telepathy", v=1, fields={"strength": 3})


def test_a_newer_version_of_a_known_kind_is_kept_and_shown() -> None:
    read, _ = codec.unseal(as_if_written_by("note", 99, {"text": "x", "mood": 1}))
    assert isinstance(read.body, codec.Unknown)


def test_an_old_version_is_upcast_on_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e.NoteWritten, "version", 2)
    monkeypatch.setitem(codec.UPCASTS, ("note", 1), lambda old: {"text": old["words"]})
    read, _ = codec.unseal(as_if_written_by("note", 1, {"words": "calm"}))
    assert read.body == e.NoteWritten(text="calm")
