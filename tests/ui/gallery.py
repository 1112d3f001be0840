"""Every screen as a person meets it, made of told and recorded sessions: for the guide's pictures, and for
tests that look at all of them.

    python tests/ui/gallery.py docs/guide       writes the pictures again
    python tests/ui/gallery.py                  says what is wrong with the layout of any; for the language
                                                of the process, which VIGIL_LANGUAGE may say
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from random import Random

if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["TZ"] = "UTC"
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1]), *(str(HERE.parent / name) for name in ("", "ui/live", "ui/record"))]

from layout import faults  # noqa: E402
from live_story import Story, open_screen, tell_the_picture  # noqa: E402
from PySide6.QtCore import QCoreApplication, QEvent  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402
from session_room import Room  # noqa: E402

from monitor import entries as e  # noqa: E402
from monitor.alarms.shelf import PresetShelf  # noqa: E402
from monitor.care.flowsheet import schedules, screening_items  # noqa: E402
from monitor.codec import Sealed, unseal  # noqa: E402
from monitor.entries.care import NO, YES  # noqa: E402
from monitor.people import People  # noqa: E402
from monitor.preflight import Facts, Finding, findings  # noqa: E402
from monitor.preparing import Step  # noqa: E402
from monitor.session import fold  # noqa: E402
from monitor.summary import Summary  # noqa: E402
from monitor.trouble import Trouble  # noqa: E402
from monitor.vitals import CuffReading  # noqa: E402
from ui import theme  # noqa: E402
from ui.bridge import Bridge  # noqa: E402
from ui.course import close as closing  # noqa: E402
from ui.course.prepare import COMPUTER  # noqa: E402
from ui.home.home import Home  # noqa: E402
from ui.home.practising import PractisePanel  # noqa: E402
from ui.home.unlock import Unlock  # noqa: E402
from ui.live.screen import LiveScreen  # noqa: E402
from ui.live.tour import Tour  # noqa: E402
from ui.record.page import ALARMS, CURVES, ENTRIES, RecordPage  # noqa: E402
from ui.record.trial_form import Rules  # noqa: E402

SIZES = ((1280, 800), (1600, 1000))
Size = tuple[int, int]
INTENTION = "To meet my grief for my father without running from it, and to be kind to myself."


def _summary(code: str, state: str, start: str) -> Summary:
    return Summary(
        id=code, code=code, start=start, state=state, route="im", preset="im", entries=3, demo=False
    )


def unlock(size: Size) -> QWidget:
    page = Unlock(new=False)
    page.resize(*size)
    return page


def practise(size: Size) -> QWidget:
    page = home(size)
    panel = PractisePanel(False, parent=page)
    panel.setGeometry((size[0] - 620) // 2, (size[1] - 620) // 2, 620, 620)
    return page


def home(size: Size) -> QWidget:
    page = Home()
    page.show_sessions(
        [
            _summary("KAP-0417-K", "open", "2026-11-26T09:02:00+00:00"),
            _summary("KAP-0388-M", "ended", "2026-11-25T13:30:00+00:00"),
        ]
    )
    page.resize(*size)
    return page


# --- the live screen ------------------------------------------------------------------------------


def before_dose() -> Story:
    """Devices on, one pressure, some answers; nothing given yet."""
    story = Story()
    for second in range(120):
        story.read(97, 72 + second % 3)
        story.clock.advance(1)
    story.cuff(146, 92, 110)
    for item in screening_items()[:9]:
        story.tell(e.ScreeningAnswered(item=item.code, answer=NO))
    story.tell(e.ScreeningAnswered(item="eating_disorder", answer=YES))
    return story


def in_session() -> Story:
    """The design's picture, with a plan."""
    story = tell_the_picture()
    story.tell(e.PlanSet(route="im", dose_mg=60, protocol="im", intention=INTENTION))
    story.tell(schedules()["im"].entry())
    story.tell(e.BaselineSet(values={"spo2": 97, "pulse": 72, "systolic": 132, "diastolic": 80}))
    return story


def desaturating() -> Story:
    """The same with oxygen at 84 %."""
    story = in_session()
    story.read(84, 96)
    story.alarm("spo2_low", vital="spo2", direction="low", value=84.0, worst=84.0, limit=90.0)
    return story


def _computer(told: Callable[[list[Finding] | Trouble], object]) -> None:
    facts = Facts(
        free_bytes=80_000_000_000, battery_percent=84.0, on_mains=False, stays_awake=True,
        restart_pending=False, adapter="", sound="", output="Speakers", heard=True, clock_synced=True,
        backup_utc="2026-11-25T17:12:00+00:00", now_utc="2026-11-26T09:00:00+00:00",
    )  # fmt: skip
    told(findings(facts))


def live(told: Callable[[], Story], do: Callable[[LiveScreen], object], size: Size) -> QWidget:
    story = told()
    screen, commands = open_screen(story, size)
    screen.course._preflight = _computer
    screen.show()
    do(screen)
    screen.tick(story.now_ms, story.state.seq, 200, "room speaker")
    assert commands.screen is screen
    return screen


def _prepare(step: str, screen: LiveScreen) -> None:
    screen.course.open_prepare()
    assert screen.course.prepare is not None
    screen.course.prepare.turn(step)


