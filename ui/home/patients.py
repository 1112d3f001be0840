"""Who the session is for: a panel over home, to pick a patient who is known, enter a new one, or correct."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from monitor import codes
from monitor.identity import Identity, Known
from monitor.language import tr
from monitor.people import AT_HOME
from monitor.trouble import Trouble
from ui import theme
from ui.apart import INSIDE, Post, apart
from ui.home.patient_form import PatientForm
from ui.home.patient_picker import PatientPicker
from ui.labels import plain

if TYPE_CHECKING:
    from concurrent.futures import Future

    from ui.runtime import Runtime


class PatientsPanel(QFrame):
    """Two pages: the list, and the form. Names are in it only while it is visible."""

    taken = Signal(object)
    """The Known whose session is to begin."""
    kept = Signal(str, object)
    """Code and Identity to be kept."""

    def __init__(self, *, demo: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setStyleSheet(theme.touchable(theme.Scale()))
        self._known: list[Known] = []
        self._proposed = ""
        self.picker = PatientPicker()
        self.picker.changed.connect(self._chosen)
        self.form = PatientForm(demo=demo)
        self.form.kept.connect(self.kept)
        self._pages = QStackedLayout(self)
        for page in (self._list_page(), self._form_page()):
            self._pages.addWidget(page)
        self.hide()

    def _list_page(self) -> QWidget:
        self._take = _button(tr("This patient"), tr("Take this patient"), self._take_chosen, "primary")
        self._correct = _button(tr("Correct …"), tr("Correct name or birth date"), self._correct_chosen)
        new = _button(tr("New patient …"), tr("Enter a new patient"), self._begin)
        done = _button(tr("Close"), tr("Close the list of patients"), self.hide)
        return _page(tr("Patient"), self.picker, (self._take, new, self._correct, done))

    def _form_page(self) -> QWidget:
        back = _button(tr("Back"), tr("Back to the list of patients"), self._show_list)
        return _page(tr("Patient"), self.form, (self.form.keep, back))

    def bring(self, known: Sequence[Known], proposed: str) -> None:
        """Who is known, and the code for whoever is not."""
        self._known, self._proposed = list(known), proposed
        self.picker.bring(self._known)
        if self._pages.currentIndex() == 0:
            self.picker.search.setFocus()

    def show_trouble(self, trouble: Trouble) -> None:
        """Why it was not kept."""
        self.form.show_trouble(trouble)

    @Slot()
    def _chosen(self) -> None:
        self._take.setEnabled(self.picker.chosen is not None)
        self._correct.setEnabled(self.picker.chosen is not None)

    @Slot()
    def _take_chosen(self) -> None:
        if (one := self.picker.chosen) is not None:
            self.taken.emit(one)
            self.hide()

    @Slot()
    def _begin(self) -> None:
        self._pages.setCurrentIndex(1)
        self.form.begin(self._known, self._proposed)

    @Slot()
    def _correct_chosen(self) -> None:
        if (one := self.picker.chosen) is not None:
            self._pages.setCurrentIndex(1)
            self.form.correct(one, self._known)

    @Slot()
    def _show_list(self) -> None:
        self._pages.setCurrentIndex(0)
        self.form.forget()

    def showEvent(self, event: object) -> None:
        """It begins with the list."""
        self._show_list()
        self._chosen()

    def hideEvent(self, event: object) -> None:
        """No name stays."""
        self._known = []
        self.picker.forget()
        self.form.forget()


class PatientsDesk(QObject):
    """Reads and keeps identities for the panel. `taken` hears of the one that was chosen or kept."""

    taken = Signal(str, object)
    """Code, and Identity or None where it cannot be read."""

    def __init__(self, runtime: Runtime, post: Post, parent: QWidget, *, demo: bool = False) -> None:
        super().__init__(parent)
        self._runtime, self._post = runtime, post
        self.panel = PatientsPanel(demo=demo, parent=parent)
        self.panel.taken.connect(self._taken)
        self.panel.kept.connect(self._keep)

    def look(self) -> None:
        """Bring the list up to date; names are decrypted beside the window's thread."""
        apart(self._post, self._read, self._show)

    def _read(self) -> tuple[list[Known], str]:
        known = self._runtime.identities.all()
        sessions = [s.code for s in reversed(self._runtime.sessions())]
        taken = [*sessions, *self._runtime.identities.codes, *(one.code for one in known)]
        return known, codes.propose(taken, sessions[-codes.RECENT :])

    def _show(self, answer: tuple[list[Known], str] | Trouble) -> None:
        if isinstance(answer, Trouble):
            self.panel.show_trouble(answer)
        elif self.panel.isVisible():
            self.panel.bring(*answer)

    @Slot(object)
    def _taken(self, one: Known) -> None:
        self.taken.emit(one.code, one.identity)

    @Slot(str, object)
    def _keep(self, code: str, identity: Identity) -> None:
        asked = self._runtime.call(self._runtime.identities.keep, code, identity, AT_HOME)

        def handed(future: Future[Future[None]]) -> None:
            if future.exception() is None:
                future.result().add_done_callback(kept)
            else:
                self._post(partial(self._kept, code, identity, future.exception()))

        def kept(future: Future[None]) -> None:
            self._post(partial(self._kept, code, identity, future.exception()))

        asked.add_done_callback(handed)

    def _kept(self, code: str, identity: Identity, error: BaseException | None) -> None:
        if error is not None:
            self.panel.show_trouble(error if isinstance(error, Trouble) else INSIDE)
            return
        self.panel.hide()
        self.taken.emit(code, identity)


def _page(heading: str, content: QWidget, buttons: Sequence[QPushButton]) -> QWidget:
    page = QWidget()
    title = plain(QLabel(heading))
    title.setObjectName("heading")
    row = QHBoxLayout()
    for button in buttons:
        row.addWidget(button)
    layout = QVBoxLayout(page)
    layout.setContentsMargins(20, 20, 20, 20)
    layout.setSpacing(12)
    layout.addWidget(title)
    layout.addWidget(content, 1)
    layout.addLayout(row)
    return page


def _button(text: str, name: str, slot: object, look: str = "") -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(look)
    button.setAccessibleName(name)
    button.clicked.connect(slot)
    return button
