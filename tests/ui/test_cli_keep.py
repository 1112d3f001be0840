"""`vigil backup`, `restore`, `erase`, `sessions --expired` and `keys`, as typed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from monitor import accounts
from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.clock import HandClock
from monitor.codec import unseal
from monitor.identities import Identities
from monitor.identity import Identity
from monitor.live import LiveSession
from monitor.practice import PracticeLog
from monitor.store import datadir, keys
from monitor.trouble import Trouble
from ui import cli_proof
from ui.cli import app

OLD, NEW = "aa" + "1" * 30, "bb" + "2" * 30


@pytest.fixture(autouse=True)
def cheap_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MEMORY_KIB", 64)
    monkeypatch.setattr(keys, "TIME_COST", 1)
    monkeypatch.delenv("VIGIL_KEY_FILE", raising=False)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A closed record, opened by a key file, with a session of 2010 and one of today."""
    store, _ = datadir.create_store(tmp_path / "data", key_file=tmp_path / "key")
    practice = PracticeLog(store, HandClock())
    for session, utc in ((OLD, "2010-05-01T12:00:00+00:00"), (NEW, f"{date.today()}T12:00:00+00:00")):
        clock = HandClock(utc)
        store.create_log(session, "session")
        practice.record(e.SessionCreated(session=session))
        live = LiveSession(session, store, clock, load_preset("im"), lambda entry: None)
        live.open(e.SessionOpened(code="KAP-1", route="im", preset="im"), by="therapist")
        live.record(e.SessionEnded(), by="therapist")
    store.close()
    (tmp_path / "backups").mkdir()
    return tmp_path / "data"


