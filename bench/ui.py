"""The window in use: how busy its thread is, and how long it ever stands still.

The app of bench.latency (two oximeters with waveforms on the virtual radio, offscreen) with the physician's
second window beside it. First nobody touches it: the share of a core that the window's thread takes. Then
somebody goes through everything that can be opened, again and again, the record of a 12 h session among it: a
beat every 10 ms in the window's event loop says when it stood still. Floor: the same beat in an empty window.

    python -m bench.ui [--steady 60] [--use 300]
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from bench import latency
from bench.report import figure
from bench.review import Told
from monitor.store import datadir
from ui import theme
from ui.course import close as closing
from ui.live.screen import LiveScreen
from ui.record.page import ALARMS, CURVES, ENTRIES, RecordPage

BEAT_MS = 10
STALL_MS = 50.0
"""What is called standing still: a beat that comes later than this."""
BETWEEN_MS = 700
"""A person opens the next thing so long after the last."""
LONG_S = 12 * 3600
LONG = "KAP-0417-K"
"""The code that bench.redraw gives a course."""
FLOOR_S = 5.0
TARGET_BUSY = 15.0


class Beat(QObject):
    """How late each beat came, in milliseconds, and what was done at the time."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.late_ms: list[float] = []
        self.stalls: list[tuple[str, float]] = []
        self.doing = ""
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """From now on."""
        self._last = time.perf_counter()
        self._timer.start(BEAT_MS)

    def stop(self) -> None:
        """No more."""
        self._timer.stop()

    def _beat(self) -> None:
        now = time.perf_counter()
        late = max(0.0, (now - self._last) * 1000 - BEAT_MS)
        self.late_ms.append(late)
        if late > STALL_MS:
            self.stalls.append((self.doing, late))
        self._last = now


