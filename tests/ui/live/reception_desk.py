"""A reception of three people for tests of screens: PINs are compared at once, with no store behind."""

from __future__ import annotations

from live_story import Recorded, Story

from monitor import entries as e
from monitor.accounts import Proof, TooSoon, WrongPin
from monitor.people import PHYSICIAN, People, author, role_for
from monitor.trouble import Trouble
from ui.people.reception import Answered

ADA, TOM, PIA, MAX = "p00000001", "p00000002", "p00000003", "p00000004"
PINS = {ADA: "271828", TOM: "314159", PIA: "141421", MAX: "173205"}
STAFF = (
    (ADA, "Ada Doe", ("administrator",)),
    (TOM, "Tom Roe", ("therapist",)),
    (PIA, "Dr Pia Lindqvist-Oyelaran", (PHYSICIAN,)),
)


class Desk:
    """Three people; `proofs` notes what was asked, `answer` lets it be answered later."""

    def __init__(self, story: Story, commands: Recorded | None = None) -> None:
        self.people = People()
        for person, name, roles in STAFF:
            self.people.apply(e.PersonAdded(person=person, name=name, roles=roles))
            self.people.apply(e.PinSet(person=person), f"administrator:{ADA}", "2026-01-01T12:00:00+00:00")
        self.story, self.commands = story, commands
        self.here: set[str] = set()
        self.waits: dict[str, float] = {}
        self.failures = 0
        self.later = False
        self.waiting: list[tuple[e.Body, Proof, Answered]] = []

    def wait_s(self, person: str) -> float:
        return self.waits.get(person, 0.0)

    def present(self) -> frozenset[str]:
        return frozenset(self.here)

    def prove(self, body: e.Body, proof: Proof, answered: Answered) -> None:
        self.waiting.append((body, proof, answered))
        if not self.later:
            self.answer()

    def answer(self) -> None:
        body, proof, answered = self.waiting.pop(0)
        try:
            by = self._by(body, proof)
        except Trouble as trouble:
            answered(trouble)
            return
        self.here.add(proof.person)
        name, role = self.people.all[proof.person].name, by.partition(":")[0]
        changed = self.story.tell(e.StaffJoined(person=proof.person, name=name, role=role), by)
        changed |= self.story.tell(body, by)
        assert self.commands is not None
        assert self.commands.screen is not None
        self.commands.screen.refresh(changed)
        answered(None)

    def _by(self, body: e.Body, proof: Proof) -> str:
        role = role_for(self.people.all[proof.person], body)
        if (wait_s := self.wait_s(proof.person)) > 0:
            raise TooSoon(wait_s)
        if PINS[proof.person] != proof.pin:
            self.failures += 1
            raise WrongPin(proof.person, self.failures)
        return author(role, proof.person)