def run(place: Path, *words: object, typed: str = "") -> str:
    """What the command prints; its exit code is 0."""
    options = ["--data", str(place), "--key-file", str(place.with_name("key"))]
    done = CliRunner().invoke(app, [*map(str, words), *options], input=typed, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def practice(place: Path) -> list[e.Body]:
    store = datadir.open_store(place, place.with_name("key"), readonly=True)
    bodies = [unseal(sealed.data)[0].body for sealed in store.read("practice")]
    store.close()
    return bodies


def the_backup(place: Path) -> Path:
    (found,) = place.with_name("backups").glob("vigil-backup-*")
    return found


def test_a_backup_is_made_entered_and_restored(place: Path) -> None:
    said = run(place, "backup", place.with_name("backups"))
    assert "verified" in said
    assert "same disk" in said
    made = [body for body in practice(place) if isinstance(body, e.BackupMade)]
    assert [body.name for body in made] == [the_backup(place).name]
    other = place.with_name("other")
    assert "verified" in run(other, "restore", the_backup(place))
    assert NEW in run(other, "sessions")
    with pytest.raises(Trouble, match="already a store"):
        run(place, "restore", the_backup(place))
    said = run(place, "restore", the_backup(place), "--replace")
    assert "lies in" in said
    assert "Not in the backup: practice practice" in said


def test_beside_a_running_vigil_the_backup_is_entered_by_that_one_later(place: Path) -> None:
    store = datadir.open_store(place, place.with_name("key"))
    run(place, "backup", place.with_name("backups"))
    store.close()
    assert not any(isinstance(body, e.BackupMade) for body in practice(place))
    datadir.open_store(place, place.with_name("key")).close()
    assert sum(isinstance(body, e.BackupMade) for body in practice(place)) == 1
    assert list((place / "backup-notes").iterdir()) == []


def test_sessions_past_their_period_are_listed_and_none_goes_by_itself(place: Path) -> None:
    said = run(place, "sessions", "--expired")
    assert OLD in said
    assert NEW not in said
    assert OLD in run(place, "sessions")


def test_two_people_erase_a_session(place: Path) -> None:
    run(place, "backup", place.with_name("backups"))
    said = run(place, "erase", OLD[:4], "--by", "p1", "--by", "p2", typed=f"{OLD[:6]}\n{OLD[:6]}\n")
    assert "was erased" in said
    assert f"still in {the_backup(place).name}, until" in said
    assert OLD not in run(place, "sessions")
    run(place, "verify")


def test_two_people_erase_who_a_patient_is_alone_or_with_the_last_session(place: Path) -> None:
    def known() -> None:
        store = datadir.open_store(place, place.with_name("key"))
        who = Identity(name="Maria Muster", birth_date="1984-03-12")
        Identities(store, PracticeLog(store, HandClock())).keep("KAP-1", who, "therapist").result(10)
        store.close()

    def erased() -> list[e.Body]:
        return [body for body in practice(place) if isinstance(body, e.IdentityErased)]

    by = ("--by", "p1", "--by", "p2")
    known()
    said = run(place, "erase-patient", "KAP-1", *by, "--why", "asked to", typed="KAP-1\n" * 2)
    assert "Who KAP-1 was is erased" in said
    assert erased() == [e.IdentityErased(code="KAP-1", reason="asked to", confirmed_by=("p1", "p2"))]
    assert NEW in run(place, "sessions")
    known()
    assert "last one" not in run(place, "erase", OLD, *by, typed=f"{OLD[:6]}\n" * 2)
    assert "last one" in run(place, "erase", NEW, *by, "--why", "asked to", typed=f"{NEW[:6]}\n" * 2)
    assert len(erased()) == 2
    run(place, "verify")


@pytest.mark.parametrize(
    ("people", "typed", "why"),
    [
        (["--by", "p1"], f"{OLD[:6]}\n", ""),
        (["--by", "p1", "--by", "p1"], f"{OLD[:6]}\n" * 2, ""),
        (["--by", "p1", "--by", "p2"], f"{OLD[:6]}\nno\n", ""),
    ],
)
def test_without_two_confirmations_nothing_is_erased(
    place: Path, people: list[str], typed: str, why: str
) -> None:
    with pytest.raises(Trouble) as caught:
        run(place, "erase", OLD, *people, "--why", why, typed=typed)
    assert "Nothing was erased" in caught.value.two_lines()
    assert OLD in run(place, "sessions")


def test_within_the_period_a_reason_is_needed(place: Path) -> None:
    people, typed = ["--by", "p1", "--by", "p2"], f"{NEW[:6]}\n" * 2
    with pytest.raises(Trouble, match="retention period"):
        run(place, "erase", NEW, *people, typed=typed)
    assert "was erased" in run(place, "erase", NEW, *people, "--why", "asked to", typed=typed)


def test_a_running_vigil_is_never_erased_under(place: Path) -> None:
    store = datadir.open_store(place, place.with_name("key"))
    with pytest.raises(Trouble, match="Another Vigil"):
        run(place, "erase", OLD, "--by", "p1", "--by", "p2", typed=f"{OLD[:6]}\n" * 2)
    store.close()


def test_keys_are_shown_added_removed_and_changed(place: Path) -> None:
    options = ["--data", str(place)]
    shown = CliRunner().invoke(app, ["keys", "show", *options], catch_exceptions=False).output
    assert {line.split()[0] for line in shown.splitlines()} == {"key_file", "recovery"}
    run(place, "keys", "add-passphrase", typed="one two\none two\n")
    datadir.open_store(place, passphrase="one two").close()
    (code,) = re.findall(r"(?:\w{5}-){7}\w{5}", run(place, "keys", "recovery"))
    datadir.open_store(place, recovery_code=code).close()
    said = run(place, "keys", "rotate", typed="three four\nthree four\ny\n")
    assert "Backups made before still open with the secrets of then" in said
    with pytest.raises(keys.Locked):
        datadir.open_store(place, recovery_code=code)
    datadir.open_store(place, passphrase="three four").close()
    assert "rotate" in run(place, "keys", "remove", "passphrase")
    with pytest.raises(Trouble, match="last way"):
        run(place, "keys", "remove", "key_file")
    with pytest.raises(Trouble, match="no such way"):
        run(place, "keys", "remove", "cat")
    run(place, "keys", "add-key-file", place.with_name("key"))
    changed = [body.what for body in practice(place) if isinstance(body, e.KeyChanged)]
    assert changed == [
        "a passphrase was set",
        "a new recovery code was made",
        "a new key for the whole database",
        "the passphrase was taken away",
        "a key file was set",
    ]


def test_a_change_of_the_key_is_asked_about_and_says_what_will_be_gone(place: Path) -> None:
    run(place, "keys", "add-passphrase", typed="one\none\n")
    before = (place / "keys.json").read_bytes()
    passed = ["keys", "rotate", "--data", str(place), "--key-file", str(place.with_name("key"))]
    done = CliRunner().invoke(app, passed, input="two\ntwo\nn\n")
    assert done.exit_code == 1
    assert (place / "keys.json").read_bytes() == before


def test_a_demos_ways_to_unlock_stay_as_they_are(tmp_path: Path) -> None:
    datadir.create_demo(tmp_path / "demo").close()
    options = ["--data", str(tmp_path / "demo")]
    with pytest.raises(Trouble, match="demo"):
        CliRunner().invoke(app, ["keys", "add-passphrase", *options], input="a\na\n", catch_exceptions=False)
    done = CliRunner().invoke(app, ["keys", "rotate", "--yes", *options], catch_exceptions=False)
    assert done.exit_code == 0
    datadir.open_store(tmp_path / "demo").close()


def test_the_directory_may_stand_before_a_group_of_commands(place: Path) -> None:
    done = CliRunner().invoke(app, ["--data", str(place), "keys", "show"], catch_exceptions=False)
    assert "key_file" in done.output


def test_where_there_is_no_record_it_is_said(tmp_path: Path) -> None:
    for words in (["keys", "show"], ["keys", "recovery"], ["backup", str(tmp_path)]):
        with pytest.raises(Trouble, match="no Vigil store"):
            CliRunner().invoke(app, [*words, "--data", str(tmp_path / "none")], catch_exceptions=False)


@pytest.fixture
def peopled(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same record, of a practice that knows its people, each with a PIN."""
    monkeypatch.setattr(accounts, "MEMORY_KIB", 64)
    monkeypatch.setattr(accounts, "TIME_COST", 1)
    store = datadir.open_store(place, place.with_name("key"))
    practice = PracticeLog(store, HandClock())
    for person, name, role, pin in (
        ("p1", "Ana Ruiz", "physician", "2468"),
        ("p2", "Ben Ode", "therapist", "1359"),
        ("p3", "Cy Adan", "administrator", "8643"),
        ("p4", "Di Lau", "nurse", "7530"),
    ):
        practice.record(e.PersonAdded(person=person, name=name, roles=(role,)))
        accounts.Accounts(store, practice.people, HandClock()).set_pin(person, pin).result(10)
    store.close()
    return place


def test_people_who_are_known_confirm_with_their_pins(peopled: Path) -> None:
    erase = ("erase", OLD, "--by", "Ana Ruiz", "--by", "p2")
    with pytest.raises(Trouble, match="PIN is wrong"):
        run(peopled, *erase, typed="2468\n9753\n")
    assert practice(peopled)[-1] == e.PinFailed(person="p2", count=1)
    assert OLD in run(peopled, "sessions")
    assert "was erased" in run(peopled, *erase, typed="2468\n1359\n")
    gone = practice(peopled)[-1]
    assert isinstance(gone, e.SessionErased)
    assert gone.confirmed_by == ("p1", "p2")


def test_after_wrong_pins_a_command_waits_and_then_asks(
    peopled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, rested = HandClock(), []

    def rest(seconds: float) -> None:
        rested.append(seconds)
        clock.advance(seconds)

    def prove(pin: str) -> None:
        monkeypatch.setattr(typer, "prompt", lambda *_, **__: pin)
        cli_proof._prove(store, PracticeLog(store, clock), "p1", clock, rest)
        store.wait(5)

    store = datadir.open_store(peopled, peopled.with_name("key"))
    try:
        for _ in range(5):
            with pytest.raises(Trouble, match="PIN is wrong"):
                prove("9753")
        assert rested == [5]
        prove("2468")
        assert rested == [5, 15]
        prove("2468")
        assert rested == [5, 15]
    finally:
        store.close()


def test_two_of_whom_none_may_decide_are_refused_before_a_pin_is_asked(peopled: Path) -> None:
    with pytest.raises(Trouble, match="administrator or a physician"):
        run(peopled, "erase", OLD, "--by", "p2", "--by", "p4")
    with pytest.raises(Trouble, match="Nobody of this name"):
        run(peopled, "erase", OLD, "--by", "p1", "--by", "a stranger")
    with pytest.raises(Trouble, match="two different"):
        run(peopled, "erase", OLD, "--by", "p1", "--by", "Ana Ruiz")
    assert OLD in run(peopled, "sessions")


def test_keys_are_changed_by_an_administrator_with_a_pin(peopled: Path) -> None:
    before = (peopled / "keys.json").read_bytes()
    with pytest.raises(Trouble, match="Only an administrator"):
        run(peopled, "keys", "recovery", typed="Ana Ruiz\n2468\n")
    with pytest.raises(Trouble, match="PIN is wrong"):
        run(peopled, "keys", "rotate", "--yes", typed="p3\n1111\n")
    assert (peopled / "keys.json").read_bytes() == before
    run(peopled, "keys", "rotate", "--yes", typed="Cy Adan\n8643\n")
    store = datadir.open_store(peopled, peopled.with_name("key"), readonly=True)
    last = unseal(list(store.read("practice"))[-1].data)[0]
    store.close()
    assert isinstance(last.body, e.KeyChanged)
    assert last.by == "administrator:p3"


def test_the_folder_is_set_without_a_window_and_the_first_backup_made(place: Path) -> None:
    folder = place.with_name("backups")
    said = run(place, "backup", folder, "--after-each-session")
    assert "after each session from now on" in said
    kinds = [body for body in practice(place) if isinstance(body, e.BackupFolderSet | e.BackupMade)]
    assert kinds[0] == e.BackupFolderSet(folder=str(folder))
    assert isinstance(kinds[1], e.BackupMade)
    run(place, "backup", folder)
    assert sum(isinstance(body, e.BackupFolderSet) for body in practice(place)) == 1


def test_no_folder_is_set_that_is_none_nor_beside_a_running_vigil(place: Path) -> None:
    with pytest.raises(Trouble, match="no folder that backups can go to"):
        run(place, "backup", place.with_name("nowhere"), "--after-each-session")
    store = datadir.open_store(place, place.with_name("key"))
    with pytest.raises(Trouble):
        run(place, "backup", place.with_name("backups"), "--after-each-session")
    store.close()
    assert list(place.with_name("backups").iterdir()) == []
    assert not any(isinstance(body, e.BackupFolderSet) for body in practice(place))


def test_where_backups_go_an_administrator_decides_with_a_pin(peopled: Path) -> None:
    words = ("backup", peopled.with_name("backups"), "--after-each-session")
    for typed, why in (
        ("Ana Ruiz\n2468\n", "Only an administrator"),
        ("p3\n1111\n", "PIN is wrong"),
        ("a stranger\n", "Nobody of this name"),
    ):
        with pytest.raises(Trouble, match=why):
            run(peopled, *words, typed=typed)
    assert list(peopled.with_name("backups").iterdir()) == []
    run(peopled, *words, typed="Cy Adan\n8643\n")
    store = datadir.open_store(peopled, peopled.with_name("key"), readonly=True)
    entries = [unseal(sealed.data)[0] for sealed in store.read("practice")]
    store.close()
    [entry] = [entry for entry in entries if isinstance(entry.body, e.BackupFolderSet)]
    assert entry.by == "administrator:p3"
