"""Standby: patient up and therapist out. What people do about them, and the strip that counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QRectF, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QPushButton, QWidget

from monitor import entries as e
from monitor.alarms.signals import duration
from monitor.care.content import standby_rules
from monitor.checks import Check, Outcome
from monitor.identity import Identity
from monitor.language import tr
from monitor.preparing import holds_up
from monitor.session import SessionState
from monitor.trouble import Trouble
from ui import theme
from ui.course.check_words import due_now, label, shows_itself
from ui.course.checks_page import ask_why, done
from ui.live.sheet import RIGHT, Sheet, Text, panel
from ui.live.time_out_panel import TimeOutPanel
from ui.live.tray import Choices, Tray
from ui.private.aside import Aside

Enter = Callable[[e.Body, str], None]


class StandbyDesk(QObject):
    """Asks why and who, and records with `enter(body, hint)`. Coming back is always one tap."""

    def __init__(
        self, state: SessionState, tray: Tray, enter: Enter, aside: Aside | None, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._state, self._tray, self._enter, self._aside = state, tray, enter, aside
        self.time_out: TimeOutPanel | None = None
        self.due: Check | None = None
        """The check that somebody should make now."""

    # --- the patient ----------------------------------------------------------------------

    @Slot()
    def press_up(self) -> None:
        """Patient up; while the patient is up, back."""
        if self._state.situation.up is not None:
            self.back()
        else:
            self._tray.offer(
                tr("Patient up: why?"), Choices(_capital(standby_rules().up_why), self._why, columns=1)
            )

    def _why(self, index: int) -> None:
        why, whom = standby_rules().up_why[index], standby_rules().up_with
        self._tray.offer(
            tr("{why}: who is with them?", why=tr(why).capitalize()),
            Choices(_capital(whom), self._with(why)),
        )

    def _with(self, why: str) -> Callable[[int], None]:
        return lambda index: self._up(why, standby_rules().up_with[index])

    def _up(self, why: str, whom: str) -> None:
        minutes = standby_rules().up_min
        self._enter(
            e.PatientUp(why=why, with_whom=whom, minutes=minutes),
            tr("patient up, {minutes:g} min at most", minutes=minutes),
        )

    @Slot()
    def back(self) -> None:
        """The patient is back."""
        if self._state.situation.up is not None:
            self._enter(e.PatientBack(), tr("patient back · undo Ctrl+Z"))

    @Slot()
    def more(self) -> None:
        """As many minutes again, from now on."""
        up = self._state.situation.up
        if up is not None:
            self._up(up.why, up.with_whom)

    # --- the therapist --------------------------------------------------------------------

    @Slot()
    def press_out(self) -> None:
        """Therapist out; while nobody is there, back in the room."""
        if self._state.situation.out is not None:
            self.here()
            return
        why = standby_rules().out_why
        labels = (tr("Just out"), *_capital(why))
        self._tray.offer(tr("Therapist out: why?"), Choices(labels, self._out, columns=1))

    def _out(self, index: int) -> None:
        why = standby_rules().out_why[index - 1] if index else ""
        self._enter(e.TherapistOut(why=why), tr("therapist out · nobody with the patient"))

    @Slot()
    def here(self) -> None:
        """Somebody is with the patient again."""
        if self._state.situation.out is not None:
            self._enter(e.TherapistBack(), tr("back in the room · undo Ctrl+Z"))

    # --- checks ---------------------------------------------------------------------------

    @Slot()
    def check_done(self) -> None:
        """The check that is due was made."""
        if self.due is not None:
            self._enter(done(self.due), tr("{label} done · undo Ctrl+Z", label=label(self.due)))

    @Slot()
    def skip_check(self) -> None:
        """The check that is due is left out, with a reason."""
        if (check := self.due) is not None:
            ask_why(
                check,
                self._tray,
                lambda body: self._enter(body, tr("{label} skipped", label=label(check))),
            )

    # --- before the dose ------------------------------------------------------------------

    @Slot()
    def open_time_out(self) -> None:
        """Code, who it is, whom to call, go or no go."""
        known = self._state.situation
        against = partial(holds_up, self._state)
        self.time_out = TimeOutPanel(self._state.code, known.doctor, known.phone, against, self._taken)
        self._tray.offer(tr("Time-out"), self.time_out)
        if self._aside is not None:
            self._aside.who(partial(self._told, self.time_out))

    def _told(self, panel: TimeOutPanel, who: Identity | Trouble | None) -> None:
        if self._tray.content is panel:  # it is not kept where nobody looks any more
            panel.show_identity(who)
            self._tray.moved()

    def _taken(self, body: e.TimeOutTaken) -> None:
        self._enter(body, tr("time-out: go") if body.go else tr("time-out: no go"))


class StandbyStrip(Sheet):
    """One row for each thing that waits for somebody: the time-out, the patient, the therapist.

    It takes its place from the trends; `rows` says how many there are.
    """

    def __init__(self, state: SessionState, desk: StandbyDesk, parent: QWidget | None = None) -> None:
        super().__init__(tr("Standby"), parent)
        self._state, self._desk, self._now_ms = state, desk, 0
        self._looked = (-1, -1)
        """Up to which entry and second it was looked for checks that are due."""
        self.prepare = self._button(tr("Prepare … Ctrl+P"), tr("Prepare the session"), lambda: None)
        self.time_out = self._button(tr("Time-out … F7"), tr("Take the time-out"), desk.open_time_out)
        more = tr("{up_min:g} min more", up_min=standby_rules().up_min)
        self.more = self._button(more, tr("Patient up: {more}", more=more), desk.more)
        self.back = self._button(tr("Back"), tr("The patient is back"), desk.back)
        self.done = self._button(tr("Done"), tr("The check that is due was made"), desk.check_done)
        self.skip = self._button(tr("Skip …"), tr("The check that is due is left out"), desk.skip_check)
        self.here = self._button(tr("Back in the room"), tr("The therapist is back in the room"), desk.here)
        self._shown: list[tuple[str, str, str, tuple[QPushButton, ...]]] = []

    def _button(self, text: str, name: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(name)
        button.clicked.connect(slot)
        button.hide()
        return button

    @property
    def tall(self) -> float:
        """The height it needs, in design pixels; 0 where nothing waits."""
        return len(self._rows()) * (ROW + GAP)

    def show_time(self, now_ms: int) -> None:
        """Elapsed times and the countdown."""
        self._now_ms = now_ms
        looked = (self._state.seq, now_ms // 1000)
        if looked != self._looked:
            self._looked, self._desk.due = looked, due_now(self._state, now_ms)
        self.recompose()

    def _rows(self) -> list[tuple[str, str, str, tuple[QPushButton, ...]]]:
        """Of each row: what it is, more about it, the time that counts, and what can be done."""
        known, now_ms = self._state.situation, self._now_ms
        if self._state.ended_ms is not None:
            return []
        rows: list[tuple[str, str, str, tuple[QPushButton, ...]]] = []
        if known.armed_ms is None:
            about = tr("no go: {no_go}", no_go=known.no_go) if known.no_go else NOT_ARMED
            rows.append((tr("Time-out not taken"), about, "", (self.prepare, self.time_out)))
        if known.up is not None:
            whom = (
                tr("nobody with them")
                if known.up.with_whom == "nobody"
                else tr("with {with_whom}", with_whom=tr(known.up.with_whom))
            )
            about = tr(
                "{why} · for {duration}", why=tr(known.up.why), duration=duration(now_ms - known.up.since_ms)
            )
            rows.append(
                (
                    tr("Patient up, {whom}", whom=whom),
                    about,
                    left(known.up.until_ms - now_ms),
                    (self.more, self.back),
                )
            )
        if known.out is not None:
            about = tr(known.out.why) or tr("therapist out of the room")
            since = duration(now_ms - known.out.since_ms)
            rows.append((tr("Nobody with the patient"), about, since, (self.here,)))
        if (check := self._desk.due) is not None:
            buttons = (self.skip,) if shows_itself(check) else (self.done, self.skip)
            how = tr("F5, or type it in") if shows_itself(check) else tr("by the protocol")
            what = label(check)
            late = duration(now_ms - (check.due_ms or 0)) if check.outcome is Outcome.OVERDUE else ""
            rows.append((tr("{upper}{what}: due", upper=what[:1].upper(), what=what[1:]), how, late, buttons))
        return rows

    def compose(self) -> Sequence[Text]:
        self._shown = self._rows()
        width = self.width() / self.scale.factor
        wanted = {button for row in self._shown for button in row[3]}
        for button in (self.prepare, self.time_out, self.more, self.back, self.here, self.done, self.skip):
            button.setVisible(button in wanted)
        return [text for k, row in enumerate(self._shown) for text in self._row(k * (ROW + GAP), width, *row)]

    def _row(
        self, y: float, width: float, what: str, about: str, counted: str, buttons: tuple[QPushButton, ...]
    ) -> list[Text]:
        px = self.scale.px
        x = width - INSET
        for button in reversed(buttons):
            wide = 176.0 if button in (self.here, self.prepare) else 120.0
            x -= wide
            button.setGeometry(px(x), px(y + 4), px(x + wide) - px(x), px(theme.TOUCH))
            x -= GAP
        room = 0.0
        texts: list[Text] = []
        if counted:
            room = 170.0
            font = self.scale.font(22, theme.SEMIBOLD)
            texts.append(Text(self.at(x - room - 6, y, room, ROW), counted, font, theme.TEXT, RIGHT))
        across = x - room - 6 - INSET - 6
        name = self.scale.font(17, theme.SEMIBOLD)
        texts.append(Text(self.at(INSET + 6, y + 8, across, 26), what, name, theme.TEXT, elide=True))
        texts.append(
            Text(
                self.at(INSET + 6, y + 34, across, 22),
                about,
                self.scale.font(14),
                theme.SECONDARY,
                elide=True,
            )
        )
        return texts

    def paint_ground(self, painter: QPainter) -> None:
        for k in range(len(self._shown)):
            x, y, wide, tall = self.at(0, k * (ROW + GAP), self.width() / self.scale.factor, ROW)
            panel(painter, QRectF(x, y, wide, tall), self.scale, frame=theme.SECONDARY)


NOT_ARMED = tr("technical alarms are not armed before it")
ROW, GAP, INSET = theme.TOUCH + 8.0, 8.0, 6.0


def left(ms: int) -> str:
    """ "9:12 left", "over by 0:20"."""
    return (
        tr("{duration} left", duration=duration(ms))
        if ms > 0
        else tr("over by {duration}", duration=duration(-ms))
    )


def _capital(words: Sequence[str]) -> list[str]:
    return [said[:1].upper() + said[1:] for said in map(tr, words)]
