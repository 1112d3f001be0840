"""Startup: from the start of the process to the first paint of Vigil's first window.

Floor: importing PySide6 and pyqtgraph and painting an empty plot, in the same run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from bench.report import figure

REPEATS = 9
LONGEST_S = 30.0

FLOOR = """
import time
import pyqtgraph
from PySide6.QtWidgets import QApplication
app = QApplication([])
class Plot(pyqtgraph.PlotWidget):
    def paintEvent(self, event):
        super().paintEvent(event)
        app.quit()
plot = Plot()
plot.resize(1600, 1000)
plot.show()
app.exec()
"""

VIGIL = """
import sys
import ui.cli
import ui.start
class First(ui.start.Window):
    def paintEvent(self, event):
        super().paintEvent(event)
        assert not {"bumble", "sqlalchemy", "bleak"} & set(sys.modules)
        ui.start.QApplication.quit()
ui.start.Window = First
sys.argv = ["vigil", "--data", sys.argv[1]]
ui.cli.main()
"""


def main() -> None:
    """Alternate floor and Vigil, so that a busy machine disturbs both."""
    floor, vigil = [], []
    with tempfile.TemporaryDirectory() as place:
        _run(FLOOR, place)  # the first run of each fills the disk cache
        _run(VIGIL, place)
        for _ in range(REPEATS):
            floor.append(_run(FLOOR, place))
            vigil.append(_run(VIGIL, place))
    ratio = sorted(vigil)[REPEATS // 2] / sorted(floor)[REPEATS // 2]
    figure("startup", vigil, unit="ms", floor=floor, ratio=round(ratio, 2))


def _run(program: str, place: str) -> float:
    """Milliseconds from starting the interpreter until it has painted and ended."""

    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", program, place],
        check=True,
        timeout=LONGEST_S,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
