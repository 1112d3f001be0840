"""A session like the design's picture, told entry by entry, and a recording stand-in for commands."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from monitor import entries as e
from monitor.alarms.presets import load_preset
from monitor.clock import HandClock
from monitor.codec import Entry
from monitor.session import Changed, SessionState
from monitor.vitals import Battery, CuffReading, Reading
from ui.live.screen import LiveScreen
from ui.people.reception import Reception


class Story:
    """Writes entries into a state as a session would, by a clock moved by hand."""

    def __init__(self, *, remote: bool = False) -> None:
        """`remote`: whether Vigil can inflate the cuff."""
        self.state = SessionState()
        self.clock = HandClock()
        self.changed = Changed.NOTHING
        self.tell(e.RunStarted(app="test", offset_ms=0), by="vigil")
        self.tell(e.SessionOpened(code="KAP-0417-K", route="im", preset="im", room="2"))
        for device, role, name in (("ox", "oximeter", "MightySat"), ("cuff", "cuff", "UA-651")):
            starts = remote and role == "cuff"
            self.tell(
                e.DeviceAssigned(
                    device=device, role=role, driver="sig", name=name, address="x", remote_start=starts
                )
            )
            self.tell(e.DeviceConfirmed(device=device, arm="left"))
            self.tell(e.LinkChanged(device=device, state="live"), by="vigil")
        self.tell(e.BatteryRead(device="ox", battery=Battery(percent=62)), by="device:ox")
        self.tell(e.BatteryRead(device="cuff", battery=Battery(percent=95)), by="device:cuff")

    @property
    def now_ms(self) -> int:
        return self.state.timeline.at(self.clock.now())

    def tell(self, body: e.Body, by: str = "therapist", ago_ms: int = 0) -> Changed:
        entry = Entry(
            log="s", seq=self.state.seq + 1, entered=self.clock.now(), ago_ms=ago_ms, by=by, body=body
        )
        changed = self.state.apply(entry)
        self.changed |= changed
        return changed

    def read(self, spo2: float | None, pulse: float | None, **more: object) -> Changed:
        reading = Reading(spo2=spo2, pulse=pulse, pi=3.1, **more)  # type: ignore[arg-type]
        return self.tell(e.ReadingTaken(device="ox", reading=reading), by="device:ox")

    def cuff(self, systolic: float, diastolic: float, mean: float) -> Changed:
        reading = CuffReading(systolic=systolic, diastolic=diastolic, map=mean, pulse=86)
        return self.tell(e.CuffTaken(device="cuff", reading=reading, trigger="person"), by="device:cuff")

    def fail_cuff(self, reason: str) -> Changed:
        reading = CuffReading(systolic=2047.0, diastolic=2047.0, map=2047.0, failure=reason)
        return self.tell(e.CuffTaken(device="cuff", reading=reading), by="device:cuff")

    def alarm(self, condition: str, **more: object) -> Changed:
        fields: dict[str, object] = {
            "state": "active", "priority": "high", "at_ms": self.now_ms, "since_ms": self.now_ms, **more,
        }  # fmt: skip
        return self.tell(e.AlarmChanged(condition=condition, **fields), by="vigil")  # type: ignore[arg-type]

    def called(self, condition: str) -> int:
        """The entry with which this alarm came to call as it does now."""
        return max(
            line.entry
            for line in self.state.lines
            if isinstance(line.body, e.AlarmChanged)
            and line.body.condition == condition
            and line.body.state in ("active", "worse")
        )


def tell_the_picture() -> Story:
    """Ten quiet minutes, 60 mg IM, and 24 minutes after it: what the design's picture shows."""
    story, noise = Story(), random.Random(4)
    dosed: int | None = None
    started: dict[str, int] = {}

    def begin(code: str, grade: int | None = None) -> None:
        story.tell(e.ObservationStarted(code=code))
        started[code] = story.state.seq
        if grade is not None:
            story.tell(e.ObservationGraded(episode=started[code], grade=grade))

    events: dict[int, Callable[[], object]] = {
        120: lambda: story.cuff(132, 80, 98),
        360: lambda: story.cuff(132, 80, 98),
        600: lambda: story.tell(e.DoseGiven(drug="ketamine", amount_mg=60, route="im")),
        900: lambda: story.cuff(146, 90, 109),
        960: lambda: begin("dizzy", 2),
        1170: lambda: begin("nausea", 1),
        1290: lambda: story.tell(e.ObservationEnded(episode=started["dizzy"])),
        1320: lambda: begin("dissociation", 3),
        1384: lambda: story.tell(e.NoteWritten(text="the room is very far away"), ago_ms=66_000),
        1440: lambda: story.cuff(158, 96, 117),
        1500: lambda: story.tell(e.ObservationEnded(episode=started["nausea"])),
        1800: lambda: begin("calm"),
        2028: lambda: story.cuff(168, 102, 124),
    }
    for second in range(2050):
        if second in events:
            events[second]()
        if second == 600:
            dosed = second
        if second == 2028:
            story.alarm(
                "pressure_high", priority="low", direction="high", vital="systolic", value=168.0, limit=160.0
            )
        since = 0 if dosed is None else (second - dosed) / 60
        dip = 1.7 * math.exp(-(((since - 9) / 4) ** 2)) if dosed is not None else 0
        spo2 = 97.4 - dip + noise.gauss(0, 0.25)
        pulse = 72 + 15 * (1 - math.exp(-since / 5)) + noise.gauss(0, 1.1)
        if not 1320 <= second < 1390:
            story.read(round(spo2, 1), round(pulse, 1))
        elif second == 1320:
            story.read(None, None, flags=("no signal",))
        story.clock.advance(1)
    return story


class Recorded:
    """Commands that note what was asked; `story`, if given, applies it as the worker would."""

    def __init__(self, story: Story | None = None) -> None:
        self.story = story
        self.screen: LiveScreen | None = None
        self.bodies: list[tuple[e.Body, int]] = []
        self.cuffs = self.cancels = self.pauses = self.ends = 0

    def record(self, body: e.Body, ago_ms: int = 0) -> None:
        self.bodies.append((body, ago_ms))
        if self.story is not None and self.screen is not None:
            by = self.story.state.author
            if isinstance(body, e.ActingAs) and body.person:
                by = f"{body.role}:{body.person}"
            self.screen.refresh(self.story.tell(body, by=by, ago_ms=ago_ms))

    def ask_cuff(self) -> None:
        self.cuffs += 1

    def cancel_cuff(self) -> None:
        self.cancels += 1

    def pause_audio(self) -> None:
        self.pauses += 1

    def end_session(self) -> None:
        self.ends += 1


def open_screen(
    story: Story,
    size: tuple[int, int] = (1600, 1000),
    reception: Callable[[Story, Recorded], Reception] | None = None,
) -> tuple[LiveScreen, Recorded]:
    """`reception` makes who answers for people; without one nobody is known by name."""
    commands = Recorded(story)
    desk = reception(story, commands) if reception is not None else None
    screen = LiveScreen(story.state, commands, load_preset("im"), desk)
    commands.screen = screen
    screen.resize(*size)
    screen.tick(story.now_ms, story.state.seq, 200, "room speaker")
    return screen, commands


Opened = Callable[..., tuple[LiveScreen, Recorded]]
"""What the fixture `live` is."""
