"""Emergency: its own clock, one tap for each step, the cuff, and what ends it. In the palette's place."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from monitor import entries as e
from monitor.alarms.signals import duration
from monitor.care.content import Deed, emergency_steps, over_reasons
from monitor.language import tr, within
from monitor.session import SessionState
from monitor.situation import Emergency
from monitor.words import length
from ui import theme
from ui.labels import plain
from ui.live.pad_tile import PadTile
from ui.live.sheet import RIGHT, Sheet, Text
from ui.live.tray import Choices, Tray

# Two presses of the button or the key are one emergency.
DECLARED_ONCE_S = 2.0
# A finger that bounces is one tap; whatever is done again takes longer.
BOUNCE_S = 0.5
CUFF = "cuff"

Enter = Callable[..., None]
"""`enter(body, hint, ago_ms=0)`"""


class EmergencyPanel(Sheet):
    """Shown while an emergency goes on, unless a person looks at the palette instead."""

    cuff_wanted = Signal()
    page_wanted = Signal()
    turned = Signal()
    """The palette and the steps have changed places."""

    def __init__(self, state: SessionState, tray: Tray, enter: Enter, parent: QWidget) -> None:
        super().__init__(tr("Emergency"), parent)
        self._state, self._tray, self._enter = state, tray, enter
        self._clock = ""
        self._declared = self._tapped = float("-inf")
        self._last_tap = ""
        self.palette_wanted = False
        self.deeds = {deed.code: deed for deed in emergency_steps()}
        self.tiles = {
            deed.code: PadTile(deed.code, deed.label, f"Ctrl+{k}", self, idle=tr("not done"))
            for k, deed in enumerate(self.deeds.values(), 1)
        }
        self.tiles[CUFF] = PadTile(CUFF, tr("Cuff now"), "F5", self, idle=tr("as often as wanted"))
        for tile in self.tiles.values():
            tile.pressed.connect(self._pressed)
            tile.setToolTip(tile.key)
        self.hide()

    def chords(self) -> dict[str, Callable[[], None]]:
        """Key sequences of the steps; they act only while an emergency goes on."""
        return {self.tiles[code].key: partial(self.step, code) for code in self.deeds}

    # --- what people do -------------------------------------------------------------------

    @Slot()
    def press(self) -> None:
        """Declare an emergency; while one goes on, what else can be done in it."""
        if time.monotonic() - self._declared <= DECLARED_ONCE_S:
            return
        if self._state.situation.emergency is not None:
            self.open_more()
        else:
            self._declared = time.monotonic()
            self.palette_wanted = False
            self._enter(e.EmergencyStarted(), tr("emergency declared"))

    def forget_tap(self) -> None:
        """The next tap is one of its own."""
        self._last_tap, self._declared = "", float("-inf")

    @Slot()
    def _pressed(self) -> None:
        tile = self.sender()
        if isinstance(tile, PadTile):
            self.step(tile.code)

    def step(self, code: str) -> None:
        """Record a step at once, or when what it asks for was typed, with the time of the tap."""
        at = time.monotonic()
        if self._state.situation.emergency is None:
            return
        if code == self._last_tap and at - self._tapped < BOUNCE_S:
            return
        self._last_tap, self._tapped = code, at
        if code == CUFF:
            self.cuff_wanted.emit()
        elif self.deeds[code].asks:
            asked = _Asked(self.deeds[code], partial(self._told, code, at))
            self._tray.offer(self.deeds[code].label, asked, focus=asked.text)
        else:
            self._enter(e.EmergencyStep(step=code), tr("{label} recorded", label=self.deeds[code].label))

    def _told(self, code: str, tapped: float, text: str) -> None:
        ago_ms = round(1000 * (time.monotonic() - tapped))
        self._tray.dismiss()
        self._enter(
            e.EmergencyStep(step=code, text=text),
            tr("{label} recorded", label=self.deeds[code].label),
            ago_ms,
        )

    @Slot()
    def open_more(self) -> None:
        """The page for the crew, the palette, and the end."""
        turn = tr("Show the steps") if self.palette_wanted else tr("Show the palette")
        more = _More(turn, self._chosen, self._over)
        self._tray.offer(tr("Emergency"), more)

    def _chosen(self, index: int) -> None:
        self._tray.dismiss()
        if index == 0:
            self.page_wanted.emit()
        else:
            self.palette_wanted = not self.palette_wanted
            self.turned.emit()

    def _over(self, reason: str) -> None:
        self._tray.dismiss()
        self._enter(e.EmergencyOver(reason=reason), tr("emergency over"))

    # --- what is shown --------------------------------------------------------------------

    @property
    def wanted(self) -> bool:
        """Whether the steps are to be seen in the palette's place."""
        return self._state.situation.emergency is not None and not self.palette_wanted

    def show_time(self, now_ms: int) -> None:
        """The clock since it was declared, and how long after that each step was last done."""
        emergency = self._state.situation.emergency
        if emergency is None:
            return
        self._clock = duration(now_ms - emergency.since_ms)
        for code in self.deeds:
            said = last_done(emergency, code)
            self.tiles[code].show_episode(lit=bool(said), said=said)
        self._show_cuff(now_ms)
        self.recompose()

    def _show_cuff(self, now_ms: int) -> None:
        running, cuff = self._state.control.running, self._state.cuff
        said = ""
        if running is not None:
            said = (
                tr("measuring")
                if running.pressure is None
                else tr("{pressure:.0f} mmHg", pressure=running.pressure)
            )
        elif cuff is not None:
            said = (
                tr("failed")
                if cuff.systolic is None
                else tr("{length} ago", length=length(now_ms - cuff.at_ms))
            )
        self.tiles[CUFF].show_episode(lit=running is not None, said=said)

    def compose(self) -> Sequence[Text]:
        width = self.width() / self.scale.factor
        big, small = self.scale.font(22, theme.SEMIBOLD), self.scale.font(12.5)
        return [
            Text(
                self.at(18, 6, 220, 34),
                tr("Emergency {clock}", clock=self._clock).strip(),
                big,
                theme.TEXT,
            ),
            Text(self.at(238, 11, width - 254, 28), tr("tap = done, now"), small, theme.SECONDARY, RIGHT),
        ]


