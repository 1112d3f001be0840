"""The pad's last row: patient up, therapist out, need-you and Emergency, and what counts on them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton, QWidget

from monitor.alarms.signals import duration
from monitor.session import SessionState
from ui.live.emergency_panel import EmergencyPanel
from ui.live.need_you import NeedDesk
from ui.live.standby_panel import StandbyDesk

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
        self._state = state
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
        self._say(self.up, "Patient\nup", "" if up is None else f"{_countdown(up.until_ms - now_ms)}\nBack")
        self._say(
            self.out, "Therapist\nout", "" if out is None else f"{duration(now_ms - out.since_ms)}\nBack"
        )
        self._say(self.need, "I need\nyou", "")
        more = "" if emergency is None else f"\n{duration(now_ms - emergency.since_ms)}\nmore"
        self._say(self.emergency, "Emergency", more)

    def _say(self, button: QPushButton, name: str, counted: str) -> None:
        text = f"{name} {counted}".strip() if not counted.startswith("\n") else name + counted
        if button.text() != text:
            button.setText(text)
            button.setAccessibleName(" ".join(text.split()))
            button.setDown(False)
        if button.isCheckable():
            button.setChecked(bool(counted))


def _button(pad: QWidget, key: str, look: str, action: Callable[[], None]) -> QPushButton:
    button = QPushButton(pad)
    button.setObjectName(look)
    button.setToolTip(key)
    button.setAccessibleDescription(f"key {key}")
    # Lit while somebody is up or out; the record decides, not the click.
    button.setCheckable(look == "standby")
    button.clicked.connect(action)
    return button


def _countdown(ms: int) -> str:
    return duration(ms) if ms > 0 else f"+{duration(-ms)}"
