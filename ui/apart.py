"""Work that waits for disk or argon2, done beside the window's thread; it hears the answer. No Qt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import structlog

from monitor.language import tr
from monitor.trouble import Trouble

log = structlog.get_logger()

T = TypeVar("T")

Post = Callable[[Callable[[], object]], None]
"""Bridge.post: runs something on the window's thread."""

INSIDE = Trouble(
    tr("Something inside Vigil failed."),
    tr("What was asked for was not done; monitoring goes on."),
    tr("Try again. If it fails again, start Vigil anew."),
)


def apart(post: Post, work: Callable[[], T], told: Callable[[T | Trouble], object]) -> None:
    """Do `work` on a thread of its own; `told` hears what it returned, or the Trouble it raised."""

    def run() -> None:
        answer: T | Trouble
        try:
            answer = work()
        except Trouble as trouble:
            answer = trouble
        except Exception as error:  # its text may quote a patient
            log.error("work beside the window failed", error=type(error).__name__)
            answer = INSIDE
        post(partial(told, answer))

    threading.Thread(target=run, name="vigil-apart", daemon=True).start()
