"""The time as devices want it written."""

from __future__ import annotations

from datetime import datetime

from devices.drivers.clocks import current_time, date_time
from devices.gatt import device_time

MOMENT = datetime(2018, 4, 17, 15, 51, 0, 500_000)


def test_date_time_is_the_standards_example() -> None:
    assert date_time(MOMENT).hex() == "e20704110f3300"
    assert device_time(date_time(MOMENT)).iso() == "2018-04-17T15:51:00"


def test_current_time_adds_the_day_of_the_week_fractions_and_why_it_was_set() -> None:
    assert current_time(MOMENT).hex() == "e20704110f3300" + "02" + "80" + "01"
