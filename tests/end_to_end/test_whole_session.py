"""A whole session through the screens only, from new patient to both signatures, by three hands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import TypeVar

import pytest
import startable_cuff
from hands import HANDS, Hand
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from startable_cuff import StartableCuff
from whole_vigil import Site

from devices import registry
from devices.driver import Advertisement, Driver
from devices.hub import Hub
from devices.virtual.instruments.mightysat import MightySat
from devices.virtual.patient import Physiology
from devices.virtual.peripheral import Peripheral
from devices.virtual.radio import VirtualRadio
from monitor import entries as e
from monitor.care.content import CuffRules
from monitor.care.flowsheet import discharge_items, screening_items
from monitor.codec import unseal
from monitor.entries.care import NO, YES
from monitor.preparing import Step
from monitor.session import SessionState, fold
from monitor.store.verify import verify
from ui.course import close as closing
from ui.course.close import ClosePanel
from ui.course.prepare import PreparePanel
from ui.course.screening import ScreeningPage
from ui.live.screen import LiveScreen
from ui.record.page import RecordPage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

W = TypeVar("W", bound=QWidget)
B = TypeVar("B", bound=e.Body)
QUICK = CuffRules(
    least_min=0.01, hold_min=15, answer_s=5.0, reach_s=0.3, inflation_s=60.0, prompt_s=60.0, settle_s=5.0
)
"""The real pace, shortened: two pressures before the dose, and one that is tried again."""


def both(advertisement: Advertisement) -> type[Driver] | None:
    """The made-up cuff, and the drivers there are."""
    return startable_cuff.recognise(advertisement) or registry.recognise(advertisement)


class Oxygen:
    """A patient whose oxygen is set by hand."""

    def __init__(self) -> None:
        self.spo2 = 97.0

    def __call__(self) -> Physiology:
        return Physiology(spo2=self.spo2)


class Session:
    """One session, worked by one hand."""

    def __init__(self, site: Callable[..., Site], hand: Hand) -> None:
        self.hand, self.oxygen = hand, Oxygen()
        self.vigil = site(self._furnish)
        self.window = self.vigil.window
        self.window.activateWindow()
        self.until(self.window.isActiveWindow)
        self.id = ""

    def _furnish(self, radio: VirtualRadio) -> list[Peripheral]:
        plan = ("good", "good", "fails", "fails", "good")
        return [MightySat(radio, self.oxygen, "MightySat", serial=1), StartableCuff(radio, plan)]

    # --- finding, and waiting ----------------------------------------------------------------

    def until(self, condition: Callable[[], object]) -> None:
        self.vigil.until(condition)

    def find(self, kind: type[W], name: str, place: QWidget | None = None) -> W:
        """The one in view that is called so, by its text or its accessible name."""
        found: list[W] = []

        def looked() -> bool:
            found[:] = [w for w in (place or self.window).findChildren(kind) if _called(w, name)]
            return len(found) == 1

        try:
            self.until(looked)
        except Exception:
            names = sorted({_name(w) for w in (place or self.window).findChildren(kind) if w.isVisible()})
            raise AssertionError(f"{len(found)} are called {name}: {names}") from None
        return found[0]

    def press(self, name: str, place: QWidget | None = None) -> None:
        button = self.find(QAbstractButton, name, place)
        self.until(button.isEnabled)
        self.hand.press(button)

    def type(self, name: str, text: str, place: QWidget | None = None) -> None:
        self.hand.type(self.find(QLineEdit, name, place), text)

    @property
    def screen(self) -> LiveScreen:
        return self.vigil.screen(self.id)

    @property
    def state(self) -> SessionState:
        return self.vigil.state(self.id)

    def lines(self, kind: type[e.Body]) -> list[e.Body]:
        return [line.body for line in self.state.lines if isinstance(line.body, kind)]

    # --- the story -----------------------------------------------------------------------------

    def begin(self) -> None:
        self.type("Patient code", "KAP-0417")
        self.hand.choose(self.find(QComboBox, "Route"), "IM")
        self.type("Room", "2")
        self.press("Start monitoring")
        self.until(lambda: self.window.screens)
        (self.id,) = self.window.screens

    def take_devices(self) -> None:
        self.press("F9: devices")
        picker = self.window.panels.pickers[self.id]
        offers = self.find(QAbstractItemView, "Devices in range", picker)
        for arm, name in (("left", "MightySat"), ("right", "Startable")):
            self.until(lambda: offers.isVisible() and _row(offers, name) is not None)  # noqa: B023
            self.hand.row(offers, _row(offers, name) or 0)
            self.press("Enrol and use for this patient", picker)
            self.press(f"Yes, {arm} arm", picker)
            self.until(lambda: any(d.arm == arm for d in self.state.devices.values()))  # noqa: B023
        self.press("Done", picker)
        self.until(lambda: all(d.confirmed_ms for d in self.state.devices.values()))

    def prepare(self) -> None:
        self.press("Prepare … Ctrl+P")
        panel = self.find(PreparePanel, "Prepare")
        page = panel.page(Step.SCREENING)
        assert isinstance(page, ScreeningPage)
        self.step(panel, Step.SCREENING)
        for item in screening_items():
            answer = NO if item.against == YES or not item.against else YES
            self.hand.press(page.rows[item.code].buttons[answer])
        self.until(lambda: not self.state.care.unscreened)
        self.step(panel, Step.PLAN)
        self.type("Planned dose in mg", "60", panel)
        self.hand.type(self.find(QPlainTextEdit, "Intention, in the patient's words", panel), "to rest")
        self.press("Set the plan", panel)
        self.step(panel, Step.BASELINE)
        for count in (1, 2):
            self.press("Measure a pressure … F5", panel)
            self.until(lambda: len(self.state.pressures.all) == count)  # noqa: B023
        self.press("Take these values", panel)
        self.act_as("Physician")
        self.step(panel, Step.LIMITS)
        self.press("Confirm as they are", panel)
        self.until(lambda: self.lines(e.LimitsSet))
        self.step(panel, Step.TIME_OUT)
        self.press("Time-out … F7", panel)
        self.type("Doctor to call", "Dr Lee", self.screen.tray)
        self.press("Time-out: go", self.screen.tray)
        self.until(lambda: self.state.situation.armed_ms is not None)
        self.press("Close Prepare; what was entered stays")

    def step(self, panel: PreparePanel | ClosePanel, name: str) -> None:
        (tab,) = [b for b in panel.findChildren(QAbstractButton) if b.text().endswith(f" {name}")]
        self.hand.press(tab)
        assert panel.step == name

    def act_as(self, role: str) -> None:
        self.hand.press(self.screen.top.acting)
        self.press(role.lower(), self.screen.tray)
        self.until(lambda: self.state.acting == role.lower())

    def dose(self) -> None:
        self.press("F6: dose")
        self.type("Amount in mg", "60", self.screen.tray)
        self.press("Record dose", self.screen.tray)
        self.until(lambda: self.state.dose_ms is not None)

    def desaturate(self) -> None:
        self.oxygen.spo2 = 82.0
        self.until(lambda: self.screen.banner.needed)
        self.press("Acknowledge", self.screen.banner)
        self.until(lambda: self.lines(e.AlarmAcknowledged))
        self.oxygen.spo2 = 97.0
        self.until(lambda: not self.state.alarms)

    def cuff_fails(self) -> None:
        self.act_as("Therapist")
        self.press("Measure pressure now", self.screen.cuff)
        self.until(lambda: self.state.control.question)
        self.press("Measure again", self.screen.cuff)
        self.until(lambda: self.state.pressures.all[-1].failure is None)

    def observe(self) -> None:
        self.press("When: −5 min")
        self.press("Nausea")
        self.press("2  moderate", self.screen.tray)
        self.until(lambda: self.lines(e.ObservationGraded))
        self.press("Dizzy")
        self.until(lambda: len(self.lines(e.ObservationStarted)) == 2)
        self.press("Undo")
        self.until(lambda: self.lines(e.Retracted))
        self.type("Their words, or a note", "blue lite")
        self.press("Record", self.screen.pad)
        self.until(lambda: self.lines(e.NoteWritten))

    def amend(self) -> None:
        self.everything("Correct an entry")
        chooser = self.find(QAbstractItemView, "Entries by people, newest first", self.screen.tray)
        self.hand.row(chooser, 0)
        self.press("Amend …", self.screen.tray)
        field = self.screen.tray.findChildren(QPlainTextEdit)[0]
        self.hand.type(field, "")
        field.selectAll()
        QTest.keyClicks(field, "blue light")
        self.type("Why it is amended", "typed wrong", self.screen.tray)
        self.press("Amend", self.screen.tray)
        self.until(lambda: self.lines(e.Amended))

    def everything(self, title: str) -> None:
        """What has no button of its own in view."""
        self.press("Ctrl+K: more")
        deeds = self.find(QAbstractItemView, "Everything that can be done here", self.screen.tray)
        self.hand.open_row(deeds, _row(deeds, title) or 0)

    def leave(self) -> None:
        self.everything("Close: checks")
        panel = self.find(ClosePanel, "Close")
        self.step(panel, closing.LEAVING)
        for item in discharge_items():
            button = panel.page(closing.LEAVING).rows[item.code].buttons[True]  # type: ignore[attr-defined]
            if button.isEnabled():
                self.hand.press(button)
        self.step(panel, closing.AFTERCARE)
        self.step(panel, closing.END)
        self.type("With whom the patient leaves", "sister", panel)
        self.press("Leaves early", panel)
        self.type("Reason for leaving early or against advice", "a short visit", panel)
        self.press("The patient leaves", panel)
        self.until(lambda: self.state.care.left)
        self.press("End monitoring", panel)
        self.press("End monitoring now?", panel)
        self.until(lambda: self.window.stack.currentWidget() is self.window.home)

    def sign(self) -> None:
        sessions = self.find(QAbstractItemView, "Sessions", self.window.home)
        self.until(lambda: sessions.model().rowCount() == 1)
        self.hand.row(sessions, 0)
        self.press("Read, correct and sign the chosen session", self.window.home)
        self.until(lambda: isinstance(self.window.stack.currentWidget(), RecordPage))
        page = self.window.stack.currentWidget()
        assert isinstance(page, RecordPage)
        for role, name in (("Therapist", "Tom Roe"), ("Physician", "Pia Lee")):
            self.press("Sign …", page)
            self.type("Your name", name, page)
            offers = [b for b in page.findChildren(QAbstractButton) if b.text().startswith(f"{role}: ")]
            self.hand.press(offers[0])
            self.until(lambda: name in page.signed.text())  # noqa: B023
        assert page.signed.text().startswith("Signed and locked.")


def _name(widget: QWidget) -> str:
    return widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")


def _called(widget: QWidget, name: str) -> bool:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.isVisible() and name in (widget.accessibleName(), text)


def _row(view: QAbstractItemView, word: str) -> int | None:
    model = view.model()
    texts = [str(model.index(n, 0).data()) for n in range(model.rowCount())]
    return next((n for n, text in enumerate(texts) if word in text), None)


@pytest.mark.parametrize("hand", list(HANDS))
def test_from_new_patient_to_both_signatures(
    site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch, hand: str
) -> None:
    monkeypatch.setattr("ui.runtime.Hub", partial(Hub, recognise=both))
    monkeypatch.setattr("monitor.cuff.cuff_rules", lambda: QUICK)
    session = Session(site, HANDS[hand]())
    session.begin()
    session.take_devices()
    session.prepare()
    session.dose()
    session.desaturate()
    session.cuff_fails()
    session.observe()
    session.amend()
    session.leave()
    session.sign()
    tells_what_happened(session)


def tells_what_happened(session: Session) -> None:
    """The log, entry by entry: who did what, in which order, and what the instruments and alarms said."""
    store = session.vigil.runtime.store
    store.run(lambda engine: None).result(10)
    report = verify(store, session.id)
    assert (report.problems, [s.up_to for s in report.signatures]) == (
        [],
        [report.entries - 2, report.entries - 1],
    )
    entries = [unseal(sealed.data)[0] for sealed in store.read(session.id)]
    people = [entry for entry in entries if not entry.by.startswith(("device:", "vigil"))]
    kinds = [kind for kind, _ in groupby(type(entry.body) for entry in people)]
    assert kinds == [
        e.SessionOpened, *(e.DeviceAssigned, e.DeviceConfirmed) * 2, e.ScreeningAnswered, e.PlanSet,
        e.CheckScheduleSet, e.CuffAsked, e.BaselineSet, e.ActingAs, e.LimitsSet, e.TimeOutTaken, e.DoseGiven,
        e.AlarmAcknowledged, e.ActingAs, e.CuffAsked, e.ObservationStarted, e.ObservationGraded,
        e.ObservationStarted, e.Retracted, e.NoteWritten, e.Amended, e.DischargeChecked, e.PatientLeft,
        e.SessionEnded, e.Signed,
    ]  # fmt: skip
    by_kind = {kind: [x for x in entries if isinstance(x.body, kind)] for kind in set(kinds) | MACHINES}

    def bodies(kind: type[B]) -> list[B]:
        return [x.body for x in by_kind[kind] if isinstance(x.body, kind)]

    assert len(bodies(e.ScreeningAnswered)) == len(screening_items())
    (plan,) = bodies(e.PlanSet)
    assert (plan.dose_mg, plan.intention, plan.protocol) == (60, "to rest", "im")
    (baseline,) = bodies(e.BaselineSet)
    assert (baseline.values["systolic"], baseline.values["diastolic"]) == (124, 82)
    (go,), (dose,) = bodies(e.TimeOutTaken), bodies(e.DoseGiven)
    assert (go.go, go.doctor, dose.amount_mg, dose.route) == (True, "Dr Lee", 60, "im")
    assert by_kind[e.TimeOutTaken][0].by == by_kind[e.DoseGiven][0].by == "physician"
    low = [x for x in bodies(e.AlarmChanged) if x.vital == "spo2"]
    assert [x.state for x in low][:2] == ["active", "acknowledged"]
    assert low[-1].state == "ended"
    assert low[-1].worst == 82
    taken = [x.reading for x in bodies(e.CuffTaken)]
    assert [bool(x.failure) for x in taken] == [False, False, True, True, False]
    nausea, dizzy = by_kind[e.ObservationStarted]
    assert [x.body.code for x in (nausea, dizzy)] == ["nausea", "dizzy"]  # type: ignore[attr-defined]
    assert (nausea.ago_ms, dizzy.ago_ms) == (300_000, 0)
    assert [(x.episode, x.grade) for x in bodies(e.ObservationGraded)] == [(nausea.seq, 2)]
    assert [x.entry for x in bodies(e.Retracted)] == [dizzy.seq]
    (note,) = by_kind[e.NoteWritten]
    assert bodies(e.Amended) == [
        e.Amended(entry=note.seq, fields={"text": "blue light"}, reason="typed wrong")
    ]
    (left,) = bodies(e.PatientLeft)
    assert (left.early, left.with_whom, left.reason) == (True, "sister", "a short visit")
    assert [(x.role, x.name) for x in bodies(e.Signed)] == [
        ("therapist", "Tom Roe"),
        ("physician", "Pia Lee"),
    ]
    state = fold(entries)
    assert state.locked
    assert [x.code for x in state.episodes.values() if not x.retracted] == ["nausea"]


MACHINES = {e.AlarmChanged, e.CuffTaken}
