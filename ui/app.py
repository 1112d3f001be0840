"""Windows on top of a runtime: open the record, home, the live screen, and leaving without loss."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QStackedWidget, QWidget

from monitor.codec import Entry
from monitor.entries import Body, DeviceTold, SessionEnded
from monitor.summary import Summary
from monitor.trouble import Trouble
from ui import theme
from ui.asking import Desk
from ui.bridge import Bridge
from ui.commands import NewSession, SessionCommands
from ui.home.devices import DevicePicker
from ui.home.home import Home
from ui.home.inventory import InventoryPanel
from ui.home.pairing import PairingPanel
from ui.home.sound import SoundPanel
from ui.home.unlock import Unlock
from ui.opening import NeedsPassphrase, Opening
from ui.place.desk import PlaceDesk
from ui.place.words import sound_line
from ui.troubles import HOME, WORKER, Troubles, trouble_of

if TYPE_CHECKING:
    from devices.scan import Sighting
    from monitor.session import SessionState
    from ui.live.screen import LiveScreen
    from ui.runtime import Runtime

log = structlog.get_logger()

# Ages, clocks and the trend's edge move four times a second; digits are painted as they come.
TICK_MS = 250
PICKER = (860, 440)
SOUND = (620, 560)
INVENTORY = (760, 560)


class Window(QMainWindow):
    """The one window: unlock, home, live. Opens the record after its first paint."""

    cannot_open = Signal(object)
    """The Trouble that kept the record from being opened."""

    def __init__(self, opening: Opening) -> None:
        super().__init__()
        self.opening = opening
        self.runtime: Runtime | None = None
        self.bridge = Bridge(self)
        self.states: dict[str, SessionState] = {}
        self.screens: dict[str, LiveScreen] = {}
        self.pickers: dict[str, DevicePicker] = {}
        """Each session has its own: what is chosen or asked in one is nothing to another."""
        self._saved: dict[str, tuple[int, int]] = {}
        self._troubles = Troubles()
        self._unlock: Unlock | None = None
        self._pairing_panel: PairingPanel | None = None
        self._sound_panel: SoundPanel | None = None
        self._inventory: InventoryPanel | None = None
        self._place = PlaceDesk(self.states, self.bridge)
        self.open_when_painted = False
        self._leaving_anyway = False
        self._worker_still = False
        self.setWindowTitle("Vigil — demo" if opening.demo else "Vigil")
        self.home = Home(demo=opening.demo)
        self.home.begin.connect(self._begin)
        self.home.take_up.connect(self._take_up)
        self.home.end.connect(self._end)
        self.home.sound.connect(self._show_sound)
        self.home.inventory.connect(self._show_inventory)
        self._let_touch(self.home)
        for key, slot in (
            ("F9", self._show_picker),
            ("F10", self._go_home),
            ("Shift+F8", self._show_sound),
            ("Shift+F9", self._show_inventory),
            ("Ctrl+Shift+F8", self._show_place),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(slot)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.home)
        self.setCentralWidget(self.stack)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    # --- opening the record ---------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """The first paint is what a person waits for: only then the record is opened."""
        super().paintEvent(event)
        if self.open_when_painted:
            self.open_when_painted = False
            QTimer.singleShot(0, self.open_record)

    @Slot()
    def open_record(self, passphrase: str | None = None) -> None:
        """Open store, radio and voice on a thread of their own; the window stays alive."""
        threading.Thread(target=self._open, args=(passphrase,), name="vigil-opening", daemon=True).start()

    def _open(self, passphrase: str | None) -> None:
        try:
            runtime, recovery_code = self.opening.open(passphrase, self._news(), self._desk())
            sessions = runtime.sessions()
        except NeedsPassphrase as need:
            self.bridge.post(partial(self._ask_passphrase, need.new, need.trouble))
        except Trouble as trouble:
            self.bridge.post(partial(self._cannot_open, trouble))
        else:
            self.bridge.post(partial(self._opened, runtime, sessions, recovery_code))

    def _news(self) -> dict[str, Callable[..., None]]:
        post = self.bridge.post
        return {
            "on_opened": lambda session, state: post(partial(self._session_opened, session, state)),
            "on_entry": lambda session, entry: post(partial(self._entry, session, entry)),
            "on_trouble": lambda trouble: post(partial(self._stand, "runtime", trouble)),
        }

    def _desk(self) -> Desk:
        post = self.bridge.post  # the panel is made, and spoken to, on this window's thread only
        return Desk(
            show=lambda question, answer: post(lambda: self._pairing().ask(question, answer)),
            hide=lambda: post(lambda: self._pairing().take_back()),
            tell=lambda trouble: post(lambda: self._pairing().show_trouble(trouble)),
        )

    def _pairing(self) -> PairingPanel:
        if self._pairing_panel is None:
            self._pairing_panel = PairingPanel(self)
        return self._pairing_panel

    def _ask_passphrase(self, new: bool, trouble: Trouble | None) -> None:
        unlock = self._unlocking(new)
        if trouble is not None:
            unlock.show_trouble(trouble)

    def _cannot_open(self, trouble: Trouble) -> None:
        self._stand("opening", trouble)
        self.cannot_open.emit(trouble)
        if self._unlock is not None:  # it is in front of home
            self._unlock.show_trouble(trouble)

    def _unlocking(self, new: bool) -> Unlock:
        if self._unlock is None:
            self._unlock = Unlock(new=new)
            self._unlock.entered.connect(self.open_record)
            self._unlock.noted.connect(self._go_home)
            self.stack.addWidget(self._unlock)
        self.stack.setCurrentWidget(self._unlock)
        return self._unlock

    def _opened(self, runtime: Runtime, sessions: list[Summary], recovery_code: str | None) -> None:
        self.runtime = runtime
        runtime.window_lives()
        self._stand("opening", None)
        self.home.show_sessions(sessions)
        if recovery_code is not None:
            self._unlocking(new=True).show_recovery_code(recovery_code)
        elif not self.screens:
            self._go_home()

    @Slot()
    def _go_home(self) -> None:
        self.stack.setCurrentWidget(self.home)
        if self.runtime is not None:
            threading.Thread(
                target=self._reread, args=(self.runtime,), name="vigil-reread", daemon=True
            ).start()

    # --- sessions -------------------------------------------------------------------------

    @Slot(object)
    def _begin(self, new: NewSession) -> None:
        if self.runtime is not None:
            self.report(self.runtime.begin(new))

    @Slot(object)
    def _take_up(self, summary: Summary) -> None:
        if self.runtime is None:
            return
        if summary.id in self.screens:
            self.stack.setCurrentWidget(self.screens[summary.id])
        else:
            self.report(self.runtime.resume(summary.id, summary.preset))

    @Slot(object)
    def _end(self, summary: Summary) -> None:
        """End a session from home; one that no longer runs is taken up first, so that it ends in its log."""
        if self.runtime is None:
            return
        if summary.id not in self.screens:
            self.report(self.runtime.resume(summary.id, summary.preset))
        self.report(self.runtime.record(summary.id, SessionEnded()))

    # --- troubles -------------------------------------------------------------------------

    def report(self, future: Future[Any], place: str = HOME) -> None:
        """Show where it was made why a request failed: nothing that a person asked for is lost silently."""
        future.add_done_callback(partial(self._reported, place))

    def _reported(self, place: str, future: Future[Any]) -> None:
        trouble = trouble_of(future)
        if trouble is not None:
            self.bridge.post(partial(self._refuse, place, trouble))

    def _refuse(self, place: str, trouble: Trouble) -> None:
        self._troubles.refuse(place if place in self.screens else HOME, trouble)
        self._show_troubles()

    def _stand(self, source: str, trouble: Trouble | None) -> None:
        self._troubles.stand(source, trouble)
        self._show_troubles()

    def _show_troubles(self) -> None:
        self.home.show_trouble(self._troubles.at(HOME))
        for session, screen in self.screens.items():
            screen.show_trouble(self._troubles.at(session))
        for session, picker in self.pickers.items():
            picker.show_trouble(self._troubles.at(session))

    def _let_touch(self, page: QWidget) -> None:
        for label in page.findChildren(QLabel, "trouble"):
            label.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A touch on a trouble that does not last puts it away."""
        if event.type() == QEvent.Type.MouseButtonPress and self._troubles.touched(self._in_view() or HOME):
            self._show_troubles()
            return True
        return super().eventFilter(watched, event)

    # --- screens --------------------------------------------------------------------------

    def _session_opened(self, session: str, state: SessionState) -> None:
        self.states[session] = state
        if state.opened is not None:
            self._show_screen(session)

    def _show_screen(self, session: str) -> None:
        # The runtime is known to the opening before `_opened` has told this window of it.
        runtime = self.opening.runtime
        state = self.states[session]
        if runtime is None or state.opened is None:
            return
        # Plots and numpy take half of the time to start: home is painted without them.
        from ui.live.screen import LiveScreen

        screen = LiveScreen(
            state,
            SessionCommands(runtime, session, partial(self.report, place=session)),
            runtime.presets.load(state.opened.preset),
        )
        self.screens[session] = screen
        self._let_touch(screen)
        screen.show_trouble(self._troubles.at(session))
        self.stack.addWidget(screen)
        self.stack.setCurrentWidget(screen)
        if not state.devices and not self.opening.demo:
            self._pick_devices(session)

    @Slot()
    def _show_picker(self) -> None:
        """The list of devices in range, over the live screen in view."""
        session = self._in_view()
        if session is not None:
            self._pick_devices(session)

    def _in_view(self) -> str | None:
        shown = self.stack.currentWidget()
        return next((session for session, screen in self.screens.items() if screen is shown), None)

    def _pick_devices(self, session: str) -> None:
        runtime = self.opening.runtime
        if runtime is None:
            return
        picker = self.pickers.get(session) or self._new_picker(session, runtime)
        picker.hide()  # what is open already begins anew, too
        if runtime.radio_trouble is not None:
            picker.show_trouble(runtime.radio_trouble)
        self._put_over(picker, PICKER)

    def _new_picker(self, session: str, runtime: Runtime) -> DevicePicker:
        state, clock = self.states[session], runtime.clock
        picker = self.pickers[session] = DevicePicker(
            runtime.sightings,
            runtime.known,
            state,
            lambda: state.timeline.at(clock.now()),
            self.screens[session],
        )
        picker.chosen.connect(partial(self._assign, session))
        picker.released.connect(partial(self._release, session))
        picker.entered.connect(partial(self._record, session))
        picker.forgotten.connect(partial(self._forget, session))
        return picker

    @Slot()
    def _show_sound(self) -> None:
        """Which output alarms sound on, over whatever is in view."""
        runtime = self.runtime
        if runtime is None or runtime.choosing is None:
            return
        if self._sound_panel is None:
            self._sound_panel = SoundPanel(runtime.choosing, self)
            self._sound_panel.heard.connect(self._heard)
            self._sound_panel.elsewhere.connect(self._show_place)
        self._put_over(self._sound_panel, SOUND)

    @Slot()
    def _show_place(self) -> None:
        if self.runtime is not None:
            self._place.open(self.runtime)

    @Slot(str)
    def _heard(self, output: str) -> None:
        if self.runtime is not None:
            self.report(self.runtime.keep_output(output), self._in_view() or HOME)

    @Slot()
    def _show_inventory(self) -> None:
        """The practice's devices, over whatever is in view."""
        if self.runtime is None:
            return
        if self._inventory is None:
            self._inventory = InventoryPanel(self.runtime.owned, self)
            self._inventory.retired.connect(self._retire)
        self._put_over(self._inventory, INVENTORY)

    @Slot(str, str)
    def _retire(self, device: str, reason: str) -> None:
        if self.runtime is not None and self._inventory is not None:
            look = self._inventory.look
            future = self.runtime.retire(device, reason)
            self.report(future, self._in_view() or HOME)
            future.add_done_callback(lambda _: self.bridge.post(look))

    def _put_over(self, panel: QWidget, size: tuple[int, int]) -> None:
        panel.setGeometry((self.width() - size[0]) // 2, (self.height() - size[1]) // 2, *size)
        panel.show()
        panel.raise_()

    def _assign(self, session: str, sighting: Sighting, replaces: str, reason: str) -> None:
        if self.runtime is not None:
            answered = self.pickers[session].answered
            future = self.runtime.assign(session, sighting, replaces, reason)
            self.report(future, session)
            future.add_done_callback(lambda _: self.bridge.post(answered))

    def _release(self, session: str, device: str, reason: str) -> None:
        if self.runtime is not None:
            self.report(self.runtime.release(session, device, reason), session)

    def _forget(self, session: str, address: str) -> None:
        if self.runtime is not None:
            self.report(self.runtime.forget(address), session)

    def _record(self, session: str, body: Body) -> None:
        if self.runtime is not None:
            self.report(self.runtime.record(session, body), session)

    def _entry(self, session: str, entry: Entry) -> None:
        state = self.states[session]
        changed = state.apply(entry)
        screen = self.screens.get(session)
        if screen is not None:
            screen.refresh(changed)
        elif state.opened is not None:
            self._show_screen(session)
        if isinstance(entry.body, SessionEnded):
            self._go_home()
        elif screen is not None and _tells_another_serial(entry.body, state):
            self._pick_devices(session)  # perhaps another device: ask at once

    def _reread(self, runtime: Runtime) -> None:
        # The store may close under this thread when Vigil is left; the list is then of no use.
        with suppress(Trouble):
            self.bridge.post(partial(self.home.show_sessions, runtime.sessions()))

    # --- time -----------------------------------------------------------------------------

    @Slot()
    def _tick(self) -> None:
        runtime = self.runtime
        if runtime is not None:
            runtime.window_lives()
            self._watch_worker(runtime)
        session = self._in_view()
        if self._troubles.seen(session or HOME, TICK_MS):
            self._show_troubles()
        if runtime is None or session is None:
            return
        state = self.states[session]
        now_ms = state.timeline.at(runtime.clock.now())
        durable = runtime.store.durable_seq(session)
        before, at_ms = self._saved.get(session, (-1, now_ms))
        if durable != before or durable >= state.seq:
            at_ms = now_ms
        self._saved[session] = (durable, at_ms)
        self.screens[session].tick(
            now_ms, durable, now_ms - at_ms, sound_line(runtime.sound_line, state.ledger)
        )

    def _watch_worker(self, runtime: Runtime) -> None:
        if runtime.stands_still == self._worker_still:
            return
        self._worker_still = runtime.stands_still
        self._stand(
            WORKER,
            Trouble(
                "The measuring part of Vigil stands still.",
                "Nothing is measured and no alarm is decided now.",
                "Watch the patient and the oximeter itself; close Vigil and start it again.",
            )
            if self._worker_still
            else None,
        )

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leaving: links are disconnected and everything recorded is on disk before we go.

        While the disk refuses, the first attempt says what would be lost and stays.
        """
        runtime = self.opening.runtime
        if runtime is not None and runtime.cannot_save and not self._leaving_anyway:
            self._leaving_anyway = True
            self._refuse(
                self._in_view() or HOME,
                Trouble(
                    f"{runtime.store.waiting} entries are not on the disk yet.",
                    "Leaving now would lose them; monitoring goes on.",
                    "Make room on the disk, or close again to leave all the same.",
                ),
            )
            event.ignore()
            return
        self._timer.stop()
        self._place.close()
        self.hide()
        self.runtime = None
        try:
            self.opening.close()
        except Trouble as trouble:
            log.error("left with entries unsaved", happened=trouble.happened)
        for screen in self.screens.values():
            # Its canvas must go while Python still knows the items: Qt asks them as it destroys them.
            screen.trends.close()
        self.bridge.close()
        event.accept()


def _tells_another_serial(body: Body, state: SessionState) -> bool:
    return isinstance(body, DeviceTold) and "serial" in body.fields and bool(state.devices[body.device].doubt)


def run(
    opening: Opening,
    *,
    size: tuple[int, int] = (1600, 1000),
    prepared: Callable[[Window], None] | None = None,
) -> int:
    """Open the window and stay until it is closed; returns the exit code."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    theme.apply(app)
    window = Window(opening)
    window.resize(*size)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: window.close())
    window.open_when_painted = True
    window.show()
    if prepared is not None:
        prepared(window)
    return app.exec()
