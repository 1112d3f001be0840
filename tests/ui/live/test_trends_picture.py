"""The trends as they are painted: what is painted bit by bit is what would be painted anew."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
from live_story import Story
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QImage, QPaintEvent
from pytestqt.qtbot import QtBot

from monitor.vitals import Quality
from ui.live import trends
from ui.live.trends_view import Trends


class Paints(QObject):
    """How much of a widget each of its paint events painted, as a share of its width."""

    def __init__(self, watched: Trends) -> None:
        super().__init__()
        self.shares: list[float] = []
        self._wide = watched.viewport().width()
        watched.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.shares.append(event.region().boundingRect().width() / self._wide)
        return False


@pytest.fixture
def view(qtbot: QtBot, story: Story) -> Iterator[Trends]:
    view = Trends(story.state)
    view.resize(900, 600)
    with qtbot.waitExposed(view):
        view.show()
    yield view
    view.close()


def on_screen(view: Trends) -> QImage:
    """What stands on the screen; a grab() would paint everything anew."""
    return view.screen().grabWindow(view.winId()).toImage()


def tick(view: Trends, story: Story) -> None:
    """The next tick, painted."""
    view.tick(story.now_ms)
    QCoreApplication.processEvents()


@pytest.mark.parametrize("span", trends.SPANS)
def test_a_line_that_grew_looks_as_if_it_were_painted_anew(view: Trends, story: Story, span: str) -> None:
    view.window_of_time.choose(span)
    chance = random.Random(5)
    for _ in range(150):
        # Many samples to a column, many columns to a sample, and longer than a line goes on.
        story.clock.advance(chance.choice((0.1, 1, 1, 4, 9, 11)))
        spo2, pulse = (
            (None, None) if chance.random() < 0.1 else (chance.uniform(82, 99), chance.uniform(50, 150))
        )
        story.read(spo2, pulse, quality=chance.choice((Quality.GOOD, Quality.GOOD, Quality.DOUBTFUL)))
        tick(view, story)
        grown = on_screen(view)
        view.viewport().update()
        QCoreApplication.processEvents()
        assert unlike(grown, on_screen(view)) <= SEAM


SEAM = 12
"""Pixels. Where a steep line enters what is painted again, Qt lays it up to one pixel beside."""


def unlike(one: QImage, other: QImage) -> int:
    """How many pixels differ by more than smoothing does."""
    pixels = [
        np.frombuffer(image.convertToFormat(QImage.Format.Format_RGB32).constBits(), np.uint8).astype(
            np.int16
        )
        for image in (one, other)
    ]
    return int((np.abs(pixels[0] - pixels[1]).reshape(-1, 4).max(axis=1) > 96).sum())


def test_a_new_sample_paints_the_end_of_its_lines_only(view: Trends, story: Story) -> None:
    for _ in range(3600):
        story.clock.advance(1)
        story.read(97, 80)
    tick(view, story)
    paints, seen = Paints(view), view.shared.left_ms
    for _ in range(3):
        story.clock.advance(1)
        story.read(96, 81)
        tick(view, story)
    assert view.shared.left_ms == seen, "the whole picture moves on by a pixel now and then"
    assert paints.shares
    assert max(paints.shares) < 0.1
