"""The head anchor: for each log its last number and hash, kept authenticated outside the database.

A chain of hashes cannot show that its tail was cut off; this second, synced file can. One small
file per log, so that writing it costs the same after ten thousand sessions as after one.
It is written just after the commit: a log may be longer than its anchor (a crash in between),
never shorter.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path

import msgspec

from monitor.codec import GENESIS
from monitor.language import tr
from monitor.store.files import ANCHORS, private_dir, sync_dir, write_whole


class Break(msgspec.Struct, frozen=True):
    """Writing went on although the log did not reach up to its anchor. Kept for good."""

    what: str
    """cut: the anchored entry was not there or another; missing, altered: the anchor was."""
    seq: int
    """The last number the anchor knew; 0 where it knew none."""
    resumed_at: int
    """The number of the first entry written afterwards."""


class Anchor(msgspec.Struct, frozen=True):
    """How far a log was known to reach. `digest` is the hex SHA-256 of entry `seq`."""

    log: str
    seq: int = 0
    digest: str = GENESIS
    breaks: tuple[Break, ...] = ()


class AnchorAltered(ValueError):
    """The anchor file is not what Vigil wrote with this key."""


class _File(msgspec.Struct):
    anchor: msgspec.Raw
    mac: str


class Anchors:
    """The anchors of a data directory. One writer; readers beside it see whole files only."""

    def __init__(self, data_dir: Path, mac_key: bytes) -> None:
        self._dir = data_dir / ANCHORS
        self._mac_key = mac_key
        self._known: dict[str, Anchor] = {}

    def read(self, log_id: str) -> Anchor | None:
        """The anchor of a log, None where there is none. Raises AnchorAltered, OSError."""
        try:
            data = self._path(log_id).read_bytes()
        except FileNotFoundError:
            return None
        return self._checked(data, log_id)

    def logs(self) -> list[str]:
        """The ids of all logs with a readable anchor, also of those the database lacks."""
        found = []
        for path in sorted(self._dir.glob("*.json")):
            try:
                file = msgspec.json.decode(path.read_bytes(), type=_File)
                found.append(msgspec.json.decode(file.anchor, type=Anchor).log)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # verify of the log it belongs to finds it missing or altered
        return found

    def begin(self, log_id: str) -> None:
        """Anchor a log before it exists, so that a log without an anchor is always a fault."""
        private_dir(self._dir)
        if not self._path(log_id).exists():
            self.write(Anchor(log_id))

    def advance(
        self, log_id: str, first: int, seq: int, digest: str, there: Callable[[int], str | None]
    ) -> None:
        """Move the anchor of a log to entry `seq`, the last of those written from `first` on.

        `there(n)` is the digest of entry n in the database; it is asked once per log and run.
        Raises OSError; the old anchor is then still there.
        """
        known = self._known.get(log_id) or self._take_up(log_id, first, there)
        self.write(Anchor(log_id, seq, digest, known.breaks))

    def remove(self, log_id: str) -> None:
        """Forget a log that was erased. Raises OSError."""
        self._known.pop(log_id, None)
        self._path(log_id).unlink(missing_ok=True)
        if self._dir.is_dir():
            sync_dir(self._dir)

    def raw(self, log_id: str) -> bytes | None:
        """The anchor's file as it is, also where it was altered; None where there is none."""
        try:
            return self._path(log_id).read_bytes()
        except FileNotFoundError:
            return None

    def name(self, log_id: str) -> str:
        """What the file of a log's anchor is called."""
        return self._path(log_id).name

    def _take_up(self, log_id: str, first: int, there: Callable[[int], str | None]) -> Anchor:
        try:
            old = self.read(log_id)
        except AnchorAltered:
            return Anchor(log_id, breaks=(Break("altered", 0, first),))
        if old is None:
            return Anchor(log_id, breaks=(Break("missing", 0, first),))
        if old.seq and (old.seq >= first or there(old.seq) != old.digest):
            return msgspec.structs.replace(old, breaks=(*old.breaks, Break("cut", old.seq, first)))
        return old

    def write(self, anchor: Anchor) -> None:
        """Keep this anchor in place of the old one. Raises OSError."""
        plain = msgspec.json.encode(anchor, order="sorted")
        mac = hmac.digest(self._mac_key, plain, "sha256").hex()
        write_whole(self._path(anchor.log), msgspec.json.encode(_File(msgspec.Raw(plain), mac)) + b"\n")
        self._known[anchor.log] = anchor

    def _checked(self, data: bytes, log_id: str) -> Anchor:
        try:
            file = msgspec.json.decode(data, type=_File)
            mac = hmac.digest(self._mac_key, bytes(file.anchor), "sha256")
            anchor = msgspec.json.decode(file.anchor, type=Anchor)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise AnchorAltered(tr("not an anchor")) from error
        if not hmac.compare_digest(mac.hex().encode(), file.mac.encode()) or anchor.log != log_id:
            raise AnchorAltered(tr("not written with this key for this log"))
        return anchor

    def _path(self, log_id: str) -> Path:
        # A hash, because an id may hold characters that a file name may not.
        return self._dir / (hashlib.sha256(log_id.encode()).hexdigest()[:32] + ".json")
