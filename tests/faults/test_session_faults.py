"""One session that cannot go on: heard and shown, and the alarms of the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from headless_vigil import Bench, until
from listening import Record

from devices.virtual.peripheral import Peripheral
from devices.virtual.radio import VirtualRadio
from monitor import entries as e
from monitor.codec import Sealed
from monitor.trouble import Trouble
from monitor.vitals import Reading
from ui.sessions import SESSION_BROKEN
from ui.sound.voice import Voice


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record(tmp_path / "heard.pcm")


@pytest.fixture
def there(bench: Callable[..., Bench], record: Record) -> Bench:
    def nothing(radio: VirtualRadio) -> list[Peripheral]:
        return []

    return bench(nothing, Voice.start("null", record.path))


def fails() -> None:
    raise LookupError("a defect that only this session has")


def falls(there: Bench, session: str) -> None:
    """The patient's oxygen is far below its limit."""

    def arrived() -> None:
        live = there.runtime.live[session]
        live.arrived("ox", [Reading(spo2=75)], b"", there.runtime.clock.now())

    there.runtime.call(arrived).result(5)


def test_a_session_that_fails_is_heard_and_shown_and_the_others_are_monitored(
    there: Bench, record: Record
) -> None:
    broken, sound = there.begin(), there.begin()
    there.runtime.live[broken].tick = fails  # type: ignore[method-assign]
    until(lambda: SESSION_BROKEN in there.troubles)
    until(lambda: "failure" in record.sounds)
    assert broken not in there.runtime.live
    falls(there, sound)
    until(lambda: [a.change.condition for a in there.state(sound).alarms.values()] == ["spo2_low"])
    assert not there.runtime.stands_still


def test_taken_up_again_it_is_monitored_again(there: Bench, record: Record) -> None:
    session = there.begin()
    there.runtime.live[session].tick = fails  # type: ignore[method-assign]
    until(lambda: "failure" in record.sounds)
    there.runtime.resume(session, "im").result(5)
    until(lambda: record.sounds[-1] == "none")
    assert there.troubles[-1] is None
    falls(there, session)
    until(lambda: "high" in record.sounds)


def test_a_record_that_cannot_be_read_to_its_end_is_not_taken_up(there: Bench) -> None:
    session = there.begin()
    there.runtime.record(session, e.NoteWritten(text="calm")).result(5)
    until(lambda: there.runtime.store.durable_seq(session) >= there.state(session).seq)
    there.runtime.call(lambda: there.runtime._sessions.drop(session).close()).result(5)
    whole = there.runtime.store.read

    def cut(log_id: str, *rest: object) -> Iterator[Sealed]:
        yield from list(whole(log_id))[:3]
        raise Trouble("The file is damaged.", "Nothing was read.", "Restore a backup.")

    there.runtime.store.read = cut  # type: ignore[method-assign, assignment]
    with pytest.raises(Trouble, match="damaged"):
        there.runtime.resume(session, "im").result(5)
    assert session not in there.runtime.live
    # And again: it is no session that "runs already".
    with pytest.raises(Trouble, match="damaged"):
        there.runtime.resume(session, "im").result(5)
    assert not there.runtime.stands_still
