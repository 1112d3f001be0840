"""Asks in the tray for somebody's PIN, and enters what they confirm with it as theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from monitor import entries as e
from monitor.accounts import Proof
from monitor.correcting import decides
from monitor.people import SAYS_WHO, may
from monitor.session import SessionState
from monitor.trouble import Trouble
from ui.live.tray import Tray
from ui.people.pin_dialog import PinDialog
from ui.people.reception import Reception

LEAVES_MS = 120_000
"""A question that nobody answers goes away, with what was typed."""


class Pins(QObject):
    """Of one live screen."""

    def __init__(self, state: SessionState, reception: Reception, tray: Tray, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._reception, self._tray = state, reception, tray
        self.dialog: PinDialog | None = None
        """The one asked with last."""

    @property
    def wanted(self) -> bool:
        """Whether people are known by name here, so that a PIN says who confirms."""
        return self._reception.people.identified

    def confirm(
        self, title: str, body: e.Body, about: str = "", done: Callable[[], None] = lambda: None
    ) -> None:
        """Enter `body` for whoever gives their PIN; `about` says what it is; `done` once it is entered."""
        people = self._reception.people
        if isinstance(body, SAYS_WHO):
            choices = [p for p in people.active if p.id == body.person]
        else:
            decisive = decides(self._state, body)
            choices = [p for p in people.active if any(may(role, decisive) for role in p.roles)]
        first = self._state.acting_person
        dialog = PinDialog(choices, people, self._reception.wait_s, about=about, first=first)
        dialog.given.connect(partial(self._given, dialog, body, done))
        self.dialog = dialog
        focus: QWidget = dialog.field if dialog.pages.currentIndex() else dialog.who
        self._tray.offer(title, dialog, for_ms=LEAVES_MS, focus=focus)

    def _given(self, dialog: PinDialog, body: e.Body, done: Callable[[], None], proof: Proof) -> None:
        self._reception.prove(body, proof, partial(self._answered, dialog, done))

    def _answered(self, dialog: PinDialog, done: Callable[[], None], trouble: Trouble | None) -> None:
        shows = self._tray.content is dialog  # the tray may show something else by now
        if trouble is None:
            if shows:
                self._tray.dismiss()
            done()
        elif shows:
            dialog.refused(trouble)
            self._tray.moved()
