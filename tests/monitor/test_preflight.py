"""Pre-flight: what is wrong is told with what to do, what is not known is not taken for good."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.keeping import made_utc
from monitor.preflight import Facts, Stand, all_fine, findings

GOOD: dict[str, Any] = {
    "free_bytes": 50_000_000_000, "battery_percent": None, "on_mains": True, "stays_awake": True,
    "restart_pending": False, "adapter": "", "sound": "", "output": "Speakers", "heard": True,
    "clock_synced": True, "backup_utc": "2026-11-25T12:00:00+00:00", "now_utc": "2026-11-26T12:00:00+00:00",
}  # fmt: skip


def stands(**changed: Any) -> dict[str, Stand]:
    return {f.what: f.stand for f in findings(Facts(**{**GOOD, **changed}))}


def test_a_good_computer_leaves_one_thing_to_look_at() -> None:
    found = findings(Facts(**GOOD))
    assert [f.what for f in found if f.stand is not Stand.FINE] == ["notifications"]
    assert all_fine(found)


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("disk", {"free_bytes": 999_999_999}),
        ("power", {"on_mains": False, "battery_percent": 19.0}),
        ("sleep", {"stays_awake": False}),
        ("restart", {"restart_pending": True}),
        ("sound", {"sound": "this computer has no audio output"}),
        ("Bluetooth", {"adapter": "Bluetooth is off."}),
        ("clock", {"clock_synced": False}),
        ("backup", {"backup_utc": ""}),
        ("backup", {"backup_utc": "2026-11-18T11:00:00+00:00"}),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(what: str, changed: dict[str, Any]) -> None:
    found = findings(Facts(**{**GOOD, **changed}))
    (wrong,) = [f for f in found if f.stand is Stand.WRONG]
    assert (wrong.what, bool(wrong.todo)) == (what, True)
    assert not all_fine(found)


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("disk", {"free_bytes": None}),
        ("power", {"on_mains": None}),
        ("power", {"on_mains": False, "battery_percent": None}),
        ("power", {"on_mains": False, "battery_percent": 80.0}),
        ("sleep", {"stays_awake": None}),
        ("restart", {"restart_pending": None}),
        ("sound", {"sound": None}),
        ("sound", {"heard": False}),
        ("sound", {"heard": None}),
        ("Bluetooth", {"adapter": None}),
        ("clock", {"clock_synced": None}),
        ("backup", {"backup_utc": None}),
    ],
)
def test_what_is_not_known_is_for_a_person_to_look_at(what: str, changed: dict[str, Any]) -> None:
    found = next(f for f in findings(Facts(**{**GOOD, **changed})) if f.what == what)
    assert (found.stand, bool(found.todo)) == (Stand.LOOK, True)


def test_a_backup_of_this_week_is_good_enough() -> None:
    assert stands(backup_utc="2026-11-19T11:59:00+00:00")["backup"] is Stand.FINE
    assert "made today" in next(
        f.said
        for f in findings(Facts(**{**GOOD, "backup_utc": "2026-11-26T08:00:00+00:00"}))
        if f.what == "backup"
    )


def test_the_name_of_a_backup_says_when_it_was_made() -> None:
    assert made_utc("vigil-20261126T081502Z") == "2026-11-26T08:15:02+00:00"
    assert made_utc("vigil-20261126T081502Z-2") == "2026-11-26T08:15:02+00:00"
    assert made_utc("by hand") == ""
