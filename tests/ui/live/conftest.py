"""Live screens for tests: a small story, the design's picture, and windows that are closed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from live_story import Recorded, Story, open_screen, tell_the_picture
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from reception_desk import Desk

from ui import theme
from ui.live.screen import LiveScreen


@pytest.fixture
def story() -> Story:
    """A session with devices and one good reading."""
    told = Story()
    told.read(97, 84)
    return told


@pytest.fixture(scope="session")
def picture() -> Story:
    """The design's picture; only looked at, never added to."""
    return tell_the_picture()


@pytest.fixture
def live(qtbot: object, qapp: QApplication) -> Iterator[Callable[..., tuple[LiveScreen, Recorded]]]:
    """Opens live screens and sees to it that none outlives its test."""
    theme.apply(qapp)
    opened: list[LiveScreen] = []

    def make(
        story: Story, size: tuple[int, int] = (1600, 1000), reception: object = None
    ) -> tuple[LiveScreen, Recorded]:
        screen, commands = open_screen(story, size, reception)  # type: ignore[arg-type]
        opened.append(screen)
        screen.show()
        screen.activateWindow()
        qapp.processEvents()
        return screen, commands

    yield make
    for screen in opened:
        screen.trends.close()
        screen.close()
        screen.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class Staffed:
    """A live screen, what it asked for, and who answers for people."""

    def __init__(self, size: tuple[int, int], *, later: bool) -> None:
        self.story = Story()
        self.story.read(97, 84)
        desks: list[Desk] = []

        def reception(story: Story, commands: Recorded) -> Desk:
            desks.append(Desk(story, commands))
            return desks[0]

        self.screen, self.commands = open_screen(self.story, size, reception)
        self.desk = desks[0]
        self.desk.later = later


@pytest.fixture
def opened(qtbot: object, qapp: QApplication) -> Iterator[Callable[..., Staffed]]:
    """Opens live screens and sees to it that none outlives its test."""
    theme.apply(qapp)
    screens: list[LiveScreen] = []

    def make(size: tuple[int, int] = (1600, 1000), *, later: bool = False) -> Staffed:
        made = Staffed(size, later=later)
        screens.append(made.screen)
        made.screen.show()
        made.screen.activateWindow()
        qapp.processEvents()
        return made

    yield make
    for screen in screens:
        screen.trends.close()
        screen.close()
        screen.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
