"""Whatever can be amended has a form, which fits beside the pad and changes nothing by being looked at."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import inspect
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from monitor import entries as e
from monitor.amending import AMENDABLE
from monitor.now import Line
from monitor.session import SessionState
from ui import theme
from ui.live.tray import WIDTH
from ui.record.form import AmendForm

PLAIN: dict[type, Any] = {
    inspect.StrType: "x", inspect.IntType: 1, inspect.FloatType: 1.5, inspect.BoolType: True,
    inspect.VarTupleType: (), inspect.DictType: {},
}  # fmt: skip


def body_of(kind: type[e.Body]) -> e.Body:
    """One with all its needed parts."""
    if kind is e.CuffTaken:
        from monitor.cuff import typed

        return typed(120, 80)
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return kind(**{f.name: PLAIN[type(f.type)] for f in info.fields if f.required})


@pytest.mark.parametrize("kind", AMENDABLE, ids=lambda kind: kind.kind)
def test_every_kind_has_a_form_that_fits(qtbot: QtBot, kind: type[e.Body]) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app)  # with the heights that people touch
    line = Line(7, 60_000, 60_000, "therapist", body_of(kind))
    form = AmendForm(line, SessionState())
    qtbot.addWidget(form)
    form.setFixedWidth(WIDTH - 28)
    form.show()
    with pytest.raises(ValueError, match="nothing was changed"):
        form.amended()
    assert form.sizeHint().height() <= 660
    assert all(w.accessibleName() for w in form.findChildren(QWidget) if isinstance(w, QLineEdit))
    if AMENDABLE[kind].time:
        form.when.setCurrentIndex(form.when.findData(-5))
        form.reason.setText("wrong time")
        assert form.amended().ago_ms == 300_000


def test_what_no_dose_can_be_is_said_in_the_form(qtbot: QtBot) -> None:
    body = e.DoseGiven(drug="ketamine", amount_mg=50, route="im")
    form = AmendForm(Line(7, 60_000, 60_000, "therapist", body), SessionState())
    qtbot.addWidget(form)
    given: list[e.Body] = []
    form.given.connect(given.append)
    amount = next(w for w in form.findChildren(QLineEdit) if w.accessibleName() == "Amount, mg")
    amount.setText("-5")
    form.enter.click()
    assert (form.wrong.text()[:25], given) == ("A dose is more than 0 and", [])
    amount.setText("55")
    form.reason.setText("typed wrong")
    form.enter.click()
    assert given == [e.Amended(entry=7, fields={"amount_mg": 55.0}, reason="typed wrong")]
