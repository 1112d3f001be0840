"""Each role's rights, below the screens: what is refused is refused where entries are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from practised import PINS, ROLES, WRONG, Practised

from monitor import entries as e
from monitor.people import RIGHTS
from monitor.trouble import Trouble

QUIETER = [e.LimitsSet(limits={"spo2_low": 80.0}, reason="usual"), e.AudioOff(reason="procedure in room")]
NEVER_LOCKS = [
    e.ObservationStarted(code="dizzy"),
    e.FindingNoted(code="chest_pain"),
    e.NeedYou(urgency="now"),
    e.AlarmAcknowledged(condition="spo2_low"),
    e.AudioPaused(seconds=120),
    e.CuffCancelled(device="cuff"),
    e.PatientUp(why="toilet", with_whom="nurse"),
    e.EmergencyStarted(),
    e.EmergencyStep(step="airway"),
    e.NoteWritten(text="far away"),
    e.DoseGiven(drug="ketamine", amount_mg=60, route="im"),
    e.TherapistOut(why="bell"),
    e.TimeOutTaken(go=True),
    e.ActingAs(role="therapist"),
]
LOCKS: list[tuple[e.Body, set[str]]] = [
    (QUIETER[0], {"pia"}),
    (QUIETER[1], {"pia"}),
    (e.ScreeningAccepted(item="pregnant", answer=1, reason="tested"), {"pia"}),
    (e.DischargeOverridden(item="escort", reason="stays the night"), {"pia"}),
    (e.Signed(person="", name="", role="", meaning="", seq=1, digest=""), {"tom", "pia", "nia"}),
    (e.PersonAdded(person="p00000001", name="Eve", roles=("administrator",)), {"ada"}),
    (e.PersonChanged(person="p00000001", name="Eve", roles=("administrator",)), {"ada"}),
    (e.PersonRetired(person="p00000001"), {"ada"}),
    (e.PinSet(person="p00000001"), {"ada"}),
    (e.KeyChanged(what="passphrase"), {"ada"}),
    (e.BackupFolderSet(folder=""), {"ada"}),
    (e.KeepingSet(record_years=30), {"ada"}),
    (
        e.ErasureDecided(session="s", why="", confirmed_by=("a", "b"), entries=0, first_utc="", digest=""),
        {"ada", "pia"},
    ),
    (e.PrivateKeyMade(person="p00000001", public=b""), set()),
    (e.PrivateNotesDefaultSet(private=True), {"ada"}),
]
"""Everything that takes a PIN, and whose; Nia is a nurse and a therapist."""


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practised]:
    made = Practised(tmp_path_factory.mktemp("rights") / "data")
    yield made
    made.close()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Practised]:
    made = Practised(tmp_path / "data")
    yield made
    made.close()


def kinds(bodies: list[e.Body]) -> list[str]:
    return [body.kind for body in bodies]


@pytest.mark.parametrize("body", QUIETER, ids=kinds(QUIETER))
@pytest.mark.parametrize("short", PINS)
@pytest.mark.parametrize("pin", ["right", "wrong", "none"])
def test_what_makes_monitoring_quieter_takes_a_physician_and_their_pin(
    there: Practised, body: e.Body, short: str, pin: str
) -> None:
    before, failed = there.state.seq, len(there.practice(e.PinFailed))
    proof = {"right": there.proof(short), "wrong": there.proof(short, WRONG), "none": None}[pin]
    future = there.runtime.record(there.session, body, proof=proof)
    if short == "pia" and pin == "right":
        future.result(5)
        assert there.state.lines[-1].body == body
        assert there.state.lines[-1].by == f"physician:{there.ids['pia']}"
        return
    with pytest.raises(Trouble) as refused:
        future.result(5)
    assert all((refused.value.happened, refused.value.meaning, refused.value.todo))
    assert there.state.seq == before
    # Only a wrong PIN leaves a trace: whoever has no right is not even asked for it.
    asked = short == "pia" and pin == "wrong"
    assert len(there.practice(e.PinFailed)) == failed + asked


@pytest.mark.parametrize("role", ["therapist", "physician", "nurse", "administrator"])
@pytest.mark.parametrize("body", NEVER_LOCKS, ids=kinds(NEVER_LOCKS))
def test_what_never_locks_is_entered_by_the_room_in_any_role(
    there: Practised, body: e.Body, role: str
) -> None:
    there.runtime.record(there.session, e.ActingAs(role=role)).result(5)
    seq = there.state.seq
    there.runtime.record(there.session, body).result(5)
    line = next(line for line in there.state.lines if line.entry == seq + 1)
    assert (line.body, line.by) == (body, role)
    assert there.state.called(line.by) == "room, unconfirmed"


@pytest.mark.parametrize("short", PINS)
@pytest.mark.parametrize("body", NEVER_LOCKS[:-1], ids=kinds(NEVER_LOCKS[:-1]))
def test_what_never_locks_is_entered_by_each_person_without_another_pin(
    there: Practised, body: e.Body, short: str
) -> None:
    role = ROLES[short][0]
    there.act(short, role)
    seq = there.state.seq
    there.runtime.record(there.session, body).result(5)
    line = next(line for line in there.state.lines if line.entry == seq + 1)
    assert (line.body, line.by) == (body, f"{role}:{there.ids[short]}")
    assert there.state.called(line.by) == f"{short.title()} Doe, {role}"


@pytest.mark.parametrize(("body", "whose"), LOCKS, ids=kinds([body for body, _ in LOCKS]))
@pytest.mark.parametrize("short", PINS)
@pytest.mark.parametrize("pin", ["right", "wrong"])
def test_whose_pin_proves_what(there: Practised, body: e.Body, whose: set[str], short: str, pin: str) -> None:
    future = there.runtime.prove(there.proof(short, None if pin == "right" else WRONG), body)
    if short not in whose:
        with pytest.raises(Trouble, match="Only a"):
            future.result(5)
    elif pin == "wrong":
        with pytest.raises(Trouble, match="wrong"):
            future.result(5)
        there.runtime.accounts.check(there.proof(short))  # so that no wait comes in the way of the next
    else:
        assert future.result(5).endswith(f":{there.ids[short]}")


@pytest.mark.parametrize(("body", "whose"), LOCKS, ids=kinds([body for body, _ in LOCKS]))
@pytest.mark.parametrize("short", PINS)
def test_acting_alone_proves_nothing(there: Practised, body: e.Body, whose: set[str], short: str) -> None:
    there.act(short, ROLES[short][0])
    seq = there.state.seq
    with pytest.raises(Trouble, match="Only a"):
        there.runtime.record(there.session, body).result(5)
    assert there.state.seq == seq


@pytest.mark.parametrize("short", [None, "tom", "pia", "nia"])
def test_undo_never_locks(there: Practised, short: str | None) -> None:
    if short is None:
        there.runtime.record(there.session, e.ActingAs(role="therapist")).result(5)
    else:
        there.act(short, ROLES[short][0])
    there.runtime.record(there.session, e.NoteWritten(text="a slip")).result(5)
    slip = there.state.seq
    there.runtime.record(there.session, e.Retracted(entry=slip)).result(5)
    assert next(line for line in there.state.lines if line.entry == slip).retracted


def test_what_is_refused_leaves_nobody_in_the_roster(alone: Practised) -> None:
    seq = alone.state.seq
    with pytest.raises(Trouble):
        alone.runtime.record(alone.session, e.Retracted(entry=99), proof=alone.proof("pia")).result(5)
    assert (alone.state.seq, alone.state.staff) == (seq, {})


def test_no_kind_that_locks_is_forgotten_here() -> None:
    assert {type(body) for body, _ in LOCKS} == set(RIGHTS)
    assert not {type(body) for body in NEVER_LOCKS} & set(RIGHTS)


def test_a_physician_confirms_while_the_therapist_goes_on_acting(alone: Practised) -> None:
    alone.act("tom", "therapist")
    alone.runtime.record(alone.session, QUIETER[0], proof=alone.proof("pia")).result(5)
    state = alone.state
    assert state.author == f"therapist:{alone.ids['tom']}"
    assert state.called(state.lines[-1].by) == "Pia Doe, physician"
    assert [staff.name for staff in state.staff.values()] == ["Tom Doe", "Pia Doe"]
    assert state.limits == {"spo2_low": 80.0}


def test_whoever_gave_their_pin_once_acts_again_without_it(alone: Practised) -> None:
    tom = e.ActingAs(role="therapist", person=alone.ids["tom"])
    with pytest.raises(Trouble, match="not said yet"):
        alone.runtime.record(alone.session, tom).result(5)
    alone.act("tom", "therapist")
    alone.act("nia", "nurse")
    assert alone.runtime.present(alone.session) == {alone.ids["tom"], alone.ids["nia"]}
    alone.runtime.record(alone.session, tom).result(5)
    assert alone.state.author == f"therapist:{alone.ids['tom']}"
    with pytest.raises(Trouble, match="no such role"):
        alone.runtime.record(alone.session, e.ActingAs(role="physician", person=alone.ids["tom"])).result(5)
    other = alone.begin()
    with pytest.raises(Trouble, match="not said yet"):
        alone.runtime.record(other, tom).result(5)


def test_whoever_leaves_gives_their_pin_again(alone: Practised) -> None:
    alone.act("tom", "therapist")
    alone.runtime.record(alone.session, e.StaffLeft(person=alone.ids["tom"])).result(5)
    assert alone.state.author == "therapist"
    assert alone.state.staff[alone.ids["tom"]].left_ms is not None
    with pytest.raises(Trouble, match="not said yet"):
        alone.runtime.record(alone.session, e.ActingAs(role="therapist", person=alone.ids["tom"])).result(5)
    alone.act("tom", "therapist")
    assert alone.state.staff[alone.ids["tom"]].left_ms is None


def test_nobody_acts_for_somebody_else_with_their_own_pin(alone: Practised) -> None:
    pia = e.ActingAs(role="physician", person=alone.ids["pia"])
    with pytest.raises(Trouble, match="no such role"):
        alone.runtime.record(alone.session, pia, proof=alone.proof("tom")).result(5)


def test_wrong_pins_slow_down_and_stand_in_the_practice_log(alone: Practised) -> None:
    pia = alone.ids["pia"]
    for _ in range(4):
        with pytest.raises(Trouble, match="PIN is wrong"):
            alone.runtime.record(alone.session, QUIETER[0], proof=alone.proof("pia", WRONG)).result(5)
    with pytest.raises(Trouble, match="wait 5 s"):
        alone.runtime.record(alone.session, QUIETER[0], proof=alone.proof("pia")).result(5)
    assert alone.practice(e.PinFailed) == [e.PinFailed(person=pia, count=n) for n in (1, 2, 3, 4)]
    assert alone.state.limits == {}
    alone.clock.advance(5)
    alone.runtime.record(alone.session, QUIETER[0], proof=alone.proof("pia")).result(5)
    assert alone.state.limits == {"spo2_low": 80.0}


def test_the_first_person_is_an_administrator_and_everybody_after_is_added_by_one(tmp_path: Path) -> None:
    there = Practised(tmp_path / "data", people=False)
    try:
        add = there.runtime.add_person
        with pytest.raises(Trouble, match="first person"):
            add("Tom Doe", ("therapist",), PINS["tom"], None).result(5)
        with pytest.raises(Trouble, match="guessed"):
            add("Ada Doe", ("administrator",), "1234", None).result(5)
        assert not there.runtime.people.identified
        there.add("ada")
        with pytest.raises(Trouble, match="Only an administrator"):
            add("Eve", ("administrator",), "271829", None).result(5)
        there.add("tom")
        with pytest.raises(Trouble, match="Only an administrator"):
            add("Eve", ("administrator",), "271829", there.proof("tom")).result(5)
        by = [entry.by for entry in there.practice_log() if isinstance(entry.body, e.PersonAdded)]
        assert by == [f"administrator:{there.ids['ada']}"] * 2
        assert {p.name for p in there.runtime.people.active} == {"Ada Doe", "Tom Doe"}
    finally:
        there.close()


def test_a_practice_without_people_asks_for_no_pin(tmp_path: Path) -> None:
    there = Practised(tmp_path / "data", people=False)
    try:
        with pytest.raises(Trouble, match="Only a physician"):
            there.runtime.record(there.session, QUIETER[0]).result(5)
        there.runtime.record(there.session, e.ActingAs(role="physician")).result(5)
        there.runtime.record(there.session, QUIETER[0]).result(5)
        assert there.state.called(there.state.lines[-1].by) == "physician"
    finally:
        there.close()


@pytest.mark.parametrize("name", ["", "  ", "therapist", "Administrator", "a:b", "123", "x" * 61, "A\u202eB"])
def test_what_is_no_name_is_refused(there: Practised, name: str) -> None:
    with pytest.raises(Trouble, match="no name"):
        there.runtime.add_person(name, ("nurse",), "271829", there.proof("ada")).result(5)


@pytest.mark.parametrize(
    "name", ["Ana Ruíz", "山田花子", "Zoë O’Neill-Bågø", "'; DROP TABLE log; --", "<b>A</b>"]
)
def test_names_of_any_script_come_back_as_they_were(there: Practised, name: str) -> None:
    person = there.runtime.add_person(name, ("nurse",), "271829", there.proof("ada")).result(5)
    assert there.runtime.people.all[person].name == name
    assert there.practice(e.PersonAdded)[-1].name == name


def test_two_of_one_name_are_refused(there: Practised) -> None:
    with pytest.raises(Trouble, match="of this name"):
        there.runtime.add_person("tom  DOE", ("nurse",), "271829", there.proof("ada")).result(5)


def test_a_name_and_roles_change_and_what_was_entered_stays(alone: Practised) -> None:
    alone.act("tom", "therapist")
    tom = alone.ids["tom"]
    roles = ("therapist", "physician")
    alone.runtime.change_person(tom, "Tom Roe", roles, alone.proof("ada")).result(5)
    assert alone.runtime.people.all[tom].roles == roles
    assert alone.state.staff[tom].name == "Tom Doe"
    alone.runtime.record(alone.session, QUIETER[0], proof=alone.proof("tom")).result(5)
    assert alone.state.lines[-1].by == f"physician:{tom}"


def test_nobody_goes_on_acting_in_a_role_they_have_no_more(alone: Practised) -> None:
    alone.act("nia", "nurse")
    nia = alone.ids["nia"]
    alone.runtime.change_person(nia, "Nia Roe", ROLES["nia"], alone.proof("ada")).result(5)
    assert alone.state.author == f"nurse:{nia}"
    alone.runtime.change_person(nia, "Nia Roe", ("therapist",), alone.proof("ada")).result(5)
    assert alone.state.author == "nurse"
    alone.act("nia", "therapist")


def test_whoever_is_retired_acts_no_more(alone: Practised) -> None:
    alone.act("tom", "therapist")
    tom = alone.ids["tom"]
    alone.runtime.retire_person(tom, "left", alone.proof("ada")).result(5)
    assert alone.state.author == "therapist"
    assert alone.state.staff[tom].left_ms is not None
    body = e.ActingAs(role="therapist", person=tom)
    for proof in (None, alone.proof("tom")):
        with pytest.raises(Trouble):
            alone.runtime.record(alone.session, body, proof=proof).result(5)
    alone.runtime.record(alone.session, e.ObservationStarted(code="dizzy")).result(5)
    assert alone.state.lines[-1].by == "therapist"


def test_the_last_administrator_stays(alone: Practised) -> None:
    ada, tom = alone.ids["ada"], alone.ids["tom"]
    for future in (
        alone.runtime.retire_person(ada, "", alone.proof("ada")),
        alone.runtime.change_person(ada, "Ada Doe", ("nurse",), alone.proof("ada")),
    ):
        with pytest.raises(Trouble, match="last administrator"):
            future.result(5)
    alone.runtime.change_person(tom, "Tom Doe", ("therapist", "administrator"), alone.proof("ada")).result(5)
    alone.runtime.retire_person(ada, "", alone.proof("ada")).result(5)
    assert not alone.runtime.people.all[ada].active


def test_pins_are_set_by_oneself_or_by_an_administrator(alone: Practised) -> None:
    tom, pia = alone.ids["tom"], alone.ids["pia"]
    alone.runtime.set_pin(tom, "161803", alone.proof("tom")).result(5)
    with pytest.raises(Trouble, match="Only an administrator"):
        alone.runtime.set_pin(pia, "161803", alone.proof("tom", "161803")).result(5)
    with pytest.raises(Trouble, match="guessed"):
        alone.runtime.set_pin(pia, "1234", alone.proof("ada")).result(5)
    alone.runtime.set_pin(pia, "161804", alone.proof("ada")).result(5)
    people = alone.runtime.people.all
    assert people[tom].pin_by == f"therapist:{tom}"
    assert people[pia].pin_by == f"administrator:{alone.ids['ada']}"
    alone.runtime.record(alone.session, QUIETER[0], proof=alone.proof("pia", "161804")).result(5)


def test_after_a_restart_who_is_in_the_room_is_said_anew(alone: Practised) -> None:
    alone.act("tom", "therapist")
    alone.runtime.call(lambda: alone.runtime._sessions.drop(alone.session).close()).result(5)
    alone.store.run(lambda engine: None).result(5)
    alone.runtime.resume(alone.session, "im").result(5)
    assert alone.state.author == "therapist"
    assert alone.runtime.present(alone.session) == frozenset()


def test_no_pin_reaches_the_disk_in_plain_or_any_entry(alone: Practised) -> None:
    entries = [repr(entry) for entry in alone.practice_log()]
    rows = [data.decode() for data in alone.store.accounts().values()]
    assert len(rows) == len(PINS)
    assert all("$argon2id$" in row for row in rows)
    assert not [text for text in (*entries, *rows) if any(pin in text for pin in PINS.values())]
