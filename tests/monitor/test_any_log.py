"""Any log at all: whatever is entered in whatever order round-trips, folds and can be told."""

from __future__ import annotations

import hashlib
import json

import pytest
from any_body import BODIES, any_body
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writing import Writing

from monitor import entries as e
from monitor.care_now import all_checks, status
from monitor.codec import GENESIS, Entry, seal, unseal
from monitor.handover import as_html, as_text, hand_over
from monitor.session import SessionState, fold
from monitor.words import in_words

HAPPENINGS = st.lists(st.tuples(BODIES, st.integers(0, 300_000)), max_size=25)


def written(happenings: list[tuple[e.Body, int]]) -> list[Entry]:
    log = Writing()
    for body, ago_ms in happenings:
        log(body, ago_ms=ago_ms, after_s=7)
    return log.entries


@pytest.mark.parametrize("kind", sorted(e.KINDS))
@given(data=st.data())
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_a_body_of_every_kind_comes_back_as_it_was_written(kind: str, data: st.DataObject) -> None:
    [entry] = written([(data.draw(any_body(e.KINDS[kind])), 0)])[-1:]
    sealed = seal(entry, GENESIS)
    assert unseal(sealed.data) == (entry, GENESIS)
    assert hashlib.sha256(sealed.data).hexdigest() == sealed.digest
    plain = json.loads(sealed.data)
    assert json.dumps(plain["body"], sort_keys=True) is not None


@pytest.mark.parametrize("kind", sorted(e.KINDS))
@given(data=st.data())
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
def test_what_a_later_vigil_has_added_to_a_kind_is_no_obstacle(kind: str, data: st.DataObject) -> None:
    [entry] = written([(data.draw(any_body(e.KINDS[kind])), 0)])[-1:]
    plain = json.loads(seal(entry, GENESIS).data)
    plain["body"]["zzz_of_the_future"] = {"deep": [1, None, "x"]}
    assert unseal(json.dumps(plain).encode())[0] == entry


@given(HAPPENINGS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_log_folds_and_can_be_told(happenings: list[tuple[e.Body, int]]) -> None:
    entries = written(happenings)
    state = fold(entries)
    told = everything(state)
    assert told == everything(fold(unseal(seal(entry, GENESIS).data)[0] for entry in entries))


def everything(state: SessionState) -> object:
    """All that screens and pages are made of."""
    now_ms = state.timeline.latest_ms
    care = state.care
    views = (care.plan, care.screening, care.unscreened, care.objections, care.infusions, care.wasted,
             care.scores, care.interventions, care.events, care.discharge, care.unsettled, care.left,
             care.clocks)  # fmt: skip
    given = [(x.given_mg(now_ms), x.given_ml(now_ms)) for x in care.infusions]
    page = hand_over(state, now_ms)
    return (
        views,
        given,
        status(state, now_ms),
        all_checks(state, now_ms),
        state.doses,
        state.episodes,
        state.situation,
        [in_words(line, {}, state.dose_ms or 0, {}) for line in state.lines],
        as_text(page),
        as_html(page),
    )
