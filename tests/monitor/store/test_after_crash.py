"""A store that nobody closed: what is whole comes back, what is missing or damaged is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from chains import KEY, Chain

from monitor.store import after_crash, datadir
from monitor.store.store import Store
from monitor.store.verify import verify
from monitor.trouble import Trouble

ROOT = Path(__file__).parents[3]
NOTES = 20
PAGE = 4096


def leave(data_dir: Path, to: Path, chain: Chain) -> Path:
    """What a kill leaves: the files of a store that is open, with NOTES entries more, all anchored."""
    store = Store.open(data_dir, KEY)
    if store.kind("s1") is None:
        store.create_log("s1", "session")
    for sealed in chain.notes(NOTES):
        saved = store.append("s1", sealed, urgent=True)
    saved.result(10)
    left = Path(shutil.copytree(data_dir, to / "wreck", ignore=shutil.ignore_patterns("*.new")))
    store.close()
    for anchor in (data_dir / "anchors").iterdir():  # as far as it would have got a moment later
        shutil.copy(anchor, left / "anchors")
    return left


@pytest.fixture
def wreck(data_dir: Path, tmp_path: Path, chain: Chain) -> Path:
    """All of its entries lie in the write-ahead log."""
    Store.create(data_dir, KEY).close()
    return leave(data_dir, tmp_path, chain)


def found(data_dir: Path) -> tuple[Trouble | None, int, list[str]]:
    """What opening says, how many entries there are, and what verify says."""
    store = Store.open(data_dir, KEY)
    try:
        report = verify(store, "s1")
        return store.harm, store.durable_seq("s1"), [problem.what for problem in report.problems]
    finally:
        store.close()


def test_a_store_that_was_closed_is_not_looked_through(written: Path) -> None:
    assert not after_crash.was_left_open(written)


def test_what_a_kill_leaves_is_whole(wreck: Path) -> None:
    assert after_crash.was_left_open(wreck)
    assert found(wreck) == (None, NOTES, [])
    assert not after_crash.was_left_open(wreck)


def test_without_its_shared_memory_file_it_is_whole_too(wreck: Path) -> None:
    (wreck / "vigil.db-shm").unlink()
    assert found(wreck) == (None, NOTES, [])


@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.9, 0.999])
def test_a_log_that_was_cut_off_is_told_when_it_is_opened(wreck: Path, part: float) -> None:
    log = wreck / "vigil.db-wal"
    # Never empty: a writer that closed leaves it so.
    os.truncate(log, max(1, round(part * log.stat().st_size)))
    harm, entries, problems = found(wreck)
    assert harm is not None
    assert harm.happened.startswith("The end of 1 of the records is missing")
    assert entries < NOTES
    assert problems


def test_a_byte_that_flipped_anywhere_in_the_log_is_told_or_did_no_harm(wreck: Path, tmp_path: Path) -> None:
    size = (wreck / "vigil.db-wal").stat().st_size
    for place in range(0, size, size // 25):
        copy = Path(shutil.copytree(wreck, tmp_path / f"at-{place}"))
        flip(copy / "vigil.db-wal", place)
        harm, entries, problems = found(copy)
        lost = entries < NOTES
        assert (harm is not None, bool(problems)) == (lost, lost), place


def test_a_byte_that_flipped_anywhere_in_the_file_is_told_or_did_no_harm(
    written: Path, tmp_path: Path, chain: Chain
) -> None:
    left = leave(written, tmp_path, chain)
    told = []
    size = (left / "vigil.db").stat().st_size
    assert size > 10 * PAGE
    for place in range(100, size, PAGE):
        copy = Path(shutil.copytree(left, tmp_path / f"at-{place}"))
        flip(copy / "vigil.db", place)
        told.append(opened(copy))
    # The first page, and perhaps others, are newer in the write-ahead log, which heals them.
    assert set(told) == {"damaged", "whole"}
    assert told.count("whole") < len(told) / 2


def opened(data_dir: Path) -> str:
    """What opening says of the store, and that it says so rightly."""
    try:
        harm, entries, problems = found(data_dir)
    except Trouble as trouble:
        return "damaged" if "damaged" in trouble.happened else trouble.happened
    if harm is None:
        return "whole" if (entries, problems) == (2 * NOTES, []) else "harmed in silence"
    return "damaged" if harm == after_crash.DAMAGED else harm.happened


def flip(path: Path, place: int) -> None:
    with open(path, "r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 0x10]))


def test_a_large_store_is_not_read_through_while_a_patient_waits(
    wreck: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(after_crash, "CHECKED_BYTES", 0)
    flip(wreck / "vigil.db", (wreck / "vigil.db").stat().st_size - 100)
    os.truncate(wreck / "vigil.db-wal", 5000)
    harm, _, _ = found(wreck)
    assert harm is not None
    assert "missing" in harm.happened


def test_keys_without_their_database_are_told_apart_from_no_store(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    datadir.create_demo(data_dir).close()
    (data_dir / "vigil.db").unlink()
    with pytest.raises(Trouble, match=r"vigil\.db is missing"):
        datadir.open_store(data_dir)
    with pytest.raises(Trouble, match="part of one"):
        datadir.create_demo(data_dir)


OPEN = """
import os, sys
from pathlib import Path
from monitor.store import datadir
from monitor.trouble import Trouble
datadir.open_store(Path(sys.argv[1])).close()  # nothing is imported any more after this
os.setgid(65534); os.setuid(65534)
for readonly in (False, True):
    try:
        datadir.open_store(Path(sys.argv[1]), readonly=readonly).close()
        print("opened")
    except Trouble as trouble:
        print(trouble.happened)
"""


def as_nobody(data_dir: Path) -> list[str]:
    """What another user of this computer is told: who opens it for writing, and who for reading."""
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(data_dir)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user to try it"
)


@as_root
@pytest.mark.parametrize(
    ("folder", "files", "said"),
    [
        (0o700, 0o600, ["cannot be read", "cannot be read"]),
        (0o755, 0o600, ["cannot be read", "cannot be read"]),
        (0o755, 0o644, ["cannot be written", "cannot be opened"]),
        (0o777, 0o444, ["cannot be written", "opened"]),
    ],
)
def test_a_store_of_somebody_else_says_so(tmp_path: Path, folder: int, files: int, said: list[str]) -> None:
    data_dir = tmp_path / "data"
    datadir.create_demo(data_dir).close()
    for place in (tmp_path, *tmp_path.parents):
        if place.stat().st_uid == 0 and place != Path("/") and not place.stat().st_mode & 0o001:
            place.chmod(place.stat().st_mode | 0o011)
    for file in data_dir.rglob("*"):
        file.chmod(folder if file.is_dir() else files)
    data_dir.chmod(folder)
    told = as_nobody(data_dir)
    assert [words in line for words, line in zip(said, told, strict=True)] == [True, True], told
