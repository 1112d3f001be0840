"""The small form for a new session, and what it says of the patient code before one is begun."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from monitor import codes
from monitor.care.content import routes
from monitor.identity import Identity
from monitor.language import tr
from monitor.summary import Summary
from monitor.trouble import Trouble
from ui import theme
from ui.commands import NewSession
from ui.labels import plain

NO_CHECK = tr("This code has no check letter: a slip in it would not be found.")


class NewSessionForm(QFrame):
    """Asks for a session to be begun; `patient` asks for the list of patients."""

    begin = Signal(object)
    """A NewSession."""
    patient = Signal()

    def __init__(self, *, demo: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._demo, self._ready = demo, False
        self._sessions: Sequence[Summary] = ()
        self._who = ""
        heading = plain(QLabel(tr("New session")))
        heading.setObjectName("heading")
        self._code = _field(tr("Patient code, e.g. KAP-0417-K"), tr("Patient code"), 24)
        self._pick = QPushButton(tr("Patient …"))
        self._pick.setAccessibleName(tr("Choose or enter the patient"))
        self._pick.setEnabled(False)
        self._pick.clicked.connect(self.patient)
        self._said = plain(QLabel())
        # Names and codes are text: never markup.
        self._said.setWordWrap(True)
        self._said.hide()
        self._noted = plain(QLabel(NO_CHECK))
        self._noted.setObjectName("secondary")
        self._noted.setWordWrap(True)
        self._noted.hide()
        self._route = QComboBox()
        self._route.setAccessibleName(tr("Route"))
        for route in routes().values():
            self._route.addItem(route.label, route.id)
        self._room = _field(tr("Room"), tr("Room"), 24)
        self._doctor = _field(tr("Doctor to call, e.g. Dr Lee"), tr("Doctor to call"), 40)
        self._phone = _field(tr("The doctor's phone number"), tr("Phone number of the doctor"), 40)
        self.room_view = QCheckBox(tr("Begin in the room view (F11)"))
        self.room_view.setStyleSheet(theme.touchable(theme.Scale()))
        self._start = QPushButton(tr("Start monitoring"))
        self._start.setObjectName("primary")
        self._start.setEnabled(False)
        self._start.clicked.connect(self._begin)
        self._code.textEdited.connect(self._edited)
        self._code.textChanged.connect(self._check)
        self._code.returnPressed.connect(self._start.click)
        patient = QHBoxLayout()
        patient.setSpacing(8)
        patient.addWidget(self._code, 1)
        patient.addWidget(self._pick)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addLayout(patient)
        for widget in (
            self._said,
            self._noted,
            self._route,
            self._room,
            self._doctor,
            self._phone,
            self.room_view,
            self._start,
        ):
            layout.addWidget(widget)

    def show_sessions(self, sessions: Sequence[Summary]) -> None:
        """The record is open, and these are its sessions: with whose codes a new one may be confused."""
        self._ready, self._sessions = True, sessions
        self._pick.setEnabled(True)
        self._check()

    def take(self, code: str, identity: Identity | None) -> None:
        """The patient was chosen; who it is shows until the session begins."""
        made_up = tr(" (demo, made up)") if identity is not None and identity.demo else ""
        self._who = f"{identity.name}{made_up}, {identity.born}" if identity is not None else ""
        self._code.setText(code)
        self._check()
        self._start.setFocus()

    @Slot()
    def _edited(self) -> None:
        self._who = ""  # another code is another patient

    @Slot()
    def _check(self) -> None:
        typed = self._code.text().strip()
        fits, said = judged(typed, self._sessions, datetime.now(UTC))
        self._start.setEnabled(self._ready and fits)
        said = "\n".join(x for x in (self._who, said) if x)
        self._said.setText(said)
        self._said.setVisible(bool(said))
        self._noted.setVisible(fits and not codes.has_check(typed))

    @Slot()
    def _begin(self) -> None:
        self._start.setEnabled(False)
        self.begin.emit(
            NewSession(
                code=codes.read(self._code.text()),
                route=self._route.currentData(),
                room=self._room.text().strip(),
                demo=self._demo,
                doctor=self._doctor.text().strip(),
                phone=self._phone.text().strip(),
            )
        )
        self._who = ""
        self._code.clear()


def judged(typed: str, sessions: Sequence[Summary], now: datetime) -> tuple[bool, str]:
    """Whether a session may begin under the code that was typed, and what to say of it."""
    if not typed:
        return False, ""
    try:
        code = codes.read(typed)
    except Trouble as trouble:
        return False, f"{trouble.happened} {trouble.todo}"
    running = [s.code for s in sessions if s.state == "open"]
    lately = [s.code for s in sessions if s.state == "ended" and _since(s, now) <= codes.RECENT_DAYS]
    said = []
    if code in running:
        said.append(
            tr("A session under this code has not ended. Is it the same patient? Then resume that one.")
        )
    if like := codes.alike(code, running):
        said.append(
            tr(
                "Looks like {list}, whose session has not ended: compare it with the papers.",
                list=", ".join(like),
            )
        )
    if like := codes.alike(code, [c for c in lately if c not in running]):
        said.append(
            tr("Looks like {list} of the last days: compare it with the papers.", list=", ".join(like))
        )
    return True, "\n".join(said)


def _since(summary: Summary, now: datetime) -> float:
    """Days since it began."""
    return (now - datetime.fromisoformat(summary.start)) / timedelta(days=1)


def _field(placeholder: str, name: str, longest: int) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(placeholder)
    field.setAccessibleName(name)
    field.setMaxLength(longest)
    return field
