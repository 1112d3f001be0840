"""How the record is kept: where backups go and which there are, periods and erasure, what opens the record.

A panel over home. Nothing in it waits: disks are looked at beside the window, and a backup that is made
says in words how far it is.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from monitor import entries as e
from monitor.accounts import Proof
from monitor.language import tr
from monitor.store.overview import Overview
from monitor.trouble import Trouble
from ui.apart import apart
from ui.home import keeping_forms as forms
from ui.home import keeping_view as view
from ui.home import keeping_words as words
from ui.people.deciding_panel import LIST, DecidingPanel
from ui.people.pin_page import who_may
from ui.people.reception import Post, tell

if TYPE_CHECKING:
    from ui.runtime import Runtime

LOOK_MS = 500
LOOKING = tr("Looking at the disks …")
WHO = tr("An administrator's PIN is asked for each change.")
MADE = tr("The backup was made and compared.")


class KeepingPanel(DecidingPanel):
    """Begins with what there is; every change is a page of its own."""

    erased = Signal()
    """A session is gone from the record."""

    def __init__(self, runtime: Runtime, post: Post, parent: QWidget | None = None) -> None:
        self._keeper = runtime.keeper
        self._now: Overview | None = None
        self._doing, self._since = "", 0.0
        super().__init__(tr("How the record is kept"), runtime, post, parent)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._show_doing)
        self.hide()

    def first(self) -> QWidget:
        """What there is."""
        self.view = view.KeepingView(
            {
                view.BACK_UP: self._back_up,
                view.FOLDER: self._ask_folder,
                view.ERASE: self._ask_erase,
                view.PERIODS: self._ask_periods,
                view.PASSPHRASE: self._ask_passphrase,
                view.CODE: self._ask_code,
                view.DONE: self.hide,
            }
        )
        return self.view

    # --- what there is --------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """It begins with what there is; where the window was only put away, it stays as it is."""
        if not event.spontaneous():
            self.show_first()
        self._timer.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """A recovery code that is shown this once goes only when it was written down."""
        event.setAccepted(not any(code.isVisible() for code in self.findChildren(forms.Code)))

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing that was typed, shown once, or names a patient is left behind."""
        self._timer.stop()
        if not event.spontaneous():
            self.take_away()
            self._now = None

    def show_first(self, said: str = "") -> None:
        """How the record is kept now."""
        self.take_away()
        self._doing = ""  # what it came to is in `said`
        self._pages.setCurrentIndex(LIST)
        self.view.buttons[view.DONE].setFocus(Qt.FocusReason.OtherFocusReason)
        self._look(said)

    def _look(self, said: str = "") -> None:
        """Look at everything anew, beside the window."""
        self.view.tell(said or (LOOKING if self._now is None else ""))
        self._allow()
        apart(self._post, self._keeper.look, partial(self._seen, said))

    def _seen(self, said: str, now: Overview | Trouble) -> None:
        if not self.isVisible():
            return
        if isinstance(now, Trouble):
            self.view.tell(now.two_lines())
            return
        self._now = now
        self.view.tell(said or (WHO if self._people.identified else ""))
        self.view.show_now(now, running=bool(self._runtime.live))
        self._allow()

    def _allow(self) -> None:
        self.view.allow(self._now, busy=bool(self._keeper.doing), running=bool(self._runtime.live))

    @Slot()
    def _show_doing(self) -> None:
        """What takes a while, in words, and for how long it has; also what nobody here has asked for."""
        doing = self._keeper.doing
        if doing:
            if doing != self._doing:
                self._since = time.monotonic()
            seconds = int(time.monotonic() - self._since)
            self.view.tell(
                tr("At work: {doing} … {seconds} s. Everything else goes on.", doing=doing, seconds=seconds)
            )
            self._allow()
        elif self._doing and self._pages.currentIndex() == LIST:
            self._look()
        self._doing = doing

    # --- backups --------------------------------------------------------------------------

    @Slot()
    def _back_up(self) -> None:
        self.view.buttons[view.BACK_UP].setEnabled(False)
        self.view.tell(tr("At work: the backup begins …"))
        tell(self._keeper.back_up(), self._post, self._backed_up)

    def _backed_up(self, trouble: Trouble | None) -> None:
        self._doing = ""
        if self.isVisible() and self._pages.currentIndex() == LIST:
            self._look(MADE if trouble is None else trouble.two_lines())

    @Slot()
    def _ask_folder(self) -> None:
        if self._now is not None:
            form = forms.Folder(self._now)
            self.ask(form, partial(self._folder_given, form))

    def _folder_given(self, form: forms.Folder, folder: str) -> None:
        if not folder:
            self._use(folder)
            return
        seen = partial(self._folder_seen, form, folder)
        apart(self._post, partial(self._keeper.same_disk, folder), seen)

    def _folder_seen(self, form: forms.Folder, folder: str, same: bool | Trouble) -> None:
        if form is not self.form:
            return
        if isinstance(same, Trouble):
            form.wrong.setText(same.two_lines())
        elif not same or form.warned(folder):
            self._use(folder)

    def _use(self, folder: str) -> None:
        body = e.BackupFolderSet(folder=folder)
        self.decide(tr("Backup folder"), body, lambda proof: self._keeper.set_folder(folder, proof))

    # --- periods and keys -----------------------------------------------------------------

    @Slot()
    def _ask_periods(self) -> None:
        if self._now is not None:
            self.ask(forms.Periods(self._now), self._periods_given)

    def _periods_given(self, given: tuple[int, int]) -> None:
        body = e.KeepingSet(record_years=given[0], backup_days=given[1])
        self.decide(
            tr("How long things are kept"), body, lambda proof: self._keeper.set_periods(*given, proof)
        )

    @Slot()
    def _ask_passphrase(self) -> None:
        self.ask(forms.Passphrase(), self._passphrase_given)

    def _passphrase_given(self, typed: str) -> None:
        self.decide(
            tr("Passphrase"), e.KeyChanged(what=""), lambda by: self._keeper.add_passphrase(typed, by)
        )

    @Slot()
    def _ask_code(self) -> None:
        self.ask(forms.NewCode(), self._code_wanted)

    def _code_wanted(self, _: object) -> None:
        self.decide(tr("New recovery code"), e.KeyChanged(what=""), self._new_code, lambda code: None)

    def _new_code(self, proof: Proof | None) -> Future[Any]:
        """Shown whatever they look at by then: the old code opens nothing any more."""
        asked = self._keeper.new_recovery_code(proof)
        tell(asked, self._post, lambda trouble: None if trouble else self._show_code(asked.result()))
        return asked

    def _show_code(self, code: str) -> None:
        if not self.isVisible():
            self.show()
        form = forms.Code(code)
        form.noted.connect(lambda: self.show_first())
        self.ask(form, lambda _: None)

    # --- erasure --------------------------------------------------------------------------

    @Slot()
    def _ask_erase(self) -> None:
        if self._now is not None:
            self.ask(forms.Erase(self._now.sessions, named=self._people.identified), self._erase)

    def _erase(self, wish: forms.Wish) -> None:
        if wish.names is not None:
            one, other = wish.names
            self.wait_for(self._erasing(wish, (Proof(one, ""), Proof(other, ""))), self._gone)
            return
        body = e.ErasureDecided(
            session=wish.session.id, why=wish.why, confirmed_by=("", ""), entries=0, first_utc="", digest=""
        )
        tried: list[Proof] = []

        def prove(proof: Proof | None) -> Future[Any]:
            assert proof is not None
            tried.append(proof)
            return self._runtime.prove(proof, body)

        deed = tr("Erase {candidate}. First, who decides it?", candidate=words.candidate(wish.session))
        self.ask_pin(deed, who_may(self._people, body), prove, lambda _: self._second(wish, tried[-1]))

    def _second(self, wish: forms.Wish, first: Proof) -> None:
        """The first PIN was right; nothing is decided before the second one is."""
        others = [person for person in self._people.active if person.id != first.person]

        def both(proof: Proof | None) -> Future[Any]:
            assert proof is not None
            return self._erasing(wish, (first, proof))

        deed = tr("Erase {candidate}. Second, who confirms it?", candidate=words.candidate(wish.session))
        self.ask_pin(deed, others, both, self._gone)

    def _erasing(self, wish: forms.Wish, proofs: tuple[Proof, Proof]) -> Future[Any]:
        """Home hears of it whatever they look at by then."""
        asked = self._keeper.erase(wish.session.id, wish.why, proofs)
        tell(asked, self._post, lambda trouble: None if trouble else self.erased.emit())
        return asked

    def _gone(self, tombstone: e.SessionErased) -> None:
        self.show_first(words.erased(tombstone.backups))
