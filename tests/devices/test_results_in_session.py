"""Results with a time in a session, from the bytes on: only what was measured now is of now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from devices.driver import Action
from devices.drivers.memory import QUIET
from devices.drivers.sig_cuff import INTERMEDIATE, MEASUREMENT, SigCuff
from devices.virtual.instruments.sig_cuff import Measurement, final, intermediate
from monitor import entries as e
from monitor.vitals import Event
from tests.session_room import Room


class CuffRoom(Room):
    """A session whose cuff has not measured yet, and what its link does."""

    def __init__(self) -> None:
        super().__init__()
        self.cuff = SigCuff()
        self.session.record(
            e.DeviceAssigned(device="c", role="cuff", driver="sig_cuff", name="cuff", address="2"),
            by="therapist",
        )

    def now(self) -> datetime:
        return self.clock.now().when().replace(tzinfo=None)

    def hears(self, characteristic: str, data: bytes) -> None:
        at = self.clock.now()
        self._told(self.cuff.received(characteristic, data, at.mono_ns / 1e9), data)

    def ticks(self, seconds: int) -> None:
        for _ in range(seconds):
            self._told(self.cuff.tick(self.clock.advance(1).mono_ns / 1e9))
            self.session.tick()

    def link_ends(self) -> None:
        self._told(self.cuff.ended(self.clock.now().mono_ns / 1e9))
        self.session.link_changed("c", "waiting", "", self.clock.now())

    def inflates(self, seconds: int = 25) -> None:
        for _ in range(seconds):
            self.hears(INTERMEDIATE, intermediate(120))
            self.ticks(1)

    def _told(self, found: Sequence[Event | Action], data: bytes = b"") -> None:
        events = [each for each in found if isinstance(each, Event)]
        self.session.arrived("c", events, data, self.clock.now())

    def shown(self) -> float | None:
        shown = self.session.state.cuff
        return None if shown is None else shown.systolic


def result(systolic: int, at: datetime) -> bytes:
    return final(Measurement(systolic, 70, None, 60), at)


@pytest.mark.parametrize("hangs_up", [True, False])
@pytest.mark.parametrize("asked", [True, False])
def test_a_memory_after_the_first_measurement_of_a_session_shows_nothing_old(
    hangs_up: bool, asked: bool
) -> None:
    room = CuffRoom()
    if asked:
        room.session.record(e.CuffAsked(device="c"), by="therapist")
    room.inflates()
    for systolic, ago in ((190, timedelta(days=9)), (185, timedelta(days=3)), (122, timedelta())):
        room.hears(MEASUREMENT, result(systolic, room.now() - ago))
        assert room.shown() is None
    if hangs_up:
        room.link_ends()
    else:
        room.ticks(2)
    assert room.shown() == 122
    assert room.session.state.control.running is None
    (taken,) = room.bodies(e.CuffTaken)
    assert taken.trigger == ("person" if asked else "device")
    room.wait(200)
    assert len(room.bodies(e.CuffTaken)) == 1, "the measurement had its answer and does not time out"


def test_a_result_that_comes_alone_counts_as_the_answer_though_the_cuffs_clock_is_wrong() -> None:
    room = CuffRoom()
    room.inflates()
    room.hears(MEASUREMENT, result(122, datetime(2019, 1, 1)))
    room.ticks(int(QUIET) + 1)
    assert room.shown() == 122
    assert room.session.state.control.running is None
