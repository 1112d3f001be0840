"""The first page about keeping: backups, periods, what opens the record, and what can be done about each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from monitor.language import tr
from monitor.store.overview import Overview
from ui.home import keeping_words as words
from ui.home.rows import Rows
from ui.labels import wrapped

BACK_UP, FOLDER, ERASE = tr("Back up now"), tr("Backup folder …"), tr("Erase a session …")
PERIODS, PASSPHRASE, CODE = tr("How long …"), tr("Passphrase …"), tr("New recovery code …")
DONE = tr("Done")

NAMES = {
    BACK_UP: tr("Make a backup now"),
    FOLDER: tr("Choose where backups go"),
    ERASE: tr("Erase a session for good"),
    PERIODS: tr("Change how long things are kept"),
    PASSPHRASE: tr("Set the passphrase, or another one"),
    CODE: tr("Make a new recovery code"),
    DONE: tr("Close this panel"),
}


class KeepingView(QWidget):
    """Shows an Overview; `slots` are what the buttons do."""

    def __init__(self, slots: Mapping[str, Callable[[], object]]) -> None:
        super().__init__()
        self.buttons = {text: _button(text, name, slots[text]) for text, name in NAMES.items()}
        self.said = wrapped("")
        self._folder, self._last = wrapped("", ""), wrapped("", "")
        self._periods, self._keys = wrapped("", ""), wrapped("", "")
        self.rows = Rows(tr("Backups there are, the newest first"))
        head = QHBoxLayout()
        head.addWidget(wrapped(tr("How the record is kept"), "heading"), 1)
        head.addWidget(self.buttons[DONE])
        self.buttons[DONE].setMinimumWidth(96)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(8)
        column.addLayout(head)
        for label in (self.said, self._folder, self._last):
            column.addWidget(label)
        column.addWidget(self.rows, 1)
        column.addLayout(self._row(BACK_UP, FOLDER))
        column.addWidget(self._periods)
        column.addLayout(self._row(ERASE, PERIODS))
        column.addWidget(self._keys)
        column.addLayout(self._row(PASSPHRASE, CODE))
        column.addWidget(wrapped(words.ROTATION))

    def _row(self, *texts: str) -> QHBoxLayout:
        row = QHBoxLayout()
        for text in texts:
            row.addWidget(self.buttons[text])
        return row

    def show_now(self, now: Overview, *, running: bool) -> None:
        """How the record is kept; `running` where a session runs."""
        self._folder.setText(words.folder_said(now))
        self._last.setText(words.last_said(now))
        self.rows.bring({one.name: (words.held(one), one) for one in now.backups})
        self.rows.setVisible(bool(now.backups))
        self._periods.setText(words.periods_said(now, running=running))
        self._keys.setText(words.keys_said(now))

    def tell(self, said: str) -> None:
        """What goes on, or has just been done; "" for nothing."""
        self.said.setText(said)
        self.said.setVisible(bool(said))

    def allow(self, now: Overview | None, *, busy: bool, running: bool) -> None:
        """What can be done: nothing before it was looked; no second backup, no erasure beside a session."""
        for text, button in self.buttons.items():
            button.setEnabled(now is not None or text == DONE)
        if now is not None:
            self.buttons[BACK_UP].setEnabled(bool(now.folder) and not busy)
            self.buttons[PASSPHRASE].setEnabled(not now.demo)
            self.buttons[ERASE].setEnabled(bool(now.sessions) and not running)


def _button(text: str, name: str, slot: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(name)
    button.clicked.connect(slot)
    return button