class Bench(latency.Bench):
    """Runs the app: first untouched, then in use."""

    def __init__(self, steady: float, use: float, place: Path) -> None:
        super().__init__(steady, 2.0, place)
        self.use = use
        self.busy: list[float] = []
        self.beat = Beat(self)
        self.floor_beats: list[float] = []
        self._cpu_s = 0.0
        self._share = QTimer(self)
        self._share.timeout.connect(self._measure_share)
        self._deeds = cycle(self._everything())
        self._next = QTimer(self)
        self._next.timeout.connect(self._do)

    def _steady(self) -> None:
        self.window.beside.open(self.window.runtime)
        self._notes.start(int(self.note_every * 1000))
        QTimer.singleShot(2000, self._untouched)

    def _untouched(self) -> None:
        self._cpu_s = time.thread_time()
        self._share.start(1000)
        QTimer.singleShot(int(self.seconds * 1000), self._in_use)

    def _measure_share(self) -> None:
        now = time.thread_time()
        self.busy.append((now - self._cpu_s) * 100)
        self._cpu_s = now

    def _in_use(self) -> None:
        self._share.stop()
        self.beat.start()
        self._next.start(BETWEEN_MS)
        QTimer.singleShot(int(self.use * 1000), self._end)

    def _do(self) -> None:
        self.beat.doing, deed = next(self._deeds)
        deed()

    def _end(self) -> None:
        self._next.stop()
        self.beat.stop()
        self._away()
        super()._end()

    # --- what there is to do --------------------------------------------------------------

    def _everything(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """Every panel of the live screen, both views, home with its panels, and a long record."""
        yield "dose", lambda: self._screen.dose_desk.open_dose()
        yield "escape", self._escape
        yield "everything", lambda: self._screen.everything.open()
        yield "escape", self._escape
        yield "alarms", lambda: self._screen.alarms.open_list()
        yield "escape", self._escape
        yield "limits", lambda: self._screen.alarms.open_limits()
        yield "escape", self._escape
        yield "time-out", lambda: self._screen.pad.standby.open_time_out()
        yield "escape", self._escape
        yield "prepare", lambda: self._screen.course.open_prepare()
        yield "escape", self._escape
        yield "close", lambda: self._screen.course.open_close()
        for step in closing.STEPS:
            yield f"close {step}", partial(self._turn, step)
        yield "escape", self._escape
        yield "all of it", lambda: self._screen.trends.choose("all")
        yield "20 min", lambda: self._screen.trends.choose("20 min")
        yield "60 min", lambda: self._screen.trends.choose("60 min")
        yield "observe", partial(self._press, Qt.Key.Key_D, "d")
        yield "over", partial(self._press, Qt.Key.Key_D, "d")
        yield "room view", lambda: self._screen.room.turn()
        yield "full view", lambda: self._screen.room.turn()
        yield "second window away", self._away
        yield "second window", lambda: self.window.beside.open(self.window.runtime)
        yield "home", lambda: self.window._go_home()
        for name, panel in (
            ("people", self.window.panels.show_people),
            ("devices", self.window.panels.show_inventory),
            ("sound", self.window.panels.show_sound),
            ("keeping", self.window.panels.show_keeping),
        ):
            yield name, panel
            yield "escape", self._escape
        yield "record of 12 h", self._read_long
        for page in (CURVES, ALARMS, ENTRIES):
            yield f"record {page}", partial(self._turn_record, page)
        yield "home again", lambda: self.window._go_home()
        yield "back to the session", lambda: self.window.stack.setCurrentWidget(self._screen)

    @property
    def _screen(self) -> LiveScreen:
        return self.window.screens[self._session]

    def _away(self) -> None:
        if self.window.beside.window is not None:
            self.window.beside.window.close()

    def _turn(self, step: str) -> None:
        if self._screen.course.close is not None:
            self._screen.course.close.turn(step)

    def _turn_record(self, page: int) -> None:
        shown = self.window.stack.currentWidget()
        if isinstance(shown, RecordPage):
            shown.turn(page)

    def _escape(self) -> None:
        self._press(Qt.Key.Key_Escape, "")

    def _press(self, key: Qt.Key, text: str) -> None:
        at = QApplication.focusWidget() or self.window
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(at, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text))

    def _read_long(self) -> None:
        summary = next(s for s in self.runtime.sessions() if s.code == LONG)
        self.window._read(summary)

    def report(self) -> None:
        """One line per figure, and what stood still longest."""
        figure("window_busy", self.busy, unit="% of one core, both windows open", target=TARGET_BUSY)
        figure("late_in_use", self.beat.late_ms, unit="ms", floor=self.floor_beats, target_max=STALL_MS)
        by_deed: dict[str, float] = {}
        for doing, late in self.beat.stalls:
            by_deed[doing] = max(late, by_deed.get(doing, 0.0))
        count = Counter(doing for doing, _ in self.beat.stalls)
        worst_first = sorted(by_deed.items(), key=lambda found: -found[1])
        worst = {doing: [count[doing], round(late)] for doing, late in worst_first}
        hours = self.use / 3600
        print(
            json.dumps({"figure": "stalls", "over_ms": STALL_MS, "hours": round(hours, 2), "by_deed": worst})
        )


def long_record(place: Path) -> None:
    """A store with an ended session of 12 h."""
    course = Told()
    for _ in range(LONG_S):
        course.second()
    course.end()
    store = datadir.open_or_create_demo(place)
    store.create_log("s", "session")
    for sealed in course.log:
        store.append("s", sealed, urgent=False)
    store.close()


def floor(app: QApplication) -> list[float]:
    """The beat of an empty window."""
    window = QWidget()
    beat = Beat(window)
    window.show()
    beat.start()
    QTimer.singleShot(int(FLOOR_S * 1000), window.close)
    app.exec()
    return beat.late_ms


def main() -> None:
    """Leave the app alone for `--steady` seconds, then use it for `--use` seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steady", type=float, default=60.0)
    parser.add_argument("--use", type=float, default=300.0)
    options = parser.parse_args()
    app = QApplication([])
    theme.apply(app)
    still = floor(app)
    with tempfile.TemporaryDirectory() as place:
        long_record(Path(place) / "data")
        bench = Bench(options.steady, options.use, Path(place) / "data")
        bench.floor_beats = still
        bench.start()
        app.exec()
        bench.report()


if __name__ == "__main__":
    main()
