"""How the record is kept: where backups go and which there are, periods and erasure, what opens the record.

A panel over home. Nothing in it waits: disks are looked at beside the window, and a backup that is made
says in words how far it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QStackedLayout, QVBoxLayout, QWidget

from monitor import entries as e
from monitor.accounts import Proof
from monitor.store.overview import Overview
from monitor.trouble import Trouble
from ui import theme
from ui.apart import apart
from ui.home import keeping_forms as forms
from ui.home import keeping_view as view
from ui.home import keeping_words as words
from ui.people.pin_page import PinPage, who_may
from ui.people.reception import Post, tell
from ui.record.signing import Form

if TYPE_CHECKING:
    from ui.runtime import Runtime

LOOK_MS = 500
LOOKING = "Looking at the disks …"
WHO = "An administrator's PIN is asked for each change."

Request = Callable[[Proof | None], Future[Any]]
LIST, FORM, PIN = range(3)


class KeepingPanel(QFrame):
    """Begins with what there is; every change is a page of its own."""

    erased = Signal()
    """A session is gone from the record."""

    def __init__(self, runtime: Runtime, post: Post, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAccessibleName("How the record is kept")
        self.setStyleSheet(theme.touchable(theme.Scale()))
        self._runtime, self._post, self._keeper = runtime, post, runtime.keeper
        self._people = runtime.people
        self._now: Overview | None = None
        self._doing, self._since = "", 0.0
        self.form: Form | None = None
        """What is asked now, if anything is."""
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
        self.pin_page = PinPage(self._people, runtime.accounts.wait_s, post)
        self.pin_page.left.connect(self._leave_pin)
        self._form_page = QWidget()
        self._place = QVBoxLayout(self._form_page)
        self._place.setContentsMargins(20, 20, 20, 20)
        self._pages = QStackedLayout(self)
        for page in (self.view, self._form_page, self.pin_page):
            self._pages.addWidget(page)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._show_doing)
        self.hide()

    # --- what there is --------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """It begins with what there is; where the window was only put away, it stays as it is."""
        if not event.spontaneous():
            self.show_list()
        self._timer.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """A recovery code that is shown this once goes only when it was written down."""
        event.setAccepted(not any(code.isVisible() for code in self.findChildren(forms.Code)))

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing that was typed, shown once, or names a patient is left behind."""
        self._timer.stop()
        if not event.spontaneous():
            self._take_away()
            self._now = None

    @Slot()
    def show_list(self) -> None:
        """How the record is kept now."""
        self._begin("")

    def _begin(self, said: str) -> None:
        self._take_away()
        self._doing = ""  # what it came to is in `said`
        self._pages.setCurrentIndex(LIST)
        self.view.buttons[view.DONE].setFocus(Qt.FocusReason.OtherFocusReason)
        self.look(said)

    def look(self, said: str = "") -> None:
        """Look at everything anew, beside the window; `said` is what has just been done."""
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
        """What takes a while, in words, and for how long it has."""
        doing = self._keeper.doing
        if doing:
            if doing != self._doing:
                self._since = time.monotonic()
            seconds = int(time.monotonic() - self._since)
            self.view.tell(f"At work: {doing} … {seconds} s. Everything else goes on.")
            self._allow()
        elif self._doing and self._pages.currentIndex() == LIST:
            self.look(self._outcome())
        self._doing = doing

    def _outcome(self) -> str:
        return f"No backup was made. {self._keeper.keeping.failed}" if self._keeper.keeping.failed else ""

    # --- what is asked --------------------------------------------------------------------

    @Slot()
    def _back_up(self) -> None:
        self.view.buttons[view.BACK_UP].setEnabled(False)
        self.view.tell("At work: the backup begins …")
        tell(self._keeper.back_up(), self._post, self._backed_up)

    def _backed_up(self, trouble: Trouble | None) -> None:
        self._doing = ""
        if self.isVisible() and self._pages.currentIndex() == LIST:
            self.look(trouble.two_lines() if trouble is not None else "The backup was made and compared.")

    @Slot()
    def _ask_folder(self) -> None:
        if self._now is not None:
            form = forms.Folder(self._now)
            self._show(form, partial(self._folder_given, form))

    def _folder_given(self, form: forms.Folder, folder: str) -> None:
        if not folder:
            self._use(folder)
        else:
            apart(
                self._post, partial(self._keeper.same_disk, folder), partial(self._folder_seen, form, folder)
            )

    def _folder_seen(self, form: forms.Folder, folder: str, same: bool | Trouble) -> None:
        if form is not self.form:
            return
        if isinstance(same, Trouble):
            form.wrong.setText(same.two_lines())
        elif not same or form.warned(folder):
            self._use(folder)

    def _use(self, folder: str) -> None:
        body = e.BackupFolderSet(folder=folder)
        self._decide("Backup folder", body, lambda proof: self._keeper.set_folder(folder, proof))

    @Slot()
    def _ask_periods(self) -> None:
        if self._now is not None:
            self._show(forms.Periods(self._now), self._periods_given)

    def _periods_given(self, given: tuple[int, int]) -> None:
        body = e.KeepingSet(record_years=given[0], backup_days=given[1])
        self._decide("How long things are kept", body, lambda proof: self._keeper.set_periods(*given, proof))

    @Slot()
    def _ask_passphrase(self) -> None:
        self._show(forms.Passphrase(), self._passphrase_given)

    def _passphrase_given(self, typed: str) -> None:
        self._decide("Passphrase", e.KeyChanged(what=""), lambda by: self._keeper.add_passphrase(typed, by))

    @Slot()
    def _ask_code(self) -> None:
        self._show(forms.NewCode(), self._code_wanted)

    def _code_wanted(self, _: object) -> None:
        self._decide("New recovery code", e.KeyChanged(what=""), self._new_code, lambda code: None)

    def _new_code(self, proof: Proof | None) -> Future[Any]:
        """Shown whatever they look at by then: the old code opens nothing any more."""
        asked = self._keeper.new_recovery_code(proof)
        tell(asked, self._post, lambda trouble: None if trouble else self._show_code(asked.result()))
        return asked

    def _show_code(self, code: str) -> None:
        if not self.isVisible():
            self.show()
        form = forms.Code(code)
        form.noted.connect(self.show_list)
        self._show(form, lambda _: None)

    @Slot()
    def _ask_erase(self) -> None:
        if self._now is not None:
            form = forms.Erase(self._now.sessions, named=self._people.identified)
            self._show(form, self._erase)

    # --- who decides ----------------------------------------------------------------------

    def _decide(
        self,
        deed: str,
        body: e.Body,
        request: Request,
        done: Callable[[Any], object] | None = None,
    ) -> None:
        """Ask for it with the PIN of somebody who may; where nobody is known by name, at once."""
        done = done or (lambda _: self._begin(f"{deed}: done."))
        if not self._people.identified:
            asked = request(None)
            tell(asked, self._post, partial(self._answered, self.form, asked, done))
            return
        self._ask_pin(deed, who_may(self._people, body), request, done)

    def _ask_pin(
        self, deed: str, choices: list[Any], request: Request, done: Callable[[Any], object]
    ) -> None:
        self.pin_page.ask(deed, choices, request, done)
        self._pages.setCurrentIndex(PIN)
        self.pin_page.take_focus()

    def _answered(
        self, form: Form | None, asked: Future[Any], done: Callable[[Any], object], trouble: Trouble | None
    ) -> None:
        if trouble is None:
            done(asked.result())
        elif form is not None and form is self.form:
            form.wrong.setText(trouble.two_lines())

    # --- two people -----------------------------------------------------------------------

    def _erase(self, wish: forms.Wish) -> None:
        if wish.names is not None:
            proofs = (Proof(wish.names[0], ""), Proof(wish.names[1], ""))
            asked = self._erasing(wish, proofs)
            tell(asked, self._post, partial(self._answered, self.form, asked, self._gone))
            return
        body = e.ErasureDecided(
            session=wish.session.id, why=wish.why, confirmed_by=("", ""), entries=0, first_utc="", digest=""
        )

        def first(proof: Proof | None) -> Future[Any]:
            assert proof is not None
            asked = self._runtime.prove(proof, body)
            tell(asked, self._post, lambda trouble: None if trouble else self._second(wish, proof))
            return asked

        deed = f"Erase {words.candidate(wish.session)}. First, who decides it?"
        self._ask_pin(deed, who_may(self._people, body), first, lambda _: None)

    def _second(self, wish: forms.Wish, first: Proof) -> None:
        """The first PIN was right; nothing is decided before the second one is."""
        if self._pages.currentIndex() != PIN:
            return
        others = [person for person in self._people.active if person.id != first.person]

        def both(proof: Proof | None) -> Future[Any]:
            assert proof is not None
            return self._erasing(wish, (first, proof))

        deed = f"Erase {words.candidate(wish.session)}. Second, who confirms it?"
        self._ask_pin(deed, others, both, self._gone)

    def _erasing(self, wish: forms.Wish, proofs: tuple[Proof, Proof]) -> Future[Any]:
        """Home hears of it whatever they look at by then."""
        asked = self._keeper.erase(wish.session.id, wish.why, proofs)
        tell(asked, self._post, lambda trouble: None if trouble else self.erased.emit())
        return asked

    def _gone(self, tombstone: e.SessionErased) -> None:
        self._begin(words.erased(tombstone.backups))

    # --- pages ----------------------------------------------------------------------------

    def _show(self, form: Form, given: Callable[[Any], object]) -> None:
        self._take_away()
        self.form = form
        form.given.connect(given)
        form.left.connect(self.show_list)
        self._place.addWidget(form)
        self._pages.setCurrentIndex(FORM)
        form.setFocus(Qt.FocusReason.OtherFocusReason)
        form.focusNextChild()

    @Slot()
    def _leave_pin(self) -> None:
        self.pin_page.forget()
        self._pages.setCurrentIndex(FORM)

    def _take_away(self) -> None:
        self.pin_page.forget()
        if self.form is not None:
            self._place.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None
