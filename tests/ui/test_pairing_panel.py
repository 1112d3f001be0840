"""Bluetooth asks a person: the question crosses to the window, the answer crosses back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from devices.questions import PairingKind, PairingQuestion
from monitor.trouble import Trouble
from ui.asking import Answer, Desk, Show
from ui.home.pairing import PairingPanel


def question(kind: PairingKind, number: int | None = None) -> PairingQuestion:
    return PairingQuestion(kind=kind, name="BM54", address="AA:BB", number=number)


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[PairingPanel]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    panel = PairingPanel(window)
    yield panel
    panel.hide()


def press(qtbot: QtBot, panel: PairingPanel, text: str) -> None:
    button = next(b for b in panel.findChildren(QPushButton) if b.isVisible() and b.text() == text)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def texts(panel: PairingPanel) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


@pytest.mark.parametrize(
    ("asked", "pressed", "answer"),
    [
        (question(PairingKind.COMPARE, 417), "Yes, the same", True),
        (question(PairingKind.COMPARE, 417), "No", False),
        (question(PairingKind.ALLOW), "Pair", True),
        (question(PairingKind.ALLOW), "No", False),
        (question(PairingKind.SHOW, 123456), "Done", True),
    ],
)
def test_a_press_is_the_answer(
    qtbot: QtBot, panel: PairingPanel, asked: PairingQuestion, pressed: str, answer: bool
) -> None:
    said: list[Answer] = []
    panel.ask(asked, said.append)
    assert "BM54" in texts(panel)
    if asked.number is not None:
        assert f"{asked.number:06}" in texts(panel)
    press(qtbot, panel, pressed)
    assert said == [answer]
    assert not panel.isVisible()


def test_a_number_is_typed_as_the_device_shows_it(qtbot: QtBot, panel: PairingPanel) -> None:
    said: list[Answer] = []
    panel.ask(question(PairingKind.ENTER), said.append)
    field = panel.findChild(QLineEdit)
    assert field is not None
    qtbot.keyClicks(field, "00x41712")
    assert field.text() == "004171"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert said == [4171]


def test_without_a_number_nothing_is_paired(qtbot: QtBot, panel: PairingPanel) -> None:
    said: list[Answer] = []
    panel.ask(question(PairingKind.ENTER), said.append)
    press(qtbot, panel, "Pair")
    assert said == []
    assert panel.isVisible()


def test_a_question_that_was_taken_back_is_gone_and_cannot_be_answered(
    qtbot: QtBot, panel: PairingPanel
) -> None:
    said: list[Answer] = []
    panel.ask(question(PairingKind.ALLOW), said.append)
    panel.take_back()
    assert not panel.isVisible()
    panel.show_trouble(Trouble("Nobody answered.", "Not paired.", "Try again."))
    panel.take_back()  # of a question that is over: what went wrong stays to be read
    assert "Nobody answered." in texts(panel)
    press(qtbot, panel, "Close")
    assert said == []


async def answered_by(show: Show) -> Answer:
    return await Desk(show=show).ask(question(PairingKind.ALLOW))


async def test_an_answer_from_another_thread_reaches_the_one_who_asks() -> None:
    loop = asyncio.get_running_loop()
    assert await answered_by(lambda _, answer: loop.run_in_executor(None, answer, True) and None) is True


async def test_a_question_that_is_cancelled_is_taken_back_and_a_late_answer_does_no_harm() -> None:
    hidden: list[bool] = []
    late: list[object] = []
    desk = Desk(show=lambda _, answer: late.append(answer), hide=lambda: hidden.append(True))
    asking = asyncio.ensure_future(desk.ask(question(PairingKind.ALLOW)))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert hidden == [True]
    late[0](True)  # type: ignore[operator]
    await asyncio.sleep(0)


async def test_nobody_at_the_desk_refuses() -> None:
    assert await Desk().ask(question(PairingKind.ALLOW)) is None