def last_done(emergency: Emergency, code: str) -> str:
    """ "+1:20", the second time "+3:05 ×2"; empty where it was not done."""
    times = [step.at_ms for step in emergency.steps if step.code == code]
    if not times:
        return ""
    again = f" ×{len(times)}" if len(times) > 1 else ""
    return f"+{duration(max(times) - emergency.since_ms)}{again}"


class _Asked(QWidget):
    """What a step asks for; `told(text)` once, also where nobody has time to type."""

    def __init__(self, deed: Deed, told: Callable[[str], None]) -> None:
        super().__init__()
        self._told = told
        self.text = QLineEdit()
        self.text.setPlaceholderText(deed.asks)
        self.text.setAccessibleName(f"{deed.label}: {deed.asks}")
        self.text.setMaxLength(120)
        self.text.returnPressed.connect(self._entered)
        enter = QPushButton(tr("Record"))
        enter.setAccessibleName(tr("Record {label}", label=within(deed.label)))
        enter.clicked.connect(self._entered)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.text, 1)
        row.addWidget(enter)

    @Slot()
    def _entered(self) -> None:
        self._told(self.text.text().strip())


class _More(QWidget):
    """Two things to open, and the reasons for which an emergency is over."""

    def __init__(self, turn: str, chosen: Callable[[int], None], over: Callable[[str], None]) -> None:
        super().__init__()
        self._over = over
        reasons = over_reasons()
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(tr("another reason"))
        self.reason.setAccessibleName(tr("Emergency over: another reason"))
        self.reason.setMaxLength(120)
        self.reason.returnPressed.connect(self._typed)
        heading = plain(QLabel(tr("Emergency over:")))
        heading.setObjectName("secondary")
        record = QPushButton(tr("Over"))
        record.setMinimumWidth(72)
        record.setAccessibleName(tr("Emergency over, for the typed reason"))
        record.clicked.connect(self._typed)
        typed = QHBoxLayout()
        typed.addWidget(self.reason, 1)
        typed.addWidget(record)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(Choices((tr("Hand-over page"), turn), chosen))
        column.addWidget(heading)
        column.addWidget(
            Choices([r[:1].upper() + r[1:] for r in reasons], lambda k: over(reasons[k]), columns=1)
        )
        column.addLayout(typed)

    @Slot()
    def _typed(self) -> None:
        text = self.reason.text().strip()
        if text:
            self._over(text)
