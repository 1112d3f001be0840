"""A record as a practice has one: its own log, a session with a note and waveform, a private log."""

from __future__ import annotations

from pathlib import Path

from chains import Chain

from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.clock import HandClock
from monitor.live import LiveSession
from monitor.practice import PracticeLog
from monitor.private_notes import log_name
from monitor.store import datadir
from monitor.store.store import Store
from monitor.vitals import Waveform

FIRST, SECOND = "aa" + "1" * 30, "bb" + "2" * 30
MARK = "MARK-OF-THE-PATIENT"
"""Stands in the code and the note of a session, and nowhere else."""


def furnish(store: Store, *sessions: str, utc: str = "2026-01-01T12:00:00+00:00") -> PracticeLog:
    """Write finished sessions into a new store; gives its practice log."""
    clock = HandClock(utc)
    practice = PracticeLog(store, clock)
    for session in sessions:
        write_session(store, practice, session, clock)
    return practice


def write_session(store: Store, practice: PracticeLog, session: str, clock: HandClock) -> None:
    """One session that has ended, with a note, some waveform and a therapist's private log."""
    store.create_log(session, "session")
    practice.record(e.SessionCreated(session=session))
    live = LiveSession(session, store, clock, load_preset("im"), lambda entry: None)
    live.open(e.SessionOpened(code=f"{MARK}-{session[:2]}", route="im", preset="im"), by="therapist")
    for second in range(5):
        clock.advance(1.0)
        samples = tuple(range(50))
        live.arrived("ox", [Waveform(samples=samples, rate_hz=50.0)], b"", clock.now())
        live.record(e.NoteWritten(text=f"{MARK} note {second} of {session[:2]}"), by="therapist")
    live.record(e.SessionEnded(), by="therapist")
    live.close()
    notes = log_name(session, "p1")
    store.create_log(notes, "private")
    private = Chain(notes).seal(e.NoteWritten(text=f"{MARK} private {session[:2]}"))
    store.append(notes, private, urgent=True).result(30)


def demo(data_dir: Path, *sessions: str) -> Path:
    """A closed demo record, which opens without asking."""
    store = datadir.create_demo(data_dir)
    furnish(store, *sessions)
    store.close()
    return data_dir
