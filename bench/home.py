"""Home with ten thousand sessions: from the list at hand to its paint, on the window's thread.

What reading the list costs, beside the window, is log.list of bench.log. Floor: the same with one session.

    python -m bench.home [--sessions 10000]
"""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime, timedelta

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from bench.redraw import timed
from bench.report import figure
from monitor.summary import Summary
from ui import theme
from ui.home.home import Home

FIRST = datetime(2016, 1, 1, 9, tzinfo=UTC)
SHOWN = 9


def summaries(count: int) -> list[Summary]:
    """So many ended sessions, nine hours apart."""
    return [
        Summary(
            id=f"{i:032x}", code=f"KAP-{i:04}", start=(FIRST + timedelta(hours=9 * i)).isoformat(),
            state="ended", route="im", preset="im", entries=3, demo=False,
        )
        for i in range(count)
    ]  # fmt: skip


def shown(app: QApplication, count: int) -> list[float]:
    """Milliseconds from the list to its paint."""
    page, sessions = Home(), summaries(count)
    page.resize(1600, 1000)
    page.show()
    app.processEvents()

    def show() -> None:
        page.show_sessions(sessions)
        app.processEvents()

    times = timed(SHOWN, show, before=1)
    page.close()
    return times


def main() -> None:
    """One line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=10_000)
    options = parser.parse_args()
    app = QApplication([])
    theme.apply(app)
    figure("home_list", shown(app, options.sessions), unit="ms", floor=shown(app, 1), target=200)


if __name__ == "__main__":
    main()
