"""`vigil handover`: the crew's page on paper or in a file that somebody has chosen."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.clock import HandClock
from monitor.live import LiveSession
from monitor.store import datadir
from monitor.trouble import Trouble
from ui.cli import app

SESSION = "aa" + "1" * 30


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A closed demo record with one session that has ended in an emergency."""
    data_dir = tmp_path / "demo"
    store = datadir.create_demo(data_dir)
    store.create_log(SESSION, "session")
    live = LiveSession(SESSION, store, HandClock(), load_preset("im"), lambda entry: None)
    live.open(e.SessionOpened(code="KAP-1", route="im", preset="im", demo=True), by="therapist")
    live.record(e.EmergencyStarted(), by="therapist")
    live.record(e.EmergencyStep(step="ambulance"), by="therapist")
    live.record(e.SessionEnded(), by="therapist")
    store.close()
    return data_dir


def run(*words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    return done.output


def test_it_is_printed_and_nothing_is_written(demo: Path) -> None:
    before = sorted(demo.parent.rglob("*.html"))
    said = run("handover", "last", "--data", demo)
    assert "Ambulance, +00:00" in said
    assert "Not cleared or approved by FDA" in said
    assert sorted(demo.parent.rglob("*.html")) == before


def test_a_file_is_written_where_asked_for_its_owner_only_and_never_replaced(demo: Path) -> None:
    file = demo.parent / "page.html"
    assert run("handover", "aa", "--out", file, "--data", demo) == ""
    assert "Ambulance" in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(Trouble, match="there already"):
        run("handover", "last", "--out", file, "--data", demo)


def test_a_place_that_is_none_is_said(demo: Path) -> None:
    with pytest.raises(Trouble, match="not written"):
        run("handover", "last", "--out", demo / "nowhere" / "page.html", "--data", demo)


def test_an_unknown_session_is_said(demo: Path) -> None:
    with pytest.raises(Trouble, match="No session"):
        run("handover", "zz", "--data", demo)
