"""Entries as bytes: canonical JSON, written once, hashed in a chain, read back with upcasting.

The bytes are the record. An envelope is one JSON object with sorted keys and no white space:

    {"ago_ms":0,"body":{…},"by":"therapist","entered":{"mono_ns":…,"run":…,"utc":…},
     "kind":"dose","log":"…","prev":"…64 hex…","seq":7,"v":1}

`prev` is the SHA-256 of the bytes of entry seq-1 (64 zeros for the first), so anybody can check
a log with any SHA-256 program. Bytes fields are base64.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import Any

import msgspec

from monitor.clock import Instant
from monitor.entries import KINDS, Body

GENESIS = "0" * 64

# (kind, old version) -> a function from the old body, as plain JSON values, to the next version's.
UPCASTS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}


class Unknown(Body, frozen=True):
    """A body of a kind or version this Vigil does not know. Kept, shown, never dropped."""

    name: str
    v: int
    fields: dict[str, Any]


# Ten thousands of these live at once and none can be part of a cycle: the collector need not walk them.
class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that happened, with its place in the log."""

    log: str
    seq: int
    """1, 2, 3 … without gaps."""
    entered: Instant
    """When it was entered; it *happened* `ago_ms` earlier."""
    ago_ms: int = 0
    by: str
    """therapist, physician, nurse, vigil, or device:<id>"""
    body: Body


class Sealed(msgspec.Struct, frozen=True, gc=False):
    """An entry's bytes as they are stored, and their SHA-256 in hex."""

    seq: int
    kind: str
    data: bytes
    digest: str


class BadEntry(ValueError):
    """Bytes that are no entry of a log. The text never quotes them."""


_encoder = msgspec.json.Encoder(order="sorted")


def seal(entry: Entry, prev: str) -> Sealed:
    """Serialise `entry` for good. Raises ValueError for NaN or infinity anywhere in it."""
    body = entry.body
    if isinstance(body, Unknown):
        raise ValueError("an unknown entry is never written again")
    plain = msgspec.to_builtins(body)
    _refuse_not_finite(plain)
    data = _encoder.encode(
        {
            "ago_ms": entry.ago_ms,
            "body": plain,
            "by": entry.by,
            "entered": entry.entered,
            "kind": body.kind,
            "log": entry.log,
            "prev": prev,
            "seq": entry.seq,
            "v": body.version,
        }
    )
    return Sealed(entry.seq, body.kind, data, digest(data))


def digest(data: bytes) -> str:
    """The SHA-256 of an entry's bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


class _Envelope(msgspec.Struct):
    ago_ms: int
    body: msgspec.Raw
    by: str
    entered: Instant
    kind: str
    log: str
    prev: str
    seq: int
    v: int


_envelopes = msgspec.json.Decoder(_Envelope)
_bodies: dict[str, msgspec.json.Decoder[Body]] = {k: msgspec.json.Decoder(b) for k, b in KINDS.items()}


def unseal(data: bytes) -> tuple[Entry, str]:
    """The entry in `data`, upcast to today's vocabulary, and the `prev` it names.

    Raises BadEntry where the bytes are no envelope.
    """
    try:
        envelope = _envelopes.decode(data)
        body = _body(envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise BadEntry("these bytes are not an entry") from error
    entry = Entry(
        log=envelope.log,
        seq=envelope.seq,
        entered=envelope.entered,
        ago_ms=envelope.ago_ms,
        by=envelope.by,
        body=body,
    )
    return entry, envelope.prev


def _body(envelope: _Envelope) -> Body:
    known = KINDS.get(envelope.kind)
    if known is None or envelope.v > known.version:
        return Unknown(name=envelope.kind, v=envelope.v, fields=msgspec.json.decode(envelope.body))
    if envelope.v == known.version:
        return _bodies[envelope.kind].decode(envelope.body)
    plain = msgspec.json.decode(envelope.body)
    for version in range(envelope.v, known.version):
        plain = UPCASTS[envelope.kind, version](plain)
    return msgspec.convert(plain, known)


def _refuse_not_finite(value: object) -> None:
    # msgspec writes NaN and infinity as null: the loss would be silent.
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number in this entry is not finite")
    elif isinstance(value, dict):
        for item in value.values():
            _refuse_not_finite(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_not_finite(item)
