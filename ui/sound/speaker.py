"""Keeps the player on the best output there is: the next where it goes away, the chosen one once back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from ui.sound.outputs import Look, Output, none_usable, ranked
from ui.sound.player import OutputError, Player

LOOK_S = 0.5
"""How often it looks which outputs there are; some systems give no other sign of an unplugged one."""

STALLED_NS = 1_000_000_000
"""An output that asked for no samples for so long was unplugged or hangs."""

AVOIDED_NS = 60_000_000_000
"""How long an output that failed comes after all others."""

RETRY_NS = 3_000_000_000
"""An output that cannot be opened is tried again so often while there is no other."""


class Speaker:
    """Plays on `chosen`, where that is not there on what comes next.

    `say` is told {"outputs": [...]} when those that there are change, and each time sound moves or
    ends {"playing": name} or {"unavailable": why}.
    """

    def __init__(self, player: Player, look: Look, say: Callable[[dict[str, Any]], None]) -> None:
        self.chosen = ""
        self._player = player
        self._look = look
        self._say = say
        self._found: Sequence[Output] | None = None
        self._told: Sequence[Output] | None = None
        self._stalled: dict[str, int] = {}
        self._refused: dict[str, int] = {}
        """When each output last stalled, and last could not be opened, on the clock that `keep` is given."""
        self._unavailable = ""
        self._ending = threading.Event()

    def start(self) -> None:
        """Look for outputs from now on, on a thread: asking a sound system may take long."""
        threading.Thread(target=self._looking, name="outputs", daemon=True).start()

    def close(self) -> None:
        """Silence."""
        self._ending.set()
        self._player.close()

    def _looking(self) -> None:
        while not self._ending.is_set():
            found = self._look()
            if found is not None or self._found is None:
                self._found = found or ()
            self._ending.wait(LOOK_S)

    def keep(self, now_ns: int) -> None:
        """See that the best output plays. Called many times a second."""
        found = self._found
        if found is None:
            return
        if found != self._told:
            self._told = found
            outputs = [{"name": o.name, "default": o.default, "refused": o.refused} for o in found]
            self._say({"outputs": outputs})
        playing = self._player.output
        if playing is not None and now_ns - self._player.pulled_ns >= STALLED_NS:
            self._stalled[playing.name] = now_ns
            playing = None
        failed = {**self._stalled, **self._refused}
        avoided = {name for name, at_ns in failed.items() if now_ns - at_ns < AVOIDED_NS}
        usable = ranked(found, self.chosen, avoided)
        if playing is None or not usable or usable[0].name != playing.name:
            self._move(usable, now_ns)

    def _move(self, usable: Sequence[Output], now_ns: int) -> None:
        """Play on the first that can be opened."""
        why = none_usable(self._told or ())
        for output in usable:
            if now_ns - self._refused.get(output.name, now_ns - RETRY_NS) < RETRY_NS:
                why = self._unavailable
                continue
            try:
                self._player.open(output)
            except OutputError as error:
                self._refused[output.name] = now_ns
                why = str(error)
            else:
                self._unavailable = ""
                self._say({"playing": output.name})
                return
        self._player.close()
        if why != self._unavailable:
            self._unavailable = why
            self._say({"unavailable": why})
