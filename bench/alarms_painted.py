"""Picture of an alarm: from the end of its delay to the end of the paint event that shows it.

The app offscreen, one session in view; its oxygen falls very low again and again, each time until the
alarm is painted, and recovers. The same for the tile. Floor: an empty window, from asking for a paint
to the end of the paint event.

    python -m bench.alarms_painted [--alarms 60]
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from bench.alarms_sound import begin, silence
from bench.report import figure
from monitor import entries as e
from monitor.clock import interval_ns
from monitor.codec import Entry
from monitor.vitals import Reading
from ui import theme
from ui.app import Window
from ui.live.screen import LiveScreen
from ui.opening import Opening

READING_MS = 370
"""Readings come so often: no multiple of a tick, so that alarms meet it at every phase."""
CALM_READINGS = 3
FLOOR_PAINTS = 60


class Bench(QObject):
    """Runs the app until enough alarms were painted."""

    def __init__(self, alarms: int, place: Path) -> None:
        super().__init__()
        self.wanted = alarms
        self.banner_ms: list[float] = []
        self.tile_ms: list[float] = []
        self.floor_ms: list[float] = []
        self.opening = Opening(place, demo=True, radio=silence, sound="null", on_entry=self._entry)
        self.window = Window(self.opening)
        self.window.resize(1600, 1000)
        self._met_ns: int | None = None
        self._session = ""
        self._calm = CALM_READINGS
        self._floor = QWidget()
        self._asked_ns = 0
        self._readings = QTimer(self)
        self._readings.setInterval(READING_MS)
        self._readings.timeout.connect(self._read)

    def start(self) -> None:
        """Open the record, then a session."""
        self.window.show()
        self.window.entrance.open()
        QTimer.singleShot(200, self._begin)

    def _begin(self) -> None:
        runtime = self.opening.runtime
        if runtime is None:
            QTimer.singleShot(200, self._begin)
            return
        self._session = begin(runtime)
        QTimer.singleShot(1000, self._watch)

    def _watch(self) -> None:
        screen = self._screen
        screen.banner.installEventFilter(self)
        screen.spo2.installEventFilter(self)
        self._floor.resize(400, 80)
        self._floor.installEventFilter(self)
        self._floor.show()
        self._ask_floor()
        self._readings.start()

    def _ask_floor(self) -> None:
        self._asked_ns = interval_ns()
        self._floor.update()

    @property
    def _screen(self) -> LiveScreen:
        return self.window.screens[self._session]

    def _read(self) -> None:
        """One reading: very low until its alarm is painted, then calm for a while."""
        runtime = self.opening.runtime
        if runtime is None or len(self.tile_ms) >= self.wanted:
            self._readings.stop()
            self._floor.close()
            self.window.close()
            return
        low = self._calm <= 0
        self._calm -= 1
        reading = Reading(spo2=84.0 if low else 97.0, pulse=70.0)
        session = runtime.live[self._session]
        runtime.call(lambda: session.arrived("ox", [reading], b"", runtime.clock.now()))

    def _entry(self, session: str, entry: Entry) -> None:
        body = entry.body
        if isinstance(body, e.AlarmChanged) and body.vital == "spo2" and body.state == "active":
            assert self.opening.runtime is not None
            late_ms = self.opening.runtime.live[session].state.timeline.at(entry.entered) - body.at_ms
            self._met_ns = entry.entered.mono_ns - late_ms * 1_000_000

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """It is shown when the widget has handled its paint event."""
        if event.type() != QEvent.Type.Paint:
            return False
        watched.event(event)
        now = interval_ns()
        if watched is self._floor:
            self.floor_ms.append((now - self._asked_ns) / 1e6)
            if len(self.floor_ms) < FLOOR_PAINTS:
                QTimer.singleShot(50, self._ask_floor)
            return True
        met = self._met_ns
        alarms = self.window.states[self._session].alarms
        if met is not None and any(a.change.vital == "spo2" and not a.seen for a in alarms.values()):
            into = self.banner_ms if watched is self._screen.banner else self.tile_ms
            into.append((now - met) / 1e6)
            if len(self.banner_ms) == len(self.tile_ms):
                self._met_ns, self._calm = None, CALM_READINGS
            elif abs(len(self.banner_ms) - len(self.tile_ms)) > 1:
                into.pop()  # this one was painted already
        return True

    def report(self) -> None:
        """One line per figure."""
        figure("banner_after_condition_met", self.banner_ms, unit="ms", floor=self.floor_ms, target_p99=100)
        figure("tile_after_condition_met", self.tile_ms, unit="ms", floor=self.floor_ms, target_p99=100)


def main() -> None:
    """Let `--alarms` alarms be painted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alarms", type=int, default=60)
    options = parser.parse_args()
    app = QApplication([])
    theme.apply(app)
    with tempfile.TemporaryDirectory() as place:
        bench = Bench(options.alarms, Path(place) / "data")
        bench.start()
        app.exec()
        bench.report()


if __name__ == "__main__":
    main()
