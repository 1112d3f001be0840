"""The pad's last row: patient up, therapist out, need-you and Emergency, and what counts on them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from monitor.alarms.signals import duration
from monitor.language import tr
from monitor.session import SessionState
from ui import theme
from ui.live.emergency_panel import EmergencyPanel
from ui.live.need_you import NeedDesk
from ui.live.sheet import Text, draw
from ui.live.standby_panel import StandbyDesk
from ui.theme import Scale

CORNER = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
# Widths in design pixels, in the order of `buttons`.
WIDTHS = (78, 78, 80, 103)


class LastRow:
    """Four buttons on `pad`, each with a key that acts wherever the focus is. They never lock."""

    def __init__(
        self,
        state: SessionState,
        standby: StandbyDesk,
        need: NeedDesk,
        emergency: EmergencyPanel,
        pad: QWidget,
    ) -> None:
        self._state, self._need = state, need
        self._actions = {
            "F2": standby.press_up,
            "F3": standby.press_out,
            "F4": need.ask,
            "F12": emergency.press,
        }
        looks = ("standby", "standby", "need", "primary")
        self.buttons = [
            _button(pad, key, look, action)
            for (key, action), look in zip(self._actions.items(), looks, strict=True)
        ]
        self.up, self.out, self.need, self.emergency = self.buttons
        self.show_time(0)

    def chords(self) -> dict[str, Callable[[], None]]:
        """The keys of the buttons."""
        return dict(self._actions)

    def show_time(self, now_ms: int) -> None:
        """What the buttons say and do while somebody is up or out, or an emergency goes on."""
        known = self._state.situation
        up, out, emergency = known.up, known.out, known.emergency
        self._say(
            self.up,
            tr("Patient\nup"),
            "" if up is None else tr("{countdown}\nBack", countdown=_countdown(up.until_ms - now_ms)),
        )
        self._say(
            self.out,
            tr("Therapist\nout"),
            "" if out is None else tr("{duration}\nBack", duration=duration(now_ms - out.since_ms)),
        )
        answer = self._need.show_time(now_ms)
        self._say(self.need, tr("I need\nyou"), f"\n{answer}" if answer else "")
        more = "" if emergency is None else f"\n{duration(now_ms - emergency.since_ms)} …"
        self._say(self.emergency, tr("Emergency"), more)

    def _say(self, button: QPushButton, name: str, counted: str) -> None:
        text = f"{name} {counted}".strip() if not counted.startswith("\n") else name + counted
        if button.text() != text:
            button.setText(text)
            button.setAccessibleName(" ".join(text.split()))
        if button.isCheckable():
            button.setChecked(bool(counted))


class _Keyed(QPushButton):
    """A button with its key in the corner, as the tiles above have theirs."""

    def __init__(self, key: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._key = key
        self.setAccessibleDescription(tr("key {key}", key=key))

    def nextCheckState(self) -> None:
        """Nothing: the record decides what is lit, not the click."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        scale = Scale.of(self.window().width(), self.window().height())
        painter = QPainter(self)
        dark = self.objectName() == "primary"
        rect = (0.0, 0.0, float(self.width() - scale.px(8)), float(self.height() - scale.px(5)))
        colour = theme.BACKGROUND if dark else theme.ON_LIT if self.isChecked() else theme.SECONDARY
        with theme.seen_on(self):
            draw(painter, Text(rect, self._key, scale.font(11.5), colour, CORNER))
        painter.end()


def _button(pad: QWidget, key: str, look: str, action: Callable[[], None]) -> QPushButton:
    button = _Keyed(key, pad)
    button.setObjectName(look)
    # Lit while somebody is up or out.
    button.setCheckable(look == "standby")
    button.clicked.connect(action)
    return button


def _countdown(ms: int) -> str:
    return duration(ms) if ms > 0 else f"+{duration(-ms)}"
