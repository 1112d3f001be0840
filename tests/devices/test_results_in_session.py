"""Results with a time in a session, from the bytes on: only what was measured now is of now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from devices.driver import Action
from devices.drivers.memory import QUIET
from devices.drivers.sig_cuff import INTERMEDIATE, MEASUREMENT, SigCuff
from devices.drivers.sig_oximeter import SPOT_CHECK, SigOximeter
from devices.virtual.instruments.sig_cuff import Measurement, final, intermediate
from monitor import entries as e
from monitor.vitals import CLOCK_NOT_SET, Event, Reading, Vital
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


@pytest.mark.parametrize(
    ("spot_check", "live"),
    [
        ("0162004800e4070101010000", False),  # of 2020
        ("1162004800e4070101010000", True),  # the oximeter says that its clock is not set
        ("0162004800ea0701010c0100", True),  # a minute before or after is how clocks go
        ("0162004800ea0701010b3700", True),
        ("0162004800ea0701010b3600", False),  # six minutes ago
        ("0162004800e2070d110f3300", True),  # no date at all
        ("0062004800", True),
    ],
)
def test_a_spot_check_that_its_oximeter_dates_back_is_recorded_and_not_shown(
    spot_check: str, live: bool
) -> None:
    room, oximeter = Room(), SigOximeter()
    data = bytes.fromhex(spot_check)
    events = [each for each in oximeter.received(SPOT_CHECK, data, 0.0) if isinstance(each, Event)]
    room.session.arrived("o", events, data, room.clock.now())
    (taken,) = room.bodies(e.ReadingTaken)
    assert (taken.reading.spo2, taken.reading.stored, taken.raw) == (98, not live, data)
    assert (Vital.SPO2 in room.session.state.now) is live


def test_what_an_oximeter_without_a_clock_remembers_may_be_anybodys() -> None:
    room = Room()
    told = room.clock.now().when().replace(tzinfo=None) + timedelta(minutes=5)
    remembered = Reading(spo2=91, stored=True, flags=(CLOCK_NOT_SET,), device_time=told.isoformat())
    room.session.arrived("o", [remembered], b"", room.clock.advance(600))
    assert room.bodies(e.ReadingTaken) == []
