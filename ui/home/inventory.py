"""The practice's own devices: what each is, where it is now, and retiring one that is used no more.

One panel, two pages: the list; and why a device goes, which is the second touch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from monitor.language import day, tr
from ui import theme
from ui.home.rows import Rows
from ui.labels import plain

if TYPE_CHECKING:
    from ui.instruments import Owned

REFRESH_MS = 1000
REASONS = (tr("broken"), tr("lost"), tr("given away"), tr("another one took its place"))
"""Why a device is used no more; the words go into the practice log."""
NONE_YET = tr("None yet. A device is enrolled when it is first given to a patient.")
WHAT_FOR = tr("Choose one that is used no more, to retire it: it is then new here, should it ever come back.")
IN_USE = tr("It is a patient's now. Let go of it in that session before you retire it.")


class InventoryPanel(QFrame):
    """A panel over home. `owned` is asked once a second while the panel is visible."""

    retired = Signal(str, str)
    """The id of a device that is used no more, and why."""

    def __init__(self, owned: Callable[[], Sequence[Owned]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setStyleSheet(theme.touchable(theme.Scale()))
        self._owned = owned
        self._going: Owned | None = None
        """Which one is asked about."""
        self._pages = QStackedLayout(self)
        for page in (self._list_page(), self._why_page()):
            self._pages.addWidget(page)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.look)

    def _list_page(self) -> QWidget:
        heading = _heading(tr("This practice's devices"))
        self._said = plain(QLabel())
        self._said.setObjectName("secondary")
        self._said.setWordWrap(True)
        self._rows = Rows(tr("This practice's devices"))
        self._rows.itemSelectionChanged.connect(self._tell)
        self._retire = QPushButton(tr("Retire …"))
        self._retire.setAccessibleName(tr("Retire the chosen device"))
        self._retire.clicked.connect(self._ask_why)
        done = QPushButton(tr("Done"))
        done.clicked.connect(self.hide)
        buttons = QHBoxLayout()
        buttons.addWidget(self._retire)
        buttons.addWidget(done)
        page, layout = _page(heading, self._said, self._rows)
        layout.addLayout(buttons)
        return page

    def _why_page(self) -> QWidget:
        self._asked = _heading("")
        page, layout = _page(self._asked)
        for reason in REASONS:
            button = QPushButton(reason.capitalize())
            button.setProperty("reason", reason)
            button.clicked.connect(self._gone)
            layout.addWidget(button)
        self._keep = QPushButton(tr("Keep it"))
        self._keep.clicked.connect(self._show_list)
        layout.addStretch(1)
        layout.addWidget(self._keep)
        return page

    def showEvent(self, event: object) -> None:
        """Look while somebody is looking."""
        self._show_list()
        self._rows.bring({})
        self.look()
        self._timer.start()

    def hideEvent(self, event: object) -> None:
        """Nobody looks: no timer."""
        self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Bring the list up to date under the finger."""
        owned = sorted(self._owned(), key=lambda one: one.enrolled.name.lower())
        self._rows.bring({one.enrolled.id: (row(one), one) for one in owned})
        self._tell()

    @Slot()
    def _tell(self) -> None:
        chosen = self._chosen()
        self._said.setText(
            NONE_YET if not self._rows.count() else IN_USE if chosen and chosen.in_use else WHAT_FOR
        )
        self._retire.setEnabled(chosen is not None and not chosen.in_use)

    def _chosen(self) -> Owned | None:
        return cast("Owned | None", self._rows.chosen)

    @Slot()
    def _ask_why(self) -> None:
        self._going = self._chosen()
        if self._going is not None:
            self._asked.setText(tr("{named} is used no more. Why?", named=named(self._going)))
            self._pages.setCurrentIndex(1)
            self._keep.setFocus()  # whoever presses a key twice keeps it

    @Slot()
    def _gone(self) -> None:
        if self._going is not None:
            self.retired.emit(self._going.enrolled.id, str(self.sender().property("reason")))
        self._show_list()

    @Slot()
    def _show_list(self) -> None:
        self._going = None
        self._pages.setCurrentIndex(0)
        self._rows.setFocus()


def row(one: Owned) -> str:
    """What it is and where, then what is known of it."""
    device = one.enrolled
    where = tr(" · a patient's now") if one.in_use else tr(" · in range") if one.in_range else ""
    number = tr("no. {serial}", serial=device.serial) if device.serial else tr("number not known yet")
    return f"{device.name}{where}\n{one.model} · {number} · {_since(one)}"


def named(one: Owned) -> str:
    """Two of one name are told apart by their numbers."""
    serial = one.enrolled.serial
    return tr("{name} (no. {serial})", name=one.enrolled.name, serial=serial) if serial else one.enrolled.name


def _since(one: Owned) -> str:
    device = one.enrolled
    if device.proven:
        return tr("paired {date}", date=_date(device.proven_utc)).rstrip()
    return tr("enrolled {date}, not yet paired", date=_date(device.enrolled_utc))


def _date(utc: str) -> str:
    return day(datetime.fromisoformat(utc)) if utc else ""


def _heading(text: str) -> QLabel:
    label = plain(QLabel(text))
    label.setObjectName("heading")
    label.setWordWrap(True)
    return label


def _page(*widgets: QWidget) -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(20, 20, 20, 20)
    layout.setSpacing(12)
    for widget in widgets:
        layout.addWidget(widget)
    return page, layout
