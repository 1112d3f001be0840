"""The recipe of docs/record.md verifies a record without a line of Vigil, and finds what was changed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.clock import HandClock
from monitor.codec import GENESIS, Entry, seal
from monitor.entries import Body, NoteWritten
from monitor.store import datadir
from monitor.store.database import engine_for
from monitor.store.keys import load, unlock_with_passphrase
from monitor.waveform import Chunk

DOCS = Path(__file__).parents[3] / "docs" / "record.md"
PASSPHRASE = "ﬁve Lämmchen are enough"


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.S)
    assert sum(map(bool, code.splitlines())) <= 40
    assert not re.search(r"import.*\b(monitor|devices|ui)\b", code)
    path = tmp_path_factory.mktemp("recipe") / "recipe.py"
    path.write_text(code, "utf-8")
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record with notes in several scripts and a second of waveform."""
    data_dir = tmp_path_factory.mktemp("whole") / "data"
    store, _ = datadir.create_store(data_dir, passphrase=PASSPHRASE)
    chunk = Chunk("probe", 3, 31.0, bytes(range(31)))
    bodies: list[Body] = [NoteWritten(text=text) for text in ("light", "schön ", "静か", '\\ "quoted"')]
    prev, clock = GENESIS, HandClock()
    store.create_log("sitzung-ä", "session").result(10)
    store.add_chunk("sitzung-ä", chunk.device, chunk.second, chunk.data)
    for seq, body in enumerate([*bodies, chunk.entry(), NoteWritten(text="last")], 1):
        entry = Entry(log="sitzung-ä", seq=seq, entered=clock.advance(1), by="nurse", body=body)
        sealed = seal(entry, prev)
        prev = sealed.digest
        store.append("sitzung-ä", sealed, urgent=True)
    store.close()
    return data_dir


def run(recipe: Path, data_dir: Path) -> tuple[int, str]:
    command = [sys.executable, str(recipe), str(data_dir), PASSPHRASE]
    done = subprocess.run(command, capture_output=True, text=True, cwd=recipe.parent, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_whole_record_passes(recipe: Path, whole: Path) -> None:
    assert run(recipe, whole) == (0, "nothing was changed\n")


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE entry SET data = replace(data, 'light', 'heavy')", "entry 1: its bytes"),
        ("UPDATE entry SET kind = 'dose' WHERE seq = 2", "entry 2: its bytes"),
        ("DELETE FROM entry WHERE seq = 3", "entry 4: it does not follow"),
        ("DELETE FROM entry WHERE seq > 5", "entry 6: the log does not reach its anchor"),
        ("UPDATE chunk SET data = x'00'", "entry 5: its waveform"),
        ("DELETE FROM chunk", "entry 5: its waveform"),
    ],
)
def test_what_was_changed_is_named(recipe: Path, whole: Path, tmp_path: Path, sql: str, found: str) -> None:
    data_dir = tmp_path / "data"
    shutil.copytree(whole, data_dir)
    engine = engine_for(data_dir / "vigil.db", unlock_with_passphrase(load(data_dir), PASSPHRASE))
    with engine.begin() as connection:
        connection.exec_driver_sql(sql)
    engine.dispose()
    code, said = run(recipe, data_dir)
    assert (code, said.splitlines()[0].removeprefix("sitzung-ä, ").startswith(found)) == (1, True), said
