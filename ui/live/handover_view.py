"""The page for the ambulance crew on the screen, over the trends; written only where somebody says."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QTextBrowser, QVBoxLayout
from PySide6.QtWidgets import QWidget as Widget

from monitor.handover import as_html, hand_over
from monitor.language import tr
from monitor.session import SessionState
from monitor.trouble import Trouble
from ui.labels import plain
from ui.paper import write_page

# A file's name is seen by everybody: nothing of the patient's is in it.
FILE_NAME = "hand-over.html"


class HandoverView(QFrame):
    """Shows what the record says; `show_page` reads it anew. Tiles, banner and pad stay free."""

    def __init__(self, state: SessionState, parent: Widget) -> None:
        super().__init__(parent)
        self.setObjectName("tray")
        self.setAccessibleName(tr("Hand-over page"))
        self._state = state
        self._html = ""
        self._back: Widget | None = None
        self.page = QTextBrowser()
        self.page.setAccessibleName(tr("What was given, what happened and when"))
        self.page.setOpenLinks(False)
        self.page.setStyleSheet("background: #ffffff; color: #000000;")
        self.said = plain(QLabel())
        self.said.setObjectName("secondary")
        self.said.setWordWrap(True)
        self.save = self._button(tr("Save as …"), tr("Save the page as a file"), self.choose_place)
        self.close_button = self._button(tr("Close"), tr("Close the hand-over page"), self.close_page)
        row = QHBoxLayout()
        row.addWidget(self.said, 1)
        row.addWidget(self.save)
        row.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.addWidget(self.page, 1)
        column.addLayout(row)
        self.hide()

    def _button(self, text: str, name: str, slot: object) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(name)
        button.setMinimumWidth(96)
        button.clicked.connect(slot)
        return button

    def open_page(self, now_ms: int) -> None:
        """Show the page as of now."""
        self.said.setText(tr("Names are not in the record: say them."))
        self.show_page(now_ms)
        self.show()
        self.raise_()
        self._back = self.window().focusWidget()
        self.page.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def close_page(self) -> None:
        """Away with it; the focus goes back where it came from."""
        inside = self.isAncestorOf(self.window().focusWidget() or self.window())
        self.hide()
        if inside and self._back is not None:
            self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_page(self, now_ms: int) -> None:
        """Read the record anew; the place on the page stays."""
        html = as_html(hand_over(self._state, now_ms))
        if html == self._html:
            return
        self._html = html
        bar = self.page.verticalScrollBar()
        place = bar.value()
        self.page.setHtml(html)
        bar.setValue(place)

    @Slot()
    def choose_place(self) -> None:
        """Ask where to; nothing else waits for the answer."""
        dialog = QFileDialog(self, tr("Save the hand-over page"), "", tr("Pages (*.html)"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        dialog.selectFile(FILE_NAME)
        dialog.fileSelected.connect(self.write)
        dialog.show()

    @Slot(str)
    def write(self, file: str) -> None:
        """Write what is shown to a new file."""
        try:
            write_page(Path(file), self._html)
        except Trouble as trouble:
            self.said.setText(trouble.two_lines())
        else:
            self.said.setText(
                tr("Saved. It holds what the patient was given: keep it as you keep the record.")
            )
