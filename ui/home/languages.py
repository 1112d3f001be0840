"""Which language Vigil speaks to this user: chosen at home, spoken from the next start on."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QWidget

from monitor.language import LANGUAGES, choose, chosen, in_language, language, noted, tr
from monitor.trouble import Trouble


class LanguageChoice(QComboBox):
    """The languages there are, each by its own name."""

    said = Signal(str)
    """What comes of a choice, in the language that was chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Language"))
        for code, name in LANGUAGES.items():
            self.addItem(name, code)
        self.setCurrentIndex(self.findData(chosen()))
        self.activated.connect(self._choose)

    @Slot(int)
    def _choose(self, index: int) -> None:
        code = self.itemData(index)
        try:
            choose(code)
        except OSError as error:
            self.said.emit(not_kept(error).two_lines())
            return
        same = code == language()
        self.said.emit("" if same else in_language(code, FROM_THE_NEXT_START))


FROM_THE_NEXT_START = noted("Vigil speaks this language when it is started next. What runs goes on as it is.")


def not_kept(error: OSError) -> Trouble:
    """Why the choice does not last."""
    return Trouble(
        tr("The language could not be kept: {why}.", why=error.strerror),
        tr("Monitoring is not touched; Vigil goes on as it speaks now."),
        tr("See that your own settings folder can be written to."),
    )
