"""Redraw: what one frame of the live screen costs after 10 min, 1 h, 4 h and 12 h of session.

A frame is one new reading: applied, shown, ticked and painted by Qt (offscreen raster, 1600x1000).
Floor: the same three columns as plain pyqtgraph curves, set and painted, in the same run.

    python -m bench.redraw [--frames 120]
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Callable
from statistics import median

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

from bench.report import figure
from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.clock import HandClock
from monitor.codec import Entry
from monitor.session import Changed, SessionState
from monitor.vitals import CuffReading, Reading, Vital
from ui import theme
from ui.live.screen import LiveScreen

LENGTHS_S = {"10 min": 600, "1 h": 3600, "4 h": 4 * 3600, "12 h": 12 * 3600}
SIZE = (1600, 1000)
SPANS = ("60 min", "all")
TARGET_MS = 12.0
TARGET_RATIO = 1.3
"""What a frame may cost at any length, and at 12 h compared with 10 min."""


class Course:
    """A session that can be grown by a second at a time."""

    def __init__(self) -> None:
        self.state = SessionState()
        self.clock = HandClock()
        self._second = 0
        self._tell(e.RunStarted(app="bench", offset_ms=0))
        self._tell(e.SessionOpened(code="KAP-0417-K", route="im", preset="im", room="2"))
        self._tell(e.DeviceAssigned(device="ox", role="oximeter", driver="x", name="oximeter", address="x"))

    def _tell(self, body: e.Body) -> Changed:
        entry = Entry(log="s", seq=self.state.seq + 1, entered=self.clock.now(), by="therapist", body=body)
        return self.state.apply(entry)

    def second(self) -> Changed:
        """One reading; a cuff every five minutes, an observation every four, a gap every half hour."""
        n = self._second = self._second + 1
        self.clock.advance(1)
        if n == 300:
            self._tell(e.DoseGiven(drug="ketamine", amount_mg=60, route="im"))
        if n % 300 == 150:
            reading = CuffReading(systolic=140 + n % 23, diastolic=85, map=103, pulse=80)
            self._tell(e.CuffTaken(device="cuff", reading=reading))
        if n % 240 == 0:
            self._tell(e.ObservationStarted(code=("dizzy", "nausea", "calm")[n % 3]))
        if n % 240 == 120 and self.state.open_episodes:
            self._tell(e.ObservationEnded(episode=self.state.open_episodes[0].entry))
        nothing = n % 1800 < 20
        spo2 = None if nothing else 97.0 + math.sin(n / 90) + (n * 7919 % 11) / 10 - 0.5
        pulse = None if nothing else 80.0 + 6 * math.sin(n / 300) + n * 104729 % 5
        return self._tell(e.ReadingTaken(device="ox", reading=Reading(spo2=spo2, pulse=pulse, pi=3.1)))

    @property
    def now_ms(self) -> int:
        return self.state.timeline.at(self.clock.now())


def timed(
    frames: int,
    frame: Callable[[], None],
    before: int = 5,
    clock: Callable[[], int] = time.perf_counter_ns,
) -> list[float]:
    """Milliseconds of each call of `frame`, after some that do not count."""
    times = []
    for _ in range(frames + before):
        start = clock()
        frame()
        times.append((clock() - start) / 1e6)
    return times[before:]


def plain(app: QApplication, course: Course, width: int, height: int, frames: int) -> list[float]:
    """The floor: SpO2, pulse and systolic as plain curves of the whole session."""
    view = pg.GraphicsLayoutWidget()
    view.resize(width, height)
    curves = [(view.addPlot(row=row, col=0).plot(pen="w"), vital) for row, vital in enumerate(PLOTTED)]
    view.show()

    def frame() -> None:
        course.second()
        for curve, vital in curves:
            series = course.state.series[vital]
            curve.setData(series.times / 60_000, series.values, connect="finite")
        app.processEvents()

    times = timed(frames, frame)
    view.close()
    return times


PLOTTED = (Vital.SPO2, Vital.PULSE, Vital.SYSTOLIC)


class Live:
    """The live screen of a session that goes on."""

    def __init__(self, app: QApplication, course: Course) -> None:
        self._app, self._course = app, course
        self.screen = LiveScreen(course.state, Nothing(), load_preset("im"))
        self.screen.resize(*SIZE)
        self.screen.show()
        app.processEvents()

    def frame(self) -> None:
        """Another second, painted."""
        self.screen.refresh(self._course.second())
        self.screen.tick(self._course.now_ms, self._course.state.seq, 200, "room speaker")
        self._app.processEvents()

    def close(self) -> None:
        """Take the screen down."""
        self.screen.trends.close()
        self.screen.close()
        self.screen.deleteLater()


def against(short: Live, long: Live, frames: int) -> float:
    """How much more a frame of `long` costs than one of `short`.

    In processor time of this thread, which does all of it, and by turns: whatever else the machine does
    makes both wait, now this one and now that one.
    """
    clock = time.thread_time_ns
    pairs = [(timed(1, short.frame, 0, clock)[0], timed(1, long.frame, 0, clock)[0]) for _ in range(frames)]
    return median(times[1] for times in pairs) / median(times[0] for times in pairs)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--frames", type=int, default=120)
    frames = parser.parse_args().frames
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app)
    shortest: Live | None = None
    for name, seconds in LENGTHS_S.items():
        course = Course()
        for _ in range(seconds):
            course.second()
        live = Live(app, course)
        trends = live.screen.trends
        floor = plain(app, course, trends.width(), trends.height(), frames)
        for span in SPANS:
            trends.window_of_time.choose(span)
            times = timed(frames, live.frame)
            figure("redraw", times, unit="ms", floor=floor, session=name, trends=span, target=TARGET_MS)
        if shortest is None:
            shortest = live
            continue
        for span in SPANS:
            for one in (shortest, live):
                one.screen.trends.window_of_time.choose(span)
            ratio = against(shortest, live, frames)
            figure(f"redraw, {name} to 10 min", [ratio], unit="times", trends=span, target=TARGET_RATIO)
        live.close()
    if shortest is not None:
        shortest.close()


class Nothing:
    """Commands that nobody hears."""

    def record(self, body: e.Body, ago_ms: int = 0) -> None:
        """Nothing is recorded."""

    def ask_cuff(self) -> None:
        """No cuff."""

    def cancel_cuff(self) -> None:
        """No cuff."""

    def pause_audio(self) -> None:
        """No sound."""

    def end_session(self) -> None:
        """No end."""


if __name__ == "__main__":
    main()
