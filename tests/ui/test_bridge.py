"""The bridge between the threads: news in order, and nobody to tell once the window has gone."""

from __future__ import annotations

import threading
from functools import partial

import shiboken6
from pytestqt.qtbot import QtBot

from ui.bridge import Bridge


def from_a_thread(bridge: Bridge, told: list[int], numbers: range) -> None:
    def post() -> None:
        for number in numbers:
            bridge.post(partial(told.append, number))

    thread = threading.Thread(target=post, name="posting")
    thread.start()
    thread.join()


def test_news_of_another_thread_comes_whole_in_order_and_on_this_thread(qtbot: QtBot) -> None:
    bridge = Bridge()
    told: list[int] = []
    threads: set[threading.Thread] = set()
    from_a_thread(bridge, told, range(1000))
    bridge.post(lambda: threads.add(threading.current_thread()))
    assert told == []
    qtbot.waitUntil(lambda: bool(threads))
    assert told == list(range(1000))
    assert threads == {threading.main_thread()}


def test_who_still_posts_when_the_window_has_gone_is_not_heard_and_harms_nothing(qtbot: QtBot) -> None:
    bridge = Bridge()
    told: list[int] = []
    bridge.close()
    shiboken6.delete(bridge)
    from_a_thread(bridge, told, range(3))
    assert told == []
