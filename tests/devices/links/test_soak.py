"""A few seconds of the hour that `python -m bench.links` plays: the same body, everything in it."""

from __future__ import annotations

from pathlib import Path

from bench.links import GOAL_S, Plan, Soak

SHORT = Plan(
    seconds=13.0, steady=(1.0, 1.5), away=(1.0, 2.0), quiet=(2.0, 3.0), cuff_every=3.0, cuff_seconds=1.0
)


def test_links_come_back_and_every_value_stands_at_its_time(tmp_path: Path) -> None:
    found = Soak(SHORT, tmp_path).run()
    assert set(found.back) == {"drop", "vanish", "silence"}
    back = sorted(seconds for each in found.back.values() for seconds in each)
    assert back[len(back) // 2] <= GOAL_S
    assert found.late
    assert found.cuff_late
    assert (found.wrong, found.untold) == (0, 0)
    assert found.verified
    for held in ("tasks", "clients", "files"):
        first, *later = found.held[held]
        assert max(later) <= first + 4, held  # a cuff that is connected at the moment holds some
