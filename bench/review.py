"""Review: how long the record of a session of 2 h, and of 12 h, takes to open, and how fast it is scrubbed.

Opening is reading it as bytes, checking, folding, making the page and painting it (offscreen raster,
1600x1000), without the disk, whose share bench.log measures. A frame of scrubbing is one step of the slider,
painted. Floor: the fold alone, and an empty page painted, in the same run.

    python -m bench.review [--opens 9] [--frames 300]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from functools import partial
from itertools import count

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QWidget

from bench.redraw import SIZE, Course, timed
from bench.report import figure
from monitor import entries as e
from monitor.alarms.shelf import PresetShelf
from monitor.codec import GENESIS, Entry, Sealed, seal, unseal
from monitor.people import People
from monitor.session import Changed, fold
from ui import theme
from ui.bridge import Bridge
from ui.record.page import CURVES, RecordPage
from ui.record.trial_form import Rules

LENGTHS_S = {"2 h": 2 * 3600, "12 h": 12 * 3600}
TARGET_MS, TARGET_FPS = 500.0, 30.0
"""What a review of 2 h may take to open, and frames of scrubbing a second."""


class Told(Course):
    """A course whose entries are kept as they would lie on disk."""

    def __init__(self) -> None:
        self.log: list[Sealed] = []
        super().__init__()

    def _tell(self, body: e.Body) -> Changed:
        entry = Entry(log="s", seq=self.state.seq + 1, entered=self.clock.now(), by="therapist", body=body)
        self.log.append(seal(entry, self.log[-1].digest if self.log else GENESIS))
        return self.state.apply(entry)

    def end(self) -> None:
        """Monitoring is ended."""
        self._tell(e.SessionEnded())


def opened(app: QApplication, log: list[Sealed]) -> RecordPage:
    """The page of a log, painted at its curves."""
    state = fold(unseal(sealed.data)[0] for sealed in log)
    rules = Rules(PresetShelf(), state, lambda: log, Bridge().post)
    page = RecordPage(state, People(), lambda person: 0.0, lambda *args: None, rules)
    page.resize(*SIZE)
    page.turn(CURVES)
    page.show()
    app.processEvents()
    return page


def closed(page: QWidget) -> None:
    page.close()
    page.deleteLater()


def empty(app: QApplication) -> None:
    """The floor of a frame."""
    page = QWidget()
    page.resize(*SIZE)
    page.show()
    app.processEvents()
    closed(page)


def scrub(app: QApplication, page: RecordPage, instants: Iterator[int]) -> None:
    """The next instant, painted."""
    page.curves.slider.setValue(next(instants))
    app.processEvents()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--opens", type=int, default=9)
    parser.add_argument("--frames", type=int, default=300)
    asked = parser.parse_args()
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app)
    for name, seconds in LENGTHS_S.items():
        told = Told()
        for _ in range(seconds):
            told.second()
        told.end()
        took, floor = [], []
        for _ in range(asked.opens):
            start = time.perf_counter_ns()
            fold(unseal(sealed.data)[0] for sealed in told.log)
            floor.append((time.perf_counter_ns() - start) / 1e6)
            start = time.perf_counter_ns()
            page = opened(app, told.log)
            took.append((time.perf_counter_ns() - start) / 1e6)
            closed(page)
        figure(f"review of {name} opens", took, unit="ms", floor=floor, target=TARGET_MS)
        page = opened(app, told.log)
        step = max(1, page.curves.slider.maximum() // (asked.frames + 10))
        times = timed(asked.frames, partial(scrub, app, page, count(step=step)))
        plain = timed(30, partial(empty, app))
        figure(f"scrubbing {name}, a frame", times, unit="ms", floor=plain, target=1000 / TARGET_FPS)
        closed(page)


if __name__ == "__main__":
    main()