def _close(name: str, screen: LiveScreen) -> None:
    screen.course.open_close()
    assert screen.course.close is not None
    screen.course.close.turn(name)


def _emergency(screen: LiveScreen) -> None:
    screen.pad.emergency.press()
    screen.pad.emergency.step("help_called")


# --- a finished session -----------------------------------------------------------------------------


@cache
def recorded() -> tuple[Sealed, ...]:
    """Forty minutes with three dips, a raised pressure and a reaction, through the alarm rules; it ended."""
    room, noise = Room(), Random(3)
    record = room.session.record
    record(e.TimeOutTaken(go=True), by="physician")
    for second in range(2400):
        if second == 600:
            record(e.DoseGiven(drug="ketamine", amount_mg=60, route="im"), by="physician")
        if second % 600 == 300:
            reading = CuffReading(systolic=134 + second // 60, diastolic=84, map=100)
            record(e.CuffTaken(device="", reading=reading, trigger=e.TYPED), by="therapist")
        if second == 1500:
            record(e.ObservationStarted(code="nausea", grade=1), by="therapist")
        dip = 14 if 1300 < second < 1350 or 1700 < second < 1720 or 2000 < second < 2060 else 0
        pulse = 80 + 20 * math.sin(second / 900) + noise.random() * 4
        room.breathe(1, spo2=97.0 - dip + noise.choice([0, 0, 1, -1]), pulse=pulse)
    record(e.NoteWritten(text="the room is very far away"), by="therapist")
    record(e.SessionEnded(), by="therapist")
    return tuple(room.log.sealed)


def record(tab: int, do: Callable[[RecordPage], object], size: Size) -> QWidget:
    log = recorded()
    state = fold(unseal(sealed.data)[0] for sealed in log)
    rules = Rules(PresetShelf(), state, lambda: log, Bridge().post)
    page = RecordPage(state, People(), lambda person: 0.0, lambda *args: None, rules)
    page.resize(*size)
    page.show()
    page.turn(tab)
    do(page)
    return page


def nothing(_: object) -> None:
    """As it opens."""


GALLERY: dict[str, Callable[[Size], QWidget]] = {
    "unlock": unlock,
    "home": home,
    "practise": practise,
    "tour": partial(live, in_session, lambda screen: Tour(screen._state, screen.log).show()),
    "prepare-computer": partial(live, before_dose, partial(_prepare, COMPUTER)),
    **{
        f"prepare-{step.name.lower().replace('_', '-')}": partial(
            live, before_dose, partial(_prepare, step.value)
        )
        for step in Step
    },
    "time-out": partial(live, before_dose, lambda screen: screen.pad.standby.open_time_out()),
    "live": partial(live, in_session, nothing),
    "dose": partial(live, in_session, lambda screen: screen.dose_desk.open_dose()),
    "everything": partial(live, in_session, lambda screen: screen.everything.open()),
    "alarm": partial(live, desaturating, nothing),
    "alarm-list": partial(live, desaturating, lambda screen: screen.alarms.open_list()),
    "limits": partial(live, in_session, lambda screen: screen.alarms.open_limits()),
    "emergency": partial(live, desaturating, _emergency),
    "room": partial(live, in_session, lambda screen: screen.room.turn()),
    "room-alarm": partial(live, desaturating, lambda screen: screen.room.turn()),
    **{
        f"close-{name}": partial(live, in_session, partial(_close, step))
        for name, step in zip(
            ("checks", "leaving", "scores", "events", "aftercare", "end"), closing.STEPS, strict=True
        )
    },
    "record": partial(record, ENTRIES, nothing),
    "curves": partial(record, CURVES, lambda page: page.curves.slider.setValue(1_330_000)),
    "alarms": partial(record, ALARMS, lambda page: page.alarms.table.selectRow(0)),
    "try-limits": partial(record, ALARMS, lambda page: page.alarms.try_limits.click()),
}  # fmt: skip
"""By the name of its picture."""


def put_away(screen: QWidget) -> None:
    """A canvas goes while Python still knows its items."""
    if isinstance(screen, LiveScreen):
        screen.trends.close()
    screen.close()
    screen.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def each(size: Size) -> Iterator[tuple[str, QWidget]]:
    """Every screen, shown, one after the other."""
    for name, make in GALLERY.items():
        screen = make(size)
        screen.show()
        QCoreApplication.processEvents()
        QCoreApplication.processEvents()
        yield name, screen
        put_away(screen)


def main(folder: Path | None) -> int:
    """Write the picture of every screen into `folder`; without one, say what is wrong with them."""
    app = QApplication([])
    theme.apply(app)
    if folder is None:  # what has room in the smallest window has room in all
        wrong = [f"{name}: {fault}" for name, screen in each(SIZES[0]) for fault in faults(screen)]
        print("\n".join(wrong))
        return 1 if wrong else 0
    folder.mkdir(parents=True, exist_ok=True)
    for name, screen in each(SIZES[0]):
        if not screen.grab().save(str(folder / f"{name}.webp"), "WEBP", 100):
            raise SystemExit(f"{folder}: the picture of {name} cannot be written")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else None))
