"""The pad: what the therapist stamps. Palette, red flags, When chips, note, standby, need-you, Emergency."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QApplication, QButtonGroup, QPushButton, QWidget

from monitor import entries as e
from monitor.care.content import findings, observations
from monitor.clock import interval_ms
from monitor.language import tr
from monitor.session import Episode, SessionState
from monitor.words import in_words, label_of, length
from ui import theme
from ui.commands import Commands
from ui.live.emergency_panel import EmergencyPanel
from ui.live.findings import open_finding
from ui.live.last_row import WIDTHS, LastRow
from ui.live.need_you import NeedDesk
from ui.live.note_desk import NoteDesk
from ui.live.pad_tile import PadTile
from ui.live.sheet import RIGHT, Sheet, Text, panel
from ui.live.stamps import GRADE_WITHIN_MS, Stamps
from ui.live.standby_panel import StandbyDesk
from ui.live.tray import Choices, Tray
from ui.live.typing import WINDOW_MS, Typing
from ui.private.aside import Aside
from ui.theme import Scale

CHIPS = ((0, tr("now")), (1, tr("−1 min")), (3, tr("−3 min")), (5, tr("−5 min")))
OTHER = (10, 15, 20, 30, 45, 60)
OBSERVE = tr("Observe")
HINT = tr("tap = now, tap again = over, digit = grade")
HINT_MS = 8_000
EDGE, GAP = 14, 7
TILE = theme.TOUCH_PRIMARY
SEGMENT = 66
LEAST_TALL = 680.0
"""Design pixels that everything needs beneath each other."""


class Pad(Sheet):
    """Records through `commands`; shows what `state` knows."""

    def __init__(
        self, state: SessionState, commands: Commands, tray: Tray, aside: Aside | None = None
    ) -> None:
        super().__init__(tr("Observe"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._state, self._tray = state, tray
        self.stamps = Stamps(state, commands, interval_ms)
        self._typing = Typing()
        self._hint = ""
        self._keys_on = False
        self._latest: dict[str, Episode] = {}
        self.tiles = {o.code: PadTile(o.code, o.label, o.key, self) for o in observations()}
        for tile in self.tiles.values():
            tile.pressed.connect(self._tile_pressed)
        self.emergency = EmergencyPanel(state, tray, self.enter, self)
        self.emergency.turned.connect(self.refresh)
        self.flags = {f.code: self._button(f.label, self._flag, "outlined") for f in findings()}
        self._chips = QButtonGroup(self)
        self._chips.setExclusive(True)
        for minutes, label in CHIPS:
            chip = self._button(label, self._chip, "chip")
            chip.setCheckable(True)
            chip.setChecked(minutes == 0)
            chip.setAccessibleName(tr("When: {label}", label=label))
            self._chips.addButton(chip, minutes)
        self.other = self._button(tr("other"), self._other, "chip")
        self.other.setAccessibleName(tr("When: another time"))
        self.undo_button = self._button(tr("Undo"), self.undo, "chip")
        self.notes = NoteDesk(state, tray, aside, self.enter, self.hint, self._when, self)
        self.note, self.record_note = self.notes.field, self.notes.record
        self.standby = StandbyDesk(state, tray, self.enter, aside, self)
        need = NeedDesk(state, tray, self.enter, self)
        self.row = LastRow(state, self.standby, need, self.emergency, self)
        self._hint_over = self._once(HINT_MS, self._no_hint)
        self._ripe = self._once(WINDOW_MS + 20, self._enter_held)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def _button(self, text: str, slot: object, look: str = "") -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(look)
        button.setAccessibleName(text)
        button.clicked.connect(slot)
        return button

    def _once(self, after_ms: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(after_ms)
        timer.timeout.connect(slot)
        return timer

    # --- what people do -------------------------------------------------------------------

    @Slot()
    def _tile_pressed(self) -> None:
        tile = self.sender()
        if isinstance(tile, PadTile):
            self._tap(tile.code)

    def _tap(self, code: str, ago_ms: int = 0) -> None:
        self.stamps.tap(code, ago_ms)
        self._reset_chip()
        observation = self.stamps.gradable()
        if observation is None:
            return
        digits = [digit for digit, word in enumerate(observation.grades) if word]
        labels = [f"{digit}  {observation.grades[digit]}" for digit in digits]
        self.hint(
            tr(
                "{label}: digit {digits}–{digits2} grades",
                label=observation.label,
                digits=digits[0],
                digits2=digits[-1],
            )
        )
        if self._tray.filling_in:  # a digit on the keyboard grades all the same
            return
        columns = 1 if observation.moaas else 3
        choices = Choices(labels, lambda index: self._graded(digits[index]), columns=columns)
        self._tray.offer(observation.label, choices, for_ms=GRADE_WITHIN_MS)

    def stamp(self, code: str) -> None:
        """As a touch on this tile."""
        self._tap(code)

    def _graded(self, digit: int) -> None:
        observation = self.stamps.gradable()
        if observation is not None and self.stamps.grade(digit):
            self.hint(f"{observation.label}: {observation.grades[digit]}")
            if not self._tray.filling_in:
                self._tray.dismiss()

    @Slot()
    def _flag(self) -> None:
        code = next(code for code, button in self.flags.items() if button is self.sender())
        open_finding(code, self._tray, self._finding)

    def _finding(self, body: e.FindingNoted) -> None:
        said = "" if body.value is None else f" {body.value:g}"
        self.enter(body, tr("{label_of}{said} noted · undo Ctrl+Z", label_of=label_of(body.code), said=said))

    def enter(self, body: e.Body, hint: str, ago_ms: int = 0) -> None:
        """Record `body` at the time the When chip says, or `ago_ms` before it, and say so."""
        if isinstance(body, e.EmergencyStarted):
            self._reset_chip()  # all its times count from now
        self.stamps.note(body, ago_ms)
        self._reset_chip()
        self._tray.dismiss()
        self.hint(hint)

    @Slot()
    def _chip(self) -> None:
        self.stamps.when_ms = 60_000 * self._chips.checkedId()
        self.other.setText(tr("other"))

    @Slot()
    def _other(self) -> None:
        labels = [tr("−{minutes} min", minutes=minutes) for minutes in OTHER]
        self._tray.offer(tr("When did it happen?"), Choices(labels, self._ago, columns=3))

    def _ago(self, index: int) -> None:
        self._reset_chip(OTHER[index])
        self._tray.dismiss()

    def _reset_chip(self, other: int = 0) -> None:
        self.stamps.when_ms = 60_000 * other
        self._chips.setExclusive(False)
        for button in self._chips.buttons():
            button.setChecked(not other and self._chips.id(button) == 0)
        self._chips.setExclusive(True)
        self.other.setText(tr("−{other} min", other=other) if other else tr("other"))

    def _when(self) -> int:
        ago_ms = self.stamps.when()
        self._reset_chip()
        return ago_ms

    @Slot()
    def undo(self) -> None:
        """Take back the last thing a person entered."""
        if self.notes.undo():
            return
        newest = self.stamps.newest()
        if newest is None:
            self.hint(tr("nothing to take back"))
            return
        what, _ = in_words(newest, {key: x.code for key, x in self._state.episodes.items()})
        if self.stamps.undo() is None:
            self.hint(tr("{what} is not undone: touch its line to correct it", what=what))
            return
        self.hint(tr("taken back: {what}", what=what))
        self._tray.dismiss()

    def chords(self) -> dict[str, Callable[[], None]]:
        """Keys that act wherever the focus is."""
        mine = {"F7": self.standby.open_time_out, "Ctrl+Z": self.undo}
        return {**mine, **self.row.chords(), **self.emergency.chords()}

    # --- keys -----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters tap, digits grade; fast letters are typing and go to the note."""
        key = event.text()
        plain = not event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        )
        if event.isAutoRepeat() or len(key) != 1 or not plain:
            super().keyPressEvent(event)
        elif key.isdigit():
            self._enter(self._typing.flush(interval_ms()))
            self._graded(int(key))
        elif key.isalpha():
            text = self._typing.press(key, interval_ms())
            if text:
                self._move_to_note(text)
            else:
                self._ripe.start()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _enter_held(self) -> None:
        self._enter(self._typing.due(interval_ms()))
        if self._typing.holding:
            # Qt's timers may come a little early; a letter must never stay behind.
            self._ripe.start()

    def _enter(self, letters: Sequence[tuple[str, int]]) -> None:
        by_key = {o.key.lower(): o.code for o in observations()}
        for letter, ago_ms in letters:
            if letter.lower() in by_key:
                self._tap(by_key[letter.lower()], ago_ms)

    def _move_to_note(self, text: str) -> None:
        self._ripe.stop()
        self.note.setFocus(Qt.FocusReason.OtherFocusReason)
        self.note.insert(text)
        self.hint(tr("moved to note · undo Ctrl+Z"))

    @Slot(QWidget, QWidget)
    def _focus_moved(self, before: QWidget | None, now: QWidget | None) -> None:
        keys_on = now is not None and (now is self or (self.isAncestorOf(now) and now is not self.note))
        if keys_on != self._keys_on:
            self._keys_on = keys_on
            self.update()

    # --- what is shown --------------------------------------------------------------------

    def hint(self, text: str) -> None:
        """Say something in the pad's head line for a while."""
        self._hint = text
        self._hint_over.start()
        self.recompose()

    @Slot()
    def _no_hint(self) -> None:
        self._hint = ""
        self.recompose()

    @Slot()
    def refresh(self) -> None:
        """Entries were applied."""
        self.stamps.settle()
        self._latest = {x.code: x for x in self._state.episodes.values() if not x.retracted}
        steps = self.emergency.wanted
        if steps == self.emergency.isHidden():
            self.emergency.setVisible(steps)
            for tile in self.tiles.values():
                tile.setVisible(not steps)
            self.recompose()

    def show_time(self, now_ms: int) -> None:
        """Elapsed times of running episodes, and of an emergency."""
        running = {x.code: x for x in self._state.open_episodes}
        for code, tile in self.tiles.items():
            episode = running.get(code)
            said = tr("over") if code in self._latest else ""
            if episode is not None:
                grade = "" if episode.grade is None else f"{episode.grade} · "
                said = grade + length(now_ms - episode.start_ms)
            tile.show_episode(lit=episode is not None, said=said)
        self.emergency.show_time(now_ms)
        self.row.show_time(now_ms)
        self.notes.show_mode()

    def set_scale(self, scale: Scale) -> None:
        super().set_scale(scale)
        self.emergency.set_scale(scale)
        for tile in (*self.tiles.values(), *self.emergency.tiles.values()):
            tile.scale = scale
            tile.update()

    def compose(self) -> Sequence[Text]:
        width, height = self.width() / self.scale.factor, self.height() / self.scale.factor
        self._place(width, height)
        if self.emergency.wanted:
            return []  # the steps have a head line of their own
        hint = self._hint or HINT
        return [
            Text(self.at(EDGE + 4, 10, 90, 28), OBSERVE, self.scale.font(18, theme.SEMIBOLD), theme.TEXT),
            Text(self.at(110, 11, width - 110 - EDGE - 2, 28), hint, self.scale.font(12.5),
                 theme.TEXT if self._hint else theme.SECONDARY, RIGHT, elide=bool(self._hint)),
        ]  # fmt: skip

    def _place(self, width: float, height: float) -> None:
        inner = width - 2 * EDGE
        third = (inner - 2 * GAP) / 3
        y = 44.0
        # What a taller pad has more goes to the palette.
        tile = TILE + max(0.0, height - LEAST_TALL) / 3
        self._grid(list(self.tiles.values()), y, third, tile, 3)
        self._grid(list(self.emergency.tiles.values()), y, third, tile, 3)
        self.put(self.emergency, 0, 0, width, y + 3 * tile + 2 * GAP + 4)
        y += 3 * tile + 2 * GAP + 11
        self._grid(list(self.flags.values()), y, third, theme.TOUCH, 3)
        y += 2 * theme.TOUCH + GAP + 11
        chips: list[QWidget] = [*self._chips.buttons(), self.other, self.undo_button]
        self._grid(chips, y, (inner - 5 * 5) / 6, theme.TOUCH, 6, gap=5)
        y += theme.TOUCH + 8
        segments = inner - 2 * SEGMENT
        self.put(self.note, EDGE, y, segments - GAP, theme.TOUCH)
        self.put(self.notes.record, EDGE + segments, y, SEGMENT, theme.TOUCH)
        self.put(self.notes.private, EDGE + segments + SEGMENT, y, SEGMENT, theme.TOUCH)
        y = height - EDGE - TILE
        x = float(EDGE)
        part = (inner - GAP * (len(WIDTHS) - 1)) / sum(WIDTHS)
        for button, wide in zip(self.row.buttons, WIDTHS, strict=True):
            self.put(button, x, y, part * wide, TILE)
            x += part * wide + GAP

    def _grid(
        self, items: Sequence[QWidget], y: float, wide: float, tall: float, columns: int, gap: float = GAP
    ) -> None:
        for index, item in enumerate(items):
            row, column = divmod(index, columns)
            self.put(item, EDGE + column * (wide + gap), y + row * (tall + GAP), wide, tall)

    def paint_ground(self, painter: QPainter) -> None:
        frame = theme.SECONDARY if self._keys_on else theme.HAIRLINE
        panel(painter, QRectF(self.rect()), self.scale, frame=frame)
