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


def timed(frames: int, frame: Callable[[], None]) -> list[float]:
    """Milliseconds of each call of `frame`, the first five left out."""
    times = []
    for _ in range(frames + 5):
        start = time.perf_counter_ns()
        frame()
        times.append((time.perf_counter_ns() - start) / 1e6)
    return times[5:]


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


def live(app: QApplication, screen: LiveScreen, course: Course, frames: int) -> list[float]:
    """Frames of the live screen."""

    def frame() -> None:
        screen.refresh(course.second())
        screen.tick(course.now_ms, course.state.seq, 200, "room speaker")
        app.processEvents()

    return timed(frames, frame)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--frames", type=int, default=120)
    frames = parser.parse_args().frames
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app)
    medians: dict[tuple[str, str], float] = {}
    for name, seconds in LENGTHS_S.items():
        course = Course()
        for _ in range(seconds):
            course.second()
        screen = LiveScreen(course.state, Nothing(), load_preset("im"))
        screen.resize(*SIZE)
        screen.show()
        app.processEvents()
        floor = plain(app, course, screen.trends.width(), screen.trends.height(), frames)
        for span in SPANS:
            screen.trends.window_of_time.choose(span)
            times = live(app, screen, course, frames)
            medians[name, span] = median(times)
            figure("redraw", times, unit="ms", floor=floor, session=name, trends=span, target=TARGET_MS)
        screen.trends.close()
        screen.close()
        screen.deleteLater()
    for span in SPANS:
        ratio = medians["12 h", span] / medians["10 min", span]
        figure("redraw, 12 h to 10 min", [ratio], unit="times", trends=span, target=TARGET_RATIO)


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
