"""What every test gets: nothing left running behind it, time by hand, waiting without sleeping."""

from __future__ import annotations

import asyncio
import inspect
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from hypothesis import settings

from monitor.clock import HandClock

# Before anything of Vigil is imported: its words are those of the process.
os.environ["VIGIL_LANGUAGE"] = "en"
# What a person has chosen on this computer is not the tests' business.
os.environ["XDG_CONFIG_HOME"] = str(Path(__file__).parent / "no-such-folder")

# Before any test module imports Qt: without a screen it would abort the whole run.
if os.environ.setdefault("QT_QPA_PLATFORM", "offscreen") == "offscreen":
    # Two screens, the first as large as our largest window: a touch beside a screen is no touch.
    screens = Path(__file__).with_name("offscreen.json")
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screens}"

# No deadline per example: how long one takes says more about the machine than about the code.
settings.register_profile("vigil", deadline=None, print_blob=True)
settings.load_profile("vigil")

ROOT = str(Path(__file__).parent.parent) + os.sep
VENV = ROOT + ".venv" + os.sep

FINISHING = 2.0
"""Seconds a thread that was told to end may take to do so before it counts as left behind."""

Eventually = Callable[..., Awaitable[None]]


@pytest.fixture
def hand_clock() -> HandClock:
    """A clock that stands still until the test moves it."""
    return HandClock()


@pytest.fixture
def eventually() -> Eventually:
    """`await eventually(condition)`: goes on as soon as it holds, fails when it never does."""

    async def wait(condition: Callable[[], object], within: float = 10.0) -> None:
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"after {within} s still not: {inspect.getsource(condition).strip()}")
            await asyncio.sleep(0.005)

    return wait


@pytest.fixture(scope="session", autouse=True)
def no_real_record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The user's own directories are out of reach, here and in every process a test starts."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            patch.setenv(variable, str(home / variable))
        patch.delenv("VIGIL_KEY_FILE", raising=False)
        yield


@pytest.fixture(autouse=True)
def no_thread_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A thread that outlives its test fails it. Nameless daemons, as libraries start them, may stay.

    So may the threads of the loop's own executor: they end with the loop, a little later than the test.
    """
    started: WeakKeyDictionary[threading.Thread, str] = WeakKeyDictionary()
    start = threading.Thread.start

    def remembering(thread: threading.Thread) -> None:
        started[thread] = _starter()
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", remembering)
    yield
    ours = [t for t in started if not t.name.startswith("asyncio_")]
    ours = [t for t in ours if not (t.daemon and t.name.startswith("Thread-"))]
    deadline = time.monotonic() + FINISHING
    for thread in ours:
        thread.join(max(0.0, deadline - time.monotonic()))
    _fail_for("a running thread", {t.name: started[t] for t in ours if t.is_alive()})


@pytest.fixture(autouse=True)
def no_window_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Windows are really gone before the next test; a timer that still runs fails this one."""
    if "PySide6.QtWidgets" not in sys.modules:
        yield
        return
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from PySide6.QtWidgets import QApplication, QGraphicsView
    from shiboken6 import isValid

    started: WeakKeyDictionary[QTimer, str] = WeakKeyDictionary()
    start = QTimer.start

    def remembering(timer: QTimer, *interval: Any) -> None:
        started[timer] = _starter()
        start(timer, *interval)

    monkeypatch.setattr(QTimer, "start", remembering)
    before = QApplication.topLevelWidgets() if QApplication.instance() else []
    yield
    if not QApplication.instance():
        return
    for widget in QApplication.topLevelWidgets():
        # A pop-up belongs to its parent and goes with it.
        if widget not in before and isValid(widget) and widget.parent() is None:
            widget.close()
            # pyqtgraph's views take their items out only when closed themselves; an item that is
            # destroyed with its scene instead crashes the process.
            for view in widget.findChildren(QGraphicsView):
                view.close()
            widget.deleteLater()
    # deleteLater alone waits for a loop that no longer runs.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    running = {repr(t): by for t, by in started.items() if isValid(t) and t.isActive()}
    for timer in [t for t in started if isValid(t)]:
        timer.stop()
    _fail_for("an active QTimer", running)


@pytest.fixture
async def no_task_left() -> AsyncIterator[None]:
    """An asyncio task that outlives its test fails it, though the loop would quietly cancel it."""
    started: WeakKeyDictionary[asyncio.Task[Any], str] = WeakKeyDictionary()

    def remembering(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(coro, loop=loop, **options)
        started[task] = _starter()
        return task

    loop = asyncio.get_running_loop()
    loop.set_task_factory(remembering)
    yield
    loop.set_task_factory(None)
    # A cancelled task needs a few turns of the loop to end; one that waits for something does not end.
    for _ in range(10):
        await asyncio.sleep(0)
    # The runner's own tasks, for the test and its fixtures, are started from outside this tree.
    left = [
        t for t in started if not t.done() and t is not asyncio.current_task() and started[t] != ELSEWHERE
    ]
    _fail_for("an asyncio task", {f"{t.get_name()} ({t.get_coro()})": started[t] for t in left})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coroutine tests watch their tasks; the others have no loop to watch."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.fixturenames.insert(0, "no_task_left")


ELSEWHERE = "started outside this project"


def _starter() -> str:
    """The nearest caller in this project's own files, as file:line in function."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(ROOT) and not name.startswith(VENV) and name != __file__:
            return f"{name.removeprefix(ROOT)}:{frame.f_lineno} in {frame.f_code.co_name}"
        frame = frame.f_back
    return ELSEWHERE


def _fail_for(what: str, left: dict[str, str]) -> None:
    __tracebackhide__ = True
    if left:
        pytest.fail("\n".join(f"left behind: {what}, {name}, from {by}" for name, by in left.items()))
