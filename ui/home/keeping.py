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
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from monitor import entries as e
from monitor.accounts import Proof
from monitor.store.overview import Overview
from monitor.trouble import Trouble
from ui import theme
from ui.apart import apart
from ui.home import keeping_forms as forms
from ui.home import keeping_words as words
from ui.home.rows import Rows
from ui.labels import wrapped
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
        self.pin_page = PinPage(self._people, runtime.accounts.wait_s, post)
        self.pin_page.left.connect(self._leave_pin)
        self._form_page = QWidget()
        self._place = QVBoxLayout(self._form_page)
        self._place.setContentsMargins(20, 20, 20, 20)
        self._pages = QStackedLayout(self)
        for page in (self._list_page(), self._form_page, self.pin_page):
            self._pages.addWidget(page)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._show_doing)
        self.hide()

    def _list_page(self) -> QWidget:
        self.said, self._folder, self._last = wrapped(""), wrapped("", ""), wrapped("", "")
        self._periods, self._keys = wrapped("", ""), wrapped("", "")
        self.rows = Rows("Backups there are, the newest first")
        self.buttons = {
            text: _button(text, name, slot)
            for text, name, slot in (
                ("Back up now", "Make a backup now", self._back_up),
                ("Backup folder …", "Choose where backups go", self._ask_folder),
                ("Erase a session …", "Erase a session for good", self._ask_erase),
                ("How long …", "Change how long things are kept", self._ask_periods),
                ("Passphrase …", "Set the passphrase, or another one", self._ask_passphrase),
                ("New recovery code …", "Make a new recovery code", self._ask_code),
            )
        }
        pairs = list(self.buttons.values())
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(8)
        self.done = _button("Done", "Close this panel", self.hide)
        self.done.setMinimumWidth(96)
        column.addLayout(_row(wrapped("How the record is kept", "heading"), self.done, stretch=True))
        column.addWidget(self.said)
        for label in (self._folder, self._last):
            column.addWidget(label)
        column.addWidget(self.rows, 1)
        column.addLayout(_row(*pairs[:2]))
        column.addWidget(self._periods)
        column.addLayout(_row(*pairs[2:4]))
        column.addWidget(self._keys)
        column.addLayout(_row(*pairs[4:]))
        column.addWidget(wrapped(words.ROTATION))
        return page

    # --- what there is --------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """It begins with what there is."""
        self.show_list()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing that was typed, shown once, or names a patient is left behind."""
        self._timer.stop()
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
        self.done.setFocus(Qt.FocusReason.OtherFocusReason)
        self.look(said)

    def look(self, said: str = "") -> None:
        """Look at everything anew, beside the window; `said` is what has just been done."""
        self._tell(said or (LOOKING if self._now is None else ""))
        self._allow()
        apart(self._post, self._keeper.look, partial(self._seen, said))

    def _seen(self, said: str, now: Overview | Trouble) -> None:
        if not self.isVisible():
            return
        if isinstance(now, Trouble):
            self._tell(now.two_lines())
            return
        self._now = now
        self._tell(said or (WHO if self._people.identified else ""))
        self._folder.setText(words.folder_said(now))
        self._last.setText(words.last_said(now))
        self.rows.bring({one.name: (words.held(one), one) for one in now.backups})
        self.rows.setVisible(bool(now.backups))
        self._periods.setText(words.periods_said(now, running=bool(self._runtime.live)))
        self._keys.setText(f"{words.keys_said(now)} {words.DEMO}" if now.demo else words.keys_said(now))
        self._allow()

    def _tell(self, said: str) -> None:
        self.said.setText(said)
        self.said.setVisible(bool(said))

    def _allow(self) -> None:
        now, busy = self._now, bool(self._keeper.doing)
        for button in self.buttons.values():
            button.setEnabled(now is not None)
        if now is not None:
            self.buttons["Back up now"].setEnabled(bool(now.folder) and not busy)
            self.buttons["Passphrase …"].setEnabled(not now.demo)
            self.buttons["Erase a session …"].setEnabled(bool(now.sessions) and not self._runtime.live)

    @Slot()
    def _show_doing(self) -> None:
        """What takes a while, in words, and for how long it has."""
        doing = self._keeper.doing
        if doing:
            if doing != self._doing:
                self._since = time.monotonic()
            seconds = int(time.monotonic() - self._since)
            self._tell(f"At work: {doing} … {seconds} s. Everything else goes on.")
            self._allow()
        elif self._doing and self._pages.currentIndex() == LIST:
            self.look(self._outcome())
        self._doing = doing

    def _outcome(self) -> str:
        return f"No backup was made. {self._keeper.keeping.failed}" if self._keeper.keeping.failed else ""

    # --- what is asked --------------------------------------------------------------------

    @Slot()
    def _back_up(self) -> None:
        self.buttons["Back up now"].setEnabled(False)
        self._tell("At work: the backup begins …")
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
            asked = self._keeper.erase(wish.session.id, wish.why, proofs)
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
            return self._keeper.erase(wish.session.id, wish.why, (first, proof))

        deed = f"Erase {words.candidate(wish.session)}. Second, who confirms it?"
        self._ask_pin(deed, others, both, self._gone)

    def _gone(self, tombstone: e.SessionErased) -> None:
        self.erased.emit()
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


def _button(text: str, name: str, slot: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(name)
    button.clicked.connect(slot)
    return button


def _row(*widgets: QWidget, stretch: bool = False) -> QHBoxLayout:
    row = QHBoxLayout()
    for place, widget in enumerate(widgets):
        row.addWidget(widget, 1 if stretch and not place else 0)
    return row
