"""What is asked before something about the keeping of the record is decided."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple, cast

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton

from monitor.language import tr
from monitor.store.overview import Candidate, Overview
from ui.home.keeping_words import SAME_DISK, candidate
from ui.home.rows import Rows
from ui.home.unlock import MIN_PASSPHRASE
from ui.labels import plain, wrapped
from ui.record.signing import Form, needed
from ui.theme import TOUCH

SHOWN = 50
"""Sessions at once; whoever looks for another types some of its code or date."""
NOT_BACK = tr(
    "No byte of it stays in the record, and nothing brings it back. Backups that hold it are named. The "
    "reason goes into the practice log: name no patient in it."
)


class Folder(Form):
    """Where backups go: typed or chosen. `given` carries the folder, "" for nowhere."""

    def __init__(self, now: Overview) -> None:
        super().__init__(
            tr("Where backups go"), tr("A folder on another disk, best one that is not always connected.")
        )
        self.folder = self.field(tr("Backup folder"))
        self.folder.setText(now.folder)
        self.folder.textEdited.connect(self._edited)
        self._asked = ""
        browse = QPushButton(tr("Choose a folder …"))
        browse.clicked.connect(self._browse)
        self.column.addWidget(browse)
        self.use = self.ends(
            tr("Use this folder"), lambda: needed(self.folder, tr("a folder, or choose one"))
        )
        if now.folder:
            self.column.insertWidget(self.column.indexOf(self.use) + 1, self._nowhere())

    def _nowhere(self) -> QPushButton:
        button = QPushButton(tr("No backups by themselves"))
        button.clicked.connect(lambda: self.given.emit(""))
        return button

    def warned(self, folder: str) -> bool:
        """Whether it was said already that this folder is on the disk of the record; now it is."""
        if self._asked == folder:
            return True
        self._asked = folder
        self.wrong.setText(SAME_DISK)
        self.use.setText(tr("Use it all the same"))
        self.use.setAccessibleName(tr("Use it all the same"))
        return False

    @Slot()
    def _edited(self) -> None:
        self.use.setText(tr("Use this folder"))
        self.use.setAccessibleName(tr("Use this folder"))
        self.wrong.setText("")
        self._asked = ""

    @Slot()
    def _browse(self) -> None:
        dialog = QFileDialog(self, tr("Where backups go"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        dialog.fileSelected.connect(self._chosen)
        dialog.show()

    @Slot(str)
    def _chosen(self, folder: str) -> None:
        self.folder.setText(folder)
        self._edited()


class Periods(Form):
    """How long sessions and backups are kept. `given` carries years and days."""

    def __init__(self, now: Overview) -> None:
        super().__init__(
            tr("How long things are kept"), tr("The law of the place decides; ask before you shorten.")
        )
        years = self._number(tr("Years that a session is kept after its last entry"), now.record_years, 100)
        days = self._number(tr("Days that a backup is kept"), now.backup_days, 3650)
        self.ends(tr("Keep so"), lambda: (_whole(years), _whole(days)))

    def _number(self, name: str, value: int, most: int) -> QLineEdit:
        self.column.addWidget(plain(QLabel(name)))
        edit = QLineEdit(str(value))
        edit.setAccessibleName(name)
        edit.setValidator(QIntValidator(1, most, edit))
        row = QHBoxLayout()
        for sign, step in (("−", -1), ("+", 1)):
            button = QPushButton(sign)
            button.setAccessibleName(
                tr("{name}: one {value}", name=name, value=tr("more") if step > 0 else tr("less"))
            )
            button.setMinimumWidth(TOUCH)
            button.clicked.connect(partial(_step, edit, step, most))
            row.addWidget(button)
        row.insertWidget(1, edit, 1)
        self.column.addLayout(row)
        return edit


def _step(edit: QLineEdit, step: int, most: int) -> None:
    edit.setText(str(min(max(int(edit.text() or 0) + step, 1), most)))


def _whole(edit: QLineEdit) -> int:
    if not edit.hasAcceptableInput():
        raise ValueError(tr("Type whole numbers, at least 1; at most 100 years and 3650 days."))
    return int(edit.text())


class Wish(NamedTuple):
    """A session that is to be erased; `names` where the practice knows nobody by name."""

    session: Candidate
    why: str
    names: tuple[str, str] | None


class Erase(Form):
    """Which session, why, and who. `given` carries a Wish."""

    def __init__(self, sessions: Sequence[Candidate], *, named: bool) -> None:
        super().__init__(tr("Erase a session for good"), NOT_BACK)
        self._sessions = sessions
        self.search = self.field(tr("Search for a session"), tr("Code, or a date like 12 Mar 2016"))
        self.search.textChanged.connect(self._look)
        self.rows = Rows(tr("Sessions, those whose period ends first come first"))
        self.column.addWidget(self.rows, 1)
        self._more = wrapped("")
        self.column.addWidget(self._more)
        self.why = self.field(tr("Why"), tr("Why; needed before its period has passed"))
        self._names = (
            () if named else (self.field(tr("First person's name")), self.field(tr("Second person's name")))
        )
        self.ends(tr("Erase it …") if named else tr("Erase it"), self._made)
        self.column.takeAt(self.column.count() - 1)  # the list takes what room is left
        self._look()

    @Slot()
    def _look(self) -> None:
        words = self.search.text().casefold().split()
        found = [one for one in self._sessions if all(word in candidate(one).casefold() for word in words)]
        self.rows.bring({one.id: (candidate(one), one) for one in found[:SHOWN]})
        more = (
            tr("{count} more: type some of the code or date.", count=len(found) - SHOWN)
            if len(found) > SHOWN
            else ""
        )
        self._more.setText(more if found else tr("No session fits."))
        self._more.setVisible(bool(more) or not found)

    def _made(self) -> Wish:
        one = cast("Candidate | None", self.rows.chosen)
        if one is None:
            raise ValueError(tr("Choose the session first."))
        why = self.why.text().strip() if one.expired else needed(self.why, tr("the reason"))
        if not self._names:
            return Wish(one, why, None)
        first, second = (needed(edit, tr("both names")) for edit in self._names)
        if first.casefold() == second.casefold():
            raise ValueError(tr("Erasing takes two different people."))
        return Wish(one, why, (first, second))


class Passphrase(Form):
    """A passphrase, twice. `given` carries it."""

    def __init__(self) -> None:
        super().__init__(
            tr("The passphrase that opens the record"),
            tr(
                "At least {min_passphrase} characters; a sentence is best. Backups made before still "
                "open with the one of then.",
                min_passphrase=MIN_PASSPHRASE,
            ),
        )
        self._first, self._again = self._secret(tr("Passphrase")), self._secret(tr("Passphrase, again"))
        self.ends(tr("Set the passphrase"), self._made)

    def _secret(self, name: str) -> QLineEdit:
        edit = self.field(name)
        edit.setEchoMode(QLineEdit.EchoMode.Password)
        return edit

    def _made(self) -> str:
        typed = self._first.text()
        if len(typed) < MIN_PASSPHRASE:
            raise ValueError(
                tr("Too short: at least {min_passphrase} characters.", min_passphrase=MIN_PASSPHRASE)
            )
        if typed != self._again.text():
            raise ValueError(tr("The two are not the same."))
        return typed


class NewCode(Form):
    """Whether a new recovery code is to be made. `given` carries nothing of use."""

    def __init__(self) -> None:
        super().__init__(
            tr("A new recovery code"),
            tr(
                "It is shown once. The old one opens the record no more; backups made before still open "
                "with it. "
                "Have paper and a pen ready."
            ),
        )
        self.ends(tr("Make a new code"), lambda: True)


class Code(Form):
    """The recovery code, the only time it is shown."""

    noted = Signal()

    def __init__(self, code: str) -> None:
        super().__init__(
            tr("Recovery code"),
            tr(
                "Write it on paper and lock it away, far from this computer: without it and without the "
                "other "
                "ways nobody can read the record, not even its makers."
            ),
        )
        label = wrapped(code, "title")
        label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        label.setAccessibleName(tr("Recovery code"))
        self.column.addWidget(label)
        button = QPushButton(tr("I have written it down"))
        button.setObjectName("primary")
        button.clicked.connect(self.noted)
        self.column.addWidget(button)
        self.column.addStretch(1)
