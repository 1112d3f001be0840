"""What lies over home and the live screens: devices, sound, pairing; and the second place's window.

Sizes are those over home, in pixels; a live screen gives the place of its trends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from monitor.entries import Body
from monitor.identity import Identity
from monitor.trouble import Trouble
from ui.asking import Desk
from ui.bridge import Bridge
from ui.home.devices import DevicePicker
from ui.home.inventory import InventoryPanel
from ui.home.pairing import SIZE, PairingPanel
from ui.home.sound import SoundPanel
from ui.place.desk import PlaceDesk
from ui.troubles import HOME

if TYPE_CHECKING:
    from devices.scan import Sighting
    from monitor.session import SessionState
    from ui.home.keeping import KeepingPanel
    from ui.home.patients import PatientsDesk
    from ui.home.practising import PractisePanel
    from ui.live.screen import LiveScreen
    from ui.people.panel import PeoplePanel
    from ui.private.desk import NotesDesk
    from ui.runtime import Runtime

SOUND = (620, 560)
INVENTORY = (760, 560)
PEOPLE = (760, 560)
KEEPING = (820, 720)
PATIENTS = (620, 600)
NOTES = (560, 540)
PRACTISING = (620, 620)


class Report(Protocol):
    """Shows at `place` why a request failed."""

    def __call__(self, future: Future[Any], place: str = HOME) -> None: ...


class Panels(QObject):
    """Of one window, whose `states` and `screens` they share; each is made when it is first wanted.

    `where` gives the session whose screen is in view, or HOME.
    """

    erased = Signal()
    """A session is gone from the record."""

    def __init__(
        self,
        window: QWidget,
        states: Mapping[str, SessionState],
        screens: Mapping[str, LiveScreen],
        where: Callable[[], str],
        bridge: Bridge,
        report: Report,
    ) -> None:
        super().__init__(window)
        self._window, self._states, self._screens, self._where = window, states, screens, where
        self._bridge, self._report = bridge, report
        self.runtime: Runtime | None = None
        """While the record is open."""
        self.pickers: dict[str, DevicePicker] = {}
        """Each session has its own: what is chosen or asked in one is nothing to another."""
        self.place = PlaceDesk(states, bridge)
        self._pairing_panel: PairingPanel | None = None
        self._sound: SoundPanel | None = None
        self._inventory: InventoryPanel | None = None
        self.people: PeoplePanel | None = None
        """Who works here, once it was wanted."""
        self.keeping: KeepingPanel | None = None
        """How the record is kept, once it was wanted."""
        self._patients: PatientsDesk | None = None
        self._notes: NotesDesk | None = None
        self.practising: PractisePanel | None = None
        """The courses of the virtual patient, while they are offered."""

    def _put_over(self, panel: QWidget, size: tuple[int, int]) -> None:
        """Over the live screen in view, whose keys act in it; else in the middle of the window."""
        window, screen = self._window, self._screens.get(self._where())
        if screen is not None:
            screen.lay_over(panel)
            return
        if panel.parentWidget() is not window:
            panel.setParent(window)
        panel.setGeometry((window.width() - size[0]) // 2, (window.height() - size[1]) // 2, *size)
        panel.show()
        panel.raise_()

    def _shared(self) -> list[QWidget]:
        """The panels that are no session's own."""
        of_desks = [desk.panel for desk in (self._patients, self._notes) if desk is not None]
        panels = (self._sound, self._inventory, self.people, self.keeping, self.practising)
        return [*of_desks, *(panel for panel in panels if panel is not None)]

    @Slot()
    def show_practising(self) -> None:
        """The courses of the virtual patient, anew each time: whether a patient is here decides."""
        from ui.home.practising import PractisePanel

        if self.practising is not None:
            self.practising.deleteLater()
        self.practising = PractisePanel(self.runtime is not None and bool(self.runtime.live))
        self.practising.closed.connect(self.practising.close)
        self._put_over(self.practising, PRACTISING)
        self.practising.list.setFocus()

    def close_over_home(self) -> None:
        """Close those that may be closed: somebody is done with them."""
        for panel in self._shared():
            if panel.isVisible():
                panel.close()

    @Slot()
    def leave(self) -> None:
        """Another page came into view: all are closed. A question of Bluetooth comes along."""
        for panel in self._shared():
            if panel is self.keeping:
                panel.close()  # what it shows once stays until it was written down
            else:
                panel.hide()
        if self._pairing_panel is not None and not self._pairing_panel.isHidden():
            self._pairing_panel.come()  # Bluetooth waits for an answer wherever one goes

    # --- devices of a session -------------------------------------------------------------

    @Slot()
    def show_picker(self) -> None:
        """The list of devices in range, over the live screen in view."""
        session = self._where()
        if session != HOME and self.runtime is not None:
            self.pick_devices(session, self.runtime)

    def pick_devices(self, session: str, runtime: Runtime) -> None:
        """The list of devices in range, over this session's screen."""
        picker = self.pickers.get(session) or self._new_picker(session, runtime)
        picker.hide()  # what is open already begins anew, too
        if runtime.radio_trouble is not None:
            picker.show_trouble(runtime.radio_trouble)
        self._screens[session].lay_over(picker)

    def _new_picker(self, session: str, runtime: Runtime) -> DevicePicker:
        state, clock = self._states[session], runtime.clock
        picker = self.pickers[session] = DevicePicker(
            runtime.sightings,
            runtime.known,
            state,
            lambda: state.timeline.at(clock.now()),
            self._screens[session],
        )
        picker.chosen.connect(partial(self._assign, session))
        picker.released.connect(partial(self._release, session))
        picker.entered.connect(partial(self._record, session))
        picker.forgotten.connect(partial(self._forget, session))
        return picker

    def _assign(self, session: str, sighting: Sighting, replaces: str, reason: str) -> None:
        if self.runtime is not None:
            answered = self.pickers[session].answered
            future = self.runtime.assign(session, sighting, replaces, reason)
            self._report(future, session)
            future.add_done_callback(lambda _: self._bridge.post(answered))

    def _release(self, session: str, device: str, reason: str) -> None:
        if self.runtime is not None:
            self._report(self.runtime.release(session, device, reason), session)

    def _forget(self, session: str, address: str) -> None:
        if self.runtime is not None:
            self._report(self.runtime.forget(address), session)

    def _record(self, session: str, body: Body) -> None:
        if self.runtime is not None:
            self._report(self.runtime.record(session, body), session)

    # --- the practice's devices -----------------------------------------------------------

    @Slot()
    def show_inventory(self) -> None:
        """The practice's devices, over whatever is in view."""
        if self.runtime is None:
            return
        if self._inventory is None:
            self._inventory = InventoryPanel(self.runtime.owned, self._window)
            self._inventory.retired.connect(self._retire)
        self._put_over(self._inventory, INVENTORY)

    @Slot(str, str)
    def _retire(self, device: str, reason: str) -> None:
        if self.runtime is not None and self._inventory is not None:
            look = self._inventory.look
            future = self.runtime.retire(device, reason)
            self._report(future, self._where())
            future.add_done_callback(lambda _: self._bridge.post(look))

    # --- people ---------------------------------------------------------------------------

    @Slot()
    def show_people(self) -> None:
        """Who works here, over whatever is in view; where nobody does yet, who runs the practice."""
        if self.runtime is None:
            return
        if self.people is None:
            from ui.people.panel import PeoplePanel  # it brings the store with it, which home opens without

            self.people = PeoplePanel(self.runtime, self._bridge.post, self._window)
        self._put_over(self.people, PEOPLE)

    @Slot()
    def show_keeping(self) -> None:
        """How the record is kept."""
        if self.runtime is None:
            return
        if self.keeping is None:
            from ui.home.keeping import KeepingPanel

            self.keeping = KeepingPanel(self.runtime, self._bridge.post, self._window)
            self.keeping.erased.connect(self.erased)
        self._put_over(self.keeping, KEEPING)

    # --- who it is, and what is nobody else's ---------------------------------------------

    def show_patients(self, taken: Callable[[str, Identity | None], object], *, demo: bool) -> None:
        """The list of patients; `taken` hears of the one that was chosen or entered."""
        if self.runtime is None:
            return
        if self._patients is None:
            from ui.home.patients import PatientsDesk

            self._patients = PatientsDesk(self.runtime, self._bridge.post, self._window, demo=demo)
            self._patients.taken.connect(taken)
        self._put_over(self._patients.panel, PATIENTS)
        self._patients.look()

    @Slot(str, str)
    def show_notes(self, session: str, person: str) -> None:
        """This person's private notes of a session, or how they are set up."""
        if self.runtime is None:
            return
        if self._notes is None:
            from ui.private.desk import NotesDesk

            self._notes = NotesDesk(self.runtime, self._bridge.post, self._window)
        self._notes.open(session, person)
        self._put_over(self._notes.panel, NOTES)

    def hide_notes(self, session: str, but: str) -> None:
        """Private notes of a session do not stay in view of anybody `but` this person."""
        if self._notes is not None and self._notes.shows(session) not in ("", but):
            self._notes.panel.hide()

    # --- sound ----------------------------------------------------------------------------

    @Slot()
    def show_sound(self) -> None:
        """Which output alarms sound on, over whatever is in view."""
        if self.runtime is None or self.runtime.choosing is None:
            return
        if self._sound is None:
            self._sound = SoundPanel(self.runtime.choosing, self._window)
            self._sound.heard.connect(self._heard)
            self._sound.elsewhere.connect(self.show_place)
        self._put_over(self._sound, SOUND)

    @Slot(str)
    def _heard(self, output: str) -> None:
        if self.runtime is not None:
            self._report(self.runtime.keep_output(output), self._where())

    @Slot()
    def show_place(self) -> None:
        """The second place's own window."""
        if self.runtime is not None:
            self.place.open(self.runtime)

    # --- pairing --------------------------------------------------------------------------

    def desk(self) -> Desk:
        """What Bluetooth has to ask and tell when it pairs. Any thread."""
        post = self._bridge.post  # the panel is made, and spoken to, on this window's thread only
        return Desk(
            show=lambda question, answer: post(lambda: self._pairing().ask(question, answer)),
            hide=lambda: post(lambda: self._pairing().take_back()),
            tell=lambda trouble: post(lambda: self._pairing().show_trouble(trouble)),
        )

    def _pairing(self) -> PairingPanel:
        if self._pairing_panel is None:
            self._pairing_panel = PairingPanel(self._window)
            self._pairing_panel.come = partial(self._put_over, self._pairing_panel, SIZE)
        return self._pairing_panel

    # --- troubles -------------------------------------------------------------------------

    @Slot(str, object)
    def show_trouble(self, session: str, trouble: Trouble | None) -> None:
        """In the list of devices of this session, if there is one."""
        if session in self.pickers:
            self.pickers[session].show_trouble(trouble)
