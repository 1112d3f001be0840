"""The record of an ended session, told entry by entry, and its page as a person meets it."""

from __future__ import annotations

from monitor import entries as e
from monitor.accounts import Proof
from monitor.alarms.shelf import PresetShelf
from monitor.clock import HandClock
from monitor.codec import GENESIS, Entry, Sealed, seal
from monitor.correcting import refused, signed
from monitor.cuff import typed
from monitor.people import People, author
from monitor.session import SessionState
from monitor.vitals import CuffReading
from ui.bridge import Bridge
from ui.people.reception import Answered
from ui.record.page import RecordPage
from ui.record.trial_form import Rules

ANA, BO = "pa0000001", "pb0000002"
NASTY = "<b>bold</b> & '); DROP TABLE entry;-- <img src=x> ı̇ 👩🏽\u200d⚕️"


class Told:
    """A log written by hand; corrections are asked for as the writer of a closed log asks for them."""

    def __init__(self, *, identified: bool = False, ended: bool = True) -> None:
        self.clock, self.state, self.people = HandClock(), SessionState(), People()
        self.page: RecordPage | None = None
        self.sealed: list[Sealed] = []
        self.bridge = Bridge()
        self.bodies: list[e.Body] = []
        if identified:
            for person, name, role in ((ANA, "Ana Ruiz", "therapist"), (BO, "Dr Bo Lee", "physician")):
                self.people.apply(e.PersonAdded(person=person, name=name, roles=(role,)))
        self.tell(e.RunStarted(app="test", offset_ms=0), "vigil")
        self.tell(e.SessionOpened(code="KAP-0417-K", route="im", preset="im", identified=identified))
        self.tell(e.PresetUsed(preset="im", digest="", engine="test"), "vigil")
        if identified:
            self.tell(e.StaffJoined(person=ANA, name="Ana Ruiz", role="therapist"), f"therapist:{ANA}")
            self.tell(e.StaffJoined(person=BO, name="Dr Bo Lee", role="physician"), f"physician:{BO}")
        self.dose = self.tell(e.DoseGiven(drug="ketamine", amount_mg=50, route="im"))
        self.tell(typed(132, 80), ago_ms=30_000)
        reading = CuffReading(systolic=146, diastolic=90, map=109, pulse=84)
        self.cuff = self.tell(e.CuffTaken(device="cuff", reading=reading), "device:cuff")
        self.nausea = self.tell(e.ObservationStarted(code="nausea", grade=1), ago_ms=180_000)
        self.note = self.tell(e.NoteWritten(text=NASTY))
        self.low = 0
        """The entry with which an alarm began, where there is one."""
        if ended:
            self.finish()

    def finish(self) -> None:
        self.end = self.tell(e.SessionEnded())

    def tell(self, body: e.Body, by: str = "therapist", ago_ms: int = 0) -> int:
        entry = Entry(
            log="s", seq=self.state.seq + 1, entered=self.clock.advance(60), ago_ms=ago_ms, by=by, body=body
        )
        self.state.apply(entry)
        self.sealed.append(seal(entry, self.sealed[-1].digest if self.sealed else GENESIS))
        return entry.seq

    def correct(self, body: e.Body, proof: Proof | None, role: str, answered: Answered) -> None:
        """As ClosedSessions does it, without waiting."""
        by = role
        if proof is not None:
            person = self.people.all[proof.person]
            by = author(person.roles[0], person.id)
            if isinstance(body, e.Signed):
                body = e.Signed(
                    person=person.id, name=person.name, role=body.role, meaning=body.meaning, seq=0, digest=""
                )
        if isinstance(body, e.Signed):
            body, by = signed(self.state, body, "0" * 64), by if proof is not None else body.role
        now_ms = self.state.timeline.at(self.clock.advance(5))
        trouble = refused(self.state, body, by, now_ms)
        if trouble is None:
            self.bodies.append(body)
            self.tell(body, by)
            assert self.page is not None
            self.page.refresh()
        answered(trouble)

    def open(self, size: tuple[int, int] = (1280, 800)) -> RecordPage:
        rules = Rules(PresetShelf(), self.state, lambda: self.sealed, self.bridge.post)
        self.page = RecordPage(self.state, self.people, lambda person: 0.0, self.correct, rules)
        self.page.resize(*size)
        return self.page
