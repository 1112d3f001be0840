"""An open record in which sessions are erased, and what is left in its file afterwards."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from records import FIRST

from monitor import entries as e
from monitor.clock import SystemClock
from monitor.practice import PracticeLog
from monitor.store import database, datadir
from monitor.store.erasure import erase
from monitor.store.store import Store
from monitor.store.verify import missing_logs, verify

ROOT = Path(__file__).parents[3]
ERASING = Path(__file__).with_name("erasing.py")

TODAY = date(2026, 11, 25)

PAGE, RESERVED = 4096, 80
"""SQLCipher 4: bytes per page, and its last ones, which hold 16 bytes of IV and 64 of authentication."""


class Room:
    """An open record, and how a session is erased in it."""

    def __init__(self, data_dir: Path) -> None:
        self.store = datadir.open_store(data_dir)
        self.practice = PracticeLog(self.store, SystemClock())
        self.asked: list[str] = []

    def record(self, body: e.Body) -> None:
        self.practice.record(body).result(30)

    def erase(self, session: str = FIRST, why: str = "asked by the patient", **more: Any) -> e.SessionErased:
        given = {"people": ("p1", "p2"), "confirm": self.asked.append, "today": TODAY, **more}
        return erase(self.store, self.practice, self.record, session, why, **given)


def plain_bytes(data_dir: Path, key: bytes) -> bytes:
    """Every page of the database and of its write-ahead log, decrypted as it lies: not what a query gives,
    but also what deleted rows have left behind."""
    data = (data_dir / "vigil.db").read_bytes()
    pages = [data[at : at + PAGE] for at in range(0, len(data), PAGE)]
    plain = [_decrypted(page, key, salt=16 * (n == 0)) for n, page in enumerate(pages)]
    wal = data_dir / "vigil.db-wal"
    frames = wal.read_bytes()[32:] if wal.exists() else b""
    for at in range(0, len(frames), 24 + PAGE):
        number = int.from_bytes(frames[at : at + 4])
        page = frames[at + 24 : at + 24 + PAGE]
        plain.append(_decrypted(page, key, salt=16 * (number == 1)))
    return b"".join(plain)


def _decrypted(page: bytes, key: bytes, salt: int) -> bytes:
    body, iv = page[salt:-RESERVED], page[-RESERVED : 16 - RESERVED]
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return cipher.update(body) + cipher.finalize()


def pragma(data_dir: Path, key: bytes, name: str) -> int:
    engine = database.engine_for(data_dir / "vigil.db", key, readonly=True)
    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
    engine.dispose()
    return int(found)


def killed(store: Store, to: Path) -> Path:
    """What a kill at this moment would leave on the disk."""
    return Path(shutil.copytree(store.data_dir, to / "wreck", ignore=shutil.ignore_patterns("*.new")))


def whole(store: Store) -> bool:
    return not missing_logs(store) and all(verify(store, info.id).ok for info in store.logs())
