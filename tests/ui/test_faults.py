"""Faults of the computer: entered once per change, into each session that does not know of them yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.clock import HandClock
from monitor.codec import Entry
from monitor.live import LiveSession
from monitor.store import datadir
from monitor.store.store import Store
from ui.faults import LOOK_S, WORKER_SAID_S, WORKER_STILL_S, Computer, Faults, unsaved

OF_FAULT = {"disk_low": "disk_low", "disk_full": "disk_full", "disk": "record_not_saved"}
OF_THE_DISK = set(OF_FAULT.values())


class Practice:
    """Sessions on a real store, faults on plain functions, time by hand."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = HandClock()
        self.now_s = 100.0
        self.wrong = {"sound": "", "output": ""}
        self.faults = Faults(
            {name: lambda name=name: self.wrong[name] for name in self.wrong}, lambda: self.now_s
        )
        self.sessions: list[LiveSession] = []
        self.said: dict[str, list[tuple[str, str, bool]]] = {}

    def begin(self, name: str) -> LiveSession:
        def heard(entry: Entry) -> None:
            if isinstance(entry.body, e.SystemFault):
                self.said[name].append((entry.body.fault, entry.body.reason, entry.body.over))

        self.said[name] = []
        self.store.create_log(name, "session")
        session = LiveSession(name, self.store, self.clock, load_preset("im"), heard)
        session.open(e.SessionOpened(code="KAP-1", route="im", preset="im"), by="therapist")
        self.sessions.append(session)
        return session

    def look(self, after_s: float = LOOK_S) -> None:
        self.now_s += after_s
        self.clock.advance(after_s)
        self.faults.look(self.sessions)


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    store = datadir.open_or_create_demo(tmp_path / "data")
    yield Practice(store)
    store.close()


def test_a_fault_is_entered_once_and_once_more_when_it_is_over(practice: Practice) -> None:
    practice.begin("a")
    practice.look()
    practice.wrong["sound"] = "no audio output"
    for _ in range(5):
        practice.look()
    practice.wrong["sound"] = ""
    for _ in range(5):
        practice.look()
    assert practice.said["a"] == [("sound", "no audio output", False), ("sound", "", True)]


def test_another_reason_is_news(practice: Practice) -> None:
    practice.begin("a")
    for reason in ("sounds on B", "sounds on C", "sounds on C"):
        practice.wrong["output"] = reason
        practice.look()
    assert [reason for _, reason, _ in practice.said["a"]] == ["sounds on B", "sounds on C"]


def test_a_session_that_begins_hears_of_what_is_wrong_already(practice: Practice) -> None:
    practice.begin("a")
    practice.wrong["sound"] = "no audio output"
    practice.look()
    practice.begin("b")
    practice.look()
    assert practice.said == {name: [("sound", "no audio output", False)] for name in "ab"}


def test_one_taken_up_again_hears_of_what_is_over_since(practice: Practice) -> None:
    session = practice.begin("a")
    session.record(e.SystemFault(fault="disk_low", reason="less than 1000 MB"), by="vigil")
    practice.said["a"].clear()
    practice.look()
    assert practice.said["a"] == [], "nothing was measured yet"
    practice.faults.measured = {"disk_low": ""}
    practice.look()
    assert practice.said["a"] == [("disk_low", "", True)]


def test_it_looks_once_a_second(practice: Practice) -> None:
    practice.begin("a")
    practice.look()
    practice.wrong["sound"] = "no audio output"
    practice.look(after_s=0.25)
    assert practice.said["a"] == []
    practice.look(after_s=0.75)
    assert practice.said["a"]


def test_a_worker_that_stood_still_says_so_for_a_while(practice: Practice) -> None:
    practice.begin("a")
    practice.look()
    practice.look(after_s=WORKER_STILL_S)
    assert [(fault, over) for fault, _, over in practice.said["a"]] == [("worker", False)]
    for _ in range(round(WORKER_SAID_S / LOOK_S)):
        practice.look()
    assert [(fault, over) for fault, _, over in practice.said["a"]] == [("worker", False), ("worker", True)]


# --- the computer -------------------------------------------------------------------------


def measured(percent: float = 100, plugged: bool | None = True, free: int = 10**12) -> dict[str, str]:
    battery = SimpleNamespace(percent=percent, power_plugged=plugged)
    return Computer(Path("/somewhere"), battery=lambda: battery, free=lambda place: free).measure()


def present(**how: object) -> set[str]:
    return {fault for fault, reason in measured(**how).items() if reason}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("percent", "plugged", "fault"),
    [(100, False, ""), (20, False, ""), (19.9, False, "battery_low"), (10, False, "battery_low"),
     (9.9, False, "battery_empty"), (3, True, ""), (3, None, "")],
)  # fmt: skip
def test_the_battery_matters_only_without_mains(percent: float, plugged: bool | None, fault: str) -> None:
    assert present(percent=percent, plugged=plugged) == ({fault} if fault else set())


@pytest.mark.parametrize(
    ("free", "fault"),
    [(10**9, ""), (10**9 - 1, "disk_low"), (200_000_000, "disk_low"), (199_999_999, "disk_full"),
     (0, "disk_full")],
)  # fmt: skip
def test_a_disk_that_runs_full_is_one_fault_at_a_time(free: int, fault: str) -> None:
    assert present(free=free) == ({fault} if fault else set())


@pytest.mark.parametrize(
    ("refusing", "waits_s", "wrong"),
    [(False, 0.0, ""), (False, 9.9, ""), (False, 10.0, "does not answer"), (True, 0.0, "refuses")],
)
def test_a_disk_that_refuses_or_does_not_answer_is_a_fault(
    refusing: bool, waits_s: float, wrong: str
) -> None:
    found = unsaved(refusing, waits_s)
    assert wrong in found
    assert bool(found) == bool(wrong)


@pytest.mark.parametrize(
    ("fault", "priority"), [("disk_low", "low"), ("disk_full", "high"), ("disk", "high")]
)
def test_a_disk_without_room_alarms_for_as_long_as_it_lasts(
    practice: Practice, fault: str, priority: str
) -> None:
    session = practice.begin("a")
    session.record(e.DoseGiven(drug="ketamine", amount_mg=50, route="im"), by="therapist")
    practice.faults.measured = {fault: "little room"}
    for _ in range(600):
        practice.look()
        session.tick()
    present = [a.change for a in session.state.alarms.values() if a.change.condition in OF_THE_DISK]
    assert [(change.condition, change.priority) for change in present] == [(OF_FAULT[fault], priority)]
    practice.faults.measured = {fault: ""}
    practice.look()
    session.tick()
    assert not any(a.change.condition in OF_THE_DISK for a in session.state.alarms.values())


def test_reasons_name_no_place() -> None:
    assert "somewhere" not in "".join(measured(percent=1, plugged=False, free=0).values())


def test_a_computer_without_a_battery_or_with_a_disk_that_is_gone_has_neither_fault() -> None:
    def gone(place: Path) -> int:
        raise OSError(5, "Input/output error")

    faults = Computer(Path("/somewhere"), battery=lambda: None, free=gone).measure()
    assert faults == dict.fromkeys(faults, "")


def test_this_computer_can_be_measured(tmp_path: Path) -> None:
    assert set(Computer(tmp_path).measure()) == {"battery_low", "battery_empty", "disk_low", "disk_full"}
