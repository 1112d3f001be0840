"""What needs a physician is refused where it is written, not only by a button."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from practised import silence

from monitor import entries as e
from monitor.store import datadir
from monitor.trouble import Trouble
from ui.commands import NewSession
from ui.runtime import Runtime


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    made = Runtime(datadir.create_demo(tmp_path / "data"), silence, demo=True)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def session(runtime: Runtime) -> str:
    return runtime.begin(NewSession(code="KAP-1", route="im", demo=True)).result(5)


@pytest.mark.parametrize(
    "body", [e.LimitsSet(limits={"spo2_low": 80.0}, reason="quieter"), e.AudioOff(reason="quieter")]
)
def test_a_therapist_is_refused_in_words_and_nothing_is_written(
    runtime: Runtime, session: str, body: e.Body
) -> None:
    state = runtime.live[session].state
    before = state.seq
    with pytest.raises(Trouble, match="Only a physician"):
        runtime.record(session, body).result(5)
    assert (state.seq, state.limits, state.ledger.audio_off) == (before, {}, None)
    runtime.record(session, e.ActingAs(role="physician")).result(5)
    runtime.record(session, body).result(5)
    assert state.lines[-1].body == body
    assert state.lines[-1].by == "physician"


def test_the_pause_key_turns_sound_on_where_it_is_off(runtime: Runtime, session: str) -> None:
    ledger = runtime.live[session].state.ledger
    runtime.record(session, e.ActingAs(role="physician")).result(5)
    runtime.record(session, e.AudioOff(reason="doctor with patient")).result(5)
    runtime.record(session, e.ActingAs(role="therapist")).result(5)
    runtime.pause_audio(session).result(5)
    assert ledger.audio_off is None
    assert not ledger.paused_at(runtime.live[session].now_ms)
    runtime.pause_audio(session).result(5)
    assert ledger.paused_at(runtime.live[session].now_ms)
